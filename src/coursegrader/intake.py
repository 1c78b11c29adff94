"""Intake: read what a student handed in, whatever state it is in, without running or trusting any of it.

A submission is a notebook, or the zip file that ``ck.homework.pack`` writes: the notebook, the weights, the
configuration. Outputs, ids, order and metadata are read as hints at most. What cannot be read goes to a person with a
reason; it is not a zero.
"""

from __future__ import annotations

import json
import os
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

MIB = 2**20
LARGEST_FILE = 160 * MIB  # 80 MB of outputs are a nuisance, not a reason to refuse
LARGEST_ATTACHMENT = 64 * MIB
MOST_CELLS = 2_000
MOST_SOURCE = 4 * MIB
ENCODINGS = ("utf-8", "cp1251")
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class UnreadableError(ValueError):
    """The file cannot be read as a submission; the message tells a person why."""


@dataclass(frozen=True)
class Cell:
    """One cell, as handed in.

    Attributes
    ----------
    kind : str
        ``code``, ``markdown`` or ``raw``.
    source : str
        With ``\\n`` line ends.
    grade_id : str or None
        What its metadata says; a hint.
    """

    kind: str
    source: str
    grade_id: str | None = None


@dataclass(frozen=True)
class Submission:
    """What was handed in.

    Attributes
    ----------
    homework : str or None
        The homework that the notebook says it belongs to; a hint.
    attachments : dict of str to bytes
        Files of a packed submission, by name.
    notes : tuple of str
        What had to be mended to read it.
    """

    cells: tuple[Cell, ...]
    homework: str | None = None
    attachments: dict[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_submission(path: str | Path) -> Submission:
    """Read a notebook or a packed submission.

    Raises
    ------
    UnreadableError
        With the reason, for a person.
    """
    raw = _read_file(Path(path))
    if raw[:4] == b"PK\x03\x04":
        return _read_packed(Path(path))
    return _read_notebook(raw)


def _read_file(path: Path) -> bytes:
    """Read a plain file without following a link and without waiting for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        reason = "it is a link" if path.is_symlink() else (error.strerror or "it cannot be opened").lower()
        raise UnreadableError(f"the file cannot be read: {reason}.") from None
    with os.fdopen(descriptor, "rb") as handle:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError("this is no file but a folder or a device.")
        if found.st_size > LARGEST_FILE:
            raise UnreadableError(
                f"the file has {found.st_size / MIB:.0f} MiB, at most {LARGEST_FILE // MIB} are read; clear its outputs."
            )
        raw = handle.read(LARGEST_FILE + 1)
    if not raw.strip(b"\x00 \t\r\n"):
        raise UnreadableError("the file is empty.")
    return raw


def _decode(raw: bytes) -> tuple[str, list[str]]:
    for mark, encoding in BOMS.items():
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), [f"saved as {encoding.upper()} with a byte order mark"]
            except UnicodeDecodeError:
                raise UnreadableError(
                    f"it starts like {encoding.upper()} but is not; save it as UTF-8."
                ) from None
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
    del raw
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableError(f"it is no notebook: the JSON breaks off or is damaged{where}.") from None
    del text
    if not isinstance(found, dict):
        raise UnreadableError(f"it is no notebook: a JSON {type(found).__name__} in place of an object.")
    if "worksheets" in found:
        notes.append("notebook format 3, read as it is")
        sheets = found["worksheets"] if isinstance(found["worksheets"], list) else []
        listed = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    elif isinstance(found.get("cells"), list):
        listed = found["cells"]
    else:
        raise UnreadableError("it is no notebook: there is no list of cells.")
    if len(listed) > MOST_CELLS:
        raise UnreadableError(f"it has {len(listed):,} cells, at most {MOST_CELLS:,} are read.")
    cells = tuple(cell for cell in map(_cell, listed) if cell is not None)
    if len(cells) < len(listed):
        notes.append(f"{len(listed) - len(cells)} damaged cells left out")
    if sum(len(cell.source) for cell in cells) > MOST_SOURCE:
        raise UnreadableError(
            f"its cells hold more than {MOST_SOURCE // MIB} MiB of text, outputs not counted."
        )
    metadata = found.get("metadata")
    own = metadata.get("coursekit") if isinstance(metadata, dict) else None
    homework = own.get("homework") if isinstance(own, dict) else None
    return Submission(cells, homework if isinstance(homework, str) else None, {}, tuple(notes))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _cell(found: object) -> Cell | None:
    if not isinstance(found, dict):
        return None
    source = found.get("source", found.get("input", ""))  # "input" in format 3
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = found.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind = found.get("cell_type")
    return Cell(
        kind if kind in ("code", "markdown", "raw") else "markdown",
        source.replace("\r\n", "\n").replace("\r", "\n"),
        grade_id if isinstance(grade_id, str) and 0 < len(grade_id) < 100 else None,
    )


def _read_packed(path: Path) -> Submission:
    """Read a zip file member by member, in memory; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(path) as packed:
            files: dict[str, bytes] = {}
            for member in packed.infolist():
                name = PurePosixPath(member.filename).name
                if member.is_dir() or not name or name.startswith("."):
                    continue
                limit = LARGEST_FILE if name.endswith(".ipynb") else LARGEST_ATTACHMENT
                if member.file_size > limit or sum(map(len, files.values())) > LARGEST_FILE:
                    raise UnreadableError(f"{name!r} in the zip file is larger than {limit // MIB} MiB.")
                with packed.open(member) as handle:
                    content = handle.read(limit + 1)  # the header may lie about the size
                if len(content) > limit:
                    raise UnreadableError(f"{name!r} in the zip file is larger than {limit // MIB} MiB.")
                if name in files:
                    raise UnreadableError(f"the zip file holds {name!r} twice.")
                files[name] = content
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError(f"the zip file is damaged or protected: {type(error).__name__}.") from None
    notebooks = [name for name in files if name.endswith(".ipynb")]
    if len(notebooks) != 1:
        raise UnreadableError(f"the zip file must hold one notebook, got {len(notebooks)}.")
    found = _read_notebook(files.pop(notebooks[0]))
    return Submission(found.cells, found.homework, files, found.notes)
