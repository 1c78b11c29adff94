"""Figures of counting: the words with the largest weights, hashed columns, a confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from bookfigures.points import log_span
from coursekit.figures.charts import curves
from coursekit.figures.style import COLOURS, new_panels
from coursekit.figures.words import capital, courses, described, level_in_words, listed, number

MOST_SHARE = 0.99  # of the words share a column: hashing has become finer where it is less
DARKEST = 1.7  # share of a cell that would be darkest; black can be read on all that are drawn, dimmed too


def strongest_words(words: Mapping[str, Sequence[tuple[str, float]]]) -> Figure:
    """Draw for each class the words that speak for it, with their weights.

    Parameters
    ----------
    words : mapping of str to sequence of (word, weight)
        A panel for each class; the largest weight first.
    """
    longest = max(map(len, words.values()))
    figure, axes = new_panels(list(words), 8.6, 0.9 + 0.26 * longest, sharex=True)
    for axis, rows in zip(axes, words.values(), strict=True):
        names, weights = zip(*rows, strict=True)
        bars = axis.barh(range(len(rows)), weights, height=0.55, color=COLOURS["sky"])
        for bar, name in zip(bars, names, strict=True):
            at = (0, bar.get_y() + bar.get_height() / 2)
            axis.annotate(name, at, (3, 0), textcoords="offset points", va="center", fontsize=9)
        axis.invert_yaxis()
        axis.set_yticks([])
        axis.set_xlabel("weight")
        axis.set_axisbelow(True)
    return described(
        figure,
        "For each class the words that speak for it, with bars for their weights, the first on top.",
        *(
            f"{capital(name)}, weights {number(rows[0][1])} to {number(rows[-1][1])}: "
            f"{listed([f'“{word}”' for word, _ in rows])}."
            for name, rows in words.items()
        ),
    )


def hashing_curve(
    columns: Sequence[int], accuracies: Sequence[float], shared: Sequence[float], *, with_all: float
) -> Figure:
    """Draw accuracy, and the share of words that share a column, against the number of columns.

    Parameters
    ----------
    shared : sequence of float
        Share of the words whose column another word has, too.
    with_all : float
        Accuracy with a column for every word; a dotted line.
    """
    lines = {"accuracy": accuracies, "words that share a column": shared}
    level = ("accuracy, no hashing", with_all)
    figure = curves(lines, x=columns, xlabel="columns", ylabel="share", level=level)
    (axis,) = figure.axes
    axis.set_xscale("log", base=2)
    axis.set_xticks(columns, [f"{n:,}" for n in columns])
    axis.set_ylim(-0.03, 1.05)
    said = {"accuracy": accuracies, "the share of the words that share a column": shared}
    near = int(np.argmax(np.asarray(shared) < MOST_SHARE))  # the first at which sharing has become rarer
    return described(
        figure,
        f"Accuracy, and the share of the words that share a column, against the number of columns, {log_span(columns)}.",
        courses(said, columns),
        f"With {columns[near]:,} columns {shared[near]:.0%} of the words share one, and accuracy is {number(accuracies[near])}.",
        level_in_words(("the accuracy without hashing", with_all)),
    )


def confusion(matrices: Mapping[str, np.ndarray], names: Sequence[str]) -> Figure:
    """Draw confusion matrices side by side, every cell with its count; the shade is its share of the row.

    Parameters
    ----------
    matrices : mapping of str to ndarray of shape (classes, classes)
        By the name of the model; rows are true classes.
    names : sequence of str
        Of the classes.
    """
    figure, axes = new_panels(list(matrices), min(8.6, 2.9 * len(matrices) + 0.6), 2.7)
    for axis, matrix in zip(axes, matrices.values(), strict=True):
        shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        how = {"annot": matrix, "fmt": ",", "xticklabels": names, "yticklabels": names, "cbar": False}
        how["annot_kws"] = {"color": "black"}
        sns.heatmap(shares, ax=axis, cmap="Blues", vmin=0, vmax=DARKEST, **how)
        axis.set_xlabel("taken for")
        axis.tick_params(axis="y", rotation=0)
        axis.grid(visible=False)
    axes[0].set_ylabel("truth")
    return described(
        figure,
        f"{len(matrices)} tables of counts: a row is a true class, a column the class that texts are taken for.",
        *(
            f"{capital(model)}: right on {_right_in_words(matrix, names)}; "
            f"{int(matrix[:-1, -1].sum()):,} texts are taken for “{names[-1]}” wrongly."
            for model, matrix in matrices.items()
        ),
    )


def _right_in_words(matrix: np.ndarray, names: Sequence[str]) -> str:
    """How many texts of each class are taken for what they are."""
    rows = zip(names, matrix.diagonal(), matrix.sum(axis=1), strict=True)
    return listed([f"{right:,} of {total:,} “{name}”" for name, right, total in rows])
