"""Train the submitted configuration again on as many texts, ask that model, and compare the two scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from safetensors.torch import save

from coursegrader.asking import Request, as_json
from coursegrader.evidence import Evidence, Mark
from coursegrader.grades import Settings
from coursegrader.intake import Submission
from coursegrader.jobs import defining_cells, open_room, run_job
from coursegrader.kinds import kind_of
from coursegrader.messages import say
from coursegrader.packed import read_model
from coursekit.batching import prepare


def compare_with_retrained(
    evidence: Evidence, marks: Sequence[Mark], submission: Submission, settings: Settings
) -> list[Mark]:
    """Put the mark of quality on hold where a second training does not confirm it."""
    made = list(marks)
    for position, part in enumerate(evidence.homework.parts):
        kind, first = kind_of(part.kind), made[position]
        score = kind.SCORE
        if score is None or first.status not in ("ok", "review") or score not in first.measured:
            continue
        second = kind.mark(part, retrained(evidence, submission, settings))
        if score not in second.measured:
            made[position] = first.on_hold(say("retrain.not-asked"), *second.reasons)
            continue
        gap = first.measured[score] - second.measured[score]
        measured = first.measured | {f"retrained {score}": second.measured[score], "retrain gap": gap}
        made[position] = replace(first, measured=measured)
        if abs(gap) > evidence.homework.flags["retrain_gap"]:
            name = say(f"score.{score.replace(' ', '-')}")
            made[position] = made[position].on_hold(say("retrain.gap", score=name, gap=gap))
    return made


def texts_of(evidence: Evidence) -> int:
    """How many training texts the submission says that it was trained on; all, if it says nothing that can be."""
    final, most = evidence.results.get("final"), len(evidence.corpus.train)
    said = final.get("n_train") if isinstance(final, dict) else None
    return said if type(said) is int and 1 <= said < most else most


def retrained(evidence: Evidence, submission: Submission, settings: Settings) -> Evidence:
    """Train on as many texts as the student did, in one run, and ask the model in another; return its answers."""
    homework, corpus = evidence.homework, evidence.corpus
    config, _, _ = read_model(submission.attachments)
    corpus = replace(corpus, train=corpus.train.take(texts_of(evidence)))
    vocabulary = prepare(
        corpus, config
    ).encoder.vocabulary  # that of the retrained model, whatever was handed in
    listed = {"words": list(vocabulary.words), "counts": list(vocabulary.counts)}
    attachments = {**submission.attachments, "vocabulary.json": json.dumps(listed).encode()}
    cells, limits = defining_cells(homework, evidence.code), homework.limits
    how = {"seconds": limits["full_seconds"], "which": settings.which}

    training = Request(homework, corpus, submission.attachments, settings.seed)
    training.probe("full", "train", config=config.to_dict(), seed=0, weights=True)
    texts = as_json(corpus, corpus.train, corpus.validation)
    with open_room(homework, **how) as room:
        trained = run_job(cells, training, room, cell_seconds=limits["full_seconds"], corpus=texts)
    tensors = trained.tensors.get("full", {}).items()
    weights = {name.removeprefix("weights."): value for name, value in tensors if name.startswith("weights.")}

    asking = Request(homework, corpus, attachments, settings.seed)
    kept = {
        part.id: kind_of(part.kind).ask(part, asking) for part in homework.parts if kind_of(part.kind).SCORE
    }
    asking.weights = save(weights)
    with open_room(homework, **how) as room:
        outcome = run_job(cells, asking, room, cell_seconds=limits["cell_seconds"])
    return Evidence(homework=homework, outcome=outcome, corpus=corpus, kept=kept, flags=evidence.flags)
