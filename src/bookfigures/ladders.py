"""Figures of the published ladders: steps with their intervals, rungs by size, curves of two kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from bookfigures.extremes import extremes
from bookfigures.points import log_x
from coursekit.figures.style import COLOURS, legend_below, new_figure, new_panels
from coursekit.figures.words import capital, courses, described, listed, number
from coursekit.records import Record


def steps(differences: Mapping[str, tuple[float, float, float]], *, xlabel: str) -> Figure:
    """Draw differences, each below its name and with its interval; those that exclude zero have a full dot.

    Parameters
    ----------
    differences : mapping of str to (difference, low, high)
    """
    figure, axis = new_figure(height=0.8 + 0.38 * len(differences))
    axis.axvline(0, color=COLOURS["ink"], linestyle=":", zorder=1)
    for row, (name, (gap, low, high)) in enumerate(differences.items()):
        clear = low > 0 or high < 0
        colour = COLOURS["blue" if clear else "grey"]
        axis.text(0, row - 0.38, name, transform=axis.get_yaxis_transform(), va="center", bbox=_OPAQUE)
        axis.plot([low, high], [row, row], marker="", linestyle="-", color=colour)
        axis.plot(gap, row, marker="o", color=colour, markerfacecolor=colour if clear else "white")
    axis.set_ylim(len(differences) - 0.6, -0.75)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.set_xlabel(xlabel)
    return described(
        figure,
        f"{capital(xlabel)}, {len(differences)} rows with their intervals; full dots where the interval excludes zero.",
        _steps_in_words(differences),
    )


def _steps_in_words(differences: Mapping[str, tuple[float, float, float]]) -> str:
    """Which intervals exclude zero, on which side; of a side without any, or with many, only the farthest row."""
    order = sorted(differences, key=lambda name: -differences[name][0])
    above = [name for name in order if differences[name][1] > 0]
    below = [name for name in reversed(order) if differences[name][2] < 0]
    containing = len(differences) - len(above) - len(below)
    said = [f"Intervals containing zero: {containing}; above it: {len(above)}; below it: {len(below)}."]
    for side, names, word, farthest in (
        ("Above", above, "Highest", order[0]),
        ("Below", below, "Lowest", order[-1]),
    ):
        if 0 < len(names) <= MOST_NAMED:
            gaps = [f"“{' '.join(name.split())}”, {_signed(differences[name][0])}" for name in names]
            said.append(f"{side}: {'; '.join(gaps)}.")
        else:
            gap, low, high = map(_signed, differences[farthest])
            said.append(f"{word}: “{' '.join(farthest.split())}”, {gap} ({low} to {high}).")
    return " ".join(said)


def _signed(value: float) -> str:
    return f"{round(value, 4) + 0.0:+.4f}"


MOST_NAMED = 8  # rows of a side that are named
_OPAQUE = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # no line runs through a name

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
        axis.plot(
            sizes,
            means,
            marker="",
            linestyle="-",
            color=COLOURS["blue"],
            label="ours, mean" if theirs else "mean",
        )
        dots = [(size, score) for size in sizes for score in scores[size]]
        axis.plot(*zip(*dots, strict=True), marker="o", linestyle="", color=COLOURS["sky"], label="a seed")
        if published:
            crosses = [theirs[name][size] for size in published]
            axis.plot(
                published, crosses, marker="x", linestyle=":", color=COLOURS["orange"], label="published",
                linewidth=1, zorder=1,
            )  # fmt: skip
        if max(sizes) > 10:
            log_x(axis)
            axis.xaxis.set_major_locator(LogLocator(subs=(1, 3)))  # fewer than on a wider panel
        else:
            axis.set_xticks(sizes)
        axis.set_xlabel(name)
    axes[0].set_ylabel(ylabel)
    legend_below(figure)
    return described(
        figure,
        f"{capital(ylabel)} by {listed(list(ours))}, a panel each: a dot for each seed, a line through our means"
        f"{', crosses for what is published' if theirs else ''}.",
        *(_rungs_in_words(name, scores, (theirs or {}).get(name, {})) for name, scores in ours.items()),
    )


def _rungs_in_words(name: str, scores: Mapping[int, Sequence[float]], published: Mapping[int, float]) -> str:
    """Where our means and the published scores are highest and lowest, and where our seeds differ most."""
    sizes = sorted(scores)
    means = {size: float(np.mean(scores[size])) for size in sizes}
    ends = sizes[0], sizes[-1]
    peaks = {"highest": max(means, key=means.get), "lowest": min(means, key=means.get)}
    at = {size: f"{number(means[size])} at {size}" for size in (*ends, *peaks.values())}
    inside = "".join(f", {word} {at[size]}" for word, size in peaks.items() if size not in ends)
    said = [f"{capital(name)}, our mean: from {at[ends[0]]} to {at[ends[1]]}{inside}"]
    wide = max(sizes, key=lambda size: np.ptp(scores[size]))
    if np.ptp(scores[wide]):
        said.append(f"seeds furthest apart at {wide}: {listed([*map(number, sorted(scores[wide]))])}")
    if published:
        said.append(f"published: {_extremes(published)}")
    return f"{'; '.join(said)}."


def _extremes(scores: Mapping[int, float]) -> str:
    """Where scores by size are highest and lowest; of equals, all."""
    named = {
        size: listed([str(other) for other in sorted(scores) if scores[other] == score])
        for size, score in sorted(scores.items())
    }
    return extremes(named.values(), (scores[size] for size in named))


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
    ends = sorted({*map(len, losses.values())})
    return described(
        figure,
        f"Left, training loss by epoch: {courses(losses, unit='epoch')}",
        f"Right, {score} by epoch: {courses(scores, unit='epoch')}",
        f"The curves end at epoch{'s' if len(ends) > 1 else ''} {listed([*map(str, ends)])}.",
    )
