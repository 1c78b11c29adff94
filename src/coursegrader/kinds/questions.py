"""Multiple choice: letters that a student wrote down, compared with a key that nobody but the rubric knows.

The rule: a part gives ``points × right / questions``, and nothing below ``least`` right answers, so that guessing is
worth little. Letters are read from the source of the cell and never run, so no answer can look for the key.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark

OPTIONS = {"task": str, "name": str, "letters": str}
LONGEST = 5_000  # characters of a cell that holds letters


def problems(points: int, options: Mapping[str, Any]) -> str:
    """Say what is wrong with the questions of a part; empty if nothing is."""
    letters, questions, least = options["letters"], options.get("questions"), options.get("least")
    if not isinstance(questions, Mapping) or not questions:
        return "'questions' must give, for each question, its 'key' and 'why'."
    for question, wanted in questions.items():
        if not isinstance(wanted, Mapping) or set(wanted) != {"key", "why"}:
            return f"question {question!r} needs 'key' and 'why', and nothing else."
        if not isinstance(wanted["key"], str) or len(wanted["key"]) != 1 or wanted["key"] not in letters:
            return f"the key of {question!r} must be one of the letters {letters!r}, got {wanted['key']!r}."
        if not isinstance(wanted["why"], str) or not wanted["why"].strip():
            return f"{question!r} needs an explanation under 'why'."
    if isinstance(least, bool) or not isinstance(least, int) or not 0 <= least <= len(questions):
        return f"'least' must be a whole number from 0 to {len(questions)}, got {least!r}."
    return ""


def mark(part: Part, evidence: Evidence) -> Mark:
    """Compare the letters with the key; say for each question whether it is right, and why."""
    task, questions = part.options["task"], part.options["questions"]
    source = evidence.code.get(task, evidence.homework.stubs.get(task, ""))
    try:
        letters = read_letters(source, part.options["name"])
    except ValueError as error:
        return Mark.of(part, 0, f"{task}: {error}", status="error")
    if not letters:
        return Mark.of(part, 0, f"{task} is not written yet.", status="not written")
    right = {question: _letter(letters.get(question)) == key["key"] for question, key in questions.items()}
    reasons = [
        f"{question}: {'right' if good else f'not right ({_shown(letters.get(question))})'}. {questions[question]['why']}"
        for question, good in right.items()
    ]
    count, least = sum(right.values()), part.options["least"]
    points = points_for(count, len(questions), part.points, least)
    rule = f"{count} of {len(questions)} right: {points:g} points"
    rule += f"; below {least} right there are none." if count < least else "."
    measured = {"right answers": count, "of questions": len(questions)}
    return Mark.of(part, points, rule, *reasons, measured=measured)


def points_for(right: int, of: int, points: int, least: int) -> float:
    """Return what so many right answers give.

    Examples
    --------
    >>> [points_for(right, 5, 2, 3) for right in range(6)]
    [0.0, 0.0, 0.0, 1.2, 1.6, 2.0]
    """
    return points * right / of if right >= least else 0.0


def read_letters(source: str, name: str) -> dict[str, Any]:
    """Read a dictionary that is written out in a cell, without running the cell; anything else is a ``ValueError``."""
    wanted = (
        f"the cell must hold {name} = {{…}}, written out with a letter for each question, and nothing else"
    )
    if len(source) > LONGEST:
        raise ValueError(f"{wanted}; it has {len(source):,} characters.")
    letters: object = {}
    try:
        for node in ast.parse(source).body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a remark in quotes
            if not isinstance(node, ast.Assign) or [getattr(t, "id", None) for t in node.targets] != [name]:
                raise ValueError(f"line {node.lineno} is something else")
            letters = ast.literal_eval(node.value)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{wanted} ({type(error).__name__}: {str(error)[:100]}).") from None
    if not isinstance(letters, dict):
        raise ValueError(f"{wanted}; it holds a {type(letters).__name__}.")
    return letters


def _letter(given: object) -> str:
    return given.strip().lower() if isinstance(given, str) else ""


def _shown(given: object) -> str:
    return "not answered" if given in (None, "") else f"you wrote {str(given)[:20]!r}"
