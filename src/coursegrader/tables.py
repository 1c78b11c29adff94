"""Tables: the gradebook, what a person fills in, and the results, as a spreadsheet or another program reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from coursegrader.definition import Homework
from coursegrader.grades import Graded

WAITING = ("review", "by hand")
FORMULA = (
    "=",
    "+",
    "@",
    "\t",
    "\r",
    "\n",
    ";=",
    ";+",
    ";@",
)  # how a cell begins that a spreadsheet would compute
LONGEST = 1_000  # characters of a cell

Hand = Mapping[str, Mapping[str, float]]  # marks by a person, by file and part


def paper(graded: Graded) -> str:
    """What a person's marks are tied to: the file, not the run."""
    return graded.paper or graded.key


def stem(graded: Graded) -> str:
    """The name of a submission's pages."""
    return paper(graded)[:12]


def gradebook(homework: Homework, graded: Sequence[Graded], hand: Hand) -> str:
    """Return the gradebook as CSV with the columns that Moodle's import asks for; no mark is an empty cell, never 0."""
    parts = [part.id for part in homework.parts]
    total = f"Assignment: {homework.title} (Real)"
    head = ("File", "Status", "Reason", *parts, total, "Waiting for a person")
    rows = []
    for g in graded:
        given = hand.get(paper(g), {})
        points = ({m.part: m.points for m in g.marks} if g.counts else {}) | dict(given)
        waiting = [
            m.part for m in g.marks if m.part not in given and (m.status in WAITING or g.status == "failed")
        ]
        cells = [f"{points[part]:g}" if part in points else "" for part in parts]
        whole = f"{sum(points.values()):g}" if g.counts or len(points) == len(parts) else ""
        rows.append((g.name, g.status, g.reason, *cells, whole, " ".join(waiting)))
    return table(head, rows)


def marks_by_hand(homework: Homework, graded: Sequence[Graded], hand: Hand) -> str:
    """Return the table that a person fills in: one row for each part of each submission that waits."""
    rows, most = [], {part.id: part.points for part in homework.parts}
    for g in graded:
        page = f"{'by_hand' if g.texts else 'feedback'}/{stem(g)}.html"
        for m in g.marks:
            if m.status in WAITING or g.status == "failed":
                given = hand.get(paper(g), {}).get(m.part)
                points = "" if given is None else f"{given:g}"
                rows.append(
                    (paper(g), g.name, m.part, m.most, m.measured.get("points on hold", ""), points, page)
                )
    here = {(row[0], row[2]) for row in rows}
    for key, marks in hand.items():  # marks of files that are not in this run are a person's work, too
        rows += [
            (key, "", part, most[part], "", f"{p:g}", "")
            for part, p in marks.items()
            if (key, part) not in here
        ]
    return table(("key", "file", "part", "most", "on hold", "points", "page"), rows)


def read_marks_by_hand(path: Path, homework: Homework) -> dict[str, dict[str, float]]:
    """Read the marks that a person has filled in.

    Raises
    ------
    ValueError
        If a mark is no number between 0 and the most; the message names the row.
    """
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
        given = hand.get(paper(g), {})
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
        facts = {"key": g.key, "page": f"feedback/{stem(g)}.html", "status": g.status}
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
