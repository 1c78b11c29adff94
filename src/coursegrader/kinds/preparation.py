"""A step from texts to batches keeps its laws on cases that nobody has seen: split, words, vocabulary, data set, batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.messages import Message, say
from coursekit.homework.pipeline import STEPS, draw_case, run_step, step_laws

OPTIONS = {"task": str, "step": str}
CASES = 3


def problems(points: int, options: Mapping[str, Any]) -> str:
    """The step has to be one of those there are."""
    step = options["step"]
    return "" if step in STEPS else f"'step' must be one of {tuple(STEPS)}, got {step!r}."


def ask(part: Part, request: Request) -> list[Mapping[str, Any]]:
    """Hand over cases; they are kept, to look at what came back."""
    step = part.options["step"]
    cases = [draw_case(step, 1_000 * request.seed + n) for n in range(CASES)]
    request.probe(f"{part.id}-cases", "preparation", step=step, cases=cases)
    return cases


def answer(probe: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Inside the sandbox: run the cases through the student's functions."""
    return {"given": [run_step(probe["step"], names, case) for case in probe["cases"]]}, {}


def mark(part: Part, evidence: Evidence) -> Mark:
    """Every law has to hold in every case; the first case that breaks one is named."""
    probe = f"{part.id}-cases"
    if failed := evidence.failed(part, probe):
        return failed
    given = evidence.outcome.facts(probe).get("given")
    cases = evidence.kept[part.id]
    if not isinstance(given, list) or len(given) != len(cases):
        return Mark.of(part, 0, say("kinds.preparation.nothing"), status="error")
    broken: dict[str, Message] = {}
    for number, (case, result) in enumerate(zip(cases, given, strict=True), start=1):
        for law, wrong in step_laws(part.options["step"], case, result):
            if wrong:
                said = say("kinds.preparation.broken", law=law, number=number, wrong=wrong)
                broken.setdefault(law, said)
    return Mark.of(
        part, 0 if broken else part.points, *broken.values(), measured={"laws broken": len(broken)}
    )
