"""What every back end is given, and what it gives back."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

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
    root: Path
    limits: Limits
    variables: dict[str, str]
    readable: tuple[str, ...]

    @property
    def scratch_mib(self) -> int:
        """Room under /tmp."""
        return min(512, self.limits.memory_mib // 4)

    def environment(self, home: str, scratch: str) -> dict[str, str]:
        """The command's environment; the caller's is not handed on."""
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        fixed = {"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": scratch}
        fixed |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "LANG": kept.get("LANG", "C.UTF-8")}
        return kept | fixed | self.variables

    def to_dict(self, environment: dict[str, str]) -> dict[str, Any]:
        """What ``confine.py`` reads."""
        limits = asdict(self.limits)
        kept = {name: limits[name] for name in ("memory_mib", "file_mib", "open_files", "processes")}
        return kept | {"command": list(self.command), "environment": environment}


class Backend(Protocol):
    """A way to confine a process."""

    name: str  # as reports give it
    warning: str | None  # what it does not protect from

    def why_not(self) -> str:
        """Why this machine cannot have it, before a trial; empty if it may."""

    def command(self, job: Job) -> list[str]:
        """The command that runs the job confined."""


def python_folders() -> list[str]:
    """Folders that this Python needs to start and to import what is installed, the course's packages included.

    In a checkout ``coursestudies`` stands beside them, with the plans of the studies; it is not shown.
    """
    needed = {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    needed |= {str(Path(sys.executable).resolve().parent.parent)}
    source = Path(__file__).resolve().parents[2]
    needed |= {str(source / package) for package in SHOWN_PACKAGES}
    kept: list[str] = []
    for path in sorted(needed, key=len):
        if not any(Path(path).is_relative_to(outer) for outer in ("/usr", *kept)):
            kept.append(path)
    return kept
