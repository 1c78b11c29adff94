"""The RNN in NumPy equals torch.nn and autograd, over drawn shapes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.cells import RNNWeights, rnn_backward, rnn_forward, rnn_step

sizes = st.integers(1, 4)


@settings(max_examples=40, deadline=None)
@given(sizes, st.integers(1, 6), sizes, sizes, st.integers(0, 99))
def test_forward_and_backward_equal_torch(B, T, D, H, seed):
    torch.manual_seed(seed)
    rnn = nn.RNN(D, H, batch_first=True).double()
    x = torch.randn(B, T, D, dtype=torch.float64, requires_grad=True)
    h_0 = torch.randn(1, B, H, dtype=torch.float64, requires_grad=True)
    wanted, _ = rnn(x, h_0)
    above = torch.randn_like(wanted)
    wanted.backward(above)

    weights = RNNWeights.from_torch(rnn)
    arrays = x.detach().numpy(), h_0[0].detach().numpy()
    states = rnn_forward(*arrays, weights)
    d_weights, d_x, d_h_0 = rnn_backward(above.numpy(), *arrays, states, weights)
    pairs = (
        (states, wanted.detach()),
        (d_weights.W_xh, rnn.weight_ih_l0.grad),
        (d_weights.W_hh, rnn.weight_hh_l0.grad),
        (d_weights.b_h, rnn.bias_hh_l0.grad),
        (d_x, x.grad),
        (d_h_0, h_0.grad[0]),
    )
    for ours, theirs in pairs:
        assert np.allclose(ours, theirs.numpy(), atol=1e-8, rtol=0)


def test_one_step_on_paper():
    weights = RNNWeights(np.array([[2.0]]), np.array([[3.0]]), np.array([0.5]))
    assert rnn_step(np.array([[1.0]]), np.array([[-0.5]]), weights) == pytest.approx(
        np.tanh(2 * 1 - 3 * 0.5 + 0.5)
    )


def test_drawing_follows_the_seed():
    assert np.array_equal(RNNWeights.draw(2, 3, seed=1).W_hh, RNNWeights.draw(2, 3, seed=1).W_hh)
    assert not np.array_equal(RNNWeights.draw(2, 3, seed=1).W_hh, RNNWeights.draw(2, 3, seed=2).W_hh)


@pytest.mark.parametrize("settings", [{"num_layers": 2}, {"bidirectional": True}, {"nonlinearity": "relu"}])
def test_another_network_is_refused(settings):
    with pytest.raises(ValueError, match="one layer, one direction, biases, tanh"):
        RNNWeights.from_torch(nn.RNN(2, 3, **settings))


def test_wrong_shapes_are_named():
    weights = RNNWeights.draw(2, 3, seed=0)
    with pytest.raises(ValueError, match=r"'x' must have shape \(batch, time, 2\).*got \(1, 4, 5\)"):
        rnn_forward(np.zeros((1, 4, 5)), np.zeros((1, 3)), weights)
    with pytest.raises(ValueError, match=r"'h_0' must have shape \(1, 3\), got \(1, 2\)"):
        rnn_forward(np.zeros((1, 4, 2)), np.zeros((1, 2)), weights)
