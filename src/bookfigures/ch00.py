"""Figures of chapter 0: a stretched axis, two ways to turn a table, learning curves, and intervals that miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.figures.diagrams import EDGES, FILLS, canvas, frame, label
from coursekit.figures.style import COLOURS, LINES, MARKERS, new_figure
from coursekit.stats import wilson

_SIDE = 0.5  # of a cell
_KINDS = ("input", "state", "output", "plain")  # colour of a text, in order


def broadcasting(scores: Sequence[Sequence[float]], lengths: Sequence[float]) -> Figure:
    """Draw a table divided by one number per row: twice, with the numbers as a column and as a row.

    Parameters
    ----------
    scores : sequence of sequences of float
        A square table, so that both ways run.
    lengths : sequence of float
        As many as rows.

    Raises
    ------
    ValueError
        If the table is not square, or there is not one length for each row.
    """
    side = len(scores)
    if side == 0 or len(lengths) != side or any(len(row) != side for row in scores):
        raise ValueError(
            f"'scores' must be a square table with one of 'lengths' for each row, got rows of "
            f"{[len(row) for row in scores]} and {len(lengths)} lengths."
        )
    figure, axis = canvas(8.6, 3.9)
    table = [[f"{score:g}" for score in row] for row in scores]
    column = [[f"{length:g}"] * side for length in lengths]
    row = [[f"{length:g}" for length in lengths] for _ in range(side)]
    step, height = (side + 1) * _SIDE, side * _SIDE
    for top, name, divisor, real in (
        (0.0, "lengths[:, None], shape (B, 1)", column, lambda i, j: j == 0),
        (-height - 1.0, "lengths, shape (B,)", row, lambda i, j: i == 0),
    ):
        quotient = [
            [f"{float(a) / float(b):.3g}" for a, b in zip(upper, lower, strict=True)]
            for upper, lower in zip(table, divisor, strict=True)
        ]
        middle = top - (side - 1) * _SIDE / 2
        for k, (cells, title, solid) in enumerate(
            (
                (table, "scores, shape (B, T)", lambda i, j: True),
                (divisor, name, real),
                (quotient, "result, shape (B, T)", lambda i, j: True),
            )
        ):
            left = k * (step + 1.0)
            _table(axis, left, top, cells, solid, by_row=divisor is column or k == 0)
            label(axis, (left + (side - 1) * _SIDE / 2, top + 0.55), title, size=9)
            if k:
                sign = r"$\div$" if k == 1 else "="
                label(axis, (left - (1.0 + 2 * _SIDE) / 2, middle), sign, size=13)
    frame(axis, -0.4, 2 * (step + 1.0) + height, -2 * height - 0.9, 0.85)
    return figure


def turned(table: Sequence[Sequence[object]]) -> Figure:
    """Draw a table of texts, its transpose, and what ``reshape`` makes of it; one colour for each text.

    Parameters
    ----------
    table : sequence of sequences
        One row for each text, at most four; what stands in each cell.

    Raises
    ------
    ValueError
        If there is no row, there are more than four, or they differ in length.
    """
    if not 1 <= len(table) <= len(_KINDS) or len({len(row) for row in table}) != 1 or not table[0]:
        raise ValueError(
            f"'table' must have one to {len(_KINDS)} rows of one length, got {[len(row) for row in table]}."
        )
    B, T = len(table), len(table[0])
    owned = [[(str(cell), i) for cell in row] for i, row in enumerate(table)]
    flat = [cell for row in owned for cell in row]
    drawn = {
        "x, shape (B, T)": owned,
        "x.transpose(0, 1), shape (T, B)": [[owned[i][t] for i in range(B)] for t in range(T)],
        "x.reshape(T, B)": [flat[t * B : (t + 1) * B] for t in range(T)],
    }
    figure, axis = canvas(8.0, 0.5 * max(B, T) + 0.5)
    left, gap = 0.0, 2.4
    for title, rows in drawn.items():
        for i, row in enumerate(rows):
            for j, (text, owner) in enumerate(row):
                _cell(axis, left + j * _SIDE, -i * _SIDE, text, _KINDS[owner])
        label(axis, (left + (len(rows[0]) - 1) * _SIDE / 2, 0.55), title, size=9)
        left += len(rows[0]) * _SIDE + gap
    frame(axis, -0.8, left - gap + 0.6, -max(B, T) * _SIDE + 0.1, 0.85)
    return figure


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

    Raises
    ------
    ValueError
        If there is no run, or a run has no epoch or not equally many losses of both kinds.
    """
    if not runs:
        raise ValueError("'runs' must hold at least one run, got none.")
    for name, (train, validation) in runs.items():
        if not train or len(train) != len(validation):
            raise ValueError(
                f"run {name!r} must have equally many losses of both kinds, at least one; got {len(train)} "
                f"on train and {len(validation)} on validation."
            )
    highest = max(max(*train, *validation, start or 0.0) for train, validation in runs.values())
    figure, axes = new_figure(2.9 * len(runs), 3.1, len(runs), sharey=True)
    for axis, (name, (train, validation)) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        epochs = range(1, len(train) + 1)
        for k, (part, losses, colour) in enumerate(
            (("train", train, "blue"), ("validation", validation, "orange"))
        ):
            axis.plot(
                epochs, losses, label=part, color=COLOURS[colour], marker=MARKERS[k], linestyle=LINES[k],
                markevery=max(1, len(train) // 6),
            )  # fmt: skip
        best = int(np.argmin(validation))
        axis.plot(
            best + 1, validation[best], marker="*", markersize=13, color=COLOURS["ink"], linestyle="",
            label="lowest validation",
        )  # fmt: skip
        if start is not None:
            axis.axhline(start, color=COLOURS["grey"], linestyle=":", marker="", label="guessing")
        axis.set_title(name, loc="center")
        axis.set_xlabel("epoch")
        axis.set_ylim(0, 1.08 * highest)
    first = np.atleast_1d(axes)[0]
    first.set_ylabel("loss")
    handles, names = first.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names))
    return figure


def repeated_intervals(correct: Sequence[int], n: int, truth: float) -> Figure:
    """Draw the 95 % Wilson interval of many tests of one model, and mark those that miss the true accuracy.

    Parameters
    ----------
    correct : sequence of int
        Right answers in each test.
    n : int
        Texts in a test.
    truth : float
        The true accuracy.

    Raises
    ------
    ValueError
        If there is no test.
    """
    if not correct:
        raise ValueError("'correct' must hold at least one test, got none.")
    figure, axis = new_figure(7.2, 2.9)
    named = set()
    for place, right in enumerate(correct, start=1):
        low, high = wilson(right, n)
        holds = low <= truth <= high
        name = "holds the true accuracy" if holds else "misses it"
        axis.plot(
            [place, place], [low, high], color=COLOURS["blue" if holds else "orange"],
            linestyle="-" if holds else "--", marker="_" if holds else "x", markersize=5 if holds else 7,
            label=None if name in named else name,
        )  # fmt: skip
        named.add(name)
    axis.axhline(truth, color=COLOURS["ink"], linestyle=":", marker="", label="true accuracy")
    axis.set_xlabel(f"test, each on {n:,} new texts")
    axis.set_ylabel("accuracy, 95 % interval")
    axis.set_xticks([])
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def _table(axis: Axes, left: float, top: float, cells, solid, *, by_row: bool) -> None:
    """Draw a table; cells that are not solid are copies, drawn hatched."""
    for i, row in enumerate(cells):
        for j, text in enumerate(row):
            kind = _KINDS[(i if by_row else j) % len(_KINDS)]
            _cell(axis, left + j * _SIDE, top - i * _SIDE, text, kind, copied=not solid(i, j))


def _cell(axis: Axes, x: float, y: float, text: str, kind: str, *, copied: bool = False) -> None:
    axis.add_patch(
        Rectangle(
            (x - _SIDE / 2, y - _SIDE / 2),
            _SIDE,
            _SIDE,
            facecolor="white" if copied else FILLS[kind],
            edgecolor=EDGES[kind],
            linestyle=":" if copied else "-",
            linewidth=0.9,
        )
    )
    label(axis, (x, y), text, size=8)
