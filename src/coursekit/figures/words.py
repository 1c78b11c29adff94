"""A figure in words: sentences computed from what is drawn, so that an alternative text cannot contradict its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from coursekit.stats import wilson

LEVEL, TURN = 0.02, 0.1  # a curve that moves by less is level; a turn that is smaller is not told
LEVEL_FROM = 0.67  # a curve that is level only at its very end is not called so
SWINGS = 3  # a curve that turns so often swings
MOST_ARMS = 10  # of more, the best three and the last are told


def described(figure: Figure, *sentences: str) -> Figure:
    """Give a figure its alternative text, as its label, and return it; :func:`coursekit.figures.show` reads it."""
    figure.set_label(" ".join(filter(None, sentences)))
    return figure


def number(value: float) -> str:
    """A number with three digits, as they are read out: 0.912, 1.39, 12,345, 1.2e-07.

    >>> number(0.0), number(0.91234), number(12345.6), number(1.2e-7)
    ('0', '0.912', '12,346', '1.2e-07')
    """
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"


def listed(names: Sequence[str]) -> str:
    """Names in a row: "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def capital(text: str) -> str:
    """A text on one line, as a sentence begins."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]


def axes_in_words(xlabel: str, ylabel: str, *, logy: bool = False) -> str:
    """What a chart of curves shows: its axes."""
    scale = ", on a logarithmic scale" if logy else ""
    return f"{capital(f'{ylabel} against {xlabel}')}{scale}."


def course(values: Sequence[float], places: Sequence[float] | None = None, *, logy: bool = False) -> str:
    """How a curve goes, with its turn if it has one.

    >>> course([1.4, 0.5, 0.1]), course([3, 1, 2]), course([0.5, 0.5, 0.501])
    ('falls from 1.4 to 0.1', 'falls from 3 to 1 at 2, then rises to 2', 'stays near 0.5')
    """
    heights = np.asarray(values, dtype=float)
    seen = np.flatnonzero(np.isfinite(heights) & ((heights > 0) | (not logy)))
    if not seen.size:
        return "has no numbers"
    places = range(1, len(heights) + 1) if places is None else places
    drawn = np.log(heights[seen]) if logy else heights[seen]
    low, high, first, last = drawn.argmin(), drawn.argmax(), 0, len(seen) - 1
    span = drawn[high] - drawn[low]
    said = [number(heights[k]) for k in seen]
    if span <= (LEVEL if logy else LEVEL * np.abs(drawn).max()):
        return f"stays near {number(float(np.mean(heights[seen])))}"
    ends = sorted((drawn[first], drawn[last]))
    dips, peaks = drawn[low] < ends[0] - TURN * span, drawn[high] > ends[1] + TURN * span
    if dips and peaks or turns(drawn, TURN * span) >= SWINGS:
        return f"swings between {said[low]} and {said[high]}, from {said[first]} to {said[last]}"
    if dips or peaks:
        turn, ways = (low, ("falls", "rises")) if dips else (high, ("rises", "falls"))
        at = number(places[seen[turn]])
        return f"{ways[0]} from {said[first]} to {said[turn]} at {at}, then {ways[1]} to {said[last]}"
    level = 1 + max(np.flatnonzero(np.abs(drawn - drawn[last]) > LEVEL * span), default=-1)
    rest = f", level from {number(places[seen[level]])} on" if level < LEVEL_FROM * last else ""
    return f"{'falls' if drawn[last] < drawn[first] else 'rises'} from {said[first]} to {said[last]}{rest}"


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
    lines: Mapping[str, Sequence[float]], places: Sequence[float] | None = None, *, logy: bool = False
) -> str:
    """How several curves go, each by its name."""
    said = [f"{name}: {course(values, places, logy=logy)}" for name, values in lines.items()]
    return f"{capital('; '.join(said))}."


def level_in_words(level: tuple[str, float] | None) -> str:
    """A line across a chart, (name, value); nothing where there is none."""
    return f"A line marks {level[0]} at {number(level[1])}." if level else ""


def seeds_in_words(arms: Mapping[str, Sequence[float]]) -> str:
    """The mean of every arm's seeds, the best first, and between what they lie."""
    best_first = sorted(arms.items(), key=lambda arm: -float(np.mean(arm[1])))
    said = [
        f"{name} {np.mean(scores):.3f}"
        + (f" ({min(scores):.3f} to {max(scores):.3f})" if len(scores) > 1 else "")
        for name, scores in best_first
    ]
    if len(said) > MOST_ARMS:
        said = [*said[:3], f"{len(said) - 4} between", said[-1]]
    return f"Means, with the lowest and the highest seed: {'; '.join(said)}."


def scores_in_words(scores: Mapping[str, tuple[int, int]]) -> str:
    """Accuracies, (correct, n), with their intervals."""
    said = [
        f"{name} {c / n:.3f} ({{:.3f}} to {{:.3f}})".format(*wilson(c, n)) for name, (c, n) in scores.items()
    ]
    return f"{'; '.join(said)}."
