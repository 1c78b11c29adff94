"""The pieces of every diagram: boxes, cells, wires, arrows, in the book's colours."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

from coursekit.figures.style import COLOURS, new_panels

KINDS = ("input", "state", "output", "plain")
FILLS = {
    "input": "#e8f1f8",  # words and vectors that come in
    "state": "#fdf0e0",  # what the network keeps
    "output": "#e3f4ee",  # what it says
    "plain": "#f4f4f4",
}
EDGES = {
    "input": COLOURS["blue"],
    "state": COLOURS["orange"],
    "output": COLOURS["green"],
    "plain": COLOURS["grey"],
}

Point = tuple[float, float]


def canvases(titles: Sequence[str], width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Open empty drawings side by side, in which one unit is as long across as upwards; sizes in inches."""
    figure, axes = new_panels([""] * len(titles), width, height)
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=10, loc="center")
        axis.set_aspect("equal")
        axis.axis("off")
    return figure, axes


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Open one empty drawing; see :func:`canvases`."""
    figure, (axis,) = canvases([""], width, height)
    return figure, axis


def frame(axis: Axes, left: float, right: float, bottom: float, top: float) -> None:
    """Set what part of the plane is shown."""
    axis.set_xlim(left, right)
    axis.set_ylim(bottom, top)


def label(
    axis: Axes, at: Point, text: str, *, size: float = 10, align: str = "center", **how: object
) -> None:
    """Write a word into a drawing; ``how`` is passed on to ``Axes.text``."""
    axis.text(*at, text, **{"ha": align, "va": "center", "fontsize": size, "color": COLOURS["ink"]} | how)


def box(
    axis: Axes, at: Point, text: str, kind: str = "plain", *, width: float = 0.9, height: float = 0.5
) -> None:
    """Draw a rounded box with its middle at a point; the text may hold formulae between dollar signs.

    The kind gives the colour; for grey print it is told by the text too.
    """
    x, y = at
    shape = "round,pad=0,rounding_size=0.1"
    corner = (x - width / 2, y - height / 2)
    colours = {"facecolor": FILLS[kind], "edgecolor": EDGES[kind]}
    axis.add_patch(FancyBboxPatch(corner, width, height, boxstyle=shape, linewidth=1.4, **colours))
    label(axis, at, text)


def cell(
    axis: Axes, at: Point, text: str, kind: str = "plain", *, width: float = 0.5, height: float = 0.5,
    size: float = 8, **how: object,
) -> None:  # fmt: skip
    """Draw a cell of a table with its middle at a point; ``how`` is passed on to ``Rectangle``."""
    corner = (at[0] - width / 2, at[1] - height / 2)
    look = {"facecolor": FILLS[kind], "edgecolor": EDGES[kind], "linewidth": 0.9} | how
    axis.add_patch(Rectangle(corner, width, height, **look))
    if text:
        label(axis, at, text, size=size)


def arrow(
    axis: Axes, start: Point, end: Point, text: str = "", *, bend: float = 0.0, kind: str = "plain"
) -> None:
    """Draw an arrow, with a word beside it; ``bend`` says how far it leaves the straight line."""
    axis.add_patch(
        FancyArrowPatch(
            start, end, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=11, linewidth=1.3,
            color=EDGES[kind], shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
    if not text:
        return
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if abs(end[0] - start[0]) > abs(end[1] - start[1]):  # across: the word stands above
        label(axis, (x, y + 0.12 + abs(bend)), text, size=9, va="bottom")
    else:
        label(axis, (x + 0.1, y), text, size=9, align="left")


def wire(axis: Axes, points: Sequence[Point], kind: str = "plain", *, head: bool = True) -> None:
    """Draw a line with corners; with a head, its last piece is an arrow."""
    xs, ys = zip(*(points[:-1] if head else points), strict=True)
    axis.plot(xs, ys, color=EDGES[kind], lw=1.3, marker="", linestyle="-")
    if head:
        arrow(axis, points[-2], points[-1], kind=kind)


def sign(axis: Axes, at: Point, text: str = r"$\odot$") -> None:
    """Draw a round node in which wires meet: a product, or a sum."""
    axis.add_patch(Circle(at, 0.2, facecolor="white", edgecolor=EDGES["plain"], linewidth=1.2, zorder=3))
    label(axis, at, text, zorder=4)


def unroll(axis: Axes, words: Sequence[str], gap: float, *, W_xh: str = "", W_hh: str = "") -> None:
    """Draw a network once for each word, a column every ``gap``, with the state handed on; weights may be named."""
    state_at = 1.6
    for t, word in enumerate(words):
        x = gap * t
        label(axis, (x, -0.75), word)
        box(axis, (x, 0), f"$x_{t + 1}$", "input")
        box(axis, (x, state_at), f"$h_{t + 1}$", "state")
        arrow(axis, (x, 0.25), (x, state_at - 0.25), W_xh)
        if t:
            arrow(axis, (x - gap + 0.45, state_at), (x - 0.45, state_at), W_hh, kind="state")


def unrolled_in_words(words: Sequence[str]) -> str:
    """What :func:`unroll` draws."""
    vectors, states = (
        f"{letter}_1 to {letter}_{len(words)}" if len(words) > 1 else f"{letter}_1" for letter in "xh"
    )
    return (
        f"A recurrent network, unrolled word by word: {', '.join(words)}. "
        f"Each word vector, {vectors}, leads to a state, {states}, and each state leads to the next one."
    )


def stack(axis: Axes, layers: int, steps: int, gap: float, rise: float) -> None:
    """Draw layers on top of each other over some steps, a column every ``gap`` and a layer every ``rise``."""
    for layer, name in enumerate(["words", *(f"layer {k}" for k in range(1, layers + 1))]):
        y = rise * layer
        label(axis, (-0.8, y), name, size=9, align="right")
        for t in range(steps):
            text, kind = (f"$h^{{({layer})}}_{t + 1}$", "state") if layer else (f"$x_{t + 1}$", "input")
            box(axis, (gap * t, y), text, kind)
            if layer:
                arrow(axis, (gap * t, y - rise + 0.25), (gap * t, y - 0.25))
            if layer and t:
                arrow(axis, (gap * (t - 1) + 0.45, y), (gap * t - 0.45, y), kind="state")
