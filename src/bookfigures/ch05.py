"""Figures of gradients on their way through time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bookfigures.diagrams import arrow, box, canvas, frame, label, unroll, unrolled_in_words
from bookfigures.panels import stacked
from coursekit.figures.charts import curve_panels
from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, legend_below
from coursekit.figures.words import axes_in_words, capital, course, described, listed, number, quoted

CELLS = ("RNN", "RNN with orthogonal start", "LSTM", "LSTM with forget bias 2", "GRU")
LOOKS = {  # that of a chart with all five curves in this order
    name: {"color": COLOURS[colour], "marker": marker, "linestyle": line}
    for name, colour, marker, line in zip(CELLS, SERIES, MARKERS, LINES, strict=False)
}
GAP, UNIT = 1.4, 0.66  # from word to word; how many inches a unit is


def way_back(words: Sequence[str]) -> Figure:
    """Draw an unrolled network with the loss at its end, and the gradient going back; up to six short words."""
    n = len(words)
    figure, axis = canvas(UNIT * (GAP * n + 1.3), UNIT * 3.8)
    frame(axis, -0.6, GAP * n + 0.7, -1.0, 2.8)
    unroll(axis, words, GAP)
    box(axis, (GAP * n, 1.6), "loss $L$", "output", width=1.1)
    arrow(axis, (GAP * (n - 1) + 0.45, 1.6), (GAP * n - 0.55, 1.6))
    factors = []
    for t in range(n, 0, -1):
        above = "L" if t == n else f"h_{t + 1}"
        factors.append(f"d{above}/dh_{t}")
        arrow(axis, (GAP * t - 0.2, 1.95), (GAP * (t - 1) + 0.2, 1.95), bend=0.35)
        label(axis, (GAP * (t - 0.5), 2.5), rf"$\partial {above} / \partial h_{t}$")
    return described(
        figure,
        unrolled_in_words(words),
        f"The last state leads to the loss L. Arrows above run back, from L to h_{n} and from each state to the "
        "one before it, each marked with its factor, the derivative of what it leaves with respect to what it "
        f"reaches: {listed(factors)}.",
    )


def by_distance(
    panels: Mapping[str, Mapping[str, Sequence[float]]], *, ylabel: str, floor: float = 1e-16
) -> Figure:
    """Draw sizes of gradients against the distance they have come, on a logarithmic scale.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        A panel for each title; in it, a curve for each name, from distance 0.
    floor : float, default 1e-16
        Smaller values are drawn here.
    """
    drawn = {
        title: {name: np.maximum(values, floor) for name, values in curves.items()}
        for title, curves in panels.items()
    }
    steps = range(max(len(values) for curves in panels.values() for values in curves.values()))
    figure = curve_panels(drawn, x=steps, xlabel="steps back", ylabel=ylabel, logy=True)
    cut = any(np.min(values) < floor for curves in panels.values() for values in curves.values())
    return described(
        figure,
        axes_in_words(f"steps back, from 0 to {steps[-1]}", ylabel, logy=True),
        *(_courses_in_words(title, curves) for title, curves in drawn.items()),
        f"Values below {number(floor)} are drawn at {number(floor)}." if cut else "",
    )


def _courses_in_words(title: str, curves: Mapping[str, np.ndarray]) -> str:
    said = "; ".join(f"{_named(name)} {_course_in_words(values)}" for name, values in curves.items())
    return f"{capital(title)}. {capital(said)}."


def _named(name: str) -> str:
    """A name before a verb or in a list: in quotation marks if it holds a comma."""
    return quoted(name) if "," in name else name


def _course_in_words(values: np.ndarray) -> str:
    """How a curve goes, with its peak, however small it is beside a fall of many powers of ten."""
    said = course(values, range(len(values)), logy=True, unit="step")
    floor, peak = float(np.min(values)), float(np.max(values))
    if 1.1 < peak / floor < 2:  # beside powers of ten that is no way to go
        return f"stays between {number(floor)} and {number(peak)}"
    alone = rf"(?<![\d.,]){re.escape(number(peak))}(?![\d.,]*\d| times)"
    told = peak <= 1.1 * max(values[0], values[-1]) or re.search(alone, said)
    return said if told else f"{said}, with a peak of {number(peak)} at step {int(np.argmax(values))}"


def scores_by_length(
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    lengths: Sequence[int],
    *,
    guessing: Mapping[str, float],
) -> Figure:
    """Draw what each cell reaches against the length of the sequences: a dot for each seed, a line through the means.

    One panel stands above the other. A cell has the look that it has in a chart of all ``CELLS``.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of (sequence of float)
        By task and cell: for each length, the scores of all seeds.
    guessing : mapping of str to float
        By task: the score of the best answer that ignores its input; a dotted line.
    """
    figure, axes = stacked(list(panels), 0.8 + 2.6 * len(panels))
    for axis, (title, cells) in zip(axes, panels.items(), strict=True):
        for name, scores in cells.items():
            (line,) = axis.plot(
                lengths, [np.mean(seeds) for seeds in scores], label=name, **LOOKS.get(name, {})
            )
            for length, seeds in zip(lengths, scores, strict=True):
                dots = {
                    "color": line.get_color(),
                    "marker": line.get_marker(),
                    "linestyle": "",
                    "alpha": 0.45,
                }
                axis.plot([length] * len(seeds), seeds, **dots)
        axis.axhline(guessing[title], color=COLOURS["grey"], linestyle=":", label="without reading")
        axis.set_xscale("log")
        axis.set_xticks(list(lengths), [str(length) for length in lengths])
        axis.minorticks_off()
        axis.set_xlabel("length of the sequence")
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    legend_below(figure)
    places = ("Above, ", "Below, ") if len(panels) == 2 else [""] * len(panels)
    return described(
        figure,
        f"Scores against the length of the sequence, {listed([*map(str, lengths)])}: a dot for each seed, a line "
        "through the means, here in brackets, and a dotted one for answers without reading.",
        *(
            f"{place}{_named(title if place else capital(title))}: {_means_in_words(cells, lengths, guessing[title])}"
            for place, (title, cells) in zip(places, panels.items(), strict=True)
        ),
    )


def _means_in_words(
    cells: Mapping[str, Sequence[Sequence[float]]], lengths: Sequence[int], guessing: float
) -> str:
    """The means of each cell, where seeds differ most, and the line."""
    means = [
        f"{_named(name)} ({', '.join(number(float(np.mean(seeds))) for seeds in scores)})"
        for name, scores in cells.items()
    ]
    spread, low, high, name, length = max(
        (max(seeds) - min(seeds), min(seeds), max(seeds), name, length)
        for name, scores in cells.items()
        for length, seeds in zip(lengths, scores, strict=True)
    )
    most = f" Seeds differ most for {_named(name)} at length {length}, from {number(low)} to {number(high)}."
    return f"{'; '.join(means)}.{most if spread else ''} Dotted: {number(guessing)}."
