"""Figures of texts as numbers: coverage, lengths, padded batches, looking up a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.figures.diagrams import FILLS, arrow, box, canvas, frame, label
from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, new_figure


def unknown_rates(sizes: Sequence[int], rates: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the share of unknown words against the size of the vocabulary.

    Parameters
    ----------
    rates : mapping of str to sequence of float
        One curve for each name.
    """
    figure, axis = new_figure()
    for k, (name, values) in enumerate(rates.items()):
        colour = COLOURS[SERIES[k]]
        axis.plot(sizes, values, label=name, color=colour, marker=MARKERS[k], linestyle=LINES[k])
    axis.set_xscale("log")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axis.set_xlabel("entries in the vocabulary")
    axis.set_ylabel("share of unknown words")
    axis.legend()
    return figure


def length_histogram(lengths: Sequence[int], *, cut: int | None = None, unit: str = "words") -> Figure:
    """Draw how long the texts are, with the place where they would be cut."""
    figure, axis = new_figure(6.4, 2.8)
    axis.hist(lengths, bins=40, color=COLOURS["blue"], edgecolor="white", linewidth=0.5)
    if cut is not None:
        axis.axvline(cut, color=COLOURS["orange"], linestyle="--", marker="", label=f"cut at {cut}")
        axis.legend()
    axis.set_xlabel(f"length of a text in {unit}")
    axis.set_ylabel("texts")
    return figure


def padded_batches(batches: Mapping[str, Sequence[int]]) -> Figure:
    """Draw batches as rectangles: real tokens dark, pads light and hatched.

    Parameters
    ----------
    batches : mapping of str to lengths
        Title and the length of each text of the batch.
    """
    longest = max(max(lengths) for lengths in batches.values())
    figure, axes = new_figure(8.6, 2.6, len(batches))
    for axis, (title, lengths) in zip(np.atleast_1d(axes), batches.items(), strict=True):
        for row, length in enumerate(lengths):
            axis.add_patch(Rectangle((0, row), length, 0.8, facecolor=COLOURS["blue"], linewidth=0))
            pads = max(lengths) - length
            axis.add_patch(
                Rectangle(
                    (length, row),
                    pads,
                    0.8,
                    facecolor=COLOURS["pale"],
                    hatch="////",
                    edgecolor=COLOURS["grey"],
                    linewidth=0,
                )
            )
        share = 1 - sum(lengths) / (max(lengths) * len(lengths))
        axis.set_title(f"{title}: {share:.0%} pads", loc="center")
        axis.set_xlim(0, longest)
        axis.set_ylim(len(lengths), 0)
        axis.set_xlabel("time")
        axis.set_yticks([])
        axis.grid(visible=False)
    return figure


def row_lookup(words: Sequence[str], picked: int, dim: int = 4) -> Figure:
    """Draw a one-hot vector times a matrix as the choice of a row.

    Parameters
    ----------
    words : sequence of str
        Names of the rows, at most seven.
    picked : int
        The row that the one-hot vector chooses.
    dim : int, default 4
        Columns drawn.
    """
    figure, axis = canvas(7.2, 2.8)
    n, side = len(words), 0.5
    middle = n * side / 2
    for i in range(n):
        y = (n - 1 - i) * side + side / 2
        on = i == picked
        _cell(axis, 0, y, "1" if on else "0", "state" if on else "plain", side)
        label(axis, (3.05, y), words[i], size=9, align="right")
        for j in range(dim):
            _cell(axis, 3.5 + j * side, y, "", "state" if on else "plain", side)
    label(axis, (0, -0.35), "one-hot", size=9)
    label(axis, (1.1, middle), r"$\times$", size=13)
    label(axis, (3.5 + (dim - 1) * side / 2, -0.35), "embedding matrix $W$", size=9)
    y = (n - 1 - picked) * side + side / 2
    arrow(axis, (3.5 + (dim - 0.4) * side, y), (3.5 + (dim + 1.6) * side, y), kind="state")
    for j in range(dim):
        _cell(axis, 3.5 + (dim + 2.2 + j) * side, y, "", "state", side)
    label(axis, (3.5 + (dim + 2.2 + (dim - 1) / 2) * side, y - 0.5), f"vector of “{words[picked]}”", size=9)
    frame(axis, -0.5, 3.5 + (2 * dim + 2.6) * side, -0.6, n * side + 0.1)
    return figure


def batch_grid(rows: Sequence[Sequence[str]], lengths: Sequence[int]) -> Figure:
    """Draw a small padded batch, cell by cell, with its lengths.

    Parameters
    ----------
    rows : sequence of sequences of str
        What stands in each cell; all rows equally long.
    """
    time = len(rows[0])
    figure, axis = canvas(8.2, 0.55 * len(rows) + 0.5)
    for i, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        y = -0.65 * i
        for t, text in enumerate(row):
            box(axis, (1.5 * t, y), text, "input" if t < length else "plain", width=1.4, height=0.5)
        label(axis, (1.5 * time - 0.5, y), f"length {length}", size=9, align="left")
    frame(axis, -0.8, 1.5 * time + 1.0, -0.65 * len(rows) + 0.25, 0.4)
    return figure


def _cell(axis, x: float, y: float, text: str, kind: str, side: float) -> None:
    axis.add_patch(
        Rectangle(
            (x - side / 2, y - side / 2),
            side,
            side,
            facecolor=FILLS[kind],
            edgecolor=COLOURS["grey"],
            linewidth=0.8,
        )
    )
    if text:
        label(axis, (x, y), text, size=9)
