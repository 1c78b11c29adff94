"""Names that a piece of source code binds, found without running it.

Left out: names bound by ``import *`` or by ``exec``; nothing short of running finds those.
"""

from __future__ import annotations

import ast


def assigned_names(source: str) -> set[str]:
    """Return the names that source code binds at its top level.

    Returns
    -------
    set of str
        Empty if it cannot be parsed.
    """
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
