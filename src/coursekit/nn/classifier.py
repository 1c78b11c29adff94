"""TextClassifier: embedding, recurrent layers, pooling, one linear layer or two.

Letters: B batch, T time, E embedding, K directions, H hidden, C classes.

Left out: pre-trained vectors from outside; ``TextClassifier.embedding`` takes any matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from coursekit.batching import check_lengths, mask_from_lengths
from coursekit.nn.embeddings import make_embedding
from coursekit.nn.pooling import pool, ways_of
from coursekit.nn.recurrent import CELLS, LengthAwareRNN
from coursekit.runtime.settings import Settings
from coursekit.text import Vocabulary

NO_CELL = "none"
HEAD_ACTIVATIONS = {"none": None, "tanh": nn.Tanh, "relu": nn.ReLU}
IDLE_WITHOUT_CELL = {"num_layers", "bidirectional", "recurrent_dropout", "state_dropout"}
DROPOUTS = ("word_dropout", "embedding_dropout", "recurrent_dropout", "state_dropout", "dropout")


@dataclass(frozen=True, repr=False)
class ModelConfig(Settings):
    """What a classifier is made of, apart from what the data decides. The defaults are homework 1's baseline."""

    cell: str = "rnn"  # rnn, lstm or gru; none pools the word vectors themselves
    embedding_dim: int = 128
    hidden_size: int = 128  # of one direction
    num_layers: int = 1
    bidirectional: bool = False
    pooling: str = "max"  # mean, max, last, or several joined by +
    nonlinearity: str = "tanh"  # of the plain RNN
    word_dropout: float = 0.0  # share of words read as <unk> in training
    embedding_dropout: float = 0.0  # on the numbers of the word vectors
    recurrent_dropout: float = 0.0  # between layers
    state_dropout: float = 0.0  # on the state that a step hands to the next
    dropout: float = 0.1  # before the last linear layer
    head_activation: str = "none"  # a hidden layer before the last one: tanh or relu; none: there is none

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "embedding_dim", "hidden_size", "num_layers")
        for name in DROPOUTS:
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 0 and below 1, got {getattr(self, name)}.")
        self.one_of((*CELLS, NO_CELL), "cell")
        self.one_of(tuple(HEAD_ACTIVATIONS), "head_activation")
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
        for name in IDLE_WITHOUT_CELL & self.changed_fields().keys():
            raise ValueError(f"'{name}' does nothing with 'cell' none, got {getattr(self, name)!r}.")


class TextClassifier(nn.Module):
    """A recurrent text classifier (or one that only pools) whose answer to a text does not depend on its batch mates.

    ``vocabulary_size`` counts the specials too; ``ngram_buckets`` are the rows for letter n-grams where words are
    encoded with their spelling.
    """

    def __init__(
        self,
        config: ModelConfig,
        *,
        vocabulary_size: int,
        n_classes: int,
        ngram_buckets: int = 0,
    ) -> None:
        super().__init__()
        if min(vocabulary_size, n_classes) < 1:
            raise ValueError(
                f"'vocabulary_size' and 'n_classes' must be at least 1, got {vocabulary_size} and {n_classes}."
            )
        self.config = config
        self.embedding = make_embedding(vocabulary_size, config.embedding_dim, ngram_buckets)
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
        width *= len(ways_of(config.pooling))
        self.hidden = nn.Identity()
        if activation := HEAD_ACTIVATIONS[config.head_activation]:
            self.hidden = nn.Sequential(nn.Linear(width, width), activation())
        self.head = nn.Linear(width, n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (B, C) of ids (B, T), or (B, T, M) where a word brings its spelling along.

        Raises ``TypeError`` or ``ValueError`` if the lengths do not fit the ids.
        """
        check_lengths(lengths, *ids.shape[:2])  # at the door, once
        mask = mask_from_lengths(lengths, ids.shape[1])  # (B, T), the only one
        x = self.embedding_dropout(self.embedding(self._drop_words(ids, mask)))  # (B, T, E)
        outputs, last = (
            (x, x) if self.rnn is None else self.rnn.read(x, lengths, mask)
        )  # (B, T, K·H), (B, K·H)
        text = pool(outputs, last, mask, self.config.pooling)  # (B, n·K·H)
        return self.head(self.dropout(self.hidden(text)))  # (B, C)

    def _drop_words(self, ids: Tensor, mask: Tensor) -> Tensor:
        """In training, read some real words as <unk>, so that no single word decides."""
        if not self.training or not self.config.word_dropout:
            return ids
        drop = torch.rand(ids.shape[:2], device=ids.device) < self.config.word_dropout
        drop = drop & mask  # (B, T)
        if ids.dim() == 2:
            return ids.masked_fill(drop, Vocabulary.unk)
        unknown = ids.new_tensor([Vocabulary.unk] + [0] * (ids.shape[2] - 1))  # (M,), no spelling either
        return torch.where(drop[:, :, None], unknown, ids)
