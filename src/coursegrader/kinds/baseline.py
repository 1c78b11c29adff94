"""The student's ``build`` makes a model that trains on a sample, obeys the padding law, and uses all of it and its recurrence."""

from __future__ import annotations

import numpy as np

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark, largest_gap, share_right
from coursegrader.memory import recalls
from coursegrader.messages import say
from coursegrader.quality import FALL, fall_without
from coursekit.homework.readers import LAW

SETTINGS = {"smoke": {"rows", "epochs", "accuracy"}}
NEEDS_DATA = True
LAW_SEED, WORDS = 77, 500  # the size of a vocabulary where none was handed in


def ask(part: Part, request: Request) -> None:
    """Build a fresh model, and train one."""
    config = request.homework.baseline_config.to_dict()
    classes = len(request.corpus.label_names)
    request.probe("model", "model", config=config, words=words_of(request), classes=classes, seed=LAW_SEED)
    request.probe_training("train", "train", config, heldout=True, without=True)


def words_of(request: Request) -> int:
    """The size of the student's own vocabulary: a model cannot tell this question from its own work."""
    try:
        return len(request.model[1])
    except ValueError:
        return WORDS


def mark(part: Part, evidence: Evidence) -> Mark:
    """Look at law, gradients, what was learned, and whether it was learned by the recurrent layer."""
    outcome, wanted = evidence.outcome, evidence.homework.smoke["accuracy"]
    failed = evidence.failed(part, "model", "train")
    if failed:
        return failed
    reasons, logits = [], outcome.tensors.get("model", {})
    gap = largest_gap(logits.get("alone"), logits.get("together"))
    if not gap <= 10 * LAW:
        reasons.append(say("quality.law", gap=gap))
    idle = [name for name in outcome.facts("model").get("idle", ["?"]) if "embedding" not in str(name)]
    if idle:
        reasons.append(say("kinds.baseline.idle", names=idle[:5]))
    answers = outcome.tensors.get("train", {}).get("logits")
    accuracy, wrong = share_right(answers, evidence.labels, len(evidence.corpus.label_names))
    if wrong or accuracy < wanted:
        reasons.append(wrong or say("kinds.baseline.low", accuracy=accuracy, wanted=wanted))
    measured = {"law": gap, "smoke accuracy": accuracy}
    if reasons:
        return Mark.of(part, 0, *reasons, measured=measured)
    made = Mark.of(part, part.points, measured=measured)
    if not outcome.facts("model").get("recurrent"):
        return made.on_hold(say("quality.no-layer"))
    labels, predicted = np.array(evidence.labels), answers.argmax(dim=1).numpy()
    classes = len(evidence.corpus.label_names)
    fall = fall_without(outcome.tensors["train"], np.arange(len(labels)), labels, predicted, classes)
    made.measured["fall without recurrence"] = fall
    above_chance = recalls(labels, predicted, classes)[0] - 1 / classes
    if fall >= FALL or above_chance < 2 * FALL:  # where little was learned, little can be lost
        return made
    return made.on_hold(say("quality.fall", fall=fall))
