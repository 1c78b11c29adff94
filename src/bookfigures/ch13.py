"""Drawings of what came after recurrence: a decoder with and without attention, attention weights, masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, canvases, cell, frame, label, wire
from coursekit.figures import COLOURS, described, new_figure
from coursekit.figures.style import WIDTH
from coursekit.figures.words import listed, number

GAP, LIFT, RISE = 1.0, 1.1, 4.1  # between columns, between rows, between the two drawings
HALF = 0.36  # of the width of a box


def encoder_decoder(read: Sequence[str], written: Sequence[str]) -> Figure:
    """Draw an encoder and a decoder joined by one state, and below them the same with attention at the last step."""
    columns = len(read) + 1 + len(written)
    figure, axis = canvas(WIDTH, WIDTH * (RISE + 3.7) / (GAP * columns))
    frame(axis, -0.5, GAP * columns - 0.5, -RISE - 0.35, 3.35)
    for y, title in ((0.0, "one state"), (-RISE, "looking back")):
        label(axis, (-HALF, y + 3.15), title, align="left", size=11)
        _row(axis, y, read, written)
    end, mean_at = GAP * (len(read) - 1), 2 * LIFT - RISE
    box(axis, (end / 2, mean_at), "weighted mean of all", "input", width=end + 2 * HALF)
    for t in range(len(read)):
        arrow(axis, (GAP * t, mean_at - LIFT + 0.25), (GAP * t, mean_at - 0.25), kind="input")
    above, last = mean_at + 0.6, GAP * (columns - 1)
    over = [(end, mean_at + 0.25), (end, above), (last, above), (last, mean_at + 0.25)]
    wire(axis, over, kind="input")
    return described(
        figure,
        "Two drawings of an encoder and a decoder. The encoder has a state for each symbol that is read, "
        f"“{' '.join(read)}”; the decoder has one for each that is written, “{' '.join(written)}”. In both, a state leads "
        "to the next one.",
        "Top, one state: only one arrow leads from the encoder to the decoder, from its last state.",
        "Bottom, looking back: all states of the encoder also lead into a weighted mean, and from it an arrow leads to the "
        "last symbol that is written.",
    )


def _row(axis: Axes, y: float, read: Sequence[str], written: Sequence[str]) -> None:
    """Draw both networks: words below the encoder's states, written symbols above the decoder's."""
    for t, word in enumerate(read):
        x, before = GAP * t, GAP * (t - 1)
        box(axis, (x, y), word, "input", width=2 * HALF)
        box(axis, (x, y + LIFT), f"$h_{t + 1}$", "state", width=2 * HALF)
        arrow(axis, (x, y + 0.25), (x, y + LIFT - 0.25))
        if t:
            arrow(axis, (before + HALF, y + LIFT), (x - HALF, y + LIFT), kind="state")
    for u, symbol in enumerate(written):
        x = GAP * (len(read) + 1 + u)
        before = x - GAP * (2 if u == 0 else 1)  # from the encoder's last state, then from step to step
        arrow(axis, (before + HALF, y + LIFT), (x - HALF, y + LIFT), kind="state")
        box(axis, (x, y + LIFT), f"$s_{u + 1}$", "state", width=2 * HALF)
        box(axis, (x, y + 2 * LIFT), symbol, "output", width=2 * HALF)
        arrow(axis, (x, y + LIFT + 0.25), (x, y + 2 * LIFT - 0.25), kind="output")


def attention_map(rows: Sequence[str], columns: Sequence[str], weights: np.ndarray) -> Figure:
    """Draw attention weights, the darker the larger: a row for each symbol written, a column for each one read.

    Parameters
    ----------
    weights : array of shape (rows, columns)

    Raises
    ------
    ValueError
        If the weights are not as many as the names.
    """
    if np.shape(weights) != (len(rows), len(columns)):
        raise ValueError(f"'weights' must have shape {(len(rows), len(columns))}, got {np.shape(weights)}.")
    figure, axis = new_figure(height=1.3 + 0.21 * len(rows))
    image = axis.imshow(weights, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(columns)), columns)
    for name in axis.get_xticklabels():
        name.set_rotation(90 if len(name.get_text()) > 1 else 0)  # a word stands on its end, a digit upright
    said = ["space" if row == " " else row for row in rows]
    axis.set_yticks(range(len(rows)), said)
    axis.set_xlabel("read")
    axis.set_ylabel("written")
    axis.grid(visible=False)
    figure.colorbar(image, ax=axis, label="weight")
    u, t = np.unravel_index(np.argmax(weights), np.shape(weights))
    return described(
        figure,
        "Attention weights, the darker the larger: a row for each symbol written, a column for each one read.",
        f"Read, from the left: {' '.join(columns)}. Written, from the top: {' '.join(said)}.",
        _halves_in_words(np.asarray(weights)),
        f"The largest weight, {number(weights[u, t])}, is in row {u + 1} (“{said[u]}”), column {t + 1} (“{columns[t]}”).",
    )


def _halves_in_words(weights: np.ndarray) -> str:
    """How much of their weight the upper and the lower rows have on the left."""
    row, column = ((size + 1) // 2 for size in weights.shape)
    upper, *lower = (
        f"{part[:, :column].sum() / part.sum():.2f}" for part in (weights[:row], weights[row:]) if len(part)
    )
    said = f"The first {row} rows have {upper} of their weight on the first {column} columns"
    return f"{said}, the others {lower[0]}." if lower else f"{said}."


def masks(words: Sequence[str], pads: int) -> Figure:
    """Draw who may look at whom in an encoder and in a decoder: a row asks, a filled cell may be looked at."""
    figure, axes = canvases(("encoder", "decoder"), WIDTH, 3.2)
    names = [*words, *["<pad>"] * pads]
    padding = [f"{pads} pad{'s' if pads > 1 else ''}"] if pads else []
    for axis, causal in zip(axes, (False, True), strict=True):
        for row, asking in enumerate(names):
            label(axis, (-0.75, -row), asking, align="right")
            label(axis, (row, 0.75), asking, rotation=90, va="bottom")
            for column in range(len(names)):
                seen = column < len(words) and (not causal or column <= row)
                look = {} if seen else {"facecolor": "white", "edgecolor": COLOURS["grey"]}
                cell(
                    axis,
                    (column, -row),
                    "✓" if seen else "",
                    "state",
                    width=0.94,
                    height=0.94,
                    size=10,
                    **look,
                )
        frame(axis, -2.6, len(names) + 0.6, -len(names) + 0.4, 2.4)
    return described(
        figure,
        f"Two tables, each with a row and a column for {listed([*words, *padding])}. A row asks; where it may look, "
        "its cell is filled and has a tick.",
        f"Left, encoder: every row may look at {listed(words)}{', and at no pad' if pads else ''}.",
        f"Right, decoder: a row may look at itself and at what comes before it{', but at no pad' if pads else ''}.",
    )
