"""Examinations of homework 4's data set and batch; the steps before them, and how a step is examined: ``pipeline``."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from coursekit.homework.said import sentence

Case = Mapping[str, Any]  # what is handed over; it can be written as JSON
Given = Any  # what came back, as plain data; in the grader, from a process that nobody trusts
Laws = Iterator[tuple[str, str]]  # a law, and what is wrong; empty if nothing is
Names = Mapping[str, Callable[..., Any]]


def unless(good: bool, wrong: str) -> str:
    """What is wrong; empty if nothing is."""
    return "" if good else wrong


def draw_id_lists(draw: random.Random) -> Case:
    """Lists of ids, an empty one and some that are too long among them."""
    lengths = [0, 1, 30, *(draw.randint(1, 30) for _ in range(9))]
    ids = [[draw.randint(1, 99) for _ in range(n)] for n in lengths]
    draw.shuffle(ids)
    return {
        "ids": ids,
        "labels": [draw.randint(0, 1) for _ in ids],
        "max_length": draw.randint(5, 20),
    }


def run_dataset(names: Names, case: Case) -> Given:
    """Make a data set, and take every item out of it."""
    made = names["ReviewDataset"](
        [list(ids) for ids in case["ids"]], list(case["labels"]), case["max_length"]
    )
    items = []
    for i in range(len(case["ids"])):
        ids, length, label = made[i]
        items.append(
            {"ids": ids.tolist(), "dtype": str(ids.dtype), "length": int(length), "label": int(label)}
        )
    return {"n": len(made), "items": items}


def dataset_laws(case: Case, given: Given) -> Laws:
    """What a data set keeps."""
    wanted = [ids[: case["max_length"]] or [1] for ids in case["ids"]]
    got = sentence("got {got}.", got=f"{given['n']!r:.80}")
    yield sentence("len gives the number of texts"), unless(given["n"] == len(wanted), got)
    items = given["items"]
    others = [i for i, item in enumerate(items) if item["dtype"] != "torch.int64"]
    wrong = ""
    if others:
        kind, n = f"{items[others[0]]['dtype']!s:.80}", len(case["ids"][others[0]])
        wrong = sentence("a text of {n} ids gives {kind}.", n=n, kind=kind)
    yield sentence("ids are tensors of whole numbers (int64)"), wrong
    pairs = list(zip(items, wanted, strict=True))
    cut = sum(item["ids"] != ids for item, ids in pairs)
    wrong = sentence("differences: {number}.", number=cut)
    yield sentence("ids are cut after max_length; an empty text is one 1"), unless(not cut, wrong)
    off = sum(item["length"] != len(ids) for item, ids in pairs)
    wrong = sentence("differences: {number}.", number=off)
    yield sentence("the length is that of the ids as they are handed out"), unless(not off, wrong)
    labels = [item["label"] for item in items]
    same = labels == case["labels"]
    yield sentence("labels are those of the texts"), unless(same, sentence("they differ."))


def draw_items(draw: random.Random) -> Case:
    """Items of a data set, of different lengths."""
    rows = [[draw.randint(1, 99) for _ in range(draw.randint(1, 12))] for _ in range(7)]
    return {"ids": rows, "labels": [draw.randint(0, 1) for _ in rows]}


def run_collate(names: Names, case: Case) -> Given:
    """Make one batch."""
    items = [
        (torch.tensor(ids), len(ids), label) for ids, label in zip(case["ids"], case["labels"], strict=True)
    ]
    parts = dict(zip(("ids", "lengths", "labels"), names["collate"](items), strict=True))
    return {name: {"values": part.tolist(), "dtype": str(part.dtype)} for name, part in parts.items()}


def collate_laws(case: Case, given: Given) -> Laws:
    """What a batch keeps."""
    longest = max(map(len, case["ids"]))
    rows = [ids + [0] * (longest - len(ids)) for ids in case["ids"]]
    whole = all(part["dtype"] == "torch.int64" for part in given.values())
    wrong = sentence("another type.")
    yield sentence("ids, lengths and labels are tensors of whole numbers (int64)"), unless(whole, wrong)
    shape = {len(row) for row in given["ids"]["values"]}
    wrong = sentence("wanted {wanted}, got {got}.", wanted=longest, got=str(sorted(shape)))
    yield sentence("ids are as wide as the longest text of the batch"), unless(shape == {longest}, wrong)
    same = given["ids"]["values"] == rows
    wrong = sentence("the ids differ.")
    yield sentence("texts stand in the order they came in, with 0 behind them"), unless(same, wrong)
    lengths = given["lengths"]["values"] == [len(ids) for ids in case["ids"]]
    got = sentence("got {got}.", got=f"{given['lengths']['values']!r:.80}")
    yield sentence("lengths count the real words"), unless(lengths, got)
    labels = given["labels"]["values"] == case["labels"]
    got = sentence("got {got}.", got=f"{given['labels']['values']!r:.80}")
    yield sentence("labels are in the same order"), unless(labels, got)
