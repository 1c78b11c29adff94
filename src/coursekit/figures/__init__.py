"""Figures: what several chapters draw with, in one visual language; the drawings of one chapter are in ``bookfigures``."""

from coursekit.figures.shown import ShownFigure, show
from coursekit.figures.style import COLOURS, LINES, MARKERS, new_figure, use_style
from coursekit.figures.words import described

__all__ = ["COLOURS", "LINES", "MARKERS", "ShownFigure", "described", "new_figure", "show", "use_style"]
