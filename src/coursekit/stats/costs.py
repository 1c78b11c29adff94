"""Costs: which models are worth what they cost?"""

from __future__ import annotations

from collections.abc import Mapping


def pareto_front(models: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return the models, given as (score, cost), that nothing beats, from the cheapest up.

    A model is beaten when another is at least as good and at most as costly, and better in one of the two. Raises
    ``ValueError`` if a score or cost is NaN, which is neither better nor worse than anything.

    >>> pareto_front({"small": (0.90, 1.0), "large": (0.92, 9.0), "large and bad": (0.89, 9.0)})
    ['small', 'large']
    """
    for name, pair in models.items():
        if any(number != number for number in pair):
            raise ValueError(f"'models' must hold numbers, got {pair} for {name!r}.")
    front = [
        name
        for name, (score, cost) in models.items()
        if not any(s >= score and c <= cost and (s > score or c < cost) for s, c in models.values())
    ]
    return sorted(front, key=lambda name: models[name][1])
