"""A job: one submission's code in one folder, run in the sandbox, and what came back, checked."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from coursegrader import sandbox
from coursegrader.definition import Homework

LARGEST_REPORT = 2 * 2**20
LARGEST_FOUND = 128 * 2**20
DEFINING = ("setup", "define")
JOB_PREFIX = "coursekit-job-"  # followed by the number of the process that works in the folder


@dataclass(frozen=True)
class Outcome:
    """What came back from the sandbox.

    Attributes
    ----------
    ended : Ended
        How the process ended as a whole.
    steps : dict of str to dict
        How each cell and each probe ended, by id; a step that was not reached is missing.
    tensors : dict of str to dict of str to Tensor
        Numbers of each probe, by id.
    """

    ended: sandbox.Ended
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    tensors: dict[str, dict[str, Tensor]] = field(default_factory=dict)

    def status(self, step: str) -> str:
        """How a step ended; for one that was not reached, how the process ended."""
        found = self.steps.get(step, {}).get("status")
        if isinstance(found, str):
            return found
        return "not reached" if self.ended.status in ("ok", "error") else self.ended.status

    def message(self, step: str) -> str:
        """What a student should read about a step that failed."""
        found = self.steps.get(step, {})
        said = f"{found.get('error', '')}: {found.get('message', '')}".strip(": ")
        return said[:600] or f"the run ended before this step ({self.ended.status})"

    def facts(self, step: str) -> dict[str, Any]:
        """What a probe said in words; empty if it failed."""
        found = self.steps.get(step, {}).get("facts")
        return found if isinstance(found, dict) else {}


def defining_cells(homework: Homework, answers: Mapping[str, str]) -> list[dict[str, str]]:
    """Return what is run before any probe: the teacher's setup cells and the student's definitions.

    Parameters
    ----------
    answers : mapping of str to str
        By task; a missing one keeps the stub.

    Returns
    -------
    list of dict
        ``id`` and ``source`` of each cell.
    """
    cells = []
    for i, cell in enumerate(homework.cells):
        if cell.kind != "code" or cell.role not in DEFINING:
            continue
        source = answers.get(cell.task, cell.stub) if cell.task else cell.source
        cells.append({"id": cell.task or f"cell-{i:02}", "source": source})
    return cells


def run_job(
    cells: Sequence[Mapping[str, str]],
    probes: Sequence[Mapping[str, Any]],
    *,
    limits: sandbox.Limits,
    cell_seconds: float,
    corpus: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Tensor] | None = None,
    weights: bytes | None = None,
    which: str | None = None,
) -> Outcome:
    """Run cells and probes in a fresh folder in the sandbox, and read what they left.

    Parameters
    ----------
    cell_seconds : float
        For each cell and each probe.
    corpus : mapping, optional
        Texts to train on, with ``heldout`` texts that have no labels.
    inputs : mapping of str to Tensor, optional
        What the probes ask about.
    weights : bytes, optional
        A safetensors file, as it was handed in.
    which : str, optional
        The back end.
    """
    with tempfile.TemporaryDirectory(prefix=f"{JOB_PREFIX}{os.getpid()}-") as made:
        folder = Path(made, "job")
        folder.mkdir()
        job = {"cells": list(cells), "probes": list(probes), "cell_seconds": cell_seconds}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        if corpus is not None:
            (folder / "corpus.json").write_text(json.dumps(corpus), encoding="utf-8")
        if inputs:
            save_file(dict(inputs), folder / "inputs.safetensors")
        if weights is not None:
            (folder / "weights.safetensors").write_bytes(weights)
        command = [sys.executable, "-m", "coursegrader.runner"]
        variables = {"HF_HUB_OFFLINE": "1", "COURSEKIT_STRICT": "1", "IPYTHONDIR": "/tmp/ipython"}
        ended = sandbox.run(command, folder, limits, which=which, variables=variables)
        return Outcome(ended, _read_steps(folder / "report.json"), _read_tensors(folder, probes))


def sweep_abandoned() -> None:
    """Remove the folders of graders that were killed before they could."""
    for path in Path(tempfile.gettempdir()).glob(f"{JOB_PREFIX}*"):
        number = path.name.removeprefix(JOB_PREFIX).partition("-")[0]
        if number.isdecimal() and path.is_dir() and not path.is_symlink() and not _alive(int(number)):
            shutil.rmtree(path, ignore_errors=True)  # it may be somebody else's


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read_steps(path: Path) -> dict[str, dict[str, Any]]:
    """Read the report; whatever is not of the right form is as if it were not there."""
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST_REPORT:
            return {}
        listed = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    steps: dict[str, dict[str, Any]] = {}
    for step in listed if isinstance(listed, list) else []:
        if isinstance(step, dict) and isinstance(step.get("id"), str):
            steps.setdefault(step["id"], step)
    return steps


def _read_tensors(folder: Path, probes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Tensor]]:
    found = {}
    for probe in probes:
        path = folder / f"found-{probe['id']}.safetensors"
        try:
            if path.is_symlink() or path.stat().st_size > LARGEST_FOUND:
                continue
            found[probe["id"]] = load(path.read_bytes())
        except (OSError, SafetensorError, ValueError):
            continue
    return found
