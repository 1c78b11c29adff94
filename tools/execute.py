"""Run one notebook in a process of its own, and measure it: ``python -m tools.execute IN OUT``.

Writes the executed notebook and, beside it, ``OUT.report.json`` with seconds, peak memory and, when a cell failed,
which one and why. The exit code is 0 if every cell ran.

Left out: retries; a notebook that fails once is a notebook that fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from coursekit.runtime import files
from tools.kernels import kernel_settings

AT_ONCE = 2
CELL_SECONDS = 600
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """A notebook to run.

    Attributes
    ----------
    source, target : Path
    environment : dict of str to str or None
        Set on top of this process's; None removes a variable.
    append : tuple of str
        Code cells to add at the end.
    """

    source: Path
    target: Path
    environment: dict[str, str | None] = field(default_factory=dict)
    append: tuple[str, ...] = ()


def report_path(target: Path) -> Path:
    """Return where the report of an executed notebook lies."""
    return target.with_name(f"{target.stem}.report.json")


def execute(source: Path, target: Path, append: list[str]) -> dict[str, Any]:
    """Run a notebook in an empty folder; write it and its report, and return the report.

    The peak memory is the largest resident set of any process that the run started, in MiB.
    """
    notebook = nbformat.read(source, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(code) for code in append]
    report: dict[str, Any] = {"notebook": source.name, "error": None}
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # else the book strips blank lines where two writes meet
            config=kernel_settings(sockets),
        )
        client.resources["metadata"] = {"path": folder}
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            report["error"] = describe(notebook, error)
    report["seconds"] = round(time.perf_counter() - start, 1)
    report["peak_mib"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    files.write_text(target, nbformat.writes(notebook) + "\n")
    files.write_json(report_path(target), report)
    return report


def describe(notebook: nbformat.NotebookNode, error: Exception) -> str:
    """Return which cell failed, its code, and the end of the message."""
    run = [number for number, cell in enumerate(notebook.cells) if cell.get("execution_count")]
    failed = [
        number
        for number, cell in enumerate(notebook.cells)
        if any(output.output_type == "error" for output in cell.get("outputs", []))
    ]
    number = (failed or run or [0])[-1]
    message = _COLOUR.sub("", str(error)).strip().splitlines()
    return "\n".join([f"cell {number + 1}:", _indent(notebook.cells[number].source), *message[-6:]])


def run_all(jobs: list[Job], *, at_once: int = AT_ONCE) -> list[dict[str, Any]]:
    """Run notebooks, some at once, a process and one torch thread each; print a line when one is done.

    Returns
    -------
    list of dict
        The reports, in the order of ``jobs``.
    """
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(_run, jobs))


def _run(job: Job) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for name, value in job.environment.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    report_path(job.target).unlink(missing_ok=True)
    command = [sys.executable, "-m", "tools.execute", str(job.source), str(job.target)]
    for code in job.append:
        command += ["--append", code]
    root, nothing = Path(__file__).parents[1], subprocess.DEVNULL
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, stdin=nothing)
    if not report_path(job.target).is_file():
        raise RuntimeError(f"{job.source.name} could not be run at all:\n{done.stderr.strip()[-2000:]}")
    report = json.loads(report_path(job.target).read_text(encoding="utf-8"))
    state = "FAILED" if report["error"] else "done"
    print(f"  {state:6} {job.source.name}: {report['seconds']:.1f} s, {report['peak_mib']} MiB", flush=True)
    return report


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument(
        "--append", action="append", default=[], metavar="CODE", help="a code cell for the end"
    )
    asked = parser.parse_args()
    sys.exit(1 if execute(asked.source, asked.target, asked.append)["error"] else 0)
