"""Questions for a submitted model: the test texts, changed copies of them, and junk behind every text, shuffled.

The model cannot tell which row is which, so what it does to one kind it does to all. Labels stay here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from coursekit.batching import Encoder
from coursekit.text import Vocabulary
from coursekit.training import Config

SHORTENED, SHUFFLED, TWINS = 1_000, 200, 200
JUNK = 9  # columns of junk behind the longest text, besides the padding
FIRST_WORD = 4  # ids below are specials


@dataclass(frozen=True)
class Questions:
    """Rows to hand over, and where each kind of row went.

    ``place`` holds row numbers: ``test`` in the order of the test set; ``shortened``, ``shuffled`` and ``twins``, each
    with ``…_of``, the numbers of the test texts that they were made from.
    """

    ids: Tensor  # (N, T) int32; behind each text stands junk
    lengths: Tensor  # (N,) int32
    place: dict[str, np.ndarray]


def make_questions(texts: Sequence[str], vocabulary: Vocabulary, config: Config, *, seed: int) -> Questions:
    """Encode the test texts and mix changed copies among them."""
    random = np.random.default_rng(seed)
    rows = [np.array(row) for row in Encoder(config, vocabulary).encode(texts)]
    long_enough = np.flatnonzero([len(row) >= 4 for row in rows])
    kinds: dict[str, np.ndarray] = {"test": np.arange(len(rows))}
    all_rows = list(rows)
    for kind, size in (("shortened", SHORTENED), ("shuffled", SHUFFLED), ("twins", TWINS)):
        chosen = random.choice(long_enough, min(size, len(long_enough)), replace=False)
        kinds[f"{kind}_of"] = chosen
        kinds[kind] = np.arange(len(all_rows), len(all_rows) + len(chosen))
        all_rows += [_changed(rows[i], kind, random) for i in chosen]
    order = random.permutation(len(all_rows))
    row_of = np.argsort(order)  # where the k-th row went
    longest = max(map(len, all_rows)) + JUNK
    most = max(FIRST_WORD + 1, len(vocabulary))
    ids = random.integers(FIRST_WORD, most, (len(order), longest), dtype=np.int32)
    lengths = np.array([len(all_rows[k]) for k in order], dtype=np.int32)
    for row, k in enumerate(order):
        ids[row, : len(all_rows[k])] = all_rows[k]
    place = {name: rows if name.endswith("_of") else row_of[rows] for name, rows in kinds.items()}
    return Questions(torch.from_numpy(ids), torch.from_numpy(lengths), place)


def _changed(row: np.ndarray, kind: str, random: np.random.Generator) -> np.ndarray:
    if kind == "shortened":
        return np.delete(row, random.integers(len(row)))
    if kind == "shuffled":
        return random.permutation(row)
    return row  # a twin: the same text with other junk and other batch mates
