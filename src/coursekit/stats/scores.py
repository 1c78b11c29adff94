"""Scores of a classifier, each read off its confusion matrix.

One rule where a ratio has nothing below the line: it is 0. A class that is never predicted has precision 0, a class
without texts has recall 0, and a class with neither has F1 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def confusion_matrix(truth: Sequence[int], predicted: Sequence[int], n_classes: int) -> np.ndarray:
    """Count the texts of every true class, a row, by the class they were taken for, a column; the diagonal is right.

    Class ids count from 0; of two classes, True or False will do. Raises ``ValueError`` if there are not equally many,
    there are none, or an id is not a class.

    >>> confusion_matrix([0, 0, 0, 1], [0, 0, 1, 1], 2).tolist()
    [[2, 1], [0, 1]]
    """
    t, p = (ids + 0 if ids.dtype == bool else ids for ids in map(np.asarray, (truth, predicted)))  # yes is 1
    if t.shape != p.shape or t.ndim != 1 or not t.size:
        raise ValueError(
            f"'truth' and 'predicted' must be equally many ids and at least one, got shapes {t.shape} and {p.shape}."
        )
    if not all(
        np.issubdtype(ids.dtype, np.integer) and 0 <= ids.min() <= ids.max() < n_classes for ids in (t, p)
    ):
        raise ValueError(
            f"class ids must be whole numbers from 0 to {n_classes - 1} ('n_classes' is {n_classes}), "
            f"got {np.union1d(t, p).tolist()[:10]}."
        )
    return np.bincount(t * n_classes + p, minlength=n_classes**2).reshape(n_classes, n_classes)


def accuracy(matrix: np.ndarray) -> float:
    """Return the share of all texts that were taken for what they are, from a confusion matrix."""
    return float(np.trace(matrix) / np.sum(matrix))


def precision(matrix: np.ndarray) -> np.ndarray:
    """Return, for each class of a confusion matrix, the share of texts *taken for* it that belong to it."""
    return _share(np.diag(matrix), matrix.sum(axis=0))


def recall(matrix: np.ndarray) -> np.ndarray:
    """Return, for each class of a confusion matrix, the share of texts *belonging to* it that were found."""
    return _share(np.diag(matrix), matrix.sum(axis=1))


def f1(matrix: np.ndarray) -> np.ndarray:
    """Return, for each class of a confusion matrix, the harmonic mean of precision and recall.

    That is twice the right ones, divided by the texts of the class plus the texts taken for it: van Rijsbergen (1979),
    "Information retrieval", chapter 7.
    """
    return _share(2 * np.diag(matrix), matrix.sum(axis=0) + matrix.sum(axis=1))


def macro_f1(
    truth: Sequence[int] | np.ndarray, predicted: Sequence[int] | None = None, n_classes: int | None = None
) -> float:
    """Return the plain mean of the F1 of all classes: a rare class weighs as much as a frequent one.

    ``truth`` is a confusion matrix alone, or true class ids beside the predicted ones. With a matrix or ``n_classes``
    every class counts, one that nobody has as a 0; left out, the classes that occur, as in scikit-learn. It is the mean
    of F1, not the F1 of mean precision and mean recall, which some tools report under the same name (Opitz and Burst
    2019, "Macro F1 and macro F1").

    >>> round(macro_f1([0] * 93 + [1] * 7, [0] * 100), 3)
    0.482
    >>> round(macro_f1(np.array([[93, 0], [7, 0]])), 3)
    0.482
    """
    if predicted is None:
        return float(f1(np.asarray(truth)).mean())
    matrix = confusion_matrix(truth, predicted, n_classes or int(max(np.max(truth), np.max(predicted))) + 1)
    occurs = matrix.sum(axis=0) + matrix.sum(axis=1) > 0
    return float(f1(matrix)[slice(None) if n_classes else occurs].mean())


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; nothing out of nothing is 0."""
    return np.where(whole > 0, part / np.maximum(whole, 1), 0.0)
