"""Figures of scores and curves: each score with its interval, its baseline and its ceiling.

Left out: significance stars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursekit.plots.style import COLOURS, LINES, MARKERS, SERIES, new_figure
from coursekit.stats import wilson


def score_bars(
    scores: Mapping[str, tuple[int, int]], *, chance: float | None = None, ceiling: float | None = None
) -> Figure:
    """Draw accuracies as dots with their 95 % Wilson intervals.

    Parameters
    ----------
    scores : mapping of str to (correct, n)
    chance, ceiling : float, optional
        Drawn as dashed and dotted lines.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no score.

    Notes
    -----
    Chapter: 04.
    """
    if not scores:
        raise ValueError("'scores' must hold at least one score, got none.")
    figure, axis = new_figure(6.4, 0.9 + 0.42 * len(scores))
    for row, (correct, n) in enumerate(reversed(scores.values())):
        low, high = wilson(correct, n)
        axis.plot([low, high], [row, row], color=COLOURS["blue"], linestyle="-", marker="|", markersize=8)
        axis.plot(correct / n, row, color=COLOURS["blue"], marker="o", markersize=6)
        axis.annotate(
            f"{correct / n:.3f}", (high, row), xytext=(6, 0), textcoords="offset points", va="center"
        )
    for value, text, line in ((chance, "guessing", "--"), (ceiling, "best possible", ":")):
        if value is not None:
            axis.axvline(value, color=COLOURS["grey"], linestyle=line, marker="")
            axis.annotate(text, (value, len(scores) - 0.45), fontsize=8, ha="center", color=COLOURS["grey"])
    axis.set_yticks(range(len(scores)), list(reversed(scores)))
    axis.set_ylim(-0.6, len(scores) - 0.2)
    axis.set_xlim(left=0, right=1.1)
    axis.set_xticks(np.arange(0, 1.01, 0.2))
    axis.set_xlabel("accuracy, with 95 % interval")
    axis.grid(axis="y", visible=False)
    return figure


def curves(
    lines: Mapping[str, Sequence[float]],
    *,
    x: Sequence[float] | None = None,
    xlabel: str,
    ylabel: str,
    level: tuple[str, float] | None = None,
    logy: bool = False,
) -> Figure:
    """Draw named curves, each with a colour, a marker and a dash of its own.

    Parameters
    ----------
    lines : mapping of str to sequence of float
    x : sequence of float, optional
        1, 2, 3 … if left out.
    xlabel, ylabel : str
    level : (name, value), optional
        A horizontal line to compare with.
    logy : bool, default False

    Returns
    -------
    Figure

    Notes
    -----
    Chapter: 02, 03, 04.
    """
    figure, axis = new_figure()
    for k, (name, values) in enumerate(lines.items()):
        places = x if x is not None else range(1, len(values) + 1)
        every = max(1, len(values) // 12)
        axis.plot(
            places,
            values,
            label=name,
            color=COLOURS[SERIES[k % len(SERIES)]],
            marker=MARKERS[k % len(MARKERS)],
            linestyle=LINES[k % len(LINES)],
            markevery=every,
        )
    if level is not None:
        axis.axhline(level[1], color=COLOURS["grey"], linestyle=":", marker="", label=level[0])
    if logy:
        axis.set_yscale("log")
    if x is None or all(isinstance(place, int) for place in x):
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    if len(lines) > 1 or level is not None:
        axis.legend()
    return figure
