"""The highest and the lowest of what is drawn, in words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from coursekit.figures.words import number


def extremes(names: Iterable[object], values: Iterable[float]) -> str:
    """Where the values are highest and where lowest, such as "highest 3 at b, lowest 1 at a"; of equals, the first."""
    places, heights = list(names), [float(value) for value in values]
    low, high = int(np.argmin(heights)), int(np.argmax(heights))
    if heights[low] == heights[high]:
        return f"{number(heights[low])} throughout"
    return (
        f"highest {number(heights[high])} at {places[high]}, lowest {number(heights[low])} at {places[low]}"
    )
