"""Figures of padding: who reads a pad, how packing lies in memory, what a text's company does to its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bookfigures.diagrams import KINDS, arrow, box, canvas, cell, frame, label, wire
from coursekit.figures.charts import curve_panels, name_rows
from coursekit.figures.style import COLOURS, WIDTH, legend_below, new_figure, new_panels
from coursekit.figures.words import capital, described, listed, number

PAD = "<pad>"


def readers(words: Sequence[str], pads: int) -> Figure:
    """Draw which cells four ways of reading look at, careless above and mended below; the pads stand behind the words."""
    n, T = len(words), len(words) + pads
    everything, real = range(T), range(n)
    figure, axis = canvas(WIDTH, 4.6)
    for top, title, last, read in ((0.0, "careless", [T - 1], everything), (-3.1, "mended", [n - 1], real)):
        label(axis, ((T - 1) / 2, top + 0.5), title, size=11)
        ways = {"last step": last, "mean": read, "max": read, "backward\nhalf": read}
        for i, (way, steps) in enumerate(ways.items()):
            y = top - 0.55 * i
            label(axis, (-0.6, y), way, align="right", linespacing=1.0)
            for t, text in enumerate([*words, *[PAD] * pads]):
                _read_cell(axis, t, y, text, read=t in steps, real=t < n)
        arrow(axis, (len(read) - 0.5, y - 0.36), (-0.5, y - 0.36), kind="state")
    frame(axis, -1.65, T - 0.45, -5.25, 0.7)
    behind = f", with {pads} pad{'s' * (pads != 1)} behind" if pads else ""
    end = "the last pad" if pads else f'"{words[-1]}"'
    return described(
        figure,
        f"Two grids with four ways of reading as rows, over the words {listed(words)}{behind}.",
        f"Careless, above: the last step reads only {end}; mean, max and the backward half read all {T} cells, and the",
        f'backward half begins at {end}. Mended, below: the last step reads only "{words[-1]}"; the other three read the',
        f'words and no pad, and the backward half begins at "{words[-1]}". A cell that is read is filled, a pad that is',
        "read is hatched as well.",
    )


def _read_cell(axis: Axes, t: int, y: float, text: str, *, read: bool, real: bool) -> None:
    """Draw a cell; what is read is filled, and a pad that is read is hatched as well."""
    if not read:
        look = {"facecolor": "white", "edgecolor": COLOURS["pale"]}
    else:
        look = {"hatch": None if real else "///"}
    cell(axis, (t, y), "", "state", width=0.96, height=0.44, **look)
    behind = {"facecolor": "white", "linewidth": 0, "pad": 1} if read and not real else None
    label(axis, (t, y), text, color=COLOURS["ink" if read else "grey"], bbox=behind)


def law_curves(pads: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw how far a text's vector moves as pads are put behind it.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        A title and, for each way of reading, the largest change. The axis is logarithmic above a thousandth and
        linear below, so that a zero has its place.
    """
    ylabel = "largest change of the text's vector"
    figure = curve_panels(panels, x=pads, xlabel="pads behind the text", ylabel=ylabel)
    figure.set_size_inches(WIDTH, 3.6)  # narrower than panels of curves are drawn, so that a phone shows both
    for legend in [*figure.legends]:
        legend.remove()
    legend_below(figure)
    for axis in figure.axes:
        axis.set_yscale("symlog", linthresh=1e-3)
        axis.set_ylim(-2e-4, 10)
        axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    behind = [
        change
        for ways in panels.values()
        for changes in ways.values()
        for n, change in zip(pads, changes, strict=True)
        if n > 0
    ]
    first = min((n for n in pads if n > 0), default=0)
    reach = (
        f"With {first} or more pads every change lies between {number(min(behind))} and {number(max(behind))}."
        if behind
        else ""
    )
    scale = "The vertical axis is logarithmic above 0.001 and linear below."
    return described(figure, figure.get_label(), reach, scale)


def reversals(words: Sequence[str], pads: int) -> Figure:
    """Draw a padded text as it stands, flipped whole, and reversed inside its own length."""
    tail = [PAD] * pads
    rows = {
        "as it stands": [*words, *tail],
        "flipped whole": [*tail, *reversed(words)],
        "reversed inside its length": [*reversed(words), *tail],
    }
    figure, axis = canvas(WIDTH, 2.9)
    for i, (name, row) in enumerate(rows.items()):
        y = -1.0 * i
        label(axis, (-0.65, y + 0.45), name, align="left")
        for t, text in enumerate(row):
            box(axis, (1.4 * t, y), text, "plain" if text == PAD else "input", width=1.3, height=0.48)
    end = 1.4 * (len(words) + pads - 1)
    arrow(axis, (-0.65, -2.45), (end + 0.65, -2.45), kind="state")
    label(axis, (end / 2, -2.7), "the order in which the network reads")
    frame(axis, -0.7, end + 0.7, -2.9, 0.65)
    said = [
        f"{capital(name)}: {', '.join('pad' if text == PAD else text for text in row)}."
        for name, row in rows.items()
    ]
    return described(
        figure, f"Three rows of {len(row)} cells.", *said, "The network reads each row from left to right."
    )


def packed_layout(
    texts: Sequence[Sequence[str]], data: Sequence[int], batch_sizes: Sequence[int], order: Sequence[int]
) -> Figure:
    """Draw a padded batch and, below it, the packed layout of the same tokens.

    Parameters
    ----------
    texts : sequence of sequences of str
        The words of each text, in the order of the batch.
    data : sequence of int
        What the pack holds, each token as ``text · T + step``, so that its cell in the batch is known.
    batch_sizes : sequence of int
        Of the pack.
    order : sequence of int
        ``sorted_indices`` of the pack: texts from the longest to the shortest.

    Raises
    ------
    ValueError
        If the pack does not hold every token once.
    """
    T = max(map(len, texts))
    tokens = [i * T + t for i, text in enumerate(texts) for t in range(len(text))]
    if sorted(data) != tokens or sum(batch_sizes) != len(tokens):
        raise ValueError(
            f"'data' must hold each of the {len(tokens)} tokens once and 'batch_sizes' add up to them, got "
            f"{len(data)} and {sum(batch_sizes)}."
        )
    figure, axis = canvas(WIDTH, 3.6)
    step, gap = 0.6, 0.35  # between rows, between the columns that were packed one after another
    width = len(data) + gap * (len(batch_sizes) - 1)
    left = (width - T) / 2
    label(axis, ((width - 1) / 2, 1.05), "padded, longest first")
    for row, i in enumerate(order):
        label(axis, (left - 0.65, -step * row), f"text {i}", align="right")
        for t in range(T):
            word = texts[i][t] if t < len(texts[i]) else ""
            _token(axis, (left + t, -step * row), word, i, height=step)
    y, x, packed = -step * len(texts) - 1.2, 0.0, iter(data)
    label(axis, (-1.4, y), "data", align="left")
    label(axis, (-1.4, y - 0.95), "batch_sizes", align="left")
    for t, size in enumerate(batch_sizes):
        middle = x + (size - 1) / 2
        label(axis, (left + t, 0.55), f"t = {t + 1}")
        label(axis, (middle, y + 0.7), f"t = {t + 1}")
        label(axis, (middle, y - 0.95), str(size), size=11)
        wire(axis, [(x - 0.45, y - 0.62), (x + size - 0.55, y - 0.62)], head=False)
        for k in range(size):
            i, step_of = divmod(next(packed), T)
            _token(axis, (x + k, y), f"{texts[i][step_of]}\ntext {i}", i, height=0.95)
        x += size + gap
    frame(axis, -1.45, width - 0.45, y - 1.2, 1.3)
    return described(
        figure,
        *_layout_in_words({i: texts[i] for i in order}, [texts[k // T][k % T] for k in data], batch_sizes),
    )


def _layout_in_words(
    rows: Mapping[int, Sequence[str]], packed: Sequence[str], batch_sizes: Sequence[int]
) -> list[str]:
    """The texts from the longest to the shortest, and the words of the pack step by step."""
    ends = np.cumsum(batch_sizes)
    steps = [
        f"at t = {t} {', '.join(packed[end - size : end])}"
        for t, (end, size) in enumerate(zip(ends, batch_sizes, strict=True), 1)
    ]
    above = [f'text {i}, "{" ".join(row)}"' for i, row in rows.items()]
    return [
        f"Above, a padded batch of {len(rows)} texts, longest first: {'; '.join(above)}. Its pads are empty, hatched cells.",
        f"Below, the pack, which holds the same {len(packed)} words, one step after the other, and no pad. It has",
        f"{'; '.join(steps)}. Under the steps stand their batch_sizes: {', '.join(map(str, batch_sizes))}.",
    ]


def _token(axis: Axes, at: tuple[float, float], word: str, i: int, *, height: float) -> None:
    """Draw a token in the colour of its text ``i``, or, without a word, a pad."""
    look = {"width": 1.0, "height": height, "edgecolor": COLOURS["grey"]}
    if word:
        cell(axis, at, word, KINDS[i % len(KINDS)], size=10, **look)
    else:
        cell(axis, at, "", facecolor="white", hatch="////", **look)


def company_scores(scores: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]) -> Figure:
    """Draw accuracies of the same models alone and in company, one line for each seed.

    Parameters
    ----------
    scores : mapping of way to mapping of model to mapping of company to accuracies
        One panel for each way; each accuracy list holds one value for each seed.
    """
    figure, axes = new_panels(list(scores), WIDTH, 4.2, sharey=True)
    looks = [  # side by side, so that neither model covers the other
        {"color": COLOURS["orange"], "marker": "o", "linestyle": "--", "markerfacecolor": "white"},
        {"color": COLOURS["blue"], "marker": "s", "linestyle": "-"},
    ]
    for axis, models in zip(axes, scores.values(), strict=True):
        for look, aside, (model, companies) in zip(looks, (-0.16, 0.16), models.items(), strict=False):
            places = np.arange(len(companies))
            for values in zip(*companies.values(), strict=True):
                axis.plot(places + aside, values, label=f"{model}, one seed", lw=1.2, **look)
            axis.set_xticks(places, list(companies))
        axis.margins(x=0.12)
    axes[0].set_ylabel("test accuracy")
    axes[len(axes) // 2].set_xlabel("company of the text")
    legend_below(figure)
    first = [f'"{company}"' for company in next(iter(next(iter(scores.values())).values()))]
    return described(
        figure,
        f"Test accuracy in {len(first)} companies, in the order {', '.join(first)}; a panel for each pooling, a line for",
        "each seed.",
        *(
            f"{capital(way)}: {'; '.join(_lines_in_words(*model) for model in models.items())}."
            for way, models in scores.items()
        ),
    )


def _lines_in_words(model: str, companies: Mapping[str, Sequence[float]]) -> str:
    """A model's mean in each company, and how far the line of a seed moves; one mean where all lines are flat."""
    lines = np.array(list(companies.values()))  # (companies, seeds)
    means = [f"{mean:.3f}" for mean in lines.mean(axis=1)]
    moves = float(np.ptp(lines, axis=0).max())
    if moves < 5e-4:
        return f"{model} {means[0]} on average, in flat lines"
    return f"{model} {listed(means)} on average, and its lines move by up to {moves:.3f}"


def speed_ratios(ratios: Mapping[str, float]) -> Figure:
    """Draw how many times faster padded passes are than packing, on a logarithmic axis.

    Parameters
    ----------
    ratios : mapping of str to float
        Time of packing over time of padded passes.
    """
    figure, axis = new_figure(height=1.1 + 0.27 * len(ratios))
    for row, ratio in enumerate(ratios.values()):
        axis.plot([1, ratio], [row, row], color=COLOURS["blue"], linestyle="-", marker="")
        axis.plot(ratio, row, color=COLOURS["blue"], marker="o")
        shift, side = (7, "left") if ratio >= 1 else (-7, "right")
        axis.annotate(
            f"{ratio:.1f}", (ratio, row), (shift, 0), textcoords="offset points", va="center", ha=side
        )
    axis.axvline(1, color=COLOURS["grey"], linestyle="--")
    name_rows(axis, list(ratios))
    axis.set_xscale("log", base=2)
    axis.xaxis.set_major_formatter("{x:g}")
    axis.margins(x=0.12)
    axis.set_xlabel("time of packing / time of padded passes\n(right of 1: padded is faster)")
    said = [f"{ratio:.1f} for {name}" for name, ratio in sorted(ratios.items(), key=lambda item: -item[1])]
    beyond = sum(ratio > 1 for ratio in ratios.values())
    return described(
        figure,
        f"How many times as long packing takes as padded passes, the highest first: {'; '.join(said)}.",
        f"{beyond} of {len(ratios)} points lie right of the line at 1, where padded passes are faster.",
        "The axis is logarithmic.",
    )
