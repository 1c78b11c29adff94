"""Figures of chapter 10: score against cost, and precision against recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from bookfigures.points import log_x, name_points
from coursekit.figures.style import COLOURS, legend_below, new_figure


def score_against_cost(
    models: Mapping[str, tuple[float, float]], front: Sequence[str], *, xlabel: str, ylabel: str
) -> Figure:
    """Draw every model as a dot or a cross, and a line through those that nothing beats.

    Parameters
    ----------
    models : mapping of str to (score, cost)
    front : sequence of str
        Names of the models on the Pareto front, from the cheapest up; see :func:`coursekit.stats.pareto_front`.
    xlabel, ylabel : str
        Of cost and score; the axis of the cost is logarithmic.

    Raises
    ------
    ValueError
        If a cost is not above 0.
    """
    points = {
        name: (cost, score) for name, (score, cost) in sorted(models.items(), key=lambda item: item[1][1])
    }
    if min(cost for cost, _ in points.values()) <= 0:
        raise ValueError("every cost must be above 0: its axis is logarithmic.")
    beaten = [name for name in points if name not in front]
    figure, axis = new_figure(6.4, 4.4)
    for names, label, look in (
        (front, "nothing beats these", {"marker": "o", "color": COLOURS["blue"], "linestyle": "-"}),
        (beaten, "beaten", {"marker": "x", "color": COLOURS["grey"], "linestyle": ""}),
    ):
        if names:
            axis.plot(*zip(*(points[name] for name in names), strict=True), label=label, **look)
    log_x(axis)
    axis.margins(x=0.25, y=0.15)
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    legend_below(figure)
    name_points(axis, points)
    return figure


def precision_against_recall(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    marks: Mapping[str, tuple[float, float]],
    *,
    share: float,
) -> Figure:
    """Draw precision against recall, with single thresholds marked.

    Parameters
    ----------
    curves : mapping of str to (precision, recall)
    marks : mapping of str to (precision, recall)
        One point of a curve, under the curve's name: where a threshold of ½ lies.
    share : float
        Of positive texts: the precision of calling everything positive, drawn as a line.
    """
    figure, axis = new_figure(6.4, 4.6)
    markers = dict(zip(curves, "os^D", strict=False))
    for name, (precision, recall) in curves.items():
        (line,) = axis.plot(recall, precision, marker="", label=name)
        if name in marks:
            look = {"color": line.get_color(), "marker": markers[name], "markersize": 8, "linestyle": ""}
            look["markeredgecolor"] = COLOURS["ink"]
            axis.plot(*reversed(marks[name]), label=f"{name}, threshold ½", **look)
    axis.axhline(share, color=COLOURS["grey"], linestyle=":", label="calling every text positive")
    axis.set_xlim(-0.02, 1.05)
    axis.set_ylim(-0.02, 1.05)
    axis.set_xlabel("recall")
    axis.set_ylabel("precision")
    legend_below(figure)
    return figure
