"""Figures of gradients on their way through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from coursekit.figures.diagrams import arrow, box, canvas, frame, label
from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, new_figure


def way_back(words: Sequence[str]) -> Figure:
    """Draw an unrolled network with the loss at its end, and the gradient going back from step to step.

    Parameters
    ----------
    words : sequence of str
        Up to six, short.
    """
    gap, n = 1.75, len(words)
    figure, axis = canvas(min(8.6, 1.45 * n + 1.6), 2.9)
    frame(axis, -0.8, gap * n + 0.7, -1.0, 2.9)
    for t, word in enumerate(words):
        x = gap * t
        label(axis, (x, -0.75), word)
        box(axis, (x, 0), f"$x_{t + 1}$", "input")
        box(axis, (x, 1.6), f"$h_{t + 1}$", "state")
        arrow(axis, (x, 0.25), (x, 1.35))
        if t:
            arrow(axis, (x - gap + 0.45, 1.6), (x - 0.45, 1.6), kind="state")
            arrow(axis, (x - 0.2, 1.95), (x - gap + 0.2, 1.95), bend=0.35)
            label(axis, (x - gap / 2, 2.5), rf"$\partial h_{t + 1} / \partial h_{t}$", size=9)
    box(axis, (gap * n, 1.6), "loss $L$", "output")
    arrow(axis, (gap * (n - 1) + 0.45, 1.6), (gap * n - 0.45, 1.6))
    arrow(axis, (gap * n - 0.2, 1.95), (gap * (n - 1) + 0.2, 1.95), bend=0.35)
    label(axis, (gap * (n - 0.5), 2.5), rf"$\partial L / \partial h_{n}$", size=9)
    return figure


def by_distance(
    panels: Mapping[str, Mapping[str, Sequence[float]]], *, ylabel: str, floor: float = 1e-16
) -> Figure:
    """Draw sizes of gradients against the distance they have come, on a logarithmic scale.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        A panel for each title; in it, a curve for each name, from distance 0.
    floor : float, default 1e-16
        Smaller values are drawn here.

    Raises
    ------
    ValueError
        If there is no panel or no curve.
    """
    if not panels or not all(panels.values()):
        raise ValueError(f"'panels' must hold a panel, and a curve in each, got {dict(panels)!r}.")
    figure, axes = new_figure(8.6 if len(panels) > 1 else 6.4, 3.4, len(panels), sharey=True)
    for axis, (title, curves) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        for k, (name, values) in enumerate(curves.items()):
            axis.plot(
                range(len(values)),
                np.maximum(values, floor),
                label=name,
                color=COLOURS[SERIES[k % len(SERIES)]],
                marker=MARKERS[k % len(MARKERS)],
                linestyle=LINES[k % len(LINES)],
                markevery=max(1, len(values) // 6),
            )
        axis.set_yscale("log")
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("steps back")
        axis.legend(fontsize=8)
    np.atleast_1d(axes)[0].set_ylabel(ylabel)
    return figure


def scores_by_length(
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    lengths: Sequence[int],
    *,
    guessing: Mapping[str, float],
) -> Figure:
    """Draw what each cell reaches against the length of the sequences: a dot for each seed, a line through the means.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of (sequence of float)
        By task and cell: for each length, the scores of all seeds.
    guessing : mapping of str to float
        By task: the score of the best answer that ignores its input; a dotted line.

    Raises
    ------
    ValueError
        If a cell has not as many entries as there are lengths.
    """
    if any(len(scores) != len(lengths) for cells in panels.values() for scores in cells.values()):
        raise ValueError(f"every cell must have scores for each of the {len(lengths)} lengths.")
    figure, axes = new_figure(8.6 if len(panels) > 1 else 6.4, 3.6, len(panels))
    for axis, (title, cells) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        for k, (name, scores) in enumerate(cells.items()):
            colour, marker = COLOURS[SERIES[k % len(SERIES)]], MARKERS[k % len(MARKERS)]
            for length, seeds in zip(lengths, scores, strict=True):
                axis.plot([length] * len(seeds), seeds, color=colour, marker=marker, linestyle="", alpha=0.45)
            means = [float(np.mean(seeds)) for seeds in scores]
            axis.plot(
                lengths, means, label=name, color=colour, marker=marker, linestyle=LINES[k % len(LINES)]
            )
        axis.axhline(
            guessing[title], color=COLOURS["grey"], linestyle=":", marker="", label="without reading"
        )
        axis.set_xscale("log")
        axis.set_xticks(list(lengths), [str(length) for length in lengths])
        axis.minorticks_off()
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("length of the sequence")
        axis.set_ylim(bottom=0)
    names, texts = np.atleast_1d(axes)[0].get_legend_handles_labels()
    figure.legend(names, texts, loc="outside lower center", ncols=len(texts), fontsize=8)  # off the curves
    return figure
