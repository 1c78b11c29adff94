"""The record of claims is complete, holds, and is as new as what it is about."""

import json

import pytest

from tools.fingerprint import bare_code, chapter_fingerprint
from tools.project import chapter_notebooks
from tools.run_claims import RECORD, SEEDS, SOURCES, record_problems

CODE = 'def f(x):\n    """Say."""\n    # why\n    return "# no comment", x  # end\n'


def test_every_claim_holds_for_three_seeds_on_both_sources():
    assert RECORD.is_file(), "there is no record of claims: run 'make claims'"
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert record_problems(record, chapter_notebooks()) == [], "run 'make claims'"


@pytest.fixture
def checkout(tmp_path):
    """A checkout with one chapter, one module and one corpus, and the record of its claims."""
    notebook, module = tmp_path / "03_x.ipynb", tmp_path / "src" / "coursekit" / "text.py"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["1 + 1"]}]}))
    module.parent.mkdir(parents=True)
    module.write_text(CODE)
    (tmp_path / "data" / "cards").mkdir(parents=True)
    (tmp_path / "data" / "corpus.csv").write_text("a")
    claim = {"claim": "c", "measured": "1", "holds": True}
    entry = {
        "sources": chapter_fingerprint(notebook, ["coursekit.text"], tmp_path),
        "modules": ["coursekit.text"],
    }
    entry["runs"] = [
        {"seed": seed, "source": source, "claims": [dict(claim)]} for source in SOURCES for seed in SEEDS
    ]
    return tmp_path, notebook, {"chapters": {"03": entry}}


def problems(checkout):
    root, notebook, record = checkout
    return record_problems(record, [notebook], root)


def test_a_whole_record_passes(checkout):
    assert problems(checkout) == []


def test_what_is_not_recorded_is_seen(checkout):
    runs = checkout[2]["chapters"]["03"]["runs"]
    runs.pop()
    runs[0]["claims"] = []
    assert problems(checkout) == [
        "chapter 03, stand-in, seed 0: no claim is recorded",
        "chapter 03, mirror, seed 2: no claim is recorded",
    ]
    checkout[2]["chapters"].clear()
    assert problems(checkout) == ["chapter 03: not recorded"]


def test_a_failed_claim_is_seen(checkout):
    checkout[2]["chapters"]["03"]["runs"][0]["claims"][0]["holds"] = False
    assert problems(checkout) == ["chapter 03, stand-in, seed 0: fails: c [1]"]


@pytest.mark.parametrize(
    ("file", "text", "stale"),
    [
        ("03_x.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["1 + 2"]}]}), True),
        ("src/coursekit/text.py", CODE.replace("x  #", "x + 1  #"), True),
        ("data/corpus.csv", "b", True),
        ("src/coursekit/text.py", CODE.replace("Say.", "Say more.\n\n    And more."), False),
        ("data/cards/corpus.md", "A card.", False),
    ],
)
def test_what_a_chapter_computes_counts_and_words_do_not(checkout, file, text, stale):
    (checkout[0] / file).write_text(text)
    assert problems(checkout) == ["chapter 03: the record is older than the sources"] * stale


def test_a_module_that_is_gone_is_seen(checkout):
    (checkout[0] / "src" / "coursekit" / "text.py").unlink()
    assert problems(checkout) == ["chapter 03: the record is older than the sources"]


def test_comments_and_docstrings_are_not_code():
    words = CODE.replace("Say", "Say more").replace("    # why\n", "\n").replace("  # end", "")
    assert bare_code(CODE) == bare_code(words)
    assert bare_code(CODE) != bare_code(CODE.replace("no comment", "comment"))
