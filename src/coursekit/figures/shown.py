"""Showing a figure: an image with alternative text, which a notebook, the book and a screen reader all understand."""

from __future__ import annotations

import base64
import html
import io
import math
import re
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

_MADE_ID = re.compile(rb'\bid="([a-z]+)([0-9a-f]{10,})"')
_LONG = re.compile(rb"(?<!scale\()-?\b\d+\.\d{4,}")
_SIZE = re.compile(rb'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]+"')
_CARD = "max-width:100%;height:auto;background:#fff;padding:8px;border-radius:6px;box-sizing:border-box"


@dataclass(frozen=True)
class ShownFigure:
    """A figure as HTML: an SVG image with alternative text, on an opaque white card."""

    svg: bytes = field(repr=False)
    alt: str

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.svg).decode("ascii")
        image = f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(self.alt)}" style="{_CARD}">'
        return f'<figure style="margin:0 0 1em">{image}</figure>'

    def __repr__(self) -> str:
        return f"[figure: {self.alt}]"


def show(fig: Figure, *, alt: str | None = None) -> ShownFigure:
    """Return a figure in a form that a cell can end with.

    The course's drawings bring their alternative text (:func:`coursekit.figures.described`); for a figure of your own,
    or for one in another language, ``alt`` says in a sentence what it shows.
    """
    alt = fig.get_label() if alt is None else alt
    if len(alt.strip()) < 20:
        raise ValueError(
            f"'alt' must say what the figure shows, in a sentence; got {alt!r}. Pass alt=…, or draw with a function "
            "that describes its figure."
        )
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "coursekit"}):
        fig.savefig(buffer, format="svg", metadata={"Date": None}, facecolor="white")
    return ShownFigure(_same_twice(_cropped(buffer.getvalue(), fig)), alt.strip())


def _cropped(svg: bytes, fig: Figure) -> bytes:
    """Show what is drawn, and no margin: in whole points, since a coordinate's last bit may differ.

    The view is moved rather than the drawing, whose printed coordinates would differ in that bit.
    """
    FigureCanvasAgg(fig).draw()
    dot = 72 / fig.dpi  # points in a pixel
    boxes = [
        box for artist in _drawn(fig) if (box := artist.get_tightbbox()) and np.isfinite(box.extents).all()
    ]
    left, bottom, right, top = np.round(dot * Bbox.union(boxes).extents, 1) if boxes else (0, 0, 1, 1)
    left, bottom, right, top = int(left) - 2, int(bottom) - 2, int(right) + 3, int(top) + 3
    width, height = right - left, top - bottom
    view = f"{left} {72 * fig.get_figheight() - top:g} {width} {height}"
    head = f'width="{width}pt" height="{height}pt" viewBox="{view}"'
    return _SIZE.sub(head.encode(), svg, count=1)


def _drawn(fig: Figure) -> list[Artist]:
    """What a figure draws; of axes without a frame, what stands in them."""
    drawn: list[Artist] = [*fig.legends, *fig.texts]
    for axis in fig.axes:
        frame = (axis.patch, axis.xaxis, axis.yaxis, *axis.spines.values())
        drawn += [axis] if axis.axison else [artist for artist in axis.get_children() if artist not in frame]
    return [artist for artist in drawn if artist.get_visible()]


def _same_twice(svg: bytes) -> bytes:
    """Make the file the same for two drawings whose coordinates differ in the last bit.

    Coordinates keep three decimals. They are cut at a third of the last one: many lie in the middle between two, none there.
    Ids, which matplotlib hashes from coordinates, are numbered in order.
    """
    svg = _LONG.sub(lambda found: b"%g" % (math.floor(1000 * float(found[0]) + 1 / 3) / 1000), svg)
    for number, (kind, digits) in enumerate(dict.fromkeys(_MADE_ID.findall(svg))):
        svg = svg.replace(kind + digits, b"%s-%d" % (kind, number))
    return svg
