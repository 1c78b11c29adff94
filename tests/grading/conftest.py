"""A small homework 1 with lower thresholds, and the reference solution handed in; made once for all tests here."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.grading.reference import solve
from tools.project import ROOT


@pytest.fixture(scope="session")
def small_course(tmp_path_factory):
    """A folder of homework sources that a test can afford: lower thresholds, smaller samples, a quick final model."""
    folder = tmp_path_factory.mktemp("solutions")
    shutil.copytree(ROOT / "solutions", folder, dirs_exist_ok=True)
    source = folder / "hw1_ag_news" / "hw1.py"
    text = source.read_text(encoding="utf-8").replace('    "average_decay": 0.99,\n', "")
    text = text.replace('"embedding_dropout": 0.4', '"embedding_dropout": 0.1').replace(
        '"epochs": 3', '"epochs": 5'
    )
    text = text.replace("{0.90: 1, 0.91: 2, 0.915: 3}", "{0.5: 1, 0.55: 2, 0.6: 3}")
    source.write_text(text, encoding="utf-8")
    rubric = folder / "hw1_ag_news" / "rubric.yaml"
    text = rubric.read_text(encoding="utf-8").replace(
        "{0.90: 1, 0.91: 2, 0.915: 3}", "{0.5: 1, 0.55: 2, 0.6: 3}"
    )
    text = re.sub(r"smoke: .*", "smoke: {rows: 400, epochs: 3, accuracy: 0.26}", text)
    text = re.sub(
        r"limits: .*",
        "limits: {artefact_seconds: 90, smoke_seconds: 90, full_seconds: 300, cell_seconds: 40, memory_mib: 4096}",
        text,
    )
    rubric.write_text(text, encoding="utf-8")
    before = os.environ.get("COURSEKIT_SOLUTIONS")
    os.environ["COURSEKIT_SOLUTIONS"] = str(folder)
    yield folder
    if before is None:
        del os.environ["COURSEKIT_SOLUTIONS"]
    else:
        os.environ["COURSEKIT_SOLUTIONS"] = before


@pytest.fixture(scope="session")
def reference(small_course, tmp_path_factory) -> Path:
    """The packed reference solution of the small homework 1."""
    return solve("hw1", tmp_path_factory.mktemp("reference"))
