"""Pages: one of feedback for each student, one for what a person reads. Everything a student wrote is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from coursegrader.definition import Homework
from coursegrader.evidence import Mark
from coursegrader.grades import Graded
from coursegrader.tables import given_points, said_of
from coursegrader.words import WORDS


def feedback_page(homework: Homework, graded: Graded, language: str, hand: Mapping[str, float]) -> str:
    """Return one student's feedback as a page of HTML."""
    say, titles = WORDS[language], {part.id: part.title for part in homework.parts}
    given = given_points(graded, {graded.paper: hand})
    rows = [
        {
            "title": titles[m.part],
            "points": f"{given[m.part]:g} / {m.most:g}" if m.part in given else "",
            "status": say["ok"] if m.part in hand else say.get(m.status, m.status),
            "reasons": said_of(m) + _intervals(m, say),
        }
        for m in graded.marks
    ]
    return _render(
        "feedback.html",
        title=f"{say['feedback']}: {homework.title}",
        language=language,
        say=say,
        rows=rows,
        total=f"{sum(given.values()):g} / {homework.points:g}" if given else "",
        reason="" if graded.counts else graded.reason,
        plain=graded.backend == "plain",
        practice=bool(graded.data),
        notes=graded.notes,
    )


def _intervals(mark: Mark, say: Mapping[str, str]) -> list[str]:
    """Where the score would lie on other texts, as sentences."""
    names = [name for name in ("interval", "interval of macro F1") if name in mark.measured]
    return [say[name].format(low=mark.measured[name][0], high=mark.measured[name][1]) for name in names]


def hand_page(homework: Homework, graded: Graded) -> str:
    """Return what a person reads of one submission: its texts and its flags, without a name."""
    doubtful = (m for m in graded.marks if graded.waits(m) and m.status != "by hand")
    held = [f"{m.part}: {'; '.join(said_of(m))}" for m in doubtful]
    title = f"{homework.title}: {graded.key}"
    flags = [*graded.flags, *held]
    return _render("by_hand.html", title=title, language="en", flags=flags, texts=graded.texts)


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    tidy = {"trim_blocks": True, "lstrip_blocks": True}
    return Environment(
        loader=PackageLoader("coursegrader"), autoescape=True, undefined=StrictUndefined, **tidy
    )
