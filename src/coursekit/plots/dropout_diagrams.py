"""Where dropout goes in a recurrent classifier.

Left out: what it is good for; the chapter on training measures that.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from coursekit.plots.diagrams import arrow, box, canvas, frame, label
from coursekit.plots.style import COLOURS

_CROSS = {"fontsize": 11, "fontweight": "bold", "color": COLOURS["orange"], "ha": "center", "va": "center"}


def dropout_places(n_steps: int = 3) -> Figure:
    """Draw two layers over a few steps, with a numbered cross at every place where dropout may act.

    Parameters
    ----------
    n_steps : int, default 3

    Returns
    -------
    Figure
        1: on the word vectors. 2: between layers. 3: before the head. 4: along time.

    Raises
    ------
    ValueError
        If there are fewer than two steps, so that nothing goes along time.

    Notes
    -----
    Zaremba, Sutskever and Vinyals (2014), "Recurrent neural network regularization" (2); Gal and Ghahramani (2016), "A
    theoretically grounded application of dropout in recurrent neural networks" (4). Chapter: 07.
    """
    if n_steps < 2:
        raise ValueError(f"'n_steps' must be at least 2, got {n_steps}.")
    gap, rise = 2.1, 1.5
    figure, axis = canvas(min(8.6, 1.75 * n_steps + 2.6), 4.1)
    frame(axis, -2.3, gap * n_steps + 0.9, -0.5, 2 * rise + 0.5)
    for y, name in ((0, "words"), (rise, "layer 1"), (2 * rise, "layer 2")):
        label(axis, (-0.7, y), name, size=9, align="right")
    for t in range(n_steps):
        x = gap * t
        box(axis, (x, 0), f"$x_{t + 1}$", "input")
        for layer in (1, 2):
            y = rise * layer
            box(axis, (x, y), f"$h^{{({layer})}}_{t + 1}$", "state")
            arrow(axis, (x, y - rise + 0.25), (x, y - 0.25))
            _cross(axis, (x, y - rise / 2), "1" if layer == 1 else "2")
            if t:
                arrow(axis, (x - gap + 0.45, y), (x - 0.45, y), kind="state")
                _cross(axis, (x - gap / 2, y), "4")
    last = gap * (n_steps - 1)
    box(axis, (last + gap, 2 * rise), "head", "output")
    arrow(axis, (last + 0.45, 2 * rise), (last + gap - 0.45, 2 * rise))
    _cross(axis, (last + gap / 2, 2 * rise), "3")
    return figure


def _cross(axis, at: tuple[float, float], number: str) -> None:
    x, y = at
    axis.text(x, y, f"×$_{number}$", **_CROSS, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})
