"""Figures of chapter 10: score against cost, and precision against recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from coursekit.figures.style import COLOURS, LINES, MARKERS, SERIES, new_figure


def score_against_cost(
    models: Mapping[str, tuple[float, float]], front: Sequence[str], *, xlabel: str, ylabel: str
) -> Figure:
    """Draw every model as a dot, and a line through those that nothing beats.

    Parameters
    ----------
    front : sequence of str
        Names of the models on the Pareto front, from the cheapest up; see :func:`coursekit.stats.pareto_front`.
    xlabel, ylabel : str
        Of cost and score.

    Returns
    -------
    Figure
        With a logarithmic axis for the cost.

    Raises
    ------
    ValueError
        If a name on the front is no model, or a cost is not above 0.
    """
    unknown = [name for name in front if name not in models]
    if unknown or not models:
        raise ValueError(f"'front' must name models of 'models', got {unknown or 'no models'}.")
    if min(cost for _, cost in models.values()) <= 0:
        raise ValueError("every cost must be above 0: its axis is logarithmic.")
    figure, axis = new_figure(6.4, 4.2)
    axis.plot(
        [models[name][1] for name in front],
        [models[name][0] for name in front],
        color=COLOURS["blue"],
        marker="",
        label="nothing beats these",
    )
    for k, (name, (score, cost)) in enumerate(sorted(models.items(), key=lambda item: item[1][::-1])):
        first = name in front
        axis.plot(
            cost,
            score,
            linestyle="",
            marker="o" if first else "x",
            color=COLOURS["blue" if first else "grey"],
        )
        above = 5 if k % 2 else -12  # neighbours write on different sides
        axis.annotate(name, (cost, score), xytext=(5, above), textcoords="offset points", fontsize=8)
    axis.set_xscale("log")
    axis.margins(x=0.2, y=0.12)
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.legend(loc="lower right")
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
    marks : mapping of str to (precision, recall)
        One point of a curve, under the curve's name: where a threshold of ½ lies.
    share : float
        Of positive texts: the precision of calling everything positive, drawn as a line.

    Raises
    ------
    ValueError
        If precision and recall of a curve are not equally many, or a mark belongs to no curve.
    """
    strangers = [name for name in marks if name not in curves]
    if strangers:
        raise ValueError(f"'marks' must name curves, got {strangers}; the curves are {list(curves)}.")
    figure, axis = new_figure(6.4, 4.6)
    for k, (name, (precision, recall)) in enumerate(curves.items()):
        if len(precision) != len(recall):
            raise ValueError(f"{name!r} must have as many precisions as recalls.")
        colour = COLOURS[SERIES[k % len(SERIES)]]
        line = LINES[k % len(LINES)]
        axis.plot(recall, precision, marker="", color=colour, linestyle=line, label=name)
        if name in marks:
            at_half = marks[name]
            axis.plot(
                at_half[1],
                at_half[0],
                linestyle="",
                marker=MARKERS[k % len(MARKERS)],
                markersize=8,
                color=colour,
                markeredgecolor=COLOURS["ink"],
                label=f"{name}, threshold ½",
            )
    axis.axhline(share, color=COLOURS["grey"], linestyle=":", marker="", label="calling every text positive")
    axis.set_xlim(-0.02, 1.05)
    axis.set_ylim(-0.02, 1.05)
    axis.set_xlabel("recall")
    axis.set_ylabel("precision")
    # above the axes: the curves may run anywhere below
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=2, fontsize=8)
    return figure
