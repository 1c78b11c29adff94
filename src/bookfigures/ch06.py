"""Diagrams of the LSTM cell, whole and gate by gate, and heat maps of what a cell does word by word.

Gates, which lie between 0 and 1, run from dark to light; signed numbers run from purple over white to brown. Both
scales can be told apart by colour-blind readers and in grey print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bookfigures.diagrams import arrow, box, canvas, frame, label, sign, wire
from coursekit.figures.style import WIDTH, new_figure
from coursekit.figures.words import capital, described, listed, number

PARTS = ("f", "i", "g", "o", "c")
WORDS = {
    "c": "the memory",
    "f": "how much of the\nold memory stays",
    "i": "how much\ngets in",
    "g": "what would\nget in",
    "o": "how much\nis shown",
}
CELL_IN_WORDS = (
    "One step of the LSTM. The word x_t and the old output, h at t minus 1, enter four boxes: forget gate f_t, "
    "input gate i_t and output gate o_t, each with a sigma, and candidate g_t, with a tanh. Along the top the memory "
    "runs from c at t minus 1 to c_t: it is multiplied by f_t, then the product of i_t and g_t is added. A branch of "
    "the new memory goes through tanh, is multiplied by o_t and becomes the output h_t."
)
PARTS_IN_WORDS = {
    "f": "the inputs and the forget gate f_t: x_t and the old output lead to it, and its value multiplies the old memory",
    "i": "the inputs and the input gate i_t: x_t and the old output lead to it, and its value multiplies the candidate on its "
    "way to the memory",
    "g": "the inputs and the candidate g_t: x_t and the old output lead to a tanh, whose value is multiplied by the input gate's "
    "and added to the memory",
    "o": "the inputs and the output gate o_t: x_t and the old output lead to it; the new memory goes through tanh, is multiplied "
    "by o_t and becomes the output h_t",
    "c": "the way of the memory, and what acts on it: from c at t minus 1 through the product with f_t, then the sum "
    "with the product of i_t and g_t, to c_t, without a matrix or a tanh",
}
PALE = 0.16  # what is not the topic of a drawing stays visible, and no more
FIT = 9  # so many words with numbers of 10 points fit a phone
PRINTED = 12  # with more words than this, numbers in the fields would be too small to read
MANY_ROWS, MANY_PLACES = 8, 3  # with more than these, words for a heat map tell only its extremes


def lstm_cell(part: str | None = None, words: Mapping[str, str] = WORDS) -> Figure:
    """Draw one step of the LSTM; with ``part``, only that gate or line in full strength.

    Parameters
    ----------
    part : {"f", "i", "g", "o", "c"}, optional
        Forget gate, input gate, candidate, output gate, or the way of the memory.
    words : mapping of str to str
        What each part does, in the language of the page.

    Raises
    ------
    ValueError
        If ``part`` is none of these.
    """
    if part is not None and part not in PARTS:
        raise ValueError(f"'part' must be one of {PARTS} or None, got {part!r}.")
    figure, axis = canvas(WIDTH, 2.9)
    frame(axis, -0.7, 11.4, -0.8, 5.35)
    with _strength(axis, part, *"figo"):
        box(axis, (-0.2, 0.3), "$h_{t-1}$", "state")
        box(axis, (-0.2, -0.5), "$x_t$", "input")
    with _strength(axis, part, "c"):
        box(axis, (-0.2, 4.7), "$c_{t-1}$", "state")
        box(axis, (10.9, 4.7), "$c_t$", "state")
        for start, end in ((0.25, 1.7), (2.1, 5.1), (5.5, 10.45)):
            arrow(axis, (start, 4.7), (end, 4.7), kind="state")
        sign(axis, (5.3, 4.7), "+")
        label(axis, (3.6, 5.1), words["c"])
    for gate, x in (("f", 1.9), ("i", 4.2), ("g", 6.4), ("o", 8.9)):
        squash, kind, width = (r"\tanh", "output", 2.2) if gate == "g" else (r"\sigma", "plain", 1.7)
        with _strength(axis, part, gate, "o" if gate == "o" else "c"):
            box(axis, (x, 1.5), rf"${gate}_t = {squash}(\cdot)$", kind, width=width)
        with _strength(axis, part, gate):
            wire(axis, [(0.25, 0.3), (x - 0.2, 0.3), (x - 0.2, 1.25)], "state")
            wire(axis, [(0.25, -0.5), (x + 0.2, -0.5), (x + 0.2, 1.25)], "input")
    with _strength(axis, part, "c", "f"):
        sign(axis, (1.9, 4.7))
        arrow(axis, (1.9, 1.75), (1.9, 4.5))
        label(axis, (2.1, 3.6), words["f"], align="left")
    with _strength(axis, part, "c", "i"):
        wire(axis, [(4.2, 1.75), (4.2, 3.0), (5.1, 3.0)])
        label(axis, (4.05, 2.35), words["i"], align="right")
    with _strength(axis, part, "c", "g"):
        wire(axis, [(6.4, 1.75), (6.4, 3.0), (5.5, 3.0)], "output")
        label(axis, (6.55, 2.35), words["g"], align="left")
    with _strength(axis, part, "c", "i", "g"):
        sign(axis, (5.3, 3.0))
        arrow(axis, (5.3, 3.2), (5.3, 4.5))
    with _strength(axis, part, "o"):
        arrow(axis, (8.9, 1.75), (8.9, 2.8))
        label(axis, (9.05, 2.2), words["o"], align="left")
        arrow(axis, (8.9, 4.7), (8.9, 4.2), kind="state")
        box(axis, (8.9, 3.95), r"$\tanh$", "plain", width=1.1)
        arrow(axis, (8.9, 3.7), (8.9, 3.2), kind="state")
        sign(axis, (8.9, 3.0))
        arrow(axis, (9.1, 3.0), (10.45, 3.0), kind="state")
        box(axis, (10.9, 3.0), "$h_t$", "state")
    labels = {name: " ".join(word.split()) for name, word in words.items()}
    if part is not None:
        return described(
            figure,
            f"One step of the LSTM, pale but for {PARTS_IN_WORDS[part]}.",
            f"Its label: {labels[part]}.",
        )
    beside = "; ".join(f"{name}_t, {labels[name]}" for name in "cfigo")
    return described(figure, CELL_IN_WORDS, f"The labels: {beside}.")


@contextmanager
def _strength(axis: Axes, part: str | None, *own: str) -> Iterator[None]:
    """Draw what stands inside in full strength if its part is wanted, and pale if not."""
    before = set(axis.get_children())
    yield
    if part is not None and part not in own:
        for artist in set(axis.get_children()) - before:
            artist.set_alpha(PALE)
            artist.set_zorder(artist.get_zorder() - 1)


def word_heat_map(
    words: Sequence[str],
    panels: Sequence[tuple[str, Sequence[Sequence[float]], Sequence[str], str]],
    *,
    numbers: bool | None = None,
) -> Figure:
    """Draw what a cell does at each word: a column for each word, a row for each gate or unit.

    Parameters
    ----------
    panels : sequence of (title, values, rows, kind)
        ``values`` has a row for each name in ``rows`` and a column for each word. ``kind`` is ``"gate"``, drawn from 0
        to 1, ``"size"``, drawn from 0 to the largest value, or ``"signed"``, drawn with 0 in the middle.
    numbers : bool, optional
        Print the values into the fields. Left out: if there are at most twelve words.

    Raises
    ------
    ValueError
        If a kind is unknown, or values do not fit words and rows.

    Notes
    -----
    Karpathy, Johnson and Fei-Fei (2015), "Visualizing and understanding recurrent networks".
    """
    heights = [len(rows) + 1.1 for _, _, rows, _ in panels]
    narrow = len(words) <= FIT
    size = 10 if narrow else 9
    figure, first = new_figure(WIDTH if narrow else 8.6, 0.75 + 0.29 * sum(heights))
    first.remove()
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axis, (title, values, rows, kind) in zip(axes, panels, strict=True):
        table = np.asarray(values, dtype=float)
        if table.shape != (len(rows), len(words)):
            raise ValueError(
                f"the values of {title!r} must have shape ({len(rows)}, {len(words)}), rows by words, got {table.shape}."
            )
        top = 1.0 if kind == "gate" else max(float(np.abs(table).max()), 1e-9)
        if kind == "signed":
            scale = {"cmap": "PuOr_r", "vmin": -top, "vmax": top}
        elif kind in ("gate", "size"):
            scale = {"cmap": "cividis", "vmin": 0.0, "vmax": top}
        else:
            raise ValueError(f"the kind of {title!r} must be 'gate', 'size' or 'signed', got {kind!r}.")
        ticks = [-top, 0.0, top] if kind == "signed" else [0.0, top]
        bar = {"fraction": 0.03, "pad": 0.01, "aspect": 4 + 3 * len(rows), "ticks": ticks}
        printed = len(words) <= PRINTED if numbers is None else numbers
        numbered = np.round(table, 1) + 0.0 if printed else False  # + 0.0: no "-0.0"
        sns.heatmap(
            table, ax=axis, annot=numbered, fmt=".1f", annot_kws={"fontsize": size if narrow else 8}, cbar_kws=bar,
            xticklabels=words, yticklabels=rows, **scale,
        )  # fmt: skip
        axis.collections[0].colorbar.set_ticklabels([number(round(tick, 2)) for tick in ticks], fontsize=size)
        axis.set_title(title, fontsize=10, loc="left")
        axis.tick_params(length=0, labelsize=size, labelbottom=axis is axes[-1])
        axis.tick_params(axis="y", rotation=0)
        axis.grid(visible=False)
    axes[-1].set_xticks(axes[-1].get_xticks(), words, rotation=38, ha="right", rotation_mode="anchor")
    over = f"the words {', '.join(map(_quoted, words))}" if len(words) <= PRINTED else f"{len(words)} words"
    return described(
        figure,
        f"Heat map over {over}: a column for each, values to one decimal.",
        *(
            f"Panel {k}, {title}. {_panel_in_words(np.asarray(values, dtype=float), rows, words)}."
            for k, (title, values, rows, _) in enumerate(panels, 1)
        ),
    )


def _panel_in_words(table: np.ndarray, rows: Sequence[str], words: Sequence[str]) -> str:
    """What each row holds at which words; of many rows, the extremes of all."""
    places = [
        f"{_quoted(word)} (word {k})" if list(words).count(word) > 1 else _quoted(word)
        for k, word in enumerate(words, 1)
    ]
    if len(rows) > MANY_ROWS:
        said = _extremes_in_words(
            table.ravel(), [f"{place} in row {row}" for row in rows for place in places]
        )
        return capital(said)
    return "; ".join(f"{name}: {_row_in_words(row, places)}" for name, row in zip(rows, table, strict=True))


def _row_in_words(row: Sequence[float], places: Sequence[str]) -> str:
    """Each value with the words it stands at, the commonest as "elsewhere"; of many stretches, the extremes."""
    told = [_told(value) for value in row]
    commonest = Counter(told).most_common(1)[0][0]
    stretches: dict[str, list[str]] = {}
    for value, stretch in groupby(zip(told, places, strict=True), key=lambda pair: pair[0]):
        first, *others = [place for _, place in stretch]
        stretches.setdefault(value, []).append(f"from {first} to {others[-1]}" if others else f"at {first}")
    del stretches[commonest]
    if not stretches:
        return f"{commonest} everywhere"
    if sum(map(len, stretches.values())) > MANY_PLACES:
        return _extremes_in_words(row, places)
    return f"{', '.join(f'{value} {listed(where)}' for value, where in stretches.items())}, {commonest} elsewhere"


def _extremes_in_words(values: Sequence[float], places: Sequence[str]) -> str:
    low, high = int(np.argmin(values)), int(np.argmax(values))
    return f"from {_told(values[low])} at {places[low]} to {_told(values[high])} at {places[high]}"


def _told(value: float) -> str:
    return f"{round(float(value), 1) + 0.0:.1f}".replace("-", "−")  # + 0.0: no "-0.0"


def _quoted(word: str) -> str:
    """A word as a sentence can hold it: a mark of punctuation in quotes."""
    return word if any(map(str.isalnum, word)) else f'"{word}"'
