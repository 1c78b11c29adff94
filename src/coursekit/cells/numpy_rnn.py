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

from coursekit.cells.weights import Weights, check_inputs, check_one_layer


@dataclass(frozen=True)
class RNNWeights(Weights):
    """What an RNN layer learns, or the gradients of it."""

    W_xh: np.ndarray  # (H, D)
    W_hh: np.ndarray  # (H, H)
    b_h: np.ndarray  # (H,)

    @classmethod
    def from_torch(cls, rnn: nn.RNN) -> RNNWeights:
        """Copy the weights of a one-layer, one-direction ``torch.nn.RNN``; its two biases add up to one."""
        check_one_layer(rnn, nn.RNN, "rnn")
        bias = rnn.bias_ih_l0 + rnn.bias_hh_l0
        return cls(*(p.detach().numpy().copy() for p in (rnn.weight_ih_l0, rnn.weight_hh_l0, bias)))


def rnn_step(x_t: np.ndarray, h_prev: np.ndarray, weights: RNNWeights) -> np.ndarray:
    """Read one word: mix the input, (B, D), with the state so far, (B, H); every number is between -1 and 1."""
    return np.tanh(x_t @ weights.W_xh.T + h_prev @ weights.W_hh.T + weights.b_h)


def rnn_forward(x: np.ndarray, h_0: np.ndarray, weights: RNNWeights) -> np.ndarray:
    """Read whole texts, (B, T, D), from a start state, (B, H), usually zeros; return the states, (B, T, H)."""
    check_inputs(x, weights.W_xh, h_0=h_0)
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)  # (B, T, H)


def rnn_backward(
    d_states: np.ndarray, x: np.ndarray, h_0: np.ndarray, states: np.ndarray, weights: RNNWeights
) -> tuple[RNNWeights, np.ndarray, np.ndarray]:
    """Carry the gradient from the states back to weights, inputs (B, T, D) and start state (B, H).

    ``d_states``, (B, T, H), is what the layers above report: the gradient of the loss with respect to each state. The
    other arguments are what went into :func:`rnn_forward` and what came out.
    """
    d = weights.zeros()
    d_x, d_h = np.zeros_like(x), np.zeros_like(h_0)  # d_h: what comes back from the step after
    for t in reversed(range(x.shape[1])):
        h_prev = states[:, t - 1] if t else h_0
        d_h = d_h + d_states[:, t]  # from above and from the future
        d_a = d_h * (1 - states[:, t] ** 2)  # through tanh, (B, H)
        d["W_xh"] += d_a.T @ x[:, t]
        d["W_hh"] += d_a.T @ h_prev
        d["b_h"] += d_a.sum(axis=0)
        d_x[:, t] = d_a @ weights.W_xh
        d_h = d_a @ weights.W_hh  # to the step before
    return RNNWeights(**d), d_x, d_h
