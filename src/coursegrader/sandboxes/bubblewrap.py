"""bubblewrap, where it is installed: the same view of the machine as the namespaces, built by a program made for it.

Not used of it: ``--seccomp``, which wants a compiled filter of system calls; the kernel stays open to both back ends.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from coursegrader.sandboxes import confine
from coursegrader.sandboxes.job import Job
from coursegrader.sandboxes.namespaces import give_to_nobody, not_here


class Bubblewrap:
    """A process in bubblewrap's namespaces; a grader that is root drops to the user without rights inside."""

    name = "bubblewrap"
    warning = None

    def why_not(self) -> str:
        """Whether bwrap is there."""
        return not_here("bwrap", "setpriv")

    def command(self, job: Job) -> list[str]:
        """Bind the system's programs and this Python read-only, the job's folder writable, and nothing else."""
        root = os.geteuid() == 0
        outer = [
            "bwrap",
            "--die-with-parent",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
            "--unshare-uts",
        ]
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
        outer += ["--proc", "/proc", "--bind", str(job.folder), "/job", "--chdir", "/job"]
        inside = job.to_dict(job.environment("/job", "/tmp"))
        if root:
            give_to_nobody(job.folder)
            outer += ["--cap-drop", "ALL"]
            for needed in ("SETUID", "SETGID", "SETPCAP", "DAC_OVERRIDE"):  # gone with the user
                outer += ["--cap-add", f"CAP_{needed}"]
            inside["command"] = [*confine.give_up(drop_user=True), *inside["command"]]
        else:
            outer += ["--unshare-user"]
        return [*outer, "--", sys.executable, "-I", confine.__file__, json.dumps(inside)]
