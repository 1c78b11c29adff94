"""Charts of scores and curves: each score with its interval, its baseline and its ceiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursekit.figures.style import COLOURS, WIDTH, legend_below, new_figure, new_panels
from coursekit.figures.words import (
    axes_in_words,
    capital,
    courses,
    described,
    level_in_words,
    scores_in_words,
    seeds_in_words,
)
from coursekit.stats import wilson


def score_bars(
    scores: Mapping[str, tuple[int, int]], *, chance: float | None = None, ceiling: float | None = None
) -> Figure:
    """Draw accuracies, (correct, n), with their 95 % Wilson intervals; chance and ceiling are lines."""
    figure, axis = new_figure(height=1.1 + 0.42 * len(scores))
    draw_intervals(axis, list(scores.values()))
    for value, name, line in ((chance, "guessing", "--"), (ceiling, "best possible", ":")):
        if value is not None:
            axis.axvline(value, color=COLOURS["grey"], linestyle=line, label=name, zorder=1)
    name_rows(axis, list(scores))
    axis.set_xlim(0, 1.1)
    axis.set_xticks(np.arange(0, 1.01, 0.2))
    if chance is not None or ceiling is not None:
        legend_below(figure)
    lines = [
        (name, value)
        for name, value in (("guessing", chance), ("the best possible", ceiling))
        if value is not None
    ]
    return described(
        figure, "Accuracy with 95 % intervals:", scores_in_words(scores), *map(level_in_words, lines)
    )


def draw_intervals(axis: Axes, scores: Sequence[tuple[int, int]]) -> None:
    """Draw accuracies with their intervals, one below the other; a score is (correct, n)."""
    blue = {"color": COLOURS["blue"], "linestyle": "-"}
    for row, (correct, n) in enumerate(scores):
        low, high = wilson(correct, n)
        axis.plot([low, high], [row, row], marker="|", markersize=8, **blue)
        axis.plot(correct / n, row, marker="o", markersize=6, **blue)
        axis.annotate(f"{correct / n:.3f}", (high, row), (6, 0), textcoords="offset points", va="center")
    axis.set_xlabel("accuracy, with 95 % interval")


def name_rows(axis: Axes, names: Sequence[str]) -> None:
    """Write names beside rows 0, 1, 2 …, the first on top."""
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)


def curves(
    lines: Mapping[str, Sequence[float]],
    *,
    x: Sequence[float] | None = None,
    xlabel: str,
    ylabel: str,
    level: tuple[str, float] | None = None,
    logy: bool = False,
) -> Figure:
    """Draw curves over ``x``, or 1, 2, 3 …, each with a look of its own; ``level`` is a line, (name, value)."""
    return curve_panels({"": lines}, x=x, xlabel=xlabel, ylabel=ylabel, level=level, logy=logy)


def curve_panels(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    x: Sequence[float] | None = None,
    xlabel: str,
    ylabel: str,
    level: tuple[str, float] | None = None,
    logy: bool = False,
) -> Figure:
    """Draw panels of curves that bear the same names in each; see :func:`curves`."""
    figure, axes = new_panels(list(panels), 8.6 if len(panels) > 1 else WIDTH, 3.6, sharey=True)
    for axis, lines in zip(axes, panels.values(), strict=True):
        for name, values in lines.items():
            places = range(1, len(values) + 1) if x is None else x
            axis.plot(places, values, label=name, markevery=max(1, len(values) // 12))
        axis.set_xlabel(xlabel)
        if level is not None:
            axis.axhline(level[1], color=COLOURS["grey"], linestyle=":", label=level[0])
        if logy:
            axis.set_yscale("log")
        if x is None or all(isinstance(place, int) for place in x):
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].set_ylabel(ylabel)
    if len(lines) > 1 or level is not None:
        legend_below(figure)
    last_word = xlabel.split()[-1]
    unit = last_word if last_word in ("epoch", "step") else ""
    first = next(iter(next(iter(panels.values())).values()))
    said = [
        (f"{capital(title)}. " if title else "") + courses(lines, x, logy=logy, unit=unit)
        for title, lines in panels.items()
    ]
    return described(
        figure,
        axes_in_words(xlabel, ylabel, range(1, len(first) + 1) if x is None else x, logy=logy),
        *said,
        level_in_words(level),
    )


def seed_dots(
    arms: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    level: tuple[str, float] | None = None,
    names: tuple[str, str] = ("one seed", "mean"),
) -> Figure:
    """Draw a dot for every seed of every arm, from the top, and a bar at their mean, with ``names`` for the two.

    ``level`` is a line, (name, value).
    """
    figure, axis = new_figure(height=1.1 + 0.34 * len(arms))
    draw_seeds(axis, arms)
    for line, name in zip(axis.lines, names, strict=False):  # those of the first row
        line.set_label(name)
    if level is not None:
        axis.axvline(level[1], color=COLOURS["grey"], linestyle=":", label=level[0], zorder=1)
    legend_below(figure)
    axis.set_xlabel(xlabel)
    return described(
        figure,
        f"{capital(xlabel.partition(',')[0])}, a dot for each seed.",
        seeds_in_words(arms),
        level_in_words(level),
    )


def draw_seeds(axis: Axes, arms: Mapping[str, Sequence[float]]) -> None:
    """Draw the scores of each arm as dots in a row, with a bar at their mean."""
    for row, scores in enumerate(arms.values()):
        axis.plot(scores, [row] * len(scores), linestyle="", marker="o", color=COLOURS["blue"], alpha=0.7)
        axis.plot(np.mean(scores), row, linestyle="", marker="|", markersize=14, color=COLOURS["ink"])
    name_rows(axis, list(arms))
