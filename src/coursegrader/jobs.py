"""A job: one submission's code in one folder, run in the sandbox, and what came back, checked."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from coursegrader import sandbox
from coursegrader.definition import Homework
from coursegrader.intake import printable

LARGEST_REPORT = 2 * 2**20
LARGEST_TENSORS = 128 * 2**20
DEFINING = ("setup", "define")
STATUSES = ("ok", "not written", "error", "timeout")  # what a step may say of itself
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
        status = self.steps.get(step, {}).get("status")
        if status in STATUSES:
            return status
        return "not reached" if self.ended.status in ("ok", "error") else self.ended.status

    def message(self, step: str) -> str:
        """What a student should read about a step that failed."""
        said = self.steps.get(step, {})
        text = printable(f"{said.get('error', '')}: {said.get('message', '')}".strip(": "))
        return text[:600] or f"the run ended before this step ({self.ended.status})"

    def facts(self, step: str) -> dict[str, Any]:
        """What a probe said in words; empty if it failed."""
        facts = self.steps.get(step, {}).get("facts")
        return facts if isinstance(facts, dict) else {}


def defining_cells(
    homework: Homework, answers: Mapping[str, str], extra: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return what is run before any probe: the teacher's setup cells and the student's definitions.

    Parameters
    ----------
    answers : mapping of str to str
        By task; a missing one keeps the stub.
    extra : sequence of str
        Cells of the student's own, to be run between the setup and the definitions; one that breaks costs nothing.

    Returns
    -------
    list of dict
        ``id`` and ``source`` of each cell.
    """
    setup, definitions = [], []
    for i, cell in enumerate(homework.cells):
        if cell.kind != "code" or cell.role not in DEFINING:
            continue
        source = answers.get(cell.task, cell.stub) if cell.task else cell.source
        (definitions if cell.task else setup).append({"id": cell.task or f"cell-{i:02}", "source": source})
    own = [{"id": f"extra-{i:02}", "source": source} for i, source in enumerate(extra)]
    if own:
        return [*setup, *own, *definitions]
    order = [cell.task or f"cell-{i:02}" for i, cell in enumerate(homework.cells)]
    return sorted([*setup, *definitions], key=lambda cell: order.index(cell["id"]))


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
    made = Path(tempfile.mkdtemp(prefix=f"{JOB_PREFIX}{os.getpid()}-"))
    try:
        folder = made / "job"
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
    finally:
        remove_tree(made)


def sweep_abandoned() -> None:
    """Remove the folders of graders that were killed before they could."""
    for path in Path(tempfile.gettempdir()).glob(f"{JOB_PREFIX}*"):
        number = path.name.removeprefix(JOB_PREFIX).partition("-")[0]
        if (
            number.isdecimal()
            and path.is_dir()
            and not path.is_symlink()
            and not psutil.pid_exists(int(number))
        ):
            remove_tree(path)


def remove_tree(top: Path) -> None:
    """Remove a folder however deep it is nested; what belongs to somebody else stays.

    Folders are moved up to the top before they are emptied, so no path grows too long and nothing recurses.
    """
    try:
        for number in range(10**9):
            deeper = [entry.path for entry in os.scandir(top) if entry.is_dir(follow_symlinks=False)]
            if not deeper:
                break
            for count, folder in enumerate(deeper):
                for entry in os.scandir(folder):
                    if entry.is_dir(follow_symlinks=False):
                        os.rename(entry.path, top / f".{number}-{count}-{entry.inode()}")
                    else:
                        os.unlink(entry.path)
                os.rmdir(folder)
        shutil.rmtree(top)
    except OSError:  # somebody else's, or locked: what can be removed is removed, and a sweep never fails
        with suppress(RecursionError):
            shutil.rmtree(top, ignore_errors=True)


def _read_plain(path: Path, most: int) -> bytes:
    """Read a plain file that student code may have replaced by anything; empty if it is none, or too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as handle:
        facts = os.fstat(descriptor)
        return handle.read(most) if stat.S_ISREG(facts.st_mode) and facts.st_size <= most else b""


def _read_steps(path: Path) -> dict[str, dict[str, Any]]:
    """Read the report; whatever is not of the right form is as if it were not there."""
    try:
        listed = json.loads(_read_plain(path, LARGEST_REPORT) or b"[]")
    except (ValueError, RecursionError):
        return {}
    steps: dict[str, dict[str, Any]] = {}
    for step in listed if isinstance(listed, list) else []:
        if isinstance(step, dict) and isinstance(step.get("id"), str):
            steps.setdefault(step["id"], step)
    return steps


def _read_tensors(folder: Path, probes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Tensor]]:
    tensors = {}
    for probe in probes:
        raw = _read_plain(folder / f"answer-{probe['id']}.safetensors", LARGEST_TENSORS)
        try:
            tensors[probe["id"]] = load(raw)
        except (SafetensorError, ValueError):
            continue
    return tensors
