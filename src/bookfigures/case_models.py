"""The case files of chapter 11, part two: models, losses and training code that lied, written anew and as small as they go.

Nothing here is to be used. A model takes ``(ids, lengths)``, so that the checks can call it. Letters: B batch, T time, H hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.optim import lr_scheduler

H = 16


class StepsAsClasses(nn.Module):
    """Case 2: texts are padded to 27 words, each step gives one number, and cross-entropy takes the steps for classes."""

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, H)
        self.rnn = nn.RNN(H, H, batch_first=True)
        self.head = nn.Linear(H, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return what is meant as logits."""
        ids = nn.functional.pad(ids, (0, 27 - ids.shape[1]))  # (B, 27)
        outputs, _ = self.rnn(self.embedding(ids))  # (B, 27, H)
        return self.head(outputs)  # (B, 27, 1)


class TwoStates(nn.Module):
    """Case 4: the two layers of ``h_n`` are unpacked as if they were h and c."""

    def __init__(self, vocabulary_size: int, n_classes: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, H)
        self.rnn = nn.RNN(H, H, num_layers=2, batch_first=True)
        self.head = nn.Linear(H, n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (B, C) of the lower layer's state."""
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        _, (h, c) = self.rnn(packed)
        return self.head(h)


class MeanOverPads(nn.Module):
    """Case 11: the mean over all steps, pads included."""

    def __init__(self, vocabulary_size: int, n_classes: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, H, padding_idx=0)
        self.rnn = nn.RNN(H, H, batch_first=True)
        self.head = nn.Linear(H, n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (B, C)."""
        outputs, _ = self.rnn(self.embedding(ids))  # (B, T, H)
        return self.head(outputs.mean(dim=1))


class HalfBidirectional(nn.Module):
    """Case 12: both halves are taken at the last word, where the backward one has read a single word."""

    def __init__(self, vocabulary_size: int, n_classes: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, H)
        self.rnn = nn.LSTM(H, H, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * H, n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (B, C)."""
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)  # (B, T, 2·H)
        return self.head(outputs[torch.arange(len(ids)), lengths - 1])


class UnusedGRU(nn.Module):
    """Case 20: a GRU is built on top of the LSTM, and ``forward`` never calls it."""

    def __init__(self, vocabulary_size: int, n_classes: int = 2, stacked: bool = True) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, 2 * H)
        self.lstm = nn.LSTM(2 * H, 2 * H, batch_first=True)
        if stacked:
            self.gru = nn.GRU(2 * H, 2 * H, batch_first=True)
        self.head = nn.Linear(2 * H, n_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (B, C)."""
        outputs, _ = self.lstm(self.embedding(ids))  # (B, T, 2·H)
        return self.head(outputs[torch.arange(len(ids)), lengths - 1])


class WideAtRest(nn.Module):
    """The start of coursework E: xavier-normal tables, orthogonal recurrent weights, no biases; embedding 1."""

    def __init__(
        self, vocabulary_size: int, hidden: int, *, own_start: bool = True, num_layers: int = 1
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, 1)
        self.rnn = nn.LSTM(1, hidden, num_layers, batch_first=True)
        self.head = nn.Linear(hidden, 2)
        if own_start:
            for name, weights in self.named_parameters():
                if "bias" in name:
                    nn.init.zeros_(weights)
                else:
                    (nn.init.orthogonal_ if "weight_hh" in name else nn.init.xavier_normal_)(weights)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (B, 2) of the state after the last word."""
        outputs, _ = self.rnn(self.embedding(ids))  # (B, T, H)
        return self.head(outputs[torch.arange(len(ids)), lengths - 1])


num_epoch = 5


def train_by_global(
    model: nn.Module,
    batches: Sequence,
    num_epochs: int = 10,
) -> list[float]:
    """Case 7: the loop counts to a global of almost the same name, and the append stands outside of it."""
    optimiser, losses = torch.optim.Adam(model.parameters(), lr=3e-3), []
    for _ in range(num_epoch):
        total = 0.0
        for batch in batches:
            logits = model(batch.ids, batch.lengths)
            loss = nn.functional.cross_entropy(logits, batch.labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item()
    losses.append(total / len(batches))
    return losses


def rates_of(steps: int, patience: int = 10) -> list[float]:
    """Case 8: ReduceLROnPlateau is fed a rising accuracy, which in its default mode is a loss that gets worse."""
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=5e-4)
    schedule, rates = lr_scheduler.ReduceLROnPlateau(optimiser, patience=patience), []
    for step in range(steps):
        optimiser.step()
        schedule.step(0.5 + 0.4 * step / steps)
        rates.append(optimiser.param_groups[0]["lr"])
    return rates


def loss_without_pad(pad: int) -> nn.CrossEntropyLoss:
    """Case 10: the id of the pad *word* is ignored among the *classes*."""
    return nn.CrossEntropyLoss(ignore_index=pad)


def mean_of_batches(batches: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Case 14: a small last batch weighs as much as a full one."""
    shares = [(logits.argmax(dim=1) == labels).float().mean().item() for logits, labels in batches]
    return sum(shares) / len(shares)


def one_layer(dropout: float) -> Tensor:
    """Case 18: dropout acts between layers, and there is one; return its outputs in training."""
    layer = nn.LSTM(4, 4, dropout=dropout)
    return layer(torch.ones(3, 1, 4))[0].detach()


def broadcast_accuracy(batches: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Case 22: labels (B, 1) meet answers (B,), and the B × B comparisons are divided by the number of batches."""
    right = sum((labels[:, None] == logits.argmax(dim=1)).sum().item() for logits, labels in batches)
    return right / len(batches)
