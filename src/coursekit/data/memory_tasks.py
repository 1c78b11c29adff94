"""Two tasks that measure memory: temporal order and the adding problem.

Both are from Hochreiter and Schmidhuber (1997), "Long short-term memory", experiments 6 and 4, in a plain form: marks
stand in the first fifth and in the fifth after the middle, so that a longer sequence has a longer gap. A sequence has at
least four steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

SYMBOLS = ("X", "Y", "a", "b", "c", "d")
ORDERS = ("XX", "XY", "YX", "YY")
SHORTEST = 4


def temporal_order(batch: int, length: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Draw sequences of distractors with two marks, each X or Y; the label names both, in order.

    Returned are ids (batch, length), rows of ``SYMBOLS``, and labels (batch,), rows of ``ORDERS``.

    >>> ids, labels = temporal_order(1, 10, seed=0)
    >>> marks = "".join(SYMBOLS[i] for i in ids[0] if i < 2)
    >>> marks == ORDERS[labels[0]]
    True
    """
    random = _checked_random(batch, length, seed)
    ids = torch.randint(2, len(SYMBOLS), (batch, length), generator=random)
    marks = torch.randint(0, 2, (2, batch), generator=random)
    rows = torch.arange(batch)
    for place, mark in zip(_places(batch, length, random), marks, strict=True):
        ids[rows, place] = mark
    return ids, 2 * marks[0] + marks[1]


def adding_problem(batch: int, length: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Draw sequences of numbers, two of them marked; the target is the sum of those two.

    Returned are x (batch, length, 2), a number between 0 and 1 and a mark that is 1 at two places and 0 elsewhere, and
    targets (batch,), between 0 and 2. Answering always 1 has a mean squared error of one sixth.

    >>> x, targets = adding_problem(1, 10, seed=0)
    >>> bool(torch.isclose((x[0, :, 0] * x[0, :, 1]).sum(), targets[0]))
    True
    """
    random = _checked_random(batch, length, seed)
    x = torch.zeros(batch, length, 2)
    x[:, :, 0] = torch.rand(batch, length, generator=random)
    rows = torch.arange(batch)
    for place in _places(batch, length, random):
        x[rows, place, 1] = 1.0
    return x, (x[:, :, 0] * x[:, :, 1]).sum(dim=1)


def _checked_random(batch: int, length: int, seed: int) -> torch.Generator:
    if batch < 1 or length < SHORTEST:
        raise ValueError(
            f"'batch' must be at least 1 and 'length' at least {SHORTEST}, got {batch} and {length}."
        )
    return torch.Generator().manual_seed(seed)


def _places(batch: int, length: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw one place in the first fifth and one in the fifth after the middle."""
    width = max(1, length // 5)
    first = torch.randint(0, width, (batch,), generator=random)
    second = length // 2 + torch.randint(0, width, (batch,), generator=random)
    return first, second
