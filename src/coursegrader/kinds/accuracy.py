"""The share of test texts that the submitted model gets right, compared as a count of texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.quality import SETTINGS, ask_model, decide, read_answers, thresholds_problem
from coursekit.stats import wilson

__all__ = ["NEEDS_DATA", "SCORE", "SETTINGS", "ask", "mark", "problems"]

NEEDS_DATA, SCORE = True, "accuracy"
problems, ask = thresholds_problem, ask_model


def mark(part: Part, evidence: Evidence) -> Mark:
    """Count right answers."""
    answers = read_answers(part, evidence)
    if isinstance(answers, Mark):
        return answers
    right, n = int((answers.predicted == answers.labels).sum()), len(answers.labels)
    drop = (
        answers.drop(lambda labels, predicted: float((labels == predicted).mean())) if answers.rows else 0.0
    )
    measured = {"right": right, "of": n, "accuracy": right / n, "drop by one word": drop}
    measured["interval"] = list(wilson(right, n))
    limits = thresholds_in_texts(part.options["thresholds"], n)
    points = max((p for least, p in limits.items() if right >= least), default=0)
    wanted = [f"{least} of {n}: {p}" for least, p in sorted(limits.items())]
    said = f"{right} of {n} right; points: {'; '.join(wanted)}."
    return decide(part, evidence, answers, points=points, measured=measured, score=SCORE, said=said)


def thresholds_in_texts(thresholds: Mapping[float, int], n: int) -> dict[int, int]:
    """Turn shares into counts of texts, so that no rounding decides a mark.

    Parameters
    ----------
    thresholds : mapping of float to int
        Points by least accuracy.
    n : int
        Texts that are counted.

    Returns
    -------
    dict of int to int
        Points by least number of right answers.
    """
    return {math.ceil(Fraction(str(share)) * n): points for share, points in thresholds.items()}
