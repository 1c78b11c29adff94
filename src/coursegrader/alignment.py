"""Alignment: find each of the teacher's cells in what a student handed in.

By ``grade_id`` where that is there and unique; where an id stands twice, the cell that differs from the stub; where
ids are lost, the cell that resembles the teacher's most and stands in order. Only cells that a student is to fill in
are taken over: setup and tests come from the teacher's copy, always.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from coursegrader.intake import Cell
from coursekit.homework.attempt import assigned_names

ALIKE = 0.5  # least similarity at which two cells may be the same one


@dataclass(frozen=True)
class Aligned:
    """The student's answer to each of the teacher's open cells.

    Attributes
    ----------
    answers : dict of str to str
        Source by grade id; a missing answer has no entry.
    notes : tuple of str
        What was not as released, for feedback and for a person.
    extra : tuple of str
        Code cells of the student's own, which no mark rests on, in order.
    """

    answers: dict[str, str]
    notes: tuple[str, ...]
    extra: tuple[str, ...] = ()


def align(
    stubs: dict[str, str], kinds: dict[str, str], cells: Sequence[Cell], given: Sequence[str] = ()
) -> Aligned:
    """Match the student's cells with the open cells of a homework.

    Parameters
    ----------
    stubs : dict of str to str
        What the student was given, by grade id, in the order of the notebook.
    kinds : dict of str to str
        ``code`` or ``markdown``, by grade id.
    given : sequence of str
        Sources of the teacher's other cells; what is none of them is the student's own.
    """
    notes: list[str] = []
    place: dict[str, int] = {}
    for grade_id, stub in stubs.items():
        same = [
            i for i, cell in enumerate(cells) if cell.grade_id == grade_id and cell.kind == kinds[grade_id]
        ]
        if len(same) > 1:
            same = [i for i in same if _bare(cells[i].source) != _bare(stub)] or same
            which = "the last changed one" if len(same) > 1 else "the changed one"
            notes.append(f"{grade_id}: stands more than once; {which} counts")
        if same:
            place[grade_id] = same[-1]
    for grade_id in [grade_id for grade_id in stubs if grade_id not in place]:
        free = [
            i
            for i, cell in enumerate(cells)
            if i not in place.values() and cell.kind == kinds[grade_id] and cell.grade_id not in stubs
        ]
        score, best = max(((likeness(stubs[grade_id], cells[i].source), i) for i in free), default=(0.0, -1))
        if score >= ALIKE:
            place[grade_id] = best
            notes.append(f"{grade_id}: its id was lost; found again by what it looks like")
        else:
            notes.append(f"{grade_id}: not found")
    known = set(map(_bare, given)) | set(map(_bare, stubs.values()))
    extra = [
        cell.source
        for i, cell in enumerate(cells)
        if cell.kind == "code" and i not in place.values() and _bare(cell.source) not in known
    ]
    return Aligned({task: cells[i].source for task, i in place.items()}, tuple(notes), tuple(extra))


def likeness(stub: str, source: str) -> float:
    """How much a cell looks like a filled-in stub: 1 if it defines the same names, else the share of equal lines."""
    wanted = assigned_names(stub)
    if wanted:
        return len(wanted & assigned_names(source)) / len(wanted)
    first = [line.strip() for line in stub.splitlines() if line.strip()]
    second = [line.strip() for line in source.splitlines() if line.strip()]
    if not first or not second:
        return 0.0
    matcher = difflib.SequenceMatcher(a=first, b=second, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(first)


def _bare(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
