"""Release: from the teacher's source to what a student gets.

Released notebooks carry nbgrader's metadata (schema 3), which teachers know and which survives Colab; the course's own
settings stand under ``metadata.coursekit``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from coursegrader.definition import Homework
from coursegrader.messages import RubricError
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


def notebook_of(homework: Homework, *, solution: bool = False) -> dict[str, Any]:
    """Return the notebook, as a dictionary in notebook format 4.5."""
    manual = {part.options.get("task"): part.points for part in homework.parts if part.kind == "manual"}
    cells = []
    for i, cell in enumerate(homework.cells):
        source = cell.source if solution else cell.stub
        digest = hashlib.sha256(f"{homework.name}\0{i}\0{cell.stub}".encode()).hexdigest()[:12]
        metadata: dict[str, Any] = {}
        if own := {key: value for key, value in (("role", cell.role), ("task", cell.task)) if value}:
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
    """Write the pair that students get, unless a line of a solution is left in it."""
    script, notebook = script_of(homework), notebook_of(homework)
    leaks = solution_lines(homework) & {line.strip() for line in script.splitlines()}
    if leaks:
        raise RubricError(
            f"{len(leaks)} lines of the solution would be released, such as {sorted(leaks)[0]!r}."
        )
    content = {".py": script, ".ipynb": json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"}
    pair = Path(folder) / homework.released
    return [files.write_text(pair.with_suffix(suffix), text) for suffix, text in content.items()]


def solution_lines(homework: Homework) -> set[str]:
    """Lines that stand in a solution and nowhere in what students get; short ones say too little to tell."""
    given = {line.strip() for cell in homework.cells for line in cell.stub.splitlines()}
    solved = {line.strip() for cell in homework.cells for line in cell.source.splitlines()}
    return {line for line in solved - given if len(line) > 12}


def _nbgrader(grade_id: str, *, solution: bool, points: int | None = None) -> dict[str, Any]:
    graded, locked = points is not None, not solution
    metadata = {"grade_id": grade_id, "grade": graded, "solution": solution, "locked": locked}
    return metadata | {"task": False, "schema_version": SCHEMA} | ({"points": points} if graded else {})
