"""Alignment: find each of the teacher's cells in what a student handed in.

By ``grade_id`` where that is there and unique; where an id stands twice, the cell that differs from the stub and binds its
names; where ids are lost, the cell that resembles the teacher's most. Only cells that a student is to fill in are taken over, and
what they need from the student's own: setup and tests come from the teacher's copy, always.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from coursegrader.flags import parsed
from coursegrader.intake import Cell
from coursegrader.mending import bound_names, defining_statements, mended, needed_from
from coursegrader.messages import Message, say
from coursekit.homework.attempt import assigned_names
from coursekit.homework.packing import is_stub

ALIKE = 0.5  # least similarity at which two cells may be the same one


@dataclass(frozen=True)
class Aligned:
    """The student's answer to each of the teacher's open cells."""

    answers: dict[str, str]  # source by grade id; a missing answer has no entry
    notes: tuple[Message, ...]  # what was not as released, for feedback and for a person
    extra: tuple[str, ...] = ()  # code of the student's own cells, if an answer breaks without it


def align(
    stubs: dict[str, str], kinds: dict[str, str], cells: Sequence[Cell], given: Sequence[str] = ()
) -> Aligned:
    """Match the student's cells with the open cells of a homework: its stubs and their kinds by grade id, in order.

    An answer is taken without what cannot run here, and with what it needs from cells of the student's own: those that
    are none of the teacher's other cells, ``given``.
    """
    notes: list[Message] = []
    place = _places(stubs, kinds, cells, notes)
    known = set(map(_bare, (*given, *stubs.values())))
    own = [i for i, c in enumerate(cells) if i not in place.values() and _bare(c.source) not in known]
    answers = {task: cells[i].source for task, i in place.items()}
    extra = [cells[i].source for i in own if cells[i].kind == "code"]
    _mend_code(answers, {task for task in answers if kinds[task] == "code"}, extra, given, notes)
    _gather_text(answers, stubs, kinds, [cells[i].source for i in own if cells[i].kind != "code"], notes)
    definitions = ("\n".join(s.source for s in defining_statements(source)) for source in extra)
    return Aligned(answers, tuple(notes), tuple(filter(None, definitions)))


def _places(
    stubs: dict[str, str], kinds: dict[str, str], cells: Sequence[Cell], notes: list[Message]
) -> dict[str, int]:
    """The number of the cell that answers each task."""
    place: dict[str, int] = {}
    fitting = {task: [i for i, c in enumerate(cells) if c.kind == kind] for task, kind in kinds.items()}
    given = set(map(_bare, stubs.values()))
    written = {
        i
        for i, c in enumerate(cells)
        if _bare(c.source) not in given and not any(is_stub(c.source, task) for task in stubs)
    }
    for task, stub in stubs.items():
        same = [i for i in fitting[task] if cells[i].grade_id == task]
        if len(same) > 1:
            same = [i for i in same if i in written] or same
            notes.append(say("alignment.last" if len(same) > 1 else "alignment.changed", task=task))
            same = [i for i in same if _binds(stub, cells[i].source)] or same
        if same:
            place[task] = same[-1]
    for task, stub in stubs.items():
        if task in place and (place[task] in written or kinds[task] != "code"):
            continue
        free = [i for i in fitting[task] if i not in place.values() and cells[i].grade_id not in stubs]
        if task in place:  # as it was handed out; the answer may stand beside it
            beside = [i for i in free if i in written and _binds(stub, cells[i].source)]
            if beside:
                place[task] = beside[-1]
                notes.append(say("alignment.beside", task=task))
            continue
        best = max(
            ((likeness(stub, cells[i].source), i in written, i) for i in free), default=(0.0, False, -1)
        )
        if best[0] >= ALIKE:
            place[task] = best[-1]
            notes.append(say("alignment.found-again", task=task))
        else:
            notes.append(say("alignment.not-found", task=task))
    return place


def _mend_code(
    answers: dict[str, str], code: set[str], extra: Sequence[str], given: Sequence[str], notes: list[Message]
) -> None:
    """Make every answer fit to run: without magics, with what it needs from other cells."""
    tasks = [task for task in answers if task in code]
    for task in tasks:
        answers[task], mends = mended(answers[task])
        notes += [say("words.colon", name=task, said=said) for said in mends]
    known = {name for source in given for name in bound_names((parsed(source) or ast.Module([], [])).body)}
    needed = needed_from(extra, [answers[task] for task in tasks], known)
    for task, statements in zip(tasks, needed, strict=True):
        if statements:
            answers[task] = "\n\n".join((*statements, answers[task]))
            notes.append(say("alignment.runs-with", task=task, number=len(statements)))


def _gather_text(
    answers: dict[str, str],
    stubs: dict[str, str],
    kinds: dict[str, str],
    own: Sequence[str],
    notes: list[Message],
) -> None:
    """Put the text of a student's other cells below the answer that a person reads: nothing written is lost."""
    tasks = [task for task in stubs if kinds[task] == "markdown"]
    own = [text for text in own if text.strip()]
    if not tasks or not own or not answers:
        return
    last = tasks[-1]
    first = answers.get(last, "")
    kept = [] if _bare(first) == _bare(stubs[last]) else [first]
    answers[last] = "\n\n".join((*kept, *own))
    notes.append(say("alignment.text-below", task=last, number=len(own)))


def _binds(stub: str, source: str) -> bool:
    """Whether a cell binds every name that its stub binds."""
    return assigned_names(stub) <= bound_names((parsed(source) or ast.Module([], [])).body)


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
