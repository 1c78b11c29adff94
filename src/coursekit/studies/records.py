"""Records: the results of long runs in ``data/results/NAME.json``, with all that is needed to run them again.

A record holds ``name``, ``what`` (one sentence), ``provenance`` (date, machine, versions, command, seeds, data with
checksum, seconds), ``summary`` (the figures to quote) and ``runs`` (one entry for each seed).

Left out: a data base; a course has some dozens of records.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coursekit.data import Corpus
from coursekit.runtime import files, machine_facts

REQUIRED = ("name", "what", "provenance", "summary", "runs")
PROVENANCE = ("date", "machine", "versions", "command", "seeds", "data", "seconds")
PARTS = ("train", "validation", "test")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def results_dir() -> Path:
    """Return the folder of the records.

    Notes
    -----
    Chapter: 10.
    """
    return files.data_dir() / "results"


def record_names() -> list[str]:
    """Return the names of all records, sorted.

    Notes
    -----
    Chapter: 10.
    """
    return sorted(path.stem for path in results_dir().glob("*.json"))


def read_record(name: str) -> dict[str, Any]:
    """Read a record.

    Parameters
    ----------
    name : str

    Returns
    -------
    dict

    Raises
    ------
    FileNotFoundError
        If there is none; the message names those there are.
    ValueError
        If the file is not a record, or its study has not come to its end.

    Notes
    -----
    Chapter: 10.
    """
    path = results_dir() / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"no record is named {name!r}; there are {record_names()}. Make it with 'coursekit reproduce {name}'."
        )
    record = read_json(path)
    if not record.get("complete", True):
        raise ValueError(f"the record {name!r} is not complete; go on with 'coursekit reproduce {name}'.")
    _check(record)
    return record


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object, such as a record or the trials of an unfinished study.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If the file holds anything else; the message names it.

    Notes
    -----
    Chapter: none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"'{path.name}' is not JSON ({error}); move it away and start again.") from error
    if not isinstance(content, dict):
        raise ValueError(
            f"'{path.name}' must hold a JSON object, got a {type(content).__name__}; move it away."
        )
    return content


def write_record(record: dict[str, Any], folder: str | Path | None = None) -> Path:
    """Check a record and write it, whole or not at all.

    Parameters
    ----------
    record : dict
    folder : path, optional
        :func:`results_dir` if left out.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If a part is missing or the name is not made of small letters, digits and hyphens.

    Notes
    -----
    Chapter: 10.
    """
    _check(record)
    return files.write_json(Path(folder or results_dir()) / f"{record['name']}.json", record)


def put_aside(path: Path) -> Path | None:
    """Rename a file to the first free of ``NAME.bak``, ``NAME.bak2``, and so on.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Path or None
        Where it is now; None if there was no file.

    Notes
    -----
    Chapter: none.
    """
    if not path.is_file():
        return None
    number = 1
    while (kept := path.with_name(f"{path.name}.bak{number if number > 1 else ''}")).exists():
        number += 1
    return path.rename(kept)


def spread(values: Sequence[float]) -> float | None:
    """Return the standard deviation of the scores of several seeds; None for a single one, which has no spread.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    float or None

    Notes
    -----
    Chapter: 10.
    """
    return statistics.stdev(values) if len(values) > 1 else None


def data_facts(corpus: Corpus) -> dict[str, Any]:
    """Return what a record says about a corpus: where it came from, its sizes, and a checksum over every text and label.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    dict

    Notes
    -----
    Chapter: 10.
    """
    return {
        "source": corpus.source.kind,
        "partial": corpus.source.partial,
        "rows": {part: len(getattr(corpus, part)) for part in PARTS},
        "sha256": corpus_checksum(corpus),
    }


def provenance(
    *, command: str, seeds: list[int], corpus: Corpus | dict[str, Any], seconds: float
) -> dict[str, Any]:
    """Collect what a reader needs to trust a record, or to make it again.

    Parameters
    ----------
    command : str
        What makes it again.
    seeds : list of int
    corpus : Corpus or dict
        What was read; where it were several, or none, what is to be said instead, such as :func:`data_facts` by name.
    seconds : float
        Of computing, the whole study.

    Returns
    -------
    dict

    Notes
    -----
    Chapter: 10.
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


def corpus_checksum(corpus: Corpus) -> str:
    """Return a SHA-256 over every text and label of a corpus, in order.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    str

    Notes
    -----
    Chapter: 10.
    """
    digest = hashlib.sha256()
    for part in PARTS:
        split = getattr(corpus, part)
        for text, label in zip(split.texts, split.labels, strict=True):
            digest.update(f"{label}\t{text}\0".encode())
    return digest.hexdigest()


def record_table(record: dict[str, Any]) -> str:
    """Return a record's summary as an HTML table, one row for each arm if it has arms, and the machine as a caption.

    Parameters
    ----------
    record : dict

    Returns
    -------
    str

    Notes
    -----
    Chapter: 10.
    """
    summary = record["summary"]
    if all(isinstance(value, dict) for value in summary.values()):
        rows = _arms(summary)
    else:
        rows = "".join(_row(key.replace("_", " "), [value]) for key, value in summary.items())
    made = record["provenance"]
    machine = made["machine"]
    where = (
        machine.get("gpu")
        or f"{machine['cpu']}, {machine['threads']} thread{'s' if machine['threads'] != 1 else ''}"
    )
    caption = f"{record['what']} Recorded {made['date'][:10]} on {where}."
    return f"<table><caption>{html.escape(caption)}</caption><tbody>{rows}</tbody></table>"


def _arms(summary: dict[str, dict[str, Any]]) -> str:
    """One row for each arm, one column for each figure."""
    figures = list(dict.fromkeys(name for found in summary.values() for name in found))
    head = "".join(f"<th scope='col'>{html.escape(name.replace('_', ' '))}</th>" for name in figures)
    rows = (_row(arm, [found.get(name, "") for name in figures]) for arm, found in summary.items())
    return f"<tr><td></td>{head}</tr>{''.join(rows)}"


def _row(name: str, values: list[Any]) -> str:
    cells = "".join(f"<td>{html.escape(_show(value))}</td>" for value in values)
    return f"<tr><th scope='row'>{html.escape(name)}</th>{cells}</tr>"


def _show(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _check(record: dict[str, Any]) -> None:
    missing = [part for part in REQUIRED if part not in record]
    missing += [f"provenance.{part}" for part in PROVENANCE if part not in record.get("provenance", {})]
    if missing:
        raise ValueError(f"a record must hold {REQUIRED} and provenance {PROVENANCE}; missing: {missing}.")
    if not _NAME.fullmatch(record["name"]):
        raise ValueError(f"a record's name is made of a-z, 0-9 and '-', got {record['name']!r}.")
