"""Archives: the zip file that ``ck.homework.pack`` writes, or one that a student made by hand.

Read member by member, in memory; nothing is unpacked to disk.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from coursegrader.messages import Message, say
from coursegrader.plain import LARGEST_FILE, MIB, UnreadableError, printable

ZIP, EMPTY_ZIP, ENTRY = b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02"
OTHERS = {
    b"Rar!": "archives.rar",
    b"7z\xbc\xaf": "archives.seven",
    b"\x1f\x8b": "archives.gz",
    b"%PDF": "archives.pdf",
    b"\xd0\xcf\x11\xe0": "archives.office",
}
ATTACHMENTS = ("weights.safetensors", "vocabulary.json", "config.json", "results.json")
LARGEST_ATTACHMENT = 64 * MIB
MOST_MEMBERS = 5_000  # a folder of a project may hold hundreds; they are not read
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others can be made to ask for gigabytes
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
JUNK = ("__macosx", "__pycache__", "desktop.ini", "thumbs.db", "icon\r")

Member = tuple[PurePosixPath, zipfile.ZipInfo]


class Unpacked(NamedTuple):
    """What is wanted of an archive."""

    notebook: bytes
    attachments: dict[str, bytes]
    notes: tuple[Message, ...] = ()


def is_junk(name: str) -> bool:
    """Whether an editor or a system left this: nobody hands it in."""
    return name.startswith((".", "~$")) and name != ".." or name.casefold() in JUNK


def what_else(raw: bytes) -> Message | None:
    """What a file is that is neither a notebook nor a zip file, by its first bytes; None if nobody knows."""
    return next((say(key) for mark, key in OTHERS.items() if raw.startswith(mark)), None)


def read_archive(raw: bytes, *, nested: bool = False) -> Unpacked:
    """Read the one notebook of a zip file and what belongs to it.

    Raises ``UnreadableError`` if it is damaged, holds another number of notebooks than one, or holds too much.
    """
    if (count := raw.count(ENTRY)) > MOST_MEMBERS:  # before anything is made for each of them
        raise UnreadableError(say("archives.many", count=count, most=MOST_MEMBERS))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return _read(packed, nested=nested)
    except UnreadableError:
        raise
    except DAMAGED as error:
        raise UnreadableError(say("archives.damaged", error=type(error).__name__)) from None


def _read(packed: zipfile.ZipFile, *, nested: bool) -> Unpacked:
    members = list(_members(packed))
    notebooks = [member for member in members if member[0].suffix.lower() == ".ipynb"]
    zips = [member for member in members if member[0].suffix.lower() == ".zip"]
    if not notebooks and len(zips) == 1 and not nested:
        inner = read_archive(_content(packed, zips[0], LARGEST_FILE), nested=True)
        return inner._replace(notes=(say("archives.nested"), *inner.notes))
    if not notebooks and len(zips) > 1:
        raise UnreadableError(say("archives.zips", number=len(zips)))
    if len(notebooks) != 1:
        raise UnreadableError(say("archives.notebooks", number=len(notebooks)))
    room, kept, notebook = LARGEST_FILE, {}, notebooks[0]
    for name in ATTACHMENTS:
        found = _belonging(name, notebook[0].parent, members)
        if len(found) > 1:
            raise UnreadableError(say("archives.twice", name=name))
        for member in found:
            kept[name] = _content(packed, member, min(LARGEST_ATTACHMENT, room))
            room -= len(kept[name])
    return Unpacked(_content(packed, notebook, room), kept)


def _members(packed: zipfile.ZipFile):
    for info in packed.infolist():
        name = info.filename.replace("\\", "/")  # as PowerShell and old programs write them
        path = PurePosixPath(printable(name))
        if not info.is_dir() and not name.endswith("/") and path.name and not any(map(is_junk, path.parts)):
            yield path, info


def _belonging(name: str, folder: PurePosixPath, members: Sequence[Member]) -> list[Member]:
    """The members of this name beside the notebook; if there is none, those elsewhere."""
    found = [member for member in members if member[0].name.lower() == name]
    return [member for member in found if member[0].parent == folder] or found


def _content(packed: zipfile.ZipFile, member: Member, limit: int) -> bytes:
    name, info = member[0].name[:100], member[1]
    if info.compress_type not in METHODS:
        raise UnreadableError(say("archives.method", name=name))
    content = b""
    if info.file_size <= limit:
        with packed.open(info) as handle:
            content = handle.read(limit + 1)  # the header may lie about the size
    if max(info.file_size, len(content)) > limit:
        raise UnreadableError(say("archives.large", name=name, most=limit // MIB))
    return content
