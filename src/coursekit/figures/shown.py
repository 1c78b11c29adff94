"""Showing a figure: an image with alternative text, which a notebook, the book and a screen reader all understand."""

from __future__ import annotations

import base64
import html
import io
import re
from dataclasses import dataclass, field

import matplotlib as mpl
from matplotlib.figure import Figure

_MADE_ID = re.compile(rb'\bid="([a-z]+)([0-9a-f]{10,})"')
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
    return ShownFigure(_number_ids(buffer.getvalue()), alt.strip())


def _number_ids(svg: bytes) -> bytes:
    """Number matplotlib's ids in order: it hashes coordinates, whose last bit differs between two drawings."""
    for number, (kind, digits) in enumerate(dict.fromkeys(_MADE_ID.findall(svg))):
        svg = svg.replace(kind + digits, b"%s-%d" % (kind, number))
    return svg
