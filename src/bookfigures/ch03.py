"""Figures of texts as numbers: coverage, lengths, padded batches, looking up a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, cell, frame, label
from bookfigures.points import log_span
from coursekit.figures.charts import curves
from coursekit.figures.style import COLOURS, WIDTH, new_figure, new_panels
from coursekit.figures.words import capital, courses, described, listed, number


def unknown_rates(sizes: Sequence[int], rates: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the share of unknown words against the size of the vocabulary, a curve for each name."""
    figure = curves(rates, x=sizes, xlabel="entries in the vocabulary", ylabel="share of unknown words")
    (axis,) = figure.axes
    axis.set_xscale("log")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.set_ylim(bottom=0)
    for line in axis.lines:
        line.set_clip_on(False)  # a point at zero is drawn whole
    axis.yaxis.set_major_formatter("{x:.0%}")
    return described(
        figure,
        f"Share of unknown words in per cent against the entries in the vocabulary, {log_span(sizes)}.",
        courses({name: [100 * share for share in shares] for name, shares in rates.items()}, sizes),
    )


def length_histogram(lengths: Sequence[int], *, cut: int) -> Figure:
    """Draw how long the texts are, with the place where they would be cut."""
    figure, axis = new_figure(height=3.1)
    axis.set_axisbelow(True)
    texts, edges, _ = axis.hist(lengths, bins=40, color=COLOURS["blue"], edgecolor="white", linewidth=0.5)
    axis.axvline(cut, color=COLOURS["orange"], linestyle="--", label=f"cut at {cut}")
    beyond = [length for length in lengths if length > cut]
    axis.plot(
        beyond, [0] * len(beyond), linestyle="", marker="|", markersize=12, color=COLOURS["orange"],
        clip_on=False, label="a longer text",
    )  # fmt: skip
    axis.legend()
    axis.set_xlabel("length of a text in words")
    axis.set_ylabel("texts")
    low, middle, high = np.percentile(lengths, (25, 50, 75))
    top = int(np.argmax(texts))
    return described(
        figure,
        f"Histogram of the lengths of {len(lengths):,} texts, with {_span(lengths)} words.",
        f"The middle half has {number(low)} to {number(high)} words, with the median at {number(middle)}; "
        f"the highest bar holds the lengths {_span([ceil(edges[top]), ceil(edges[top + 1]) - 1])}.",
        f"A dashed line marks a cut at {cut}; texts that are longer, each with a short stroke: {len(beyond):,}.",
    )


def padded_batches(batches: Mapping[str, Sequence[int]]) -> Figure:
    """Draw batches, a bar for the length of each text: real tokens dark, pads light and hatched."""
    pads = {name: [max(lengths) - length for length in lengths] for name, lengths in batches.items()}
    shares = {name: sum(pads[name]) / (max(batches[name]) * len(batches[name])) for name in batches}
    titles = [f"{name}: {share:.0%} are pads" for name, share in shares.items()]
    figure, axes = new_panels(titles, WIDTH, 3.4, sharex=True)
    hatched = {"hatch": "/////", "edgecolor": COLOURS["grey"], "linewidth": 0}
    for axis, (name, lengths) in zip(axes, batches.items(), strict=True):
        rows = range(len(lengths))
        axis.barh(rows, lengths, color=COLOURS["blue"])
        axis.barh(rows, pads[name], left=lengths, color=COLOURS["pale"], **hatched)
        axis.set_xlabel("time")
        axis.set_yticks([])
        axis.invert_yaxis()
        axis.grid(visible=False)
    axes[0].set_ylabel(f"the {len(lengths)} texts of a batch")
    return described(
        figure,
        "Batches, a bar for each text, all as long as the longest; real tokens are dark, pads hatched.",
        *(
            f"{capital(title)}; {len(lengths)} texts of {_span(lengths)} tokens each."
            for title, lengths in zip(titles, batches.values(), strict=True)
        ),
    )


def _span(lengths: Sequence[int]) -> str:
    shortest, longest = min(lengths), max(lengths)
    return f"{shortest} to {longest}" if shortest < longest else f"{longest}"


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
    figure, axis = canvas(WIDTH, 3.2)
    n, side, matrix = len(words), 0.5, 1.25
    vector = matrix + (dim + 1.7) * side
    for i, word in enumerate(words):
        y, kind = (n - i - 0.5) * side, "state" if i == picked else "plain"
        label(axis, (-0.4, y), word, align="right")
        cell(axis, (0, y), "1" if i == picked else "0", kind, size=10)
        for j in range(dim):
            cell(axis, (matrix + j * side, y), "", kind)
            if i == picked:
                cell(axis, (vector + j * side, y), "", kind)
    y, middle = (n - picked - 0.5) * side, (dim - 1) * side / 2
    arrow(axis, (matrix + (dim - 0.4) * side, y), (vector - 0.6 * side, y), kind="state")
    label(axis, (0, -0.1), "one-hot,\ndrawn upright", va="top")
    label(axis, (matrix / 2, n * side / 2), r"$\times$", size=13)
    label(axis, (matrix + middle, -0.1), "embedding\nmatrix $W$", va="top")
    label(axis, (vector + middle, y - 0.5), f"vector of “{words[picked]}”")
    frame(axis, -1.3, vector + (dim - 0.3) * side, -0.75, n * side + 0.1)
    return described(
        figure,
        f"A one-hot vector, drawn upright beside the rows: 1 at “{words[picked]}”, 0 elsewhere; times an embedding matrix W "
        f"of {dim} columns with a row for each entry: {listed([f'“{word}”' for word in words])}.",
        f"An arrow leads from the row of “{words[picked]}”, which stands out, to the product: "
        f"the vector of “{words[picked]}” is that row.",
    )


def batch_grid(rows: Sequence[Sequence[str]], lengths: Sequence[int]) -> Figure:
    """Draw a small padded batch, cell by cell, with its lengths; all rows are equally long."""
    time = len(rows[0])
    figure, axis = canvas(WIDTH, 0.5 * len(rows) + 0.3)
    for i, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        y = -0.65 * i
        for t, text in enumerate(row):
            box(axis, (1.5 * t, y), text, "input" if t < length else "plain", width=1.4)
        label(axis, (1.5 * time - 0.5, y), f"length {length}", align="left")
    frame(axis, -0.8, 1.5 * time + 1.0, -0.65 * len(rows) + 0.25, 0.4)
    return described(
        figure,
        f"A batch of {len(rows)} rows and {time} columns; cells beyond the length of a row have another colour.",
        *(
            f"Row {i}, length {length}: {', '.join(row)}."
            for i, (row, length) in enumerate(zip(rows, lengths, strict=True), start=1)
        ),
    )
