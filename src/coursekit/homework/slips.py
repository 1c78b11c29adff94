"""Slips of the pen: what a cell of homework 3 computes if its formula is nearly that of ``torch.nn``.

Most slips are a right cell with other weights: a bias at zero, blocks in another order, an update gate with the other sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import torch
from torch import Tensor

from coursekit.homework.examine import EQUAL, WEIGHTS, torch_cell_case

Case = dict[str, Tensor]
BLOCKS = {"lstm": "ifgo", "gru": "rzn"}


def slip_of(kind: str, case: Case, outputs: Tensor) -> str:
    """Name the slip whose outputs (B, T, H) these are, for a case of ``cell_case``; empty if none is known."""
    for name, slipped in _slips(kind, case):
        wanted = slipped if isinstance(slipped, Tensor) else torch_cell_case(kind, slipped)["outputs"]
        if (wanted - outputs).abs().max() <= EQUAL:
            return name
    return ""


def _slips(kind: str, case: Case) -> Iterator[tuple[str, Case | Tensor]]:
    for name in ("bias_ih", "bias_hh"):
        yield f"without {name}", case | {name: torch.zeros_like(case[name])}
    blocks = BLOCKS.get(kind, "")
    for read in permutations(blocks):
        if "".join(read) != blocks:
            said = f"with the blocks read as {', '.join(read)}; they are {', '.join(blocks)}"
            yield said, _with_blocks(case, [read.index(letter) for letter in blocks])
    if kind == "gru":
        yield "with z and 1 − z exchanged", _with_block(case, 1, dict.fromkeys(WEIGHTS, -1))
        b_in, b_hn = (case[name].chunk(3)[2] for name in ("bias_ih", "bias_hh"))
        outside = _with_block(case, 2, {"bias_hh": 0})
        outside["bias_ih"] = torch.cat([*case["bias_ih"].chunk(3)[:2], b_in + b_hn])
        yield "with b_hn outside of the reset gate's bracket", outside
        yield "with the reset gate before the product, W (r ⊙ h)", _reset_before(case)


def _with_blocks(case: Case, places: list[int]) -> Case:
    """The case with its blocks of weights taken from other places."""
    cut = {name: case[name].chunk(len(places)) for name in WEIGHTS}
    return case | {name: torch.cat([blocks[k] for k in places]) for name, blocks in cut.items()}


def _with_block(case: Case, place: int, factors: dict[str, int]) -> Case:
    """The case of a GRU with one block of some weights multiplied."""
    cut = {name: list(case[name].chunk(3)) for name in factors}
    for name, factor in factors.items():
        cut[name][place] = factor * cut[name][place]
    return case | {name: torch.cat(blocks) for name, blocks in cut.items()}


def _reset_before(case: Case) -> Tensor:
    """The outputs (B, T, H) of the GRU as it was published first, whose reset gate acts on the old state."""
    weight, bias = case["weight_hh"], case["bias_hh"]
    W_hn, b_hn, (h,) = weight.chunk(3)[2], bias.chunk(3)[2], (case["start_0"],)
    outputs = []
    for x_t in case["x"].unbind(dim=1):  # (B, D)
        from_x = x_t @ case["weight_ih"].T + case["bias_ih"]  # (B, 3·H)
        gates = torch.sigmoid(from_x + h @ weight.T + bias)
        r, z, _ = gates.chunk(3, dim=1)
        n = torch.tanh(from_x.chunk(3, dim=1)[2] + (r * h) @ W_hn.T + b_hn)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs, dim=1)
