"""A claim is printed, recorded, and an error when it fails."""

import json
import sys
import types

import numpy as np
import pytest
import torch

import coursekit as ck
from coursekit.lesson import ClaimFailed


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("COURSEKIT_STRICT", "COURSEKIT_CLAIMS_LOG"):
        monkeypatch.delenv(name, raising=False)


def test_a_claim_that_holds_prints_a_tick_and_the_measure(capsys):
    ck.claim("two is even", True, {"remainder": 0.0})
    assert capsys.readouterr().out == "✓ two is even  [remainder: 0]\n"


def test_several_measures_can_be_told_apart(capsys):
    ck.claim("two and three", True, {"two": 2, "three, four": [3.0, 4.0]})
    assert capsys.readouterr().out == "✓ two and three  [two: 2; three, four: 3, 4]\n"


def test_a_claim_that_fails_is_an_error():
    with pytest.raises(ClaimFailed, match="two is odd.*measured 0.125"):
        ck.claim("two is odd", False, 0.125)


def test_array_booleans_and_scalars_are_understood(capsys):
    ck.claim("a", torch.tensor(True), torch.tensor(0.5))
    ck.claim("b", np.bool_(True), np.float32(0.25))
    assert "[0.5]" in capsys.readouterr().out


def test_a_lenient_reader_gets_a_warning(monkeypatch):
    monkeypatch.setenv("COURSEKIT_STRICT", "0")
    with pytest.warns(UserWarning, match="claim failed"):
        ck.claim("two is odd", False)


def test_colab_gets_a_warning(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    with pytest.warns(UserWarning, match="claim failed"):
        ck.claim("two is odd", False)


def test_every_claim_is_logged_with_its_chapter_even_a_failed_one(monkeypatch, tmp_path):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("COURSEKIT_CLAIMS_LOG", str(log))
    ck.setup(chapter="99")
    ck.claim("one", True, 1)
    with pytest.raises(ClaimFailed):
        ck.claim("two", False, 2)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["chapter"], line["claim"], line["holds"]) for line in lines] == [
        ("99", "one", True),
        ("99", "two", False),
    ]


def test_setup_prints_one_line_and_seeds(capsys, monkeypatch):
    monkeypatch.setenv("COURSEKIT_SEED", "2")
    lesson = ck.setup(chapter="03")
    first = torch.rand(1)
    ck.setup(chapter="03")
    assert lesson.seed == 2 and torch.equal(first, torch.rand(1))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and "seed 2" in lines[0] and "budget" in lines[0]


def test_a_seed_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SEED", "two")
    with pytest.raises(ValueError, match="COURSEKIT_SEED"):
        ck.setup(chapter="03")


def test_check_shape_shows_both_shapes():
    with pytest.raises(ValueError, match=r"out must have shape \(2, 3\), got \(3, 2\)"):
        ck.check_shape(torch.zeros(3, 2), (2, 3), "out")


def test_source_shows_code_without_docstring():
    shown = ck.source(ck.check_shape).data
    assert "def check_shape" in shown and "Parameters" not in shown and "raise ValueError" in shown
    compile(shown, "shown", "exec")
