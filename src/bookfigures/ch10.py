"""Figures of chapter 10: score against cost, and precision against recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from bookfigures.points import log_x, name_points
from coursekit.figures.style import COLOURS, legend_below, new_figure
from coursekit.figures.words import capital, described, number, quoted


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
    figure, axis = new_figure(height=4.2)
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
    return described(
        figure,
        f"{capital(ylabel)} against {xlabel} on a logarithmic axis, a mark for each of {len(points)} models.",
        _front_in_words(front, points),
        f"Crosses, beaten: {_points_in_words(beaten, points)}." if beaten else "",
    )


def _front_in_words(front: Sequence[str], points: Mapping[str, tuple[float, float]]) -> str:
    """Which models nothing beats, and where on their line they lie."""
    if not front:
        return ""
    join = "A line joins the models that nothing beats" if len(front) > 1 else "One model that nothing beats"
    return f"{join}: {_points_in_words(front, points)}."


def _points_in_words(names: Sequence[str], points: Mapping[str, tuple[float, float]]) -> str:
    """The score and the cost of models; a point is (cost, score)."""
    said = {name: (number(points[name][1]), number(points[name][0])) for name in names}
    return "; ".join(f"{quoted(name)}, {score} at {cost}" for name, (score, cost) in said.items())


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
    figure, axis = new_figure(height=4.6)
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
    return described(
        figure,
        "Precision against recall.",
        _best_in_words(curves),
        _marks_in_words({name: marks[name] for name in curves if name in marks}),
        f"A dotted level line at {number(share)} is the precision of calling every text positive.",
    )


def _best_in_words(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> str:
    """The highest precision of each curve where half of the positive texts or more are found."""
    there = {
        name: [p for p, r in zip(precision, recall, strict=True) if r >= 0.5]
        for name, (precision, recall) in curves.items()
    }
    best = [f"“{name}” {number(max(found))}" for name, found in there.items() if found]
    return f"The highest precision at a recall of one half or more: {'; '.join(best)}." if best else ""


def _marks_in_words(marks: Mapping[str, tuple[float, float]]) -> str:
    """Where the threshold ½ lies on each curve; a mark is (precision, recall)."""
    said = [f"“{name}”, precision {number(p)} and recall {number(r)}" for name, (p, r) in marks.items()]
    return f"Marks at threshold ½: {'; '.join(said)}." if said else ""
