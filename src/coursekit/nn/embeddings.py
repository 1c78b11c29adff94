"""Tables of word vectors: a word alone, or with its spelling.

Letters: B batch, T time, M ids that a word brings along, E embedding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from coursekit.text import Vocabulary

EMBEDDING_STD = 0.1  # torch draws with 1, from which a small corpus needs an epoch more to recover


def make_embedding(vocabulary_size: int, embedding_dim: int, ngram_buckets: int = 0) -> nn.Module:
    """Build the table that the encoding asks for, small at the start."""
    if ngram_buckets < 0:
        raise ValueError(f"'ngram_buckets' must be zero or more, got {ngram_buckets}.")
    if ngram_buckets:
        table: nn.Module = SpelledEmbedding(vocabulary_size, ngram_buckets, embedding_dim)
    else:
        table = nn.Embedding(vocabulary_size, embedding_dim, padding_idx=Vocabulary.pad)
    with torch.no_grad():
        for weights in table.parameters():
            weights.mul_(EMBEDDING_STD)
    return table


class SpelledEmbedding(nn.Module):
    """Look up words together with their spelling; row 0 of the n-grams means that there is no further one.

    Bojanowski, Grave, Joulin and Mikolov (2017), "Enriching word vectors with subword information", section 3.2. The
    ids come from :func:`coursekit.text.spelling.spell`.
    """

    def __init__(self, vocabulary_size: int, buckets: int, embedding_dim: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary_size, embedding_dim, padding_idx=0)
        self.ngrams = nn.EmbeddingBag(buckets + 1, embedding_dim, mode="mean", padding_idx=0)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the vectors (B, T, E) of ids (B, T, 1 + M): a word's own, then those of its n-grams, filled up with 0."""
        if ids.dim() != 3:
            raise ValueError(
                f"'ids' must have shape (batch, time, 1 + n-grams), got {tuple(ids.shape)}; encode with spell()."
            )
        bags = self.ngrams(ids[:, :, 1:].flatten(0, 1))  # (B·T, E)
        return self.words(ids[:, :, 0]) + bags.view(*ids.shape[:2], -1)
