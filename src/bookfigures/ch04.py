"""Diagrams of the vanilla RNN: from perceptron to recurrence, unrolled, stacked, and the shapes of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.figures.diagrams import arrow, box, canvas, frame, label


def perceptron_to_recurrence() -> Figure:
    """Draw a layer, the same layer with its own output fed back, and what that means step by step."""
    figure, (layer, loop, steps) = canvas(8.6, 2.7, columns=3)
    for axis, title in (
        (layer, "a layer"),
        (loop, "a layer that hears itself"),
        (steps, "the same, step by step"),
    ):
        axis.set_title(title, fontsize=10, loc="center")
        frame(axis, -1.4, 2.0, -0.5, 2.8)
    box(layer, (0.3, 0), "$x$", "input")
    box(layer, (0.3, 2), "$h$", "state")
    arrow(layer, (0.3, 0.25), (0.3, 1.75), "$W_{xh}$")
    box(loop, (0.1, 0), "$x_t$", "input")
    box(loop, (0.1, 2), "$h_t$", "state")
    arrow(loop, (0.1, 0.25), (0.1, 1.75), "$W_{xh}$")
    arrow(loop, (0.55, 2.15), (0.55, 1.85), bend=-2.6, kind="state")
    label(loop, (1.25, 2.0), "$W_{hh}$", size=9)
    for x, t in ((-0.8, "t-1"), (1.2, "t")):
        box(steps, (x, 0), f"$x_{{{t}}}$", "input")
        box(steps, (x, 2), f"$h_{{{t}}}$", "state")
        arrow(steps, (x, 0.25), (x, 1.75), "$W_{xh}$")
    arrow(steps, (-0.35, 2), (0.75, 2), "$W_{hh}$", kind="state")
    return figure


def unrolled(words: Sequence[str]) -> Figure:
    """Draw the network once for each word, with the state handed on.

    Parameters
    ----------
    words : sequence of str
        Up to six, short.
    """
    figure, axis = canvas(min(8.6, 1.5 * len(words) + 1.2), 2.6)
    gap = 1.7
    frame(axis, -1.9, gap * (len(words) - 1) + 0.8, -1.0, 2.4)
    box(axis, (-gap + 0.3, 1.6), "$h_0$", "state", width=0.6)
    arrow(axis, (-gap + 0.6, 1.6), (-0.45, 1.6), "$W_{hh}$", kind="state")
    for t, word in enumerate(words):
        x = gap * t
        label(axis, (x, -0.75), word)
        box(axis, (x, 0), f"$x_{t + 1}$", "input")
        box(axis, (x, 1.6), f"$h_{t + 1}$", "state")
        arrow(axis, (x, 0.25), (x, 1.35), "$W_{xh}$")
        if t:
            arrow(axis, (x - gap + 0.45, 1.6), (x - 0.45, 1.6), "$W_{hh}$", kind="state")
    return figure


def stacked_layers(n_layers: int = 2, n_steps: int = 4) -> Figure:
    """Draw layers on top of each other: the states of one are the inputs of the next."""
    figure, axis = canvas(6.4, 1.1 * (n_layers + 1))
    gap, rise = 1.9, 1.25
    frame(axis, -2.3, gap * (n_steps - 1) + 0.8, -0.5, rise * n_layers + 0.5)
    for layer in range(1, n_layers + 1):
        label(axis, (-0.8, rise * layer), f"layer {layer}", size=9, align="right")
    label(axis, (-0.8, 0), "words", size=9, align="right")
    for t in range(n_steps):
        box(axis, (gap * t, 0), f"$x_{t + 1}$", "input")
        for layer in range(1, n_layers + 1):
            y = rise * layer
            box(axis, (gap * t, y), f"$h^{{({layer})}}_{t + 1}$", "state")
            arrow(axis, (gap * t, y - rise + 0.25), (gap * t, y - 0.25))
            if t:
                arrow(axis, (gap * (t - 1) + 0.45, y), (gap * t - 0.45, y), kind="state")
    return figure


def task_shapes() -> Figure:
    """Draw three ways to use one network: one-to-many, many-to-one, many-to-many."""
    figure, axes = canvas(8.6, 2.7, columns=3)
    plans = (
        ("one to many: write a text", [True, False, False], [True, True, True]),
        ("many to one: name a topic", [True, True, True], [False, False, True]),
        ("many to many: tag each word", [True, True, True], [True, True, True]),
    )
    for axis, (title, inputs, outputs) in zip(axes, plans, strict=True):
        axis.set_title(title, fontsize=10, loc="center")
        frame(axis, -0.7, 3.5, -0.5, 3.3)
        _task(axis, inputs, outputs, fed_back=not inputs[1])
    return figure


def _task(axis: Axes, inputs: list[bool], outputs: list[bool], fed_back: bool) -> None:
    gap = 1.4
    for t, (has_input, has_output) in enumerate(zip(inputs, outputs, strict=True)):
        x = gap * t
        box(axis, (x, 1.4), f"$h_{t + 1}$", "state", width=0.8)
        if t:
            arrow(axis, (x - gap + 0.4, 1.4), (x - 0.4, 1.4), kind="state")
        if has_input:
            box(axis, (x, 0), f"$x_{t + 1}$", "input", width=0.8)
            arrow(axis, (x, 0.25), (x, 1.15))
        if has_output:
            box(axis, (x, 2.8), f"$y_{t + 1}$" if sum(outputs) > 1 else "$y$", "output", width=0.8)
            arrow(axis, (x, 1.65), (x, 2.55))
        if fed_back and t:  # the answer before is the input now
            box(axis, (x, 0), f"$y_{t}$", "output", width=0.8)
            arrow(axis, (x, 0.25), (x, 1.15), kind="output")
