"""A figure in words: sentences computed from what is drawn, so that an alternative text cannot contradict its picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from coursekit.stats import wilson

# of a curve's span: one that moves by less is level; a turn that is smaller is not told; nor is a smaller swing
LEVEL, TURN, SWING = 0.02, 0.1, 0.25
FLAT = 0.05  # of the span of all curves of a chart: one that moves by less is flat among them
STILL, STRETCH = 0.05, 0.1  # a curve that at first moves by less, for so much of its way, begins later
LONG, MEDIAN = 20, 5  # of a longer curve, running medians of so many points tell the turns
LEVEL_FROM = 0.67  # a curve that is level only at its very end is not called so
MINUS = "\N{MINUS SIGN}"  # a hyphen is not read out
SWINGS = 3  # a curve that turns so often swings
MOST_ARMS = 16  # of more, the best three and the last are told


def described(figure: Figure, *sentences: str) -> Figure:
    """Give a figure its alternative text, as its label, and return it; :func:`coursekit.figures.show` reads it."""
    figure.set_label(" ".join(filter(None, sentences)))
    return figure


def number(value: float) -> str:
    """A number with three digits, as they are read out.

    >>> number(0.0), number(0.91234), number(12345.6), number(0.0000123)
    ('0', '0.912', '12,346', '0.0000123')
    >>> number(1.2e-7), number(3e8)
    ('1.2 times 10 to the −7', '3 times 10 to the 8')
    """
    digits, _, power = f"{value:.3g}".partition("e")
    if 1e3 <= abs(value) < 1e7:
        said = f"{value:,.0f}"
    elif power and 1e-5 <= abs(value) < 1:
        said = f"{value:.{2 - int(power)}f}".rstrip("0")
    else:
        said = f"{digits} times 10 to the {int(power)}" if power else digits
        said = said.removeprefix("1 times ")
    return said.replace("-", MINUS)


def listed(names: Sequence[str]) -> str:
    """Names in a row: "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def capital(text: str) -> str:
    """A text on one line, as a sentence begins."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]


def quoted(name: str) -> str:
    """A name on one line, in quotation marks if it could be read as something else: as several words, or with a number."""
    line = " ".join(name.split())
    return f"“{line}”" if re.search(r"[ ,;:]|\d$", line) else line


def axes_in_words(xlabel: str, ylabel: str, places: Sequence[float] = (), *, logy: bool = False) -> str:
    """What a chart of curves shows: its axes, and from where to where they run."""
    scale = ", on a logarithmic scale," if logy else ""
    reach = f", from {number(min(places))} to {number(max(places))}" if len(places) > 1 else ""
    return f"{capital(f'{ylabel}{scale} against {xlabel}')}{reach}."


def course(
    values: Sequence[float],
    places: Sequence[float] | None = None,
    *,
    logy: bool = False,
    unit: str = "",
    flat: float = 0.0,
) -> str:
    """How a curve goes, with its turn if it has one.

    ``unit`` stands before a place, such as "epoch"; a curve that moves by no more than ``flat`` is level.

    >>> course([1.4, 0.5, 0.1]), course([3, 1, 2], unit="epoch"), course([0.5, 0.5, 0.501])
    ('falls from 1.4 to 0.1', 'falls from 3 to 1 at epoch 2, then rises to 2', 'stays near 0.5')
    """
    heights = np.asarray(values, dtype=float)
    seen = np.flatnonzero(np.isfinite(heights) & ((heights > 0) | (not logy)))
    if not seen.size:
        return "has no numbers"
    where = np.asarray(range(1, len(heights) + 1) if places is None else places)[seen]
    heights = heights[seen]
    drawn = np.log(heights) if logy else heights
    span = np.ptp(drawn)
    if span <= max(flat, LEVEL if logy else LEVEL * np.abs(drawn).max()):
        return f"stays near {number(float(np.mean(heights)))}"
    calm, at = _calm(drawn), f"{unit} " if unit else ""
    ends = sorted((calm[0], calm[-1]))
    dips, peaks = calm.min() < ends[0] - TURN * span, calm.max() > ends[1] + TURN * span
    if dips and peaks or turns(drawn, SWING * span) >= SWINGS:
        return f"swings between {number(heights.min())} and {number(heights.max())}, {_ends(heights)}"
    if dips or peaks:
        turn, ways = (calm.argmin(), ("falls", "rises")) if dips else (calm.argmax(), ("rises", "falls"))
        there = f"{number(heights[turn])} at {at}{number(where[turn])}"
        return f"{ways[0]} from {number(heights[0])} to {there}, then {ways[1]} to {number(heights[-1])}"
    last, way = len(calm) - 1, "falls" if calm[-1] < calm[0] else "rises"
    still = np.flatnonzero(np.abs(calm - calm[0]) > STILL * span)[0] - 1
    level = 1 + max(np.flatnonzero(np.abs(calm - calm[-1]) > LEVEL * span), default=-1)
    rest = f" and is level from {at}{number(where[level])} on" if level < LEVEL_FROM * last else ""
    if still < max(1, STRETCH * last):
        return f"{way} {_ends(heights)}{rest}"
    start = f"stays near {number(heights[0])} up to {at}{number(where[still])}"
    return f"{start}, then {way} to {number(heights[-1])}{rest}"


def _calm(heights: np.ndarray) -> np.ndarray:
    """A long curve without its jitter, as running medians; its ends stay."""
    if len(heights) <= LONG:
        return heights
    padded = np.pad(heights, MEDIAN // 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, MEDIAN), axis=1)


def _ends(heights: np.ndarray) -> str:
    return f"from {number(heights[0])} to {number(heights[-1])}"


def turns(heights: Sequence[float], least: float) -> int:
    """How often a curve turns back by more than ``least``.

    >>> turns([0, 5, 1, 6, 5.5], 1), turns([0, 1, 2], 0.5)
    (2, 0)
    """
    number_of, way, extreme = 0, 0, heights[0]
    for height in heights[1:]:
        if way * (height - extreme) > 0:
            extreme = height
        elif abs(height - extreme) > least:
            number_of += way != 0
            way, extreme = (1 if height > extreme else -1), height
    return number_of


def courses(
    lines: Mapping[str, Sequence[float]],
    places: Sequence[float] | None = None,
    *,
    logy: bool = False,
    unit: str = "",
) -> str:
    """How several curves of one chart go, each by its name."""
    heights = np.concatenate([np.asarray(values, dtype=float) for values in lines.values()])
    heights = np.log(heights[heights > 0]) if logy else heights[np.isfinite(heights)]
    flat = FLAT * float(np.ptp(heights)) if heights.size else 0.0
    said = [
        f"{quoted(name)}: {course(values, places, logy=logy, unit=unit, flat=flat)}"
        for name, values in lines.items()
    ]
    return f"{capital('; '.join(said))}."


def level_in_words(level: tuple[str, float] | None) -> str:
    """A line across a chart, (name, value); nothing where there is none."""
    return f"A line marks {quoted(level[0])} at {number(level[1])}." if level else ""


def seeds_in_words(arms: Mapping[str, Sequence[float]]) -> str:
    """The mean of every arm's seeds, the best first, and between what they lie."""
    best_first = sorted(arms.items(), key=lambda arm: -float(np.mean(arm[1])))
    said = [
        f"{quoted(name)}: {np.mean(scores):.3f}"
        + (f" ({min(scores):.3f} to {max(scores):.3f})" if len(scores) > 1 else "")
        for name, scores in best_first
    ]
    if len(said) > MOST_ARMS:
        said = [*said[:3], f"{len(said) - 4} between", said[-1]]
    return f"Means, with the lowest and the highest seed: {'; '.join(said)}."


def scores_in_words(scores: Mapping[str, tuple[int, int]]) -> str:
    """Accuracies, (correct, n), with their intervals."""
    said = [
        f"{quoted(name)}: {c / n:.3f} ({{:.3f}} to {{:.3f}})".format(*wilson(c, n))
        for name, (c, n) in scores.items()
    ]
    return f"{'; '.join(said)}."
