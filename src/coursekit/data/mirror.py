"""The campus mirror: a folder of checked files that a course can serve to its students.

``MIRROR/NAME/train.parquet`` (or ``.csv``) with the columns ``text`` and ``label``; likewise ``test`` and
``validation`` (or ``val``). A mirror written by ``coursekit data fetch`` also holds ``manifest.json`` with the
checksum, rows and label counts of each file.

Left out: serving the folder; any web server or network share does that.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from coursekit.data.catalogue import CATALOGUE, DatasetSpec
from coursekit.data.corpus import Split
from coursekit.data.tables import MirrorError, read_table
from coursekit.runtime import files

PARTS = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}
SUFFIXES = (".parquet", ".csv")
MANIFEST = "manifest.json"


def mirror_dir() -> Path | None:
    """Return the folder named by ``COURSEKIT_DATA``, or None if the variable is not set.

    Raises
    ------
    FileNotFoundError
        If the variable names a folder that is not there.

    Notes
    -----
    Chapter: 00.
    """
    named = os.environ.get("COURSEKIT_DATA")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"COURSEKIT_DATA must name a folder, got {named!r}; mend the path or unset the variable."
        )
    return folder


def part_files(mirror: Path, name: str) -> dict[str, Path]:
    """Return the files of a data set in a mirror, by part; empty if it has none.

    Parameters
    ----------
    mirror : Path
    name : str

    Returns
    -------
    dict of str to Path

    Notes
    -----
    Chapter: none.
    """
    found = {}
    for part, stems in PARTS.items():
        places = [mirror / name / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES]
        there = [path for path in places if path.is_file()]
        if there:
            found[part] = there[0]
    return found


def read_mirror(mirror: Path, spec: DatasetSpec) -> dict[str, Split] | None:
    """Read every part that a mirror has of a data set.

    Parameters
    ----------
    mirror : Path
    spec : DatasetSpec

    Returns
    -------
    dict of str to Split, or None
        None if the mirror has no folder for it.

    Raises
    ------
    MirrorError
        If a file is damaged, differs from the manifest, or the train part is missing.

    Notes
    -----
    Chapter: none.
    """
    folder = mirror / spec.name
    if not folder.is_dir():
        return None
    if spec.name == "ru_tweets" and (folder / "positive.csv").is_file():
        return {"train": read_rutweetcorp(folder)}
    paths = part_files(mirror, spec.name)
    needed = [part for part in ("train", *spec.rows) if part not in paths]
    if needed:
        raise MirrorError(f"{folder}: needs {needed[0]}.parquet or {needed[0]}.csv; has {_listing(folder)}.")
    listed = _manifest(mirror).get(spec.name, {})
    parts = {}
    for part, path in paths.items():
        if part in listed and files.sha256(path) != listed[part]["sha256"]:
            raise MirrorError(f"{path}: differs from {MANIFEST}; it may be cut short, so fetch it again.")
        parts[part] = read_table(path, len(spec.label_names))
    return parts


def read_rutweetcorp(folder: Path) -> Split:
    """Read RuTweetCorp as its author publishes it: two files, ``;`` between columns, the text in the fourth.

    Parameters
    ----------
    folder : Path
        Holds ``positive.csv`` and ``negative.csv``.

    Returns
    -------
    Split
        Labels 1 for positive, 0 for negative.

    Raises
    ------
    MirrorError
        If one of the files is missing or is not such a table.

    Notes
    -----
    Chapter: 01.
    """
    texts: list[str] = []
    labels: list[int] = []
    for label, stem in enumerate(("negative", "positive")):
        path = folder / f"{stem}.csv"
        try:
            table = pd.read_csv(path, sep=";", header=None, encoding="utf-8", dtype=str)
        except FileNotFoundError as error:
            raise MirrorError(
                f"{path}: missing; RuTweetCorp is two files, positive.csv and negative.csv."
            ) from error
        except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise MirrorError(f"{path}: must be UTF-8 with ';' between columns ({error}).") from error
        if table.shape[1] < 4:
            raise MirrorError(f"{path}: needs the text in the fourth column, has {table.shape[1]} columns.")
        column = table[3].dropna().tolist()
        texts += column
        labels += [label] * len(column)
    return Split(tuple(texts), tuple(labels))


def write_mirror(mirror: Path, name: str, parts: dict[str, Split], *, force: bool = False) -> list[Path]:
    """Write the parts of a data set as parquet, with their checksums in the manifest.

    Parameters
    ----------
    mirror : Path
    name : str
    parts : dict of str to Split
    force : bool, default False
        Write over files that are there.

    Returns
    -------
    list of Path

    Raises
    ------
    FileExistsError
        If a file is there and ``force`` is not given; nothing is written then.

    Notes
    -----
    Each file is written whole or not at all, the manifest last. Chapter: 00.
    """
    paths = {part: mirror / name / f"{part}.parquet" for part in parts}
    there = [str(path) for path in paths.values() if path.exists()]
    if there and not force:
        raise FileExistsError(f"{there[0]} is there already; use --force to write over it.")
    manifest = _manifest(mirror)
    manifest[name] = {}
    n_labels = len(CATALOGUE[name].label_names)
    for part, split in parts.items():
        buffer = io.BytesIO()
        pd.DataFrame({"text": split.texts, "label": split.labels}).to_parquet(buffer, index=False)
        files.write_bytes(paths[part], buffer.getvalue())
        manifest[name][part] = {
            "sha256": files.sha256(paths[part]),
            "rows": len(split),
            "labels": split.counts(n_labels),
        }
    files.write_json(mirror / MANIFEST, manifest)
    return list(paths.values())


def check_mirror(mirror: Path, names: list[str] | None = None) -> Iterator[tuple[str, str | None, str]]:
    """Read every file of a mirror and compare it with the catalogue and the manifest.

    Parameters
    ----------
    mirror : Path
    names : list of str, optional
        All data sets that the mirror has, if left out.

    Yields
    ------
    (name, error, report) : tuple
        ``error`` is None if the data set is sound; ``report`` says what was read.

    Notes
    -----
    Chapter: 00.
    """
    for name in names or [n for n in CATALOGUE if (mirror / n).is_dir()]:
        spec = CATALOGUE[name]
        try:
            parts = read_mirror(mirror, spec)
        except MirrorError as error:
            yield name, str(error), ""
            continue
        if parts is None:
            yield name, f"{mirror / name}: no such folder.", ""
            continue
        report = ", ".join(f"{part} {len(split):,}" for part, split in parts.items())
        checked = (
            "checksums agree" if name in _manifest(mirror) else "no manifest: schema and labels checked only"
        )
        partial = "; partial" if is_partial(spec, parts) else ""
        yield name, None, f"{report} ({checked}{partial})"


def is_partial(spec: DatasetSpec, parts: dict[str, Split]) -> bool:
    """Tell whether fewer texts are there than the official data have.

    Parameters
    ----------
    spec : DatasetSpec
    parts : dict of str to Split

    Returns
    -------
    bool

    Notes
    -----
    Chapter: none.
    """
    return sum(map(len, parts.values())) < sum(spec.rows.values())


def _manifest(mirror: Path) -> dict[str, Any]:
    path = mirror / MANIFEST
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MirrorError(f"{path}: must be JSON ({error}); fetch the mirror again.") from error


def _listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
