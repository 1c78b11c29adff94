"""Figures of counting: the words with the largest weights, hashed columns, a confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from coursekit.figures.style import COLOURS, new_figure


def strongest_words(words: Mapping[str, Sequence[tuple[str, float]]]) -> Figure:
    """Draw for each class the words that speak for it, with their weights.

    Parameters
    ----------
    words : mapping of str to sequence of (word, weight)
        A panel for each class; the largest weight first.

    Raises
    ------
    ValueError
        If there is no class, or one has no words.
    """
    if not words or not all(words.values()):
        raise ValueError(f"'words' must hold a class, and a word for each, got {dict(words)!r}.")
    longest = max(len(found) for found in words.values())
    figure, axes = new_figure(8.6, 0.9 + 0.26 * longest, len(words), sharex=True)
    for axis, (name, found) in zip(np.atleast_1d(axes), words.items(), strict=True):
        rows = range(len(found) - 1, -1, -1)
        axis.barh(rows, [weight for _, weight in found], height=0.55, color=COLOURS["sky"])
        for row, (word, _) in zip(rows, found, strict=True):
            axis.annotate(word, (0, row), xytext=(3, 0), textcoords="offset points", va="center", fontsize=9)
        axis.set_title(name, fontsize=10)
        axis.set_yticks([])
        axis.set_xlabel("weight")
        axis.grid(axis="y", visible=False)
        axis.set_axisbelow(True)
    return figure


def hashing_curve(
    columns: Sequence[int],
    accuracies: Sequence[float],
    shared: Sequence[float],
    *,
    with_all: float,
) -> Figure:
    """Draw accuracy, and the share of words that share a column, against the number of columns.

    Parameters
    ----------
    shared : sequence of float
        Share of the words whose column another word has, too.
    with_all : float
        Accuracy with a column for every word; a dotted line.

    Raises
    ------
    ValueError
        If there is nothing to draw, or the three differ in length.
    """
    if not columns or not len(columns) == len(accuracies) == len(shared):
        raise ValueError(
            f"'columns', 'accuracies' and 'shared' must have one length, at least 1, got "
            f"{len(columns)}, {len(accuracies)} and {len(shared)}."
        )
    figure, axis = new_figure(6.4, 3.4)
    axis.plot(columns, accuracies, label="accuracy")
    axis.plot(columns, shared, label="words that share a column")
    axis.axhline(with_all, color=COLOURS["grey"], linestyle=":", marker="", label="accuracy, no hashing")
    axis.set_xscale("log", base=2)
    axis.set_xticks(columns, [f"{n:,}" for n in columns])
    axis.set_ylim(-0.03, 1.05)
    axis.set_xlabel("columns")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def confusion(matrices: Mapping[str, np.ndarray], names: Sequence[str]) -> Figure:
    """Draw confusion matrices side by side, every cell with its count.

    Parameters
    ----------
    matrices : mapping of str to ndarray of shape (classes, classes)
        By the name of the model; rows are true classes.
    names : sequence of str
        Of the classes.

    Returns
    -------
    Figure
        The shade of a cell is its share of the row.

    Raises
    ------
    ValueError
        If there is no matrix, or its shape does not fit the names.
    """
    shape = (len(names), len(names))
    if not matrices or any(matrix.shape != shape for matrix in matrices.values()):
        raise ValueError(
            f"'matrices' must hold matrices of shape {shape}, got {[m.shape for m in matrices.values()]}."
        )
    figure, axes = new_figure(min(8.6, 2.9 * len(matrices) + 0.6), 2.7, len(matrices), sharey=True)
    for axis, (title, matrix) in zip(np.atleast_1d(axes), matrices.items(), strict=True):
        shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1.6, aspect="auto")
        for row, column in np.ndindex(shape):
            axis.annotate(f"{matrix[row, column]:,}", (column, row), ha="center", va="center")
        axis.set_title(title, fontsize=10)
        axis.set_xticks(range(len(names)), names)
        axis.set_yticks(range(len(names)), names)
        axis.set_xlabel("taken for")
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
    np.atleast_1d(axes)[0].set_ylabel("truth")
    return figure
