"""An entry of ``EXPERIMENTS`` changes one field of the baseline, was run, and runs here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark, share_right
from coursegrader.kinds.baseline import words_of
from coursegrader.messages import Message, Said, say, what_said
from coursekit.homework.experiments import one_change
from coursekit.training import Config

SETTINGS = {"smoke": {"rows", "epochs"}}
NEEDS_DATA = True
NAME = "EXPERIMENTS"


def problems(points: int, options: Mapping[str, Any]) -> str:
    """Which of the good experiments gets the points has to be said."""
    number = options.get("number")
    good = isinstance(number, int) and not isinstance(number, bool) and number >= 1
    return "" if good else f"'number' must be a whole number from 1, got {number!r}."


def ask(part: Part, request: Request) -> None:
    """Read the dictionary, and train every entry on a sample."""
    baseline = request.homework.baseline_config.to_dict()
    request.probe("experiments", "values", name=NAME, empty="not written")
    sizes = {"words": words_of(request), "classes": len(request.corpus.label_names)}
    request.probe_training("train_each", "train_each", baseline, heldout=True, name=NAME, **sizes)


def mark(part: Part, evidence: Evidence) -> Mark:
    """Give the points to the experiment of this number among the good ones."""
    named = evidence.dictionary(part, "experiments", NAME)
    if isinstance(named, Mark):
        return named
    good, reasons = good_experiments(named, evidence)
    number = part.options["number"]
    if len(good) >= number:
        name, accuracy = good[number - 1]
        made = Mark.of(part, part.points, measured={"experiment": name, "smoke accuracy": accuracy})
        run = evidence.outcome.facts("train_each").get(name)
        idle = not isinstance(run, dict) or run.get("effect") is not True
        return made.on_hold(without_effect(name)) if idle else made
    return without_points(
        part, named, evidence, *(reasons or [say("kinds.experiment.number", number=len(named))])
    )


def without_points(part: Part, named: Mapping[str, Any], evidence: Evidence, *reasons: Said) -> Mark:
    """No points; settled, unless a run that is in order breaks here though it ran at home."""
    runs, base = evidence.outcome.facts("train_each"), evidence.homework.baseline_config
    for name, changes in named.items():
        try:
            breaks = evidence.breaks_here(runs.get(name), one_change(base, changes))
        except (ValueError, TypeError, AttributeError):
            continue
        if breaks:
            return evidence.waiting(part, "train_each", 0, *reasons)
    return Mark.of(part, 0, *reasons)


def without_effect(name: str) -> Message:
    """That the model of an experiment is the one without it."""
    return say("words.colon", name=name, said=say("kinds.no-effect"))


def good_experiments(
    named: Mapping[str, Any], evidence: Evidence
) -> tuple[list[tuple[str, float]], list[Said]]:
    """Experiments that change one thing, were run by the student, and run here; and what is wrong with the others."""
    good, reasons, seen = [], [], []
    for name, changes in named.items():
        try:
            config = one_change(evidence.homework.baseline_config, changes)
        except (ValueError, TypeError, AttributeError) as error:
            reasons.append(say("words.colon", name=name, said=what_said(error)))
            continue
        accuracy, wrong = _accuracy(name, config, seen, evidence)
        if wrong:
            reasons.append(say("words.colon", name=name, said=wrong))
        else:
            seen.append(config)
            good.append((name, accuracy))
    return good, reasons


def _accuracy(name: str, config: Config, seen: list[Config], evidence: Evidence) -> tuple[float, Said | None]:
    """What an experiment reached on the sample, or what is wrong with it."""
    if config in seen:
        return 0.0, say("kinds.experiment.repeat")
    run = evidence.outcome.facts("train_each").get(name)
    if why := evidence.why_it_does_not_count(run, config):
        return 0.0, why
    logits = evidence.outcome.tensors.get("train_each", {}).get(f"{run.get('number')}.logits")
    return share_right(logits, evidence.labels, len(evidence.corpus.label_names))
