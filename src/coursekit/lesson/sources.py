"""source: show the code of the package inside a chapter, so that no chapter holds a copy."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

from IPython.display import Code


def source(function: Callable, *, docstring: bool = False) -> Code:
    """Return the source of a function or class, ready to be shown.

    Parameters
    ----------
    docstring : bool, default False
        Show the docstrings too.

    Raises
    ------
    TypeError, OSError
        If Python has no source for it.
    """
    text = textwrap.dedent(inspect.getsource(function))
    return Code(text if docstring else _without_docstrings(text), language="python")


def _without_docstrings(text: str) -> str:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or ast.get_docstring(node) is None:
            continue
        first = node.body[0]
        for number in range(first.lineno - 1, first.end_lineno):
            lines[number] = None
        after = first.end_lineno
        while after < len(lines) and lines[after] is not None and not lines[after].strip():
            lines[after] = None
            after += 1
    return "\n".join(line for line in lines if line is not None)
