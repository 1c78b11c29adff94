"""Files: where they live, and how they are written (whole, or not at all)."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """Return the folder of what ships with the course: small corpora, cards and recorded results."""
    for place in (PACKAGE / "_data", PACKAGE.parents[1] / "data"):  # in a wheel, and in a checkout
        if place.is_dir():
            return place
    raise FileNotFoundError(
        "coursekit's data folder is missing: wanted 'coursekit/_data' (wheel) or 'data' (checkout); "
        "install the package again."
    )


def cache_dir() -> Path:
    """Return the folder where downloaded data is kept between runs (it may not exist yet).

    ``COURSEKIT_CACHE`` names another folder; otherwise ``XDG_CACHE_HOME`` or ``~/.cache`` holds it, or the folder of
    temporary files where there is no home.
    """
    cache = os.environ.get("COURSEKIT_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or "~/.cache", "coursekit"
    )
    found = os.path.expanduser(cache)
    if found.startswith("~"):  # a user without a home folder, as in many containers
        found = os.path.join(tempfile.gettempdir(), "coursekit-cache")
    return Path(found)


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write a file through a temporary neighbour, so that a reader never sees half of it; make its folder.

    Raises ``OSError`` if the disk refuses; the file that was there before is then untouched.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def write_text(path: str | Path, content: str) -> Path:
    """Write a UTF-8 text file, whole or not at all; see :func:`write_bytes`."""
    return write_bytes(path, content.encode("utf-8"))


def write_json(path: str | Path, content: Any) -> Path:
    """Write readable JSON, whole or not at all: UTF-8, two spaces, a newline at the end, no NaN."""
    return write_text(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def sha256(path: str | Path) -> str:
    """Return the SHA-256 checksum of a file, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def put_aside(path: Path) -> Path | None:
    """Rename a file to the first free of ``NAME.bak``, ``NAME.bak2``, …; return where it is now, None if it was not there."""
    if not path.is_file():
        return None
    number = 1
    while (kept := path.with_name(f"{path.name}.bak{number if number > 1 else ''}")).exists():
        number += 1
    return path.rename(kept)
