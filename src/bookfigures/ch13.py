"""Drawings of what came after recurrence: a decoder with and without attention, attention weights, masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, canvases, cell, frame, label
from coursekit.figures import COLOURS, described, new_figure
from coursekit.figures.words import listed, number

GAP, RISE = 1.35, 4.3  # between columns, between the two drawings


def encoder_decoder(read: Sequence[str], written: Sequence[str]) -> Figure:
    """Draw an encoder and a decoder joined by one state, and below them the same with attention at the last step."""
    figure, axis = canvas(8.6, 6.4)
    frame(axis, -0.9, GAP * (len(read) + len(written)) + 0.5, -RISE - 0.7, 3.4)
    for y, title in ((0.0, "one state"), (-RISE, "looking back")):
        label(axis, (-0.6, y + 3.0), title, align="left", size=11)
        _row(axis, y, read, written)
    last = GAP * (len(read) + len(written))
    for t in range(len(read)):
        arrow(axis, (GAP * t, 1.5 - RISE), (last - 0.42, 1.62 - RISE), bend=-0.1, kind="input")
    return described(
        figure,
        "Two drawings of an encoder and a decoder. The encoder has a state for each symbol that is read, "
        f"“{' '.join(read)}”; the decoder has one for each that is written, “{' '.join(written)}”. In both, a state leads "
        "to the next one.",
        "Top, one state: only one arrow leads from the encoder to the decoder, from its last state.",
        "Bottom, looking back: the last state of the decoder also has arrows from every state of the encoder.",
    )


def _row(axis: Axes, y: float, read: Sequence[str], written: Sequence[str]) -> None:
    """Draw both networks: words below the encoder's states, written symbols above the decoder's."""
    for t, word in enumerate(read):
        box(axis, (GAP * t, y), word, "input", width=1.1)
        box(axis, (GAP * t, y + 1.25), f"$h_{t + 1}$", "state", width=0.8)
        arrow(axis, (GAP * t, y + 0.25), (GAP * t, y + 1.0))
        if t:
            arrow(axis, (GAP * (t - 1) + 0.4, y + 1.25), (GAP * t - 0.4, y + 1.25), kind="state")
    for u, symbol in enumerate(written):
        x = GAP * (len(read) + 1 + u)
        before = x - GAP * (2 if u == 0 else 1)  # from the encoder's last state, then from step to step
        arrow(axis, (before + 0.4, y + 1.25), (x - 0.4, y + 1.25), kind="state")
        box(axis, (x, y + 1.25), f"$s_{u + 1}$", "state", width=0.8)
        box(axis, (x, y + 2.5), symbol, "output", width=0.8)
        arrow(axis, (x, y + 1.5), (x, y + 2.25), kind="output")


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
    figure, axis = new_figure(1.6 + 0.3 * len(columns), 1.3 + 0.21 * len(rows))
    image = axis.imshow(weights, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(columns)), columns, rotation=90)
    shown, said = (
        [sign if row == " " else row for row in rows] for sign in ("␣", "space")
    )  # drawn, read aloud
    axis.set_yticks(range(len(rows)), shown, fontsize=8)
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
    figure, axes = canvases(("encoder", "decoder"), 8.2, 4.2)
    names = [*words, *["<pad>"] * pads]
    padding = [f"{pads} pad{'s' if pads > 1 else ''}"] if pads else []
    for axis, causal in zip(axes, (False, True), strict=True):
        for row, asking in enumerate(names):
            label(axis, (-0.75, -row), asking, align="right", size=9)
            label(
                axis,
                (row, 0.75),
                asking,
                align="left",
                size=9,
                rotation=60,
                va="bottom",
                rotation_mode="anchor",
            )
            for column in range(len(names)):
                seen = column < len(words) and (not causal or column <= row)
                look = {} if seen else {"facecolor": "white", "edgecolor": COLOURS["grey"]}
                cell(axis, (column, -row), "✓" if seen else "", "state", width=0.94, height=0.94, **look)
        frame(axis, -2.8, len(names) + 0.3, -len(names) + 0.3, 2.6)
    return described(
        figure,
        f"Two tables, each with a row and a column for {listed([*words, *padding])}. A row asks; where it may look, "
        "its cell is filled and has a tick.",
        f"Left, encoder: every row may look at {listed(words)}{', and at no pad' if pads else ''}.",
        f"Right, decoder: a row may look at itself and at what comes before it{', but at no pad' if pads else ''}.",
    )
