"""What ``check`` looks at in homework 3: cells and a stack written from parameters, and the optimisers that are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from coursekit.homework.examine import EQUAL, cell_case, run_cell_case, torch_cell_case
from coursekit.homework.slips import slip_of
from coursekit.homework.stacks import CASES, Make, run_stack_case, stack_laws
from coursekit.training import Config

Line = tuple[str, bool, str]  # what was looked at, whether it is right, and a hint if it is not


def cell_lines(kind: str) -> Callable[..., Iterator[Line]]:
    """Compare a cell with that of ``torch.nn``."""

    def look(cell: Callable[[int, int], nn.Module]) -> Iterator[Line]:
        for B, T, D, H in ((1, 1, 1, 1), (3, 5, 4, 2), (2, 7, 3, 6)):
            case = cell_case(kind, seed=B, B=B, T=T, D=D, H=H)
            try:
                results = run_cell_case(cell(D, H), case)
            except (AttributeError, ValueError, TypeError) as error:
                yield f"{kind}: runs for B={B}, T={T}, D={D}, H={H}", False, str(error)
                return
            for name, wanted in torch_cell_case(kind, case).items():
                got = results.get(name, torch.zeros(0))
                if got.shape == wanted.shape:
                    gap = (got - wanted).abs().max().item()
                    good, hint = gap <= EQUAL, f"largest difference {gap:.1e}."
                    asked = name == "outputs" and not good and H > 1  # slips look alike in a single unit
                    if asked and (slip := slip_of(kind, case, got)):
                        hint += f" It is what a cell computes {slip}."
                else:
                    good, hint = False, f"shape {tuple(got.shape)}, wanted {tuple(wanted.shape)}."
                yield f"{kind}, B={B} T={T} D={D} H={H}: {name} equals torch.nn", good, hint

    return look


def stack_lines(stack: Make) -> Iterator[Line]:
    """Run a stack with cells that it does not know: without start states, and with them."""
    for what, cases in CASES.items():
        for case in cases(seed=1):
            try:
                results = run_stack_case(stack, case)
            except (AttributeError, ValueError, TypeError) as error:
                yield f"{what}, {case.says}: it runs", False, str(error)
                continue
            yield from (
                (law, not wrong, wrong or "") for law, wrong in stack_laws(what, case, results, EQUAL)
            )


def optimiser_lines(optimisers: Mapping[str, Mapping[str, Any]]) -> Iterator[Line]:
    """Look at the names of four optimisers, and at what their entries change."""
    for name in ("sgd", "nag", "adadelta", "adam"):
        there = name in optimisers and optimisers[name].get("optimiser", "adam") == name
        yield f"{name} is among them", there, f"got {', '.join(optimisers)}."
    for name, changes in optimisers.items():
        extra = set(changes) - {"optimiser", "learning_rate", "momentum"}
        hint = f"also changed: {', '.join(sorted(extra))}."
        yield f"{name}: only the optimiser and its rates differ", not extra, hint
        try:
            Config.from_dict(changes)
        except ValueError as error:
            yield f"{name}: a legal configuration", False, str(error)
