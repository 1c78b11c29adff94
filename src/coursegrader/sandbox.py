"""The sandbox: run a command that nobody trusts, and come back in time with what it printed.

On Linux the command gets namespaces of its own (no network, no view of other processes, a file system that holds only
the system's programs, this Python and the job's folder), a user without rights, and limits on time, memory, output,
files and disk. Elsewhere only the limits hold, and every report says so.

Left out: docker and virtual machines as back ends; the interface would be :func:`run` with another back end.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from coursegrader import confine

POLL_SECONDS = 0.1
MIB = 2**20
SHOWN_PACKAGES = ("coursekit", "bookfigures", "coursegrader")
KEPT_ENVIRONMENT = ("LANG", "LC_ALL", "TZ")


@dataclass(frozen=True)
class Limits:
    """What a command may use up."""

    seconds: float = 600.0  # wall clock
    memory_mib: int = 4096  # of each process, and of all of them together
    output_bytes: int = 2_000_000  # printed, both streams together
    file_mib: int = 256  # largest file
    disk_mib: int = 1024  # all files in the job's folder
    open_files: int = 512
    processes: int = 128  # threads count

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ValueError(f"'{name}' must be positive, got {value}.")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes
    ----------
    status : str
        ``ok``, ``error`` (non-zero exit), ``killed`` (by a signal that was not ours), ``timeout``, ``output``,
        ``memory`` or ``disk`` (a limit was passed and we ended it).
    code : int
        The exit code; negative for a signal.
    seconds : float
        Wall clock.
    output : str
        What was printed, both streams in the order they came, cut at the limit.
    """

    status: str
    code: int
    seconds: float
    output: str
    backend: str


def backend() -> str:
    """Find out once what this machine can do.

    Returns
    -------
    str
        ``namespaces``, or ``plain`` where they cannot be had.
    """
    return "plain" if why_plain() else "namespaces"


@lru_cache(maxsize=1)
def why_plain() -> str:
    """Say why there are no namespaces on this machine, tried once; an empty string where there are."""
    if sys.platform != "linux":
        return "this is not Linux"
    missing = [name for name in ("unshare", "setpriv") if not shutil.which(name)]
    if missing:
        return f"{' and '.join(missing)} of util-linux not found"
    with tempfile.TemporaryDirectory(prefix="coursekit-try-") as folder:
        tried = _run(
            [sys.executable, "-I", "-c", "print('inside')"], Path(folder), Limits(seconds=20), "namespaces"
        )
    if tried.status == "ok" and tried.output.strip() == "inside":
        return ""
    said = tried.output.strip().splitlines()
    return said[-1] if said else f"a trial ended as {tried.status} after {tried.seconds:.0f} s"


def warning(which: str) -> str | None:
    """Say what a back end does not protect from; None if there is nothing to say."""
    if which == "namespaces":
        return None
    return (
        "WARNING: this machine offers no namespaces, so submissions run as you, with your files and your network. "
        "Grade on Linux with util-linux (unshare, setpriv) instead."
    )


def run(
    command: Sequence[str],
    folder: str | Path,
    limits: Limits | None = None,
    *,
    which: str | None = None,
    variables: dict[str, str] | None = None,
) -> Ended:
    """Run a command in the sandbox.

    Parameters
    ----------
    command : sequence of str
        Program with its full path, and arguments. In the back end ``namespaces`` the job's folder is ``/job``.
    folder : path
        The job's folder: the only place that the command can write to and leave something behind.
    which : str, optional
        ``namespaces`` or ``plain``; by default the best there is.
    variables : dict of str to str, optional
        Environment variables to set; the caller's environment is not handed on.

    Raises
    ------
    FileNotFoundError
        If the folder is not there.
    ValueError
        If the back end is unknown.
    """
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"'folder' must be a folder, got {folder.name!r}, which is not there.")
    which = which or backend()
    if which not in ("namespaces", "plain"):
        raise ValueError(f"'which' must be 'namespaces' or 'plain', got {which!r}.")
    return _run(list(command), folder, limits or Limits(), which, variables or {})


def python_folders() -> list[str]:
    """Folders that this Python needs to start and to import what is installed, the course's package included."""
    needed = {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    needed |= {str(Path(sys.executable).resolve().parent.parent)}
    source = Path(__file__).resolve().parents[1]  # in a checkout coursestudies stands there as well: plans are not shown
    needed |= {str(source / package) for package in SHOWN_PACKAGES}
    kept: list[str] = []
    for path in sorted(needed, key=len):
        if not any(Path(path).is_relative_to(outer) for outer in ("/usr", *kept)):
            kept.append(path)
    return kept


def _run(
    command: list[str], folder: Path, limits: Limits, which: str, variables: dict[str, str] | None = None
) -> Ended:
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    home = "/job" if which == "namespaces" else str(folder)
    environment |= {"PATH": "/usr/bin:/bin", "HOME": home, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    environment |= {"LANG": environment.get("LANG", "C.UTF-8"), "TMPDIR": "/tmp" if home == "/job" else home}
    environment |= variables or {}
    with tempfile.TemporaryDirectory(prefix="coursekit-root-") as root:
        job = asdict(limits) | {
            "command": command,
            "environment": environment,
            "folder": str(folder),
            "root": root,
            "chroot": which == "namespaces",
            "drop_user": os.geteuid() == 0,
            "readable": python_folders(),
            "scratch_mib": min(512, limits.memory_mib // 4),
        }
        inner = [sys.executable, "-I", confine.__file__, json.dumps(job)]
        outer = []
        if which == "namespaces":
            outer = ["setpriv", "--pdeathsig", "KILL"]  # if the grader is killed, nothing it started goes on
            outer += ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
            if os.geteuid() == 0:
                _give(folder)
            else:
                outer += ["--user", "--map-root-user"]
        return _watch([*outer, *inner], folder, limits, which)


def _give(folder: Path) -> None:
    """Hand the job's folder to the user without rights; links are not followed."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, confine.NOBODY, confine.NOBODY, follow_symlinks=False)


def _watch(command: list[str], folder: Path, limits: Limits, which: str) -> Ended:
    start, output, status = time.monotonic(), bytearray(), None
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        os.set_blocking(process.stdout.fileno(), False)
        looked = start
        while status is None:
            for _ in selector.select(POLL_SECONDS):
                output += process.stdout.read(65_536) or b""
            if process.poll() is not None:
                break
            now = time.monotonic()
            if len(output) > limits.output_bytes:
                status = "output"
            elif now - start > limits.seconds:
                status = "timeout"
            elif now - looked > 2 * POLL_SECONDS:
                looked = now
                if _memory(process.pid) > limits.memory_mib * MIB:
                    status = "memory"
                elif _disk(folder, limits.disk_mib * MIB) > limits.disk_mib * MIB:
                    status = "disk"
    _end(process)
    output += process.stdout.read() or b""
    process.stdout.close()
    if len(output) > limits.output_bytes:
        status = status or "output"
    code = process.returncode
    if status is None:
        status = "ok" if code == 0 else "killed" if code < 0 or code > 128 else "error"
    text = bytes(output[: limits.output_bytes]).decode("utf-8", "replace")
    return Ended(status, code, time.monotonic() - start, text, which)


def _end(process: subprocess.Popen) -> None:
    """Kill the whole session; in namespaces the kernel then ends every process inside, detached ones too."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _memory(pid: int) -> int:
    """Resident bytes of a process and its descendants; shared pages count once for each."""
    children: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for entry in os.scandir("/proc") if sys.platform == "linux" else ():
        if not entry.name.isdigit():
            continue
        try:
            fields = (
                Path(entry.path, "stat")
                .read_text(encoding="utf-8", errors="replace")
                .rpartition(")")[2]
                .split()
            )
        except (FileNotFoundError, ProcessLookupError):  # ended while we looked
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.name))
        pages[int(entry.name)] = int(fields[21])
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        total += pages.get(one, 0)
        todo += children.get(one, [])
    return total * resource_page()


@lru_cache(maxsize=1)
def resource_page() -> int:
    """Bytes of a memory page."""
    return os.sysconf("SC_PAGE_SIZE")


def _disk(folder: Path, enough: int) -> int:
    """Bytes in a folder; counting stops soon after ``enough``."""
    total, todo = 0, [folder]
    while todo and total <= enough:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except (FileNotFoundError, PermissionError):  # deleted while we looked, or locked by its owner
            continue
    return total


def doctor_finding() -> tuple[str, str, str]:
    """Tell ``coursekit doctor`` whether this machine can confine a process: state, what was found, advice."""
    reason = why_plain()
    if not reason:
        return "ok", "sandbox for grading: namespaces", ""
    return (
        "note",
        f"sandbox for grading: none here ({reason})",
        "Grade on Linux with util-linux; reading needs none.",
    )
