"""Tables of word vectors: a word alone, with its spelling, or with the pair it closes.

Letters: B batch, T time, M ids that a word brings along, E embedding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from coursekit.text import Vocabulary

EMBEDDING_STD = 0.1  # torch draws with 1, from which a small corpus needs an epoch more to recover


def make_embedding(
    vocabulary_size: int, embedding_dim: int, ngram_buckets: int = 0, pair_rows: int = 0
) -> nn.Module:
    """Build the table that the encoding asks for, small at the start.

    Raises
    ------
    ValueError
        If both n-grams and pairs are wanted, or a number is negative.
    """
    if min(ngram_buckets, pair_rows) < 0 or (ngram_buckets and pair_rows):
        raise ValueError(
            "'ngram_buckets' and 'pair_rows' must be zero or more, and one of them zero, got "
            f"{ngram_buckets} and {pair_rows}."
        )
    if ngram_buckets:
        table: nn.Module = SpelledEmbedding(vocabulary_size, ngram_buckets, embedding_dim)
    elif pair_rows:
        table = PairedEmbedding(vocabulary_size, pair_rows, embedding_dim)
    else:
        table = nn.Embedding(vocabulary_size, embedding_dim, padding_idx=Vocabulary.pad)
    with torch.no_grad():
        for weights in table.parameters():
            weights.mul_(EMBEDDING_STD)
    return table


class SpelledEmbedding(nn.Module):
    """Look up words together with their spelling.

    Parameters
    ----------
    vocabulary_size : int
        Rows for words.
    buckets : int
        Rows for n-grams, besides row 0, which means "no further n-gram".
    embedding_dim : int
        E.

    Notes
    -----
    Bojanowski, Grave, Joulin and Mikolov (2017), "Enriching word vectors with subword information", section 3.2. The ids
    come from :func:`coursekit.text.spelling.spell`.
    """

    def __init__(self, vocabulary_size: int, buckets: int, embedding_dim: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary_size, embedding_dim, padding_idx=0)
        self.ngrams = nn.EmbeddingBag(buckets + 1, embedding_dim, mode="mean", padding_idx=0)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the vectors.

        Parameters
        ----------
        ids : Tensor of shape (B, T, 1 + M), int64
            The word's id, then those of its n-grams, filled up with 0.

        Returns
        -------
        Tensor of shape (B, T, E)

        Raises
        ------
        ValueError
            If ``ids`` has no third axis: the texts were encoded without spelling.
        """
        if ids.dim() != 3:
            raise ValueError(
                f"'ids' must have shape (batch, time, 1 + n-grams), got {tuple(ids.shape)}; encode with spell()."
            )
        bags = self.ngrams(ids[:, :, 1:].flatten(0, 1))  # (B·T, E)
        return self.words(ids[:, :, 0]) + bags.view(*ids.shape[:2], -1)


class PairedEmbedding(nn.Module):
    """Look up words together with the pairs they close.

    Parameters
    ----------
    vocabulary_size : int
        Rows for words.
    pair_rows : int
        Rows for pairs; row 0 means "no listed pair", and stays zero.
    embedding_dim : int
        E.

    Notes
    -----
    The vectors of pairs start at zero: a pair that is hardly ever seen changes nothing. The ids come from
    :func:`coursekit.text.pairs.encode_with_pairs`. Joulin, Grave, Bojanowski and Mikolov (2017), "Bag of tricks for
    efficient text classification", section 2, add vectors of pairs in the same way.
    """

    def __init__(self, vocabulary_size: int, pair_rows: int, embedding_dim: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary_size, embedding_dim, padding_idx=0)
        self.pairs = nn.Embedding(pair_rows, embedding_dim, padding_idx=0)
        nn.init.zeros_(self.pairs.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the vectors.

        Parameters
        ----------
        ids : Tensor of shape (B, T, 2), int64
            The word's id, then that of its pair.

        Returns
        -------
        Tensor of shape (B, T, E)

        Raises
        ------
        ValueError
            If ``ids`` has another shape: the texts were encoded without pairs.
        """
        if ids.dim() != 3 or ids.shape[2] != 2:
            raise ValueError(
                f"'ids' must have shape (batch, time, 2), got {tuple(ids.shape)}; encode with encode_with_pairs()."
            )
        return self.words(ids[:, :, 0]) + self.pairs(ids[:, :, 1])  # (B, T, E)
