"""Jacobians of the step and their products, against autograd."""

import numpy as np
import pytest
import torch

from coursekit.cells import (
    RNNWeights,
    gradient_by_distance,
    jacobian_products,
    orthogonal,
    rnn_forward,
    scale_to_radius,
    spectral_radius,
    step_jacobians,
)


def test_products_of_jacobians_are_what_autograd_finds():
    weights = RNNWeights.draw(3, 4, seed=0)
    x, h_0 = np.random.default_rng(1).normal(size=(1, 5, 3)), np.full((1, 4), 0.3)
    states = rnn_forward(x, h_0, weights)[0]  # (T, H)
    products = jacobian_products(step_jacobians(states, weights.W_hh))

    def last_state(h):
        for t in range(5):
            a = torch.tensor(x[0, t] @ weights.W_xh.T + weights.b_h) + torch.tensor(weights.W_hh) @ h
            h = torch.tanh(a)
        return h

    wanted = torch.autograd.functional.jacobian(last_state, torch.tensor(h_0[0]))
    assert products.shape == (6, 4, 4)
    assert np.allclose(products[0], np.eye(4))
    assert np.allclose(products[-1], wanted.numpy(), atol=1e-12)


def test_an_orthogonal_matrix_changes_no_length_and_follows_the_seed():
    Q = orthogonal(6, seed=3)
    assert np.allclose(Q @ Q.T, np.eye(6))
    assert np.array_equal(Q, orthogonal(6, seed=3))
    assert not np.allclose(Q, orthogonal(6, seed=4))
    assert spectral_radius(Q) == pytest.approx(1)


def test_a_matrix_is_scaled_to_the_radius():
    matrix = np.random.default_rng(0).normal(size=(5, 5))
    assert spectral_radius(scale_to_radius(matrix, 0.7)) == pytest.approx(0.7)
    for bad in (matrix, 0.0), (np.zeros((2, 2)), 1.0):
        with pytest.raises(ValueError, match="'radius' must be above 0"):
            scale_to_radius(*bad)


def test_the_gradient_of_a_sum_reaches_every_step_alike():
    x = torch.randn(3, 6, 2, dtype=torch.float64)
    assert np.allclose(gradient_by_distance(lambda x: x.cumsum(dim=1), x, seed=0), 1)


def test_distance_zero_is_the_last_step():
    x = torch.randn(3, 6, 2)
    assert gradient_by_distance(lambda x: x, x, seed=0) == pytest.approx([1, 0, 0, 0, 0, 0], abs=1e-6)
