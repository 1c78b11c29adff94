"""The same where a class is rare: the mean of the F1 of the classes, compared as an exact fraction of counts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.messages import say
from coursegrader.quality import ASKED_MODEL, Reached, ask_model, decide, read_answers, thresholds_problem
from coursekit.stats import bootstrap, confusion_matrix, macro_f1

NEEDS_DATA, SCORE, SETTINGS = True, "macro F1", ASKED_MODEL
DRAWS, DRAW_SEED = 1000, 7
problems, ask = thresholds_problem, ask_model


def mark(part: Part, evidence: Evidence) -> Mark:
    """Compute the fraction; one answer for all texts gives nothing."""
    answers = read_answers(part, evidence)
    if isinstance(answers, Mark):
        return answers

    def score(labels: np.ndarray, predicted: np.ndarray) -> float:
        """Macro-F1 of some texts."""
        return macro_f1(confusion_matrix(labels, predicted, answers.classes))

    matrix = confusion_matrix(answers.labels, answers.predicted, answers.classes)
    exact, n = exact_macro_f1(matrix), len(answers.labels)
    interval = bootstrap(
        lambda texts: score(answers.labels[texts], answers.predicted[texts]), n, seed=DRAW_SEED, draws=DRAWS
    )
    measured = {
        "macro F1": float(exact),
        "confusion": matrix.tolist(),
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "interval of macro F1": list(interval),
    } | answers.drop(score)
    if len(np.unique(answers.predicted)) < 2:
        return Mark.of(part, 0, say("kinds.macro_f1.constant", score=float(exact)), measured=measured)
    limits = exact_thresholds(part.options["thresholds"])
    reached = say("kinds.macro_f1.reached", score=float(exact), number=n)
    said = Reached(SCORE, reached, {least: float(least) for least in limits})
    return decide(part, evidence, answers, exact, limits, said, measured)


def exact_thresholds(thresholds: Mapping[float | str, int]) -> dict[Fraction, int]:
    """Read thresholds as the decimals that were written, so that no rounding decides a mark.

    Examples
    --------
    >>> exact_thresholds({0.8: 3})
    {Fraction(4, 5): 3}
    """
    return {Fraction(str(least)): points for least, points in thresholds.items()}


def exact_macro_f1(matrix: np.ndarray) -> Fraction:
    """Return the macro-F1 of a confusion matrix (rows: true classes) as an exact fraction.

    Examples
    --------
    >>> exact_macro_f1(np.array([[93, 0], [7, 0]]))
    Fraction(93, 193)
    """
    counts = [[int(count) for count in row] for row in matrix]
    total = Fraction(0)
    for k, row in enumerate(counts):
        whole = sum(row) + sum(other[k] for other in counts)
        total += Fraction(2 * row[k], whole) if whole else 0
    return total / len(counts)
