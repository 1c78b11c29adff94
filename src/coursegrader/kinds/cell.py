"""A layer from parameters equals that of ``torch.nn``, gradients included, on shapes and weights nobody has seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.effects import kernels_replaced, refusing
from coursegrader.evidence import Evidence, Mark, largest_gap
from coursegrader.messages import say
from coursekit.homework.examine import EQUAL, GATES, cell_case, run_cell_case, torch_cell_case

OPTIONS = {"task": str, "name": str, "cell": str}
SHAPES = tuple(
    dict(zip("BTDH", shape, strict=True))
    for shape in ((1, 1, 1, 1), (2, 6, 3, 5), (3, 9, 5, 4), (5, 4, 2, 7))
)


def problems(points: int, options: Mapping[str, Any]) -> str:
    """The cell has to be one of torch's."""
    cell = options["cell"]
    return "" if cell in GATES else f"'cell' must be one of {tuple(GATES)}, got {cell!r}."


def ask(part: Part, request: Request) -> list[dict[str, Tensor]]:
    """Hand over cases; they are kept, to be computed by torch outside."""
    kind, probe = part.options["cell"], f"{part.id}-cell"
    cases = [cell_case(kind, request.seed + n, **shape) for n, shape in enumerate(SHAPES)]
    for n, case in enumerate(cases):
        request.inputs |= {f"{probe}.{n}.{name}": value for name, value in case.items()}
    request.probe(probe, "cell", name=part.options["name"], shapes=list(SHAPES))
    return cases


def answer(probe: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Inside the sandbox: run the cases through the student's layer, with torch's own layers switched off."""
    inputs, tensors = load_file(Path("inputs.safetensors")), {}
    for n, shape in enumerate(probe["shapes"]):
        stem = f"{probe['id']}.{n}."
        case = {name.removeprefix(stem): value for name, value in inputs.items() if name.startswith(stem)}
        with kernels_replaced(refusing):
            layer = names[probe["name"]](shape["D"], shape["H"])
            tensors |= {f"{n}.{name}": value for name, value in run_cell_case(layer, case).items()}
    return {}, tensors


def mark(part: Part, evidence: Evidence) -> Mark:
    """Compare with torch."""
    failed = evidence.failed(part, f"{part.id}-cell")
    if failed:
        return failed
    given, worst, reasons = evidence.outcome.tensors.get(f"{part.id}-cell", {}), 0.0, []
    for n, case in enumerate(evidence.kept[part.id]):
        for name, wanted in torch_cell_case(part.options["cell"], case).items():
            gap = largest_gap(given.get(f"{n}.{name}"), wanted)
            worst = max(worst, gap)
            if not gap <= EQUAL and len(reasons) < 3:
                reasons.append(say("kinds.cell.differs", name=name, gap=gap, number=n + 1))
    return Mark.of(part, 0 if reasons else part.points, *reasons, measured={"largest difference": worst})
