"""Seeds: the same numbers, twice."""

from __future__ import annotations

import random

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices) at the top of a notebook or of a training run.

    ``torch.nn`` draws its weights from this state. Library code takes a generator or a seed as an argument. Raises
    ``ValueError`` if ``seed`` is negative.
    """
    if seed < 0:
        raise ValueError(f"'seed' must be zero or more, got {seed}; use for example 0.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def generator(seed: int) -> torch.Generator:
    """Return a seeded random generator of its own, on the CPU, independent of PyTorch's global state."""
    return torch.Generator().manual_seed(seed)
