"""Train the submitted configuration again on all texts, ask that model, and compare the two scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safetensors.torch import save

from coursegrader import sandbox
from coursegrader.asking import Request, as_json
from coursegrader.evidence import Evidence, Mark
from coursegrader.grades import Settings
from coursegrader.intake import Submission
from coursegrader.jobs import defining_cells, run_job
from coursegrader.kinds import kind_of
from coursegrader.packed import read_model


def compare_with_retrained(
    evidence: Evidence, marks: Sequence[Mark], submission: Submission, settings: Settings
) -> list[Mark]:
    """Put the mark of quality on hold where a second training does not confirm it."""
    made = list(marks)
    for position, part in enumerate(evidence.homework.parts):
        kind, first = kind_of(part.kind), made[position]
        score = getattr(kind, "SCORE", None)  # of kinds that ask the submitted model
        if score is None or first.status not in ("ok", "review") or score not in first.measured:
            continue
        second = kind.mark(part, retrained(evidence, submission, settings))
        if score not in second.measured:
            made[position] = first.on_hold("trained again, the model could not be asked", *second.reasons)
            continue
        gap = first.measured[score] - second.measured[score]
        measured = first.measured | {f"retrained {score}": second.measured[score], "retrain gap": gap}
        made[position] = replace(first, measured=measured)
        if abs(gap) > evidence.homework.flags["retrain_gap"]:
            made[position] = made[position].on_hold(f"trained again, the {score} differs by {gap:+.3f}")
    return made


def retrained(evidence: Evidence, submission: Submission, settings: Settings) -> Evidence:
    """Train on all training texts, in one run, and ask the model in another; return its answers."""
    homework, corpus = evidence.homework, evidence.corpus
    config, _, _ = read_model(submission.attachments)
    cells, limits = defining_cells(homework, evidence.code), homework.limits
    bounds = sandbox.Limits(seconds=limits["full_seconds"], memory_mib=limits["memory_mib"])
    probe = {"id": "full", "kind": "train", "config": config.to_dict(), "seed": 0, "weights": True}
    trained = run_job(
        cells,
        [probe],
        limits=bounds,
        cell_seconds=limits["full_seconds"],
        corpus=as_json(corpus, corpus.train, corpus.validation),
        which=settings.which,
    )
    tensors = trained.tensors.get("full", {})
    weights = {
        name.removeprefix("weights."): value for name, value in tensors.items() if name.startswith("weights.")
    }
    request = Request(homework, corpus, submission.attachments, settings.seed)
    parts = [part for part in homework.parts if hasattr(kind_of(part.kind), "SCORE")]
    kept = {part.id: kind_of(part.kind).ask(part, request) for part in parts}
    outcome = run_job(
        cells,
        request.probes,
        limits=bounds,
        cell_seconds=limits["cell_seconds"],
        inputs=request.inputs,
        weights=save(weights),
        which=settings.which,
    )
    return Evidence(homework=homework, outcome=outcome, corpus=corpus, kept=kept, flags=evidence.flags)
