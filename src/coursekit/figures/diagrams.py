"""The pieces of every diagram: boxes, arrows, dots, in the book's colours."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from coursekit.figures.style import COLOURS, new_figure

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


def canvas(width: float, height: float, columns: int = 1) -> tuple[Figure, Axes]:
    """Open an empty drawing in which one unit is as long across as upwards.

    Parameters
    ----------
    width, height : float
        Inches.
    """
    figure, axes = new_figure(width, height, columns)
    for axis in axes if columns > 1 else [axes]:
        axis.set_aspect("equal")
        axis.axis("off")
    return figure, axes


def box(
    axis: Axes, at: Point, text: str, kind: str = "plain", *, width: float = 0.9, height: float = 0.5
) -> None:
    """Draw a rounded box with its middle at a point.

    Parameters
    ----------
    text : str
        May hold formulae between dollar signs.
    kind : {"input", "state", "output", "plain"}
        Colour; the kind is told by the text too, for grey print.
    """
    x, y = at
    axis.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=FILLS[kind],
            edgecolor=EDGES[kind],
            linewidth=1.4,
        )
    )
    axis.text(x, y, text, ha="center", va="center", fontsize=10, color=COLOURS["ink"])


def arrow(
    axis: Axes, start: Point, end: Point, text: str = "", *, bend: float = 0.0, kind: str = "plain"
) -> None:
    """Draw an arrow, with a word beside it.

    Parameters
    ----------
    bend : float, default 0
        How far the arrow leaves the straight line.
    kind : str
        Colour, as for a box.
    """
    axis.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=11,
            linewidth=1.3,
            color=EDGES[kind],
            shrinkA=0,
            shrinkB=0,
        )
    )
    if text:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        across = abs(end[0] - start[0]) > abs(end[1] - start[1])
        offset = (0, 0.12 + abs(bend)) if across else (0.1, 0)
        axis.text(
            x + offset[0],
            y + offset[1],
            text,
            fontsize=9,
            color=COLOURS["ink"],
            ha="center" if across else "left",
            va="bottom" if across else "center",
        )


def label(axis: Axes, at: Point, text: str, *, size: float = 10, align: str = "center") -> None:
    """Write a word into a drawing.

    Parameters
    ----------
    align : {"center", "left", "right"}
    """
    axis.text(*at, text, ha=align, va="center", fontsize=size, color=COLOURS["ink"])


def frame(axis: Axes, left: float, right: float, bottom: float, top: float) -> None:
    """Set what part of the plane is shown."""
    axis.set_xlim(left, right)
    axis.set_ylim(bottom, top)
