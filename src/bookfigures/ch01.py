"""Figures of words: a text on its way through the steps, words and the labels they stand for, what each step costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from bookfigures.diagrams import box, canvas, frame, label
from bookfigures.points import log_x, name_points
from coursekit.figures.charts import draw_intervals, name_rows
from coursekit.figures.style import COLOURS, legend_below, new_panels

_LETTER, _GAP, _ROW = 0.135, 0.14, 0.72  # width of a letter, space between boxes, height of a row


def step_rows(steps: Mapping[str, Sequence[str]]) -> Figure:
    """Draw one text after each step, a row for a step and a box for a token.

    Parameters
    ----------
    steps : mapping of str to sequence of str
        Name of the step, and the tokens after it. A box that the row above does not have stands out.
    """
    margin = 0.25 + _LETTER * max(map(len, steps))
    widths = {token: 0.2 + _LETTER * len(token) for tokens in steps.values() for token in tokens}
    longest = max(sum(widths[token] + _GAP for token in tokens) for tokens in steps.values())
    figure, axis = canvas(min(9.4, 0.9 * (margin + longest)), 0.5 * len(steps) + 0.2)
    above = set(next(iter(steps.values())))
    for row, (name, tokens) in enumerate(steps.items()):
        x, y = 0.0, -_ROW * row
        label(axis, (-0.2, y), name, size=9, align="right")
        for token in tokens:
            width = widths[token]
            kind = "input" if token in above else "state"
            box(axis, (x + width / 2, y), token, kind, width=width, height=0.46)
            x += width + _GAP
        if not tokens:
            label(axis, (0, y), "nothing left", size=9, align="left")
        above = set(tokens)
    frame(axis, -margin, longest, -_ROW * len(steps) + 0.3, 0.4)
    return figure


def label_shares(
    panels: Mapping[str, Sequence[tuple[str, int, float]]], *, share: float = 0.95, named: int = 6
) -> Figure:
    """Draw frequent words by how many texts hold them and by the part of those texts that is positive.

    Parameters
    ----------
    panels : mapping of str to sequence of (word, texts, positive share)
    share : float, default 0.95
        Words above this line, or below its mirror image, give the label away; they are drawn apart and named.
    named : int, default 6
        How many of them to name, the most frequent first.
    """
    figure, axes = new_panels(list(panels), 8.6, 3.3, sharex=True, sharey=True)
    for axis, words in zip(axes, panels.values(), strict=True):
        inside = [word for word in words if 1 - share <= word[2] <= share]
        givers = sorted(set(words) - set(inside), key=lambda word: -word[1])
        for group, colour, marker, size in ((inside, "blue", "o", 3), (givers, "orange", "s", 6)):
            x, y = [texts for _, texts, _ in group], [part for *_, part in group]
            axis.plot(x, y, linestyle="", marker=marker, markersize=size, color=COLOURS[colour], alpha=0.6)
        for level in (share, 1 - share):
            axis.axhline(level, color=COLOURS["grey"], linestyle=":")
        log_x(axis)
        axis.set_ylim(-0.2, 1.2)
        axis.set_yticks(np.arange(0, 1.01, 0.2))
        axis.set_xlabel("texts with the word")
        name_points(axis, {f"“{word}”": (texts, part) for word, texts, part in givers[:named]})
    axes[0].set_ylabel("positive part of them")
    return figure


def step_costs(rows: Mapping[str, tuple[int, int, int]], *, chance: float) -> Figure:
    """Draw for each step how many different words are left, and what a linear model scores on them.

    Parameters
    ----------
    rows : mapping of str to (entries, correct, n)
        Name of the step; different words; right answers and answers.
    chance : float
        Score of always saying the most frequent label; a dashed line.
    """
    figure, (left, right) = new_panels(["", ""], 8.6, 1.2 + 0.36 * len(rows), sharey=True)
    entries = [words for words, _, _ in rows.values()]
    left.bar_label(left.barh(range(len(rows)), entries, height=0.6), fmt="{:,.0f}", padding=4)
    draw_intervals(right, [(correct, n) for _, correct, n in rows.values()])
    right.axvline(chance, color=COLOURS["grey"], linestyle="--", label="guessing")
    name_rows(left, list(rows))
    right.grid(axis="y", visible=False)
    left.set_axisbelow(True)
    left.margins(x=0.2)
    right.margins(x=0.15)
    left.set_xlabel("different words")
    left.xaxis.set_major_formatter("{x:,.0f}")
    left.locator_params(axis="x", nbins=5)
    legend_below(figure)
    return figure
