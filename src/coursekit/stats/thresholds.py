"""Thresholds: from which score on is a text called positive?

Left out: the area under the curve, one number for all thresholds; ``sklearn.metrics.average_precision_score`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def precision_recall(
    truth: Sequence[int], scores: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision and recall of the positive class, 1, for every threshold that makes a difference.

    The thresholds come third, rising. The higher a score, the more positive; a text counts as positive when its score
    is at least the threshold. Davis and Goadrich (2006), "The relationship between precision-recall and ROC curves".
    Raises ``ValueError`` if there are not equally many, a label is neither 0 nor 1, a score is no finite number, or one
    of the two classes is missing.

    >>> precision, recall, thresholds = precision_recall([0, 1, 0, 1], [0.1, 0.4, 0.5, 0.9])
    >>> for row in zip(thresholds, precision.round(2), recall, strict=True):
    ...     print(*map(float, row))
    0.1 0.5 1.0
    0.4 0.67 1.0
    0.5 0.5 0.5
    0.9 1.0 0.5
    """
    labels, values = _checked(truth, scores)
    from sklearn.metrics import precision_recall_curve  # loaded when it is needed, as SciPy is

    precision, recall, thresholds = precision_recall_curve(labels, values)
    return precision[:-1], recall[:-1], thresholds  # the last pair has no threshold


def best_threshold(truth: Sequence[int], scores: Sequence[float]) -> tuple[float, float]:
    """Return the threshold with the highest macro-F1, and that macro-F1. Choose it on validation texts.

    It lies half way to the next lower score, so that a text must not hit it exactly; of equally good ones it is the lowest.
    Truth, scores and errors are those of :func:`precision_recall`.

    >>> best_threshold([0, 0, 1, 1], [0.1, 0.3, 0.4, 0.9])
    (0.35, 1.0)
    """
    labels, values = _checked(truth, scores)
    places = np.unique(values)  # rising
    macro_f1 = _macro_f1_from(labels, values, places)
    k = int(np.argmax(macro_f1))
    middle = (places[max(k - 1, 0)] + places[k]) / 2
    below = k and middle == places[k - 1]  # neighbours among floats: no number lies between them
    return float(places[k] if below else middle), float(macro_f1[k])


def _macro_f1_from(labels: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The macro-F1 of calling positive what has at least the score of each place, for all places at once."""
    n, positive = len(values), int(labels.sum())
    ranked = np.concatenate([[0], np.cumsum(labels[np.argsort(values, kind="stable")])])
    called_no = np.searchsorted(np.sort(values), places)
    right_no, right_yes = called_no - ranked[called_no], positive - ranked[called_no]
    yes = (
        2 * right_yes / (n - called_no + positive)
    )  # F1: twice the right ones, by the called and the true ones
    no = 2 * right_no / (called_no + n - positive)
    return (yes + no) / 2


def _checked(truth: Sequence[int], scores: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    labels, values = np.asarray(truth), np.asarray(scores, dtype=float)
    if labels.shape != values.shape or labels.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(
            f"'truth' and 'scores' must be equally many and scores finite, got shapes {labels.shape} and {values.shape}."
        )
    if set(labels.tolist()) != {0, 1}:
        raise ValueError(
            f"'truth' must hold both 0 and 1 and nothing else, got {sorted(set(labels.tolist()))}."
        )
    return labels, values
