"""Figures of chapter 12: words coloured by a number each, and how sure a network is against how often it is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bookfigures.extremes import extremes
from coursekit.figures.style import COLOURS, WIDTH, legend_below, new_figure, new_panels
from coursekit.figures.words import capital, described, number
from coursekit.stats import wilson

COLUMNS = 38  # letters in a line: on a phone they are still as large as the text
QUOTED = 30  # words of a text that the alternative text repeats
ACROSS, LINE = 4.4, 0.28  # of the figure, and the height of a line, in inches
ORANGE, PURPLE = 0.24, 0.22  # how far the grounds go from white: so that words can be read, also in the dark
Passage = tuple[Sequence[str], Sequence[float]]


def coloured_words(panels: Mapping[str, Sequence[Passage]]) -> Figure:
    """Draw texts with each word on a ground that shows its number.

    Parameters
    ----------
    panels : mapping of title to sequence of (words, values)
        Each text begins on a line of its own. Orange stands for a number above zero, purple and a line below the word
        for one below it. Each panel is scaled to its own largest size, which stands behind its title.

    Raises
    ------
    ValueError
        If a text has not one number for each word.
    """
    for title, passages in panels.items():
        for words, values in passages:
            if len(words) != len(values):
                raise ValueError(
                    f"{title!r} must have a number for each word, got {len(values)} for {len(words)}."
                )
    laid = {title: list(_lines(passages)) for title, passages in panels.items()}
    n_lines = sum(len(lines) + 1.8 for lines in laid.values())
    figure, axis = new_figure(ACROSS, LINE * n_lines)
    y = 0.0
    for title, lines in laid.items():
        top = max((abs(value) for line in lines for _, _, value in line), default=0.0) or 1.0
        axis.text(0, y + 0.5, f"{title} ({top:.2g})", fontsize=10, va="center")
        for row, line in enumerate(lines, start=1):
            for column, word, value in line:
                _draw_word(axis, column, y + 1.2 * (row > 0) + row - 1, word, value / top)
        y += len(lines) + 1.8
    axis.set_xlim(-0.5, COLUMNS + 0.5)
    axis.set_ylim(n_lines - 0.4, -0.2)
    axis.axis("off")
    return described(
        figure,
        "The ground of each word shows its number: orange above zero; purple below it, with a line under the word "
        "if it is clearly below. Each panel is scaled to its own largest size.",
        _first_text(panels),
        *(_panel_in_words(title, passages) for title, passages in panels.items()),
    )


def _first_text(panels: Mapping[str, Sequence[Passage]]) -> str:
    """The words of the first text, or how it begins."""
    words = next(words for passages in panels.values() for words, _ in passages)
    return f"The first text: “{' '.join(words[:QUOTED])}{' …' if len(words) > QUOTED else ''}”."


def _panel_in_words(title: str, passages: Sequence[Passage]) -> str:
    """Where the numbers of a panel are highest and lowest; of several texts, also on which side of zero they end."""
    values = (value for _, values in passages for value in values)
    said = f"{capital(title)}: {extremes(_places_in_words(passages), values)}."
    return f"{said} {_ends_in_words(passages)}" if len(passages) > 1 else said


def _places_in_words(passages: Sequence[Passage]) -> list[str]:
    """A name for each word: of several texts, with the number of its text; of one, with its place if it occurs twice."""
    if len(passages) > 1:
        return [f"“{word}” (text {k})" for k, (words, _) in enumerate(passages, start=1) for word in words]
    ((words, _),) = passages
    return [
        f"“{word}”{f' (word {t})' if words.count(word) > 1 else ''}" for t, word in enumerate(words, start=1)
    ]


def _ends_in_words(passages: Sequence[Passage]) -> str:
    """How many texts end above zero, and the word that tells them best from the others."""
    above = [words for words, values in passages if values[-1] > 0]
    others = [words for words, values in passages if not values[-1] > 0]
    said = f"Texts whose last word is above zero: {len(above)} of {len(passages)}"
    if not above or not others:
        return f"{said}."

    def found(word: str) -> tuple[int, int]:
        return sum(word in words for words in above), sum(word in words for words in others)

    def tells(word: str) -> float:
        return found(word)[0] / len(above) - found(word)[1] / len(others)

    best = max(dict.fromkeys(word for words in above for word in words), key=tells)
    these, those = (
        {0: "none", len(texts): "all"}.get(n, str(n))
        for n, texts in zip(found(best), (above, others), strict=True)
    )
    return f"{said}; “{best}” stands in {these} of these and in {those} of the others."


def _lines(passages: Sequence[Passage]) -> Iterator[list[tuple[int, str, float]]]:
    """Break texts into lines of (column, word, value)."""
    for words, values in passages:
        line: list[tuple[int, str, float]] = []
        column = 0
        for word, value in zip(words, values, strict=True):
            if line and column + len(word) > COLUMNS:
                yield line
                line, column = [], 0
            line.append((column, word, float(value)))
            column += len(word) + 1
        yield line


def _draw_word(axis: Axes, column: float, y: float, word: str, share: float) -> None:
    """Draw a word on its ground; ``share`` runs from -1 to 1."""
    ground = mpl.colormaps["PuOr_r"](0.5 + (ORANGE if share > 0 else PURPLE) * share)
    axis.add_patch(Rectangle((column - 0.3, y + 0.06), len(word) + 0.6, 0.88, facecolor=ground, linewidth=0))
    size = 72 * ACROSS * 0.97 / (COLUMNS + 1) / 0.602  # a letter of this font is .602 of its size wide
    axis.text(column, y + 0.5, word, family="DejaVu Sans Mono", fontsize=size, va="center_baseline")
    if share < -0.05:
        axis.plot(
            [column, column + len(word)], [y + 0.9] * 2, color=COLOURS["ink"], linewidth=1, marker="", ls="-"
        )


def reliability(panels: Mapping[str, Sequence[tuple[float, int, int]]]) -> Figure:
    """Draw the share of right answers against the probability of the answer, with 95 % Wilson intervals.

    Parameters
    ----------
    panels : mapping of title to sequence of (mean probability, right answers, texts)
        One entry for each bin that has texts; the more texts, the larger its dot.
    """
    figure, axes = new_panels(list(panels), WIDTH, 3.8, sharey=True)
    lowest = min(p for bins in panels.values() for p, _, _ in bins)
    blue = {"color": COLOURS["blue"], "linestyle": "-"}
    for axis, bins in zip(axes, panels.values(), strict=True):
        axis.plot(
            [0, 1], [0, 1], color=COLOURS["grey"], linestyle="--", marker="", label="as often right as sure"
        )
        for p, right, n in bins:
            size = 3 + 5 * np.sqrt(n / sum(m for *_, m in bins))
            named = n == max(m for *_, m in bins)  # once in the legend, at its largest
            axis.plot(
                [p, p],
                wilson(right, n),
                marker="_",
                markersize=7,
                label="95 % interval" if named else None,
                **blue,
            )
            axis.plot(
                p, right / n, marker="o", markersize=size, clip_on=False,
                **blue | {"linestyle": "", "label": "a bin: the more texts, the larger" if named else None},
            )  # fmt: skip
        axis.set_xlim(lowest - 0.06, 1.04)
        axis.set_ylim(0, 1.04)
        axis.set_xlabel("probability of the answer")
    axes[0].set_ylabel("share of right answers")
    legend_below(figure)
    return described(
        figure,
        "Share of right answers against the probability of the answer, with 95 % intervals; "
        "the larger a dot, the more texts.",
        "Below the diagonal the network is surer than it is right.",
        *(f"{capital(title)}: {_bins_in_words(bins)}." for title, bins in panels.items()),
    )


def _bins_in_words(bins: Sequence[tuple[float, int, int]]) -> str:
    """How many dots and intervals lie on a side of the diagonal, and the bin of the surest answers."""
    below = sum(right / n < p for p, right, n in bins)
    intervals = [(wilson(right, n), p) for p, right, n in bins]
    under, over = sum(high < p for (_, high), p in intervals), sum(low > p for (low, _), p in intervals)
    p, right, n = max(bins)
    return (
        f"{below} of {len(bins)} dots {'lies' if below == 1 else 'lie'} below it; intervals wholly below it: {under}; "
        f"wholly above it: {over}; "
        f"at the highest probability, {number(p)}, the share is {number(right / n)}"
    )
