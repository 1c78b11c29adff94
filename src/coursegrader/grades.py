"""How to grade, and what comes of it: the two ends of the engine, as they go to disk."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from coursegrader.definition import Homework
from coursegrader.evidence import Mark
from coursegrader.intake import checksum
from coursekit.data import Corpus
from coursekit.runtime import files

FORM = 2  # of what a finished submission looks like
MODES = ("artefact", "full")
ROOMS = (
    "runtime",
    "text",
    "data",
    "batching",
    "cells",
    "nn",
    "training",
    "stats",
    "homework",
)  # that a mark depends on
LIBRARIES = ("torch", "numpy", "safetensors")
NO_MARK = ("unreadable", "foreign", "failed")  # statuses that say nothing of the work


@dataclass(frozen=True)
class Settings:
    """How to grade.

    Attributes
    ----------
    mode : {"artefact", "full"}
        ``artefact`` asks the submitted model; ``full`` trains it again as well and compares.
    seed : int
        Of the questions; keep it to yourself.
    which : str or None
        The sandbox's back end; None takes the best there is.
    test_texts : int or None
        Ask only so many test texts (for trials); None asks all.
    practice : bool
        Grade on a stand-in, if need be. Its marks do not count.

    Raises
    ------
    ValueError
        If the mode is unknown.
    """

    mode: str = "artefact"
    seed: int = 20
    which: str | None = None
    test_texts: int | None = None
    practice: bool = False

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"'mode' must be one of {MODES}, got {self.mode!r}.")


@dataclass(frozen=True, kw_only=True)
class Graded:
    """One submission, graded.

    Attributes
    ----------
    name : str
        Of the file, relative to the folder of submissions; names of people stay there.
    status : str
        ``ok``, ``person`` (something has to be looked at), ``unreadable``, ``foreign`` or ``failed`` (the grader).
    reason : str
        Of a status other than ok.
    texts : dict of str to str
        What a person marks, by task.
    code : str
        What the student wrote, to be compared with others.
    data : str
        What it was graded on, if that was a stand-in.
    key : str
        Checksum of everything that a mark depends on.
    paper : str
        Checksum of the file alone: what a person marks stays with the file, whatever becomes of rubric and grader.
    """

    name: str
    status: str
    marks: list[Mark]
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    code: str = ""
    backend: str = ""
    mode: str = ""
    data: str = ""
    seconds: float = 0.0
    key: str = ""
    paper: str = ""

    @property
    def points(self) -> float:
        """Points without those of a person."""
        return sum(m.points for m in self.marks)

    @property
    def counts(self) -> bool:
        """Whether there is a mark at all; a file that could not be read is no zero."""
        return self.status not in NO_MARK

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return asdict(self) | {"marks": [m.to_dict() for m in self.marks]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_dict` wrote."""
        marks = [Mark(**m | {"reasons": tuple(m["reasons"])}) for m in values["marks"]]
        return cls(**{**values, "marks": marks})


def submission_key(path: Path, homework: Homework, settings: Settings, corpus: Corpus | None) -> str:
    """Return the checksum of everything that a mark depends on: file, rubric, settings, data, grader and package."""
    data = corpus_checksum(corpus) if corpus else "no data"
    whole = f"{code_checksum()}\0{settings}\0{homework}\0{data}\0{checksum(path)}"
    return hashlib.sha256(whole.encode()).hexdigest()[:24]


def paper_of(path: Path) -> str:
    """Return the checksum of a file's bytes."""
    return checksum(path)[:24]


@lru_cache(maxsize=1)
def code_checksum() -> str:
    """Return a checksum of the grader, the rooms of the package that student code calls, and the libraries beneath."""
    libraries = [platform.python_version(), *(f"{name} {version(name)}" for name in LIBRARIES)]
    digest = hashlib.sha256(f"{FORM} {libraries}".encode())
    for folder in (Path(__file__).parent, *(files.PACKAGE / room for room in ROOMS)):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder.parent).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=4)
def corpus_checksum(corpus: Corpus) -> str:
    """Return a checksum of every text and label."""
    digest = hashlib.sha256()
    for split in (corpus.train, corpus.validation, corpus.test):
        for text, label in zip(split.texts, split.labels, strict=True):
            digest.update(f"{label}\t{text}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
