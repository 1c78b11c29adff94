"""The visual language: colours a colour-blind reader can tell apart, with a marker and a dash for grey print.

The colours are those of Okabe and Ito (2008), "Color universal design".
"""

from __future__ import annotations

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
    "figure.figsize": (6.4, 3.4),
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


def new_figure(
    width: float = 6.4, height: float = 3.4, columns: int = 1, **how: object
) -> tuple[Figure, Axes]:
    """Open a figure in the book's style, without leaving it open behind the reader's back.

    Parameters
    ----------
    width, height : float
        Inches; 6.4 is the width of the text.
    columns : int, default 1
        Panels side by side.
    **how
        Passed on to ``matplotlib.pyplot.subplots``.

    Returns
    -------
    figure, axes
        ``axes`` is an array if ``columns`` is above 1.
    """
    with mpl.rc_context(_SETTINGS):
        figure, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained", **how)
    plt.close(figure)  # shown by plots.show only, so no cell shows it twice
    return figure, axes
