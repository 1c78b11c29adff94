"""Figures of texts as numbers: coverage, lengths, padded batches, looking up a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, cell, frame, label
from coursekit.figures.charts import curves
from coursekit.figures.style import COLOURS, new_figure, new_panels


def unknown_rates(sizes: Sequence[int], rates: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the share of unknown words against the size of the vocabulary, a curve for each name."""
    figure = curves(rates, x=sizes, xlabel="entries in the vocabulary", ylabel="share of unknown words")
    (axis,) = figure.axes
    axis.set_xscale("log")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter("{x:.0%}")
    return figure


def length_histogram(lengths: Sequence[int], *, cut: int) -> Figure:
    """Draw how long the texts are, with the place where they would be cut."""
    figure, axis = new_figure(6.4, 2.8)
    axis.hist(lengths, bins=40, color=COLOURS["blue"], edgecolor="white", linewidth=0.5)
    axis.axvline(cut, color=COLOURS["orange"], linestyle="--", label=f"cut at {cut}")
    axis.legend()
    axis.set_xlabel("length of a text in words")
    axis.set_ylabel("texts")
    return figure


def padded_batches(batches: Mapping[str, Sequence[int]]) -> Figure:
    """Draw batches as bars, one for the length of each text: real tokens dark, pads light and hatched."""
    pads = {name: [max(lengths) - length for length in lengths] for name, lengths in batches.items()}
    titles = [
        f"{name}: {sum(pads[name]) / (max(lengths) * len(lengths)):.0%} pads"
        for name, lengths in batches.items()
    ]
    figure, axes = new_panels(titles, 8.6, 2.6, sharex=True)
    for axis, (name, lengths) in zip(axes, batches.items(), strict=True):
        rows, hatched = range(len(lengths)), {"hatch": "////", "edgecolor": COLOURS["grey"], "linewidth": 0}
        axis.barh(rows, lengths, color=COLOURS["blue"])
        axis.barh(rows, pads[name], left=lengths, color=COLOURS["pale"], **hatched)
        axis.set_xlabel("time")
        axis.set_yticks([])
        axis.invert_yaxis()
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
    n, side, matrix = len(words), 0.5, 3.5
    vector = matrix + (dim + 2.2) * side
    for i, word in enumerate(words):
        y, kind = (n - i - 0.5) * side, "state" if i == picked else "plain"
        cell(axis, (0, y), "1" if i == picked else "0", kind, size=9)
        label(axis, (matrix - 0.45, y), word, size=9, align="right")
        for j in range(dim):
            cell(axis, (matrix + j * side, y), "", kind)
            if i == picked:
                cell(axis, (vector + j * side, y), "", kind)
    y, middle = (n - picked - 0.5) * side, (dim - 1) * side / 2
    arrow(axis, (matrix + (dim - 0.4) * side, y), (vector - 0.6 * side, y), kind="state")
    label(axis, (0, -0.35), "one-hot", size=9)
    label(axis, (1.1, n * side / 2), r"$\times$", size=13)
    label(axis, (matrix + middle, -0.35), "embedding matrix $W$", size=9)
    label(axis, (vector + middle, y - 0.5), f"vector of “{words[picked]}”", size=9)
    frame(axis, -0.5, vector + (dim + 0.4) * side, -0.6, n * side + 0.1)
    return figure


def batch_grid(rows: Sequence[Sequence[str]], lengths: Sequence[int]) -> Figure:
    """Draw a small padded batch, cell by cell, with its lengths; all rows are equally long."""
    time = len(rows[0])
    figure, axis = canvas(8.2, 0.55 * len(rows) + 0.5)
    for i, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        y = -0.65 * i
        for t, text in enumerate(row):
            box(axis, (1.5 * t, y), text, "input" if t < length else "plain", width=1.4)
        label(axis, (1.5 * time - 0.5, y), f"length {length}", size=9, align="left")
    frame(axis, -0.8, 1.5 * time + 1.0, -0.65 * len(rows) + 0.25, 0.4)
    return figure
