"""The sandbox: run a command that nobody trusts, and come back in time with what it printed.

The best back end that works here is taken: bubblewrap, then namespaces by ``unshare``. In both the command has no
network, no view of other processes, a file system that holds only the system's programs, this Python and copies of the
job's files, a user without rights, and limits on time, memory, output, files and disk. Elsewhere only limits hold, and
every report says so.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from coursegrader.messages import Said, in_words, machine_language, say
from coursegrader.sandboxes.backends import Bubblewrap, Namespaces, Plain
from coursegrader.sandboxes.job import Backend, Ended, Job, Limits, compile_packages, python_folders
from coursegrader.sandboxes.watch import abandon, start, watch

__all__ = ["BACKENDS", "Ended", "Limits", "backend", "doctor_finding", "python_folders", "run", "why_not"]

# what a job imports has to be found inside
TRIAL = """
from importlib.util import find_spec
missing = [name for name in ("torch", "IPython", "coursekit", "coursegrader") if not find_spec(name)]
print(", ".join(missing) or "inside")
"""
# best first
BACKENDS: dict[str, Backend] = {made.name: made for made in (Bubblewrap(), Namespaces(), Plain())}


def backend() -> str:
    """Find out once what this machine can do: the name of the best back end that works."""
    return next(name for name in BACKENDS if not why_not(name))


@cache
def why_not(name: str) -> Said:
    """Say why a back end is of no use on this machine, tried once; empty where it works."""
    reason = BACKENDS[name].why_not()
    if reason or name == "plain":
        return reason
    with tempfile.TemporaryDirectory(prefix="coursekit-try-") as folder:
        tried = run([sys.executable, "-c", TRIAL], folder, Limits(seconds=20), which=name)
    if tried.status == "ok" and tried.output.strip() == "inside":
        return ""
    said = tried.output.strip().splitlines()
    if tried.status == "ok" and said:
        return say("sandbox.no-import", names=said[-1])
    ended = say("sandbox.trial", status=say(f"status.{tried.status}"), seconds=tried.seconds)
    return said[-1] if said else ended


def run(
    command: Sequence[str],
    folder: str | Path,
    limits: Limits | None = None,
    *,
    which: str | None = None,
    variables: Mapping[str, str] | None = None,
    returns: Sequence[str] = ("*",),
) -> Ended:
    """Run a command, with the full path of its program, in the sandbox; by default in the best back end there is.

    The job's folder is ``/job`` inside. Its plain files are copied in, and those whose names fit ``returns`` are copied
    back, whatever ended the command. It sees the ``variables``; the caller's environment is not handed on.
    """
    with started(command, folder, limits, which=which, variables=variables, returns=returns) as go:
        return go()


@contextmanager
def started(
    command: Sequence[str],
    folder: str | Path,
    limits: Limits | None = None,
    *,
    which: str | None = None,
    variables: Mapping[str, str] | None = None,
    returns: Sequence[str] = ("*",),
) -> Iterator[Callable[[], Ended]]:
    """Build the sandbox of :func:`run` while the job's files are still being written.

    What is yielded lets the command run, once, on the files that lie in the folder by then.
    """
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"'folder' must be a folder, got {folder.name!r}, which is not there.")
    which = which or backend()
    if which not in BACKENDS:
        raise ValueError(f"'which' must be one of {', '.join(BACKENDS)}, got {which!r}.")
    compile_packages()
    given, shown = dict(variables or {}), tuple(python_folders())
    with tempfile.TemporaryDirectory(prefix="coursekit-root-") as root:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            job = Job(
                tuple(command), folder, handle, Path(root), limits or Limits(), given, shown, tuple(returns)
            )
            begin = partial(start, BACKENDS[which].command(job), job, guarded=which != "plain")
            waiting = begin() if which != "plain" else None  # without a guard nothing would wait
            try:
                yield lambda: watch(waiting or begin(), job, which, guarded=waiting is not None)
            finally:
                if waiting is not None:
                    abandon(waiting)
        finally:
            os.close(handle)


def doctor_finding() -> tuple[str, str, str]:
    """Tell ``coursekit doctor`` what this machine can promise of a process that it grades: state, finding, advice."""
    if backend() != "plain":
        state, found, advice = "ok", say("sandbox.inside", name=backend()), ""
    else:
        state, found = "note", say("sandbox.none", why=why_not("namespaces"))
        advice = say("sandbox.advice")
    return state, in_words(found, machine_language()), in_words(advice, machine_language())
