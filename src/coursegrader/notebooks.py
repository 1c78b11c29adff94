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
    """This is no notebook; the message tells a person why."""


def read_cells(text: str) -> dict[str, Any]:
    """Return ``cells`` (each kind, source, grade id), ``homework`` and ``notes`` of a notebook, however large it is.

    Raises
    ------
    NoNotebookError
        If it is none, or takes too much memory or time to read.
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
        raise NoNotebookError(
            f"reading it takes more than {MEMORY / 2**30:.1f} GiB or {SECONDS} s; clear its outputs."
        )
    said = json.loads(done.stdout)
    if "error" in said:
        raise NoNotebookError(said["error"])
    return said


def _cells_of(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NoNotebookError(f"it is no notebook: the JSON breaks off or is damaged{where}.") from None
    if not isinstance(notebook, dict):
        raise NoNotebookError(f"it is no notebook: a JSON {type(notebook).__name__} in place of an object.")
    notes = []
    if "worksheets" in notebook:
        notes.append("notebook format 3, read as it is")
        sheets = [sheet for sheet in _list(notebook["worksheets"]) if isinstance(sheet, dict)]
        listed = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    elif isinstance(notebook.get("cells"), list):
        listed = notebook["cells"]
    else:
        raise NoNotebookError("it is no notebook: there is no list of cells.")
    if len(listed) > MOST_CELLS:
        raise NoNotebookError(f"it has {len(listed):,} cells, at most {MOST_CELLS:,} are read.")
    listed = [value for value in listed if not _is_translated_prose(value)]
    cells = [cell for cell in map(_cell, listed) if cell is not None]
    if len(cells) < len(listed):
        notes.append(f"{len(listed) - len(cells)} damaged cells left out")
    if sum(len(source) for _, source, _ in cells) > MOST_SOURCE:
        raise NoNotebookError(
            f"its cells hold more than {MOST_SOURCE // 2**20} MiB of text, outputs left out."
        )
    homework = _dict(_dict(notebook.get("metadata")).get("coursekit")).get("homework")
    homework = homework[:100] if isinstance(homework, str) else None
    return {"cells": cells, "homework": homework, "notes": notes}


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
        said = {"error": str(error)}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
