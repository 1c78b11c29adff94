"""Spelling: a word as the set of its letter n-grams, so that a word never seen still resembles its relatives.

Left out: learning which pieces are worth having; :mod:`coursekit.text.subwords` does that.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from coursekit.text.vocabulary import Vocabulary

SHORTEST, LONGEST, MOST = 3, 5, 40


def letter_ngrams(word: str, shortest: int = SHORTEST, longest: int = LONGEST) -> list[str]:
    """Return the letter n-grams of a word, whose ends are marked with ``<`` and ``>``.

    Parameters
    ----------
    shortest, longest : int
        Letters, the marks counted.

    Returns
    -------
    list of str
        In order of length; the whole marked word if it is shorter than ``shortest``.

    Raises
    ------
    ValueError
        If the word is empty, or the two lengths are not 1 or more and in order.

    Notes
    -----
    Bojanowski, Grave, Joulin and Mikolov (2017), "Enriching word vectors with subword information".

    Examples
    --------
    >>> letter_ngrams("кот", 3, 4)
    ['<ко', 'кот', 'от>', '<кот', 'кот>']
    """
    if not word:
        raise ValueError("'word' must hold at least one letter, got an empty string.")
    if not 1 <= shortest <= longest:
        raise ValueError(
            f"'shortest' and 'longest' must be in order, 1 or more, got {shortest} and {longest}."
        )
    marked = f"<{word}>"
    found = [marked[i : i + n] for n in range(shortest, longest + 1) for i in range(len(marked) - n + 1)]
    return found or [marked]


def spell(tokens: Sequence[str], vocabulary: Vocabulary, buckets: int) -> list[tuple[int, ...]]:
    """Encode words with their spelling.

    Parameters
    ----------
    buckets : int
        The n-grams are hashed into so many ids, 1 to ``buckets``; several may share one.

    Returns
    -------
    list of tuple of int
        For each word its id in the vocabulary (``<unk>`` for one that is not there), then the ids of its n-grams, at
        most 40.

    Raises
    ------
    ValueError
        If ``buckets`` is below 1.

    Notes
    -----
    The hash is CRC-32, the same in every process.
    """
    if buckets < 1:
        raise ValueError(f"'buckets' must be at least 1, got {buckets}.")
    ids = vocabulary.encode(tokens)
    return [
        (
            number,
            *(
                1 + zlib.crc32(gram.encode("utf-8", "surrogatepass")) % buckets
                for gram in letter_ngrams(word)[:MOST]
            ),
        )
        for number, word in zip(ids, tokens, strict=True)
    ]
