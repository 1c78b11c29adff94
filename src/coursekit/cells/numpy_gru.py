r"""The GRU in NumPy, forward and backward, with the letters of the formula as names.

.. math::
    r_t &= \sigma(W_{xr} x_t + W_{hr} h_{t-1} + b_r) \\
    z_t &= \sigma(W_{xz} x_t + W_{hz} h_{t-1} + b_z) \\
    n_t &= \tanh(W_{xn} x_t + b_{xn} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\
    h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}

The cell is that of Cho et al. (2014), with the reset gate after the product, as in ``torch.nn.GRU``. Gate order
wherever matrices are stacked: r, z, n.

Letters: B batch, T time, D input size, H hidden size. A batch holds its vectors as rows, so the code multiplies by
the transposed matrix where the formula writes :math:`W x`.

Left out: speed, and the other variants; :class:`coursekit.cells.torch_cells.GRU` has those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit as sigmoid
from torch import nn

from coursekit.cells.weights import Weights, check_inputs, check_one_layer


@dataclass(frozen=True)
class GRUWeights(Weights):
    """What a GRU layer learns, or the gradients of it."""

    W_xr: np.ndarray  # (H, D) each
    W_xz: np.ndarray
    W_xn: np.ndarray
    W_hr: np.ndarray  # (H, H) each
    W_hz: np.ndarray
    W_hn: np.ndarray
    b_r: np.ndarray  # (H,) each
    b_z: np.ndarray
    b_xn: np.ndarray  # the candidate has two biases, because the reset gate multiplies one of them
    b_hn: np.ndarray

    @classmethod
    def from_torch(cls, gru: nn.GRU) -> GRUWeights:
        """Copy the weights of a one-layer, one-direction ``torch.nn.GRU``."""
        check_one_layer(gru, nn.GRU, "gru")
        W_x, W_h, b_x, b_h = (
            np.split(p.detach().numpy().copy(), 3)
            for p in (gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0)
        )
        return cls(*W_x, *W_h, b_x[0] + b_h[0], b_x[1] + b_h[1], b_x[2], b_h[2])


def gru_gates(
    x_t: np.ndarray, h_prev: np.ndarray, weights: GRUWeights
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute reset gate, update gate and candidate of one step, each of shape (B, H)."""
    w = weights
    r_t = sigmoid(x_t @ w.W_xr.T + h_prev @ w.W_hr.T + w.b_r)
    z_t = sigmoid(x_t @ w.W_xz.T + h_prev @ w.W_hz.T + w.b_z)
    n_t = np.tanh(x_t @ w.W_xn.T + w.b_xn + r_t * (h_prev @ w.W_hn.T + w.b_hn))
    return r_t, z_t, n_t


def gru_step(x_t: np.ndarray, h_prev: np.ndarray, weights: GRUWeights) -> np.ndarray:
    """Read one word, (B, D): mix a candidate with the state so far, (B, H)."""
    r_t, z_t, n_t = gru_gates(x_t, h_prev, weights)
    return (1 - z_t) * n_t + z_t * h_prev


def gru_forward(x: np.ndarray, h_0: np.ndarray, weights: GRUWeights) -> np.ndarray:
    """Read whole texts, (B, T, D), from a start state, (B, H); return the state after each word, (B, T, H)."""
    check_inputs(x, weights.W_xr, h_0=h_0)
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)  # (B, T, H)


def gru_backward(
    d_states: np.ndarray, x: np.ndarray, h_0: np.ndarray, states: np.ndarray, weights: GRUWeights
) -> tuple[GRUWeights, np.ndarray, np.ndarray]:
    """Carry the gradient from the states back to weights, inputs (B, T, D) and start state (B, H).

    ``d_states``, (B, T, H), is what the layers above report: the gradient of the loss with respect to each state. The
    other arguments are what went into :func:`gru_forward` and what came out.
    """
    w = weights
    d = w.zeros()
    d_x, d_h = np.zeros_like(x), np.zeros_like(h_0)
    for t in reversed(range(x.shape[1])):
        x_t, h_prev = x[:, t], states[:, t - 1] if t else h_0
        r_t, z_t, n_t = gru_gates(x_t, h_prev, w)
        m_t = h_prev @ w.W_hn.T + w.b_hn
        d_h = d_h + d_states[:, t]  # from above and from the future
        d_a_n = (1 - n_t**2) * (1 - z_t) * d_h
        d_a_z = z_t * (1 - z_t) * (h_prev - n_t) * d_h
        d_a_r = r_t * (1 - r_t) * m_t * d_a_n
        d_m = r_t * d_a_n
        for gate, d_a, d_from_h in (("r", d_a_r, d_a_r), ("z", d_a_z, d_a_z), ("n", d_a_n, d_m)):
            d[f"W_x{gate}"] += d_a.T @ x_t
            d[f"W_h{gate}"] += d_from_h.T @ h_prev
        d["b_r"] += d_a_r.sum(axis=0)
        d["b_z"] += d_a_z.sum(axis=0)
        d["b_xn"] += d_a_n.sum(axis=0)
        d["b_hn"] += d_m.sum(axis=0)
        d_x[:, t] = d_a_r @ w.W_xr + d_a_z @ w.W_xz + d_a_n @ w.W_xn
        d_h = z_t * d_h + d_a_r @ w.W_hr + d_a_z @ w.W_hz + d_m @ w.W_hn  # to the step before
    return GRUWeights(**d), d_x, d_h
