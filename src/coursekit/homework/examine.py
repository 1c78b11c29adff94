"""Examinations: what can be measured of a student's model without knowing how it was written.

The local checks print these numbers; the grader measures the same ones again, with shapes and weights of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.cells import torch_cells
from coursekit.nn import ModelConfig
from coursekit.runtime import seed_everything
from coursekit.training import Config, diff

RECURRENT = (nn.RNNBase, nn.RNNCellBase)
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
STATES = {"rnn": 1, "lstm": 2, "gru": 1}
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
EQUAL = 1e-6  # largest difference from torch.nn, float64
SHORTEST_METHOD = 60  # bytes of code; two people may well write the same shorter one


def random_batch(
    vocabulary_size: int, seed: int, *, rows: int = 5, longest: int = 12
) -> tuple[Tensor, Tensor]:
    """Return random ids, (B, T), with random junk after the end of each row, and the lengths, (B,), unsorted."""
    random = torch.Generator().manual_seed(seed)
    ids = torch.randint(4, vocabulary_size, (rows, longest), generator=random)
    lengths = torch.randint(1, longest, (rows,), generator=random)
    lengths[rows // 2] = longest
    return ids, lengths


@torch.no_grad()
def logits_alone_and_together(model: nn.Module, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Run a model on each row by itself, without pads, and on all rows at once, with junk in the pads; (B, C) each."""
    model.eval()
    together = model(ids, lengths)
    alone = [model(row[None, :n], torch.tensor([n])) for row, n in zip(ids, lengths.tolist(), strict=True)]
    return torch.cat(alone), together


def parameters_without_gradient(model: nn.Module, ids: Tensor, lengths: Tensor, n_classes: int) -> list[str]:
    """Names of parameters that no example moves: parts that are built and never used."""
    model.train()
    model.zero_grad()
    labels = torch.arange(len(ids)) % n_classes
    cross_entropy(model(ids, lengths), labels).backward()
    return [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and (parameter.grad is None or not parameter.grad.any())
    ]


def recurrent_modules(model: nn.Module) -> list[str]:
    """Names of the recurrent modules of torch inside a model."""
    return [name for name, module in model.named_modules() if isinstance(module, RECURRENT)]


def changes_the_model(
    build: Callable[..., nn.Module], base: Config, config: Config, words: int, classes: int, seed: int
) -> bool:
    """Whether a field of the model does something: other parameters, other logits, or others in training."""
    named = set(diff(base, config))
    if not named & {f.name for f in fields(ModelConfig)}:
        return True  # the locked helper reads that field itself
    models = []
    for each in (base, config):
        seed_everything(seed)
        models.append(build(each, words, classes))
    first, second = (model.state_dict() for model in models)
    if {n: v.shape for n, v in first.items()} != {n: v.shape for n, v in second.items()}:
        return True
    models[1].load_state_dict(first)
    ids, lengths = random_batch(words, seed, rows=16, longest=20)
    for training in (False, True):
        logits = []
        for model in models:
            model.train(training)
            seed_everything(seed)
            with torch.no_grad():
                logits.append(model(ids, lengths))
        if not torch.equal(*logits):
            return True
    return False


def cell_case(kind: str, seed: int, B: int, T: int, D: int, H: int) -> dict[str, Tensor]:
    """Draw one case for a cell that is written from parameters: weights, ``x``, start, and a ``report`` to send back.

    The kind is ``rnn``, ``lstm`` or ``gru``; all is float64: ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``, ``x``,
    ``report``, ``start_0`` (and ``start_1``).
    """
    random, G = torch.Generator().manual_seed(seed), GATES[kind]
    shapes = {
        "weight_ih": (G * H, D),
        "weight_hh": (G * H, H),
        "bias_ih": (G * H,),
        "bias_hh": (G * H,),
        "x": (B, T, D),
        "report": (B, T, H),
    } | {f"start_{k}": (B, H) for k in range(STATES[kind])}
    return {
        name: torch.randn(shape, generator=random, dtype=torch.float64) * (0.5 if name in WEIGHTS else 1.0)
        for name, shape in shapes.items()
    }


def run_cell_case(cell: nn.Module, case: dict[str, Tensor]) -> dict[str, Tensor]:
    """Put a case's weights into a cell, let it read step by step, go backward, and return all that came out.

    The cell is called as ``cell(x_t, states)`` with a tuple of states and returns the new ones. Returned are ``outputs``,
    ``last_0`` (and ``last_1``), and ``grad_NAME`` for each parameter, for ``x`` and for the start. Raises ``AttributeError``,
    ``ValueError`` or ``TypeError`` if a parameter is missing or of another shape, if no tuple comes back, or if the cell is
    the course's own.
    """
    refuse_borrowed(cell)
    cell = cell.double()
    parameters = dict(cell.named_parameters())
    for name in WEIGHTS:
        if name not in parameters:
            raise AttributeError(
                f"there is no parameter '{name}'; the cell has {', '.join(parameters) or 'none'}."
            )
        if parameters[name].shape != case[name].shape:
            raise ValueError(
                f"'{name}' must have the shape {tuple(case[name].shape)}, got {tuple(parameters[name].shape)}."
            )
        with torch.no_grad():
            parameters[name].copy_(case[name])
    x, start = _leaves(case)
    states, outputs = tuple(start), []
    for x_t in x.unbind(dim=1):  # (B, D)
        states = cell(x_t, states)
        if not isinstance(states, tuple) or len(states) != len(start):
            raise TypeError(
                f"a step must return a tuple of {len(start)} state(s), got {type(states).__name__}."
            )
        outputs.append(states[0])
    return _all_that_came_out(case, x, start, parameters, torch.stack(outputs, dim=1), states)


def torch_cell_case(kind: str, case: dict[str, Tensor]) -> dict[str, Tensor]:
    """Run a case through the layer of ``torch.nn``: what a right answer must equal."""
    H, D = case["weight_hh"].shape[1], case["weight_ih"].shape[1]
    layer = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](D, H, batch_first=True).double()
    layer.load_state_dict({f"{name}_l0": case[name] for name in WEIGHTS})
    x, start = _leaves(case)
    states = tuple(state[None] for state in start)  # torch wants an axis of layers first
    outputs, last = layer(x, states if len(states) > 1 else states[0])
    last = tuple(state[0] for state in (last if isinstance(last, tuple) else (last,)))
    parameters = {name: getattr(layer, f"{name}_l0") for name in WEIGHTS}
    return _all_that_came_out(case, x, start, parameters, outputs, last)


def _leaves(case: dict[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Input and start states of a case, ready to get a gradient."""
    start = [case[f"start_{k}"] for k in range(2) if f"start_{k}" in case]
    return case["x"].clone().requires_grad_(), [state.clone().requires_grad_() for state in start]


def _all_that_came_out(
    case: dict[str, Tensor],
    x: Tensor,
    start: Sequence[Tensor],
    parameters: dict[str, Tensor],
    outputs: Tensor,
    last: Sequence[Tensor],
) -> dict[str, Tensor]:
    ((outputs * case["report"]).sum() + sum(state.sum() for state in last)).backward()
    results: dict[str, Any] = {"outputs": outputs, "grad_x": x.grad}
    results |= {f"last_{k}": state for k, state in enumerate(last)}
    results |= {f"grad_start_{k}": state.grad for k, state in enumerate(start)}
    results |= {f"grad_{name}": parameters[name].grad for name in WEIGHTS}
    return {name: torch.zeros(0) if value is None else value.detach() for name, value in results.items()}


def refuse_borrowed(module: nn.Module) -> None:
    """Raise ``ValueError`` if a method of the module is one of the course's own cells, imported or copied."""
    for inner in module.modules():
        for cls in type(inner).__mro__:
            if any(_as_compiled(value) in OF_THE_COURSE for value in vars(cls).values()):
                raise ValueError(
                    f"{cls.__name__} holds code of coursekit.cells; here the cell is yours to write."
                )


def _as_compiled(value: object) -> tuple[bytes, tuple[str, ...]] | None:
    """What a function does and the names it looks up, whatever it and its variables are called; None if it is short."""
    code = getattr(value, "__code__", None)
    return (code.co_code, code.co_names) if code and len(code.co_code) >= SHORTEST_METHOD else None


OF_THE_COURSE = {
    _as_compiled(value)
    for cls in vars(torch_cells).values()
    if isinstance(cls, type) and cls.__module__ == torch_cells.__name__
    for value in vars(cls).values()
} - {None}
