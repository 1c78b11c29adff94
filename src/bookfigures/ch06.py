"""Diagrams of the LSTM cell, whole and gate by gate, and heat maps of what a cell does word by word.

Gates, which lie between 0 and 1, run from dark to light; signed numbers run from purple over white to orange. Both
scales can be told apart by colour-blind readers and in grey print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from coursekit.figures.diagrams import EDGES, Point, arrow, box, canvas, frame, label
from coursekit.figures.style import COLOURS, new_figure

PARTS = ("f", "i", "g", "o", "c")
PALE = 0.16  # what is not the topic of a drawing stays visible, and no more
GATE_COLOURS, SIGNED_COLOURS = "cividis", "PuOr_r"
PRINTED = 12  # with more words than this, numbers in the fields would be too small to read


def lstm_cell(part: str | None = None) -> Figure:
    """Draw one step of the LSTM; with ``part``, only that gate or line in full strength.

    Parameters
    ----------
    part : {"f", "i", "g", "o", "c"}, optional
        Forget gate, input gate, proposal, output gate, or the way of the memory.

    Raises
    ------
    ValueError
        If ``part`` is none of these.
    """
    if part is not None and part not in PARTS:
        raise ValueError(f"'part' must be one of {PARTS} or None, got {part!r}.")
    figure, axis = canvas(*((8.6, 4.3) if part is None else (6.4, 3.2)))
    frame(axis, -0.9, 11.7, -0.9, 5.4)
    size = 8.5 if part is None else 7.5
    with _strength(axis, part, "c"):
        box(axis, (-0.2, 4.7), "$c_{t-1}$", "state")
        box(axis, (10.9, 4.7), "$c_t$", "state")
        arrow(axis, (0.25, 4.7), (1.7, 4.7), kind="state")
        arrow(axis, (2.1, 4.7), (5.1, 4.7), kind="state")
        arrow(axis, (5.5, 4.7), (10.45, 4.7), kind="state")
        _sign(axis, (5.3, 4.7), "+")
        label(axis, (3.6, 5.1), "the memory", size=size)
    with _strength(axis, part, "ends"):
        box(axis, (-0.2, 0.3), "$h_{t-1}$", "state")
        box(axis, (-0.2, -0.5), "$x_t$", "input")
    places = {"f": 1.9, "i": 4.2, "g": 6.4, "o": 8.9}
    for gate, x in places.items():
        with _strength(axis, part, gate):
            formula = r"\tanh" if gate == "g" else r"\sigma"
            box(
                axis,
                (x, 1.5),
                rf"${gate}_t = {formula}(\cdot)$",
                "output" if gate == "g" else "plain",
                width=1.9,
            )
            for y, shift, kind in ((0.3, -0.2, "state"), (-0.5, 0.2, "input")):
                axis.plot([0.25, x + shift], [y, y], color=EDGES[kind], lw=1.3, marker="", linestyle="-")
                arrow(axis, (x + shift, y), (x + shift, 1.25), kind=kind)
    with _strength(axis, part, "c", "f"):
        _sign(axis, (1.9, 4.7), r"$\odot$")
    with _strength(axis, part, "f"):
        arrow(axis, (1.9, 1.75), (1.9, 4.5))
        label(axis, (2.1, 3.6), "how much of the\nold memory stays", size=size, align="left")
    with _strength(axis, part, "i"):
        _wire(axis, [(4.2, 1.75), (4.2, 3.0), (5.1, 3.0)])
        label(axis, (4.05, 2.35), "how much\ngets in", size=size, align="right")
    with _strength(axis, part, "g"):
        _wire(axis, [(6.4, 1.75), (6.4, 3.0), (5.5, 3.0)], "output")
        label(axis, (6.55, 2.35), "what would\nget in", size=size, align="left")
    with _strength(axis, part, "i", "g"):
        _sign(axis, (5.3, 3.0), r"$\odot$")
        arrow(axis, (5.3, 3.2), (5.3, 4.5))
    with _strength(axis, part, "o"):
        arrow(axis, (8.9, 1.75), (8.9, 2.6))
        label(axis, (9.05, 2.2), "how much\nis shown", size=size, align="left")
        arrow(axis, (8.9, 4.7), (8.9, 4.1), kind="state")
        box(axis, (8.9, 3.85), r"$\tanh$", "plain", width=0.95)
        arrow(axis, (8.9, 3.6), (8.9, 3.0), kind="state")
        _sign(axis, (8.9, 2.8), r"$\odot$")
        arrow(axis, (9.1, 2.8), (10.45, 2.8), kind="state")
        box(axis, (10.9, 2.8), "$h_t$", "state")
    return figure


def word_heat_map(
    words: Sequence[str],
    panels: Sequence[tuple[str, Sequence[Sequence[float]], Sequence[str], str]],
    *,
    numbers: bool | None = None,
) -> Figure:
    """Draw what a cell does at each word: a column for each word, a row for each gate or unit.

    Parameters
    ----------
    words : sequence of str
        One for each column.
    panels : sequence of (title, values, rows, kind)
        ``values`` has a row for each name in ``rows`` and a column for each word. ``kind`` is ``"gate"``, drawn from 0
        to 1, ``"size"``, drawn from 0 to the largest value, or ``"signed"``, drawn with 0 in the middle.
    numbers : bool, optional
        Print the values into the fields. Left out: if there are at most twelve words.

    Raises
    ------
    ValueError
        If there is no panel, a kind is unknown, or values do not fit words and rows.

    Notes
    -----
    Karpathy, Johnson and Fei-Fei (2015), "Visualizing and understanding recurrent networks".
    """
    if not panels:
        raise ValueError("'panels' must hold at least one panel, got none.")
    tables = [np.asarray(values, dtype=float) for _, values, _, _ in panels]
    for (title, _, rows, kind), table in zip(panels, tables, strict=True):
        if kind not in ("gate", "size", "signed"):
            raise ValueError(f"the kind of {title!r} must be 'gate', 'size' or 'signed', got {kind!r}.")
        if table.shape != (len(rows), len(words)):
            raise ValueError(
                f"the values of {title!r} must have shape ({len(rows)}, {len(words)}), rows by words, got {table.shape}."
            )
    if numbers is None:
        numbers = len(words) <= PRINTED
    heights = [len(table) + 1.1 for table in tables]
    figure, first = new_figure(8.6, 0.75 + 0.29 * sum(heights))
    first.remove()
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axis, (title, _, rows, kind), table in zip(axes, panels, tables, strict=True):
        top = 1.0 if kind == "gate" else max(float(np.abs(table).max()), 1e-9)
        image = axis.imshow(
            table,
            aspect="auto",
            cmap=SIGNED_COLOURS if kind == "signed" else GATE_COLOURS,
            vmin=-top if kind == "signed" else 0.0,
            vmax=top,
        )
        axis.set_title(title, fontsize=9.5)
        axis.set_yticks(range(len(rows)), rows, fontsize=9)
        axis.tick_params(length=0)
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        figure.colorbar(image, ax=axis, fraction=0.03, pad=0.01, aspect=4 + 3 * len(rows))
        if numbers:
            _print_numbers(axis, table, kind, top)
    axes[-1].set_xticks(range(len(words)), words, rotation=38, ha="right", rotation_mode="anchor", fontsize=9)
    for axis in axes[:-1]:
        axis.tick_params(labelbottom=False)
    return figure


def legend_above(figure: Figure, columns: int = 3) -> Figure:
    """Move the names of curves above the axes, where no curve runs.

    Parameters
    ----------
    figure : Figure
        With one panel and a legend, for example from ``score_figures.curves``.

    Returns
    -------
    Figure
        The same figure.
    """
    figure.axes[0].legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, fontsize=8.5)
    return figure


def _print_numbers(axis: Axes, table: np.ndarray, kind: str, top: float) -> None:
    """Write each value into its field, dark on light and light on dark."""
    for (row, column), value in np.ndenumerate(table):
        dark = value < 0.5 * top if kind != "signed" else abs(value) > 0.7 * top
        shown = f"{value:.1f}".replace("-0.0", "0.0")
        axis.text(
            column,
            row,
            shown,
            ha="center",
            va="center",
            fontsize=8,
            color="white" if dark else COLOURS["ink"],
        )


@contextmanager
def _strength(axis: Axes, part: str | None, *own: str) -> Iterator[None]:
    """Draw what stands inside in full strength if its part is wanted, and pale if not."""
    before = set(axis.get_children())
    yield
    if part is not None and part not in own and "ends" not in own:
        for artist in set(axis.get_children()) - before:
            artist.set_alpha(PALE)
            artist.set_zorder(artist.get_zorder() - 1)


def _wire(axis: Axes, points: Sequence[Point], kind: str = "plain") -> None:
    """Draw a line with corners that ends in an arrow head."""
    xs, ys = zip(*points[:-1], strict=True)
    axis.plot(xs, ys, color=EDGES[kind], lw=1.3, marker="", linestyle="-")
    arrow(axis, points[-2], points[-1], kind=kind)


def _sign(axis: Axes, at: Point, sign: str) -> None:
    axis.add_patch(Circle(at, 0.2, facecolor="white", edgecolor=EDGES["plain"], linewidth=1.2, zorder=3))
    axis.text(*at, sign, ha="center", va="center", fontsize=10, color=COLOURS["ink"], zorder=4)
