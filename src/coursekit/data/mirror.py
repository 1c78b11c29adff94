"""The campus mirror: a folder of checked files that a course can serve to its students.

``MIRROR/NAME/train.parquet`` (or ``.csv``) with the columns ``text`` and ``label``; likewise ``test`` and
``validation`` (or ``val``). A mirror written by ``coursekit data fetch`` also holds ``manifest.json`` with the
checksum, rows and label counts of each file.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from coursekit.data.catalogue import CATALOGUE, DatasetSpec
from coursekit.data.corpus import Split
from coursekit.data.rutweetcorp import RUTWEETCORP, read_rutweetcorp
from coursekit.data.tables import DataError, checked_split, read_frame
from coursekit.runtime import files

MANIFEST = "manifest.json"
STEMS = {
    "train": ("train",),
    "validation": ("val", "validation"),
    "test": ("test",),
}  # the last there is counts
SUFFIXES = (".csv", ".parquet")  # likewise
STALE_SECONDS = 3600


def mirror_dir() -> Path | None:
    """Return the folder named by ``COURSEKIT_DATA``, None without it; raise ``FileNotFoundError`` if it is not there."""
    named = os.environ.get("COURSEKIT_DATA")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"COURSEKIT_DATA must name a folder, got {named!r}; mend the path or unset the variable."
        )
    return folder


def read_manifest(mirror: Path) -> dict[str, Any]:
    """Return what ``manifest.json`` lists, by data set and part; empty if the mirror has none.

    It is written last, so a data set that it lists is whole. Raises ``DataError`` if it is damaged.
    """
    path = mirror / MANIFEST
    if not path.is_file():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for entry in [entry for parts in manifest.values() for entry in parts.values()]:
            bytes.fromhex(entry["sha256"])
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise DataError(f"{path}: must be the JSON that 'coursekit data fetch' writes ({error}).") from error
    return manifest


def part_files(mirror: Path, name: str) -> dict[str, Path]:
    """Return the files of a data set in a mirror, by part; empty if it has none."""
    return {
        part: path
        for part, stems in STEMS.items()
        for stem, suffix in product(stems, SUFFIXES)
        if (path := mirror / name / f"{stem}{suffix}").is_file()
    }


def read_mirror(mirror: Path, spec: DatasetSpec) -> dict[str, Split] | None:
    """Read every part that a mirror has of a data set; None if it has no folder for it.

    Raises ``DataError`` if a file is damaged, differs from the manifest, or an official part is missing.
    """
    if not (mirror / spec.name).is_dir():
        return None
    parts, faults = _read_parts(mirror, spec)
    if faults:
        raise DataError(faults[0])
    return parts


def _read_parts(mirror: Path, spec: DatasetSpec) -> tuple[dict[str, Split], list[str]]:
    """Return the sound parts of a data set, and one sentence for each fault."""
    folder = mirror / spec.name
    try:
        if spec.name == "ru_tweets" and any((folder / f"{stem}.csv").is_file() for stem in RUTWEETCORP):
            return {"train": read_rutweetcorp(folder)}, []
        listed = read_manifest(mirror).get(spec.name, {})
    except DataError as error:
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
                split = checked_split(read_frame(path, dtype={"text": str}), len(spec.label_names), path)
            except DataError as error:
                faults.append(str(error))
                continue
            counts = split.counts(len(spec.label_names))
            if part == "train" and 0 in counts:
                missing = counts.index(0)
                faults.append(
                    f"{path}: train must hold every class, has no text of label {missing} ({spec.label_names[missing]}); "
                    "labels count from 0, and a file sorted by label must not be cut."
                )
            parts[part] = split
    return parts, faults


def write_mirror(mirror: Path, name: str, parts: dict[str, Split], *, force: bool = False) -> None:
    """Write the parts of a data set as parquet, with their checksums in the manifest.

    Each file is written whole or not at all, the manifest last. A call that was cut short can be repeated: what it had
    written is kept. Raises ``FileExistsError`` if a file with another content is there and ``force`` is not given;
    nothing is written then.
    """
    contents = {mirror / name / f"{part}.parquet": _parquet(split) for part, split in parts.items()}
    there = {path: path.read_bytes() for path in part_files(mirror, name).values()}
    other = sorted(str(path) for path, content in there.items() if content != contents.get(path))
    if other and not force:
        raise FileExistsError(f"{other[0]} is there already; use --force to write over it.")
    manifest = read_manifest(mirror)
    manifest[name] = {}
    for (part, split), (path, content) in zip(parts.items(), contents.items(), strict=True):
        if there.get(path) != content:
            files.write_bytes(path, content)
        labels = split.counts(len(CATALOGUE[name].label_names))
        manifest[name][part] = {"sha256": files.sha256(path), "rows": len(split), "labels": labels}
    files.write_json(mirror / MANIFEST, manifest)
    _sweep(mirror / name)


def check_mirror(mirror: Path, names: list[str] | None = None) -> Iterator[tuple[str, str | None, str]]:
    """Read every file of a mirror, or of the named data sets, and compare it with the catalogue and the manifest.

    Yields (name, error, report): ``error`` is None if the data set is sound, else a line for each fault; ``report``
    says what was read.
    """
    try:
        listed = read_manifest(mirror)
    except DataError:
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
    """Tell whether a part has fewer texts than the official one. What is not official was cut from train."""
    have = {part: len(split) for part, split in parts.items()}
    have["train"] += sum(n for part, n in have.items() if part not in spec.rows)
    return any(have[part] < rows for part, rows in spec.rows.items())


def _parquet(split: Split) -> bytes:
    buffer = io.BytesIO()
    frame = pd.DataFrame({"text": split.texts, "label": split.labels})
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def _sweep(folder: Path) -> None:
    """Remove what a killed writer left; a file younger than an hour may belong to one at work."""
    for path in folder.glob(".*.part"):
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            path.unlink(missing_ok=True)
