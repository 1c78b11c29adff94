"""Experiments along one field: each entry changes it and nothing else, was run, and runs here. Or several fields together.

Every entry that counts gives its share of the points, until ``least`` entries with different values are there for
every base. What was reached is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.kinds import configuration_problem
from coursegrader.messages import Said, say, what_said
from coursegrader.packed import has_result
from coursekit.homework.experiments import sweep_entry
from coursekit.training import Config, change

SETTINGS = {"smoke": {"rows", "epochs"}}
OPTIONS = {"task": str, "name": str, "fields": list, "least": int}
NEEDS_DATA = True
WORDS = 500  # of the small vocabulary on which a change is looked at


def problems(points: int, options: Mapping[str, Any]) -> str:
    """Fields have to exist, and every base has to be a configuration."""
    unknown = set(options["fields"]) - set(Config().to_dict())
    if unknown:
        return f"'fields' names {', '.join(sorted(unknown))}, which no configuration has."
    most = options.get("most", options["least"])
    if not isinstance(most, int) or most < options["least"]:
        return f"'most' must be a whole number, at least 'least' ({options['least']}), got {most!r}."
    return next(
        filter(None, (configuration_problem("bases", base) for base in options.get("bases", [{}]))), ""
    )


def ask(part: Part, request: Request) -> None:
    """Read the dictionary, and train every entry on a sample, once for each base."""
    name, together = part.options["name"], bool(part.options.get("together"))
    request.probe(f"{part.id}-values", "values", name=name, empty="not written")
    sizes = {"words": WORDS, "classes": len(request.corpus.label_names)}
    for k, base in enumerate(_bases(part, request.homework.baseline_config)):
        what = {"name": name, "several": together} | sizes
        request.probe_training(f"{part.id}-runs-{k}", "train_each", base.to_dict(), **what)


def mark(part: Part, evidence: Evidence) -> Mark:
    """Count the entries that are in order."""
    named = evidence.dictionary(part, f"{part.id}-values", part.options["name"])
    if isinstance(named, Mark):
        return named
    least, most = part.options["least"], part.options.get("most")
    if most is not None and len(named) > most:
        return Mark.of(part, 0, say("kinds.sweep.most", number=len(named), most=most))
    bases, counted, reasons, breaking = _bases(part, evidence.homework.baseline_config), 0, [], None
    for k, base in enumerate(bases):
        good, wrong, breaks = _good_entries(part, evidence, named, base, k)
        counted += min(least, good)
        reasons += wrong
        breaking = f"{part.id}-runs-{k}" if breaks and good < least else breaking
    of = least * len(bases)
    if counted < of:
        reasons.insert(0, say("kinds.sweep.count", number=counted, of=of))
    if breaking:
        return evidence.waiting(part, breaking, part.points * counted / of, *reasons)
    return Mark.of(part, part.points * counted / of, *reasons, measured={"experiments": counted, "of": of})


def _bases(part: Part, baseline: Config) -> list[Config]:
    return [change(baseline, **base) for base in part.options.get("bases", [{}])]


def _good_entries(
    part: Part, evidence: Evidence, named: Mapping[str, Any], base: Config, k: int
) -> tuple[int, list[Said], bool]:
    """How many entries count on one base, what is wrong with the others, and whether one breaks here only."""
    runs, seen, reasons, breaks = evidence.outcome.facts(f"{part.id}-runs-{k}"), [], [], False
    fields, together, values = (part.options.get(name) for name in ("fields", "together", "values"))
    if not has_result(evidence.results, base):
        return 0, [say("kinds.sweep.no-baseline", cell=base.cell)], False
    for name, changes in named.items():
        try:
            config = sweep_entry(base, changes, fields, together=bool(together))
        except (ValueError, TypeError, AttributeError) as error:
            reasons.append(say("words.colon", name=name, said=what_said(error)))
            continue
        wrong = say("kinds.sweep.repeat") if config in seen else None
        if values and getattr(config, fields[0]) not in values:
            wrong = say("kinds.sweep.wanted", values=values)
        run = runs.get(name)
        breaks |= not wrong and evidence.breaks_here(run, config)
        wrong = wrong or evidence.why_it_does_not_count(run, config)
        wrong = wrong or (say("kinds.no-effect") if run.get("effect") is False else None)
        if wrong:
            reasons.append(say("kinds.sweep.entry", name=name, cell=base.cell, wrong=wrong))
        else:
            seen.append(config)
    return len(seen), reasons, breaks
