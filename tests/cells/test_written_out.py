"""LSTM and GRU written out, in NumPy and from nn.Parameter, equal torch.nn: outputs, states, every gradient."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.cells import (
    GRU,
    LSTM,
    RNN,
    GRUWeights,
    LSTMWeights,
    gru_backward,
    gru_forward,
    gru_step,
    lstm_backward,
    lstm_forward,
    lstm_step,
)

sizes = st.integers(1, 4)
PAIRS = {"rnn": (RNN, nn.RNN), "lstm": (LSTM, nn.LSTM), "gru": (GRU, nn.GRU)}
double = {"dtype": torch.float64}


def largest_gap(ours, theirs):
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


def outputs_and_gradients(module, x, start):
    """Everything a user could read from a module: outputs, last states, and the gradient of each tensor."""
    x = x.clone().requires_grad_()
    start = tuple(s.clone().requires_grad_() for s in start)
    outputs, last = module(x, start if len(start) > 1 else start[0])
    last = last if isinstance(last, tuple) else (last,)
    torch.manual_seed(0)
    loss = sum((value * torch.randn(value.shape, **double)).sum() for value in (outputs, *last))
    parameters = dict(sorted(module.named_parameters()))
    gradients = torch.autograd.grad(loss, [x, *start, *parameters.values()])
    return [outputs.detach(), *(s.detach() for s in last), *gradients]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(PAIRS)),
    sizes,
    st.integers(1, 5),
    sizes,
    sizes,
    st.integers(1, 3),
    st.booleans(),
    st.integers(0, 99),
)
def test_cells_from_parameters_equal_torch(cell, B, T, D, H, L, both, seed):
    torch.manual_seed(seed)
    ours_class, torch_class = PAIRS[cell]
    theirs = torch_class(D, H, L, batch_first=True, bidirectional=both).double()
    ours = ours_class.from_torch(theirs)
    x = torch.randn(B, T, D, **double)
    start = [torch.randn(L * (1 + both), B, H, **double) for _ in range(2 if cell == "lstm" else 1)]
    gap = largest_gap(outputs_and_gradients(ours, x, start), outputs_and_gradients(theirs, x, start))
    assert gap <= 1e-10


@pytest.mark.parametrize("cell", PAIRS)
def test_weights_travel_both_ways_and_start_at_zero(cell):
    ours_class, torch_class = PAIRS[cell]
    ours = ours_class(3, 4, num_layers=2, bidirectional=True)
    theirs = ours.to_torch()
    assert isinstance(theirs, torch_class)
    x = torch.randn(2, 5, 3)
    assert torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
    theirs.load_state_dict(ours.state_dict())  # names and shapes are torch's
    assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]


@pytest.mark.parametrize("cell", PAIRS)
def test_gradcheck_passes(cell):
    module = PAIRS[cell][0](2, 3, num_layers=2, bidirectional=True).double()
    x = torch.randn(2, 3, 2, **double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *_: module(x)[0], (x, *module.parameters()))


class SwappedLSTM(LSTM):
    """An LSTM that takes the gates in the order f, i, g, o: the mistake to catch."""

    def step(self, a_x, states, W_h, b_h):
        def swap(a):
            i, f, g, o = a.chunk(4, dim=-1)
            return torch.cat([f, i, g, o], dim=-1)

        rows = swap(torch.arange(len(b_h)))
        return super().step(swap(a_x), states, W_h[rows], b_h[rows])


class SwappedGRU(GRU):
    """A GRU that takes the gates in the order z, r, n."""

    def step(self, a_x, states, W_h, b_h):
        def swap(a):
            r, z, n = a.chunk(3, dim=-1)
            return torch.cat([z, r, n], dim=-1)

        rows = swap(torch.arange(len(b_h)))
        return super().step(swap(a_x), states, W_h[rows], b_h[rows])


@pytest.mark.parametrize(("wrong", "torch_class"), [(SwappedLSTM, nn.LSTM), (SwappedGRU, nn.GRU)])
def test_a_wrong_gate_order_is_seen(wrong, torch_class):
    torch.manual_seed(0)
    theirs = torch_class(3, 4, batch_first=True).double()
    x, states = torch.randn(2, 5, 3, **double), 2 if torch_class is nn.LSTM else 1
    start = [torch.zeros(1, 2, 4, **double)] * states
    ours = outputs_and_gradients(wrong.from_torch(theirs), x, start)
    assert largest_gap(ours, outputs_and_gradients(theirs, x, start)) > 1e-3


@pytest.mark.parametrize("reset", ["after", "before"])
def test_turning_the_update_gate_swaps_old_and_new(reset):
    torch.manual_seed(0)
    old = GRU(3, 4, num_layers=2, reset=reset, z_weighs="old").double()
    new = GRU(3, 4, num_layers=2, reset=reset, z_weighs="new").double()
    new.load_state_dict(old.state_dict())
    x = torch.randn(2, 5, 3, **double)
    assert not torch.allclose(old(x)[0], new(x)[0], atol=1e-3)
    with torch.no_grad():
        for parameter in new.parameters():
            parameter[4:8] *= -1
    assert torch.allclose(old(x)[0], new(x)[0], atol=1e-12)


def test_reset_before_is_the_published_formula():
    torch.manual_seed(1)
    gru = GRU(2, 3, reset="before", z_weighs="new").double()
    x_t, h = torch.randn(1, 1, 2, **double), torch.randn(1, 1, 3, **double)
    (W_r, W_z, W_n), (U_r, U_z, U_n) = gru.weight_ih_l0.chunk(3), gru.weight_hh_l0.chunk(3)
    (b_r, b_z, b_n), (c_r, c_z, c_n) = gru.bias_ih_l0.chunk(3), gru.bias_hh_l0.chunk(3)
    x, h_prev = x_t[0, 0], h[0, 0]
    r = torch.sigmoid(W_r @ x + b_r + U_r @ h_prev + c_r)
    z = torch.sigmoid(W_z @ x + b_z + U_z @ h_prev + c_z)
    n = torch.tanh(W_n @ x + b_n + U_n @ (r * h_prev) + c_n)
    assert torch.allclose(gru(x_t, h)[0][0, 0], (1 - z) * h_prev + z * n, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["lstm", "gru"]), sizes, st.integers(1, 6), sizes, sizes, st.integers(0, 99))
def test_numpy_passes_equal_torch_and_autograd(cell, B, T, D, H, seed):
    torch.manual_seed(seed)
    module = PAIRS[cell][1](D, H, batch_first=True).double()
    x = torch.randn(B, T, D, **double, requires_grad=True)
    starts = [torch.randn(1, B, H, **double, requires_grad=True) for _ in range(2 if cell == "lstm" else 1)]
    wanted, _ = module(x, tuple(starts) if cell == "lstm" else starts[0])
    above = torch.randn_like(wanted)
    wanted.backward(above)
    arrays = [x.detach().numpy(), *(s[0].detach().numpy() for s in starts)]
    if cell == "lstm":
        weights = LSTMWeights.from_torch(module)
        states, memories = lstm_forward(*arrays, weights)
        d_weights, *rest = lstm_backward(above.numpy(), *arrays, states, memories, weights)
        letters = "ifgo"
    else:
        weights = GRUWeights.from_torch(module)
        states = gru_forward(*arrays, weights)
        d_weights, *rest = gru_backward(above.numpy(), *arrays, states, weights)
        letters = "rzn"
    stacked = {
        k: dict(zip(letters, np.split(getattr(module, name).grad.numpy(), len(letters)), strict=True))
        for k, name in (
            ("x", "weight_ih_l0"),
            ("h", "weight_hh_l0"),
            ("bx", "bias_ih_l0"),
            ("bh", "bias_hh_l0"),
        )
    }

    def theirs(name):
        if name.startswith("W_"):
            return stacked[name[2]][name[3]]
        return stacked["bh" if name == "b_hn" else "bx"][name[-1]]

    pairs = [(states, wanted.detach().numpy())]
    pairs += [(getattr(d_weights, f.name), theirs(f.name)) for f in fields(d_weights)]
    pairs += [(rest[0], x.grad.numpy())]
    pairs += [(ours, s.grad[0].numpy()) for ours, s in zip(rest[1:], starts, strict=True)]
    for ours, wanted_array in pairs:
        assert ours.shape == wanted_array.shape
        assert np.abs(ours - wanted_array).max() <= 1e-8


def test_one_lstm_step_on_paper():
    weights = LSTMWeights.draw(1, 1, seed=0)
    x_t, h, c = np.array([[0.5]]), np.array([[-0.2]]), np.array([[1.5]])

    def logistic(a):
        return 1 / (1 + np.exp(-a))

    a = {k: 0.5 * getattr(weights, f"W_x{k}") - 0.2 * getattr(weights, f"W_h{k}") for k in "ifgo"}
    a = {k: value.item() + getattr(weights, f"b_{k}").item() for k, value in a.items()}
    c_t = logistic(a["f"]) * 1.5 + logistic(a["i"]) * np.tanh(a["g"])
    shown, kept = lstm_step(x_t, h, c, weights)
    assert kept.item() == pytest.approx(c_t)
    assert shown.item() == pytest.approx(logistic(a["o"]) * np.tanh(c_t))


def test_an_open_gate_keeps_the_state():
    weights = GRUWeights.draw(2, 3, seed=0)
    weights.b_z[:] = 50.0
    h = np.array([[0.1, -0.7, 0.9]])
    assert np.allclose(gru_step(np.ones((1, 2)), h, weights), h)


def test_drawing_follows_the_seed():
    for kind in (LSTMWeights, GRUWeights):
        drawn = [kind.draw(2, 3, seed=seed) for seed in (1, 1, 2)]
        name = fields(kind)[0].name
        assert np.array_equal(getattr(drawn[0], name), getattr(drawn[1], name))
        assert not np.array_equal(getattr(drawn[0], name), getattr(drawn[2], name))


@pytest.mark.parametrize(
    ("kind", "module", "error"),
    [
        (LSTMWeights, nn.GRU(2, 3), TypeError),
        (GRUWeights, nn.LSTM(2, 3), TypeError),
        (LSTMWeights, nn.LSTM(2, 3, num_layers=2), ValueError),
        (LSTMWeights, nn.LSTM(2, 3, proj_size=1), ValueError),
        (GRUWeights, nn.GRU(2, 3, bidirectional=True), ValueError),
        (GRUWeights, nn.GRU(2, 3, bias=False), ValueError),
        (GRU, nn.LSTM(2, 3), TypeError),
        (RNN, nn.RNN(2, 3, nonlinearity="relu"), ValueError),
        (LSTM, nn.LSTM(2, 3, proj_size=1), ValueError),
    ],
)
def test_another_network_is_refused(kind, module, error):
    with pytest.raises(error, match="must (be|have)"):
        kind.from_torch(module)


@pytest.mark.parametrize(
    ("x", "start", "said"),
    [
        (torch.zeros(2, 4, 5), None, r"'x' must have shape \(batch, time, 3\).*\(2, 4, 5\)"),
        (torch.zeros(4, 3), None, r"'x' must have shape"),
        (torch.zeros(2, 0, 3), None, r"time of 1 or more"),
        (torch.zeros(2, 4, 3), torch.zeros(1, 2, 5), r"'start' .* of shape \(1, 2, 4\), got \[\(1, 2, 5\)\]"),
        (torch.zeros(2, 4, 3), (torch.zeros(1, 2, 4),) * 3, "'start' must hold 1 tensor"),
    ],
)
def test_what_does_not_fit_is_named(x, start, said):
    with pytest.raises(ValueError, match=said):
        GRU(3, 4)(x, start)


def test_an_lstm_wants_two_states():
    with pytest.raises(ValueError, match="'start' must hold 2 tensor"):
        LSTM(3, 4)(torch.zeros(2, 4, 3), torch.zeros(1, 2, 4))


@pytest.mark.parametrize("bad", [{"reset": "never"}, {"z_weighs": "both"}])
def test_an_unknown_variant_is_refused(bad):
    with pytest.raises(ValueError, match=f"'{next(iter(bad))}' must be one of"):
        GRU(3, 4, **bad)


def test_a_size_below_one_is_refused():
    with pytest.raises(ValueError, match="'hidden_size' and 'num_layers' must be at least 1, got 3, 0 and 1"):
        LSTM(3, 0)


def test_numpy_shapes_are_named():
    weights = LSTMWeights.draw(2, 3, seed=0)
    good = np.zeros((1, 3))
    with pytest.raises(ValueError, match=r"'x' must have shape \(batch, time, 2\).*got \(1, 4, 5\)"):
        lstm_forward(np.zeros((1, 4, 5)), good, good, weights)
    with pytest.raises(ValueError, match=r"'c_0' must have shape \(1, 3\), got \(1, 2\)"):
        lstm_forward(np.zeros((1, 4, 2)), good, np.zeros((1, 2)), weights)
