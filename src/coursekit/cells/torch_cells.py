r"""RNN, LSTM and GRU in PyTorch, written out from ``nn.Parameter``: layers, directions, and the published variants.

A parameter has the name, the shape and the gate order that ``torch.nn`` gives it, so weights travel by
``load_state_dict`` both ways. Rows of a stacked matrix belong to the gates in this order, stated here once:

====  ==================  =====================================================
cell  rows                gates
====  ==================  =====================================================
RNN   H                   the state itself
LSTM  4 H                 i input, f forget, g candidate, o output
GRU   3 H                 r reset, z update, n candidate
====  ==================  =====================================================

Letters: B batch, T time, D input size, H hidden size, L layers, K directions (1 or 2). ``x`` has the shape (B, T, D).
"""

from __future__ import annotations

from typing import ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from coursekit.cells.weights import check_texts

RESETS = ("after", "before")
Z_WEIGHS = ("old", "new")


class _Cell(nn.Module):
    """Layers and directions around one step; a subclass says what a step is.

    A second direction reads the text from its end; the outputs of both are joined, (B, T, 2 H).
    """

    SETS: ClassVar[int]  # sets of weights, one for each gate or candidate
    STATES: ClassVar[int] = 1  # arrays that are handed on from step to step
    TORCH: ClassVar[type[nn.RNNBase]]

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bidirectional: bool = False
    ) -> None:
        super().__init__()
        if min(input_size, hidden_size, num_layers) < 1:
            raise ValueError(
                "'input_size', 'hidden_size' and 'num_layers' must be at least 1, got "
                f"{input_size}, {hidden_size} and {num_layers}."
            )
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.bidirectional = num_layers, bidirectional
        rows = self.SETS * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * (1 + bidirectional)
            shapes = {
                "weight_ih": (rows, width),
                "weight_hh": (rows, hidden_size),
                "bias_ih": (rows,),
                "bias_hh": (rows,),
            }
            for suffix in self._suffixes(layer):
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(torch.empty(shape)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within one over the square root of H, as ``torch.nn`` does."""
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(self.hidden_size**-0.5), self.hidden_size**-0.5)

    def _suffixes(self, layer: int) -> tuple[str, ...]:
        return (f"l{layer}", f"l{layer}_reverse")[: 1 + self.bidirectional]

    @classmethod
    def from_torch(cls, module: nn.RNNBase, **variant: object) -> Self:
        """Build the cell, in a variant such as ``reset="before"``, with a copy of a torch module's weights.

        Raises ``TypeError`` or ``ValueError`` if the module is not of the kind that this class writes out, or has a
        projection, no biases, or ReLU.
        """
        if not isinstance(module, cls.TORCH):
            raise TypeError(f"'module' must be a torch.nn.{cls.TORCH.__name__}, got {type(module).__name__}.")
        if module.proj_size or not module.bias or getattr(module, "nonlinearity", "tanh") != "tanh":
            raise ValueError(f"'module' must have biases, tanh and no projection, got {module}.")
        sizes = module.input_size, module.hidden_size, module.num_layers, module.bidirectional
        cell = cls(*sizes, **variant).to(module.weight_ih_l0)
        cell.load_state_dict(module.state_dict())
        return cell

    def to_torch(self) -> nn.RNNBase:
        """Return the ``torch.nn`` module with a copy of these weights, whatever the variant."""
        sizes = self.input_size, self.hidden_size, self.num_layers
        module = self.TORCH(*sizes, bidirectional=self.bidirectional, batch_first=True)
        module = module.to(self.weight_ih_l0)
        module.load_state_dict(self.state_dict())
        return module

    def step(self, a_x: Tensor, states: tuple[Tensor, ...], W_h: Tensor, b_h: Tensor) -> tuple[Tensor, ...]:
        """Read one word and return the new states, each (B, H); the first is the output.

        ``a_x``, (B, sets * H), is the word's part of every gate, bias included: ``x_t @ W_x.T + b_x``.
        """
        raise NotImplementedError

    def forward(
        self, x: Tensor, start: Tensor | tuple[Tensor, ...] | None = None
    ) -> tuple[Tensor, Tensor | tuple[Tensor, ...]]:
        """Read a batch of texts of equal length, (B, T, D), from a start state (L * K, B, H), or zeros.

        Returns the outputs, (B, T, K * H), and the last state of each layer and direction, (L * K, B, H). For the LSTM,
        start and last state are pairs.
        """
        starts = self._starts(x, start)
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            sides = []
            for suffix in self._suffixes(layer):
                W_x, W_h, b_x, b_h = (
                    getattr(self, f"{name}_{suffix}")
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                backward = suffix.endswith("reverse")
                a_x = linear(x.flip(1) if backward else x, W_x, b_x)  # (B, T, sets * H)
                states, outputs = tuple(s[len(last)] for s in starts), []
                for t in range(x.shape[1]):
                    states = self.step(a_x[:, t], states, W_h, b_h)
                    outputs.append(states[0])
                outputs = torch.stack(outputs, dim=1)  # (B, T, H)
                sides.append(outputs.flip(1) if backward else outputs)
                last.append(states)
            x = torch.cat(sides, dim=2)  # (B, T, K * H)
        joined = tuple(torch.stack(each) for each in zip(*last, strict=True))  # (L * K, B, H)
        return x, joined if self.STATES > 1 else joined[0]

    def _starts(self, x: Tensor, start: Tensor | tuple[Tensor, ...] | None) -> tuple[Tensor, ...]:
        """Refuse shapes that do not fit; return the start states."""
        check_texts(x, self.input_size)
        shape = (self.num_layers * (1 + self.bidirectional), x.shape[0], self.hidden_size)
        if start is None:
            return (x.new_zeros(shape),) * self.STATES
        starts = (start,) if isinstance(start, Tensor) else start
        if [s.shape for s in starts] != [shape] * self.STATES:
            raise ValueError(
                f"'start' must hold {self.STATES} tensor(s) of shape {shape}, got {[tuple(s.shape) for s in starts]}."
            )
        return starts


class RNN(_Cell):
    r"""The vanilla RNN of Elman (1990): :math:`h_t = \tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)`."""

    SETS, TORCH = 1, nn.RNN

    def step(self, a_x, states, W_h, b_h):
        """See the base class."""
        (h_prev,) = states
        return (torch.tanh(a_x + linear(h_prev, W_h, b_h)),)


class LSTM(_Cell):
    """Long short-term memory, gate order i, f, g, o; for its papers see :mod:`coursekit.cells.numpy_lstm`."""

    SETS, STATES, TORCH = 4, 2, nn.LSTM

    def step(self, a_x, states, W_h, b_h):
        """See the base class."""
        h_prev, c_prev = states
        a_i, a_f, a_g, a_o = (a_x + linear(h_prev, W_h, b_h)).chunk(4, dim=1)  # (B, H) each
        c_t = a_f.sigmoid() * c_prev + a_i.sigmoid() * a_g.tanh()
        return a_o.sigmoid() * c_t.tanh(), c_t


class GRU(_Cell):
    r"""Gated recurrent unit, gate order r, z, n, in the published variants.

    The reset gate acts *after* the product, on :math:`W_{hn} h_{t-1} + b_{hn}`, as in ``torch.nn``, or *before* it, on
    :math:`h_{t-1}`. The update gate weighs the *old* state, as in ``torch.nn``, or the *new* one, the candidate. Cho et
    al. (2014), "Learning phrase representations using RNN encoder–decoder", equations 5–8 (before, old); Chung et al.
    (2014), "Empirical evaluation of gated recurrent neural networks", section 3.2 (before, new).
    """

    SETS, TORCH = 3, nn.GRU

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        *,
        reset: str = "after",
        z_weighs: str = "old",
    ) -> None:
        if reset not in RESETS:
            raise ValueError(f"'reset' must be one of {RESETS}, got {reset!r}.")
        if z_weighs not in Z_WEIGHS:
            raise ValueError(f"'z_weighs' must be one of {Z_WEIGHS}, got {z_weighs!r}.")
        super().__init__(input_size, hidden_size, num_layers, bidirectional)
        self.reset, self.z_weighs = reset, z_weighs

    def step(self, a_x, states, W_h, b_h):
        """See the base class."""
        (h_prev,) = states
        a_xr, a_xz, a_xn = a_x.chunk(3, dim=1)  # (B, H) each
        (W_hr, W_hz, W_hn), (b_hr, b_hz, b_hn) = W_h.chunk(3), b_h.chunk(3)
        r_t = (a_xr + linear(h_prev, W_hr, b_hr)).sigmoid()
        z_t = (a_xz + linear(h_prev, W_hz, b_hz)).sigmoid()
        if self.reset == "after":
            n_t = (a_xn + r_t * linear(h_prev, W_hn, b_hn)).tanh()
        else:
            n_t = (a_xn + linear(r_t * h_prev, W_hn, b_hn)).tanh()
        old, new = (z_t, 1 - z_t) if self.z_weighs == "old" else (1 - z_t, z_t)
        return (new * n_t + old * h_prev,)
