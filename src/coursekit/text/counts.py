"""Bags of words: counts, hashed counts, and TF-IDF.

Left out: counting a corpus that does not fit in memory; scikit-learn's ``HashingVectorizer`` streams.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.utils import murmurhash3_32

from coursekit.text.guards import require_words


def ngrams(tokens: Sequence[str], longest: int = 1) -> list[str]:
    """Return the words of a text, then its runs of 2, 3, … ``longest`` neighbouring words, each joined by spaces.

    >>> ngrams(["not", "so", "bad"], 2)
    ['not', 'so', 'bad', 'not so', 'so bad']
    """
    require_words(tokens)
    if longest < 1:
        raise ValueError(f"'longest' must be at least 1, got {longest}.")
    return [" ".join(tokens[i : i + n]) for n in range(1, longest + 1) for i in range(len(tokens) - n + 1)]


@dataclass(frozen=True)
class BagOfWords:
    """A column for every word of the training texts, in the order of the alphabet. Longer runs count as words.

    >>> bag = BagOfWords.build([["dog", "bites", "man"], ["man", "bites", "man"]])
    >>> bag.words
    ('bites', 'dog', 'man')
    >>> bag.count([["man", "bites", "man", "again"]]).toarray().tolist()
    [[1.0, 0.0, 2.0]]
    """

    words: tuple[str, ...]  # words[j] is counted in column j
    longest: int = 1  # words in the longest run that is counted

    @classmethod
    def build(cls, token_lists: Iterable[Sequence[str]], *, longest: int = 1) -> BagOfWords:
        """Collect the words of the *training* texts."""
        return cls(
            tuple(sorted({word for tokens in token_lists for word in ngrams(tokens, longest)})), longest
        )

    @cached_property
    def columns(self) -> dict[str, int]:
        """The column of each word."""
        return {word: j for j, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def count(self, token_lists: Iterable[Sequence[str]]) -> csr_matrix:
        """Count words in a matrix of shape (texts, len(words)); a word without a column is not counted."""
        columns = self.columns
        rows = ([(columns[w], 1) for w in ngrams(text, self.longest) if w in columns] for text in token_lists)
        return _matrix(rows, len(self))


def column_and_sign(word: str, n_columns: int) -> tuple[int, int]:
    """Return the column that the hash of a word names, and a sign from the same hash.

    The hash is MurmurHash3 with seed 0, the same in every process and on every machine; Python's ``hash`` is not.
    Raises ``ValueError`` if ``n_columns`` is below 1.
    """
    if n_columns < 1:
        raise ValueError(f"'n_columns' must be at least 1, got {n_columns}.")
    number = murmurhash3_32(word)  # from -2**31 to 2**31 - 1
    return abs(number) % n_columns, 1 if number >= 0 else -1


def hashed_counts(
    token_lists: Iterable[Sequence[str]], n_columns: int, *, longest: int = 1, signed: bool = True
) -> csr_matrix:
    """Count words without a list of words, in shape (texts, n_columns): a hash names the column of each.

    Two words that get the same column *collide*: their counts are added. ``signed`` counts half of the words downwards;
    what collides then cancels as often as it adds up, so inner products of texts are right on average. Weinberger et
    al. (2009), "Feature hashing for large scale multitask learning", section 2.
    """
    place = cache(column_and_sign)  # hashing a word once is enough
    rows = ([place(word, n_columns) for word in ngrams(tokens, longest)] for tokens in token_lists)
    if not signed:
        rows = ([(column, 1) for column, _ in row] for row in rows)
    return _matrix(rows, n_columns)


def collisions(words: Iterable[str], n_columns: int) -> dict[int, list[str]]:
    """Return the columns that more than one word is hashed to, with the words that share each; both sorted."""
    held = defaultdict(list)
    for word in sorted(set(words)):
        held[column_and_sign(word, n_columns)[0]].append(word)
    return {column: sharing for column, sharing in sorted(held.items()) if len(sharing) > 1}


class TfIdf:
    r"""Weigh counts: a word counts for more the fewer texts hold it.

    With :math:`n` training texts, :math:`\mathrm{df}(w)` of which hold the word :math:`w`, and
    :math:`\mathrm{tf}(w, d)` its count in the text :math:`d`,

    .. math::
        \mathrm{idf}(w) = \ln \frac{1 + n}{1 + \mathrm{df}(w)} + 1, \qquad
        x_{d,w} = \frac{\mathrm{tf}(w, d)\,\mathrm{idf}(w)}
                       {\sqrt{\sum_{v} \big(\mathrm{tf}(v, d)\,\mathrm{idf}(v)\big)^2}}

    Without ``smooth``, :math:`\mathrm{idf}(w) = \ln (n / \mathrm{df}(w)) + 1`; with ``sublinear``, :math:`1 + \ln
    \mathrm{tf}` stands in place of a count :math:`\mathrm{tf} > 0`. Spärck Jones (1972), "A statistical interpretation
    of term specificity"; the variant is scikit-learn's, whose ``+1`` keeps words that stand in every text.

    >>> counts = csr_matrix([[1.0, 1.0], [1.0, 0.0]])
    >>> TfIdf(smooth=False).fit(counts).idf.round(3).tolist()
    [1.0, 1.693]
    """

    def __init__(self, smooth: bool = True, sublinear: bool = False) -> None:
        self.smooth, self.sublinear = smooth, sublinear

    def fit(self, counts: csr_matrix) -> TfIdf:
        """Learn ``idf``, (words,), from the counts of the training texts, (texts, words)."""
        n, df = counts.shape[0], _floats(counts).getnnz(axis=0)  # df: (words,), the texts that hold the word
        if n == 0 or (not self.smooth and df.min(initial=1) == 0):
            raise ValueError(
                f"each word must stand in at least one text to have an idf without smoothing, got {n} texts and "
                f"{(df == 0).sum()} words that no text holds; drop them, or use smooth=True with one text or more."
            )
        self.idf = np.log((n + self.smooth) / (df + self.smooth)) + 1
        return self

    def transform(self, counts: csr_matrix) -> csr_matrix:
        """Weigh the counts of any texts, (texts, words): each row gets length 1, that of a text without words is zeros.

        Raises ``AttributeError`` if :meth:`fit` was not called, and ``ValueError`` if there are more or fewer columns
        than were fitted, or if ``sublinear`` meets a count below zero.
        """
        if not hasattr(self, "idf"):
            raise AttributeError(
                "TfIdf must be fitted before it transforms; call fit with the training counts."
            )
        if counts.shape[1] != len(self.idf):
            raise ValueError(f"'counts' must have the fitted {len(self.idf)} columns, got {counts.shape[1]}.")
        tf = _floats(counts)
        if self.sublinear:
            if tf.data.min(initial=0) < 0:
                raise ValueError(
                    "a count below zero has no logarithm; hash with signed=False, or sublinear=False."
                )
            tf.data = 1 + np.log(tf.data)
        weights = csr_matrix(tf.multiply(self.idf))
        length = np.sqrt(weights.power(2).sum(axis=1))  # (texts, 1)
        return csr_matrix(weights.multiply(1 / np.where(length == 0, 1, length)))


def _floats(counts: csr_matrix) -> csr_matrix:
    """Copy a matrix of counts, so that what is stored is what is not zero."""
    copy = csr_matrix(counts, dtype=np.float64, copy=True)
    copy.eliminate_zeros()
    return copy


def _matrix(rows: Iterable[Iterable[tuple[int, int]]], n_columns: int) -> csr_matrix:
    """Add up the numbers of each row by their columns; what cancels is not stored."""
    entries: list[tuple[int, int]] = []
    ends = [0]
    for row in rows:
        entries += row
        ends.append(len(entries))
    columns, numbers = np.array(entries, dtype=np.int64).reshape(-1, 2).T
    matrix = csr_matrix((numbers.astype(np.float64), columns, ends), shape=(len(ends) - 1, n_columns))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix
