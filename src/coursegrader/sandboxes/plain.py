"""No sandbox at all: limits of time, output, memory and files, and a loud warning."""

from __future__ import annotations

import json
import sys

from coursegrader.sandboxes import confine
from coursegrader.sandboxes.job import Job


class Plain:
    """What is left where a machine can confine nothing."""

    name = "plain"
    warning = (
        "WARNING: this machine offers no namespaces, so submissions run as you, with your files and your network. "
        "Grade on Linux with bubblewrap or util-linux (unshare, setpriv) instead."
    )

    def why_not(self) -> str:
        """It is always there."""
        return ""

    def command(self, job: Job) -> list[str]:
        """Set the limits, then become the command."""
        inside = job.to_dict(job.environment(str(job.folder), str(job.folder)))
        return [sys.executable, "-I", confine.__file__, json.dumps(inside)]
