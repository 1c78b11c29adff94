"""%%attempt: a cell that calls the student's code, and says in one line what is not written yet.

Only ``NotImplementedError`` is caught, and a name that is missing because an earlier attempt was not written. Every
other error is the student's to see.

Left out: marks; ``coursekit.homework.check`` gives feedback, the grader gives marks.
"""

from __future__ import annotations

import ast

from IPython import get_ipython
from IPython.display import display

from coursekit.homework.names import assigned_names

_waiting: dict[str, str] = {}  # names that a cell would have set, and the task it waits for


def register_attempt_magic() -> None:
    """Make ``%%attempt`` known to the running notebook; outside IPython this does nothing."""
    shell = get_ipython()
    if shell is not None:
        shell.register_magic_function(_attempt, magic_kind="cell", magic_name="attempt")


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
        task = str(missing) or "a task"
        _wait(names, task)
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
