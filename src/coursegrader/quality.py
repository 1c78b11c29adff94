"""Quality: what the submitted model answers to the test texts, marked by accuracy or by macro-F1.

Both kinds look at the same things first: does a text's answer depend on its batch mates, does the order of words matter,
is there a recurrent layer, does one word less change too much. No rounding decides a mark: accuracy is compared as a count
of texts, macro-F1 as an exact fraction of counts.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark, definitions_failed, failed_step, share_right
from coursekit.stats import bootstrap, confusion_matrix, macro_f1, wilson

TWIN_GAP = 1e-3  # largest difference of a text's float32 logits in two places
ORDER = 0.5  # least share of shuffled texts whose logits move, for a model that reads in order
DRAWS, DRAW_SEED = 1000, 7


@dataclass(frozen=True)
class Answers:
    """What a model answered.

    Attributes
    ----------
    labels, predicted : ndarray of shape (N,)
        Of the test texts.
    of : ndarray of shape (M,)
        Numbers of the texts that were also asked with one word taken away.
    shortened : ndarray of shape (M,)
        What was predicted for them.
    law, moved : float
        Largest change of a text's logits among other batch mates; share of texts whose logits change with the order.
    """

    labels: np.ndarray
    predicted: np.ndarray
    classes: int
    of: np.ndarray
    shortened: np.ndarray
    law: float
    moved: float

    def drop(self, score: Callable[[np.ndarray, np.ndarray], float]) -> float:
        """By how much a score of labels and predictions falls when each text loses one word."""
        labels = self.labels[self.of]
        return score(labels, self.predicted[self.of]) - score(labels, self.shortened)


def mark_accuracy(part: Part, evidence: Evidence) -> Mark:
    """Mark the share of test texts that the submitted model gets right."""
    answers = _answers(part, evidence)
    if isinstance(answers, Mark):
        return answers
    right, n = int((answers.predicted == answers.labels).sum()), len(answers.labels)
    drop = answers.drop(lambda labels, predicted: float((labels == predicted).mean()))
    measured = {
        "right": right,
        "of": n,
        "accuracy": right / n,
        "interval": list(wilson(right, n)),
        "law": answers.law,
        "moved by order": answers.moved,
        "drop by one word": drop,
    }
    limits = thresholds_in_texts(part.options["thresholds"], n)
    points = max((p for least, p in limits.items() if right >= least), default=0)
    wanted = [f"{least} of {n}: {p}" for least, p in sorted(limits.items())]
    said = f"{right} of {n} right; points: {'; '.join(wanted)}."
    return _decide(part, evidence, points, measured, "accuracy", said)


def mark_macro_f1(part: Part, evidence: Evidence) -> Mark:
    """Mark the macro-F1 of the submitted model on the test texts."""
    answers = _answers(part, evidence)
    if isinstance(answers, Mark):
        return answers

    def score(labels: np.ndarray, predicted: np.ndarray) -> float:
        """Macro-F1 of some texts."""
        return macro_f1(confusion_matrix(labels, predicted, answers.classes))

    matrix = confusion_matrix(answers.labels, answers.predicted, answers.classes)
    exact = exact_macro_f1(matrix)
    low, high = bootstrap(
        lambda texts: score(answers.labels[texts], answers.predicted[texts]),
        len(answers.labels),
        seed=DRAW_SEED,
        draws=DRAWS,
    )
    measured = {
        "macro F1": float(exact),
        "confusion": matrix.tolist(),
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "interval of macro F1": [low, high],
        "law": answers.law,
        "moved by order": answers.moved,
        "drop by one word": answers.drop(score),
    }
    limits = exact_thresholds(part.options["thresholds"])
    points = max((p for least, p in limits.items() if exact >= least), default=0)
    if len(np.unique(answers.predicted)) < 2:
        said = f"every text got the same answer (macro-F1 {float(exact):.4f})."
        return Mark(part.id, 0, part.points, "ok", (said,), measured)
    wanted = [f"{float(least):g}: {p}" for least, p in sorted(limits.items())]
    said = f"macro-F1 {float(exact):.4f} on {len(answers.labels)} texts; points: {'; '.join(wanted)}."
    return _decide(part, evidence, points, measured, "macro F1", said)


SCORES = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
}  # kinds marked here, and the figure that a retrain compares


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
    return {math.ceil(round(share * n, 6)): points for share, points in thresholds.items()}


def exact_thresholds(thresholds: Mapping[float | str, int]) -> dict[Fraction, int]:
    """Read thresholds as the decimals that were written, so that no rounding decides a mark.

    Parameters
    ----------
    thresholds : mapping of float or str to int
        Points by least score.

    Examples
    --------
    >>> exact_thresholds({0.8: 3})
    {Fraction(4, 5): 3}
    """
    return {Fraction(str(least)): points for least, points in thresholds.items()}


def exact_macro_f1(matrix: np.ndarray) -> Fraction:
    """Return the macro-F1 of a confusion matrix as an exact fraction.

    Parameters
    ----------
    matrix : ndarray of shape (C, C)
        Row: the true class. Column: the predicted one.

    Returns
    -------
    Fraction
        The mean of ``2·right / (texts of the class + texts taken for it)``; a class with neither counts as 0.

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


def threshold_from(scores: Sequence[float], deviations: float, step: str = "0.005") -> Fraction:
    """Return a threshold that stands so many standard deviations below the mean of some runs.

    Parameters
    ----------
    scores : sequence of float
        On the test texts, one for each seed of the same configuration; at least two.
    deviations : float
        Standard deviations between the mean and the threshold: with one, about one run in six falls below by its seed
        alone, with two about one in forty.
    step : str, default "0.005"
        The threshold is rounded down to a multiple of it.

    Raises
    ------
    ValueError
        If there are fewer than two scores.

    Examples
    --------
    >>> float(threshold_from([0.82, 0.83, 0.84], 2))
    0.81
    """
    if len(scores) < 2:
        raise ValueError(f"'scores' must hold at least two runs, got {len(scores)}.")
    least = statistics.mean(scores) - deviations * statistics.stdev(scores)
    return math.floor(Fraction(str(round(least, 9))) / Fraction(step)) * Fraction(step)


def _answers(part: Part, evidence: Evidence) -> Answers | Mark:
    """Read what the model answered; a mark, if there is nothing to read."""
    if evidence.questions is None:
        status = "missing" if evidence.missing_model else "error"
        return Mark(part.id, 0, part.points, status, (evidence.missing_model or "there is no model to ask.",))
    failed = failed_step(part, "predict", evidence.outcome)
    if failed:
        return definitions_failed(part, evidence) or failed
    logits = evidence.outcome.tensors.get("predict", {}).get("logits")
    labels, place = np.array(evidence.corpus.test.labels), evidence.questions.place
    classes = len(evidence.corpus.label_names)
    if logits is None or tuple(logits.shape) != (len(evidence.questions.lengths), classes):
        _, wrong = share_right(logits, [0] * len(evidence.questions.lengths), classes)
        return Mark(part.id, 0, part.points, "error", (wrong,))
    values = logits.double().numpy()
    if not np.isfinite(values).all():
        return Mark(part.id, 0, part.points, "error", ("some logits are NaN or infinite.",))
    moved = {
        kind: np.abs(values[place[kind]] - values[place["test"][place[f"{kind}_of"]]]).max(axis=1)
        for kind in ("twins", "shuffled")
    }
    return Answers(
        labels,
        values[place["test"]].argmax(axis=1),
        classes,
        place["shortened_of"],
        values[place["shortened"]].argmax(axis=1),
        float(moved["twins"].max(initial=0)),
        float((moved["shuffled"] > TWIN_GAP).mean()),
    )


def _decide(
    part: Part, evidence: Evidence, points: int, measured: dict[str, Any], score: str, said: str
) -> Mark:
    """Give the points, take them where the model is none that was asked for, or hold them for a person."""
    name, reasons = score.replace(" ", "-"), []
    if measured["law"] > TWIN_GAP:
        reasons.append(
            f"a text's logits change with its batch mates (by {measured['law']:.1e}); see chapter 8."
        )
    if part.options.get("recurrent") and measured["moved by order"] < ORDER:
        reasons.append("the logits hardly depend on the order of the words: a recurrent model was asked for.")
    if part.options.get("recurrent") and not evidence.outcome.facts("predict").get("recurrent"):
        reasons.append("there is no recurrent layer in the model.")
    if reasons:
        return Mark(part.id, 0, part.points, "ok", tuple(reasons), measured)
    held = []
    if measured[score] > evidence.homework.flags["ceiling"]:
        held.append(f"{_a(name)} of {measured[score]:.3f} is above what was thought possible")
    if measured["drop by one word"] > evidence.homework.flags["drop"]:
        drop = measured["drop by one word"]
        held.append(f"with one word of each text taken away, {name} falls by {drop:.2f}")
    if held and points:
        measured["points on hold"] = points
        return Mark(part.id, 0, part.points, "review", tuple(held), measured)
    return Mark(part.id, points, part.points, "ok", (said,), measured)


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
