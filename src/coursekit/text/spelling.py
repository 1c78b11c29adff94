"""Spelling: a word as the set of its letter n-grams, so that a word never seen still resembles its relatives.

Left out: learning which pieces are worth having; :mod:`coursekit.text.subwords` does that.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from coursekit.text.vocabulary import Vocabulary

SHORTEST, LONGEST, MOST = 3, 5, 40


def letter_ngrams(word: str, shortest: int = SHORTEST, longest: int = LONGEST) -> list[str]:
    """Return the letter n-grams of a word, whose ends are marked with ``<`` and ``>``; short ones first.

    A marked word that is shorter than ``shortest`` is returned whole. Bojanowski, Grave, Joulin and Mikolov (2017),
    "Enriching word vectors with subword information". Raises ``ValueError`` if the word is empty.

    >>> letter_ngrams("кот", 3, 4)
    ['<ко', 'кот', 'от>', '<кот', 'кот>']
    """
    if not word:
        raise ValueError("'word' must hold at least one letter, got an empty string.")
    marked = f"<{word}>"
    ngrams = [marked[i : i + n] for n in range(shortest, longest + 1) for i in range(len(marked) - n + 1)]
    return ngrams or [marked]


def spell(tokens: Sequence[str], vocabulary: Vocabulary, buckets: int) -> list[tuple[int, ...]]:
    """Return for each word its id, then the ids of its n-grams, at most 40.

    The n-grams are hashed (CRC-32) into so many ids, 1 to ``buckets``; several may share one.
    """
    if buckets < 1:
        raise ValueError(f"'buckets' must be at least 1, got {buckets}.")

    def bucket(ngram: str) -> int:
        return 1 + zlib.crc32(ngram.encode("utf-8", "surrogatepass")) % buckets

    return [
        (word_id, *map(bucket, letter_ngrams(word)[:MOST]))
        for word_id, word in zip(vocabulary.encode(tokens), tokens, strict=True)
    ]
