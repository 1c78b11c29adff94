"""Figures of scores and curves: each score with its interval, its baseline and its ceiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, new_figure
from coursekit.stats import wilson


def score_bars(
    scores: Mapping[str, tuple[int, int]], *, chance: float | None = None, ceiling: float | None = None
) -> Figure:
    """Draw accuracies as dots with their 95 % Wilson intervals.

    Parameters
    ----------
    chance, ceiling : float, optional
        Drawn as dashed and dotted lines.

    Raises
    ------
    ValueError
        If there is no score.
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
    x : sequence of float, optional
        1, 2, 3 … if left out.
    level : (name, value), optional
        A horizontal line to compare with.
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


def seed_dots(
    arms: Mapping[str, Sequence[float]], *, xlabel: str, level: tuple[str, float] | None = None
) -> Figure:
    """Draw one dot for every seed of every arm, and a bar at their mean.

    Parameters
    ----------
    arms : mapping of str to sequence of float
        Scores by arm, in the order to be drawn, from the top.
    level : (name, value), optional
        A vertical line to compare with.

    Raises
    ------
    ValueError
        If there is no arm, or one has no score.
    """
    if not arms or not all(len(scores) for scores in arms.values()):
        raise ValueError("'arms' must hold at least one arm, and each at least one score.")
    figure, axis = new_figure(6.4, 0.8 + 0.34 * len(arms))
    for row, scores in enumerate(arms.values()):
        axis.plot(scores, [row] * len(scores), linestyle="", marker="o", color=COLOURS["blue"], alpha=0.7)
        axis.plot(np.mean(scores), row, linestyle="", marker="|", markersize=14, color=COLOURS["ink"])
    if level is not None:
        axis.axvline(level[1], color=COLOURS["grey"], linestyle=":", label=level[0])
        axis.legend(loc="lower left")
    axis.set_yticks(range(len(arms)), list(arms))
    axis.invert_yaxis()
    axis.set_xlabel(xlabel)
    return figure


def training_losses(
    losses: Mapping[str, Sequence[float]], *, every: int = 1, level: tuple[str, float]
) -> Figure:
    """Draw losses over training steps, with the names above the axes, where no curve runs.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        One loss for each step.
    every : int, default 1
        Average over so many steps; a remainder at the end is left out.
    level : (name, value)
        The loss of guessing.

    Raises
    ------
    ValueError
        If a curve has fewer steps than are averaged.
    """
    shortest = min(map(len, losses.values()), default=0)
    if not 1 <= every <= shortest:
        raise ValueError(f"'every' must lie between 1 and the number of steps ({shortest}), got {every}.")
    means = {
        name: np.reshape(values[: len(values) // every * every], (-1, every)).mean(axis=1)
        for name, values in losses.items()
    }
    steps = every * np.arange(1, shortest // every + 1)
    figure = curves(means, x=steps, xlabel="training step", ylabel="cross-entropy", level=level)
    figure.axes[0].legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(4, len(losses) + 1))
    return figure
