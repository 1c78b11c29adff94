"""A job: one submission's code in one folder, run in the sandbox, and what came back, checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from coursegrader import sandbox
from coursegrader.asking import Request
from coursegrader.definition import Homework
from coursegrader.flags import UNREADABLE, parse
from coursegrader.messages import Message, Said, say
from coursegrader.plain import MIB, UnreadableError, printable, printable_all, read_plain_file

LARGEST_REPORT, LARGEST_TENSORS, LARGEST_HEADER = 2 * MIB, 128 * MIB, 2**20
DEFINING = ("setup", "define")
STATUSES = ("ok", "not written", "error", "timeout")  # what a step may say of itself
RETURNS = ("report.json", "answer-*.safetensors")  # what a job brings back
# sentences that the grader's own code says inside; everything else that comes from there is somebody's text
SAID_INSIDE = ("jobs.too-long", "jobs.kernel-off", "jobs.package-off", "jobs.too-large")
MOST_SAID, LONGEST_NAME = 500, 60  # characters
JOB_PREFIX = "coursekit-job-"  # followed by the number of the process that works in the folder


@dataclass(frozen=True)
class Outcome:
    """What came back from the sandbox."""

    ended: sandbox.Ended  # how the process ended as a whole
    steps: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # how each cell and probe ended that was reached
    tensors: dict[str, dict[str, Tensor]] = field(default_factory=dict)  # numbers of each probe

    def status(self, step: str) -> str:
        """How a step ended; for one that was not reached, how the process ended."""
        status = self.steps.get(step, {}).get("status")
        if status in STATUSES:
            return status
        return "not reached" if self.ended.status in ("ok", "error") else self.ended.status

    def message(self, step: str) -> Said:
        """What a student should read about a step that failed."""
        said = self.steps.get(step, {})
        error, text = _name(said.get("error")), said_inside(said.get("message", ""))
        if isinstance(text, Message):
            return text
        if not error and not text:
            ended = "error" if self.ended.status == "ok" else self.ended.status
            return say("jobs.ended", status=say(f"status.{ended}"))
        line, function = said.get("line"), _name(said.get("in"))
        if type(line) is int and function:
            return say("jobs.raised-at", error=error, text=text, line=line, function=function)
        return say("jobs.raised", error=error, text=text) if error and text else error or text

    def facts(self, step: str) -> dict[str, Any]:
        """What a probe said in words; empty if it failed."""
        facts = self.steps.get(step, {}).get("facts")
        return facts if isinstance(facts, dict) else {}


def said_inside(text: object) -> Said:
    """What was said in the sandbox: a sentence of the grader by its key, else a text that nobody vouches for, cut."""
    text = printable(str(text))[:MOST_SAID]
    return say(text) if text in SAID_INSIDE else text


def _name(value: object) -> str:
    return printable(value)[:LONGEST_NAME] if isinstance(value, str) else ""


def defining_cells(
    homework: Homework, answers: Mapping[str, str], extra: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return ``id`` and ``source`` of what is run before any probe: the teacher's setup and the student's definitions.

    A missing answer keeps the stub; one that is no Python is not run, and nothing can hide in it. ``extra`` cells, of the
    student's own, run between the two; one that breaks costs nothing.
    """
    cells = [
        {
            "id": cell.task or f"cell-{i:02}",
            "source": _to_run(answers.get(cell.task, cell.stub)) if cell.task else cell.source,
        }
        for i, cell in enumerate(homework.cells)
        if cell.kind == "code" and cell.role in DEFINING
    ]
    if not extra:
        return cells
    own = [{"id": f"extra-{i:02}", "source": source} for i, source in enumerate(extra)]
    setup = [cell for cell in cells if cell["id"] not in homework.stubs]
    return [*setup, *own, *(cell for cell in cells if cell["id"] in homework.stubs)]


def _to_run(answer: str) -> str:
    """An answer as it is run; in place of one that cannot be, the error that it would be."""
    try:
        parse(answer)
    except UNREADABLE as error:
        said = str(error).replace("<unknown>, ", "") or type(error).__name__
        return f"raise SyntaxError({said[:MOST_SAID]!r})"
    return answer


@dataclass(frozen=True)
class Room:
    """A folder in a sandbox that waits for a job."""

    folder: Path
    go: Callable[[], sandbox.Ended]  # lets the job run, once


@contextmanager
def open_room(homework: Homework, *, seconds: float, which: str | None = None) -> Iterator[Room]:
    """Make a fresh folder and its sandbox, which is built while a job is still being put together."""
    made = Path(tempfile.mkdtemp(prefix=f"{JOB_PREFIX}{os.getpid()}-"))
    try:
        folder = made / "job"
        folder.mkdir()
        command = [sys.executable, "-m", "coursegrader.runner"]
        limits = sandbox.Limits(seconds=seconds, memory_mib=homework.limits["memory_mib"])
        variables = {"HF_HUB_OFFLINE": "1", "COURSEKIT_STRICT": "1", "IPYTHONDIR": "/tmp/ipython"}
        how = {"which": which, "variables": variables, "returns": RETURNS}
        with sandbox.started(command, folder, limits, **how) as go:
            yield Room(folder, go)
    finally:
        remove_tree(made)


def run_job(
    cells: Sequence[Mapping[str, str]],
    request: Request,
    room: Room,
    *,
    cell_seconds: float,
    corpus: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run cells and the probes of a request in a sandbox, and read what they left.

    ``cell_seconds`` are for each cell and each probe. ``corpus`` holds texts to train on, and ``heldout`` ones without labels.
    """
    folder = room.folder
    job = {"cells": list(cells), "probes": request.probes, "cell_seconds": cell_seconds}
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    if corpus is not None:
        (folder / "corpus.json").write_text(json.dumps(corpus), encoding="utf-8")
    if request.inputs:
        save_file(request.inputs, folder / "inputs.safetensors")
    if request.weights is not None:
        (folder / "weights.safetensors").write_bytes(request.weights)
    ended = room.go()
    return Outcome(ended, _read_steps(folder / "report.json"), _read_tensors(folder, request.probes))


def sweep_abandoned() -> None:
    """Remove the folders of graders that were killed before they could."""
    for path in Path(tempfile.gettempdir()).glob(f"{JOB_PREFIX}*"):
        number = path.name.removeprefix(JOB_PREFIX).partition("-")[0]
        ended = number.isdecimal() and not psutil.pid_exists(int(number))
        if ended and path.is_dir() and not path.is_symlink():
            remove_tree(path)


def remove_tree(top: Path) -> None:
    """Remove a folder, however deep it is nested; what is somebody else's or locked stays, and nothing is raised.

    Not :func:`shutil.rmtree`: it recurses, and its paths grow too long for the system.
    """
    subprocess.run(["rm", "-rf", "--", top], stderr=subprocess.DEVNULL)


def _read_plain(path: Path, most: int) -> bytes:
    """Read a plain file that student code may have replaced by anything; empty if it is none, or too large."""
    try:
        return read_plain_file(path, most)
    except UnreadableError:
        return b""


def _read_steps(path: Path) -> dict[str, dict[str, Any]]:
    """Read the report; whatever is not of the right form is as if it were not there."""
    try:
        listed = printable_all(json.loads(_read_plain(path, LARGEST_REPORT) or b"[]"))
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
        if int.from_bytes(raw[:8], "little") > LARGEST_HEADER:  # millions of empty tensors
            continue
        try:
            tensors[probe["id"]] = load(raw)
        except (SafetensorError, ValueError):
            continue
    return tensors
