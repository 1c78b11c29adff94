"""Figures of words: a text on its way through the steps, words and the labels they stand for, what each step costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from bookfigures.diagrams import box, canvas, frame, label
from bookfigures.extremes import extremes
from bookfigures.points import log_x, name_points
from coursekit.figures.charts import draw_intervals, name_rows
from coursekit.figures.style import COLOURS, legend_below, new_panels
from coursekit.figures.words import capital, described, listed, number, scores_in_words
from coursekit.stats import wilson

Word = tuple[str, int, float]  # a word, texts with it, the positive part of them

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
    above, in_words = set(next(iter(steps.values()))), {}
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
        in_words[name] = _row_in_words(tokens, [token for token in tokens if token not in above])
        above = set(tokens)
    frame(axis, -margin, longest, -_ROW * len(steps) + 0.3, 0.4)
    return described(
        figure,
        f"One text in {len(steps)} rows of boxes: a row for each step, a box for each token.",
        "Boxes that the row above does not have stand out.",
        *(f"{capital(name)}: {said}." for name, said in in_words.items()),
    )


def _row_in_words(tokens: Sequence[str], new: Sequence[str]) -> str:
    """The boxes of a row, and which of them are new."""
    boxes = f"{len(tokens)} boxes, {' '.join(tokens)}" if tokens else "nothing left"
    return f"{boxes}; new are {listed([f'“{token}”' for token in new])}" if new else boxes


def label_shares(panels: Mapping[str, Sequence[Word]], *, share: float = 0.95, named: int = 6) -> Figure:
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
        inside, givers = _parted(words, share)
        for group, colour, marker, size in ((inside, "blue", "o", 3), (givers, "orange", "s", 6)):
            x, y = [texts for _, texts, _ in group], [part for *_, part in group]
            axis.plot(x, y, linestyle="", marker=marker, markersize=size, color=COLOURS[colour], alpha=0.6)
        for level in (share, 1 - share):
            axis.axhline(level, color=COLOURS["grey"], linestyle=":")
        log_x(axis)
        axis.margins(x=0.2)  # room for the name of a word at either end
        axis.set_ylim(-0.2, 1.2)
        axis.set_yticks(np.arange(0, 1.01, 0.2))
        axis.set_xlabel("texts with the word")
        name_points(axis, {f"“{word}”": (texts, part) for word, texts, part in givers[:named]})
    axes[0].set_ylabel("positive part of them")
    return described(
        figure,
        f"{len(panels)} panels of frequent words: what share of the texts with the word is positive, "
        "against the number of these texts on a logarithmic axis.",
        f"Lines mark {number(share)} and {number(1 - share)}; words between them are dots, those beyond larger squares.",
        *(f"{capital(name)}, {_givers_in_words(words, share, named)}." for name, words in panels.items()),
    )


def _parted(words: Sequence[Word], share: float) -> tuple[list[Word], list[Word]]:
    """The words between the lines, and those beyond, the most frequent first."""
    inside = [word for word in words if 1 - share <= word[2] <= share]
    return inside, sorted(set(words) - set(inside), key=lambda word: -word[1])


def _givers_in_words(words: Sequence[Word], share: float, named: int) -> str:
    """How many words lie beyond the lines, and where those lie that are named."""
    _, givers = _parted(words, share)
    sides = [
        ("above", [word for word, _, part in givers[:named] if part > share]),
        ("below", [word for word, _, part in givers[:named] if part < 1 - share]),
    ]
    said = [f"{listed([f'“{word}”' for word in group])} {side}" for side, group in sides if group]
    count = f"words beyond the lines: {len(givers) or 'none'} of {len(words):,}"
    among = ", among them " if len(givers) > named else ", "
    return f"{count}{among}{', '.join(said)}" if said else count


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
    return described(figure, *_costs_in_words(rows, chance))


def _costs_in_words(rows: Mapping[str, tuple[int, int, int]], chance: float) -> list[str]:
    """The extremes on either side, how many intervals lie above guessing, and how many overlap with the next."""
    scores = {name: (correct, n) for name, (_, correct, n) in rows.items()}
    by_score = sorted(scores, key=lambda name: -scores[name][0] / scores[name][1])
    bounds = [wilson(*score) for score in scores.values()]
    above = sum(low > chance for low, _ in bounds)
    overlap = sum(max(a[0], b[0]) <= min(a[1], b[1]) for a, b in pairwise(bounds))
    words = extremes([f"“{name}”" for name in rows], (entries for entries, _, _ in rows.values()))
    ends = {name: scores[name] for name in (by_score[0], by_score[-1])}
    pairs = f"Pairs of neighbouring intervals that overlap: {overlap} of {len(rows) - 1}."
    return [
        f"Left, bars for the different words that each of {len(rows)} recipes leaves: {words}.",
        f"Right, accuracies with 95 % intervals; the highest and the lowest: {scores_in_words(ends)}",
        f"Intervals above the dashed line of guessing, {number(chance)}: {above} of {len(rows)}.",
        pairs if len(rows) > 1 else "",
    ]
