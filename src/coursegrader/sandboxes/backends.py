"""The back ends. The file system inside is the same in bubblewrap and in namespaces by ``unshare``.

Not used of bubblewrap: ``--seccomp``; the guard sets the same small filter of system calls in both.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from coursegrader.messages import Said, say
from coursegrader.sandboxes import confine
from coursegrader.sandboxes.job import Job, next_user


def not_here(*programs: str) -> Said:
    """Why a back end of Linux cannot be had: another system, or programs that are missing; empty if it can."""
    if sys.platform != "linux":
        return say("sandbox.no-linux")
    missing = [name for name in programs if not shutil.which(name)]
    return say("sandbox.not-found", names=missing) if missing else ""


def confined(job: dict[str, Any]) -> list[str]:
    """The command that runs ``confine.py`` on a job."""
    return [sys.executable, "-I", confine.__file__, json.dumps(job)]


# what the guard needs of root's rights; the command gets none of them
KEPT_RIGHTS = ("SETUID", "SETGID", "SETPCAP", "DAC_OVERRIDE", "CHOWN", "FOWNER", "KILL")


class Bubblewrap:
    """A process in bubblewrap's namespaces; a grader that is root drops to the user without rights inside."""

    name = "bubblewrap"
    warning = None

    def why_not(self) -> Said:
        """Whether bwrap is there."""
        return not_here("bwrap", "setpriv")

    def command(self, job: Job) -> list[str]:
        """Bind the system's programs and this Python read-only, room in memory at /job, and nothing else."""
        root = os.geteuid() == 0
        outer = "bwrap --die-with-parent --as-pid-1 --unshare-pid --unshare-net --unshare-ipc --unshare-uts".split()
        for name in confine.SYSTEM:
            if Path(name).is_symlink():
                outer += ["--symlink", os.readlink(name), name]
            elif Path(name).exists():
                outer += ["--ro-bind", name, name]
        for scratch in ("/tmp", "/dev/shm"):
            if scratch == "/dev/shm":
                outer += ["--dev", "/dev"]
            outer += ["--perms", "1777", "--size", str(job.scratch_mib * 2**20), "--tmpfs", scratch]
        above = {str(folder) for path in job.readable for folder in Path(path).parents} - {"/", "/tmp"}
        for folder in sorted(above, key=len):  # bubblewrap would make them for its own user alone
            outer += ["--perms", "0755", "--dir", folder]
        for path in (*(f"/etc/{name}" for name in confine.SETTINGS), *job.readable):
            outer += ["--ro-bind-try", path, path]
        outer += ["--perms", "0755", "--size", str(job.limits.disk_mib * 2**20), "--tmpfs", "/job"]
        outer += ["--proc", "/proc", "--chdir", "/job"]
        inside = job.to_dict_guarded(next_user() if root else None)
        outer += ["--cap-drop", "ALL"]
        if root:
            for needed in KEPT_RIGHTS:  # gone with the user
                outer += ["--cap-add", f"CAP_{needed}"]
            inside["gives_up"] = True
        else:
            outer += ["--unshare-user"]
        return [*outer, "--", *confined(inside)]


class Namespaces:
    """A process with no network, no other processes in sight, another user and another file system."""

    name = "namespaces"
    warning = None

    def why_not(self) -> Said:
        """Whether unshare and setpriv are there, both of util-linux."""
        return not_here("unshare", "setpriv")

    def command(self, job: Job) -> list[str]:
        """Make the namespaces; inside, ``confine.py`` builds the root and gives up every right."""
        root = os.geteuid() == 0
        inside = job.to_dict_guarded(next_user() if root else None) | {
            "root": str(job.root),
            "readable": list(job.readable),
            "scratch_mib": job.scratch_mib,
            "gives_up": True,
        }
        outer = ["setpriv", "--pdeathsig", "KILL"]  # if the grader is killed, nothing it started goes on
        outer += ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
        if not root:
            outer += ["--user", "--map-root-user"]
        return [*outer, *confined(inside)]


class Plain:
    """What is left where a machine can confine nothing."""

    name = "plain"
    warning = say("sandbox.warning")

    def why_not(self) -> Said:
        """It is always there."""
        return ""

    def command(self, job: Job) -> list[str]:
        """Set the limits, then become the command."""
        return confined(job.to_dict(job.environment(str(job.folder), str(job.folder))))
