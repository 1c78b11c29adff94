"""What the three NumPy cells share: how weights are drawn, and which inputs and modules do not fit them."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Self

import numpy as np
from torch import Tensor, nn


class Weights:
    """Matrices and biases by their letters: ``W_x…`` has shape (H, D), ``W_h…`` (H, H), ``b_…`` (H,)."""

    @classmethod
    def draw(cls, input_size: int, hidden_size: int, *, seed: int) -> Self:
        """Draw every number uniformly within one over the square root of H, as ``torch.nn`` does."""
        random, bound = np.random.default_rng(seed), hidden_size**-0.5
        shapes = {"W_x": (hidden_size, input_size), "W_h": (hidden_size, hidden_size), "b_": (hidden_size,)}
        drawn = {}
        for name in (field.name for field in fields(cls)):
            shape = next(shape for start, shape in shapes.items() if name.startswith(start))
            drawn[name] = random.uniform(-bound, bound, shape)
        return cls(**drawn)

    def zeros(self) -> dict[str, np.ndarray]:
        """Return zeros by name, to which a backward pass adds."""
        return {name: np.zeros_like(value) for name, value in asdict(self).items()}


def check_one_layer(module: nn.Module, kind: type[nn.RNNBase], name: str) -> None:
    """Refuse a module whose weights a NumPy cell cannot hold; ``name`` is that of the argument.

    Raises ``TypeError`` if it is of another kind, and ``ValueError`` if it has more layers, two directions, a
    projection, no bias or ReLU.
    """
    if not isinstance(module, kind):
        raise TypeError(f"'{name}' must be a torch.nn.{kind.__name__}, got {type(module).__name__}.")
    relu = getattr(module, "nonlinearity", "tanh") != "tanh"
    if module.num_layers != 1 or module.bidirectional or module.proj_size or not module.bias or relu:
        raise ValueError(
            f"'{name}' must have one layer, one direction, biases, tanh and no projection, got {module}."
        )


def check_texts(x: np.ndarray | Tensor, input_size: int) -> None:
    """Raise ``ValueError`` if this is no batch of texts of shape (B, T, D), with a T of at least 1."""
    if x.ndim != 3 or x.shape[2] != input_size or x.shape[1] < 1:
        raise ValueError(
            f"'x' must have shape (batch, time, {input_size}) with a time of 1 or more, got {tuple(x.shape)}."
        )


def check_inputs(x: np.ndarray, W_x: np.ndarray, **starts: np.ndarray) -> None:
    """Raise ``ValueError`` if ``x`` is no batch of texts, or a start state not of shape (B, H)."""
    hidden_size, input_size = W_x.shape
    check_texts(x, input_size)
    for name, start in starts.items():
        if start.shape != (x.shape[0], hidden_size):
            raise ValueError(f"'{name}' must have shape {(x.shape[0], hidden_size)}, got {start.shape}.")
