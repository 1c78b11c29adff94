"""Diagrams of the vanilla RNN: from perceptron to recurrence, unrolled, stacked, and the shapes of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, canvases, frame, label, stack, unroll, unrolled_in_words
from coursekit.figures.style import WIDTH
from coursekit.figures.words import described


def perceptron_to_recurrence() -> Figure:
    """Draw a layer, the same layer with its own output fed back, and what that means step by step."""
    titles = ("a layer", "a layer\nthat hears itself", "the same,\nstep by step")
    figure, axes = canvases(titles, 5.6, 2.5)
    for axis, columns in zip(axes, ({0.3: ""}, {0.1: "_t"}, {-0.8: "_{t-1}", 1.2: "_t"}), strict=True):
        frame(axis, -1.4, 2.0, -0.5, 2.8)
        for x, t in columns.items():
            box(axis, (x, 0), f"$x{t}$", "input")
            box(axis, (x, 2), f"$h{t}$", "state")
            arrow(axis, (x, 0.25), (x, 1.75), "$W_{xh}$")
    _, loop, steps = axes
    arrow(loop, (0.55, 2.15), (0.55, 1.85), bend=-2.6, kind="state")
    label(loop, (1.25, 2.0), "$W_{hh}$", size=9)
    arrow(steps, (-0.35, 2), (0.75, 2), "$W_{hh}$", kind="state")
    left, middle, right = (title.replace("\n", " ") for title in titles)
    return described(
        figure,
        f"Three drawings. Left, {left}: the input x leads to the state h through the matrix W_xh.",
        f"Middle, {middle}: x_t leads to h_t through W_xh, and an arrow W_hh leads from h_t back to itself.",
        f"Right, {right}: the layer stands there twice, at t minus 1 and at t; each input leads to its state "
        "through W_xh, and the earlier state leads to h_t through W_hh.",
    )


def unrolled(words: Sequence[str]) -> Figure:
    """Draw the network once for each word, with the state handed on; up to six short words."""
    figure, axis = canvas(min(8.6, 1.5 * len(words) + 1.2), 2.6)
    gap = 1.7
    frame(axis, -1.9, gap * (len(words) - 1) + 0.8, -1.0, 2.4)
    box(axis, (-gap + 0.3, 1.6), "$h_0$", "state", width=0.6)
    arrow(axis, (-gap + 0.6, 1.6), (-0.45, 1.6), "$W_{hh}$", kind="state")
    unroll(axis, words, gap, W_xh="$W_{xh}$", W_hh="$W_{hh}$")
    return described(
        figure,
        unrolled_in_words(words),
        "Every arrow from a word vector to a state is marked W_xh, every arrow between states W_hh; "
        "the first of these comes from h_0, the state before the first word.",
    )


def stacked_layers() -> Figure:
    """Draw two layers on top of each other: the states of one are the inputs of the next."""
    figure, axis = canvas(WIDTH, 2.8)
    frame(axis, -2.3, 6.3, -0.5, 3.0)
    stack(axis, layers=2, steps=4, gap=1.9, rise=1.25)
    for text in axis.texts:  # a phone shows this drawing whole
        text.set_fontsize(10)
    return described(
        figure,
        "Two recurrent layers over four words, x_1 to x_4. The words are the inputs of layer 1, and its "
        "states are the inputs of layer 2. Each layer hands its own state on from step to step.",
    )


TASKS = ("one to many: write a text", "many to one: name a topic", "many to many: tag each word")


def task_shapes(titles: Sequence[str] = TASKS) -> Figure:
    """Draw three ways to use one network: one-to-many, many-to-one, many-to-many."""
    plans = (  # steps with an input, steps with an output
        ((0,), (0, 1, 2)),
        ((0, 1, 2), (1,)),  # pooled from every state
        ((0, 1, 2), (0, 1, 2)),
    )
    figure, axes = canvases(titles, 8.6, 2.7)
    for axis, (inputs, outputs) in zip(axes, plans, strict=True):
        frame(axis, -0.7, 3.5, -0.5, 3.3)
        for t in range(3):
            _step(axis, t, has_input=t in inputs, output="$y$" if len(outputs) == 1 else f"$y_{t + 1}$",
                  has_output=t in outputs)  # fmt: skip
        if len(outputs) == 1:
            arrow(axis, (0.2, 1.65), (1.15, 2.55))
            arrow(axis, (2.6, 1.65), (1.65, 2.55))
    left, middle, right = (" ".join(title.split()) for title in titles)
    return described(
        figure,
        "Three networks, each unrolled over three steps; each state leads to the next one.",
        f"Left ({left}): one input, x_1, and an output at every step; each output is the next step's input.",
        f"Middle ({middle}): an input at every step, and all three states lead into one output.",
        f"Right ({right}): an input and an output at every step.",
    )


def _step(axis: Axes, t: int, *, has_input: bool, has_output: bool, output: str) -> None:
    gap = 1.4
    x = gap * t
    box(axis, (x, 1.4), f"$h_{t + 1}$", "state", width=0.8)
    if t:
        arrow(axis, (x - gap + 0.4, 1.4), (x - 0.4, 1.4), kind="state")
    kind = "input" if has_input else "output"  # without an input, the answer before is the input now
    box(axis, (x, 0), f"$x_{t + 1}$" if has_input else f"$y_{t}$", kind, width=0.8)
    arrow(axis, (x, 0.25), (x, 1.15), kind="plain" if has_input else "output")
    if has_output:
        box(axis, (x, 2.8), output, "output", width=0.8)
        arrow(axis, (x, 1.65), (x, 2.55))
