"""The campus mirror: a folder of checked files that a course can serve to its students.

``MIRROR/NAME/train.parquet`` (or ``.csv``) with the columns ``text`` and ``label``; likewise ``test`` and
``validation`` (or ``val``). A mirror written by ``coursekit data fetch`` also holds ``manifest.json`` with the
checksum, rows and label counts of each file.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from coursekit.data.catalogue import CATALOGUE, DatasetSpec
from coursekit.data.corpus import Split
from coursekit.data.manifest import MANIFEST, read_manifest
from coursekit.data.tables import MirrorError, read_table
from coursekit.runtime import files

PARTS = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}
SUFFIXES = (".parquet", ".csv")
STALE_SECONDS = 3600
RUTWEETCORP = ("negative", "positive")  # the stems of its two files, by label


def mirror_dir() -> Path | None:
    """Return the folder named by ``COURSEKIT_DATA``, or None if the variable is not set.

    Raises
    ------
    FileNotFoundError
        If the variable names a folder that is not there.
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
    """Return the files of a data set in a mirror, by part; empty if it has none."""
    found = {}
    for part, stems in PARTS.items():
        places = [mirror / name / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES]
        there = [path for path in places if path.is_file()]
        if there:
            found[part] = there[0]
    return found


def read_mirror(mirror: Path, spec: DatasetSpec) -> dict[str, Split] | None:
    """Read every part that a mirror has of a data set.

    Returns
    -------
    dict of str to Split, or None
        None if the mirror has no folder for it.

    Raises
    ------
    MirrorError
        If a file is damaged, differs from the manifest, or an official part is missing.
    """
    if not (mirror / spec.name).is_dir():
        return None
    parts, faults = _read_parts(mirror, spec)
    if faults:
        raise MirrorError(faults[0])
    return parts


def _read_parts(mirror: Path, spec: DatasetSpec) -> tuple[dict[str, Split], list[str]]:
    """Return the sound parts of a data set, and one sentence for each fault."""
    folder = mirror / spec.name
    if spec.name == "ru_tweets" and any((folder / f"{stem}.csv").is_file() for stem in RUTWEETCORP):
        try:
            return {"train": read_rutweetcorp(folder)}, []
        except MirrorError as error:
            return {}, [str(error)]
    try:
        listed = read_manifest(mirror).get(spec.name, {})
    except MirrorError as error:
        return {}, [str(error)]
    paths = part_files(mirror, spec.name)
    faults = [
        f"{folder}: needs {part}.parquet or {part}.csv; has {sorted(path.name for path in folder.iterdir())}."
        for part in dict.fromkeys(("train", *spec.rows, *listed))
        if part not in paths
    ]
    parts = {}
    for part, path in paths.items():
        if listed and part not in listed:
            faults.append(f"{path}: is not in {MANIFEST}; remove it, or fetch the data set again.")
        elif listed and files.sha256(path) != listed[part]["sha256"]:
            faults.append(f"{path}: differs from {MANIFEST}; it may be cut short, so fetch it again.")
        else:
            try:
                parts[part] = read_table(path, len(spec.label_names))
            except MirrorError as error:
                faults.append(str(error))
    return parts, faults


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
    """
    texts: list[str] = []
    labels: list[int] = []
    for label, stem in enumerate(RUTWEETCORP):
        path = folder / f"{stem}.csv"
        try:
            table = pd.read_csv(
                path, sep=";", header=None, encoding="utf-8", dtype=str, keep_default_na=False
            )
        except FileNotFoundError as error:
            raise MirrorError(
                f"{path}: missing; RuTweetCorp is two files, positive.csv and negative.csv."
            ) from error
        except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise MirrorError(f"{path}: must be UTF-8 with ';' between columns ({error}).") from error
        if table.shape[1] < 4:
            raise MirrorError(f"{path}: needs the text in the fourth column, has {table.shape[1]} columns.")
        column = [text for text in table[3] if text]
        texts += column
        labels += [label] * len(column)
    return Split(tuple(texts), tuple(labels))


def write_mirror(mirror: Path, name: str, parts: dict[str, Split], *, force: bool = False) -> list[Path]:
    """Write the parts of a data set as parquet, with their checksums in the manifest.

    Parameters
    ----------
    force : bool, default False
        Write over files that hold something else.

    Raises
    ------
    FileExistsError
        If a file with another content is there and ``force`` is not given; nothing is written then.

    Notes
    -----
    Each file is written whole or not at all, the manifest last. A call that was cut short can be repeated: what it
    had written is kept.
    """
    paths = {part: mirror / name / f"{part}.parquet" for part in parts}
    contents = {paths[part]: _parquet(split) for part, split in parts.items()}
    there = {*part_files(mirror, name).values(), *(path for path in contents if path.exists())}
    other = sorted(str(path) for path in there if path.read_bytes() != contents.get(path))
    if other and not force:
        raise FileExistsError(f"{other[0]} is there already; use --force to write over it.")
    manifest = read_manifest(mirror)
    manifest[name] = {}
    n_labels = len(CATALOGUE[name].label_names)
    for part, split in parts.items():
        if paths[part] not in there or str(paths[part]) in other:
            files.write_bytes(paths[part], contents[paths[part]])
        manifest[name][part] = {
            "sha256": files.sha256(paths[part]),
            "rows": len(split),
            "labels": split.counts(n_labels),
        }
    files.write_json(mirror / MANIFEST, manifest)
    _sweep(mirror / name)
    return list(paths.values())


def check_mirror(mirror: Path, names: list[str] | None = None) -> Iterator[tuple[str, str | None, str]]:
    """Read every file of a mirror and compare it with the catalogue and the manifest.

    Parameters
    ----------
    names : list of str, optional
        All data sets that the mirror has, if left out.

    Yields
    ------
    (name, error, report) : tuple
        ``error`` is None if the data set is sound, else a line for each fault; ``report`` says what was read.
    """
    try:
        listed = read_manifest(mirror)
    except MirrorError:
        listed = {}  # reported below, with each data set
    for name in names or [n for n in CATALOGUE if (mirror / n).is_dir() or n in listed]:
        spec = CATALOGUE[name]
        if not (mirror / name).is_dir():
            yield name, f"{mirror / name}: no such folder.", ""
            continue
        parts, faults = _read_parts(mirror, spec)
        if faults:
            yield name, "\n".join(faults), ""
            continue
        report = ", ".join(f"{part} {len(split):,}" for part, split in parts.items())
        checked = "checksums agree" if name in listed else "no manifest: schema and labels checked only"
        partial = "; partial" if is_partial(spec, parts) else ""
        yield name, None, f"{report} ({checked}{partial})"


def is_partial(spec: DatasetSpec, parts: dict[str, Split]) -> bool:
    """Tell whether a part has fewer texts than the official one.

    Notes
    -----
    A part that is not official was cut from train, and counts with it.
    """
    have = {part: len(split) for part, split in parts.items()}
    have["train"] += sum(n for part, n in have.items() if part not in spec.rows)
    return any(have[part] < rows for part, rows in spec.rows.items())


def _parquet(split: Split) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"text": split.texts, "label": split.labels}).to_parquet(
        buffer, index=False, compression="zstd"
    )
    return buffer.getvalue()


def _sweep(folder: Path) -> None:
    """Remove what a killed writer left; a file younger than an hour may belong to one at work."""
    for path in folder.glob(".*.part"):
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            path.unlink(missing_ok=True)
