"""Inside the sandbox: run cells one after another in one IPython shell, put questions, write down how each ended.

Called as ``python -m coursegrader.runner`` in a folder that holds ``job.json``. What it writes is written by a
process that the student's code shares: it serves feedback, and no mark may rest on it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

JOB, REPORT = Path("job.json"), Path("report.json")
SHOWN_CHARACTERS = 2_000


class CellTimeoutError(BaseException):
    """A cell took longer than it may. Not an Exception, so that ``except Exception`` does not swallow it."""


def main() -> None:
    """Run the job in this folder."""
    os.umask(0o022)
    job = json.loads(JOB.read_text(encoding="utf-8"))
    shell = make_shell()
    signal.signal(signal.SIGALRM, _too_long)
    steps: list[dict[str, Any]] = []
    for cell in job["cells"]:
        start = time.monotonic()
        steps.append(run_cell(shell, cell, job["cell_seconds"]))
        _write(steps, start)
    if job["probes"]:
        from coursegrader.probes import run_probe

        for probe in job["probes"]:
            start = time.monotonic()
            steps.append({"id": probe["id"]} | _in_time(run_probe, probe, shell.user_ns, job["cell_seconds"]))
            _write(steps, start)
    failed = [cell["id"] for cell in steps if cell["status"] not in ("ok", "not written")]
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # threads and exit handlers of the submission do not run on


def make_shell():
    """Start IPython without history, start-up files or colours."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "NoColor"
    return InteractiveShell.instance(config=settings)


def run_cell(shell, cell: dict[str, str], seconds: float) -> dict[str, Any]:
    """Run one cell; say how it ended: ``id``, ``status`` (ok, not written, error, timeout), ``error`` and ``message``."""
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        result = shell.run_cell(cell["source"], store_history=False)
        error = result.error_before_exec or result.error_in_exec
    except CellTimeoutError as late:
        error = late
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if error is None:
        return {"id": cell["id"], "status": "ok"}
    status = {CellTimeoutError: "timeout", NotImplementedError: "not written"}.get(type(error), "error")
    return {
        "id": cell["id"],
        "status": status,
        "error": type(error).__name__,
        "message": str(error)[:SHOWN_CHARACTERS],
    }


def _in_time(run_probe, probe: dict[str, Any], namespace: dict[str, Any], seconds: float) -> dict[str, Any]:
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        return run_probe(probe, namespace)
    except BaseException as error:  # SystemExit and the like, raised by the student's code
        status = "timeout" if isinstance(error, CellTimeoutError) else "error"
        return {"status": status, "error": type(error).__name__, "message": str(error)[:SHOWN_CHARACTERS]}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(number: int, frame: object) -> None:
    raise CellTimeoutError("the cell took longer than it may")


def _write(steps: list[dict[str, Any]], start: float) -> None:
    steps[-1]["seconds"] = round(time.monotonic() - start, 4)
    part = REPORT.with_suffix(".part")
    part.write_text(json.dumps(steps, ensure_ascii=True), encoding="utf-8")
    part.replace(REPORT)


if __name__ == "__main__":
    main()
