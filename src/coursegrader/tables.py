"""Tables: the gradebook, and the results for another program. What a person fills in: :mod:`coursegrader.by_hand`."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from coursegrader.definition import Homework
from coursegrader.evidence import Mark
from coursegrader.grades import Graded
from coursegrader.listing import moodle_identifier
from coursegrader.messages import in_words, say

# how a cell begins that a spreadsheet would compute; where ";" divides cells, one begins behind it as well
FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+@-])")
LONGEST = 1_000  # characters of a cell, and of a reason
MOST_REASONS = 20

Hand = Mapping[str, Mapping[str, float]]  # marks by a person, by paper and part


def gradebook(homework: Homework, graded: Sequence[Graded], hand: Hand, language: str) -> str:
    """Return the gradebook as CSV with the columns that Moodle's import asks for; no mark is an empty cell, never 0.

    The total is what was given so far; it is empty as long as a doubt waits, for it could only be too low.
    """
    parts = [part.id for part in homework.parts]
    rows = []
    for g in graded:
        points, waiting = given_points(g, hand), waiting_parts(g, hand)
        cells = [f"{points[part]:g}" if part in points else "" for part in parts]
        whole = total_points(g, hand)
        said = "" if whole is None else f"{whole:g}"
        facts = (moodle_identifier(g.name), say(f"graded.{g.status}"), g.reason)
        rows.append((g.name, *(in_words(fact, language) for fact in facts), *cells, said, " ".join(waiting)))
    before = (say("tables.file"), say("tables.identifier"), say("tables.status"), say("tables.reason"))
    behind = (say("tables.total", title=homework.title), say("tables.waiting"))
    return table([in_words(name, language) for name in (*before, *parts, *behind)], rows)


def given_points(graded: Graded, hand: Hand) -> dict[str, float]:
    """The points of every part that has a mark, a person's before the grader's."""
    return {m.part: m.points for m in graded.marks if not graded.waits(m)} | dict(hand.get(graded.paper, {}))


def waiting_parts(graded: Graded, hand: Hand) -> list[str]:
    """The parts that have no mark yet."""
    given = hand.get(graded.paper, {})
    return [m.part for m in graded.marks if m.part not in given and graded.waits(m)]


def total_points(graded: Graded, hand: Hand) -> float | None:
    """The points so far; None while a part waits for a reason other than that a person always marks it."""
    points, waiting = given_points(graded, hand), waiting_parts(graded, hand)
    planned = {m.part for m in graded.marks if m.status == "by hand" and graded.counts}
    return sum(points.values()) if points and set(waiting) <= planned else None


def results(graded: Sequence[Graded], hand: Hand, languages: Mapping[str, str]) -> str:
    """Return everything that was measured, in the form of Gradescope's ``results.json``; languages are given by paper."""
    made = []
    for g in graded:
        language = languages[g.paper]
        points, total = given_points(g, hand), total_points(g, hand)
        tests = [
            {"name": m.part}
            | ({"score": points[m.part]} if m.part in points else {})
            | {"max_score": m.most, "output": "; ".join(said_of(m, language))}
            | {"extra_data": {"status": m.status, **m.to_dict()["measured"]}}
            for m in g.marks
        ]
        facts = {"key": g.key, "page": f"feedback/{g.page}", "status": g.status, "backend": g.backend}
        facts |= {"flags": [in_words(flag, language) for flag in g.flags]}
        facts |= {"practice": g.data} if g.data else {}
        made.append(
            {"file": g.name}
            | ({} if total is None else {"score": total})
            | {
                "execution_time": round(g.seconds, 1),
                "output": in_words(g.reason, language)[:LONGEST],
                "tests": tests,
                "extra_data": facts,
            }
        )
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def said_of(mark: Mark, language: str) -> list[str]:
    """The reasons of a mark in words, as many and as long as somebody may read."""
    kept = [in_words(reason, language)[:LONGEST] for reason in mark.reasons[:MOST_REASONS]]
    left = len(mark.reasons) - len(kept)
    return [*kept, say("tables.more", number=left).in_words(language)] if left else kept


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV, without a cell that a spreadsheet takes for a formula."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(str(value)) for value in row] for row in rows)
    return held.getvalue()


def harmless(value: str) -> str:
    """The text of a cell, cut, with an apostrophe before what would be computed; a number stays one."""
    value = value[:LONGEST]
    return value if number(value) is not None else FORMULA.sub(r"\1'", value)


def number(value: str) -> float | None:
    """The number that a text is, with a point or a decimal comma; None if it is none."""
    try:
        return float(value.strip().replace(",", "."))
    except ValueError:
        return None
