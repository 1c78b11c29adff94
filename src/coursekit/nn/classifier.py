"""TextClassifier: embedding, recurrent layers, pooling, one linear layer.

Letters: B batch, T time, E embedding, K directions, H hidden, C classes.

Left out: pre-trained vectors from outside; ``TextClassifier.embedding`` takes any matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from coursekit.batching import mask_from_lengths
from coursekit.nn.paired import PairedEmbedding
from coursekit.nn.pooling import pool, ways_of
from coursekit.nn.recurrent import CELLS, LengthAwareRNN
from coursekit.nn.spelling import SpelledEmbedding
from coursekit.text import Vocabulary

NO_CELL = "none"
DROPOUTS = ("word_dropout", "embedding_dropout", "recurrent_dropout", "state_dropout", "dropout")
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
    cell: str = "lstm"  # rnn, lstm or gru; none pools the word vectors themselves
    embedding_dim: int = 128
    spelling: int = 0  # buckets for the letter n-grams of words; 0: a word is its id alone
    pair_rows: int = 0  # rows for pairs of neighbouring words, the one for "no pair" included; 0: no pairs
    hidden_size: int = 128  # of one direction
    num_layers: int = 1
    bidirectional: bool = False
    pooling: str = "mean+max"  # mean, max, last, or several joined by +
    nonlinearity: str = "tanh"  # of the plain RNN
    word_dropout: float = 0.0  # share of words read as <unk> in training
    embedding_dropout: float = 0.0  # on the numbers of the word vectors
    recurrent_dropout: float = 0.0  # between layers
    state_dropout: float = 0.0  # on the state that a step hands to the next
    dropout: float = 0.0  # before the linear layer

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "n_classes", "embedding_dim", "hidden_size", "num_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 1, got {getattr(self, name)}.")
        for name in DROPOUTS:
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 0 and below 1, got {getattr(self, name)}.")
        for name in ("spelling", "pair_rows"):
            if getattr(self, name) < 0:
                raise ValueError(f"'{name}' must be zero or more, got {getattr(self, name)}.")
        if self.spelling and self.pair_rows:
            raise ValueError(
                f"'pair_rows' must be 0 with 'spelling', got {self.pair_rows}: choose one of the two."
            )
        if self.cell not in (*CELLS, NO_CELL):
            raise ValueError(f"'cell' must be one of {(*CELLS, NO_CELL)}, got {self.cell!r}.")
        self._check_pooling()

    def _check_pooling(self) -> None:
        """Refuse what a model without a cell would ignore."""
        ways = ways_of(self.pooling)
        if self.cell != NO_CELL:
            return
        if "last" in ways:
            raise ValueError(
                f"'pooling' cannot be {self.pooling!r} without a cell: no state has read the text."
            )
        for name in ("num_layers", "bidirectional", "recurrent_dropout", "state_dropout"):
            value, default = getattr(self, name), type(self).__dataclass_fields__[name].default
            if value != default:
                raise ValueError(
                    f"'{name}' does nothing with 'cell' none, got {value!r}; leave it at {default!r}."
                )

    def __repr__(self) -> str:
        """Show only what differs from the defaults, so that two runs are compared by eye."""
        shown = [f for f in fields(self) if getattr(self, f.name) != f.default]
        return f"ClassifierConfig({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in shown)})"


class TextClassifier(nn.Module):
    """A recurrent text classifier (or one that only pools) whose answer to a text does not depend on its batch mates.

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
        self.embedding = _make_embedding(config)
        self.rnn = None
        width = config.embedding_dim
        if config.cell != NO_CELL:
            self.rnn = LengthAwareRNN(
                config.cell,
                config.embedding_dim,
                config.hidden_size,
                config.num_layers,
                config.bidirectional,
                config.recurrent_dropout,
                config.nonlinearity,
                state_dropout=config.state_dropout,
            )
            width = self.rnn.output_size
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(width * len(ways_of(config.pooling)), config.n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits of a batch.

        Parameters
        ----------
        ids : Tensor of shape (B, T), int64
            With spelling, of shape (B, T, 1 + M): see :class:`coursekit.nn.spelling.SpelledEmbedding`; with pairs, of
            shape (B, T, 2): see :class:`coursekit.nn.paired.PairedEmbedding`.
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
        outputs, last = (x, x) if self.rnn is None else self.rnn(x, lengths)  # (B, T, K·H), (B, K·H)
        text = pool(outputs, last, lengths, self.config.pooling)  # (B, n·K·H)
        return self.head(self.dropout(text))  # (B, C)

    def _drop_words(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """In training, read some real words as <unk>, so that no single word decides."""
        if not self.training or not self.config.word_dropout:
            return ids
        drop = torch.rand(ids.shape[:2], device=ids.device) < self.config.word_dropout
        drop = drop & mask_from_lengths(lengths, ids.shape[1])  # (B, T)
        if ids.dim() == 2:
            return ids.masked_fill(drop, Vocabulary.unk)
        unknown = ids.new_tensor(
            [Vocabulary.unk] + [0] * (ids.shape[2] - 1)
        )  # (1 + M,), no spelling and no pair either
        return torch.where(drop[:, :, None], unknown, ids)


def _make_embedding(config: ClassifierConfig) -> nn.Module:
    """Build the table of word vectors, small at the start."""
    if config.spelling:
        spelled = SpelledEmbedding(config.vocabulary_size, config.spelling, config.embedding_dim)
        spelled.scale_(EMBEDDING_STD)
        return spelled
    if config.pair_rows:
        paired = PairedEmbedding(config.vocabulary_size, config.pair_rows, config.embedding_dim)
        paired.scale_(EMBEDDING_STD)
        return paired
    table = nn.Embedding(config.vocabulary_size, config.embedding_dim, padding_idx=Vocabulary.pad)
    with torch.no_grad():
        table.weight.mul_(EMBEDDING_STD)
    return table
