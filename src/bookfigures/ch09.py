"""Figures of chapter 9: paths of optimisers, and curves with a band over seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, WIDTH, legend_below, new_panels
from coursekit.figures.words import axes_in_words, described, level_in_words, listed, number, quoted

SEEN = 0.05  # of the height at the start: a swing that stays below it is not seen


def paths_in_a_valley(paths: Mapping[str, np.ndarray], steepness: float) -> Figure:
    """Draw where optimisers go on the surface (x² + steepness · y²) / 2, a panel for each, two in a row.

    Parameters
    ----------
    paths : mapping of str to ndarray of shape (steps, 2)
        By name of the optimiser.
    """
    figure, axes = _in_pairs(list(paths), 2.2)
    reach = 1.1 * np.abs(np.concatenate(list(paths.values()))).max(axis=0)
    x, y = np.meshgrid(*(np.linspace(-far, far, 120) for far in reach))
    height = (x**2 + steepness * y**2) / 2
    for axis, path, colour, marker in zip(axes, paths.values(), SERIES, MARKERS, strict=False):
        levels = height.max() * np.geomspace(0.002, 1, 8)
        axis.contour(x, y, height, levels=levels, colors=COLOURS["grey"], linewidths=0.8)
        axis.plot(*path.T, color=COLOURS[colour], marker=marker, linestyle="-", markersize=3)
        axis.plot(0, 0, marker="+", color=COLOURS["ink"], markersize=9)
        axis.grid(visible=False)
        axis.set_xlabel("$x$")
        axis.set_ylabel("$y$")
    return described(
        figure,
        f"Paths of {listed(list(paths))}, a panel each, in the valley (x² + {number(steepness)} y²) / 2.",
        "A plus marks its bottom, (0, 0).",
        *(_path_in_words(name, np.asarray(path)) for name, path in paths.items()),
    )


def _in_pairs(titles: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
    """Open a figure as wide as a phone shows whole, with two panels in a row, each so many inches high."""
    rows = math.ceil(len(titles) / 2)
    figure, axes = new_panels(titles, WIDTH, height * rows)
    for axis, place in zip(axes, figure.add_gridspec(rows, min(2, len(titles))), strict=False):
        axis.set_subplotspec(place)
    return figure, axes


def _path_in_words(name: str, path: np.ndarray) -> str:
    """From where to where a path goes, its first step, how it swings across the valley, whether it overshoots."""
    steps = np.abs(np.diff(path, axis=0))
    start, end = (f"({', '.join(_rounded(point))})" for point in path[[0, -1]])
    first = _rounded(steps[:1].sum(axis=0))
    heights = path[np.abs(path[:, 1]) > SEEN * np.abs(path[0, 1]), 1]
    crossed = int(np.count_nonzero(np.diff(np.sign(heights))))
    past = round(float(max(-np.sign(path[0, 0]) * path[:, 0])), 2)
    return (
        f"{name}: {len(steps)} steps from {start} to {end}, the first {first[0]} along x and {first[1]} along y; "
        f"{crossed} visible crossing{'s' * (crossed != 1)} of y = 0; "
        f"{f'it runs {number(past)} past' if past > 0 else 'it does not pass'} x = 0."
    )


def _rounded(values: Sequence[float]) -> list[str]:
    return [number(round(float(value), 2) + 0.0) for value in values]  # + 0.0: no minus before a zero


def bands(
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    *,
    xlabel: str,
    ylabel: str,
    level: tuple[str, float] | None = None,
) -> Figure:
    """Draw the mean over seeds of named curves, and the range of the seeds as a band, two panels in a row.

    The panels of a row share their vertical axis; another row has a scale of its own.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of sequences
        By title and name: a curve for each seed, all of one length.
    level : (name, value), optional
        A horizontal line to compare with.
    """
    figure, axes = _in_pairs(list(panels), 2.6)
    looks = {name: _look(k) for k, name in enumerate(dict.fromkeys(sum(map(list, panels.values()), [])))}
    for k, (axis, curves) in enumerate(zip(axes, panels.values(), strict=True)):
        if k % 2:
            axis.sharey(axes[k - 1])
            axis.tick_params(labelleft=False)
        else:
            axis.set_ylabel(ylabel)
        for name, seeds in curves.items():
            values = np.array(seeds, dtype=float)  # (seeds, epochs)
            x = np.arange(1, values.shape[1] + 1)
            (line,) = axis.plot(x, values.mean(axis=0), label=name, **looks[name])
            low, high = values.min(axis=0), values.max(axis=0)
            axis.fill_between(x, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
        if level is not None:
            axis.axhline(level[1], color=COLOURS["ink"], linestyle=":", label=level[0], zorder=1)
        axis.set_xlabel(xlabel)
        axis.xaxis.get_major_locator().set_params(integer=True)
    legend_below(figure)
    return described(
        figure,
        axes_in_words(xlabel, ylabel),
        "A line is the mean over seeds, a band their range.",
        *(_bands_in_words(title, curves, xlabel) for title, curves in panels.items()),
        _widest_in_words(panels),
        level_in_words(level),
    )


def _look(k: int) -> dict[str, object]:
    """The look of the k-th name; when the colours have all been used, the dash tells curves apart."""
    turn, place = divmod(k, len(SERIES))
    return {
        "color": COLOURS[SERIES[place]],
        "marker": MARKERS[place],
        "linestyle": LINES[turn],
        "markerfacecolor": "none",  # what lies below is seen
        "markersize": 5 + 2 * (place % 2),
    }


def _bands_in_words(title: str, curves: Mapping[str, Sequence[Sequence[float]]], xlabel: str) -> str:
    """Between what a panel's means begin, and the last two of each, so that a late fall is told."""
    means = {name: np.mean(seeds, axis=0) for name, seeds in curves.items()}
    first = [mean[0] for mean in means.values()]
    ends = [
        f"{quoted(name)} {' and '.join(f'{value:.3f}' for value in means[name][-2:])}"
        for name in sorted(means, key=lambda name: means[name][-1])
    ]
    end = max(map(len, means.values()))
    when = " and ".join(str(x) for x in range(max(1, end - 1), end + 1))
    begin = f"{title}: at {xlabel} 1 means from {min(first):.3f} to {max(first):.3f}"
    return f"{begin}; at {xlabel} {when}, {'; '.join(ends)}."


def _widest_in_words(panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]]) -> str:
    """Whose seeds end furthest apart; nothing where none do."""
    last = {
        f"{name} ({title})": [seed[-1] for seed in seeds]
        for title, curves in panels.items()
        for name, seeds in curves.items()
    }
    name, seeds = max(last.items(), key=lambda curve: np.ptp(curve[1]))
    apart = f"The widest band at the end is {quoted(name)}: {min(seeds):.3f} to {max(seeds):.3f}."
    return apart * bool(np.ptp(seeds))
