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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coursegrader.sandboxes.asked_for import watch

JOB, REPORT = Path("job.json"), Path("report.json")
SHOWN_CHARACTERS = 2_000


class CellTimeoutError(BaseException):
    """A cell took longer than it may. Not an Exception, so that ``except Exception`` does not swallow it."""


STATUSES = {CellTimeoutError: "timeout", NotImplementedError: "not written"}


def main() -> None:
    """Run the job in this folder."""
    os.umask(0o022)
    job = json.loads(JOB.read_text(encoding="utf-8"))
    shell = make_shell()
    asked_for = watch()
    signal.signal(signal.SIGALRM, _too_long)
    steps: list[dict[str, Any]] = []
    for cell in job["cells"]:
        _take(steps, asked_for, cell["id"], job["cell_seconds"], run_cell, shell, cell["source"])
    if job["probes"]:
        from coursegrader.probes import run_probe

        for probe in job["probes"]:
            _take(steps, asked_for, probe["id"], job["cell_seconds"], run_probe, probe, shell.user_ns)
    failed = [step["id"] for step in steps if step["status"] not in ("ok", "not written")]
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


def run_cell(shell, source: str) -> dict[str, Any]:
    """Run one cell, and raise what it raised."""
    result = shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        raise error
    return {"status": "ok"}


def _take(
    steps: list[dict[str, Any]],
    asked_for: list[str],
    step: str,
    seconds: float,
    run: Callable,
    *given: Any,
) -> None:
    """Take one step in time, and write down how it ended: ``status`` (ok, not written, error, timeout) and what was said."""
    start = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        ended = run(*given)
    except BaseException as error:  # SystemExit and the like, raised by the student's code
        status = STATUSES.get(type(error), "error")
        ended = {"status": status, "error": type(error).__name__, "message": str(error)[:SHOWN_CHARACTERS]}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if asked_for:
        ended["facts"] = ended.get("facts", {}) | {"asked for": list(asked_for)}
        asked_for.clear()
    steps.append({"id": step} | ended | {"seconds": round(time.monotonic() - start, 4)})
    part = REPORT.with_suffix(".part")
    part.write_text(json.dumps(steps, ensure_ascii=True), encoding="utf-8")
    part.replace(REPORT)


def _too_long(number: int, frame: object) -> None:
    raise CellTimeoutError("jobs.too-long")  # the grader knows this sentence by its key


if __name__ == "__main__":
    main()
