r"""The vanilla RNN in NumPy, forward and backward, with the letters of the formula as names.

.. math:: h_t = \tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)

Letters: B batch, T time, D input size, H hidden size. A batch holds its vectors as rows, so the code multiplies by
the transposed matrix where the formula writes :math:`W x`.

The cell is Elman's (1990), "Finding structure in time"; the backward pass is back-propagation through time as in
Werbos (1990), "Backpropagation through time: what it does and how to do it".

Left out: speed. ``torch.nn.RNN`` gives the same numbers; a test compares outputs and every gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import nn


@dataclass(frozen=True)
class RNNWeights:
    """What an RNN layer learns, or the gradients of it.

    Attributes
    ----------
    W_xh : ndarray of shape (H, D)
    W_hh : ndarray of shape (H, H)
    b_h : ndarray of shape (H,)
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray

    @classmethod
    def draw(cls, input_size: int, hidden_size: int, *, seed: int) -> RNNWeights:
        """Draw weights uniformly within one over the square root of H, as ``torch.nn`` does."""
        random = np.random.default_rng(seed)
        bound = hidden_size**-0.5
        shapes = (hidden_size, input_size), (hidden_size, hidden_size), (hidden_size,)
        return cls(*(random.uniform(-bound, bound, shape) for shape in shapes))

    @classmethod
    def from_torch(cls, rnn: nn.RNN) -> RNNWeights:
        """Copy the weights of a one-layer, one-direction ``torch.nn.RNN``; its two biases add up to one.

        Raises
        ------
        ValueError
            If the module has more layers, two directions, or ReLU.
        """
        if rnn.num_layers != 1 or rnn.bidirectional or rnn.nonlinearity != "tanh":
            raise ValueError(
                f"'rnn' must have one layer, one direction and tanh, got num_layers={rnn.num_layers}, "
                f"bidirectional={rnn.bidirectional}, nonlinearity={rnn.nonlinearity!r}."
            )
        bias = rnn.bias_ih_l0 + rnn.bias_hh_l0
        return cls(*(p.detach().numpy().copy() for p in (rnn.weight_ih_l0, rnn.weight_hh_l0, bias)))


def rnn_step(x_t: np.ndarray, h_prev: np.ndarray, weights: RNNWeights) -> np.ndarray:
    """Read one word: mix the input with the state so far.

    Parameters
    ----------
    x_t : ndarray of shape (B, D)
    h_prev : ndarray of shape (B, H)

    Returns
    -------
    ndarray of shape (B, H)
        The new state, every number between -1 and 1.
    """
    return np.tanh(x_t @ weights.W_xh.T + h_prev @ weights.W_hh.T + weights.b_h)


def rnn_forward(x: np.ndarray, h_0: np.ndarray, weights: RNNWeights) -> np.ndarray:
    """Read a whole text, one step after another.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    h_0 : ndarray of shape (B, H)
        The state before the first word, usually zeros.

    Returns
    -------
    ndarray of shape (B, T, H)
        The state after each word.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    hidden_size, input_size = weights.W_xh.shape
    if x.ndim != 3 or x.shape[2] != input_size:
        raise ValueError(f"'x' must have shape (batch, time, {input_size}), got {x.shape}.")
    if h_0.shape != (x.shape[0], hidden_size):
        raise ValueError(f"'h_0' must have shape {(x.shape[0], hidden_size)}, got {h_0.shape}.")
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)  # (B, T, H)


def rnn_backward(
    d_states: np.ndarray, x: np.ndarray, h_0: np.ndarray, states: np.ndarray, weights: RNNWeights
) -> tuple[RNNWeights, np.ndarray, np.ndarray]:
    """Carry the gradient from the states back to weights, inputs and start state.

    Parameters
    ----------
    d_states : ndarray of shape (B, T, H)
        Gradient of the loss by each state, as the layers above report it.
    x, h_0, states : ndarrays
        What went into :func:`rnn_forward` and what came out.

    Returns
    -------
    d_weights : RNNWeights
    d_x : ndarray of shape (B, T, D)
    d_h_0 : ndarray of shape (B, H)
    """
    d_W_xh, d_W_hh, d_b_h = (np.zeros_like(w) for w in (weights.W_xh, weights.W_hh, weights.b_h))
    d_x = np.zeros_like(x)
    d_h = np.zeros_like(h_0)  # what comes back from the step after
    for t in reversed(range(x.shape[1])):
        h_prev = states[:, t - 1] if t else h_0
        d_h = d_h + d_states[:, t]  # from above and from the future
        d_a = d_h * (1 - states[:, t] ** 2)  # through tanh, (B, H)
        d_W_xh += d_a.T @ x[:, t]
        d_W_hh += d_a.T @ h_prev
        d_b_h += d_a.sum(axis=0)
        d_x[:, t] = d_a @ weights.W_xh
        d_h = d_a @ weights.W_hh  # to the step before
    return RNNWeights(d_W_xh, d_W_hh, d_b_h), d_x, d_h
