"""The visual language: colours a colour-blind reader can tell apart, with a marker and a dash for grey print.

The colours are those of Okabe and Ito (2008), "Color universal design". Curves take colour, marker and dash in turn, so
a drawing names them only where it means something by them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#E69F00",
    "ink": "#1a1a1a",
    "grey": "#767676",
    "pale": "#e6e6e6",
}
SERIES = ("blue", "orange", "green", "purple", "sky", "yellow")
MARKERS = ("o", "s", "^", "D", "v", "P")
WIDTH = 5.6  # inches: what a phone shows whole, with letters of 10 points
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))

_SETTINGS = {
    "axes.edgecolor": COLOURS["grey"],
    "axes.grid": True,
    "axes.prop_cycle": mpl.cycler(color=[COLOURS[name] for name in SERIES])
    + mpl.cycler(marker=MARKERS)
    + mpl.cycler(linestyle=LINES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.figsize": (WIDTH, 3.4),
    "font.size": 10,
    "grid.color": COLOURS["pale"],
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",  # the reader's machine needs no font, Cyrillic included
    "svg.hashsalt": "coursekit",  # the same figure gives the same file
}


def use_style() -> None:
    """Make matplotlib draw in the book's visual language. :func:`coursekit.setup` calls it."""
    mpl.rcParams.update(_SETTINGS)


def new_figure(width: float = WIDTH, height: float = 3.4) -> tuple[Figure, Axes]:
    """Open a figure in the book's style, in inches; a wider one scrolls on a phone."""
    figure, (axis,) = new_panels([""], width, height)
    return figure, axis


def new_panels(
    titles: Sequence[str], width: float, height: float, **how: object
) -> tuple[Figure, list[Axes]]:
    """Open a figure with a panel for each title, side by side; ``how`` is passed on to ``matplotlib.pyplot.subplots``."""
    with mpl.rc_context(_SETTINGS):
        figure, axes = plt.subplots(
            1, len(titles), figsize=(width, height), layout="constrained", squeeze=False, **how
        )
        for axis, title in zip(axes[0], titles, strict=True):
            axis.set_title(title)
    plt.close(figure)  # a cell shows it by figures.show, and only once
    return figure, list(axes[0])


def legend_below(figure: Figure) -> None:
    """Name the curves below the axes, where no curve runs; a name that several panels share stands there once."""
    named = {
        name: handle
        for axis in figure.axes
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    room = (
        13.5 * figure.get_figwidth() / (9 + max(map(len, named)))
    )  # letters in a line, letters a name takes
    rows = math.ceil(len(named) / max(1, int(room)))
    figure.legend(
        named.values(), named, loc="outside lower center", ncols=math.ceil(len(named) / rows),
        handlelength=3, frameon=False,
    )  # fmt: skip
