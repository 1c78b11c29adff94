"""How to grade, and what comes of it: the two ends of the engine, as they go to disk."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from coursegrader.definition import Homework
from coursegrader.evidence import Mark
from coursegrader.intake import checksum
from coursegrader.messages import Said, read_said, to_json
from coursekit.data import Corpus
from coursekit.runtime import files

FORM = 4  # of what a finished submission looks like
MODES = ("artefact", "full")
# rooms of the package that a mark depends on
ROOMS = ("runtime", "text", "data", "batching", "cells", "nn", "training", "stats", "homework")
LIBRARIES = ("torch", "numpy", "safetensors")
NO_MARK = ("unreadable", "foreign", "failed")  # statuses that say nothing of the work
SETTLED = ("ok", "not written")  # statuses of a part that wait for nobody; what is missing may come yet


@dataclass(frozen=True)
class Settings:
    """How to grade."""

    mode: str = "artefact"  # asks the submitted model; "full" trains it again as well and compares
    seed: int = 20  # of the questions; keep it to yourself
    which: str | None = None  # the sandbox's back end; None takes the best there is
    test_texts: int | None = None  # ask only so many test texts, for trials; None asks all
    practice: bool = False  # grade on a stand-in, if need be; its marks do not count

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"'mode' must be one of {MODES}, got {self.mode!r}.")


@dataclass(frozen=True, kw_only=True)
class Graded:
    """One submission, graded."""

    name: str  # of the file, relative to the folder of submissions; names of people stay there
    # ok, person (something has to be looked at), incomplete (the student is asked for the rest), unreadable, foreign or
    # failed (the grader)
    status: str
    marks: list[Mark]
    reason: Said = ""  # of a status other than ok
    notes: list[Said] = field(default_factory=list)
    flags: list[Said] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)  # what a person marks, by task
    code: str = ""  # what the student wrote, to be compared with others
    backend: str = ""
    language: str = ""  # of the notebook that was handed in, if it says so
    data: str = ""  # what it was graded on, if that was a stand-in
    seconds: float = 0.0
    key: str = ""  # checksum of everything that a mark depends on
    paper: str = (
        ""  # checksum of name and content alone: a person's mark outlives a change of rubric and grader
    )

    @property
    def page(self) -> str:
        """The file of its pages, without a name."""
        return f"{self.paper[:12]}.html"

    @property
    def counts(self) -> bool:
        """Whether there is a mark at all; a file that could not be read is no zero."""
        return self.status not in NO_MARK

    def waits(self, mark: Mark) -> bool:
        """Whether a part has no mark until a person gives one; a zero that a doubt stands behind is none."""
        return not self.counts or mark.status not in SETTLED

    @property
    def points(self) -> float:
        """Points without those of a person."""
        return sum(m.points for m in self.marks)

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        said = {name: [to_json(one) for one in getattr(self, name)] for name in ("notes", "flags")}
        return (
            vars(self) | said | {"reason": to_json(self.reason), "marks": [m.to_dict() for m in self.marks]}
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_dict` wrote."""
        marks = [Mark(**m | {"reasons": tuple(read_said(m["reasons"]))}) for m in values["marks"]]
        said = {name: read_said(values[name]) for name in ("reason", "notes", "flags")}
        return cls(**{**values, **said, "marks": marks})


def paper_of(path: Path, name: str) -> str:
    """Return the checksum of a file's name and bytes: two equal files are two papers."""
    return digest(name, checksum(path))


def submission_key(
    path: Path, name: str, homework: Homework, settings: Settings, corpus: Corpus | None
) -> str:
    """Return the checksum of everything that a mark depends on: paper, rubric, settings, data, grader and package."""
    data = corpus.checksum if corpus else ""
    return digest(code_checksum(), settings, homework, data, paper_of(path, name))


def digest(*facts: object) -> str:
    """Return a checksum of what facts say of themselves."""
    return hashlib.sha256("\0".join(map(str, facts)).encode()).hexdigest()[:24]


@lru_cache(maxsize=1)
def code_checksum() -> str:
    """Return a checksum of the grader, the rooms of the package that student code calls, and the libraries beneath."""
    libraries = [platform.python_version(), *(f"{name} {version(name)}" for name in LIBRARIES)]
    digest = hashlib.sha256(f"{FORM} {libraries}".encode())
    for folder in (Path(__file__).parent, *(files.PACKAGE / room for room in ROOMS)):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder.parent).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
