"""Writing a record: what a study found, with all that is needed to run it again."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coursekit.data import Corpus
from coursekit.records import check_record, results_dir
from coursekit.runtime import files, machine_facts

PARTS = ("train", "validation", "test")


def write_record(record: dict[str, Any], folder: str | Path | None = None) -> Path:
    """Check a record and write it, whole or not at all; into :func:`results_dir` if no folder is named."""
    check_record(record)
    return files.write_json(Path(folder or results_dir()) / f"{record['name']}.json", record)


def check_seeds(seeds: Sequence[int]) -> None:
    """Raise ``ValueError`` if there is no seed, or one is named twice."""
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"'seeds' must hold at least one number, and none twice, got {list(seeds)}.")


def spread(values: Sequence[float]) -> float | None:
    """Return the standard deviation of the scores of several seeds; None for a single one, which has no spread."""
    return statistics.stdev(values) if len(values) > 1 else None


def data_facts(corpus: Corpus) -> dict[str, Any]:
    """Return what a record says about a corpus: where it came from, its sizes, and a checksum over every text and label."""
    return {
        "source": corpus.source.kind,
        "partial": corpus.source.partial,
        "rows": {part: len(getattr(corpus, part)) for part in PARTS},
        "sha256": corpus.checksum,
    }


def provenance(
    *, command: str, seeds: list[int], corpus: Corpus | dict[str, Any], seconds: float
) -> dict[str, Any]:
    """Collect what a reader needs to trust a record, or to make it again; ``seconds`` are those of the whole study.

    In place of one corpus, what is to be said of several or none, such as :func:`data_facts` by name.
    """
    machine = machine_facts()
    return {
        "date": machine.pop("date"),
        "versions": machine.pop("versions"),
        "machine": machine,
        "command": command,
        "seeds": seeds,
        "data": corpus if isinstance(corpus, dict) else {"name": corpus.name, **data_facts(corpus)},
        "seconds": seconds,
    }
