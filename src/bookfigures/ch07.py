"""Diagrams of the GRU, of the three cells side by side, seeds by task and training losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, canvases, frame, label, sign, wire
from bookfigures.panels import stacked
from coursekit.figures.charts import curves, draw_seeds
from coursekit.figures.style import COLOURS, WIDTH, legend_below
from coursekit.figures.words import capital, described, level_in_words, listed, quoted, seeds_in_words


def gru_cell() -> Figure:
    """Draw one step of the GRU: two gates, a candidate, and the mixture of old and new.

    Notes
    -----
    The reset gate acts after the product with the recurrent matrix, as in ``torch.nn.GRU``.
    """
    figure, axis = canvas(WIDTH, 2.95)
    frame(axis, -0.7, 11.4, -0.8, 5.5)
    box(axis, (-0.2, 4.7), "$h_{t-1}$", "state")
    box(axis, (10.9, 4.7), "$h_t$", "state")
    box(axis, (-0.2, -0.5), "$x_t$", "input")
    box(axis, (1.7, 1.5), r"$r_t = \sigma(\cdot)$", "plain", width=1.7)
    box(axis, (4.6, 1.5), r"$W_{hn}\, h_{t-1} + b_{hn}$", "plain", width=2.6)
    box(axis, (4.6, 3.1), r"$n_t = \tanh(\cdot)$", "output", width=2.1)
    box(axis, (8.2, 1.5), r"$z_t = \sigma(\cdot)$", "plain", width=1.7)
    box(axis, (7.85, 4.7), r"$(1 - z_t) \odot n_t + z_t \odot h_{t-1}$", "state", width=4.4, height=0.6)
    sign(axis, (3.1, 3.1))
    wire(axis, [(-0.2, 4.45), (-0.2, 0.3), (7.9, 0.3), (7.9, 1.25)], "state")
    wire(axis, [(0.25, -0.5), (8.5, -0.5), (8.5, 1.25)], "input")
    for x in (1.4, 4.6):
        arrow(axis, (x, 0.3), (x, 1.25), kind="state")
    arrow(axis, (2.0, -0.5), (2.0, 1.25), kind="input")
    wire(axis, [(6.3, -0.5), (6.3, 3.1), (5.65, 3.1)], "input")
    wire(axis, [(1.7, 1.75), (1.7, 3.1), (2.9, 3.1)])
    wire(axis, [(3.3, 1.5), (3.1, 1.5), (3.1, 2.9)], "state")
    arrow(axis, (3.3, 3.1), (3.55, 3.1))
    wire(axis, [(4.6, 3.35), (4.6, 4.55), (5.65, 4.55)], "output")
    arrow(axis, (8.2, 1.75), (8.2, 4.4))
    arrow(axis, (0.25, 4.85), (5.65, 4.85), kind="state")
    arrow(axis, (10.05, 4.7), (10.45, 4.7), kind="state")
    label(axis, (1.45, 3.75), "what of the old\nstate to look at")
    label(axis, (4.75, 3.85), "the candidate", align="left")
    label(axis, (8.35, 3.1), "how much of the\nold state to keep", align="left")
    label(axis, (3.0, 5.15), "the old state, unchanged")
    return described(
        figure,
        "One step of the GRU. The word x_t and the old state h at t minus 1 enter the reset gate r_t, which says what of the",
        "old state to look at, and the update gate z_t, which says how much of it to keep. The product of W_hn with the",
        "old state, plus b_hn, is multiplied by r_t and enters the candidate n_t together with x_t. A last box mixes the",
        "candidate, weighed by 1 minus z_t, and the old state, weighed by z_t, into the new state h_t. The old state",
        "reaches that box unchanged.",
    )


CELLS = ("RNN: 1 set of weights", "LSTM: 4 sets of weights", "GRU: 3 sets of weights")


def three_cells(titles: Sequence[str] = CELLS, mix: str = "mix") -> Figure:
    """Draw RNN and LSTM, and the GRU below; each tinted box with a letter holds one set of weights."""
    figure, axes = canvases(titles, WIDTH, 5.2)
    grid = figure.add_gridspec(2, 4)
    for axis, place in zip(axes, (grid[0, :2], grid[0, 2:], grid[1, 1:3]), strict=True):
        axis.set_subplotspec(place)
    for axis, draw in zip(axes, (_small_rnn, _small_lstm, partial(_small_gru, mix)), strict=True):
        frame(axis, -0.5, 5.7, -0.8, 4.5)
        draw(axis)
    return described(
        figure,
        f"Three cells. {'; '.join(titles)}. In each the word x_t and the old state h at t minus 1 enter every box",
        "with weights. The first cell has one such box, tanh, which gives the new state. The second has four: f, i, g",
        "and o. Its second state c passes only a product with f and a sum with the product of i and g; then o, times",
        "tanh of c, gives the new state. The third has three: r, n and z. There r enters the candidate n, and the old",
        f'state also goes straight into the box "{mix}", where it meets n and z.',
    )


def _small_rnn(axis: Axes) -> None:
    box(axis, (5.2, 4.0), "$h_t$", "state")
    box(axis, (2.6, 1.9), r"$\tanh$", "output", width=1.1)
    _inputs(axis, [2.6], top=1.65)
    wire(axis, [(2.6, 2.15), (2.6, 4.0), (4.75, 4.0)])


def _small_lstm(axis: Axes) -> None:
    box(axis, (5.2, 2.95), "$h_t$", "state")
    box(axis, (0.0, 4.0), "$c_{t-1}$", "state")
    box(axis, (5.2, 4.0), "$c_t$", "state")
    gates = {"f": 1.0, "i": 2.2, "g": 3.2, "o": 4.4}
    for name, x in gates.items():
        box(axis, (x, 1.3), f"${name}_t$", "output" if name == "g" else "plain", width=0.75)
    _inputs(axis, list(gates.values()), top=1.05)
    for at, text in (
        ((1.0, 4.0), r"$\odot$"),
        ((2.7, 2.2), r"$\odot$"),
        ((2.7, 4.0), "+"),
        ((4.4, 2.95), r"$\odot$"),
    ):
        sign(axis, at, text)
    for start, end in ((0.45, 0.82), (1.18, 2.52), (2.88, 4.75)):
        arrow(axis, (start, 4.0), (end, 4.0), kind="state")
    arrow(axis, (1.0, 1.55), (1.0, 3.82))
    wire(axis, [(2.2, 1.55), (2.2, 2.2), (2.52, 2.2)])
    wire(axis, [(3.2, 1.55), (3.2, 2.2), (2.88, 2.2)])
    arrow(axis, (2.7, 2.38), (2.7, 3.82))
    wire(axis, [(3.6, 4.0), (3.6, 2.95), (4.22, 2.95)])
    label(axis, (4.05, 3.4), r"$\tanh$", size=9)
    arrow(axis, (4.4, 1.55), (4.4, 2.77))
    arrow(axis, (4.58, 2.95), (4.75, 2.95), kind="state")


def _small_gru(mix: str, axis: Axes) -> None:
    box(axis, (0.0, 4.0), "$h_{t-1}$", "state")
    box(axis, (5.2, 4.0), "$h_t$", "state")
    gates = {"r": 1.0, "n": 2.4, "z": 4.0}
    for name, x in gates.items():
        box(axis, (x, 1.5), f"${name}_t$", "output" if name == "n" else "plain", width=0.75)
    _inputs(axis, list(gates.values()), top=1.25, old=False)
    wire(axis, [(0.0, 3.75), (0.0, 0.25)], "state", head=False)
    arrow(axis, (1.38, 1.5), (2.02, 1.5))
    wire(axis, [(2.4, 1.75), (2.4, 2.6), (3.35, 2.6), (3.35, 3.7)])
    box(axis, (3.6, 4.0), mix, "state", width=1.3, height=0.6)
    arrow(axis, (4.0, 1.75), (4.0, 3.7))
    arrow(axis, (0.45, 4.0), (2.95, 4.0), kind="state")
    arrow(axis, (4.25, 4.0), (4.75, 4.0), kind="state")


def _inputs(axis: Axes, columns: Sequence[float], top: float, *, old: bool = True) -> None:
    """Lead the word and the old state to every box with weights."""
    box(axis, (0.0, -0.5), "$x_t$", "input")
    if old:
        box(axis, (0.0, 0.25), "$h_{t-1}$", "state")
    for y, shift, kind in ((-0.5, 0.13, "input"), (0.25, -0.13, "state")):
        start = 0.45 if old or kind == "input" else 0.0
        for x in columns:
            wire(axis, [(start, y), (x + shift, y), (x + shift, top)], kind)


def seeds_by_task(
    scores: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    levels: Mapping[str, Mapping[str, float]] | None = None,
) -> Figure:
    """Draw one panel for each task and one dot for each seed, so that the spread is seen before the mean.

    One panel stands above the other.

    Parameters
    ----------
    scores : mapping of task to mapping of cell to sequence of float
        Accuracies, one for each seed.
    levels : mapping of task to mapping of name to float, optional
        Lines to compare with, for example guessing.
    """
    levels = {task: {} for task in scores} | dict(levels or {})
    names = dict.fromkeys(name for lines in levels.values() for name in lines)
    dashes = dict(zip(names, ("--", ":", "-.", (0, (5, 1))), strict=False))
    figure, axes = stacked(list(scores), 0.6 + sum(1.0 + 0.3 * len(cells) for cells in scores.values()))
    for axis, (task, cells) in zip(axes, scores.items(), strict=True):
        draw_seeds(axis, {cell.upper(): values for cell, values in cells.items()})
        for name, value in levels[task].items():
            axis.axvline(value, color=COLOURS["grey"], linestyle=dashes[name], label=name, zorder=1.8)
        axis.set_xlim(0.0, 1.05)
        axis.set_xlabel("accuracy: a dot for each seed, a bar for the mean")
    if names:
        legend_below(figure)
    said = [_task_in_words(task, cells, levels[task]) for task, cells in scores.items()]
    return described(figure, "Accuracy by cell, a panel for each task, a dot for each seed.", *said)


def _task_in_words(task: str, cells: Mapping[str, Sequence[float]], levels: Mapping[str, float]) -> str:
    """The means of a task's cells, and how many dots lie left of each line, on it and right of it."""
    dots = np.array([score for values in cells.values() for score in values])
    beyond = []
    for level in levels.items():
        on = np.isclose(dots, level[1], rtol=0, atol=5e-4)
        sides = {"right of it": (dots > level[1]) & ~on, "left of it": (dots < level[1]) & ~on, "on it": on}
        said = listed([f"{there.sum()} {side}" for side, there in sides.items() if there.any()])
        beyond.append(f"{level_in_words(level)} Of the {len(dots)} dots, {said.replace(' ', ' lie ', 1)}.")
    means = seeds_in_words({cell.upper(): values for cell, values in cells.items()})
    return " ".join([f"{capital(task)}.", means, *beyond])


def training_losses(
    losses: Mapping[str, Sequence[float]], *, every: int = 1, level: tuple[str, float]
) -> Figure:
    """Draw losses, one for each step, as means over ``every`` steps; a remainder at the end is left out.

    ``level``, a (name, value), is the loss of guessing. Raises ``ValueError`` if a curve has fewer steps than are
    averaged.
    """
    shortest = min(map(len, losses.values()))
    if not 1 <= every <= shortest:
        raise ValueError(f"'every' must lie between 1 and the number of steps ({shortest}), got {every}.")
    means = {
        name: np.reshape(values[: len(values) // every * every], (-1, every)).mean(axis=1)
        for name, values in losses.items()
    }
    steps = every * np.arange(1, shortest // every + 1)
    figure = curves(means, x=steps, xlabel="training step", ylabel="cross-entropy", level=level)
    return described(
        figure,
        figure.get_label(),
        f"A point is the mean of {every} steps.",
        _first_below(means, steps, level),
    )


def _first_below(means: Mapping[str, np.ndarray], steps: np.ndarray, level: tuple[str, float]) -> str:
    """Which curves come below half of a level, and when."""
    found = {
        name: steps[np.argmax(values < level[1] / 2)]
        for name, values in means.items()
        if min(values) < level[1] / 2
    }
    first = sorted(found, key=found.__getitem__)
    said = listed([f"{quoted(name)} at step {found[name]}" for name in first]) if found else "none"
    return f"Below half of that level come: {said}."
