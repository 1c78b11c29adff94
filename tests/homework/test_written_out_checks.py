"""Homework 3's checks: a right cell and a right stack pass, and each mistake is named by the law that it breaks."""

import pytest
import torch
from torch import nn
from torch.nn.functional import linear

from coursekit.cells import GRU, LSTM, RNN
from coursekit.homework import CheckFailed, check
from coursekit.homework.examine import cell_case, refuse_borrowed, run_cell_case, torch_cell_case
from coursekit.homework.stacks import CASES, run_stack_case, stack_laws, torch_stack_case

BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}


class Step(nn.Module):
    """A cell of torch, as the homework wants it."""

    def __init__(self, kind, D, H):
        super().__init__()
        self.kind, rows = kind, BLOCKS[kind] * H
        for name, shape in {
            "weight_ih": (rows, D),
            "weight_hh": (rows, H),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
        }.items():
            self.register_parameter(name, nn.Parameter(torch.randn(shape)))

    def forward(self, x_t, states):
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        if self.kind == "lstm":
            return torch.lstm_cell(x_t, list(states), *weights)
        run = {"rnn": torch.rnn_tanh_cell, "gru": torch.gru_cell}[self.kind]
        return (run(x_t, states[0], *weights),)


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_case_tells_a_right_cell_from_a_wrong_one(kind, capsys):
    case = cell_case(kind, seed=1, B=2, T=5, D=3, H=4)
    wanted, found = torch_cell_case(kind, case), run_cell_case(Step(kind, 3, 4), case)
    assert wanted.keys() == found.keys() and {"grad_start_0", "last_0", "grad_x"} < wanted.keys()
    assert all((wanted[name] - found[name]).abs().max() < 1e-10 for name in wanted)
    other = cell_case(kind, seed=2, B=2, T=5, D=3, H=4)
    assert (torch_cell_case(kind, other)["outputs"] - wanted["outputs"]).abs().max() > 1e-3
    check(f"hw3-{kind}", cell=lambda D, H: Step(kind, D, H))
    assert "✗" not in capsys.readouterr().out


class Slipped(Step):
    """Formulas as students write them, each with one slip."""

    def __init__(self, kind, D, H, slip):
        super().__init__(kind, D, H)
        self.slip = slip

    def forward(self, x_t, states):
        x, h = linear(x_t, self.weight_ih, self.bias_ih), states[0]
        if self.kind == "rnn":
            return (torch.tanh(x + h @ self.weight_hh.T),)
        if self.kind == "lstm":
            i, f, o, g = (x + linear(h, self.weight_hh, self.bias_hh)).chunk(4, dim=1)
            c = f.sigmoid() * states[1] + i.sigmoid() * g.tanh()
            return o.sigmoid() * c.tanh(), c
        from_x, from_h = x.chunk(3, 1), linear(h, self.weight_hh, self.bias_hh).chunk(3, 1)
        r, z = (torch.sigmoid(from_x[k] + from_h[k]) for k in (0, 1))
        W, b = self.weight_hh.chunk(3)[2], self.bias_hh.chunk(3)[2]
        n = {"before": linear(r * h, W, b), "outside": r * linear(h, W) + b}.get(self.slip, r * from_h[2])
        n = torch.tanh(from_x[2] + n)
        return (z * n + (1 - z) * h,) if self.slip == "exchanged" else ((1 - z) * n + z * h,)


@pytest.mark.parametrize(
    ("kind", "slip", "said"),
    [
        ("rnn", "", "without bias_hh"),
        ("lstm", "", "with the blocks read as i, f, o, g; they are i, f, g, o"),
        ("gru", "before", "with the reset gate before the product, W (r ⊙ h)"),
        ("gru", "outside", "with b_hn outside of the reset gate's bracket"),
        ("gru", "exchanged", "with z and 1 − z exchanged"),
    ],
)
def test_a_known_slip_of_a_formula_is_named(kind, slip, said, capsys):
    with pytest.raises(CheckFailed, match=f"hw3-{kind}"):
        check(f"hw3-{kind}", cell=lambda D, H: Slipped(kind, D, H, slip))
    printed = capsys.readouterr().out
    assert printed.count(f"It is what a cell computes {said}.") == 2


def test_a_formula_with_another_fault_is_not_guessed_at(capsys):
    class Other(Step):
        def forward(self, x_t, states):
            return (1.01 * super().forward(x_t, states)[0],)

    with pytest.raises(CheckFailed):
        check("hw3-gru", cell=lambda D, H: Other("gru", D, H))
    printed = capsys.readouterr().out
    assert "largest difference" in printed and "It is what" not in printed


class NoTuple(Step):
    def forward(self, x_t, states):
        return super().forward(x_t, states)[0]


class NoNames(nn.Module):
    def __init__(self, kind, D, H):
        super().__init__()
        self.linear = nn.Linear(D, H)


@pytest.mark.parametrize(
    ("made", "hint"), [(NoTuple, "must return a tuple of 1 state"), (NoNames, "no parameter 'weight_ih'")]
)
def test_a_cell_that_breaks_the_contract_is_told_so(made, hint, capsys):
    with pytest.raises(CheckFailed, match="hw3-rnn"):
        check("hw3-rnn", cell=lambda D, H: made("rnn", D, H))
    assert hint in capsys.readouterr().out


class Pasted(nn.Module):
    """The package's method, under another name."""

    read = LSTM.step

    def forward(self, x_t, states):
        return self.read(linear(x_t, self.weight_ih, self.bias_ih), states, self.weight_hh, self.bias_hh)


@pytest.mark.parametrize("module", [RNN(2, 3), LSTM(2, 3), GRU(2, 3), Pasted(), nn.Sequential(LSTM(2, 3))])
def test_the_packages_own_cell_is_recognised(module):
    with pytest.raises(ValueError, match="holds code of coursekit.cells"):
        refuse_borrowed(module)
    refuse_borrowed(Step("gru", 2, 3))
    refuse_borrowed(nn.LSTM(2, 3))  # torch's are switched off elsewhere


class Layers(nn.Module):
    """A right stack; what a subclass changes is one line of it."""

    def __init__(self, make_cell, D, H, L):
        super().__init__()
        self.cells, self.H = self.held(make_cell(self.width(k, D, H), H) for k in range(L)), H

    held = nn.ModuleList

    def width(self, k, D, H):
        return H if k else D

    def read(self, k, below, bottom):
        return below

    def real(self, t, lengths):
        return (t < lengths)[:, None]

    def begin(self, start, k):
        return tuple(state[k] for state in start)

    def forward(self, x, lengths, start=None):
        zeros = (x.new_zeros(len(self.cells), len(x), self.H),) * self.cells[0].STATES
        bottom, lasts = x, []
        for k, cell in enumerate(self.cells):
            below, states, outputs = (
                self.read(k, x, bottom),
                self.begin(zeros if start is None else start, k),
                [],
            )
            for t in range(x.shape[1]):
                new, real = cell(below[:, t], states), self.real(t, lengths)
                states = tuple(torch.where(real, a, b) for a, b in zip(new, states, strict=True))
                outputs.append(states[0] * real)
            x, lasts = torch.stack(outputs, dim=1), [*lasts, states]
        return x, tuple(torch.stack(each) for each in zip(*lasts, strict=True))


class InputToEach(Layers):
    def width(self, k, D, H):
        return D

    def read(self, k, below, bottom):
        return bottom


class NoLengths(Layers):
    def real(self, t, lengths):
        return torch.ones_like(lengths, dtype=torch.bool)[:, None]


class NoStart(Layers):
    def forward(self, x, lengths, start=None):
        return super().forward(x, lengths)


class OneStart(Layers):
    def begin(self, start, k):
        return tuple(state[0] for state in start)


class StatesSwapped(Layers):
    def begin(self, start, k):
        return super().begin(start, k)[::-1]


class Hidden(Layers):
    held = list


class Remembers(Layers):
    def forward(self, x, lengths, start=None):
        kept = getattr(self, "kept", None) if start is None else start
        outputs, last = super().forward(x, lengths, kept)
        self.kept = tuple(state.detach() for state in last)
        return outputs, last


def broken(stack):
    """What a stack breaks: which kind of law, in which case."""
    return {
        (what, case.says)
        for what, cases in CASES.items()
        for case in cases(7)
        for _, wrong in stack_laws(what, case, run_stack_case(stack, case), 1e-6)
        if wrong
    }


def test_a_right_stack_keeps_every_law(capsys):
    assert broken(Layers) == set()
    check("hw3-stack", stack=Layers)
    assert "✗" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stack", "what", "says"),
    [
        (
            InputToEach,
            "layers",
            {"three layers", "layers as wide as the input", "texts of different lengths"},
        ),
        (NoLengths, "layers", {"texts of different lengths"}),
        (NoStart, "start", {"one layer", "each layer has its own"}),
        (OneStart, "start", {"each layer has its own"}),
        (StatesSwapped, "start", {"one layer", "each layer has its own"}),
        (Hidden, "layers", {case.says for case in CASES["layers"](0)}),
        (Remembers, "layers", {case.says for case in CASES["layers"](0)}),
    ],
)
def test_a_mistake_breaks_its_own_law_and_no_other(stack, what, says):
    assert broken(stack) == {(what, name) for name in says}


def test_the_reference_of_a_stack_is_torchs():
    """One layer of one state is nn.RNN itself, read here without packing."""
    (case,) = [case for case in CASES["layers"](3) if case.says == "one layer"]
    ((W, V, b),) = case.weights(0, case.D, case.H)
    h, x = torch.zeros(case.B, case.H, dtype=torch.float64), case.draw()["x"]
    for t in range(case.T):
        h = torch.tanh(x[:, t] @ W.T + b + h @ V.T)
    assert torch.allclose(torch_stack_case(case)["last_0"][0], h)
