"""Examination of a stack of layers that a student wrote, with cells that nobody has seen.

The cells handed over are plain RNNs, one or two side by side, so that a stack that knows only what it was told of a cell can
run them, and torch can say what has to come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from coursekit.homework.examine import refuse_borrowed
from coursekit.homework.said import Sentence, sentence

Make = Callable[..., nn.Module]  # make(cell_class, input_size, hidden_size, num_layers)
Results = Mapping[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class StackCase:
    """Sizes of one case; everything else is drawn from its seed."""

    says: str  # what it looks at
    seed: int
    D: int
    H: int
    L: int
    states: int = 1  # of a cell
    ragged: bool = False  # texts of different lengths
    started: bool = False  # start states are given
    B: int = 4
    T: int = 6

    def draw(self) -> dict[str, Any]:
        """Input, lengths, start, and the gradient that is sent back."""
        random = torch.Generator().manual_seed(self.seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=random, dtype=torch.float64)

        lengths = torch.randint(2, self.T, (self.B,), generator=random) if self.ragged else None
        if lengths is not None:
            lengths[0], lengths[self.B // 2] = (
                1,
                self.T,
            )  # unsorted, with the shortest and the longest there is
        x, report = normal(self.B, self.T, self.D), normal(self.B, self.T, self.H)
        start = [normal(self.L, self.B, self.H).requires_grad_() for _ in range(self.states)]
        return {
            "x": x.requires_grad_(),
            "report": report,
            "lengths": torch.full((self.B,), self.T) if lengths is None else lengths,
            "start": tuple(start) if self.started else None,
        }

    def weights(self, layer: int, input_size: int, hidden_size: int) -> Iterator[tuple[Tensor, ...]]:
        """For every state of a layer its two matrices and its bias."""
        random = torch.Generator().manual_seed(self.seed + 1_000 * (layer + 1))
        for _ in range(self.states):
            shapes = ((hidden_size, input_size), (hidden_size, hidden_size), (hidden_size,))
            yield tuple(0.6 * torch.randn(s, generator=random, dtype=torch.float64) for s in shapes)

    def cell_class(self) -> type[nn.Module]:
        """A new class of cells; the cells that are made of it stand in its list ``made``."""
        case = self

        class Cell(nn.Module):
            """So many plain RNNs side by side; the first one's state is the output."""

            STATES = case.states
            made: list[nn.Module] = []  # noqa: RUF012

            def __init__(self, input_size: int, hidden_size: int) -> None:
                super().__init__()
                drawn = case.weights(len(Cell.made), input_size, hidden_size)
                self.own = nn.ParameterList([nn.Parameter(value) for values in drawn for value in values])
                Cell.made.append(self)

            def forward(self, x_t: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, ...]:
                triples = zip(*(iter(self.own),) * 3, states, strict=True)
                return tuple(torch.tanh(x_t @ W.T + h @ V.T + b) for W, V, b, h in triples)

        return Cell


def stack_cases(seed: int) -> list[StackCase]:
    """Cases without given start states."""
    return [
        StackCase(says=sentence("one layer"), seed=seed, D=3, H=5, L=1),
        StackCase(says=sentence("a cell of two states"), seed=seed + 1, D=4, H=3, L=1, states=2),
        StackCase(says=sentence("three layers"), seed=seed + 2, D=3, H=4, L=3, states=2),
        StackCase(says=sentence("layers as wide as the input"), seed=seed + 3, D=4, H=4, L=2),
        StackCase(
            says=sentence("texts of different lengths"), seed=seed + 4, D=3, H=5, L=2, states=2, ragged=True
        ),
    ]


def start_cases(seed: int) -> list[StackCase]:
    """Cases with given start states."""
    return [
        StackCase(says=sentence("one layer"), seed=seed, D=3, H=4, L=1, states=2, started=True),
        StackCase(
            says=sentence("each layer has its own"), seed=seed + 1, D=4, H=4, L=3, states=2, started=True
        ),
    ]


CASES = {"layers": stack_cases, "start": start_cases}


def as_plain(case: StackCase) -> dict[str, Any]:
    """Return a case as it travels."""
    return asdict(case)


def run_stack_case(make: Make, case: StackCase) -> dict[str, Tensor]:
    """Make a stack of unseen cells, let it read, go backward, and return all that came out.

    Returns
    -------
    dict of str to Tensor
        ``outputs``, ``again`` (of a second call), ``last_K``, ``grad_x``, ``grad_start_K``, ``grad_weights``, and ``lost``, the
        number of tensors that an optimiser would not find.
    """
    cell_class, drawn = case.cell_class(), case.draw()
    stack = make(cell_class, case.D, case.H, case.L)
    refuse_borrowed(stack)
    known = {id(parameter) for parameter in stack.parameters()}
    with torch.no_grad():
        again, _ = stack(drawn["x"], drawn["lengths"], *_given(drawn))
    outputs, last = stack(drawn["x"], drawn["lengths"], *_given(drawn))
    if not isinstance(last, tuple) or len(last) != case.states:
        got = type(last).__name__
        raise TypeError(sentence("the last states must be a tuple, one tensor a state, got {got}.", got=got))
    own = [parameter for cell in cell_class.made for parameter in cell.parameters()]
    return {
        **_all_that_came_out(drawn, outputs, last, own),
        "again": again.detach(),
        "lost": torch.tensor([float(sum(id(parameter) not in known for parameter in own))]),
    }


def torch_stack_case(case: StackCase) -> dict[str, Tensor]:
    """What a right answer must equal: ``torch.nn.RNN``, layer by layer, packed."""
    drawn, own, lasts = case.draw(), [], []
    x = drawn["x"]
    for layer in range(case.L):
        read, width = [], case.D if layer == 0 else case.H
        for k, (W, V, b) in enumerate(case.weights(layer, width, case.H)):
            rnn = nn.RNN(width, case.H, batch_first=True).double()
            rnn.load_state_dict(
                {"weight_ih_l0": W, "weight_hh_l0": V, "bias_ih_l0": b, "bias_hh_l0": torch.zeros_like(b)}
            )
            packed = pack_padded_sequence(x, drawn["lengths"], batch_first=True, enforce_sorted=False)
            read.append(rnn(packed, drawn["start"][k][layer][None] if case.started else None))
            own += [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0]
        lasts.append([last[0] for _, last in read])
        x, _ = pad_packed_sequence(read[0][0], batch_first=True, total_length=case.T)
    last = tuple(torch.stack(states) for states in zip(*lasts, strict=True))  # (L, B, H) each
    return _all_that_came_out(drawn, x, last, own)


def stack_laws(
    what: str, case: StackCase, got: Results, equal: float
) -> Iterator[tuple[Sentence, Sentence | None]]:
    """Yield what a stack must keep in one case, and what is wrong; None if nothing is."""
    wanted = torch_stack_case(case)
    if what == "start" and case.L > 1:  # layers are judged elsewhere
        first = {f"last_{k}": wanted[f"last_{k}"][:1] for k in range(case.states)}
        cut = {name: got[name][:1] for name in first if name in got}
        law = sentence("start, {case}: the first layer begins with the first", case=case.says)
        yield law, _difference(cut, first, equal)
        gradients = [got.get(f"grad_start_{k}", torch.zeros(0)) for k in range(case.states)]
        idle = [g.shape[:1] != (case.L,) or not all(map(torch.any, g)) for g in gradients]
        law = sentence("start, {case}: each acts on what comes out", case=case.says)
        yield law, sentence("a start state moves nothing.") if any(idle) else None
        return
    law = sentence(
        "{what}, {case}: outputs, last states and gradients equal torch.nn", what=what, case=case.says
    )
    yield law, _difference(got, wanted, equal)
    if what == "layers":
        again = {"outputs": got.get("again", torch.zeros(0))}
        law = sentence("layers, {case}: a second batch starts from zeros again", case=case.says)
        yield law, _difference(again, {"outputs": wanted["outputs"]}, equal)
        lost = bool(got.get("lost", torch.ones(1)).any())
        said = sentence(
            "an optimiser would not find the parameters of its cells: keep them in an nn.ModuleList."
        )
        yield (
            sentence("layers, {case}: the cells belong to the stack", case=case.says),
            said if lost else None,
        )


def _given(drawn: Mapping[str, Any]) -> tuple[Any, ...]:
    return () if drawn["start"] is None else (drawn["start"],)


def _all_that_came_out(
    drawn: Mapping[str, Any], outputs: Tensor, last: Sequence[Tensor], own: Sequence[Tensor]
) -> dict[str, Tensor]:
    ((outputs * drawn["report"]).sum() + sum(state.sum() for state in last)).backward()
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in own]
    results = {"outputs": outputs, "grad_x": drawn["x"].grad}
    results |= {f"last_{k}": state for k, state in enumerate(last)}
    results |= {f"grad_start_{k}": state.grad for k, state in enumerate(drawn["start"] or ())}
    results["grad_weights"] = torch.cat([grad.flatten() for grad in grads]) if grads else None
    return {name: torch.zeros(0) if value is None else value.detach() for name, value in results.items()}


def _difference(got: Results, wanted: Results, equal: float) -> Sentence | None:
    """Everything that differs; None if nothing does."""
    gaps = {}
    for name, value in wanted.items():
        found = got.get(name, torch.zeros(0))
        if found.shape != value.shape:
            shapes = {"got": str(tuple(found.shape)), "wanted": str(tuple(value.shape))}
            return sentence("{name} has the shape {got}, wanted {wanted}.", name=name, **shapes)
        gap = (found.double() - value).abs().max().item()
        if not gap <= equal:
            gaps[name] = gap
    if not gaps:
        return None
    return sentence(
        "different: {names}; the largest difference is {gap:.1e}.", names=list(gaps), gap=max(gaps.values())
    )
