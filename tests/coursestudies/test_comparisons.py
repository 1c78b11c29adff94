"""Recorded answers are compared on the same texts, and only on those they were given to."""

import numpy as np
import pytest

from coursekit.data import load
from coursekit.records import Record
from coursestudies import comparisons
from coursestudies.comparisons import answers_of, compare

TRUTH = [0, 1, 2] * 100
RIGHT = TRUTH
WRONG_ON_A_THIRD = [0, 1, 0] * 100


def test_a_clear_difference_is_found_and_stands_with_its_texts():
    found = compare("ag_news", {"good": [RIGHT, RIGHT], "linear": [WRONG_ON_A_THIRD]}, TRUTH, seed=0)
    gap = found["ag_news_good_minus_linear"]
    assert gap["difference"] == pytest.approx(1 / 3) and 0.2 < gap["low"] < 1 / 3 < gap["high"] < 0.5
    assert (gap["only_first"], gap["only_second"]) == (100, 0) and gap["p_first_seed"] < 1e-9
    assert found["ag_news_linear"]["mean"] == pytest.approx(2 / 3)


def test_a_rare_class_is_judged_by_macro_f1():
    truth = [0] * 90 + [1] * 10
    found = compare("hate_tweets", {"no": [[0] * 100], "all right": [truth]}, truth, seed=0)
    assert found["hate_tweets_no"]["score"] == "macro_f1"
    assert found["hate_tweets_no"]["mean"] == pytest.approx((2 * 90 / 190) / 2)
    assert found["hate_tweets_no_minus_all_right"]["high"] < 0


def test_the_linear_model_is_the_one_that_validation_chose(monkeypatch):
    runs = [{"arm": arm, "seed": 0, "test": {"predicted": "01"}} for arm in ("recurrent", "pooling")]
    runs[0]["beside"] = {"test": {"predicted": "11"}}
    linear = [
        {"data": "imdb", "features": f, "predicted": p} for f, p in (("words", "00"), ("letters", "10"))
    ]
    record = Record({"name": "linear-baselines", "chosen": {"imdb": "letters"}, "runs": linear})
    monkeypatch.setattr(comparisons, "read_record", lambda name: record)
    answers = answers_of(
        Record({"name": "x", "summary": {"recurrent": {}, "pooling": {}}, "runs": runs}), "imdb"
    )
    assert answers["linear"] == [[1, 0]] and answers["recurrent beside linear"] == [[1, 1]]


def test_other_texts_than_the_recorded_ones_are_refused(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    record = Record({"name": "x", "provenance": {"data": {"ag_news": {"sha256": "0"}}}})
    with pytest.raises(ValueError, match="texts of ag_news are not those of the record 'x'"):
        comparisons.same_texts(record, "ag_news", load("ag_news", train=50, quiet=True))


def test_many_texts_take_seconds():
    truth = np.random.default_rng(0).integers(0, 2, 20_000)
    answers = {"a": [truth, 1 - truth, truth], "b": [truth]}
    assert compare("imdb", answers, truth, seed=0)["imdb_a_minus_b"]["difference"] == pytest.approx(-1 / 3)
