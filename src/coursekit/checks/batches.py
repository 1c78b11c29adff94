"""The batches that a check of a model asks with: a few short texts, without pads where pads would hide something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch

from coursekit.batching import Batch
from coursekit.text import Vocabulary

MOST_WORDS = 32  # of each text: gradients of plain RNNs fade to an exact zero on long ones


def first_batch(batches: Iterable[Batch] | Batch) -> Batch:
    """Return the first batch; a plain tuple (ids, lengths, labels) will do."""
    batch = batches if isinstance(batches, Batch) else next(iter(batches), None)
    if batch is None:
        raise ValueError("'batches' must yield at least one batch, got none: is the loader empty?")
    if isinstance(batch, (tuple, list)) and len(batch) == 3:
        batch = Batch(*batch)
    if not isinstance(batch, Batch) or batch.labels is None or not len(batch):
        raise TypeError(
            "a batch must hold ids, lengths and labels, as ck.collate or a tuple of three makes it, got "
            f"{type(batch).__name__}."
        )
    return batch.to("cpu")


def pick(batch: Batch, rows: list[int]) -> Batch:
    """Return some of the texts, with their pads."""
    return Batch(batch.ids[rows], batch.lengths[rows], batch.labels[rows])


def cut(batch: Batch, n: int, most: int = 8) -> Batch:
    """Return the first texts, cut to ``n`` words, so that none has a pad."""
    n, few = min(n, MOST_WORDS), batch.ids[:most]
    return Batch(few[:, :n], torch.full((len(few),), n), batch.labels[:most])


def long_enough(batch: Batch) -> Batch:
    """Return texts of equal length, at least three words."""
    rows = (batch.lengths >= 3).nonzero().flatten().tolist()
    if not rows:
        raise ValueError(f"a text must have at least three words, got at most {int(batch.lengths.max())}.")
    picked = pick(batch, rows)
    return cut(picked, int(picked.lengths.min()))


def by_class(batch: Batch, size: int) -> Batch:
    """Return a few different short texts, of every class in turn."""
    seen, turns = set(), {}
    for i, (ids, label) in enumerate(
        zip(batch.ids[:, :MOST_WORDS].tolist(), batch.labels.tolist(), strict=True)
    ):
        if str(ids) not in seen:
            seen.add(str(ids))
            turns.setdefault(label, []).append(i)
    if len(turns) < 2:
        raise ValueError(f"a batch must hold two classes, got only {list(turns)}: a constant would learn it.")
    turn_of = {i: turn for rows in turns.values() for turn, i in enumerate(rows)}
    chosen = pick(batch, sorted(turn_of, key=lambda i: (turn_of[i], i))[:size])
    longest = min(MOST_WORDS, int(chosen.lengths.max()))
    return replace(chosen, ids=chosen.ids[:, :longest], lengths=chosen.lengths.clamp(max=longest))


def half_unknown(batch: Batch) -> Batch:
    """Return texts in which every second word is unknown, and brings no spelling along."""
    unknown = batch.ids.new_zeros(batch.ids.shape[2:])
    unknown.view(-1)[0] = Vocabulary.unk
    ids = batch.ids.clone()
    ids[:, ::2] = unknown
    return replace(batch, ids=ids)
