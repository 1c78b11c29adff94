"""Splits are stratified, seeded, disjoint; the test set is never touched."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import CATALOGUE, Corpus, Source, Split
from coursekit.data.splits import three_parts

NEWS = CATALOGUE["ag_news"]


def split_of(n, n_labels=4, word="text"):
    return Split(tuple(f"{word} {i}" for i in range(n)), tuple(i % n_labels for i in range(n)))


@given(st.lists(st.integers(0, 3), min_size=4, max_size=200), st.data())
def test_taking_keeps_each_class_to_the_nearest_text(labels, data):
    split = Split(tuple(map(str, range(len(labels)))), tuple(labels))
    n = data.draw(st.integers(1, len(labels)))
    taken = split.take(n, seed=data.draw(st.integers(0, 5)))
    assert len(taken) == n and len(set(taken.texts)) == n
    for have, all_ in zip(taken.counts(4), split.counts(4), strict=True):
        assert abs(have - all_ * n / len(labels)) < 1


def test_taking_follows_the_seed_only():
    split = split_of(100)
    assert split.take(20, seed=1) == split.take(20, seed=1)
    assert split.take(20, seed=1) != split.take(20, seed=2)


@pytest.mark.parametrize("n", [0, 101])
def test_taking_too_few_or_too_many_is_refused(n):
    with pytest.raises(ValueError, match="'n' must lie between 1 and 100"):
        split_of(100).take(n)


def test_texts_and_labels_must_be_equally_many():
    with pytest.raises(ValueError, match="equally many, got 2 and 1"):
        Split(("a", "b"), (0,))


@pytest.mark.parametrize(
    ("text", "label", "reason"),
    [
        (None, 0, "each text must be a string, got None at position 1"),
        (float("nan"), 0, "each text must be a string, got nan at position 1"),
        ("a", -1, "each label must be a whole number from 0.* got -1 at position 1; number the classes"),
        ("a", 0.0, "each label must be a whole number from 0.* got 0.0 at position 1"),
        ("a", "0", "each label must be a whole number from 0.* got '0' at position 1"),
    ],
)
def test_a_bad_text_or_label_is_refused_where_it_enters(text, label, reason):
    with pytest.raises(ValueError, match=reason):
        Split(("b", text), (1, label))


@pytest.mark.parametrize("of", [list, tuple, np.array, lambda values: pd.Series(values, index=[7, 8, 9])])
def test_a_split_is_made_of_any_column(of):
    split = Split(of(["a", "b", "c"]), of([0, 1, 1]))
    assert split == Split(("a", "b", "c"), (0, 1, 1)) and hash(split)
    assert split.pick([2, 0]) == Split(("c", "a"), (1, 0)) and split.counts(2) == [1, 2]
    assert {type(value) for value in split.labels} == {int}


def test_the_checksum_of_a_corpus_is_the_one_in_the_records():
    parts = {
        "train": Split(("а", "b"), (0, 1)),
        "validation": Split(("c",), (1,)),
        "test": Split(("d",), (0,)),
    }
    corpus = Corpus("own", "", ("no", "yes"), **parts, source=Source("table", "here"))
    wanted = hashlib.sha256("0\tа\0001\tb\0001\tc\0000\td\000".encode()).hexdigest()
    assert corpus.checksum == wanted


@given(st.integers(40, 200), st.integers(0, 9))
def test_parts_are_disjoint_and_complete(n, seed):
    raw = {"train": split_of(n), "test": split_of(12, word="trial")}
    parts, notes = three_parts(raw, NEWS, seed=seed, validation=0.2)
    assert parts["test"] == raw["test"]
    held, kept = set(parts["validation"].texts), set(parts["train"].texts)
    assert not held & kept and held | kept == set(raw["train"].texts)
    assert len(held) == round(0.2 * n) and notes == []


def test_a_text_of_the_test_set_leaves_train_and_a_note_says_so():
    raw = {"train": split_of(40), "test": Split(("TEXT  3", "other"), (3, 0))}
    parts, notes = three_parts(raw, NEWS, seed=0, validation=0.1)
    assert parts["test"] == raw["test"]
    assert "text 3" not in parts["train"].texts + parts["validation"].texts
    assert notes == ["1 texts dropped from train because they stand in test too"]


def test_a_text_of_validation_leaves_train():
    raw = {"train": split_of(20), "validation": Split(("text 5",), (1,)), "test": split_of(4, word="trial")}
    parts, notes = three_parts(raw, NEWS, seed=0, validation=0.1)
    assert "text 5" not in parts["train"].texts and parts["validation"].texts == ("text 5",)
    assert notes == ["1 texts dropped from train because they stand in validation too"]


def test_a_text_of_the_test_set_leaves_validation_too():
    raw = {"train": split_of(20), "validation": Split(("v", "w"), (1, 0)), "test": Split(("w",), (0,))}
    parts, notes = three_parts(raw, NEWS, seed=0, validation=0.1)
    assert parts["validation"].texts == ("v",)
    assert notes == ["1 texts dropped from validation because they stand in test too"]


@given(st.lists(st.sampled_from("abcdefgh"), min_size=30, max_size=80), st.integers(0, 5))
def test_parts_share_no_text_however_often_texts_repeat(words, seed):
    raw = {
        "train": Split(tuple(f"{w}{i % 20}" for i, w in enumerate(words)), tuple(map(len, words))),
        "test": Split(("a0", "b1"), (0, 1)),
    }
    parts, _ = three_parts(raw, NEWS, seed=seed, validation=0.2)
    assert parts["test"] == raw["test"]
    sets = [set(split.texts) for split in parts.values()]
    assert sum(map(len, sets)) == len(set.union(*sets))


@given(st.integers(0, 20))
def test_validation_keeps_the_shares_of_the_classes_and_follows_the_seed(seed):
    raw = {"train": split_of(200), "test": split_of(4, word="trial")}
    parts, _ = three_parts(raw, NEWS, seed=seed, validation=0.1)
    assert parts["validation"].counts(4) == [5, 5, 5, 5]
    assert parts["validation"] == three_parts(raw, NEWS, seed=seed, validation=0.1)[0]["validation"]
    assert parts["validation"] != three_parts(raw, NEWS, seed=seed + 1, validation=0.1)[0]["validation"]


def test_repeats_are_dropped_and_a_fixed_test_part_is_cut_where_the_spec_says_so():
    spec = replace(CATALOGUE["hate_tweets"], test_rows=10)
    train = split_of(60, 2)
    raw = {"train": Split(train.texts * 2, train.labels * 2)}
    first, notes = three_parts(raw, spec, seed=0, validation=0.1)
    second, _ = three_parts(raw, spec, seed=1, validation=0.1)
    assert first["test"] == second["test"] and len(first["test"]) == 10
    assert first["validation"] != second["validation"]
    assert notes == ["60 repeated texts dropped from train", "10 texts held out as a fixed test part"]


def test_a_part_left_without_a_text_is_an_error():
    with pytest.raises(ValueError, match="left without a text|cannot be held out"):
        three_parts({"train": split_of(4), "test": split_of(4)}, NEWS, seed=0, validation=0.5)


@pytest.mark.parametrize("share", [0, 1, -0.1])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(ValueError, match="'validation' must lie between 0 and 1"):
        three_parts({"train": split_of(9)}, NEWS, seed=0, validation=share)
