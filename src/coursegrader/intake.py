"""Intake: read what a student handed in, whatever state it is in, without running or trusting any of it.

A submission is a notebook, or the zip file that ``ck.homework.pack`` writes: the notebook, the weights, the
configuration; it may have been unpacked again. Outputs, ids, order and metadata are read as hints at most. What cannot
be read goes to a person with a reason; it is not a zero.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from coursegrader.archives import (
    ATTACHMENTS,
    EMPTY_ZIP,
    LARGEST_ATTACHMENT,
    ZIP,
    is_junk,
    read_archive,
    what_else,
)
from coursegrader.messages import LANGUAGES, Message, say
from coursegrader.notebooks import NoNotebookError, read_cells
from coursegrader.plain import UnreadableError, decode, printable, read_plain_file

SAID_OF = {
    "utf-8": (),
    "cp1251": (say("intake.cp1251"),),
    "utf-16-le": (say("intake.no-mark"),),
}


@dataclass(frozen=True)
class Cell:
    """One cell, as handed in."""

    kind: str  # code, markdown or raw
    source: str  # with \n line ends
    grade_id: str | None = None  # what its metadata says; a hint


@dataclass(frozen=True)
class Submission:
    """What was handed in."""

    cells: tuple[Cell, ...]
    homework: str | None = None  # what the notebook says it belongs to; a hint
    attachments: dict[str, bytes] = field(default_factory=dict)  # files of a packed submission, by name
    notes: tuple[Message, ...] = ()  # what had to be mended to read it
    language: str = (
        ""  # of the notebook's prose, if it says so; decides nothing but the words of the feedback
    )


def read_submission(path: str | Path) -> Submission:
    """Read a notebook or a packed submission; ``UnreadableError`` holds the reason, for a person."""
    path = Path(path)
    raw = read_plain_file(path)
    if raw.startswith(ZIP):
        unpacked = read_archive(raw)
        made = _read_notebook(unpacked.notebook)
        return replace(made, attachments=unpacked.attachments, notes=(*unpacked.notes, *made.notes))
    if raw.startswith(EMPTY_ZIP):
        raise UnreadableError(say("archives.empty"))
    if what := what_else(raw):
        raise UnreadableError(say("intake.else", what=what))
    made = _read_notebook(raw)
    beside = {part.name.lower(): read_plain_file(part, LARGEST_ATTACHMENT) for part in parts_beside(path)}
    note = (say("intake.beside", names=list(beside)),) if beside else ()
    return replace(made, attachments=beside, notes=(*note, *made.notes))


def parts_beside(path: Path) -> list[Path]:
    """Files of an unpacked submission: what ``pack`` wrote, in the folder of its only notebook."""
    if path.suffix.lower() != ".ipynb":
        return []
    try:
        names = [name for name in os.listdir(path.parent) if not is_junk(name)]
    except OSError:  # somebody locked the folder
        return []
    return [path.parent / name for name in parts_among(names)] if path.name in names else []


def parts_among(names: Iterable[str]) -> list[str]:
    """The same, from the names in a folder: none where it holds two notebooks or a packed one as well."""
    names = sorted(names)
    handed_in = [name for name in names if name.lower().endswith((".ipynb", ".zip"))]
    parts = [name for name in names if name.lower() in ATTACHMENTS]
    alone = len(handed_in) == 1 and handed_in[0].lower().endswith(".ipynb")
    return parts if alone and len({name.lower() for name in parts}) == len(parts) else []


def checksum(path: Path) -> str:
    """The checksum of a submission's bytes; what cannot be read has one of its own, by the reason."""
    digest = hashlib.sha256(_bytes_of(path))
    for part in parts_beside(path):
        digest.update(b"\0" + os.fsencode(part.name) + b"\0" + _bytes_of(part))
    return digest.hexdigest()


def _bytes_of(path: Path) -> bytes:
    try:
        return read_plain_file(path)
    except UnreadableError as error:
        return f"{os.fsencode(path.name)!r} {error.args[0].key}".encode()


def _read_notebook(raw: bytes) -> Submission:
    text, encoding = decode(raw)
    try:
        found = read_cells(text)
    except NoNotebookError as error:
        key, values = error.args
        raise UnreadableError(say(key, **values)) from None
    said = SAID_OF.get(encoding, (say("intake.mark", encoding=encoding.upper()),))
    cells = (
        Cell(kind, printable(source), grade_id and printable(grade_id))
        for kind, source, grade_id in found["cells"]
    )
    homework = found["homework"] and printable(found["homework"])
    notes = (*said, *(say(key, **values) for key, values in found["notes"]))
    language = found["language"] if found["language"] in LANGUAGES else ""
    return Submission(tuple(cells), homework, notes=notes, language=language)
