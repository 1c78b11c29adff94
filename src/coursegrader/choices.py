"""Multiple choice: letters that a student wrote down, compared with a key that nobody but the rubric knows.

The rule: a part gives ``points × right / questions``, and nothing below ``least`` right answers, so that guessing is
worth little. Letters are read from the source of the cell and never run, so no answer can look for the key.
"""

from __future__ import annotations

import ast
import math
from typing import Any

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark

LONGEST = 5_000  # characters of a cell that holds letters


def mark_questions(part: Part, evidence: Evidence) -> Mark:
    """Compare the letters of a student with the key.

    Returns
    -------
    Mark
        ``reasons`` hold, for each question, whether it is right, and why.
    """
    task, name = part.options["task"], part.options["name"]
    source = evidence.code.get(task, evidence.homework.stubs.get(task, ""))
    try:
        letters = read_letters(source, name)
    except ValueError as error:
        return Mark(part.id, 0, part.points, "error", (f"{task}: {error}",))
    if not letters:
        return Mark(part.id, 0, part.points, "not written", (f"{task} is not written yet.",))
    reasons, right = [], []
    for question, wanted in part.options["questions"].items():
        given = letters.get(question)
        good = isinstance(given, str) and given.strip().lower() == wanted["key"]
        if good:
            right.append(question)
        said = "right" if good else f"not right ({_shown(given)})"
        reasons.append(f"{question}: {said}. {wanted['why']}")
    asked, least = len(part.options["questions"]), part.options["least"]
    points = points_for(len(right), asked, part.points, least)
    rule = f"{len(right)} of {asked} right: {points:g} points"
    rule += f"; below {least} right there are none." if len(right) < least else "."
    measured = {"right answers": len(right), "of questions": asked}
    return Mark(part.id, points, part.points, "ok", (rule, *reasons), measured)


def points_for(right: int, asked: int, points: int, least: int) -> float:
    """Return what so many right answers give.

    Parameters
    ----------
    points : int
        For all of them.
    least : int
        Below it there are none.

    Examples
    --------
    >>> [points_for(right, 5, 2, 3) for right in range(6)]
    [0.0, 0.0, 0.0, 1.2, 1.6, 2.0]
    """
    return points * right / asked if right >= least else 0.0


def worth_of_guessing(asked: int, letters: int, points: int, least: int) -> float:
    """Return the points that somebody expects who picks every letter at random.

    Parameters
    ----------
    asked, letters : int
        Questions, and letters to choose from.
    points, least : int
        As in :func:`points_for`.

    Examples
    --------
    >>> round(worth_of_guessing(5, 4, 2, 3), 2)
    0.13
    """
    p = 1 / letters
    return sum(
        math.comb(asked, k) * p**k * (1 - p) ** (asked - k) * points_for(k, asked, points, least)
        for k in range(asked + 1)
    )


def read_letters(source: str, name: str) -> dict[str, Any]:
    """Read a dictionary that is written out in a cell, without running the cell.

    Parameters
    ----------
    name : str
        It is assigned to this name; of several assignments the last one counts.

    Returns
    -------
    dict
        Empty if it is not written yet.

    Raises
    ------
    ValueError
        If the cell holds anything else.
    """
    wanted = (
        f"the cell must hold {name} = {{…}}, written out with one letter for each question, and nothing else"
    )
    if len(source) > LONGEST:
        raise ValueError(f"{wanted}; it has {len(source):,} characters.")
    found: object = {}
    try:
        for node in ast.parse(source).body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a remark in quotes
            if not isinstance(node, ast.Assign) or [_name(target) for target in node.targets] != [name]:
                raise ValueError(f"line {node.lineno} is something else")
            found = ast.literal_eval(node.value)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{wanted} ({type(error).__name__}: {str(error)[:100]}).") from None
    if not isinstance(found, dict):
        raise ValueError(f"{wanted}; it holds a {type(found).__name__}.")
    return found


def _name(target: ast.expr) -> str | None:
    return target.id if isinstance(target, ast.Name) else None


def _shown(given: object) -> str:
    if given is None or given == "":
        return "not answered"
    return f"you wrote {str(given)[:20]!r}"
