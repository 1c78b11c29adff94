"""source: show the code of the package inside a chapter, so that no chapter holds a copy."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

from IPython.display import Code


def source(function: Callable) -> Code:
    """Return the source of a function or class without its docstrings, ready to be shown."""
    text = textwrap.dedent(inspect.getsource(function))
    lines = text.splitlines()
    hidden: set[int] = set()  # numbers of lines, from 1
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            start, end = node.body[0].lineno, node.body[0].end_lineno
            blank_follows = end < len(lines) and not lines[end].strip()
            hidden.update(range(start, end + 1 + blank_follows))
    shown = [line for number, line in enumerate(lines, start=1) if number not in hidden]
    return Code("\n".join(shown), language="python")
