"""PairedEmbedding: the vector of a word is its own plus that of the pair it makes with the word before.

Letters: B batch, T time, E embedding.

Left out: a convolution over two words; it shares its weights among all pairs, and cannot know one by heart.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
    efficient text classification", section 2, add vectors of pairs in the same way. Chapter: 10.
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

    @torch.no_grad()
    def scale_(self, factor: float) -> None:
        """Multiply both tables.

        Parameters
        ----------
        factor : float
        """
        self.words.weight.mul_(factor)
        self.pairs.weight.mul_(factor)
