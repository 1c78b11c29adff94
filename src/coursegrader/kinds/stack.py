"""A stack of layers keeps its laws with cells that nobody has seen: layers and lengths, or start states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.effects import kernels_replaced, refusing
from coursegrader.evidence import Evidence, Mark
from coursegrader.messages import say
from coursekit.homework.examine import EQUAL
from coursekit.homework.stacks import CASES, StackCase, as_plain, run_stack_case, stack_laws

OPTIONS = {"task": str, "name": str, "asks": str}


def problems(points: int, options: Mapping[str, Any]) -> str:
    """What is asked has to be known."""
    asks = options["asks"]
    return "" if asks in CASES else f"'asks' must be one of {tuple(CASES)}, got {asks!r}."


def ask(part: Part, request: Request) -> list[StackCase]:
    """Draw cases; they are kept, to be computed by torch outside."""
    cases = CASES[part.options["asks"]](1_000 * request.seed)
    request.probe(
        f"{part.id}-stack", "stack", name=part.options["name"], cases=[as_plain(case) for case in cases]
    )
    return cases


def answer(probe: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Inside the sandbox: run the cases through the student's stack, with torch's own layers switched off."""
    tensors = {}
    with kernels_replaced(refusing):
        for n, case in enumerate(probe["cases"]):
            made = run_stack_case(names[probe["name"]], StackCase(**case))
            tensors |= {f"{n}.{name}": value for name, value in made.items()}
    return {}, tensors


def mark(part: Part, evidence: Evidence) -> Mark:
    """Every law has to hold in every case."""
    probe = f"{part.id}-stack"
    if failed := evidence.failed(part, probe):
        return failed
    given, broken = evidence.outcome.tensors.get(probe, {}), []
    for n, case in enumerate(evidence.kept[part.id]):
        own = {name.removeprefix(f"{n}."): value for name, value in given.items() if name.startswith(f"{n}.")}
        laws = stack_laws(part.options["asks"], case, own, EQUAL)
        broken += [(law, wrong) for law, wrong in laws if wrong]
    first = {
        wrong: say("kinds.stack.law", law=law, said=wrong) for law, wrong in reversed(broken)
    }  # each reason once
    reasons = list(reversed(first.values()))[:4]
    return Mark.of(part, 0 if broken else part.points, *reasons, measured={"laws broken": len(broken)})
