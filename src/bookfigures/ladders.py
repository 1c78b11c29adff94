"""Figures of the published ladders: steps with their intervals, rungs by size, curves of two kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from bookfigures.extremes import extremes
from bookfigures.points import log_x
from coursekit.figures.charts import name_rows
from coursekit.figures.style import COLOURS, legend_below, new_figure, new_panels
from coursekit.figures.words import capital, courses, described, listed, number
from coursekit.records import Record


def steps(differences: Mapping[str, tuple[float, float, float]], *, xlabel: str) -> Figure:
    """Draw differences with their intervals, one below the other; those that exclude zero have a full dot.

    Parameters
    ----------
    differences : mapping of str to (difference, low, high)
    """
    figure, axis = new_figure(6.4, 1.0 + 0.3 * len(differences))
    axis.axvline(0, color=COLOURS["ink"], linestyle=":")
    for row, (gap, low, high) in enumerate(differences.values()):
        clear = low > 0 or high < 0
        colour = COLOURS["blue" if clear else "grey"]
        axis.plot([low, high], [row, row], marker="", linestyle="-", color=colour)
        axis.plot(gap, row, marker="o", color=colour, markerfacecolor=colour if clear else "white")
    name_rows(axis, list(differences))
    axis.set_xlabel(xlabel)
    return described(
        figure,
        f"{capital(xlabel)}, {len(differences)} rows with their intervals.",
        _steps_in_words(differences),
    )


def _steps_in_words(differences: Mapping[str, tuple[float, float, float]]) -> str:
    """How many intervals exclude zero, on which side, and the highest and the lowest difference."""
    above = sum(low > 0 for _, low, _ in differences.values())
    below = sum(high < 0 for *_, high in differences.values())
    said = [
        f"Intervals above zero: {above}; below it: {below}; containing it: {len(differences) - above - below}."
    ]
    for word, choose in (("Highest", max), ("Lowest", min)):
        name = choose(differences, key=lambda name: differences[name][0])
        gap, low, high = (f"{round(value, 4) + 0.0:+.4f}" for value in differences[name])
        said.append(f"{word}: “{' '.join(name.split())}”, {gap} ({low} to {high}).")
    return " ".join(said)


# what the rows of the record ladder-imdb vary, and its value in the row they start from
SIZES = {"layers": 1, "width": 100, "vectors": 32}


def size_in(name: str) -> int:
    """Return the size that the name of a row gives, such as 2 for "LSTM, 2 layers"."""
    return int("".join(filter(str.isdigit, name)))


def scores_by_size(record: Record) -> dict[str, dict[int, list[float]]]:
    """Return the scores of the rows of ladder-imdb that vary one size, by what they vary and its value."""
    found = {word: {size: record.arm("LSTM").scores} for word, size in SIZES.items()}
    for arm in record.arms:
        for word in SIZES:
            if arm.startswith("LSTM, ") and word in arm:
                found[word][size_in(arm)] = record.arm(arm).scores
    return {word: dict(sorted(rows.items())) for word, rows in found.items()}


def rungs(
    ours: Mapping[str, Mapping[int, Sequence[float]]],
    theirs: Mapping[str, Mapping[int, float]] | None = None,
    *,
    ylabel: str,
) -> Figure:
    """Draw scores by size, a panel for each kind of size: one dot a seed and a line through our means; crosses are theirs.

    Parameters
    ----------
    ours : mapping of str to mapping of int to sequence of float
        By what the size is, such as "width": the scores of all seeds by size.
    theirs : mapping of str to mapping of int to float
        The published score by size, under the same names.
    """
    figure, axes = new_panels(list(ours), 8.6, 3.4, sharey=True)
    for axis, (name, scores) in zip(axes, ours.items(), strict=True):
        sizes, published = sorted(scores), sorted((theirs or {}).get(name, {}))
        means = [np.mean(scores[size]) for size in sizes]
        axis.plot(sizes, means, marker="", linestyle="-", color=COLOURS["blue"], label="ours, mean")
        dots = [(size, score) for size in sizes for score in scores[size]]
        axis.plot(*zip(*dots, strict=True), marker="o", linestyle="", color=COLOURS["sky"], label="a seed")
        if published:
            crosses = [theirs[name][size] for size in published]
            axis.plot(
                published, crosses, marker="x", linestyle=":", color=COLOURS["orange"], label="published"
            )
        if max(sizes) > 10:
            log_x(axis)
        else:
            axis.set_xticks(sizes)
        axis.set_xlabel(name)
    axes[0].set_ylabel(ylabel)
    legend_below(figure)
    return described(
        figure,
        f"{capital(ylabel)} by {listed(list(ours))}, a panel each: a dot for each seed, a line through our means.",
        *(_rungs_in_words(name, scores, (theirs or {}).get(name, {})) for name, scores in ours.items()),
    )


def _rungs_in_words(name: str, scores: Mapping[int, Sequence[float]], published: Mapping[int, float]) -> str:
    """Where our means and the published scores are highest and lowest, and where our seeds differ most."""
    sizes = sorted(scores)
    said = [f"{capital(name)}, our mean: {extremes(sizes, (np.mean(scores[size]) for size in sizes))}"]
    wide = max(sizes, key=lambda size: np.ptp(scores[size]))
    if np.ptp(scores[wide]):
        lowest, highest = number(min(scores[wide])), number(max(scores[wide]))
        said.append(f"seeds furthest apart: {lowest} to {highest} at {wide}")
    if published:
        said.append(
            f"published: {extremes(sorted(published), (published[size] for size in sorted(published)))}"
        )
    return f"{'; '.join(said)}."


def convergence(
    losses: Mapping[str, Sequence[float]], scores: Mapping[str, Sequence[float]], *, score: str
) -> Figure:
    """Draw training losses on the left and scores on the right, by epoch, under the same names."""
    figure, axes = new_panels(["training loss", score], 8.6, 3.6)
    for axis, curves in zip(axes, (losses, scores), strict=True):
        for name, values in curves.items():
            axis.plot(range(1, len(values) + 1), values, label=name)
        axis.set_xlabel("epoch")
    legend_below(figure)
    return described(
        figure,
        f"Left, training loss by epoch: {courses(losses)}",
        f"Right, {score} by epoch: {courses(scores)}",
    )
