"""Seeds: the same numbers, twice."""

from __future__ import annotations

import random

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices) for one process.

    Library code takes a generator or a seed as an argument. This call is for the top of a notebook or of a
    training run, where weights are drawn by ``torch.nn``.

    Parameters
    ----------
    seed : int
        Zero or more.

    Raises
    ------
    ValueError
        If ``seed`` is negative.
    """
    if seed < 0:
        raise ValueError(f"'seed' must be zero or more, got {seed}; use for example 0.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def generator(seed: int) -> torch.Generator:
    """Return a CPU random generator of its own, seeded.

    Parameters
    ----------
    seed : int
        Zero or more.

    Returns
    -------
    torch.Generator
        Independent of PyTorch's global state.
    """
    return torch.Generator().manual_seed(seed)
