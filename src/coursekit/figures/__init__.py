"""Plots: every figure and diagram that the chapters share, in one visual language."""

from coursekit.figures.shown import ShownFigure, show
from coursekit.figures.style import COLOURS, LINES, MARKERS, new_figure, use_style

__all__ = ["COLOURS", "LINES", "MARKERS", "ShownFigure", "new_figure", "show", "use_style"]
