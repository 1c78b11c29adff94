"""Tables: the gradebook, what a person fills in, and the results, as a spreadsheet or another program reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from coursegrader.definition import Homework
from coursegrader.evidence import Mark
from coursegrader.grades import Graded

WAITING = ("review", "by hand")
# how a cell begins that a spreadsheet would compute
FORMULA = ("=", "+", "@", "\t", "\r", "\n", ";=", ";+", ";@")
LONGEST = 1_000  # characters of a cell

Hand = Mapping[str, Mapping[str, float]]  # marks by a person, by paper and part


def _waits(graded: Graded, mark: Mark) -> bool:
    """Whether a person has to decide."""
    return mark.status in WAITING or graded.status == "failed"


def gradebook(homework: Homework, graded: Sequence[Graded], hand: Hand) -> str:
    """Return the gradebook as CSV with the columns that Moodle's import asks for; no mark is an empty cell, never 0."""
    parts = [part.id for part in homework.parts]
    total = f"Assignment: {homework.title} (Real)"
    rows = []
    for g in graded:
        given = hand.get(g.paper, {})
        points = ({m.part: m.points for m in g.marks} if g.counts else {}) | dict(given)
        waiting = [m.part for m in g.marks if m.part not in given and _waits(g, m)]
        cells = [f"{points[part]:g}" if part in points else "" for part in parts]
        whole = f"{sum(points.values()):g}" if g.counts or len(points) == len(parts) else ""
        rows.append((g.name, g.status, g.reason, *cells, whole, " ".join(waiting)))
    return table(("File", "Status", "Reason", *parts, total, "Waiting for a person"), rows)


def marks_by_hand(homework: Homework, graded: Sequence[Graded], hand: Hand) -> str:
    """Return the table that a person fills in: one row for each part of each submission that waits."""
    most = {part.id: part.points for part in homework.parts}
    left, rows = {key: dict(marks) for key, marks in hand.items()}, []
    for g in graded:
        page = f"{'by_hand' if g.texts else 'feedback'}/{g.page}"
        for m in filter(partial(_waits, g), g.marks):
            given, held = left.get(g.paper, {}).pop(m.part, None), m.measured.get("points on hold", "")
            points = "" if given is None else f"{given:g}"
            rows.append((g.paper, g.name, m.part, m.most, held, points, page))
    for key, marks in left.items():  # marks of files that are not in this run are a person's work, too
        rows += [(key, "", part, most[part], "", f"{points:g}", "") for part, points in marks.items()]
    return table(("key", "file", "part", "most", "on hold", "points", "page"), rows)


def read_marks_by_hand(path: Path, homework: Homework) -> dict[str, dict[str, float]]:
    """Read the marks that a person has filled in; ``ValueError`` names the row of one that is none."""
    if not path.is_file():
        return {}
    most = {part.id: part.points for part in homework.parts}
    marks: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            text, part = (row.get("points") or "").strip().replace(",", "."), row.get("part")
            if not text:
                continue
            points = _number(text)
            if part not in most or points is None or not 0 <= points <= most[part]:
                raise ValueError(
                    f"{path.name}, row {number}: 'points' must be a number from 0 to {most.get(part)}, got {text!r}."
                )
            marks.setdefault(row["key"], {})[part] = points
    return marks


def results(graded: Sequence[Graded], hand: Hand) -> str:
    """Return everything that was measured, in the form of Gradescope's ``results.json``, one for each submission."""
    made = []
    for g in graded:
        given = hand.get(g.paper, {})
        tests = [
            {
                "name": m.part,
                "score": given.get(m.part, m.points),
                "max_score": m.most,
                "output": "; ".join(m.reasons),
                "extra_data": {"status": m.status, **m.to_dict()["measured"]},
            }
            for m in g.marks
        ]
        facts = {"key": g.key, "page": f"feedback/{g.page}", "status": g.status}
        facts |= {"backend": g.backend, "flags": g.flags} | ({"practice": g.data} if g.data else {})
        made.append(
            {
                "file": g.name,
                "score": sum(test["score"] for test in tests),
                "execution_time": round(g.seconds, 1),
                "output": g.reason,
                "tests": tests,
                "extra_data": facts,
            }
        )
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table as CSV, without a cell that a spreadsheet takes for a formula."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_harmless(str(value)) for value in row] for row in rows)
    return held.getvalue()


def _harmless(value: str) -> str:
    value = value[:LONGEST]
    computed = value.startswith(FORMULA) or (value.startswith("-") and _number(value) is None)
    return f"'{value}" if computed else value


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
