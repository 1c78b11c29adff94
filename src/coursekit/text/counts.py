"""Bags of words: counts, hashed counts, and TF-IDF.

Left out: counting a corpus that does not fit in memory; scikit-learn's ``HashingVectorizer`` streams.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.utils import murmurhash3_32

NORMS = ("l1", "l2", None)


def ngrams(tokens: Sequence[str], longest: int = 1) -> list[str]:
    """Return the words of a text, then its runs of 2, 3, … neighbouring words, each joined by spaces.

    Parameters
    ----------
    longest : int, default 1
        Words in the longest run: 1 for words alone, 2 for words and pairs.

    Raises
    ------
    TypeError
        If ``tokens`` is one string; its letters would be taken for words.
    ValueError
        If ``longest`` is below 1.

    Examples
    --------
    >>> ngrams(["not", "so", "bad"], 2)
    ['not', 'so', 'bad', 'not so', 'so bad']
    """
    if isinstance(tokens, str):
        raise TypeError(
            f"'tokens' must be a list of words, got the string {tokens[:30]!r}; tokenise it first."
        )
    if longest < 1:
        raise ValueError(f"'longest' must be at least 1, got {longest}.")
    runs = list(tokens)
    for n in range(2, longest + 1):
        runs += [" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return runs


@dataclass(frozen=True)
class BagOfWords:
    """A column for every word of the training texts, in the order of the alphabet.

    Attributes
    ----------
    words : tuple of str
        ``words[j]`` is counted in column ``j``. Pairs and longer runs count as words, if there are any.
    longest : int
        Words in the longest run that is counted.

    Examples
    --------
    >>> bag = BagOfWords.build([["dog", "bites", "man"], ["man", "bites", "man"]])
    >>> bag.words
    ('bites', 'dog', 'man')
    >>> bag.count([["man", "bites", "man", "again"]]).toarray().tolist()
    [[1.0, 0.0, 2.0]]
    """

    words: tuple[str, ...]
    longest: int = 1
    columns: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", {word: j for j, word in enumerate(self.words)})

    @classmethod
    def build(
        cls, token_lists: Iterable[Sequence[str]], *, longest: int = 1, min_texts: int = 1
    ) -> BagOfWords:
        """Collect the words of the *training* texts.

        Parameters
        ----------
        min_texts : int, default 1
            Keep what stands in at least so many texts.
        """
        texts = Counter(word for tokens in token_lists for word in set(ngrams(tokens, longest)))
        return cls(tuple(sorted(word for word, n in texts.items() if n >= min_texts)), longest)

    def __len__(self) -> int:
        return len(self.words)

    def count(self, token_lists: Iterable[Sequence[str]]) -> csr_matrix:
        """Count words; a word without a column is not counted.

        Returns
        -------
        csr_matrix of shape (texts, len(words))
            Only what is not zero is stored.
        """
        rows = (
            Counter(self.columns[word] for word in ngrams(tokens, self.longest) if word in self.columns)
            for tokens in token_lists
        )
        return _sparse(rows, len(self))


def column_and_sign(word: str, n_columns: int) -> tuple[int, int]:
    """Return the column that the hash of a word names, and a sign from the same hash.

    The hash is MurmurHash3 with seed 0, the same in every process and on every machine; Python's ``hash`` is not.

    Returns
    -------
    column : int
        From 0 to ``n_columns - 1``.
    sign : {-1, 1}

    Raises
    ------
    ValueError
        If ``n_columns`` is below 1.
    """
    if n_columns < 1:
        raise ValueError(f"'n_columns' must be at least 1, got {n_columns}.")
    number = murmurhash3_32(word)  # from -2**31 to 2**31 - 1
    return abs(number) % n_columns, 1 if number >= 0 else -1


def hashed_counts(
    token_lists: Iterable[Sequence[str]], n_columns: int, *, longest: int = 1, signed: bool = True
) -> csr_matrix:
    """Count words without a list of words: a hash names the column of each.

    Parameters
    ----------
    n_columns : int
        Two words that get the same column *collide*: their counts are added.
    signed : bool, default True
        Count half of the words downwards. What collides then cancels as often as it adds up, so inner products of
        texts are right on average.

    Returns
    -------
    csr_matrix of shape (texts, n_columns)

    Notes
    -----
    Weinberger et al. (2009), "Feature hashing for large scale multitask learning", section 2.
    """
    places: dict[str, tuple[int, int]] = {}  # hashing a word once is enough
    rows = []
    for tokens in token_lists:
        row: Counter[int] = Counter()
        for word in ngrams(tokens, longest):
            if word not in places:
                places[word] = column_and_sign(word, n_columns)
            column, sign = places[word]
            row[column] += sign if signed else 1
        rows.append(row)
    return _sparse(rows, n_columns)


def collisions(words: Iterable[str], n_columns: int) -> dict[int, list[str]]:
    """Return the columns that more than one word is hashed to.

    Parameters
    ----------
    words : iterable of str
        Distinct words.

    Returns
    -------
    dict of int to list of str
        Column and the words that share it, both sorted.
    """
    found = defaultdict(list)
    for word in sorted(set(words)):
        found[column_and_sign(word, n_columns)[0]].append(word)
    return {column: sharing for column, sharing in sorted(found.items()) if len(sharing) > 1}


class TfIdf:
    r"""Weigh counts: a word counts for more the fewer texts hold it.

    With :math:`n` training texts, :math:`\mathrm{df}(w)` of which hold the word :math:`w`, and
    :math:`\mathrm{tf}(w, d)` its count in the text :math:`d`,

    .. math::
        \mathrm{idf}(w) = \ln \frac{1 + n}{1 + \mathrm{df}(w)} + 1, \qquad
        x_{d,w} = \frac{\mathrm{tf}(w, d)\,\mathrm{idf}(w)}
                       {\sqrt{\sum_{v} \big(\mathrm{tf}(v, d)\,\mathrm{idf}(v)\big)^2}}

    Parameters
    ----------
    smooth : bool, default True
        Without it, :math:`\mathrm{idf}(w) = \ln (n / \mathrm{df}(w)) + 1`.
    sublinear : bool, default False
        Put :math:`1 + \ln \mathrm{tf}` in place of a count :math:`\mathrm{tf} > 0`.
    norm : {"l2", "l1", None}, default "l2"
        What each row is divided by: its length, the sum of its absolute values, or nothing.

    Attributes
    ----------
    idf : ndarray of shape (words,)
        Set by :meth:`fit`.

    Raises
    ------
    ValueError
        If ``norm`` is another one.

    Notes
    -----
    Spärck Jones (1972), "A statistical interpretation of term specificity"; the variant is scikit-learn's, whose
    ``+ 1`` keeps words that stand in every text.

    Examples
    --------
    >>> counts = csr_matrix([[1.0, 1.0], [1.0, 0.0]])
    >>> TfIdf(smooth=False, norm=None).fit(counts).transform(counts).toarray().round(3).tolist()
    [[1.0, 1.693], [1.0, 0.0]]
    """

    def __init__(self, smooth: bool = True, sublinear: bool = False, norm: str | None = "l2") -> None:
        if norm not in NORMS:
            raise ValueError(f"'norm' must be one of {NORMS}, got {norm!r}.")
        self.smooth, self.sublinear, self.norm = smooth, sublinear, norm

    def fit(self, counts: csr_matrix) -> TfIdf:
        """Learn in how many of the training texts each word stands.

        Parameters
        ----------
        counts : csr_matrix of shape (texts, words)

        Returns
        -------
        TfIdf
            Itself.

        Raises
        ------
        ValueError
            If there is no text, or if ``smooth`` is off and a column holds no count.
        """
        n, df = counts.shape[0], _floats(counts).getnnz(axis=0)  # df: (words,), the texts that hold the word
        if n == 0 or (not self.smooth and df.min(initial=1) == 0):
            raise ValueError(
                f"each word must stand in at least one text to have an idf without smoothing, got {n} texts and "
                f"{(df == 0).sum()} words that no text holds; drop them, or use smooth=True with one text or more."
            )
        self.idf = np.log((n + self.smooth) / (df + self.smooth)) + 1
        return self

    def transform(self, counts: csr_matrix) -> csr_matrix:
        """Weigh the counts of any texts by what :meth:`fit` has learned.

        Parameters
        ----------
        counts : csr_matrix of shape (texts, words)

        Returns
        -------
        csr_matrix of shape (texts, words)
            A text without any word stays a row of zeros.

        Raises
        ------
        AttributeError
            If :meth:`fit` was not called.
        ValueError
            If there are more or fewer columns than were fitted, or if ``sublinear`` meets a count below zero.
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
        if self.norm is None:
            return weights
        size = np.sqrt(weights.power(2).sum(axis=1)) if self.norm == "l2" else abs(weights).sum(axis=1)
        size = np.asarray(size).ravel()  # (texts,)
        return csr_matrix(weights.multiply(1 / np.where(size == 0, 1, size)[:, None]))

    def fit_transform(self, counts: csr_matrix) -> csr_matrix:
        """Fit on the training counts and return them weighed.

        Parameters
        ----------
        counts : csr_matrix of shape (texts, words)

        Returns
        -------
        csr_matrix of shape (texts, words)
        """
        return self.fit(counts).transform(counts)


def _floats(counts: csr_matrix) -> csr_matrix:
    """Copy a matrix of counts, so that what is stored is what is not zero."""
    copy = csr_matrix(counts, dtype=np.float64, copy=True)
    copy.eliminate_zeros()
    return copy


def _sparse(rows: Iterable[Counter[int]], n_columns: int) -> csr_matrix:
    """Lay out counters of columns as a matrix, a row for each; counts that cancelled are not stored."""
    columns: list[int] = []
    values: list[int] = []
    ends = [0]
    for row in rows:
        kept = [column for column in sorted(row) if row[column]]
        columns += kept
        values += [row[column] for column in kept]
        ends.append(len(columns))
    return csr_matrix((np.array(values, dtype=np.float64), columns, ends), shape=(len(ends) - 1, n_columns))
