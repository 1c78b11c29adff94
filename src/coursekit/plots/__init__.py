"""Room 11, plots: every figure and diagram that the chapters share, in one visual language.

Left out: interactive figures, which need a script in the page.
"""

from coursekit.plots.shown import ShownFigure, show
from coursekit.plots.style import COLOURS, LINES, MARKERS, new_figure, use_style

__all__ = ["COLOURS", "LINES", "MARKERS", "ShownFigure", "new_figure", "show", "use_style"]
