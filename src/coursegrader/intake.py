"""Intake: read what a student handed in, whatever state it is in, without running or trusting any of it.

A submission is a notebook, or the zip file that ``ck.homework.pack`` writes: the notebook, the weights, the
configuration. Outputs, ids, order and metadata are read as hints at most. What cannot be read goes to a person with a
reason; it is not a zero.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

MIB = 2**20
LARGEST_FILE = 160 * MIB  # 80 MB of outputs are a nuisance, not a reason to refuse
LARGEST_ATTACHMENT = 64 * MIB
MOST_MEMBERS = 200  # of a zip file
MOST_CELLS = 2_000
MOST_SOURCE = 4 * MIB
ENCODINGS = ("utf-8", "cp1251")
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class UnreadableError(ValueError):
    """The file cannot be read as a submission; the message tells a person why."""


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
    notes: tuple[str, ...] = ()  # what had to be mended to read it


def read_submission(path: str | Path) -> Submission:
    """Read a notebook or a packed submission; ``UnreadableError`` holds the reason, for a person."""
    raw = read_plain_file(Path(path))
    return _read_packed(raw) if raw[:4] == b"PK\x03\x04" else _read_notebook(raw)


def read_plain_file(path: Path, most: int = LARGEST_FILE) -> bytes:
    """Read a plain file without following a link and without waiting for a pipe.

    Raises
    ------
    UnreadableError
        If it is anything else, larger than ``most`` bytes, or empty.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        reason = "it is a link" if path.is_symlink() else (error.strerror or "it cannot be opened").lower()
        raise UnreadableError(f"the file cannot be read: {reason}.") from None
    with os.fdopen(descriptor, "rb") as handle:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableError("this is no file but a folder, a pipe or a device.")
        if facts.st_size > most:
            size = f"{facts.st_size / MIB:.0f} MiB, at most {most // MIB} are read"
            raise UnreadableError(f"the file has {size}; clear its outputs.")
        raw = handle.read(most + 1)
    if not raw.strip(b"\x00 \t\r\n"):
        raise UnreadableError("the file is empty.")
    return raw


def checksum(path: Path) -> str:
    """The checksum of a file's bytes; what cannot be read has one of its own, by the reason."""
    try:
        raw = read_plain_file(path)
    except UnreadableError as error:
        raw = f"{os.fsencode(path.name)!r} {error}".encode()
    return hashlib.sha256(raw).hexdigest()


def printable(text: str) -> str:
    """Text that can be written anywhere: half of a surrogate pair, which no file can hold, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _decode(raw: bytes) -> tuple[str, list[str]]:
    for mark, encoding in BOMS.items():
        if raw.startswith(mark):
            name = encoding.upper()
            try:
                return raw.decode(encoding), [f"saved as {name} with a byte order mark"]
            except UnicodeDecodeError:
                raise UnreadableError(f"it starts like {name} but is not; save it as UTF-8.") from None
    if raw[1:2] == b"\x00":
        return raw.decode("utf-16-le", "replace"), ["saved as UTF-16 without a byte order mark"]
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding), [] if encoding == "utf-8" else [f"saved as {encoding}, not UTF-8"]
        except UnicodeDecodeError:
            continue
    raise UnreadableError("its bytes are neither UTF-8 nor a Cyrillic code page; save it as UTF-8.")


def _read_notebook(raw: bytes) -> Submission:
    text, notes = _decode(raw)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableError(f"it is no notebook: the JSON breaks off or is damaged{where}.") from None
    if not isinstance(notebook, dict):
        raise UnreadableError(f"it is no notebook: a JSON {type(notebook).__name__} in place of an object.")
    if "worksheets" in notebook:
        notes.append("notebook format 3, read as it is")
        sheets = [sheet for sheet in _list(notebook["worksheets"]) if isinstance(sheet, dict)]
        listed = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    elif isinstance(notebook.get("cells"), list):
        listed = notebook["cells"]
    else:
        raise UnreadableError("it is no notebook: there is no list of cells.")
    if len(listed) > MOST_CELLS:
        raise UnreadableError(f"it has {len(listed):,} cells, at most {MOST_CELLS:,} are read.")
    cells = tuple(cell for cell in map(_cell, listed) if cell is not None)
    if len(cells) < len(listed):
        notes.append(f"{len(listed) - len(cells)} damaged cells left out")
    if sum(len(cell.source) for cell in cells) > MOST_SOURCE:
        raise UnreadableError(f"its cells hold more than {MOST_SOURCE // MIB} MiB of text, outputs left out.")
    homework = _dict(_dict(notebook.get("metadata")).get("coursekit")).get("homework")
    homework = printable(homework)[:100] if isinstance(homework, str) else None
    return Submission(cells, homework, notes=tuple(notes))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _cell(value: object) -> Cell | None:
    cell = _dict(value)
    source = cell.get("source", cell.get("input", ""))  # "input" in format 3
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not cell or not isinstance(source, str):
        return None
    grade_id = _dict(_dict(cell.get("metadata")).get("nbgrader")).get("grade_id")
    kind = cell.get("cell_type")
    return Cell(
        kind if kind in ("code", "markdown", "raw") else "markdown",
        printable(source).replace("\r\n", "\n").replace("\r", "\n"),
        grade_id if isinstance(grade_id, str) and 0 < len(grade_id) < 100 else None,
    )


def _read_packed(raw: bytes) -> Submission:
    """Read a zip file member by member, in memory; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = _members(packed)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise UnreadableError(f"the zip file is damaged or protected: {type(error).__name__}.") from None
    notebooks = [name for name in members if name.endswith(".ipynb")]
    if len(notebooks) != 1:
        raise UnreadableError(f"the zip file must hold one notebook, got {len(notebooks)}.")
    return replace(_read_notebook(members.pop(notebooks[0])), attachments=members)


def _members(packed: zipfile.ZipFile) -> dict[str, bytes]:
    listed, members, total = packed.infolist(), {}, 0
    if len(listed) > MOST_MEMBERS:
        raise UnreadableError(f"the zip file holds {len(listed):,} files, at most {MOST_MEMBERS} are read.")
    for member in listed:
        name = printable(PurePosixPath(member.filename.replace("\\", "/")).name)
        if member.is_dir() or not name or name.startswith("."):
            continue
        limit = min(LARGEST_FILE if name.endswith(".ipynb") else LARGEST_ATTACHMENT, LARGEST_FILE - total)
        content = b""
        if member.file_size <= limit:
            with packed.open(member) as handle:
                content = handle.read(limit + 1)  # the header may lie about the size
        if max(member.file_size, len(content)) > limit:
            raise UnreadableError(f"{name[:100]!r} in the zip file is larger than {limit // MIB} MiB.")
        if name in members:
            raise UnreadableError(f"the zip file holds {name[:100]!r} twice.")
        members[name], total = content, total + len(content)
    return members
