"""Records: the results of long runs in ``data/results/NAME.json``, read only; they are plain JSON, and no torch is loaded.

A record holds ``name``, ``what`` (one sentence), ``provenance`` (date, machine, versions, command, seeds, data with
checksum, seconds), ``summary`` (the figures to quote) and ``runs`` (one entry for each seed of each arm). Where a page
shows only some figures, or names them, ``shown`` says so: headings and, below each, keys of the summary and their words.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.runtime import files

REQUIRED = ("name", "what", "provenance", "summary", "runs")
PROVENANCE = ("date", "machine", "versions", "command", "seeds", "data", "seconds")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class ArmRuns:
    """The runs of one arm of a study, one for each seed, in the order of the record."""

    name: str
    runs: list[dict[str, Any]]

    @property
    def seeds(self) -> list[int]:
        """The seeds, in the order of the scores."""
        return [run["seed"] for run in self.runs]

    @property
    def scores(self) -> list[float]:
        """Test accuracy where the arm was tested, the score on validation elsewhere."""
        return self.test("accuracy") if "test" in self.runs[0] else [run["validation"] for run in self.runs]

    def test(self, score: str) -> list[float]:
        """Return a figure of the test part by seed, such as ``"macro_f1"``; ``LookupError`` if there is none."""
        if any(score not in run.get("test", {}) for run in self.runs):
            raise LookupError(f"the arm {self.name!r} has no {score!r} on the test part.")
        return [run["test"][score] for run in self.runs]

    @property
    def predictions(self) -> list[list[int]]:
        """By seed, what each test text was taken for."""
        return [[int(digit) for digit in run["test"]["predicted"]] for run in self.runs]

    def curve(self, figure: str) -> list[list[float]]:
        """Return a figure of the history by seed and epoch, such as ``"train_loss"``."""
        return [[epoch[figure] for epoch in run["history"]["epochs"]] for run in self.runs]


@dataclass(frozen=True)
class Record:
    """A recorded study; ``record[key]`` is short for ``record.content[key]``."""

    content: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    @property
    def summary(self) -> dict[str, Any]:
        """The figures to quote, by arm where the study has arms."""
        return self.content["summary"]

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Every run, those that only chose a candidate included."""
        return self.content["runs"]

    @property
    def arms(self) -> list[str]:
        """The names of what is compared."""
        return list(dict.fromkeys(run["arm"] for run in self.runs if run.get("arm") in self.summary))

    def arm(self, name: str) -> ArmRuns:
        """Return the runs of one arm that came to their end; a ``LookupError`` names the arms there are."""
        runs = [run for run in self.runs if run.get("arm") == name and "failed" not in run]
        if not runs:
            raise LookupError(f"{self['name']} has no runs of {name!r}; its arms are {self.arms}.")
        return ArmRuns(name, runs)


def results_dir() -> Path:
    """Return the folder of the records."""
    return files.data_dir() / "results"


def record_names() -> list[str]:
    """Return the names of all records, sorted."""
    return sorted(path.stem for path in results_dir().glob("*.json"))


def read_record(name: str) -> Record:
    """Read a record; an error names those there are, or says what is wrong with the file."""
    path = results_dir() / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"no record is named {name!r}; there are {record_names()}. Make it with 'coursekit reproduce {name}'."
        )
    record = read_json(path)
    if not record.get("complete", True):
        raise ValueError(f"the record {name!r} is not complete; go on with 'coursekit reproduce {name}'.")
    check_record(record)
    return Record(record)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object, such as a record; a ``ValueError`` names one that does not."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"'{path.name}' is not JSON ({error}); move it away and start again.") from error
    if not isinstance(content, dict):
        raise ValueError(
            f"'{path.name}' must hold a JSON object, got a {type(content).__name__}; move it away."
        )
    return content


def check_record(record: dict[str, Any]) -> None:
    """Raise ``ValueError`` if a part is missing or the name is not made of small letters, digits and hyphens."""
    missing = [part for part in REQUIRED if part not in record]
    missing += [f"provenance.{part}" for part in PROVENANCE if part not in record.get("provenance", {})]
    if missing:
        raise ValueError(f"a record must hold {REQUIRED} and provenance {PROVENANCE}; missing: {missing}.")
    if not _NAME.fullmatch(record["name"]):
        raise ValueError(f"a record's name is made of a-z, 0-9 and '-', got {record['name']!r}.")
