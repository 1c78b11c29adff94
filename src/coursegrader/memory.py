"""What shows that a model knows the test texts by heart: it answers them otherwise than copies of them, or better than others.

Labels of public texts can be had, and be kept as a few numbers in code or weights. No search finds them; but what hangs on
the very words of a text is lost when a quarter of them goes, and what was learned is not: of the same model, three such
copies of a text are answered alike and the text itself otherwise in one to three of a thousand.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load

from coursegrader.messages import Message, say
from coursegrader.questions import COPIES, FIRST_WORD
from coursekit.batching import TextConfig, tokens_of
from coursekit.text import Vocabulary
from coursekit.training import Config

KNOWN = 0.03  # more than this, and than the noise allows, test texts are not to be known better than others
ALONE, DEVIATIONS = (
    0.002,
    4,
)  # share of texts that honest models answer alone, and how far chance may lead from it
RARE = 3  # seen less often than this in all training texts
LONGEST_SIDE = 2_000  # of a weight; longer ones are tables, unless words or sizes explain them


def alone(predicted: np.ndarray, place: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """How many texts get another answer than all their copies, which agree; and how many were asked."""
    if not len(place.get("near", ())):
        return 0, 0
    of, copies = place["near_of"][::COPIES], predicted[place["near"]].reshape(-1, COPIES)
    agree = (copies == copies[:, :1]).all(axis=1)
    return int((agree & (copies[:, 0] != predicted[place["test"][of]])).sum()), len(of)


def most_alone(texts: int) -> int:
    """How many of so many texts may be answered alone."""
    return math.floor(ALONE * texts + DEVIATIONS * math.sqrt(ALONE * texts) + 1)


def rare_words(texts: tuple[str, ...], vocabulary: Vocabulary, config: Config) -> list[int]:
    """Ids of the words that the training texts hardly hold: from them nobody learns which they stand for."""
    counts = _counted(texts, config.marks)
    return [i for i, word in enumerate(vocabulary.words) if i >= FIRST_WORD and counts[word] < RARE]


@lru_cache(maxsize=2)
def _counted(texts: tuple[str, ...], marks: bool) -> Counter[str]:
    return Counter(word for text in texts for word in tokens_of(text, TextConfig(marks=marks)))


def by_rare_words(
    labels: np.ndarray, predicted: np.ndarray, place: Mapping[str, np.ndarray]
) -> tuple[int, int]:
    """How many texts are right only with their rare words, and how many only without them."""
    of = place.get("plain_of", np.array([], dtype=int))
    right = predicted[place["test"][of]] == labels[of]
    plain = predicted[place["plain"]] == labels[of] if len(of) else right
    return int((right & ~plain).sum()), int((~right & plain).sum())


def too_many(more: int, less: int) -> bool:
    """Whether one number is larger than the other by more than chance would have it."""
    return more - less > DEVIATIONS * math.sqrt(more + less)


def known(
    labels: np.ndarray, predicted: np.ndarray, others: np.ndarray, answers: np.ndarray, classes: int
) -> float:
    """By how much the mean recall on the test texts is above that on other texts, less three standard errors."""
    if not len(others):
        return 0.0
    (here, noise), (there, more) = recalls(labels, predicted, classes), recalls(others, answers, classes)
    return here - there - 3 * math.sqrt(noise + more)


def recalls(labels: np.ndarray, predicted: np.ndarray, classes: int) -> tuple[float, float]:
    """Return the mean over the classes of the share that is found, and its variance."""
    counts = [(predicted[labels == c] == c) for c in range(classes) if (labels == c).any()]
    # one text more of each kind, so that a class that is found whole is not thought free of noise
    smooth = [(right.sum() + 1) / (len(right) + 2) for right in counts]
    noise = sum(p * (1 - p) / len(right) for p, right in zip(smooth, counts, strict=True))
    most = max(1, len(counts))
    return float(sum(right.mean() for right in counts)) / most, float(noise) / most**2


def tables_in(weights: bytes, words: int, config: Config) -> Iterator[Message]:
    """What the weights hold that neither the vocabulary nor the sizes of the layers explain."""
    most = max(LONGEST_SIDE, 16 * max(config.embedding_dim, config.hidden_size))
    try:
        tensors = load(weights)
    except (SafetensorError, ValueError):
        return  # the sandbox will say so
    for name, value in tensors.items():
        if value.numel() > 1_000 and value.dtype not in (torch.float32, torch.float16, torch.bfloat16):
            yield say("quality.dtype", name=name[:60], dtype=value.dtype)
        elif any(side > most and abs(side - words) > 16 for side in value.shape):
            yield say("quality.shape", name=name[:60], shape=str(tuple(value.shape)))
