"""Inside the sandbox: which files outside it a program asks for. There are none; who asks has a reason, and a person looks.

Python tells of every file and folder that is opened, under whatever name the function is known. A program that shares this
process could lead it astray, and what is shown to nobody cannot be read: this is a hint, no wall.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterator

OPENING = {"open", "os.listdir", "os.scandir"}
SYSTEM = ("/bin", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys", "/usr")
MOST, LONGEST = 5, 120  # paths that are kept, characters of each


def watch() -> list[str]:
    """Begin to listen; the list grows as paths are asked for, and whoever reads it empties it."""
    inside, found = tuple(_inside()), []

    def listen(event: str, given: tuple) -> None:
        if event not in OPENING or len(found) >= MOST or not isinstance(given[0], (str, bytes, os.PathLike)):
            return
        path = os.path.abspath(os.fsdecode(given[0]))
        if (path + "/").startswith(inside):
            return
        if path[:LONGEST] not in found:
            found.append(path[:LONGEST])

    sys.addaudithook(listen)
    return found


def _inside() -> Iterator[str]:
    """Folders that any program may look into: those of the system, of Python with its packages, and its own."""
    own = (os.getcwd(), os.environ.get("HOME", "/tmp"), os.environ.get("TMPDIR", "/tmp"), "/tmp")
    python = (sys.prefix, sys.base_prefix, sys.executable, *site.getsitepackages(), *sys.path)
    for path in (*SYSTEM, *own, *filter(None, python)):
        for folder in (os.path.abspath(path), os.path.realpath(path)):
            if folder != "/":
                yield folder + "/"
