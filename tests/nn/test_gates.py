"""The gates that are reported are those that made the outputs of ``nn.LSTM``."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.nn.gates import lstm_gate_values

sizes = st.integers(1, 6)


@given(sizes, sizes, sizes, sizes, st.integers(0, 10**6))
def test_outputs_and_memory_equal_those_of_the_module(B, T, D, H, seed):
    torch.manual_seed(seed)
    lstm, x = nn.LSTM(D, H, batch_first=True).double(), torch.randn(B, T, D, dtype=torch.float64)
    values = lstm_gate_values(lstm, x)
    outputs, (h, c) = lstm(x)
    assert torch.allclose(values["h"], outputs, rtol=0, atol=1e-12)
    assert torch.allclose(values["h"][:, -1], h[0], rtol=0, atol=1e-12)
    assert torch.allclose(values["c"][:, -1], c[0], rtol=0, atol=1e-12)


def test_the_memory_is_what_is_kept_and_what_is_taken_in():
    lstm, x = nn.LSTM(3, 4, batch_first=True).double(), torch.randn(2, 5, 3, dtype=torch.float64)
    v = lstm_gate_values(lstm, x)
    old = torch.cat([torch.zeros(2, 1, 4, dtype=torch.float64), v["c"][:, :-1]], dim=1)
    assert torch.allclose(v["c"], v["f"] * old + v["i"] * v["g"], rtol=0, atol=1e-12)
    for name in "ifo":
        assert ((v[name] > 0) & (v[name] < 1)).all()


def test_each_gate_answers_to_its_own_rows():
    lstm, x = nn.LSTM(3, 2, batch_first=True), torch.randn(1, 4, 3)
    for row, name in ((0, "i"), (2, "f"), (6, "o")):
        for parameter in lstm.parameters():
            nn.init.zeros_(parameter)
        with torch.no_grad():
            lstm.bias_ih_l0[row : row + 2] = 30.0
        values = lstm_gate_values(lstm, x)
        assert {gate for gate in "ifo" if values[gate].mean() > 0.9} == {name}


def test_no_gradient_is_kept():
    values = lstm_gate_values(nn.LSTM(3, 2, batch_first=True), torch.randn(2, 4, 3, requires_grad=True))
    assert not any(value.requires_grad for value in values.values())


@pytest.mark.parametrize(
    "module",
    [
        nn.GRU(3, 2),
        nn.LSTM(3, 2, num_layers=2),
        nn.LSTM(3, 2, bidirectional=True),
        nn.LSTM(3, 2, bias=False),
    ],
)
def test_another_module_is_refused(module):
    with pytest.raises((TypeError, ValueError), match="'lstm'"):
        lstm_gate_values(module, torch.zeros(1, 2, 3))


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 4), (1, 0, 3)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(ValueError, match="'x' must have shape"):
        lstm_gate_values(nn.LSTM(3, 2), torch.zeros(shape))


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="'x' must be a tensor"):
        lstm_gate_values(nn.LSTM(3, 2), [[1.0]])
