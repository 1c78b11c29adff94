"""Examinations: what can be measured of a student's model without knowing how it was written.

The local checks print these numbers; the grader measures the same ones again, with shapes and weights of its own.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

RECURRENT = (nn.RNNBase, nn.RNNCellBase)
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


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


def cell_case(kind: str, seed: int, B: int, T: int, D: int, H: int) -> dict[str, Tensor]:
    """Draw one case for a cell that is written from parameters: weights, ``x``, and a ``report`` to send back.

    The kind is ``rnn``, ``lstm`` or ``gru``; the weights bear the names of ``torch.nn``, and all is float64.
    """
    random, G = torch.Generator().manual_seed(seed), GATES[kind]
    shapes = {
        "weight_ih": (G * H, D),
        "weight_hh": (G * H, H),
        "bias_ih": (G * H,),
        "bias_hh": (G * H,),
        "x": (B, T, D),
        "report": (B, T, H),
    }
    return {
        name: torch.randn(shape, generator=random, dtype=torch.float64)
        * (1.0 if name in ("x", "report") else 0.5)
        for name, shape in shapes.items()
    }


def run_cell_case(
    layer: nn.Module, case: dict[str, Tensor], names: dict[str, str] | None = None
) -> dict[str, Tensor]:
    """Put a case's weights into a layer, run it forward and backward, and return all that came out.

    The layer is called as ``layer(x)`` and returns the outputs and the last state (for an LSTM, a pair); ``names`` says
    what it calls the four parameters, where they are others. Returned are ``outputs``, ``last`` (and ``last_c``), and
    ``grad_NAME`` for each parameter and for ``x``. Raises ``AttributeError`` or ``ValueError`` if a parameter is
    missing or of another shape.
    """
    layer = layer.double()
    weights = [name for name in case if name not in ("x", "report")]
    parameters = dict(layer.named_parameters())
    for name in weights:
        own = (names or {}).get(name, name)
        if own not in parameters:
            raise AttributeError(
                f"there is no parameter '{own}'; the layer has {', '.join(parameters) or 'none'}."
            )
        if parameters[own].shape != case[name].shape:
            raise ValueError(
                f"'{own}' must have the shape {tuple(case[name].shape)}, got {tuple(parameters[own].shape)}."
            )
        with torch.no_grad():
            parameters[own].copy_(case[name])
    x = case["x"].clone().requires_grad_()
    outputs, last = layer(x)
    (outputs * case["report"]).sum().backward()
    results: dict[str, Any] = {"outputs": outputs, "grad_x": x.grad}
    results |= {f"grad_{name}": parameters[(names or {}).get(name, name)].grad for name in weights}
    results |= {"last": last[0], "last_c": last[1]} if isinstance(last, tuple) else {"last": last}
    return {name: torch.zeros(0) if value is None else value.detach() for name, value in results.items()}


def torch_cell_case(kind: str, case: dict[str, Tensor]) -> dict[str, Tensor]:
    """Run a case through the layer of ``torch.nn``: what a right answer must equal."""
    H, D = case["weight_hh"].shape[1], case["weight_ih"].shape[1]
    layer = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](D, H, batch_first=True)

    class OneLayer(nn.Module):
        """Drops torch's leading axis of layers from the last state."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor):
            outputs, last = self.layer(x)
            return outputs, tuple(state[0] for state in last) if isinstance(last, tuple) else last[0]

    names = {name: f"layer.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    return run_cell_case(OneLayer(), case, names)
