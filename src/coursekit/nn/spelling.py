"""SpelledEmbedding: the vector of a word is its own plus the mean of its letter n-grams'.

Letters: B batch, T time, M n-grams of the longest word, E embedding.

Left out: a recurrent network over letters; it is slower, and reads the same pieces.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
    come from :func:`coursekit.text.spelling.spell`. Chapter: 10.
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

    @torch.no_grad()
    def scale_(self, factor: float) -> None:
        """Multiply both tables.

        Parameters
        ----------
        factor : float
        """
        self.words.weight.mul_(factor)
        self.ngrams.weight.mul_(factor)
