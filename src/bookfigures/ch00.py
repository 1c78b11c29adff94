"""Figures of chapter 0: a stretched axis, two ways to turn a table, learning curves, and intervals that miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bookfigures.diagrams import KINDS, canvas, cell, frame, label
from coursekit.figures.style import COLOURS, legend_below, new_figure, new_panels
from coursekit.figures.words import FLAT, capital, course, described, level_in_words, listed, number
from coursekit.stats import wilson

_SIDE = 0.5  # of a cell


def broadcasting(scores: Sequence[Sequence[float]], lengths: Sequence[float]) -> Figure:
    """Draw a table divided by one number per row: twice, with the numbers as a column and as a row.

    Parameters
    ----------
    scores : sequence of sequences of float
        A square table, so that both ways run.
    lengths : sequence of float
        As many as rows.
    """
    table, numbers = np.array(scores, dtype=float), np.array(lengths, dtype=float)
    i, j = np.indices(table.shape)  # the text of each row, and of each column
    step, height = (len(table) + 1) * _SIDE + 1.0, len(table) * _SIDE
    figure, axis = canvas(8.6, 3.9)
    for top, name, divisor, owner, copied in (
        (0.0, "lengths[:, None], shape (B, 1)", numbers[:, None], i, j > 0),
        (-height - 1.0, "lengths, shape (B,)", numbers, j, i > 0),
    ):
        _table(axis, (0, top), "scores, shape (B, T)", table, i)
        _table(axis, (step, top), name, np.broadcast_to(divisor, table.shape), owner, copied)
        _table(axis, (2 * step, top), "result, shape (B, T)", table / divisor, owner)
        for left, sign in ((step, r"$\div$"), (2 * step, "=")):
            label(axis, (left - 1.0, top - (height - _SIDE) / 2), sign, size=13)
    frame(axis, -0.4, 2 * step + height, -2 * height - 0.9, 0.85)
    differ = int((table / numbers[:, None] != table / numbers).sum())
    return described(
        figure,
        f"Two divisions of a table of {len(table)} by {len(table)}; a result has the colour of the length that divides it.",
        "Above, the lengths stand as a column and are copied (dotted) to the right: each row is divided by its own length.",
        "Below, they stand as a row and are copied downwards: each column is divided by the length of one text.",
        f"Of the {table.size} results, {differ} differ; the last row is {_row_in_words(table[-1] / numbers[-1])} above "
        f"and {_row_in_words(table[-1] / numbers)} below.",
    )


def _row_in_words(row: np.ndarray) -> str:
    return listed([_written(float(value)) for value in row])


def turned(table: Sequence[Sequence[object]]) -> Figure:
    """Draw a table of texts, its transpose, and what ``reshape`` makes of it; one colour for each of up to four texts."""
    x = np.array(table)
    owner = np.indices(x.shape)[0]
    B, T = x.shape
    figure, axis = canvas(8.0, 0.5 * max(B, T) + 0.5)
    left, gap = 0.0, 2.4
    for title, turn in (
        ("x, shape (B, T)", lambda x: x),
        ("x.transpose(0, 1), shape (T, B)", np.transpose),
        ("x.reshape(T, B)", lambda x: x.reshape(T, B)),
    ):
        _table(axis, (left, 0), title, turn(x), turn(owner))
        left += turn(x).shape[1] * _SIDE + gap
    frame(axis, -0.8, left - gap + 0.6, -max(B, T) * _SIDE + 0.1, 0.85)
    first, mixed = x.reshape(T, B)[:, 0], int((np.ptp(owner.reshape(T, B), axis=0) > 0).sum())
    columns = f"{mixed} of its {B} columns" if mixed < B else f"all its {B} columns"
    return described(
        figure,
        f"A table, a row for each text: {B} by {T} cells. A cell has the colour of its text.",
        f"Transposed, each text is a column: the first is {listed([*map(_written, x[0])])}.",
        f"Reshaped to {T} by {B}, the cells run on from row to row: the first column is {listed([*map(_written, first)])}.",
        f"In the reshaped table {columns} mix texts; in the transposed one none does.",
    )


def _table(axis: Axes, corner, title: str, values, owner, copied=None) -> None:
    """Draw a table in the colours of the texts that own its cells; copies are dotted and have no fill."""
    left, top = corner
    for (i, j), value in np.ndenumerate(values):
        how = {"facecolor": "white", "linestyle": ":"} if copied is not None and copied[i, j] else {}
        kind = KINDS[owner[i, j] % len(KINDS)]
        cell(axis, (left + j * _SIDE, top - i * _SIDE), _written(value), kind, **how)
    label(axis, (left + (values.shape[1] - 1) * _SIDE / 2, top + 0.55), title, size=9)


def _written(value: object) -> str:
    """A value as it stands in its cell."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def learning_curves(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, start: float | None = None
) -> Figure:
    """Draw training and validation loss over the epochs, a panel for each run, the lowest validation marked.

    Parameters
    ----------
    runs : mapping of str to (train, validation)
        Loss after each epoch.
    start : float, optional
        The loss of guessing, drawn as a dotted line.
    """
    figure, axes = new_panels(list(runs), 2.9 * len(runs), 3.1, sharey=True)
    for axis, (train, validation) in zip(axes, runs.values(), strict=True):
        for part, losses in (("train", train), ("validation", validation)):
            axis.plot(range(1, len(losses) + 1), losses, label=part, markevery=max(1, len(losses) // 6))
        best = int(np.argmin(validation))
        star = {"marker": "*", "markersize": 13, "color": COLOURS["ink"], "linestyle": ""}
        axis.plot(best + 1, validation[best], label="lowest validation", **star)
        if start is not None:
            axis.axhline(start, color=COLOURS["grey"], linestyle=":", label="guessing")
        axis.set_xlabel("epoch")
    axes[0].set_ylim(0, 1.05 * axes[0].get_ylim()[1])
    axes[0].set_ylabel("loss")
    legend_below(figure)
    flat = FLAT * axes[0].get_ylim()[1]
    return described(
        figure,
        "Loss on train and on validation against the epoch; a star marks the lowest on validation.",
        *(
            f"{capital(name)}: train {course(train, unit='epoch', flat=flat)}; validation goes from "
            f"{number(validation[0])} to {number(validation[-1])}, with its lowest, {number(min(validation))}, "
            f"at epoch {np.argmin(validation) + 1} of {len(validation)}."
            for name, (train, validation) in runs.items()
        ),
        level_in_words(None if start is None else ("guessing", start)),
    )


def repeated_intervals(correct: Sequence[int], n: int, truth: float) -> Figure:
    """Draw the 95 % Wilson interval of many tests of one model, and mark those that miss the true accuracy.

    Parameters
    ----------
    correct : sequence of int
        Right answers in each test.
    n : int
        Texts in a test.
    """
    figure, axis = new_figure(height=3.1)
    looks = {
        "holds the true accuracy": {"color": COLOURS["blue"], "linestyle": "-", "marker": "_"},
        "misses it": {"color": COLOURS["orange"], "linestyle": "--", "marker": "x", "markersize": 7},
    }
    bounds = [wilson(right, n) for right in correct]
    for place, (low, high) in enumerate(bounds, start=1):
        name = "holds the true accuracy" if low <= truth <= high else "misses it"
        axis.plot([place, place], [low, high], label=name, **looks[name])
    axis.axhline(truth, color=COLOURS["ink"], linestyle=":", label="true accuracy")
    axis.set_xlabel(f"{len(bounds)} tests, each on {n:,} new texts")
    axis.set_ylabel("accuracy, 95 % interval")
    axis.set_xticks([])
    legend_below(figure)
    above, below = sum(truth < low for low, _ in bounds), sum(high < truth for _, high in bounds)
    return described(
        figure,
        f"The 95 % intervals of the accuracy in {len(bounds)} tests of one model, each on {n:,} new texts.",
        f"{len(bounds) - above - below} intervals hold the true accuracy of {number(truth)}.",
        f"Those that miss it are dashed and have crosses: {above} lie above it, {below} below.",
        f"The lowest begins at {min(bounds)[0]:.3f}, the highest ends at {max(bounds)[1]:.3f}.",
    )
