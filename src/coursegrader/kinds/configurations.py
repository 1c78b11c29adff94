"""The entries named in ``wanted`` change only ``fields`` of ``base``, were run, and run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.kinds import configuration_problem
from coursegrader.messages import Said, say, what_said
from coursekit.training import OPTIMISERS, Config

SETTINGS = {"smoke": {"rows", "epochs"}}
OPTIONS = {"task": str, "name": str, "wanted": list, "fields": list}
NEEDS_DATA = True


def problems(points: int, options: Mapping[str, Any]) -> str:
    """The base has to be a configuration."""
    return configuration_problem("base", options.get("base", {}))


def ask(part: Part, request: Request) -> None:
    """Read the dictionary, and train every entry on a sample."""
    name, base = part.options["name"], Config.from_dict(part.options.get("base", {})).to_dict()
    request.probe(f"{part.id}-values", "values", name=name, empty="not written")
    request.probe_training(f"{part.id}-runs", "train_each", base, name=name, several=True)


def mark(part: Part, evidence: Evidence) -> Mark:
    """All of them have to be in order."""
    named, wanted = (
        evidence.dictionary(part, f"{part.id}-values", part.options["name"]),
        set(part.options["wanted"]),
    )
    if isinstance(named, Mark):
        return named
    if not wanted <= set(named):
        return Mark.of(part, 0, say("kinds.configurations.wanted", names=sorted(wanted)))
    runs, reasons, settled = evidence.outcome.facts(f"{part.id}-runs"), [], True
    for name, changes in named.items():
        wrong = _wrong(part, name, changes)
        if not wrong:
            config = _config(part, changes)
            wrong = evidence.why_it_does_not_count(runs.get(name), config)
            settled &= not evidence.breaks_here(runs.get(name), config)
        reasons += [say("words.colon", name=name, said=wrong)] if wrong else []
    if not settled:
        return evidence.waiting(part, f"{part.id}-runs", 0, *reasons)
    return Mark.of(part, 0 if reasons else part.points, *reasons)


def _config(part: Part, changes: Mapping[str, Any]) -> Config:
    return Config.from_dict({**part.options.get("base", {}), **changes})


def _wrong(part: Part, name: str, changes: Any) -> Said | None:
    """What is wrong with one entry, before it is run; None if nothing is."""
    try:
        config = _config(part, changes)
    except (ValueError, TypeError, AttributeError) as error:
        return what_said(error)
    extra = set(changes) - set(part.options["fields"])
    if extra:
        return say("kinds.configurations.also", names=sorted(extra))
    if name in part.options["wanted"] and name in OPTIMISERS and config.optimiser != name:
        return say("kinds.configurations.optimiser", name=config.optimiser)
    return None
