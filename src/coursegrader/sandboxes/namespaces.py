"""Namespaces by ``unshare``: what every Linux has. The file system inside is built by :mod:`coursegrader.sandboxes.confine`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from coursegrader.sandboxes import confine
from coursegrader.sandboxes.job import Job


def not_here(*programs: str) -> str:
    """Why a back end of Linux cannot be had: another system, or programs that are missing."""
    if sys.platform != "linux":
        return "this is not Linux"
    missing = [name for name in programs if not shutil.which(name)]
    return f"{' and '.join(missing)} not found" if missing else ""


def give_to_nobody(folder: Path) -> None:
    """Hand the job's folder to the user without rights; links are not followed."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, confine.NOBODY, confine.NOBODY, follow_symlinks=False)


class Namespaces:
    """A process with no network, no other processes in sight, another user and another file system."""

    name = "namespaces"
    warning = None

    def why_not(self) -> str:
        """Whether unshare and setpriv are there."""
        reason = not_here("unshare", "setpriv")
        return reason.replace(" not found", " of util-linux not found")

    def command(self, job: Job) -> list[str]:
        """Make the namespaces; inside, ``confine.py`` builds the root and gives up every right."""
        root = os.geteuid() == 0
        inside = job.to_dict(job.environment("/job", "/tmp")) | {
            "root": str(job.root),
            "folder": str(job.folder),
            "readable": list(job.readable),
            "scratch_mib": job.scratch_mib,
            "drop_user": root,
        }
        outer = ["setpriv", "--pdeathsig", "KILL"]  # if the grader is killed, nothing it started goes on
        outer += ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
        if root:
            give_to_nobody(job.folder)
        else:
            outer += ["--user", "--map-root-user"]
        return [*outer, sys.executable, "-I", confine.__file__, json.dumps(inside)]
