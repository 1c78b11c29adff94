"""Thresholds: from which score on is a text called positive?

Left out: the area under the curve, one number for all thresholds; ``sklearn.metrics.average_precision_score`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def precision_recall(
    truth: Sequence[int], scores: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision and recall of the positive class for every threshold that makes a difference.

    Parameters
    ----------
    truth : sequence of int
        0 or 1 for each text.
    scores : sequence of float
        The higher, the more positive; for example a probability.

    Returns
    -------
    precision, recall, thresholds : ndarrays of equal length
        Thresholds rising. A text counts as positive when its score is at least the threshold.

    Raises
    ------
    ValueError
        If there are not equally many, a label is neither 0 nor 1, a score is no finite number, or one of the two classes is
        missing.

    Notes
    -----
    Davis and Goadrich (2006), "The relationship between precision-recall and ROC curves".

    Examples
    --------
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

    Parameters
    ----------
    truth : sequence of int
        0 or 1 for each text.

    Returns
    -------
    (threshold, macro_f1) : tuple of float
        Half way to the next lower score, so that a text must not hit it exactly; of equally good ones the lowest.

    Raises
    ------
    ValueError
        As :func:`precision_recall`.

    Examples
    --------
    >>> best_threshold([0, 0, 1, 1], [0.1, 0.3, 0.4, 0.9])
    (0.35, 1.0)
    """
    labels, values = _checked(truth, scores)
    places = np.unique(values)  # rising
    found = _macro_f1_from(labels, values, places)
    k = int(np.argmax(found))
    if not k:
        return float(places[0]), float(found[0])
    middle = (places[k - 1] + places[k]) / 2
    return float(middle if middle > places[k - 1] else places[k]), float(found[k])  # neighbours among floats


def _macro_f1_from(labels: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The macro-F1 of calling positive what has at least the score of each place."""
    n, positive = len(values), int(labels.sum())
    ranked = np.concatenate([[0], np.cumsum(labels[np.argsort(values, kind="stable")])])
    before = np.searchsorted(np.sort(values), places)  # texts called negative
    right_no = before - ranked[before]
    right_yes = positive - ranked[before]
    yes = 2 * right_yes / (n - before + positive)  # F1: twice the right ones, by the called and the true ones
    no = 2 * right_no / (before + n - positive)
    return (yes + no) / 2


def _checked(truth: Sequence[int], scores: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    labels, values = np.asarray(truth), np.asarray(scores, dtype=float)
    if labels.shape != values.shape or labels.ndim != 1:
        raise ValueError(
            f"'truth' and 'scores' must be equally many, got shapes {labels.shape} and {values.shape}."
        )
    if set(labels.tolist()) != {0, 1}:
        raise ValueError(
            f"'truth' must hold both 0 and 1 and nothing else, got {sorted(set(labels.tolist()))}."
        )
    if not np.isfinite(values).all():
        raise ValueError("'scores' must be finite numbers, got NaN or infinity.")
    return labels, values
