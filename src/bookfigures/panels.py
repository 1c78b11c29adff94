"""Panels one below the other, which a phone shows whole."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.figures.style import WIDTH, new_panels


def stacked(titles: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
    """Open a figure as wide as a phone shows whole, with a panel for each title, one below the other."""
    figure, axes = new_panels(titles, WIDTH, height)
    for axis, place in zip(axes, figure.add_gridspec(len(axes), 1), strict=True):
        axis.set_subplotspec(place)
    return figure, axes
