"""A small copy of the homework sources: lower thresholds, smaller samples, a quick final model. For tests and the demo."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.project import ROOT

THRESHOLDS, LOWER = "{0.90: 1, 0.91: 2, 0.915: 3}", "{0.5: 1, 0.55: 2, 0.6: 3}"
LIMITS = "{artefact_seconds: 90, smoke_seconds: 90, full_seconds: 300, cell_seconds: 40, memory_mib: 4096}"


def make_small_course(folder: Path, *, limits: str = LIMITS) -> Path:
    """Write the sources into a folder, homework 1 made small enough for the stand-in.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    limits : str
        The limits of the rubric, as YAML.

    Returns
    -------
    Path
        The folder, for ``COURSEKIT_SOLUTIONS``.
    """
    shutil.copytree(ROOT / "solutions", folder, dirs_exist_ok=True)
    source, rubric = folder / "hw1_ag_news" / "hw1.py", folder / "hw1_ag_news" / "rubric.yaml"
    text = source.read_text(encoding="utf-8").replace('    "average_decay": 0.99,\n', "")
    text = text.replace('"embedding_dropout": 0.4', '"embedding_dropout": 0.1').replace(
        '"epochs": 3', '"epochs": 5'
    )
    source.write_text(text.replace(THRESHOLDS, LOWER), encoding="utf-8")
    text = rubric.read_text(encoding="utf-8").replace(THRESHOLDS, LOWER)
    text = re.sub(r"smoke: .*", "smoke: {rows: 400, epochs: 3, accuracy: 0.26}", text)
    rubric.write_text(re.sub(r"limits: .*", f"limits: {limits}", text), encoding="utf-8")
    return folder
