"""Notebooks: of all that one holds, its cells and what it says of itself. Standard library only.

A large one is read by this file run as a script, in a process with a limit on its memory: half a megabyte of zipped JSON
can take gigabytes to read, and must not take the grader with it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import Any

MOST_CELLS = 2_000
MOST_SOURCE = 4 * 2**20  # characters of all cells together
SMALL = 8 * 2**20  # characters of a notebook that may be read in this process
MEMORY = 2 * 2**30
SECONDS = 60


class NoNotebookError(ValueError):
    """This is no notebook; the arguments are the key of the sentence that tells a person why, and its values."""


def read_cells(text: str) -> dict[str, Any]:
    """Return ``cells`` (each kind, source, grade id), ``homework``, ``language`` and ``notes`` of a notebook, however large.

    A note is the key of a sentence and its values.

    Raises ``NoNotebookError`` if it is none, or takes too much memory or time to read.
    """
    if len(text) <= SMALL:
        return _cells_of(text)
    command = [sys.executable, "-I", "-S", __file__, str(MEMORY)]
    try:
        done = subprocess.run(
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode != 0:
        raise NoNotebookError("notebooks.costly", {"memory": MEMORY / 2**30, "seconds": SECONDS})
    said = json.loads(done.stdout)
    if "error" in said:
        raise NoNotebookError(*said["error"])
    return said


def _cells_of(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError):
            raise NoNotebookError("notebooks.damaged-at", {"line": error.lineno}) from None
        raise NoNotebookError("notebooks.damaged", {}) from None
    if not isinstance(notebook, dict):
        raise NoNotebookError("notebooks.no-object", {"kind": type(notebook).__name__})
    notes = []
    if "worksheets" in notebook:
        notes.append(("notebooks.format-3", {}))
        sheets = [sheet for sheet in _list(notebook["worksheets"]) if isinstance(sheet, dict)]
        listed = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    elif isinstance(notebook.get("cells"), list):
        listed = notebook["cells"]
    else:
        raise NoNotebookError("notebooks.no-cells", {})
    if len(listed) > MOST_CELLS:
        raise NoNotebookError("notebooks.many", {"number": len(listed), "most": MOST_CELLS})
    listed = [value for value in listed if not _is_translated_prose(value)]
    cells = [cell for cell in map(_cell, listed) if cell is not None]
    if len(cells) < len(listed):
        notes.append(("notebooks.left-out", {"number": len(listed) - len(cells)}))
    if sum(len(source) for _, source, _ in cells) > MOST_SOURCE:
        raise NoNotebookError("notebooks.long", {"most": MOST_SOURCE // 2**20})
    own = _dict(_dict(notebook.get("metadata")).get("coursekit"))
    said = {name: own[name][:100] for name in ("homework", "language") if isinstance(own.get(name), str)}
    return {
        "cells": cells,
        "homework": said.get("homework"),
        "language": said.get("language"),
        "notes": notes,
    }


def prose_digest(source: str) -> str:
    """Return eight digits of a text: what a translation's Markdown cell holds of its own prose, as ``coursekit.prose``."""
    bare = "\n".join(line.rstrip() for line in source.strip().splitlines())
    return hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _is_translated_prose(value: object) -> bool:
    """Whether a cell is prose as it was released in another language: nobody wrote it for the marker."""
    cell = _dict(value)
    digest, made = _dict(_dict(cell.get("metadata")).get("coursekit")).get("prose"), _cell(value)
    return made is not None and made[0] == "markdown" and digest == prose_digest(made[1])


def _cell(value: object) -> tuple[str, str, str | None] | None:
    cell = _dict(value)
    source = cell.get("source", cell.get("input", ""))  # "input" in format 3
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not cell or not isinstance(source, str):
        return None
    grade_id = _dict(_dict(cell.get("metadata")).get("nbgrader")).get("grade_id")
    known = isinstance(grade_id, str) and 0 < len(grade_id) < 100
    kind = cell.get("cell_type")
    kind = kind if kind in ("code", "markdown", "raw") else "markdown"
    return kind, source.replace("\r\n", "\n").replace("\r", "\n"), grade_id if known else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def main() -> None:
    """Read a notebook from standard input with little memory, and write what is wanted of it."""
    if sys.platform != "win32":
        import resource

        most = int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        said = _cells_of(sys.stdin.buffer.read().decode("utf-8"))
    except NoNotebookError as error:
        said = {"error": error.args}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
