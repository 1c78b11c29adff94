"""The manifest of a mirror: the checksum, rows and label counts of each file, by data set and part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coursekit.data.tables import MirrorError

MANIFEST = "manifest.json"


def read_manifest(mirror: Path) -> dict[str, Any]:
    """Return what ``manifest.json`` lists, by data set and part; empty if the mirror has none.

    Raises
    ------
    MirrorError
        If it is damaged.

    Notes
    -----
    It is written last, so a data set that it lists is whole.
    """
    path = mirror / MANIFEST
    if not path.is_file():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        entries = [entry for parts in manifest.values() for entry in parts.values()]
        if all(isinstance(entry["sha256"], str) for entry in entries):
            return manifest
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise MirrorError(
            f"{path}: must be the JSON that 'coursekit data fetch' writes ({error})."
        ) from error
    raise MirrorError(f"{path}: each file must have a checksum; fetch the mirror again with --force.")
