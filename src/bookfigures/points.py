"""Axes of points that bear names."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import LogLocator
from matplotlib.transforms import Bbox

from coursekit.figures.style import COLOURS, WIDTH
from coursekit.figures.words import number

_LEADER = {"arrowstyle": "-", "color": COLOURS["grey"], "linewidth": 0.7, "shrinkA": 0, "shrinkB": 2}


def log_x(axis: Axes) -> None:
    """Make the horizontal axis logarithmic, with plain numbers at 1, 2, 5, 10, 20 …"""
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter("{x:,.12g}")
    axis.minorticks_off()


def log_span(places: Sequence[float]) -> str:
    """From where to where a logarithmic axis of these places goes, in words."""
    return f"from {number(min(places))} to {number(max(places))} on a logarithmic axis"


def name_points(axis: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Write each name beside its point, at the nearest place where it covers nothing and no other point is half as near again.

    Where there is no such place, a thin line leads from the name to its point. Raises ``ValueError`` if there is no place
    at all within 40 points.
    """
    axis.figure.draw_without_rendering()  # so that it is known where the points and lines lie
    places = axis.transData.transform(np.reshape([*points.values()], (-1, 2)))
    occupied = [places]
    for line in axis.lines:
        if line.get_linestyle() != "None":
            occupied.append(Path(line.get_transform().transform(line.get_xydata())).interpolated(40).vertices)
    taken = [Bbox.from_extents(x - 3, y - 3, x + 3, y + 3) for x, y in np.concatenate(occupied)]
    named: list[Bbox] = []
    size = 10 if axis.figure.get_figwidth() <= WIDTH else 8  # a phone shrinks narrow figures more
    sides = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, -1), (-1, 1), (1, 1), (-1, -1)]
    for own, (name, at) in enumerate(points.items()):
        for led, far, (dx, dy) in itertools.product((False, True), range(6, 41, 4), sides):
            text = axis.annotate(
                name, at, (dx * far, dy * far), textcoords="offset points", fontsize=size,
                ha=("center", "left", "right")[dx], va=("center", "bottom", "top")[dy],
                arrowprops=_LEADER if led else None,
            )  # fmt: skip
            text.get_window_extent()  # puts it in its place
            room = Text.get_window_extent(text)  # without its line
            if (
                axis.bbox.containsx(room.x0)
                and axis.bbox.containsx(room.x1)
                and not any(map(room.overlaps, taken))
                and (_leads(room, places, own, named) if led else _is_beside(room, places, own))
            ):
                taken.append(room)
                named.append(room)
                break
            text.remove()
        else:
            raise ValueError(
                f"no room for the name {name!r} among {len(points)} points; make the figure larger."
            )


def _is_beside(room: Bbox, places: np.ndarray, own: int) -> bool:
    """Whether a box is clearly nearest to its own point."""
    far = _distances(room, places)
    return bool((np.delete(far, own) > 1.5 * far[own]).all())


def _leads(room: Bbox, places: np.ndarray, own: int, named: Sequence[Bbox]) -> bool:
    """Whether the straight way from a box to its point meets no other point and no name."""
    start = places[own]
    way = start + np.linspace(0, 1, 40)[:, None] * (np.clip(start, room.min, room.max) - start)
    others = np.delete(places, own, axis=0)
    return all(not box.contains(*at) for box in named for at in way) and all(
        (np.hypot(*(others - at).T) > 4).all() for at in way
    )


def _distances(room: Bbox, places: np.ndarray) -> np.ndarray:
    """How far points (N, 2) lie from a box; 0 inside."""
    beyond = np.maximum(np.maximum(room.min - places, places - room.max), 0.0)  # (N, 2)
    return np.hypot(*beyond.T)
