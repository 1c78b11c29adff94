"""Scores of a classifier, each read off its confusion matrix.

One rule where a ratio has nothing below the line: it is 0. A class that is never predicted has precision 0, a class
without texts has recall 0, and a class with neither has F1 0 and still counts as one class in the macro mean.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def confusion_matrix(truth: Sequence[int], predicted: Sequence[int], n_classes: int) -> np.ndarray:
    """Count the texts of every class by what they were taken for.

    Parameters
    ----------
    truth, predicted : sequence of int
        Class ids from 0, one for each text.

    Returns
    -------
    ndarray of shape (n_classes, n_classes)
        Row: the true class. Column: the predicted one. The diagonal is right.

    Raises
    ------
    ValueError
        If there are not equally many, there are none, or an id is not a class.

    Examples
    --------
    >>> confusion_matrix([0, 0, 0, 1], [0, 0, 1, 1], 2).tolist()
    [[2, 1], [0, 1]]
    """
    t, p = np.asarray(truth), np.asarray(predicted)
    if t.shape != p.shape or t.ndim != 1 or not t.size:
        raise ValueError(
            f"'truth' and 'predicted' must be equally many ids and at least one, got shapes {t.shape} and {p.shape}."
        )
    ids = np.union1d(t, p)
    if not np.isin(ids, np.arange(n_classes)).all():
        raise ValueError(
            f"class ids must be whole numbers from 0 to {n_classes - 1} ('n_classes' is {n_classes}), "
            f"got {ids.tolist()[:10]}."
        )
    matrix = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(matrix, (t.astype(int), p.astype(int)), 1)
    return matrix


def accuracy(matrix: np.ndarray) -> float:
    """Return the share of all texts that were taken for what they are.

    Parameters
    ----------
    matrix : ndarray of shape (classes, classes)
        From :func:`confusion_matrix`.
    """
    return float(np.trace(matrix) / np.sum(matrix))


def precision(matrix: np.ndarray) -> np.ndarray:
    """Return, for each class, the share of texts *taken for* it that belong to it.

    Parameters
    ----------
    matrix : ndarray of shape (classes, classes)

    Returns
    -------
    ndarray of shape (classes,)
        0 for a class that was never predicted.
    """
    return _share(np.diag(matrix), matrix.sum(axis=0))


def recall(matrix: np.ndarray) -> np.ndarray:
    """Return, for each class, the share of texts *belonging to* it that were found.

    Parameters
    ----------
    matrix : ndarray of shape (classes, classes)

    Returns
    -------
    ndarray of shape (classes,)
        0 for a class without texts.
    """
    return _share(np.diag(matrix), matrix.sum(axis=1))


def f1(matrix: np.ndarray) -> np.ndarray:
    """Return, for each class, the harmonic mean of precision and recall.

    Parameters
    ----------
    matrix : ndarray of shape (classes, classes)

    Returns
    -------
    ndarray of shape (classes,)
        Twice the right ones, divided by the texts of the class plus the texts taken for it; 0 if there are neither.

    Notes
    -----
    van Rijsbergen (1979), "Information retrieval", chapter 7.
    """
    return _share(2 * np.diag(matrix), matrix.sum(axis=0) + matrix.sum(axis=1))


def macro_f1(matrix: np.ndarray) -> float:
    """Return the plain mean of the F1 of all classes: a rare class weighs as much as a frequent one.

    Parameters
    ----------
    matrix : ndarray of shape (classes, classes)

    Notes
    -----
    It is the mean of F1, not the F1 of mean precision and mean recall, which some tools report under the same name
    (Opitz and Burst 2019, "Macro F1 and macro F1").
    """
    return float(f1(matrix).mean())


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; nothing out of nothing is 0."""
    return np.where(whole > 0, part / np.maximum(whole, 1), 0.0)
