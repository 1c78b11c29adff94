"""Pairs: two neighbouring words as one more entry, so that "not good" can have a vector of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from coursekit.text.vocabulary import Vocabulary

NO_PAIR = Vocabulary.pad  # the first word of a text has no word before it


def neighbours(tokens: Sequence[str]) -> list[str]:
    """Return the pairs of neighbouring words, each as one string.

    Notes
    -----
    Wang and Manning (2012), "Baselines and bigrams: simple, good sentiment and topic classification".

    Examples
    --------
    >>> neighbours(["not", "good", "at", "all"])
    ['not good', 'good at', 'at all']
    """
    return [f"{first} {second}" for first, second in pairwise(tokens)]


def encode_with_pairs(
    tokens: Sequence[str], vocabulary: Vocabulary, pairs: Vocabulary
) -> list[tuple[int, int]]:
    """Return for each word its id, then the id of the pair that it makes with the word before it.

    The second is 0 if there is no word before, or if ``pairs`` (built from :func:`neighbours`) does not list the pair.
    """
    closed = [NO_PAIR, *(pairs.ids.get(pair, NO_PAIR) for pair in neighbours(tokens))]
    return list(zip(vocabulary.encode(tokens), closed, strict=False))  # no words: nothing to close
