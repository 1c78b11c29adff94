"""Flags: what a person should look at. A flag takes no point away by itself; it puts a mark on hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

# Names that an answer of this course has no reason to use: the grader's own rooms and ways around a running program.
TAMPERING = frozenset(
    "__builtins__ __import__ __subclasses__ _getframe atexit builtins ctypes currentframe gc get_objects globals "
    "coursegrader importlib inspect multiprocessing os pickle probes runner setattr signal socket subprocess sys "
    "threading urllib requests test_labels".split()
)
_BLOB = re.compile(r"[A-Za-z0-9+/=_\-]{2000,}")


def used_names(source: str) -> set[str]:
    """Return every name, attribute (alone, and with the name before its dot) and imported module in a source.

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
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
            if isinstance(node.value, ast.Name):
                names.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.alias):
            names |= set(node.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= set(node.module.split("."))
    return names


def code_flags(answers: Mapping[str, str], *, blob_bytes: int, forbidden: Sequence[str] = ()) -> list[str]:
    """Return one sentence for everything in the code that a person should look at.

    Parameters
    ----------
    answers : mapping of str to str
        Source by task.
    blob_bytes : int
        An answer larger than this is no code that somebody wrote.
    forbidden : sequence of str
        Names that the homework does not allow.
    """
    found = []
    for task, source in answers.items():
        size = len(source.encode())
        if size > blob_bytes or _BLOB.search(source):
            found.append(f"{task}: {size:,} bytes of source, or a long run of letters; data in the code?")
        names = used_names(source)
        for name in sorted(names & set(forbidden)):
            found.append(f"{task}: uses {name}, which this homework does not allow")
        odd = sorted(names & TAMPERING)
        if odd:
            found.append(f"{task}: uses {', '.join(odd)}, which an answer has no reason to use")
        if re.search(r"^\s*[%!]", source, re.MULTILINE):
            found.append(f"{task}: runs a magic or a shell command")
    return found
