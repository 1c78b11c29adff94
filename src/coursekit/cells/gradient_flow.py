r"""How much of a gradient arrives how far back: Jacobians of the recurrent step, and their products.

.. math::
    \frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\,W_{hh}, \qquad
    \frac{\partial h_T}{\partial h_t} = \prod_{s=T}^{t+1} \frac{\partial h_s}{\partial h_{s-1}}

Letters: T time, H hidden size. Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent neural
networks", section 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def spectral_radius(matrix: np.ndarray) -> float:
    """Return the largest absolute value of an eigenvalue."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def scale_to_radius(matrix: np.ndarray, radius: float) -> np.ndarray:
    """Multiply a matrix, one with an eigenvalue other than 0, so that its spectral radius is as wanted."""
    own = spectral_radius(matrix)
    if radius <= 0 or own == 0:
        raise ValueError(
            f"'radius' must be above 0 and the matrix's own not 0, got {radius} and {own} for shape {matrix.shape}."
        )
    return matrix * (radius / own)


def orthogonal(size: int, *, seed: int) -> np.ndarray:
    """Draw an orthogonal matrix: it turns and mirrors, and changes no length.

    Saxe, McClelland and Ganguli (2014), "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks".
    """
    Q, R = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))
    return Q * np.sign(np.diag(R))  # without the signs the draw would not be uniform


def step_jacobians(states: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """Return the Jacobian of every step of a vanilla RNN: (T, H) states of one text to (T, H, H).

    Entry ``t`` is how the state after step ``t + 1`` changes with the state before it.
    """
    return (1 - states**2)[:, :, None] * W_hh


def jacobian_products(jacobians: np.ndarray) -> np.ndarray:
    """Multiply Jacobians from the last step backwards: (T, H, H) to (T + 1, H, H).

    Entry ``k`` is how the last state changes with the state ``k`` steps before it; entry 0 is the identity.
    """
    products = [np.eye(jacobians.shape[1])]
    for jacobian in jacobians[::-1]:
        products.append(products[-1] @ jacobian)
    return np.stack(products)


def gradient_by_distance(read: Callable[[Tensor], Tensor], x: Tensor, *, seed: int) -> np.ndarray:
    """Measure how much of a gradient at the last step arrives at each input, for any network.

    ``read`` goes from inputs (B, T, D) to states (B, T, H). The seed draws the direction of the gradient at the last
    state, of length 1 for every text. Returned, (T,), is the mean length of the gradient with respect to the input
    ``k`` steps before the last, from ``k = 0``.
    """
    x = x.detach().requires_grad_()
    last = read(x)[:, -1]  # (B, H)
    direction = torch.randn(last.shape, generator=torch.Generator().manual_seed(seed), dtype=last.dtype)
    (d_x,) = torch.autograd.grad(last, x, direction / direction.norm(dim=1, keepdim=True))  # (B, T, D)
    return d_x.norm(dim=2).mean(dim=0).flip(0).numpy()
