"""Release: from the teacher's source to what a student gets, and to a copy of the course without any key.

Released notebooks carry nbgrader's metadata (schema 3), which teachers know and which survives Colab; the course's own
settings stand under ``metadata.coursekit``.

Left out: collecting; see :mod:`coursegrader.engine`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from coursegrader.definition import Homework
from coursekit.runtime import files

SCHEMA = 3
HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""
PRIVATE = (
    "solutions",
    "tests/coursegrader",
    "tools/grade_demo.py",
    ".git",
)  # the tests of the grader quote solutions


def notebook_of(homework: Homework, *, solution: bool = False) -> dict[str, Any]:
    """Return the notebook, as a dictionary in notebook format 4.5.

    Parameters
    ----------
    solution : bool, default False
        With the solutions, for ``nbgrader generate_assignment`` and for the teacher.
    """
    manual = {part.options.get("task"): part.points for part in homework.parts if part.kind == "manual"}
    cells = []
    for i, cell in enumerate(homework.cells):
        source = cell.source if solution else cell.stub
        digest = hashlib.sha256(f"{homework.name}\0{i}\0{cell.stub}".encode()).hexdigest()[:12]
        metadata: dict[str, Any] = {}
        own = {key: value for key, value in (("role", cell.role), ("task", cell.task)) if value}
        if own:
            metadata["coursekit"] = own
        if cell.task:
            metadata["nbgrader"] = _nbgrader(cell.task, solution=True, points=manual.get(cell.task))
        elif cell.kind == "code":
            metadata["nbgrader"] = _nbgrader(f"{homework.name}-cell-{i:02}", solution=False)
        made: dict[str, Any] = {"cell_type": cell.kind, "id": digest, "metadata": metadata}
        if cell.kind == "code":
            made |= {"execution_count": None, "outputs": []}
        cells.append(made | {"source": source})
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "coursekit": {"homework": homework.name},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def script_of(homework: Homework) -> str:
    """Return the released percent script: the other half of the pair."""
    import jupytext
    import nbformat

    notebook = nbformat.from_dict(notebook_of(homework))
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    text = jupytext.writes(notebook, fmt="py:percent")
    return HEADER + text[text.index("\n# %%") :]


def release(homework: Homework, folder: str | Path) -> list[Path]:
    """Write the pair that students get.

    Returns
    -------
    list of Path
        Script and notebook.

    Raises
    ------
    ValueError
        If a line of a solution is left in what would be written.
    """
    script, notebook = script_of(homework), notebook_of(homework)
    leaks = solution_lines(homework) & {line.strip() for line in script.splitlines()}
    if leaks:
        raise ValueError(
            f"{len(leaks)} lines of the solution would be released, for example {sorted(leaks)[0]!r}."
        )
    stem = Path(folder) / homework.released
    content = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return [
        files.write_text(stem.with_suffix(".py"), script),
        files.write_text(stem.with_suffix(".ipynb"), content),
    ]


def solution_lines(homework: Homework) -> set[str]:
    """Lines that stand in a solution and nowhere in what students get; short ones say too little to tell."""
    given = {line.strip() for cell in homework.cells for line in cell.stub.splitlines()}
    solved = {line.strip() for cell in homework.cells for line in cell.source.splitlines()}
    return {line for line in solved - given if len(line) > 12}


def publish(root: str | Path, folder: str | Path) -> Path:
    """Copy the tracked files of a checkout without what quotes a solution, as a repository with one commit.

    Left out are the folder of solutions, the tests of the grader, and its demo.

    Parameters
    ----------
    root : path
        The checkout.
    folder : path
        Where the copy is to be; it must not be there yet.

    Raises
    ------
    FileExistsError
        If the folder is there already.
    ValueError
        If ``root`` is no git checkout.
    """
    root, folder = Path(root).resolve(), Path(folder)
    if folder.exists():
        raise FileExistsError(f"'folder' must not be there yet, got {folder.name!r}; choose another name.")
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        raise ValueError(f"'root' must be a git checkout, got {root.name!r}.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".publish-") as made:
        copy = Path(made, "copy")
        for name in filter(None, listed.stdout.split("\0")):
            if any(Path(name).is_relative_to(kept) for kept in PRIVATE) or not (root / name).is_file():
                continue
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)
        git = ["git", "-C", copy, "-c", "user.name=course", "-c", "user.email=course@example.org"]
        for step in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The course, as students get it"]):
            subprocess.run([*git, *step], check=True, capture_output=True)
        copy.rename(folder)
    return folder


def _nbgrader(grade_id: str, *, solution: bool, points: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": SCHEMA,
    }
    return found | ({"points": points} if points is not None else {})
