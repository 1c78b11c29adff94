"""Figures of chapters 9 and 10: paths of optimisers, curves with a band over seeds, one dot for every seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, new_figure


def paths_in_a_valley(paths: Mapping[str, np.ndarray], steepness: float) -> Figure:
    """Draw where optimisers go on the surface (x² + steepness · y²) / 2, a panel for each.

    Parameters
    ----------
    paths : mapping of str to ndarray of shape (steps, 2)
        By name of the optimiser.
    steepness : float
        Of the surface across the valley.

    Raises
    ------
    ValueError
        If there is no path.
    """
    if not paths:
        raise ValueError("'paths' must hold at least one path, got none.")
    figure, axes = new_figure(8.6, 2.6, len(paths), sharex=True, sharey=True)
    every = np.concatenate(list(paths.values()))
    reach = np.abs(every).max(axis=0) * 1.1
    x, y = np.meshgrid(np.linspace(-reach[0], reach[0], 120), np.linspace(-reach[1], reach[1], 120))
    height = (x**2 + steepness * y**2) / 2
    for k, (axis, (name, path)) in enumerate(zip(np.atleast_1d(axes), paths.items(), strict=True)):
        axis.contour(x, y, height, levels=height.max() * np.geomspace(0.002, 1, 8), colors=COLOURS["pale"])
        axis.plot(
            *path.T, color=COLOURS[SERIES[k % len(SERIES)]], marker=MARKERS[k % len(MARKERS)], markersize=3
        )
        axis.plot(0, 0, marker="+", color=COLOURS["ink"], markersize=9)
        axis.set_title(name, loc="left")
        axis.set_xlabel("$x$")
    np.atleast_1d(axes)[0].set_ylabel("$y$")
    return figure


def bands(
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    *,
    xlabel: str,
    ylabel: str,
    level: tuple[str, float] | None = None,
) -> Figure:
    """Draw the mean over seeds of named curves, and the range of the seeds as a band.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of sequences
        By title and name: a curve for each seed.
    level : (name, value), optional
        A horizontal line to compare with.

    Raises
    ------
    ValueError
        If the seeds of a name have curves of different lengths.
    """
    figure, axes = new_figure(4.3 * max(len(panels), 1.5), 3.6, len(panels), sharey=True)
    for axis, (title, curves) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        for k, (name, seeds) in enumerate(curves.items()):
            if len({len(curve) for curve in seeds}) != 1:
                raise ValueError(f"the seeds of {name!r} must have curves of one length.")
            values = np.array(seeds, dtype=float)  # (seeds, epochs)
            x = np.arange(1, values.shape[1] + 1)
            colour = COLOURS[SERIES[k % len(SERIES)]]
            axis.plot(
                x,
                values.mean(axis=0),
                label=name,
                color=colour,
                marker=MARKERS[k % len(MARKERS)],
                linestyle=LINES[k // len(SERIES) % len(LINES)],
            )
            axis.fill_between(
                x, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15, linewidth=0
            )
        if level is not None:
            axis.axhline(level[1], color=COLOURS["grey"], linestyle=":", marker="", label=level[0])
        axis.set_title(title, loc="left")
        axis.set_xlabel(xlabel)
        axis.xaxis.get_major_locator().set_params(integer=True)
    np.atleast_1d(axes)[0].set_ylabel(ylabel)
    names, texts = np.atleast_1d(axes)[0].get_legend_handles_labels()
    figure.legend(
        names, texts, loc="outside lower center", ncols=min(5, len(texts)), fontsize=8, handlelength=3.2
    )
    return figure
