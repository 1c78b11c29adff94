"""Figures of padding: who reads a pad, how packing lies in memory, what a text's company does to its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.figures.diagrams import FILLS, arrow, box, canvas, frame, label
from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, new_figure

PAD = "<pad>"


def readers(words: Sequence[str], pads: int) -> Figure:
    """Draw which cells four ways of reading look at, careless above and mended below.

    Parameters
    ----------
    words : sequence of str
        One short text.
    pads : int
        Pads behind it.
    """
    n, T = len(words), len(words) + pads
    last, real, everything = {n - 1}, set(range(n)), set(range(T))
    ways = {
        "last step": ({T - 1}, last),
        "mean": (everything, real),
        "max": (everything, real),
        "backward half": (everything, real),
    }
    figure, axis = canvas(6.4, 5.2)
    for top, title, which in ((0.0, "careless", 0), (-4.0, "mended", 1)):
        label(axis, ((T - 1) / 2, top + 0.55), title, size=11)
        for i, (way, read) in enumerate(ways.items()):
            y = top - 0.75 * i
            label(axis, (-0.75, y), way, align="right")
            for t, text in enumerate([*words, *[PAD] * pads]):
                _read_cell(axis, t, y, text, t in read[which], t < n)
        start = (T, n)[which] - 0.5
        arrow(axis, (start, y - 0.42), (-0.4, y - 0.42), kind="state")
    frame(axis, -2.6, T - 0.4, -6.85, 0.85)
    return figure


def law_curves(pads: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw how far a text's vector moves as pads are put behind it.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        A title and, for each way of reading, the largest change. The axis is logarithmic above a thousandth and
        linear below, so that a zero has its place.
    """
    figure, axes = new_figure(8.6, 3.6, len(panels), sharey=True)
    for axis, (title, ways) in zip(axes if len(panels) > 1 else [axes], panels.items(), strict=True):
        for k, (way, moved) in enumerate(ways.items()):
            axis.plot(
                pads,
                moved,
                label=way,
                color=COLOURS[SERIES[k % len(SERIES)]],
                marker=MARKERS[k % len(MARKERS)],
                linestyle=LINES[k % len(LINES)],
            )
        axis.set_title(title, loc="center")
        axis.set_xlabel("pads behind the text")
        axis.set_yscale("symlog", linthresh=1e-3)
        axis.set_ylim(-2e-4, 10)
    first = axes[0] if len(panels) > 1 else axes
    first.set_ylabel("largest change of the text's vector")
    handles, names = first.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return figure


def reversals(words: Sequence[str], pads: int) -> Figure:
    """Draw a padded text as it stands, flipped whole, and reversed inside its own length."""
    tail = [PAD] * pads
    rows = {
        "as it stands": [*words, *tail],
        "flipped whole": [*tail, *reversed(words)],
        "reversed inside its length": [*reversed(words), *tail],
    }
    figure, axis = canvas(8.4, 1.9)
    for i, (name, row) in enumerate(rows.items()):
        y = -0.65 * i
        label(axis, (-0.8, y), name, align="right")
        for t, text in enumerate(row):
            box(axis, (1.4 * t, y), text, "plain" if text == PAD else "input", width=1.3, height=0.48)
    end = 1.4 * (len(words) + pads - 1)
    arrow(axis, (-0.6, -1.75), (end + 0.6, -1.75), kind="state")
    label(axis, (end / 2, -2.0), "the order in which the network reads", size=9)
    frame(axis, -4.0, end + 0.8, -2.2, 0.35)
    return figure


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
    figure, axis = canvas(7.8, 3.5)
    wide, step, gap = 1.0, 0.55, 0.35
    width = len(data) * wide + (len(batch_sizes) - 1) * gap
    left = (width - T * wide) / 2
    label(axis, (left - 0.65, 0.6), "padded, longest first", size=10, align="right")
    for row, i in enumerate(order):
        label(axis, (left - 0.65, -step * row), f"text {i}", size=9, align="right")
        for t in range(T):
            word = texts[i][t] if t < len(texts[i]) else ""
            _token(axis, left + t * wide, -step * row, word, i if word else None, wide, step)
    for t in range(T):
        label(axis, (left + t * wide, 0.5), f"t = {t + 1}", size=9)
    y, x, k = -step * len(texts) - 1.05, 0.0, 0
    label(axis, (-0.65, y), "data", size=10, align="right")
    label(axis, (-0.65, y - 0.75), "batch_sizes", size=10, align="right")
    for t, size in enumerate(batch_sizes):
        begin = x
        for code in data[k : k + size]:
            i, at = divmod(code, T)
            _token(axis, x, y, texts[i][at], i, wide, step)
            x += wide
        axis.plot(
            [begin - 0.45, x - 0.55], [y - 0.42] * 2, color=COLOURS["ink"], linestyle="-", marker="", lw=1
        )
        label(axis, ((begin + x - wide) / 2, y - 0.75), str(size), size=11)
        label(axis, ((begin + x - wide) / 2, y + 0.45), f"t = {t + 1}", size=9)
        x, k = x + gap, k + size
    frame(axis, -2.1, width, y - 1.0, 0.8)
    return figure


def company_scores(scores: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]) -> Figure:
    """Draw accuracies of the same models alone and in company, one line for each seed.

    Parameters
    ----------
    scores : mapping of way to mapping of model to mapping of company to accuracies
        One panel for each way; each accuracy list holds one value for each seed.
    """
    figure, axes = new_figure(8.8, 3.4, len(scores), sharey=True)
    for axis, (way, models) in zip(axes if len(scores) > 1 else [axes], scores.items(), strict=True):
        for k, (model, companies) in enumerate(models.items()):
            for j, values in enumerate(zip(*companies.values(), strict=True)):
                axis.plot(
                    range(len(values)),
                    values,
                    color=COLOURS[SERIES[1 - k]],
                    marker=MARKERS[k],
                    linestyle=LINES[1 - k],
                    label=model if j == 0 else None,
                )
            axis.set_xticks(range(len(companies)), list(companies))
            axis.set_xlim(-0.3, len(companies) - 0.7)
        axis.set_title(way, loc="center")
    first = axes[0] if len(scores) > 1 else axes
    first.set_ylim(0, 1)
    first.set_ylabel("test accuracy")
    handles, names = first.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return figure


def speed_ratios(ratios: Mapping[str, float]) -> Figure:
    """Draw how many times faster padded passes are than packing, on a logarithmic axis.

    Parameters
    ----------
    ratios : mapping of str to float
        Time of packing over time of padded passes.

    Raises
    ------
    ValueError
        If a ratio is not above zero.
    """
    if not ratios or min(ratios.values()) <= 0:
        raise ValueError(f"'ratios' must hold numbers above 0, got {dict(ratios)}.")
    figure, axis = new_figure(7.2, 0.9 + 0.27 * len(ratios))
    for row, ratio in enumerate(reversed(ratios.values())):
        axis.plot([1, ratio], [row, row], color=COLOURS["blue"], linestyle="-", marker="")
        axis.plot(ratio, row, color=COLOURS["blue"], marker="o")
        ends = (7, "left") if ratio >= 1 else (-7, "right")
        axis.annotate(
            f"{ratio:.1f}",
            (ratio, row),
            xytext=(ends[0], 0),
            textcoords="offset points",
            va="center",
            ha=ends[1],
        )
    axis.axvline(1, color=COLOURS["grey"], linestyle="--", marker="")
    axis.set_yticks(range(len(ratios)), list(reversed(ratios)))
    axis.set_xscale("log")
    low, high = min(ratios.values()), max(ratios.values())
    axis.set_xlim(min(0.8, 0.7 * low), max(1.3, 1.5 * high))
    ticks = [tick for tick in (0.25, 0.5, 1, 2, 4, 8, 16) if min(0.8, low) <= tick <= 1.4 * high]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_xlabel("time of packing / time of padded passes (right of 1: padded is faster)")
    axis.grid(axis="y", visible=False)
    return figure


def _read_cell(axis: Axes, t: int, y: float, text: str, read: bool, real: bool) -> None:
    """Draw a cell; what is read is filled, and a pad that is read is hatched as well."""
    axis.add_patch(
        Rectangle(
            (t - 0.48, y - 0.27),
            0.96,
            0.54,
            facecolor=FILLS["state"] if read else "white",
            edgecolor=COLOURS["orange"] if read else COLOURS["pale"],
            linewidth=1.4 if read else 1.0,
            hatch="///" if read and not real else None,
        )
    )
    axis.text(
        t,
        y,
        text,
        ha="center",
        va="center",
        fontsize=9,
        color=COLOURS["ink"] if read else COLOURS["grey"],
        bbox={"facecolor": FILLS["state"], "linewidth": 0, "pad": 1} if read and not real else None,
    )


def _token(axis: Axes, x: float, y: float, word: str, text: int | None, wide: float, high: float) -> None:
    """Draw one token in the colour of its text, with the text's number, or an empty pad."""
    colours = (FILLS["input"], FILLS["state"], FILLS["output"], "#f3e6f0")
    axis.add_patch(
        Rectangle(
            (x - wide / 2, y - high / 2),
            wide,
            high,
            facecolor="white" if text is None else colours[text % len(colours)],
            edgecolor=COLOURS["grey"],
            linewidth=0.8,
            hatch="////" if text is None else None,
        )
    )
    if text is not None:
        label(axis, (x, y + 0.06), word, size=8)
        axis.text(x + wide / 2 - 0.05, y - high / 2 + 0.04, str(text), fontsize=6, ha="right", va="bottom")
