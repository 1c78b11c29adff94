"""Padding, masks, buckets: nothing lost, nothing twice, lengths tell the truth."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.batching import (
    LengthBuckets,
    TextDataset,
    check_lengths,
    collate,
    encode,
    make_loader,
    mask_from_lengths,
    share_of_pads,
)
from coursekit.text import Vocabulary

id_lists = st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=9), min_size=1, max_size=9)
VOCABULARY = Vocabulary.build([["a", "b", "c", "d", "e"]])


@given(id_lists)
def test_a_batch_gives_back_its_texts(texts):
    batch = collate(texts)
    assert [row[:n].tolist() for row, n in zip(batch.ids, batch.lengths, strict=True)] == texts
    assert (batch.ids[~batch.mask] == 0).all() and batch.ids.shape[1] == max(map(len, texts))


@given(id_lists)
def test_the_mask_counts_to_the_lengths(texts):
    batch = collate(texts)
    assert torch.equal(batch.mask.sum(1), batch.lengths)
    assert torch.equal(batch.mask, batch.mask.sort(dim=1, descending=True).values)


@pytest.mark.parametrize(
    ("lengths", "error", "reason"),
    [
        (torch.tensor([0, 2]), ValueError, "between 1 and 3 .* got 0 to 2"),
        (torch.tensor([1, 4]), ValueError, "between 1 and 3 .* got 1 to 4"),
        (torch.tensor([-1, 2]), ValueError, "got -1 to 2"),
        (torch.tensor([1, 2, 3]), ValueError, r"must have shape \(2,\).* got \(3,\)"),
        (torch.tensor([[1, 2]]), ValueError, r"got \(1, 2\)"),
        (torch.tensor([1.0, 2.0]), TypeError, "int64 tensor, got torch.float32"),
        ([1, 2], TypeError, "int64 tensor, got list"),
    ],
)
def test_wrong_lengths_are_refused(lengths, error, reason):
    with pytest.raises(error, match=reason):
        check_lengths(lengths, 2, 3)


def test_unsorted_lengths_are_fine():
    assert mask_from_lengths(torch.tensor([1, 3, 2]), 3).sum() == 6


def test_an_empty_text_becomes_one_unknown_word():
    assert encode(["", "!!!"], VOCABULARY) == [[1], [1]]
    assert encode([""], VOCABULARY, borders=True) == [[2, 1, 3]]


def test_an_empty_text_further_down_is_an_error():
    with pytest.raises(ValueError, match="no empty text, got one at position 1"):
        collate([[4], []])


def test_no_texts_or_other_labels_are_refused():
    with pytest.raises(ValueError, match="at least one text"):
        collate([])
    with pytest.raises(ValueError, match="'labels' must be as many"):
        collate([[1]], [0, 1])
    with pytest.raises(ValueError, match="at least one text"):
        TextDataset([], [])


@pytest.mark.parametrize(
    "of", [list, tuple, np.array, torch.tensor, lambda labels: pd.Series(labels, index=[5, 6])]
)
def test_labels_of_any_column_are_class_ids(of):
    assert TextDataset([[4], [5]], of([1, 0])).labels == [1, 0]
    assert collate([[4], [5]], of([1, 0])).labels.tolist() == [1, 0]


@pytest.mark.parametrize("labels", [["pos", "neg"], [0.0, 1.0], torch.tensor([0.0, 1.0]), [0, -1], [0, None]])
@pytest.mark.parametrize("door", [TextDataset, collate])
def test_labels_that_are_no_class_ids_are_refused_at_the_door(door, labels):
    with pytest.raises(ValueError, match="each label must be a whole number from 0.*; number the classes"):
        door([[4], [5]], labels)


@pytest.mark.parametrize(
    "lengths", [[1, 2], np.array([1, 2], dtype=np.int32), torch.tensor([1, 2], dtype=torch.int32)]
)
def test_the_advice_on_lengths_works(lengths):
    with pytest.raises(TypeError) as refused:
        check_lengths(lengths, 2, 3)
    advice = str(refused.value).split("; use ")[1].rstrip(".")
    check_lengths(eval(advice, {"torch": torch, "lengths": lengths}), 2, 3)


@pytest.mark.parametrize(("cut", "kept"), [("head", [4, 5, 6]), ("tail", [6, 7, 8]), ("ends", [4, 5, 8])])
def test_long_texts_are_cut_as_asked(cut, kept):
    assert encode(["a b c d e"], VOCABULARY, max_length=3, cut=cut) == [kept]


def test_borders_count_towards_the_length():
    assert encode(["a b c"], VOCABULARY, max_length=3, borders=True) == [[2, 4, 3]]
    with pytest.raises(ValueError, match="'max_length' must leave room"):
        encode(["a"], VOCABULARY, max_length=2, borders=True)
    with pytest.raises(ValueError, match="'cut' must be one of"):
        encode(["a"], VOCABULARY, cut="middle")


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=120),
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(0, 3),
)
def test_an_epoch_holds_each_text_once(lengths, batch_size, pool, seed):
    sampler = LengthBuckets(lengths, batch_size, seed=seed, pool=pool)
    batches = list(sampler)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_size and len(batches) == len(sampler)


def test_epochs_differ_and_a_seed_repeats_them():
    lengths = list(range(1, 200))
    first, again = (LengthBuckets(lengths, 8, seed=1) for _ in range(2))
    one, two = list(first), list(first)
    assert one != two and [list(again), list(again)] == [one, two]


def test_buckets_leave_fewer_pads_than_chance():
    lengths = [1 + (i * 7919) % 97 for i in range(2000)]
    at_random = share_of_pads(lengths, list(LengthBuckets(lengths, 16, seed=0, pool=1)))
    bucketed = share_of_pads(lengths, list(LengthBuckets(lengths, 16, seed=0)))
    assert bucketed < at_random / 5


def test_a_loader_hands_out_labelled_batches():
    dataset = TextDataset(encode(("a b", "c", "a a a"), VOCABULARY), (0, 1, 0))
    (batch,) = make_loader(dataset, 8, shuffle=False)
    assert batch.labels.tolist() == [0, 1, 0] and batch.lengths.tolist() == [2, 1, 3]
    rows = {
        tuple(r.tolist()): y.item()
        for b in make_loader(dataset, 1)
        for r, y in zip(b.ids, b.labels, strict=True)
    }
    assert rows == {(4, 5): 0, (6,): 1, (4, 4, 4): 0}


def test_impossible_buckets_are_refused():
    with pytest.raises(ValueError, match="'batch_size' and 'pool'"):
        LengthBuckets([1], 0, seed=0)
