"""The sandbox: run a command that nobody trusts, and come back in time with what it printed.

The best back end that works here is taken: bubblewrap, then namespaces by ``unshare``. In both the command has no
network, no view of other processes, a file system that holds only the system's programs, this Python and the job's
folder, a user without rights, and limits on time, memory, output, files and disk. Elsewhere only the limits hold, and
every report says so.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from coursegrader.sandboxes.backends import Bubblewrap, Namespaces, Plain
from coursegrader.sandboxes.job import Backend, Ended, Job, Limits, python_folders
from coursegrader.sandboxes.watch import watch

__all__ = ["BACKENDS", "Ended", "Limits", "backend", "doctor_finding", "python_folders", "run", "why_not"]

# best first
BACKENDS: dict[str, Backend] = {made.name: made for made in (Bubblewrap(), Namespaces(), Plain())}


def backend() -> str:
    """Find out once what this machine can do: the name of the best back end that works."""
    return next(name for name in BACKENDS if not why_not(name))


@cache
def why_not(name: str) -> str:
    """Say why a back end is of no use on this machine, tried once; an empty string where it works."""
    reason = BACKENDS[name].why_not()
    if reason or name == "plain":
        return reason
    with tempfile.TemporaryDirectory(prefix="coursekit-try-") as folder:
        command = [sys.executable, "-I", "-c", "print('inside')"]
        tried = run(command, folder, Limits(seconds=20), which=name)
    if tried.status == "ok" and tried.output.strip() == "inside":
        return ""
    said = tried.output.strip().splitlines()
    return said[-1] if said else f"a trial ended as {tried.status} after {tried.seconds:.0f} s"


def run(
    command: Sequence[str],
    folder: str | Path,
    limits: Limits | None = None,
    *,
    which: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command in the sandbox.

    Parameters
    ----------
    command : sequence of str
        Program with its full path, and arguments. In a sandbox the job's folder is ``/job``.
    folder : path
        The job's folder: the only place that the command can write to and leave something behind.
    which : str, optional
        A back end; by default the best there is.
    variables : mapping of str to str, optional
        Environment variables to set; the caller's environment is not handed on.
    """
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"'folder' must be a folder, got {folder.name!r}, which is not there.")
    which = which or backend()
    if which not in BACKENDS:
        raise ValueError(f"'which' must be one of {', '.join(BACKENDS)}, got {which!r}.")
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="coursekit-root-") as root:
        job = Job(tuple(command), folder, Path(root), limits, dict(variables or {}), tuple(python_folders()))
        return watch(BACKENDS[which].command(job), folder, limits, which)


def doctor_finding() -> tuple[str, str, str]:
    """Tell ``coursekit doctor`` whether this machine can confine a process: state, what was found, advice."""
    if backend() != "plain":
        return "ok", f"sandbox for grading: {backend()}", ""
    found = f"sandbox for grading: none here ({why_not('namespaces')})"
    return "note", found, "Grade on Linux with bubblewrap or util-linux; reading needs none."
