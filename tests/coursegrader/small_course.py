"""A small copy of the homework sources: lower thresholds, smaller samples, a quick final model. For tests and the demo."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.project import ROOT

THRESHOLDS, LOWER = "{0.90: 1, 0.91: 2, 0.915: 3}", "{0.5: 1, 0.55: 2, 0.6: 3}"
F1_THRESHOLDS, F1_LOWER = "{0.77: 1, 0.79: 2, 0.81: 3}", "{0.6: 1, 0.7: 2, 0.75: 3}"
# a final model of homework 2 that learns from the few rare texts of the stand-in
FINAL_OF_2 = (
    ('    "average_decay": 0.99,\n', '    "class_weights": True,\n    "batch_size": 32,\n'),
    ('    "epochs": 4,\n', '    "epochs": 8,\n'),
)
LIMITS = "{artefact_seconds: 90, smoke_seconds: 90, full_seconds: 300, cell_seconds: 40, memory_mib: 4096}"


def make_small_course(folder: Path, *, limits: str = LIMITS) -> Path:
    """Write the sources into a folder, homeworks 1 and 2 made small enough for their stand-ins.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    limits : str
        The limits of the rubrics, as YAML.

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
    _make_small_2(folder / "hw2_hate_tweets", limits)
    return folder


def _make_small_2(folder: Path, limits: str) -> None:
    source, rubric = folder / "hw2.py", folder / "rubric.yaml"
    text = source.read_text(encoding="utf-8").replace(F1_THRESHOLDS, F1_LOWER)
    for old, new in FINAL_OF_2:
        text = text.replace(old, new)
    source.write_text(text, encoding="utf-8")
    text = rubric.read_text(encoding="utf-8").replace(F1_THRESHOLDS, F1_LOWER)
    text = re.sub(r"smoke: .*", "smoke: {rows: 150, epochs: 3, accuracy: 0.1, balanced: true}", text)
    text = text.replace("ceiling: 0.92, drop: 0.10", "ceiling: 0.99, drop: 0.30")
    rubric.write_text(re.sub(r"limits: .*", f"limits: {limits}", text), encoding="utf-8")
