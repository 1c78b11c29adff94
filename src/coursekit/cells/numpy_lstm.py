r"""The LSTM in NumPy, forward and backward, with the letters of the formula as names.

.. math::
    i_t &= \sigma(W_{xi} x_t + W_{hi} h_{t-1} + b_i) \\
    f_t &= \sigma(W_{xf} x_t + W_{hf} h_{t-1} + b_f) \\
    g_t &= \tanh(W_{xg} x_t + W_{hg} h_{t-1} + b_g) \\
    o_t &= \sigma(W_{xo} x_t + W_{ho} h_{t-1} + b_o) \\
    c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
    h_t &= o_t \odot \tanh(c_t)

Input and output gates are those of Hochreiter and Schmidhuber (1997), "Long short-term memory"; the forget gate came
with Gers, Schmidhuber and Cummins (2000), "Learning to forget". Gate order wherever matrices are stacked: i, f, g, o,
as in ``torch.nn.LSTM``.

Letters: B batch, T time, D input size, H hidden size. A batch holds its vectors as rows, so the code multiplies by
the transposed matrix where the formula writes :math:`W x`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit as sigmoid
from torch import nn

from coursekit.cells.weights import Weights, check_inputs, check_one_layer


@dataclass(frozen=True)
class LSTMWeights(Weights):
    """What an LSTM layer learns, or the gradients of it."""

    W_xi: np.ndarray  # (H, D) each
    W_xf: np.ndarray
    W_xg: np.ndarray
    W_xo: np.ndarray
    W_hi: np.ndarray  # (H, H) each
    W_hf: np.ndarray
    W_hg: np.ndarray
    W_ho: np.ndarray
    b_i: np.ndarray  # (H,) each
    b_f: np.ndarray
    b_g: np.ndarray
    b_o: np.ndarray

    @classmethod
    def from_torch(cls, lstm: nn.LSTM) -> LSTMWeights:
        """Copy the weights of a one-layer, one-direction ``torch.nn.LSTM``; its two biases add up to one."""
        check_one_layer(lstm, nn.LSTM, "lstm")
        W_x, W_h, b = (
            np.split(p.detach().numpy().copy(), 4)
            for p in (lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0 + lstm.bias_hh_l0)
        )
        return cls(*W_x, *W_h, *b)


def lstm_gates(
    x_t: np.ndarray, h_prev: np.ndarray, weights: LSTMWeights
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Compute input gate, forget gate, candidate and output gate of one step, each of shape (B, H)."""
    w = weights
    i_t = sigmoid(x_t @ w.W_xi.T + h_prev @ w.W_hi.T + w.b_i)
    f_t = sigmoid(x_t @ w.W_xf.T + h_prev @ w.W_hf.T + w.b_f)
    g_t = np.tanh(x_t @ w.W_xg.T + h_prev @ w.W_hg.T + w.b_g)
    o_t = sigmoid(x_t @ w.W_xo.T + h_prev @ w.W_ho.T + w.b_o)
    return i_t, f_t, g_t, o_t


def lstm_step(
    x_t: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray, weights: LSTMWeights
) -> tuple[np.ndarray, np.ndarray]:
    """Read one word: forget, take in, and show a part; return what is shown, h, and what is kept, c."""
    i_t, f_t, g_t, o_t = lstm_gates(x_t, h_prev, weights)
    c_t = f_t * c_prev + i_t * g_t
    h_t = o_t * np.tanh(c_t)
    return h_t, c_t


def lstm_forward(
    x: np.ndarray, h_0: np.ndarray, c_0: np.ndarray, weights: LSTMWeights
) -> tuple[np.ndarray, np.ndarray]:
    """Read whole texts, (B, T, D), from two start states, (B, H); return h and c after each word, (B, T, H) each."""
    check_inputs(x, weights.W_xi, h_0=h_0, c_0=c_0)
    h, c, states, memories = h_0, c_0, [], []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, weights)
        states.append(h)
        memories.append(c)
    return np.stack(states, axis=1), np.stack(memories, axis=1)  # (B, T, H) each


def lstm_backward(
    d_states: np.ndarray,
    x: np.ndarray,
    h_0: np.ndarray,
    c_0: np.ndarray,
    states: np.ndarray,
    memories: np.ndarray,
    weights: LSTMWeights,
) -> tuple[LSTMWeights, np.ndarray, np.ndarray, np.ndarray]:
    """Carry the gradient from the states back to weights, inputs (B, T, D) and both start states (B, H).

    ``d_states``, (B, T, H), is what the layers above report: the gradient of the loss with respect to each ``h``. The
    other arguments are what went into :func:`lstm_forward` and what came out.
    """
    w = weights
    d = w.zeros()
    d_x, d_h, d_c = np.zeros_like(x), np.zeros_like(h_0), np.zeros_like(c_0)
    for t in reversed(range(x.shape[1])):
        x_t = x[:, t]
        h_prev, c_prev = (states[:, t - 1], memories[:, t - 1]) if t else (h_0, c_0)
        i_t, f_t, g_t, o_t = lstm_gates(x_t, h_prev, w)
        shown = np.tanh(memories[:, t])
        d_h = d_h + d_states[:, t]  # from above and from the future
        d_c = d_c + (1 - shown**2) * o_t * d_h  # the memory hears from h_t, too
        d_a = {
            "i": i_t * (1 - i_t) * g_t * d_c,
            "f": f_t * (1 - f_t) * c_prev * d_c,
            "g": (1 - g_t**2) * i_t * d_c,
            "o": o_t * (1 - o_t) * shown * d_h,
        }
        for gate, d_a_gate in d_a.items():
            d[f"W_x{gate}"] += d_a_gate.T @ x_t
            d[f"W_h{gate}"] += d_a_gate.T @ h_prev
            d[f"b_{gate}"] += d_a_gate.sum(axis=0)
        d_x[:, t] = sum(d_a[gate] @ getattr(w, f"W_x{gate}") for gate in d_a)
        d_h = sum(d_a[gate] @ getattr(w, f"W_h{gate}") for gate in d_a)  # to the step before, by h …
        d_c = f_t * d_c  # … and by c: one product, no matrix
    return LSTMWeights(**d), d_x, d_h, d_c
