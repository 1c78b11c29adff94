"""What every back end is given, and what it gives back."""

from __future__ import annotations

import compileall
import itertools
import os
import site
import sys
import sysconfig
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from coursegrader.messages import Message, Said
from coursegrader.sandboxes.confine import SYSTEM

SHOWN_PACKAGES = ("coursekit", "bookfigures", "coursegrader")
OF_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")  # what is shown of an installation or a virtual environment
SOURCE = Path(__file__).resolve().parents[2]  # the folder that this grader is imported from
KEPT_ENVIRONMENT = ("LANG", "LC_ALL", "TZ")
FIRST_USER, USERS = 60_000, 5_000  # numbers of users without a name, inside what containers map

_turns = itertools.count(os.getpid())


def next_user() -> int:
    """The number of a user for one job: a limit on processes counts by user, and jobs must not starve each other."""
    return FIRST_USER + next(_turns) % USERS


@dataclass(frozen=True)
class Limits:
    """What a command may use up."""

    seconds: float = 600.0  # wall clock
    memory_mib: int = 4096  # of each process, and of all of them together
    output_bytes: int = 2_000_000  # printed, both streams together
    file_mib: int = 256  # largest file
    disk_mib: int = 1024  # all files in the job's folder
    disk_files: int = 20_000  # how many of them
    open_files: int = 512
    processes: int = 128  # threads count

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ValueError(f"'{name}' must be positive, got {value}.")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    ``status`` is ``ok``, ``error`` (non-zero exit), ``killed`` (by a signal that was not ours), ``timeout``, ``output``,
    ``memory`` or ``disk`` (a limit was passed and we ended it).
    """

    status: str
    code: int  # the exit code; negative for a signal
    seconds: float  # wall clock
    output: str  # what was printed, both streams in the order they came, cut at the limit
    backend: str


@dataclass(frozen=True)
class Job:
    """A command with its folder and limits; ``root`` is an empty folder for the back end's own use."""

    command: tuple[str, ...]
    folder: Path
    handle: int  # of the folder, open: the way in and out for the guard of a sandbox
    root: Path
    limits: Limits
    variables: dict[str, str]
    readable: tuple[str, ...]
    returns: tuple[str, ...]  # patterns of the files that are to come back

    @property
    def scratch_mib(self) -> int:
        """Room under /tmp."""
        return min(512, self.limits.memory_mib // 4)

    def environment(self, home: str, scratch: str) -> dict[str, str]:
        """The command's environment; the caller's is not handed on."""
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        fixed = {"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": scratch}
        fixed |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "LANG": kept.get("LANG", "C.UTF-8")}
        if str(SOURCE) not in _site_packages():  # the sandbox imports what this grader imports
            fixed["PYTHONPATH"] = str(SOURCE)
        if site.ENABLE_USER_SITE:  # installed with pip --user, below a home that is not there inside
            fixed["PYTHONUSERBASE"] = site.getuserbase()
        return kept | fixed | self.variables

    def to_dict(self, environment: dict[str, str]) -> dict[str, Any]:
        """What ``confine.py`` reads."""
        limits = asdict(self.limits)
        kept = {name: limits[name] for name in ("memory_mib", "file_mib", "open_files", "processes")}
        return kept | {"command": list(self.command), "environment": environment}

    def to_dict_guarded(self, user: int | None) -> dict[str, Any]:
        """The same for a sandbox, whose guard brings files in and out and watches the folder."""
        limits = asdict(self.limits)
        kept = {name: limits[name] for name in ("disk_mib", "disk_files")}
        own = {"handle": self.handle, "returns": list(self.returns), "user": user}
        return self.to_dict(self.environment("/job", "/tmp")) | kept | own


class Backend(Protocol):
    """A way to confine a process."""

    name: str  # as reports give it
    warning: Message | None  # what it does not protect from

    def why_not(self) -> Said:
        """Why this machine cannot have it, before a trial; empty if it may."""

    def command(self, job: Job) -> list[str]:
        """The command that runs the job confined."""


def python_folders() -> list[str]:
    """Folders that this Python needs to start and to import what is installed, the course's packages included.

    Of an installation ``bin`` and ``lib`` are shown, and nothing that lies beside them: a virtual environment may have been
    made in a folder that holds keys. In a checkout ``coursestudies`` stands beside the packages, with the plans of the
    studies; it is not shown.
    """
    prefixes = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)}
    needed = {str(Path(prefix, name)) for prefix in prefixes for name in OF_PYTHON} | _site_packages()
    needed |= {str(SOURCE / package) for package in SHOWN_PACKAGES}
    kept: list[str] = []
    for path in sorted(filter(os.path.exists, needed), key=len):
        if not any(Path(path).is_relative_to(outer) for outer in (*SYSTEM, *kept)):
            kept.append(path)
    return kept


@cache
def compile_packages() -> None:
    """Compile what a job imports of the course, once: a sandbox can write nothing, and would compile it for every job.

    Where this folder cannot be written either, every job does.
    """
    for package in SHOWN_PACKAGES:
        compileall.compile_dir(SOURCE / package, quiet=2)


def _site_packages() -> set[str]:
    own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return own | ({site.getusersitepackages()} if site.ENABLE_USER_SITE else set())
