"""The share of test texts that the submitted model gets right, compared as a count of texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.messages import say
from coursegrader.quality import ASKED_MODEL, Reached, ask_model, decide, read_answers, thresholds_problem
from coursekit.stats import wilson

NEEDS_DATA, SCORE, SETTINGS = True, "accuracy", ASKED_MODEL
problems, ask = thresholds_problem, ask_model


def mark(part: Part, evidence: Evidence) -> Mark:
    """Count right answers."""
    answers = read_answers(part, evidence)
    if isinstance(answers, Mark):
        return answers
    right, n = int((answers.predicted == answers.labels).sum()), len(answers.labels)
    measured = {
        "right": right,
        "of": n,
        "accuracy": right / n,
        "interval": list(wilson(right, n)),
    } | answers.drop(lambda labels, predicted: float((labels == predicted).mean()))
    limits = thresholds_in_texts(part.options["thresholds"], n)
    wanted = {least: say("kinds.accuracy.threshold", least=least, number=n) for least in limits}
    said = Reached(SCORE, say("kinds.accuracy.right", right=right, number=n), wanted)
    return decide(part, evidence, answers, right, limits, said, measured)


def thresholds_in_texts(thresholds: Mapping[float, int], n: int) -> dict[int, int]:
    """Turn shares into counts of ``n`` texts, so that no rounding decides a mark; return points by count."""
    return {math.ceil(Fraction(str(share)) * n): points for share, points in thresholds.items()}
