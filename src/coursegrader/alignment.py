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
    """The student's answer to each of the teacher's open cells."""

    answers: dict[str, str]  # source by grade id; a missing answer has no entry
    notes: tuple[str, ...]  # what was not as released, for feedback and for a person
    extra: tuple[str, ...] = ()  # code cells of the student's own, which no mark rests on, in order


def align(
    stubs: dict[str, str], kinds: dict[str, str], cells: Sequence[Cell], given: Sequence[str] = ()
) -> Aligned:
    """Match the student's cells with the open cells of a homework.

    Parameters
    ----------
    stubs, kinds : dict of str to str
        What the student was given, and whether it is ``code`` or ``markdown``, by grade id, in order.
    given : sequence of str
        Sources of the teacher's other cells; what is none of them is the student's own.
    """
    notes: list[str] = []
    place: dict[str, int] = {}
    fitting = {task: [i for i, c in enumerate(cells) if c.kind == kind] for task, kind in kinds.items()}
    for task, stub in stubs.items():
        same = [i for i in fitting[task] if cells[i].grade_id == task]
        if len(same) > 1:
            same = [i for i in same if _bare(cells[i].source) != _bare(stub)] or same
            which = "the last changed one" if len(same) > 1 else "the changed one"
            notes.append(f"{task}: stands more than once; {which} counts")
        if same:
            place[task] = same[-1]
    for task in [task for task in stubs if task not in place]:
        free = [i for i in fitting[task] if i not in place.values() and cells[i].grade_id not in stubs]
        score, best = max(((likeness(stubs[task], cells[i].source), i) for i in free), default=(0.0, -1))
        if score >= ALIKE:
            place[task] = best
            notes.append(f"{task}: its id was lost; found again by what it looks like")
        else:
            notes.append(f"{task}: not found")
    known = set(map(_bare, (*given, *stubs.values())))
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
    first, second = ([line.strip() for line in text.splitlines() if line.strip()] for text in (stub, source))
    if not first or not second:
        return 0.0
    matcher = difflib.SequenceMatcher(a=first, b=second, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(first)


def _bare(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
