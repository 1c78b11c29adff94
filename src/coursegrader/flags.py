"""Flags: what a person should look at. A flag takes no point away by itself; it puts a mark on hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from IPython.core.inputtransformer2 import TransformerManager

# Names that an answer of this course has no reason to use: the grader's own rooms and ways around a running program.
TAMPERING = frozenset(
    "__builtins__ __dict__ __import__ __subclasses__ _getframe atexit builtins coursegrader ctypes currentframe eval exec "
    "gc get_objects globals importlib inspect multiprocessing os pickle probes runner setattr signal socket subprocess sys "
    "threading urllib requests test_labels".split()
)
# what IPython turns magics and shell commands into
SHELL = {"run_line_magic", "run_cell_magic", "system", "getoutput"}
# cell magics that change nothing of what is defined
HARMLESS = re.compile(r"^%%(time|attempt)[ \t]*$", re.MULTILINE)
_BLOB = re.compile(r"[A-Za-z0-9+/=_\-]{2000,}")


def parsed(source: str) -> ast.Module | None:
    """Parse a cell as IPython would run it; None if it is no Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(HARMLESS.sub("", source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def used_names(source: str) -> set[str]:
    """Return every name, attribute (alone, and with the name before its dot) and imported module in a source."""
    names: set[str] = set()
    for node in ast.walk(parsed(source) or ast.Module([], [])):
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
    """Return one sentence for everything in the code that a person should look at."""
    flags = []
    for task, source in answers.items():
        size = len(source.encode())
        if size > blob_bytes or _BLOB.search(source):
            flags.append(f"{task}: {size:,} bytes of source, or a long run of letters; data in the code?")
        names = used_names(source)
        flags += [
            f"{task}: uses {name}, which this homework does not allow"
            for name in sorted(names & set(forbidden))
        ]
        odd = sorted(names & TAMPERING)
        if odd:
            flags.append(f"{task}: uses {', '.join(odd)}, which an answer has no reason to use")
        if names & SHELL:
            flags.append(f"{task}: runs a magic or a shell command")
        if parsed(source) is None:
            flags.append(f"{task}: cannot be read as Python, so nothing is known of the names it uses")
    return flags
