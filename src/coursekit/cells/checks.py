"""What the written-out cells refuse, with the name of the argument and the shapes."""

from __future__ import annotations

import numpy as np
from torch import nn


def check_one_layer(module: nn.Module, kind: type[nn.RNNBase], name: str) -> None:
    """Refuse a module whose weights the NumPy cell cannot hold.

    Parameters
    ----------
    kind : type
        ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``.
    name : str
        Name of the argument, for the message.

    Raises
    ------
    TypeError
        If the module is of another kind.
    ValueError
        If it has more layers, two directions, a projection or no bias.
    """
    if not isinstance(module, kind):
        raise TypeError(f"'{name}' must be a torch.nn.{kind.__name__}, got {type(module).__name__}.")
    if module.num_layers != 1 or module.bidirectional or module.proj_size or not module.bias:
        raise ValueError(
            f"'{name}' must have one layer, one direction, biases and no projection, got "
            f"num_layers={module.num_layers}, bidirectional={module.bidirectional}, bias={module.bias}, "
            f"proj_size={module.proj_size}."
        )


def check_step_inputs(x: np.ndarray, W_x_shape: tuple[int, ...], **starts: np.ndarray) -> None:
    """Refuse inputs and start states that do not fit the weights or each other.

    Parameters
    ----------
    x : ndarray
        Wanted of shape (B, T, D), with T at least 1.
    **starts : ndarray
        Start states by name, each wanted of shape (B, H).

    Raises
    ------
    ValueError
        If a shape is another one; the message names the argument.
    """
    hidden_size, input_size = W_x_shape
    if x.ndim != 3 or x.shape[2] != input_size or x.shape[1] < 1:
        raise ValueError(
            f"'x' must have shape (batch, time, {input_size}) with a time of 1 or more, got {x.shape}."
        )
    for name, start in starts.items():
        if start.shape != (x.shape[0], hidden_size):
            raise ValueError(f"'{name}' must have shape {(x.shape[0], hidden_size)}, got {start.shape}.")
