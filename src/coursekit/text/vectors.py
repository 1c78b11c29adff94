"""Word vectors from counts: positive pointwise mutual information, then a truncated SVD.

The recipe is Levy, Goldberg and Dagan (2015), "Improving distributional similarity with lessons learned from word
embeddings", sections 2 and 3: window counts, smoothed contexts, PPMI, SVD with the singular values at power 1/2.

Left out: skip-gram with negative sampling; ``gensim`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from coursekit.text.vocabulary import SPECIALS, Vocabulary


def count_neighbours(id_lists: Sequence[Sequence[int]], size: int, *, window: int = 5) -> sparse.csr_matrix:
    """Count how often two words of encoded texts stand at most ``window`` places apart; return symmetric counts, (V, V).

    The specials, the first four ids, are not counted; ``size`` is that of the vocabulary, V.
    """
    if window < 1:
        raise ValueError(f"'window' must be at least 1, got {window}.")
    gap = [0] * window  # between texts, so that no pair crosses
    stream = np.array([i for ids in id_lists for i in (*ids, *gap)], dtype=np.int64)
    counts = sparse.csr_matrix((size, size), dtype=np.float64)
    for distance in range(1, window + 1):
        left, right = stream[:-distance], stream[distance:]
        real = (left >= len(SPECIALS)) & (right >= len(SPECIALS))
        pairs = sparse.coo_matrix((np.ones(real.sum()), (left[real], right[real])), shape=(size, size))
        counts = counts + pairs.tocsr()
    return (counts + counts.T).tocsr()


def ppmi(counts: sparse.csr_matrix, *, smoothing: float = 0.75) -> sparse.csr_matrix:
    r"""Turn counts, (V, V), into positive pointwise mutual information, (V, V), of which only positive entries are stored.

    .. math:: \mathrm{PPMI}(w, c) = \max\left(0, \log \frac{p(w, c)}{p(w)\,p_\alpha(c)}\right)

    Logarithms are natural; ``smoothing``, the power of context counts, lets rare contexts weigh less below 1.
    """
    counts = counts.tocoo()
    total = counts.data.sum()
    if total == 0:
        return counts.tocsr()
    word = np.bincount(counts.row, counts.data, counts.shape[0]) / total
    context = np.bincount(counts.col, counts.data, counts.shape[1]) ** smoothing
    context = context / context.sum()
    values = np.log(counts.data / total / (word[counts.row] * context[counts.col]))
    keep = values > 0
    return sparse.csr_matrix((values[keep], (counts.row[keep], counts.col[keep])), shape=counts.shape)


def svd_vectors(matrix: sparse.csr_matrix, dim: int, *, seed: int) -> np.ndarray:
    """Compress each row of a matrix (V, V) to ``dim`` numbers, (V, dim) float32, with a truncated SVD.

    They are the left singular vectors times the square root of the singular values, largest first; the largest entry of
    a column by magnitude is positive. The seed draws the start vector of the iteration. Raises ``ValueError`` if
    ``dim`` is not between 1 and V - 1.
    """
    if not 1 <= dim < matrix.shape[0]:
        raise ValueError(f"'dim' must be between 1 and {matrix.shape[0] - 1}, got {dim}.")
    start = np.random.default_rng(seed).standard_normal(matrix.shape[0])
    u, s, _ = svds(matrix, k=dim, v0=start)
    u, s = u[:, ::-1], s[::-1]
    u = u * np.sign(u[np.abs(u).argmax(axis=0), np.arange(dim)] + 1e-30)
    return (u * np.sqrt(np.maximum(s, 0.0))).astype(np.float32)  # (V, dim)


@dataclass(frozen=True)
class CountVectors:
    """Word vectors, a row of ``matrix`` (V, dim) for each word of the vocabulary."""

    vocabulary: Vocabulary
    matrix: np.ndarray

    @classmethod
    def build(
        cls,
        token_lists: Sequence[Sequence[str]],
        vocabulary: Vocabulary,
        dim: int,
        *,
        window: int = 5,
        seed: int,
    ) -> CountVectors:
        """Count, weigh and compress in one call; specials get zero vectors."""
        counts = count_neighbours([vocabulary.encode(t) for t in token_lists], len(vocabulary), window=window)
        return cls(vocabulary, svd_vectors(ppmi(counts), dim, seed=seed))

    def nearest(self, word: str, k: int = 5) -> list[tuple[str, float]]:
        """Return the ``k`` words with the most similar vectors, and their cosines; ``KeyError`` for an unknown word."""
        if word not in self.vocabulary:
            raise KeyError(f"{word!r} is not in the vocabulary of {len(self.vocabulary)} entries.")
        unit = self.matrix / np.maximum(np.linalg.norm(self.matrix, axis=1, keepdims=True), 1e-12)
        cosine = unit @ unit[self.vocabulary.ids[word]]
        cosine[self.vocabulary.ids[word]] = -np.inf
        best = np.argsort(-cosine, kind="stable")[:k]
        return [(self.vocabulary.words[i], float(cosine[i])) for i in best]
