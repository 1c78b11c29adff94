"""The order of the rooms: a room of ``src/coursekit`` imports only rooms that stand before it.

Left out: imports between modules of one room.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tools.project import ROOT

ROOMS = (
    "runtime",
    "text",
    "data",
    "batching",
    "cells",
    "nn",
    "training",
    "stats",
    "studies",
    "checks",
    "plots",
    "notebook",
    "homework",
    "grading",
    "cli",
)
# The package resolves its names lazily, from every room; ``python -m coursekit`` is the command line.
ENTRANCES = ("__init__.py", "__main__.py")
_MODULE = re.compile(r"coursekit(?:\.\w+)+")


def imported_rooms(source: str, package: str) -> set[str]:
    """Return the rooms that a module imports, wherever in it the import stands.

    Parameters
    ----------
    source : str
        Text of the module.
    package : str
        The package it lies in, for example ``"coursekit.data"``; relative imports start there.

    Notes
    -----
    A string such as ``"coursekit.studies.x"`` counts: it is how a module is named for ``import_module``. A bare
    ``import coursekit`` counts as the last room, since every room can be reached through it.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names |= {f"{module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _MODULE.fullmatch(node.value):
            names.add(node.value)
    rooms = set()
    for name in names:
        first, _, rest = name.partition(".")
        if first == "coursekit":
            rooms.add(rest.partition(".")[0] or ROOMS[-1])
    return rooms


def order_problems(package: Path = ROOT / "src" / "coursekit") -> list[str]:
    """Return one sentence for each import that goes the wrong way, and for each folder that is no room."""
    found = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        if len(inside.parts) == 1:
            if inside.name not in ENTRANCES:
                found.append(f"{inside}: modules live in rooms")
            continue
        room = inside.parts[0]
        if room not in ROOMS:
            found.append(f"{inside}: {room!r} is not a room; the rooms are {ROOMS}")
            continue
        allowed = set(ROOMS[: ROOMS.index(room) + 1])
        dotted = ".".join(("coursekit", *inside.parts[:-1]))
        for other in sorted(imported_rooms(path.read_text(encoding="utf-8"), dotted) - allowed):
            found.append(f"{inside}: room {room!r} imports {other!r}, which comes after it")
    return found
