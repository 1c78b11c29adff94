"""A recurrent classifier that a student wrote as a class: the padding law to 1e-5, its cell, gradients, dropout, sizes.

Probabilities in place of logits, dropout that does not act, sizes that do not act: each costs a fifth of the points. All
hang on the law, the cell, packing of one's own, and a gradient for every parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.messages import say
from coursekit.homework.readers import examine_reader, reader_laws

OPTIONS = {"task": str, "name": str, "cell": str}
CELLS, OF = ("lstm", "gru"), 5


def problems(points: int, options: Mapping[str, Any]) -> str:
    """The cell and the number of directions have to be known."""
    cell, directions = options["cell"], options.get("directions", 1)
    if cell not in CELLS:
        return f"'cell' must be one of {CELLS}, got {cell!r}."
    return "" if directions in (1, 2) else f"'directions' must be 1 or 2, got {directions!r}."


def ask(part: Part, request: Request) -> None:
    """Have the class built, and measured."""
    what = {"cell": part.options["cell"], "directions": part.options.get("directions", 1)}
    request.probe(
        f"{part.id}-model", "classifier", name=part.options["name"], seed=request.seed + 500, **what
    )


def answer(probe: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Inside the sandbox: build the student's class, and measure it."""
    return examine_reader(names[probe["name"]], probe["cell"], probe["directions"], probe["seed"])


def mark(part: Part, evidence: Evidence) -> Mark:
    """Count what holds."""
    probe = f"{part.id}-model"
    if failed := evidence.failed(part, probe):
        return failed
    facts, tensors = evidence.outcome.facts(probe), evidence.outcome.tensors.get(probe, {})
    cell, directions = part.options["cell"], part.options.get("directions", 1)
    try:
        laws = list(reader_laws(facts, tensors, cell, directions))
    except (TypeError, ValueError, KeyError, AttributeError, RuntimeError) as error:
        said = say("kinds.classifier.unreadable", said=str(error)[:200])
        return Mark.of(part, 0, said, status="error")
    reasons = [say("kinds.not-kept", law=law, wrong=wrong) for law, wrong, _ in laws if wrong]
    if any(wrong and needed for _, wrong, needed in laws):
        return Mark.of(part, 0, *reasons)
    return Mark.of(part, part.points * (OF - len(reasons)) / OF, *reasons)
