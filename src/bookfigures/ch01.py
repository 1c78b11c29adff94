"""Figures of words: a text on its way through the steps, words and the labels they stand for, what each step costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from coursekit.figures.diagrams import box, canvas, frame, label
from coursekit.figures.style import COLOURS, MARKERS, new_figure
from coursekit.stats import wilson

_LETTER, _GAP, _ROW = 0.135, 0.14, 0.72  # width of a letter, space between boxes, height of a row


def step_rows(steps: Mapping[str, Sequence[str]]) -> Figure:
    """Draw one text after each step, a row for a step and a box for a token.

    Parameters
    ----------
    steps : mapping of str to sequence of str
        Name of the step, and the tokens after it. A box that the row above does not have stands out.

    Raises
    ------
    ValueError
        If there is no step.
    """
    if not steps:
        raise ValueError("'steps' must hold at least one row of tokens, got none.")
    margin = 0.25 + _LETTER * max(map(len, steps))
    ends = [sum(_width(token) + _GAP for token in tokens) for tokens in steps.values()]
    figure, axis = canvas(min(9.4, 0.9 * (margin + max(ends))), 0.5 * len(steps) + 0.2)
    above: set[str] | None = None
    for row, (name, tokens) in enumerate(steps.items()):
        y = -_ROW * row
        label(axis, (-0.2, y), name, size=9, align="right")
        x = 0.0
        for token in tokens:
            width = _width(token)
            kind = "input" if above is None or token in above else "state"
            box(axis, (x + width / 2, y), token, kind, width=width, height=0.46)
            x += width + _GAP
        if not tokens:
            label(axis, (0, y), "nothing left", size=9, align="left")
        above = set(tokens)
    frame(axis, -margin, max(ends), -_ROW * len(steps) + 0.3, 0.4)
    return figure


def label_shares(
    panels: Mapping[str, Sequence[tuple[str, int, float]]], *, share: float = 0.95, named: int = 6
) -> Figure:
    """Draw frequent words by how many texts hold them and by the part of those texts that is positive.

    Parameters
    ----------
    panels : mapping of str to sequence of (word, texts, positive share)
        One panel for each entry.
    share : float, default 0.95
        Words above this line, or below its mirror image, give the label away; they are drawn apart and named.
    named : int, default 6
        How many of them to name, the most frequent first.
    """
    figure, axes = new_figure(8.6, 3.3, len(panels), sharex=True, sharey=True)
    for axis, (title, words) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        inside = [(texts, part) for _, texts, part in words if 1 - share <= part <= share]
        givers = sorted((row for row in words if not 1 - share <= row[2] <= share), key=lambda row: -row[1])
        if inside:
            x, y = zip(*inside, strict=True)
            axis.plot(x, y, linestyle="", marker=MARKERS[0], markersize=3, color=COLOURS["blue"], alpha=0.45)
        for _, texts, part in givers:
            axis.plot(texts, part, linestyle="", marker=MARKERS[1], markersize=6, color=COLOURS["orange"])
        for k, (word, texts, part) in enumerate(
            givers[:named]
        ):  # outwards, where no dot is; neighbours apart
            up = part > 0.5
            axis.annotate(
                f"“{word}”",
                (texts, part),
                xytext=(0, (6 + 11 * (k % 2)) * (1 if up else -1)),
                textcoords="offset points",
                ha="center",
                va="bottom" if up else "top",
                fontsize=9,
            )
        for level in (share, 1 - share):
            axis.axhline(level, color=COLOURS["grey"], linestyle=":", marker="")
        axis.set_title(title, loc="center")
        axis.set_xscale("log")
        axis.set_ylim(-0.2, 1.2)
        axis.set_yticks(np.arange(0, 1.01, 0.2))
        axis.xaxis.set_major_formatter(lambda texts, _: f"{texts:,.0f}")
        axis.set_xlabel("texts with the word")
    np.atleast_1d(axes)[0].set_ylabel("positive part of them")
    return figure


def step_costs(rows: Mapping[str, tuple[int, int, int]], *, chance: float | None = None) -> Figure:
    """Draw for each step how many different words are left, and what a linear model scores on them.

    Parameters
    ----------
    rows : mapping of str to (entries, correct, n)
        Name of the step; different words; right answers and answers.
    chance : float, optional
        Score of always saying the most frequent label; a dashed line.

    Returns
    -------
    Figure
        Scores with their 95 % Wilson intervals.

    Raises
    ------
    ValueError
        If there is no row.
    """
    if not rows:
        raise ValueError("'rows' must hold at least one step, got none.")
    figure, (left, right) = new_figure(8.6, 0.9 + 0.36 * len(rows), 2, sharey=True)
    for row, (entries, correct, n) in enumerate(reversed(rows.values())):
        low, high = wilson(correct, n)
        left.barh(row, entries, height=0.6, color=COLOURS["blue"])
        left.annotate(f"{entries:,}", (entries, row), xytext=(4, 0), textcoords="offset points", va="center")
        right.plot([low, high], [row, row], color=COLOURS["blue"], linestyle="-", marker="|", markersize=8)
        right.plot(correct / n, row, color=COLOURS["blue"], marker="o", markersize=6)
        right.annotate(
            f"{correct / n:.3f}", (high, row), xytext=(6, 0), textcoords="offset points", va="center"
        )
    left.set_yticks(range(len(rows)), list(reversed(rows)))
    left.set_ylim(-0.6, len(rows) - 0.3)
    left.set_xlim(right=1.22 * max(entries for entries, _, _ in rows.values()))
    left.set_xlabel("different words")
    right.set_xlabel("accuracy, with 95 % interval")
    highest = max(wilson(correct, n)[1] for _, correct, n in rows.values())
    lowest = min(wilson(correct, n)[0] for _, correct, n in rows.values())
    if chance is not None:
        right.axvline(chance, color=COLOURS["grey"], linestyle="--", marker="")
        right.annotate(
            "guessing",
            (chance, len(rows) - 0.5),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
            color=COLOURS["grey"],
        )
        lowest = min(lowest, chance)
    right.set_xlim(lowest - 0.03, highest + 0.18 * (highest - lowest) + 0.03)
    for axis in (left, right):
        axis.grid(axis="y", visible=False)
        axis.set_axisbelow(True)
    left.xaxis.set_major_formatter(lambda entries, _: f"{entries:,.0f}")
    left.locator_params(axis="x", nbins=5)
    return figure


def _width(token: str) -> float:
    return 0.2 + _LETTER * len(token)
