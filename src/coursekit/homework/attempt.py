"""%%attempt: a cell that calls the student's code, and says in one line what is not written yet.

Only ``NotImplementedError`` is caught, and a name that is missing because an earlier attempt was not written. Every
other error is the student's to see.
"""

from __future__ import annotations

import ast

from IPython import get_ipython
from IPython.display import display

_waiting: dict[str, str] = {}  # names that a cell would have set, and the task it waits for


def register_attempt_magic() -> None:
    """Make ``%%attempt`` known to the running notebook; outside IPython this does nothing."""
    shell = get_ipython()
    if shell is not None:
        shell.register_magic_function(_attempt, magic_kind="cell", magic_name="attempt")


def assigned_names(source: str) -> set[str]:
    """Return the names that source code binds at its top level, without running it; empty if it cannot be parsed."""
    lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        else:
            names |= {
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return names


def _attempt(line: str, body: str) -> None:
    """``%%attempt``: run the cell; if a task is not written yet, say so and go on."""
    shell = get_ipython()
    names = assigned_names(body)
    tree = ast.parse(shell.transform_cell(body), "<attempt>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "<attempt>", "exec"), shell.user_ns)
        if last is not None:  # as in any cell, the value of the last line is shown
            value = eval(compile(ast.Expression(last.value), "<attempt>", "eval"), shell.user_ns)
            if value is not None:
                display(value)
    except NotImplementedError as missing:
        _wait(names, str(missing) or "a task")
    except NameError as missing:
        if missing.name not in _waiting:
            raise
        _wait(names, _waiting[missing.name])
    else:
        for name in names:
            _waiting.pop(name, None)


def _wait(names: set[str], task: str) -> None:
    _waiting.update(dict.fromkeys(names, task))
    print(f"not written yet: {task}")
