"""Listing: which files of a folder somebody has handed in, and under what name each is graded.

A folder is what Moodle writes (a folder for each student), or a heap of files, or both. A name is the path below it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from coursegrader.archives import is_junk
from coursegrader.intake import parts_among
from coursegrader.messages import Message, Said, say
from coursegrader.plain import file_name, printable

HANDED_IN = (".ipynb", ".zip", ".rar", ".7z", ".gz", ".tar")  # what looks like a submission
HALF = (".part", ".crdownload", ".tmp")  # a download that was not finished
MOODLE = re.compile(r"_(\d+)_assignsubmission_")
SHOWN = 5  # names in a line about what is skipped


class Listed(NamedTuple):
    """What a folder holds."""

    names: dict[Path, str]  # of what is graded, by path, in order
    skipped: tuple[str, ...]  # names of what nobody hands in

    @property
    def what_is_skipped(self) -> Message | None:
        """One line; None if nothing was skipped."""
        names, more = self.skipped[:SHOWN], len(self.skipped) - SHOWN
        if more > 0:
            return say("listing.skipped-more", names=names, number=more)
        return say("listing.skipped", names=names) if names else None


def list_submissions(folder: str | Path) -> Listed:
    """Look through a folder, and the folders inside it.

    In the folder of one student, what lies beside a submission is skipped; where there is none, all of it stands for
    one. Files of an unpacked submission belong to its notebook.

    Raises ``FileNotFoundError`` if the folder is not there, or nobody has handed in anything.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(say("listing.no-folder", folder=folder))
    graded, skipped = [], []
    found = _by_student(folder, skipped)
    skipped += [folder / own for own, paths in found.items() if own and not paths]  # somebody's, and empty
    for own, paths in found.items():
        kept = [path for path in paths if own == "" or path.suffix.lower() in HANDED_IN]
        if not kept and paths:
            kept = paths if len(paths) == 1 else [folder / own]
        graded += kept
        skipped += [path for path in paths if path not in kept and folder / own not in kept]
    if not graded:
        raise FileNotFoundError(say("listing.no-file", folder=folder))
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for path in sorted(graded, key=os.fsencode):
        names[path] = _distinct(name_of(path, folder), taken)
    return Listed(names, tuple(sorted(name_of(path, folder) for path in skipped)))


def name_of(path: Path, folder: Path) -> str:
    """The path below the folder, as text that can be written anywhere."""
    return printable(file_name(os.fsencode(path.relative_to(folder).as_posix())))


def moodle_identifier(name: str) -> Said:
    """What Moodle's grading sheet calls the student whose folder or file this is; empty if Moodle did not write it."""
    found = MOODLE.search(name)
    return say("tables.participant", number=found[1]) if found else ""


def _by_student(folder: Path, skipped: list[Path]) -> dict[str, list[Path]]:
    """All files that may be submissions, by the first folder below, without what belongs to an unpacked one."""
    found: dict[str, list[Path]] = {}
    for here, names in _walk(folder, skipped):
        own = next(iter(here.relative_to(folder).parts), "")
        if not names and here != folder and here.suffix.lower() in HANDED_IN:
            names = [""]  # a folder that is named like a submission, and holds nothing
        parts = set(parts_among(names))
        found.setdefault(own, []).extend(here / name for name in names if name not in parts)
    return found


def _walk(top: Path, skipped: list[Path]) -> Iterator[tuple[Path, Sequence[str]]]:
    """Folders with the names of their files, however deep; a folder that cannot be opened stands for itself."""
    todo = [top]
    while todo:
        here, names = todo.pop(), []
        try:
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError:
            yield here.parent, [here.name]
            continue
        for entry in listed:
            path = here / entry.name
            if is_junk(entry.name) or path.suffix.lower() in HALF:
                skipped.append(path)
            elif entry.is_dir(follow_symlinks=False):
                todo.append(path)
            else:
                names.append(entry.name)
        yield here, names


def _distinct(name: str, taken: set[str]) -> str:
    """A name of its own, where two files have the same one as text."""
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name} ({number})"
    taken.add(made)
    return made
