"""Plain files and plain text: what is read of anything that a stranger wrote, and how much of it at most."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from coursegrader.messages import say

MIB = 2**20
LARGEST_FILE = 160 * MIB  # 80 MB of outputs are a nuisance, not a reason to refuse
ENCODINGS = ("utf-8", "cp1251")
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# of Linux and macOS; Windows has neither links to guard against nor pipes with a name in a folder
CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class UnreadableError(ValueError):
    """The file cannot be read as a submission; its one argument is a sentence that tells a person why."""


def read_plain_file(path: Path, most: int = LARGEST_FILE) -> bytes:
    """Read a plain file without following a link and without waiting for a pipe.

    Raises ``UnreadableError`` if it is anything else, larger than ``most`` bytes, or empty.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | CAREFULLY)
        try:
            facts = os.fstat(descriptor)
            if stat.S_ISDIR(facts.st_mode):
                raise UnreadableError(say("plain.folder"))
            if not stat.S_ISREG(facts.st_mode):
                raise UnreadableError(say("plain.pipe"))
            if facts.st_size > most:
                raise UnreadableError(say("plain.large", size=facts.st_size / MIB, most=most // MIB))
            with os.fdopen(descriptor, "rb", closefd=False) as handle:
                raw = handle.read(most + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        if _is_link(path):
            raise UnreadableError(say("plain.link")) from None
        raise UnreadableError(
            say("plain.closed", why=(error.strerror or type(error).__name__).lower())
        ) from None
    if not raw.strip(b"\x00 \t\r\n"):
        raise UnreadableError(say("plain.empty"))
    return raw


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # a path longer than the system takes
        return False


def decode(raw: bytes) -> tuple[str, str]:
    """Text of bytes in one of the encodings that are met here, and its name; ``UnreadableError`` if it is none of them."""
    for mark, encoding in BOMS.items():
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), encoding
            except UnicodeDecodeError:
                raise UnreadableError(say("plain.starts-like", encoding=encoding.upper())) from None
    if raw[1:2] == b"\x00":
        return raw.decode("utf-16-le", "replace"), "utf-16-le"
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableError(say("plain.no-text"))


def printable(text: str) -> str:
    """Text that can be written anywhere: half of a surrogate pair, which no file can hold, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def printable_all(value: Any) -> Any:
    """The same for every text in what JSON holds, names of fields included."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [printable_all(one) for one in value]
    if isinstance(value, dict):
        return {printable(name): printable_all(one) for name, one in value.items()}
    return value


def file_name(raw: bytes) -> str:
    """A name of a file as text: UTF-8, else the Cyrillic code page of an old archive, else with question marks."""
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
