"""A small copy of the homework sources: lower thresholds, smaller samples, a quick final model. For tests and the demo."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.project import ROOT

THRESHOLDS, LOWER = "{0.90: 1, 0.91: 2, 0.915: 3}", "{0.5: 1, 0.55: 2, 0.6: 3}"
F1_THRESHOLDS, F1_LOWER = "{0.77: 1, 0.79: 2, 0.81: 3}", "{0.6: 1, 0.7: 2, 0.75: 3}"
SMOKE = "{rows: 400, epochs: 3, accuracy: 0.26}"
LIMITS = "{artefact_seconds: 90, full_seconds: 300, cell_seconds: 40, memory_mib: 4096}"
FINAL = re.compile(r'(?<=\n)FINAL = \{\n(    ".*\n)+\}')
# final models that learn quickly from the few texts of the stand-ins
FINAL_OF_1 = """\
FINAL = {
    "marks": True,
    "cell": "lstm",
    "bidirectional": True,
    "pooling": "mean+max",
    "word_dropout": 0.2,
    "embedding_dropout": 0.1,
    "dropout": 0.5,
    "label_smoothing": 0.05,
    "epochs": 5,
}"""
FINAL_OF_2 = """\
FINAL = {
    "marks": True,
    "cell": "lstm",
    "bidirectional": True,
    "pooling": "mean+max",
    "word_dropout": 0.1,
    "embedding_dropout": 0.2,
    "dropout": 0.3,
    "class_weights": True,
    "batch_size": 32,
    "epochs": 8,
}"""


def make_small_course(folder: Path, *, limits: str = LIMITS, smoke: str = SMOKE) -> Path:
    """Write the sources into a folder, homeworks 1 and 2 made small enough for their stand-ins.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    limits : str
        The limits of the rubrics, as YAML.
    smoke : str
        The sample of homework 1 that models are trained on, as YAML.

    Returns
    -------
    Path
        The folder, for ``COURSEKIT_SOLUTIONS``.
    """
    shutil.copytree(ROOT / "solutions", folder, dirs_exist_ok=True)
    _make_small(folder / "hw1_ag_news", "hw1.py", FINAL_OF_1, (THRESHOLDS, LOWER), smoke, limits)
    smoke = "{rows: 150, epochs: 3, accuracy: 0.1, balanced: true}"
    _make_small(folder / "hw2_hate_tweets", "hw2.py", FINAL_OF_2, (F1_THRESHOLDS, F1_LOWER), smoke, limits)
    rubric = folder / "hw2_hate_tweets" / "rubric.yaml"
    text = _replaced(
        rubric.read_text(encoding="utf-8"), "ceiling: 0.92, drop: 0.10", "ceiling: 0.99, drop: 0.30"
    )
    rubric.write_text(text, encoding="utf-8")
    return folder


def _make_small(
    folder: Path, source: str, final: str, thresholds: tuple[str, str], smoke: str, limits: str
) -> None:
    text = (folder / source).read_text(encoding="utf-8")
    text, number = FINAL.subn(final, _replaced(text, *thresholds))
    if number != 1:
        raise ValueError(f"{source} must set FINAL once, got {number}.")
    (folder / source).write_text(text, encoding="utf-8")
    text = _replaced((folder / "rubric.yaml").read_text(encoding="utf-8"), *thresholds)
    text = re.sub(r"smoke: .*", f"smoke: {smoke}", text)
    (folder / "rubric.yaml").write_text(re.sub(r"limits: .*", f"limits: {limits}", text), encoding="utf-8")


def _replaced(text: str, old: str, new: str) -> str:
    if old not in text:
        raise ValueError(f"{old!r} is not there any more.")
    return text.replace(old, new)
