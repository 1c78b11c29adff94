"""One of the correct entries of ``EXPERIMENTS`` sets a field to one of some values: for example, it is a GRU or an LSTM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.kinds import experiment
from coursegrader.messages import say
from coursekit.training import Config

SETTINGS, NEEDS_DATA = experiment.SETTINGS, experiment.NEEDS_DATA
ask = experiment.ask  # the same runs are looked at
OPTIONS = {"field": str, "values": list}


def problems(points: int, options: Mapping[str, Any]) -> str:
    """The field has to exist."""
    field = options["field"]
    return (
        "" if field in Config().to_dict() else f"'field' must be a field of a configuration, got {field!r}."
    )


def mark(part: Part, evidence: Evidence) -> Mark:
    """Look for such an entry among the good ones."""
    named = evidence.dictionary(part, "experiments", experiment.NAME)
    if isinstance(named, Mark):
        return named
    good, reasons = experiment.good_experiments(named, evidence)
    field, values = part.options["field"], part.options["values"]
    for name, accuracy in good:
        if named[name].get(field) in values:
            made = Mark.of(part, part.points, measured={"experiment": name, "smoke accuracy": accuracy})
            idle = evidence.outcome.facts("train_each").get(name, {}).get("effect") is False
            return made.on_hold(experiment.without_effect(name)) if idle else made
    wanted = say("kinds.experiment_with.wanted", field=field, values=values)
    return experiment.without_points(part, named, evidence, wanted, *reasons)
