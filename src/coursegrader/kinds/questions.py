"""Multiple choice: letters that a student wrote down, compared with a key that nobody but the rubric knows.

The rule: a part gives ``points × right / questions``, and nothing below ``least`` right answers, so that guessing is
worth little. Letters are read from the source of the cell and never run, so no answer can look for the key.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.flags import parsed
from coursegrader.mending import bound_names
from coursegrader.messages import Message, Said, say, what_said
from coursegrader.written import bound, written
from coursekit.homework.letters import read_letter

OPTIONS = {"task": str, "name": str, "letters": str}
UNREADABLE = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError)
LONGEST = 5_000  # characters of a cell that holds letters
LOOKING = {"print", "display", "check", "run_line_magic", "system"}  # calls that change no letter


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
        said = say("kinds.questions.unreadable", task=task, name=part.options["name"], said=what_said(error))
        return Mark.of(part, 0, said, status="error")
    if not letters:
        return Mark.of(part, 0, say("evidence.not-written", task=task), status="not written")
    right = {
        question: read_letter(letters.get(question)) == key["key"] for question, key in questions.items()
    }
    reasons = [_explained(q, good, letters.get(q), questions[q]["why"]) for q, good in right.items()]
    count, least = sum(right.values()), part.options["least"]
    points = points_for(count, len(questions), part.points, least)
    rule = say("kinds.questions.rule", right=count, number=len(questions), points=points)
    if count < least:
        rule = say("kinds.questions.too-few", right=count, number=len(questions), points=points, least=least)
    measured = {"right answers": count, "of questions": len(questions)}
    made = Mark.of(part, points, rule, *reasons, measured=measured)
    odd = [q for q in questions if letters.get(q) and not read_letter(letters[q]).isascii()]
    return made.on_hold(say("kinds.questions.odd", names=odd)) if odd else made


def points_for(right: int, of: int, points: int, least: int) -> float:
    """Return what so many right answers give.

    Examples
    --------
    >>> [points_for(right, 5, 2, 3) for right in range(6)]
    [0.0, 0.0, 0.0, 1.2, 1.6, 2.0]
    """
    return points * right / of if right >= least else 0.0


def read_letters(source: str, name: str) -> dict[str, Any]:
    """Read a dictionary that is written out in a cell, without running the cell; anything else is a ``ValueError``.

    It may be written whole, by ``dict(…)``, letter by letter, or put together from a text or lists
    (:mod:`coursegrader.written`); what only looks at it, such as a print, does no harm.
    """
    if len(source) > LONGEST:
        raise ValueError(say("kinds.questions.long", number=len(source)))
    letters: dict[str, Any] = {}
    names: dict[str, Any] = {}  # what else is written down, which the letters may be put together from
    try:
        for node in (parsed(source) or ast.parse(source)).body:
            if _of_something_else(node, name):
                noted = _noted(node, names)
                names = {n: v for n, v in names.items() if n not in bound_names([node])} | noted
            elif not _only_looks(node):
                letters = _after(node, name, letters, names)
    except (*UNREADABLE, AttributeError, LookupError) as error:
        raise ValueError(_what_it_says(error)) from None
    return letters


def _noted(node: ast.stmt, names: Mapping[str, Any]) -> dict[str, Any]:
    """What an assignment of something else writes down, if it can be read."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        with suppress(*UNREADABLE):
            return bound(node.targets[0], written(node.value, names))
    return {}


def _what_it_says(error: Exception) -> Said:
    said = what_said(error)
    return said if isinstance(said, Message) else f"{type(error).__name__}: {said[:100]}"


def _only_looks(node: ast.stmt) -> bool:
    """Whether a statement changes no letter: a remark, an import, a print, a check, the name alone."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    called = getattr(value.func, "id", getattr(value.func, "attr", "")) if isinstance(value, ast.Call) else ""
    return isinstance(value, (ast.Constant, ast.Name)) or called in LOOKING


def _of_something_else(node: ast.stmt, name: str) -> bool:
    """Whether a statement defines something else, as in a cell that answers several tasks."""
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)):
        return False
    named = {getattr(n, "id", getattr(n, "name", "")) for n in ast.walk(node)}
    return name not in named


def _after(node: ast.stmt, name: str, letters: dict[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """The letters after one more statement; ``ValueError`` if it is none that can be read."""
    if isinstance(node, ast.Expr) and ast.unparse(node.value.func) == f"{name}.update":
        made = ast.Call(ast.Name("dict"), node.value.args, node.value.keywords)
        return letters | _dictionary(made, names)
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        (target,) = targets if len(targets) == 1 else (None,)
        if isinstance(target, ast.Name) and target.id == name:
            return (letters if isinstance(node, ast.AugAssign) else {}) | _dictionary(node.value, names)
        if isinstance(target, ast.Subscript) and getattr(target.value, "id", "") == name:
            return letters | {written(target.slice, names): written(node.value, names)}
    raise ValueError(say("kinds.questions.else", line=node.lineno))


def _dictionary(value: ast.expr, names: Mapping[str, Any]) -> dict[str, Any]:
    made = written(value, names)
    if not isinstance(made, dict):
        raise ValueError(say("kinds.questions.holds", kind=type(made).__name__))
    return made


def _explained(question: str, good: bool, given: object, why: str) -> Message:
    if good:
        return say("kinds.questions.right", question=question, why=why)
    if given in (None, ""):
        return say("kinds.questions.no-answer", question=question, why=why)
    return say("kinds.questions.wrong", question=question, given=str(given)[:20], why=why)
