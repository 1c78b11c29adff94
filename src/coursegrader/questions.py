"""Questions for a submitted model: test texts, changed copies of them, validation texts, and junk behind each, shuffled.

No row says which kind it is of. A model that has seen the test texts could tell copies of them from texts that it does not
know, and so it is asked both, and the two scores are compared. Labels stay here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from coursegrader.messages import Said
from coursekit.batching import Encoder, TextConfig, tokens_of
from coursekit.text import Vocabulary
from coursekit.training import Config

SHORTENED, SHUFFLED, TWINS, FRESH = 1_000, 200, 200, 1_000
NEAR, COPIES, LEFT_OUT = 3_000, 3, 4  # texts, copies of each, and one word in so many that each copy lacks
MOST_COPIES = 4  # of one text and kind, where texts are few
REPLACED = 8  # besides the word that is taken away, one word in so many is replaced
JUNK = 9  # columns of junk behind the longest text, besides the padding
FIRST_WORD = 4  # ids below are specials


@dataclass(frozen=True)
class Questions:
    """Rows to hand over, and where each kind of row went.

    ``place`` holds row numbers: ``test`` in the order of the test set; ``shortened``, ``shuffled``, ``twins``, ``near``
    and ``plain``, each with ``…_of``, the numbers of the test texts that they were made from; ``fresh`` with
    ``fresh_of``, numbers of others.
    """

    ids: Tensor  # (N, T) int32; behind each text stands junk
    lengths: Tensor  # (N,) int32
    place: dict[str, np.ndarray]
    doubts: tuple[Said, ...] = ()  # what is odd about the model that was handed in, before it is asked


def make_questions(
    texts: Sequence[str],
    vocabulary: Vocabulary,
    config: Config,
    *,
    seed: int,
    fresh: Sequence[str] = (),
    rare: Sequence[int] = (),
) -> Questions:
    """Encode the test texts and mix changed copies among them, ones without the words ``rare``, and other texts."""
    random = np.random.default_rng(seed)
    encoder = Encoder(config, vocabulary)
    rows = [np.array(encoder.encode_words(words)) for words in _words_of(tuple(texts), config.marks)]
    long_enough = np.flatnonzero([len(row) >= 4 for row in rows])
    kinds: dict[str, np.ndarray] = {"test": np.arange(len(rows))}
    all_rows = list(rows)
    for kind, size in (("shortened", SHORTENED), ("shuffled", SHUFFLED), ("twins", TWINS)):
        chosen = np.resize(random.permutation(long_enough), min(size, MOST_COPIES * len(long_enough)))
        kinds[f"{kind}_of"] = chosen
        kinds[kind] = np.arange(len(all_rows), len(all_rows) + len(chosen))
        all_rows += [_changed(rows[i], kind, random, rows[_one_of(long_enough, random)]) for i in chosen]
    chosen = random.permutation(long_enough)[:NEAR]
    kinds["near_of"] = np.repeat(chosen, COPIES)
    kinds["near"] = np.arange(len(all_rows), len(all_rows) + len(kinds["near_of"]))
    all_rows += [copy for i in chosen for copy in _thinned(rows[i], random)]
    strange = np.zeros(len(vocabulary), dtype=bool)
    strange[list(rare)] = True
    kinds["plain_of"] = random.permutation(np.flatnonzero([strange[row].any() for row in rows]))[:NEAR]
    kinds["plain"] = np.arange(len(all_rows), len(all_rows) + len(kinds["plain_of"]))
    all_rows += [np.where(strange[rows[i]], Vocabulary.unk, rows[i]) for i in kinds["plain_of"]]
    kinds["fresh_of"] = random.permutation(len(fresh))[:FRESH]
    kinds["fresh"] = np.arange(len(all_rows), len(all_rows) + len(kinds["fresh_of"]))
    all_rows += [np.array(row) for row in encoder.encode([fresh[i] for i in kinds["fresh_of"]])]
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


@lru_cache(maxsize=2)  # the same for a whole class
def _words_of(texts: tuple[str, ...], marks: bool) -> list[list[str]]:
    return [tokens_of(text, TextConfig(marks=marks)) for text in texts]


def _one_of(values: np.ndarray, random: np.random.Generator) -> int:
    """One value by chance; ``Generator.choice`` draws the same, and takes ten times as long."""
    return values[random.integers(len(values))]


def _changed(row: np.ndarray, kind: str, random: np.random.Generator, other: np.ndarray) -> np.ndarray:
    if kind == "shortened":  # and some words are those of another text
        row = np.delete(row, random.integers(len(row)))
        places = random.choice(len(row), len(row) // REPLACED, replace=False)
        row[places] = other[random.integers(len(other), size=len(places))]
        return row
    if kind == "shuffled":
        return random.permutation(row)
    return row  # a twin: the same text with other junk and other batch mates


def _thinned(row: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """Copies that each lack other words, drawn at random: none is gone from all of them."""
    parts = random.permutation(len(row)) % LEFT_OUT
    return [row[parts != k] for k in range(COPIES)]
