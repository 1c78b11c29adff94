"""Diagrams of the GRU, of the three cells side by side, and the figures in which they are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from coursekit.figures.diagrams import EDGES, Point, arrow, box, canvas, frame, label
from coursekit.figures.style import COLOURS, MARKERS, SERIES, new_figure


def gru_cell() -> Figure:
    """Draw one step of the GRU: two gates, a proposal, and the mixture of old and new.

    Notes
    -----
    The reset gate acts after the product with the recurrent matrix, as in ``torch.nn.GRU``.
    """
    figure, axis = canvas(8.6, 4.2)
    frame(axis, -1.0, 11.6, -0.95, 5.3)
    box(axis, (-0.2, 4.7), "$h_{t-1}$", "state")
    box(axis, (10.9, 4.7), "$h_t$", "state")
    box(axis, (-0.2, -0.5), "$x_t$", "input")
    box(axis, (1.7, 1.5), r"$r_t = \sigma(\cdot)$", "plain", width=1.7)
    box(axis, (4.6, 1.5), r"$W_{hn}\, h_{t-1} + b_{hn}$", "plain", width=2.5)
    box(axis, (4.6, 3.1), r"$n_t = \tanh(\cdot)$", "output", width=2.0)
    box(axis, (8.2, 1.5), r"$z_t = \sigma(\cdot)$", "plain", width=1.7)
    box(axis, (8.2, 4.7), r"$(1 - z_t) \odot n_t + z_t \odot h_{t-1}$", "state", width=3.7, height=0.6)
    _times(axis, (3.2, 3.1))
    _wire(axis, [(-0.2, 4.45), (-0.2, 0.3), (7.9, 0.3), (7.9, 1.25)], "state")
    _wire(axis, [(0.25, -0.5), (8.5, -0.5), (8.5, 1.25)], "input")
    for x in (1.4, 4.6):
        arrow(axis, (x, 0.3), (x, 1.25), kind="state")
    arrow(axis, (2.0, -0.5), (2.0, 1.25), kind="input")
    _wire(axis, [(6.2, -0.5), (6.2, 3.1), (5.6, 3.1)], "input")
    _wire(axis, [(1.7, 1.75), (1.7, 3.1), (3.0, 3.1)])
    _wire(axis, [(3.35, 1.5), (3.2, 1.5), (3.2, 2.9)], "state")
    arrow(axis, (3.4, 3.1), (3.6, 3.1))
    _wire(axis, [(4.6, 3.35), (4.6, 4.55), (6.35, 4.55)], "output")
    arrow(axis, (8.2, 1.75), (8.2, 4.4))
    arrow(axis, (0.25, 4.85), (6.35, 4.85), kind="state")
    arrow(axis, (10.05, 4.7), (10.45, 4.7), kind="state")
    label(axis, (1.75, 3.35), "what of the old state to look at", size=8)
    label(axis, (5.4, 3.95), "the proposal", size=8)
    label(axis, (9.35, 3.1), "how much of the\nold state to keep", size=8)
    label(axis, (3.0, 5.05), "the old state, unchanged", size=8)
    return figure


def three_cells() -> Figure:
    """Draw RNN, LSTM and GRU side by side; each tinted box with a letter holds one set of weights."""
    figure, axes = canvas(8.6, 3.3, columns=3)
    titles = ("RNN: 1 set of weights", "LSTM: 4 sets of weights", "GRU: 3 sets of weights")
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=10, loc="center")
        frame(axis, -0.8, 6.0, -0.9, 4.7)
    rnn, lstm, gru = axes
    _ends(rnn, "h", 4.0, old=False)
    box(rnn, (2.6, 1.9), r"$\tanh$", "output", width=1.1)
    _bus(rnn, [2.6])
    _wire(rnn, [(2.6, 2.15), (2.6, 4.0), (4.75, 4.0)])
    _ends(lstm, "h", 2.95, old=False)
    _ends(lstm, "c", 4.0)
    for x, name in ((1.0, "f"), (2.2, "i"), (3.2, "g"), (4.4, "o")):
        box(lstm, (x, 1.3), f"${name}_t$", "output" if name == "g" else "plain", width=0.75)
    _bus(lstm, [1.0, 2.2, 3.2, 4.4], top=1.05)
    arrow(lstm, (0.45, 4.0), (0.82, 4.0), kind="state")
    _times(lstm, (1.0, 4.0))
    arrow(lstm, (1.0, 1.55), (1.0, 3.82))
    arrow(lstm, (1.18, 4.0), (2.52, 4.0), kind="state")
    _times(lstm, (2.7, 2.2))
    _wire(lstm, [(2.2, 1.55), (2.2, 2.2), (2.52, 2.2)])
    _wire(lstm, [(3.2, 1.55), (3.2, 2.2), (2.88, 2.2)])
    _times(lstm, (2.7, 4.0), "+")
    arrow(lstm, (2.7, 2.38), (2.7, 3.82))
    arrow(lstm, (2.88, 4.0), (4.75, 4.0), kind="state")
    _times(lstm, (4.4, 2.95))
    _wire(lstm, [(3.6, 4.0), (3.6, 2.95), (4.22, 2.95)])
    label(lstm, (4.05, 3.4), r"$\tanh$", size=8)
    arrow(lstm, (4.4, 1.55), (4.4, 2.77))
    arrow(lstm, (4.58, 2.95), (4.75, 2.95), kind="state")
    _ends(gru, "h", 4.0)
    for x, name in ((1.0, "r"), (2.4, "n"), (4.0, "z")):
        box(gru, (x, 1.5), f"${name}_t$", "output" if name == "n" else "plain", width=0.75)
    _bus(gru, [1.0, 2.4, 4.0], top=1.25, old=False)
    gru.plot([0.0, 0.0], [3.75, 0.25], color=EDGES["state"], lw=1.3, marker="", linestyle="-")
    arrow(gru, (1.38, 1.5), (2.02, 1.5))
    _wire(gru, [(2.4, 1.75), (2.4, 2.6), (3.35, 2.6), (3.35, 3.7)])
    box(gru, (3.6, 4.0), "mix", "state", width=1.2, height=0.6)
    arrow(gru, (4.0, 1.75), (4.0, 3.7))
    arrow(gru, (0.45, 4.0), (3.0, 4.0), kind="state")
    arrow(gru, (4.2, 4.0), (4.75, 4.0), kind="state")
    return figure


def seed_dots(
    scores: Mapping[str, Mapping[str, Sequence[float]]], *, levels: Mapping[str, Mapping[str, float]]
) -> Figure:
    """Draw one panel for each task and one dot for each seed, so that the spread is seen before the mean.

    Parameters
    ----------
    scores : mapping of task to mapping of cell to sequence of float
        Accuracies, one for each seed.
    levels : mapping of task to mapping of name to float
        Lines to compare with, for example guessing.

    Raises
    ------
    ValueError
        If there is no task, or a task without a line to compare with.
    """
    if not scores or set(levels) != set(scores):
        raise ValueError(
            f"'levels' must name the tasks of 'scores', at least one, got {list(levels)} and {list(scores)}."
        )
    figure, axes = new_figure(8.6, 2.7, columns=len(scores), squeeze=False)
    for axis, (task, cells) in zip(axes[0], scores.items(), strict=True):
        axis.set_title(task)
        for row, values in enumerate(cells.values()):
            colour = COLOURS[SERIES[row % len(SERIES)]]
            place = len(cells) - 1 - row + np.linspace(-0.15, 0.15, len(values))
            axis.plot(values, place, color=colour, marker=MARKERS[row % len(MARKERS)], linestyle="")
            axis.plot(
                [np.mean(values)] * 2,
                [place[0] - 0.15, place[-1] + 0.15],
                color=colour,
                marker="",
                linestyle="-",
            )
        for k, (name, value) in enumerate(levels[task].items()):
            dashes = ("--", ":", "-.")[k % 3]
            axis.plot(
                [value] * 2, [-0.6, len(cells) - 0.5], color=COLOURS["grey"], linestyle=dashes, marker=""
            )
            axis.annotate(name, (value, len(cells) - 0.45), fontsize=8, ha="center", color=COLOURS["grey"])
        axis.set_yticks(range(len(cells)), [f"{cell.upper()}" for cell in reversed(cells)])
        axis.set_ylim(-0.6, len(cells) - 0.15)
        axis.set_xlim(0.0, 1.05)
        axis.set_xlabel("accuracy: a dot for each seed, a line for the mean")
        axis.grid(axis="y", visible=False)
    return figure


def norms_by_layer(
    norms: Mapping[str, Sequence[float]], *, ylabel: str, floor: float | None = None
) -> Figure:
    """Draw a size against the number of the layer, on a logarithmic scale.

    Parameters
    ----------
    norms : mapping of str to sequence of float
        One positive number for each layer, from the words up.
    floor : float, optional
        A level below which a number no longer counts; drawn as a dotted line.

    Raises
    ------
    ValueError
        If a number is not positive.
    """
    if not all(value > 0 for values in norms.values() for value in values):
        raise ValueError("'norms' must be positive to stand on a logarithmic scale, got one that is not.")
    figure, axis = new_figure(6.4, 3.2)
    for k, (name, values) in enumerate(norms.items()):
        axis.plot(
            range(1, len(values) + 1),
            values,
            label=name,
            color=COLOURS[SERIES[k % len(SERIES)]],
            marker=MARKERS[k % len(MARKERS)],
            markevery=3,
        )
    if floor is not None:
        axis.axhline(floor, color=COLOURS["grey"], linestyle=":", marker="")
    axis.set_yscale("log")
    axis.set_xlabel("layer, 1 next to the words")
    axis.set_ylabel(ylabel)
    axis.legend()
    return figure


def _wire(axis: Axes, points: Sequence[Point], kind: str = "plain") -> None:
    """Draw a line with corners that ends in an arrow head."""
    xs, ys = zip(*points[:-1], strict=True)
    axis.plot(xs, ys, color=EDGES[kind], lw=1.3, marker="", linestyle="-")
    arrow(axis, points[-2], points[-1], kind=kind)


def _times(axis: Axes, at: Point, sign: str = r"$\odot$") -> None:
    axis.add_patch(Circle(at, 0.2, facecolor="white", edgecolor=EDGES["plain"], linewidth=1.2, zorder=3))
    axis.text(*at, sign, ha="center", va="center", fontsize=10, color=COLOURS["ink"], zorder=4)


def _ends(axis: Axes, letter: str, y: float, *, old: bool = True) -> None:
    """Put the new state on the right, and the old one on the left."""
    if old:
        box(axis, (0.0, y), f"${letter}_{{t-1}}$", "state")
    box(axis, (5.2, y), f"${letter}_t$", "state")


def _bus(axis: Axes, columns: Sequence[float], top: float = 1.65, *, old: bool = True) -> None:
    """Lead the word and the old state to every box with weights."""
    box(axis, (0.0, -0.5), "$x_t$", "input")
    if old:
        box(axis, (0.0, 0.25), "$h_{t-1}$", "state")
    for y, shift, kind in ((-0.5, 0.13, "input"), (0.25, -0.13, "state")):
        start = 0.45 if old or kind == "input" else 0.0
        axis.plot([start, columns[-1] + shift], [y, y], color=EDGES[kind], lw=1.3, marker="", linestyle="-")
        for x in columns:
            arrow(axis, (x + shift, y), (x + shift, top), kind=kind)


_CROSS = {"fontsize": 11, "fontweight": "bold", "color": COLOURS["orange"], "ha": "center", "va": "center"}


def dropout_places(n_steps: int = 3) -> Figure:
    """Draw two layers over a few steps, with a numbered cross at every place where dropout may act.

    Returns
    -------
    Figure
        1: on the word vectors. 2: between layers. 3: before the head. 4: along time.

    Raises
    ------
    ValueError
        If there are fewer than two steps, so that nothing goes along time.

    Notes
    -----
    Zaremba, Sutskever and Vinyals (2014), "Recurrent neural network regularization" (2); Gal and Ghahramani (2016), "A
    theoretically grounded application of dropout in recurrent neural networks" (4).
    """
    if n_steps < 2:
        raise ValueError(f"'n_steps' must be at least 2, got {n_steps}.")
    gap, rise = 2.1, 1.5
    figure, axis = canvas(min(8.6, 1.75 * n_steps + 2.6), 4.1)
    frame(axis, -2.3, gap * n_steps + 0.9, -0.5, 2 * rise + 0.5)
    for y, name in ((0, "words"), (rise, "layer 1"), (2 * rise, "layer 2")):
        label(axis, (-0.7, y), name, size=9, align="right")
    for t in range(n_steps):
        x = gap * t
        box(axis, (x, 0), f"$x_{t + 1}$", "input")
        for layer in (1, 2):
            y = rise * layer
            box(axis, (x, y), f"$h^{{({layer})}}_{t + 1}$", "state")
            arrow(axis, (x, y - rise + 0.25), (x, y - 0.25))
            _cross(axis, (x, y - rise / 2), "1" if layer == 1 else "2")
            if t:
                arrow(axis, (x - gap + 0.45, y), (x - 0.45, y), kind="state")
                _cross(axis, (x - gap / 2, y), "4")
    last = gap * (n_steps - 1)
    box(axis, (last + gap, 2 * rise), "head", "output")
    arrow(axis, (last + 0.45, 2 * rise), (last + gap - 0.45, 2 * rise))
    _cross(axis, (last + gap / 2, 2 * rise), "3")
    return figure


def _cross(axis, at: tuple[float, float], number: str) -> None:
    x, y = at
    axis.text(x, y, f"×$_{number}$", **_CROSS, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})
