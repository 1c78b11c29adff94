"""TextClassifier: embedding, recurrent layers, pooling, one linear layer.

Letters: B batch, T time, E embedding, K directions, H hidden, C classes.

Left out: pre-trained vectors from outside; ``TextClassifier.embedding`` takes any matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from coursekit.batching import mask_from_lengths
from coursekit.nn.pooling import pool, ways_of
from coursekit.nn.recurrent import CELLS, LengthAwareRNN
from coursekit.text import Vocabulary

EMBEDDING_STD = 0.1  # torch draws with 1, from which a small corpus needs an epoch more to recover


@dataclass(frozen=True)
class ClassifierConfig:
    """What a classifier is made of. Frozen: a new model is a new configuration.

    Raises
    ------
    ValueError
        If a value is out of range; the message names the field.

    Notes
    -----
    Chapter: 04.
    """

    vocabulary_size: int  # rows of the embedding, specials included
    n_classes: int
    cell: str = "lstm"  # rnn, lstm or gru
    embedding_dim: int = 128
    hidden_size: int = 128  # of one direction
    num_layers: int = 1
    bidirectional: bool = False
    pooling: str = "mean+max"  # mean, max, last, or several joined by +
    nonlinearity: str = "tanh"  # of the plain RNN
    word_dropout: float = 0.0  # share of words read as <unk> in training
    embedding_dropout: float = 0.0  # on the numbers of the word vectors
    recurrent_dropout: float = 0.0  # between layers
    dropout: float = 0.0  # before the linear layer

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "n_classes", "embedding_dim", "hidden_size", "num_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 1, got {getattr(self, name)}.")
        for name in ("word_dropout", "embedding_dropout", "recurrent_dropout", "dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 0 and below 1, got {getattr(self, name)}.")
        if self.cell not in CELLS:
            raise ValueError(f"'cell' must be one of {tuple(CELLS)}, got {self.cell!r}.")
        ways_of(self.pooling)

    def __repr__(self) -> str:
        """Show only what differs from the defaults, so that two runs are compared by eye."""
        shown = [f for f in fields(self) if getattr(self, f.name) != f.default]
        return f"ClassifierConfig({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in shown)})"


class TextClassifier(nn.Module):
    """A recurrent text classifier whose answer to a text does not depend on its batch mates.

    Parameters
    ----------
    config : ClassifierConfig

    Notes
    -----
    Chapter: 04.
    """

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(
            config.vocabulary_size, config.embedding_dim, padding_idx=Vocabulary.pad
        )
        with torch.no_grad():
            self.embedding.weight.mul_(EMBEDDING_STD)
        self.rnn = LengthAwareRNN(
            config.cell,
            config.embedding_dim,
            config.hidden_size,
            config.num_layers,
            config.bidirectional,
            config.recurrent_dropout,
            config.nonlinearity,
        )
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(self.rnn.output_size * len(ways_of(config.pooling)), config.n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits of a batch.

        Parameters
        ----------
        ids : Tensor of shape (B, T), int64
        lengths : Tensor of shape (B,), int64
            1 to T.

        Returns
        -------
        Tensor of shape (B, C)

        Raises
        ------
        TypeError, ValueError
            If the lengths do not fit the ids.
        """
        ids = self._drop_words(ids, lengths)
        x = self.embedding_dropout(self.embedding(ids))  # (B, T, E)
        outputs, last = self.rnn(x, lengths)  # (B, T, K·H), (B, K·H)
        text = pool(outputs, last, lengths, self.config.pooling)  # (B, n·K·H)
        return self.head(self.dropout(text))  # (B, C)

    def _drop_words(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """In training, read some real words as <unk>, so that no single word decides."""
        if not self.training or not self.config.word_dropout:
            return ids
        drop = torch.rand(ids.shape, device=ids.device) < self.config.word_dropout
        return ids.masked_fill(drop & mask_from_lengths(lengths, ids.shape[1]), Vocabulary.unk)
