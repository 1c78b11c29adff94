"""How the kernels of notebooks are spoken to: over sockets in a folder, not over TCP ports.

Two kernels that start at once can be promised the same free port, and one of them then dies before its first cell.
A socket in a folder has a name of its own.
"""

from __future__ import annotations

import os
from pathlib import Path

from traitlets.config import Config

# The longest path of a socket is 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_BYTES = 103


def kernel_settings(folder: str) -> Config:
    """Return the configuration for a notebook client whose sockets lie in ``folder``, an existing one of its own.

    TCP stays where a socket cannot lie there: on Windows, and below a path that is too long.
    """
    sockets = Path(folder).resolve() / "kernel"
    if os.name != "posix" or len(os.fsencode(sockets)) + len("-10") > SOCKET_PATH_BYTES:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(sockets)}})
