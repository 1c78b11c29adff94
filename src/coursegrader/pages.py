"""Pages: one of feedback for each student, one for what a person reads. Everything a student wrote is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from coursegrader.definition import Homework
from coursegrader.evidence import Mark
from coursegrader.grades import Graded
from coursegrader.messages import Message, in_words, say
from coursegrader.tables import given_points, said_of


def feedback_page(homework: Homework, graded: Graded, language: str, hand: Mapping[str, float]) -> str:
    """Return one student's feedback as a page of HTML."""
    titles, given = (
        {part.id: part.title for part in homework.parts},
        given_points(graded, {graded.paper: hand}),
    )
    rows = [
        {
            "title": titles[m.part],
            "points": say("pages.of", given=given[m.part], most=m.most) if m.part in given else "",
            "status": status_of("ok" if m.part in hand else m.status),
            "reasons": said_of(_settled(m) if m.part in hand else m, language)
            + [said.in_words(language) for said in _intervals(m)],
        }
        for m in graded.marks
    ]
    total = say("pages.total", given=sum(given.values()), most=homework.points)
    return _render(
        "feedback.html",
        language,
        title=say("pages.feedback", title=homework.title),
        heads=[say("pages.part"), say("pages.points"), say("pages.status"), say("pages.why")],
        rows=rows,
        total=total if given else say("pages.no-mark"),
        reason="" if graded.counts else graded.reason,
        warnings=[
            *([say("pages.practice")] if graded.data else ()),
            *([say("pages.plain")] if graded.backend == "plain" else ()),
        ],
        notes=graded.notes,
    )


def _settled(mark: Mark) -> Mark:
    """A mark that a person has given: nothing is on hold any more."""
    kept = tuple(r for r in mark.reasons if not (isinstance(r, Message) and r.key == "engine.held"))
    return replace(mark, reasons=kept)


def status_of(status: str) -> Message:
    """How a part ended, as a sentence."""
    return say(f"status.{status.replace(' ', '-')}")


def _intervals(mark: Mark) -> list[Message]:
    """Where the score would lie on other texts."""
    names = [name for name in ("interval", "interval of macro F1") if name in mark.measured]
    ends = {name: mark.measured[name] for name in names}
    return [say(f"pages.{n.replace(' ', '-')}", low=low, high=high) for n, (low, high) in ends.items()]


def hand_page(homework: Homework, graded: Graded, language: str) -> str:
    """Return what a person reads of one submission: its texts and its flags, without a name."""
    doubtful = (m for m in graded.marks if graded.waits(m) and m.status != "by hand")
    held = [say("words.colon", name=m.part, said="; ".join(said_of(m, language))) for m in doubtful]
    title, flags = f"{homework.title}: {graded.key}", [*graded.flags, *held]
    return _render("by_hand.html", language, title=title, flags=flags, texts=graded.texts)


def _render(template: str, language: str, **values: Any) -> str:
    return _environment().get_template(template).render(language=language, say=say, **values)


@cache
def _environment() -> Environment:
    """Templates in which ``{{ sentence | words(language) }}`` puts a sentence into words."""
    tidy = {"trim_blocks": True, "lstrip_blocks": True}
    made = Environment(
        loader=PackageLoader("coursegrader"), autoescape=True, undefined=StrictUndefined, **tidy
    )
    made.filters["words"] = in_words
    return made
