"""Marking: from what the sandbox sent back to points, part by part. Every comparison is made here, outside.

A part ends as ``ok`` (marked), ``review`` (a person decides; no points until then), ``by hand``, or with the reason why
it could not be marked: ``missing``, ``not written``, ``error``, ``timeout``, ``killed``, ``memory``, ``output``, …
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from coursegrader.choices import mark_questions
from coursegrader.definition import Part
from coursegrader.evidence import (
    Evidence,
    Mark,
    asked_as,
    definitions_failed,
    failed_step,
    share_right,
)
from coursegrader.quality import mark_accuracy, mark_macro_f1, thresholds_in_texts
from coursekit.homework.checks import EQUAL, LAW
from coursekit.homework.examine import torch_cell_case
from coursekit.homework.experiments import one_change
from coursekit.text import Vocabulary
from coursekit.training import OPTIMISERS, Config

__all__ = [
    "MARKERS",
    "Evidence",
    "Mark",
    "asked_as",
    "mark",
    "read_model",
    "read_results",
    "thresholds_in_texts",
]


def mark(part: Part, evidence: Evidence) -> Mark:
    """Mark one part."""
    made = MARKERS[part.kind](part, evidence)
    held = evidence.flags and made.points and part.kind != "manual"
    if held:
        return Mark(
            part.id,
            0,
            part.points,
            "review",
            (f"on hold with {made.points:g} points until a person has looked: see the flags", *made.reasons),
            made.measured | {"points on hold": made.points},
        )
    return made


def _baseline(part: Part, evidence: Evidence) -> Mark:
    outcome, homework = evidence.outcome, evidence.homework
    for step in ("model", "train"):
        failed = failed_step(part, step, outcome)
        if failed:
            return definitions_failed(part, evidence) or failed
    reasons, facts = [], outcome.facts("model")
    found = outcome.tensors.get("model", {})
    gap = _gap(found.get("alone"), found.get("together"))
    if not gap <= 10 * LAW:
        reasons.append(f"a text's logits change with its batch mates (by {gap:.1e}); see chapter 8.")
    idle = [name for name in facts.get("idle", ["?"]) if "embedding" not in str(name)]
    if idle:
        reasons.append(f"parameters that no text moves: {', '.join(map(str, idle[:5]))}.")
    logits = outcome.tensors.get("train", {}).get("logits")
    right, wrong = share_right(logits, evidence.smoke_labels, len(evidence.corpus.label_names))
    accuracy, wanted = right / len(evidence.smoke_labels), homework.smoke["accuracy"]
    if wrong or accuracy < wanted:
        reasons.append(wrong or f"trained on a sample it reaches {accuracy:.2f}, wanted {wanted:.2f}.")
    measured = {"law": gap, "smoke accuracy": accuracy}
    return Mark(part.id, 0 if reasons else part.points, part.points, "ok", tuple(reasons), measured)


def _gap(a: Tensor | None, b: Tensor | None) -> float:
    """Largest difference; infinite if the two cannot be compared or say the same of every text."""
    if a is None or b is None or a.shape != b.shape or not a.numel():
        return math.inf
    difference = (a.double() - b.double()).abs().max().item()
    return difference if math.isfinite(difference) else math.inf


def _experiment(part: Part, evidence: Evidence) -> Mark:
    outcome = evidence.outcome
    failed = failed_step(part, "experiments", outcome)
    if failed:
        return definitions_failed(part, evidence) or failed
    named = outcome.facts("experiments").get("value")
    if not isinstance(named, dict):
        return Mark(part.id, 0, part.points, "error", ("EXPERIMENTS must be a dictionary.",))
    good, reasons = _good_experiments(named, evidence)
    number = part.options["number"]
    if len(good) >= number:
        name, accuracy = good[number - 1]
        return Mark(
            part.id, part.points, part.points, "ok", (), {"experiment": name, "smoke accuracy": accuracy}
        )
    return Mark(part.id, 0, part.points, "ok", tuple(reasons) or (f"{len(named)} experiments are named.",))


def _good_experiments(
    named: Mapping[str, Any], evidence: Evidence
) -> tuple[list[tuple[str, float]], list[str]]:
    """Experiments that change one thing, were run by the student, and run here."""
    good, reasons, seen = [], [], []
    facts = evidence.outcome.facts("train_each")
    tensors = evidence.outcome.tensors.get("train_each", {})
    for name, changes in named.items():
        try:
            config = one_change(evidence.homework.baseline_config, changes)
        except (ValueError, TypeError, AttributeError) as error:
            reasons.append(f"{name}: {error}")
            continue
        ran = facts.get(name)
        if config in seen:
            reasons.append(f"{name}: the same change as another experiment.")
        elif not isinstance(ran, dict) or ran.get("status") != "ok":
            said = ran.get("message", "") if isinstance(ran, dict) else "it was not reached"
            reasons.append(f"{name}: does not run here: {said}")
        elif not _has_result(evidence.results, config):
            reasons.append(f"{name}: the file handed in holds no result of it; run it, then pack again.")
        else:
            logits = tensors.get(f"{ran.get('number')}.logits")
            right, wrong = share_right(logits, evidence.smoke_labels, len(evidence.corpus.label_names))
            if wrong:
                reasons.append(f"{name}: {wrong}")
            else:
                seen.append(config)
                good.append((name, right / len(evidence.smoke_labels)))
    return good, reasons


def _has_result(results: Mapping[str, Any], config: Config) -> bool:
    """Whether the packed results hold a complete history of this configuration."""
    listed = results.get("experiments")
    for result in listed.values() if isinstance(listed, dict) else ():
        if not isinstance(result, dict) or result.get("config") != config.to_dict():
            continue
        epochs = result.get("epochs")
        if isinstance(epochs, list) and len(epochs) == config.epochs:
            return True
    return False


def _cell(part: Part, evidence: Evidence) -> Mark:
    step = asked_as(part.options["task"])
    failed = failed_step(part, step, evidence.outcome)
    if failed:
        return definitions_failed(part, evidence) or failed
    found, worst, reasons = evidence.outcome.tensors.get(step, {}), 0.0, []
    for number, case in enumerate(evidence.cases[step]):
        for name, wanted in torch_cell_case(part.options["cell"], case).items():
            gap = _gap(found.get(f"{number}.{name}"), wanted)
            worst = max(worst, gap)
            if not gap <= EQUAL and len(reasons) < 3:
                reasons.append(f"{name} differs from torch.nn by {gap:.1e} (case {number + 1}).")
    return Mark(
        part.id,
        0 if reasons else part.points,
        part.points,
        "ok",
        tuple(reasons),
        {"largest difference": worst},
    )


def _configurations(part: Part, evidence: Evidence) -> Mark:
    step = asked_as(part.options["task"])
    failed = failed_step(part, step, evidence.outcome)
    if failed:
        return definitions_failed(part, evidence) or failed
    named = evidence.outcome.facts(step).get("value")
    wanted, allowed = set(part.options["wanted"]), set(part.options["fields"])
    if not isinstance(named, dict) or not wanted <= set(named):
        return Mark(part.id, 0, part.points, "ok", (f"wanted: {', '.join(sorted(wanted))}.",))
    base, runs = part.options.get("base", {}), evidence.outcome.facts(f"{step}-runs")
    reasons = []
    for name, changes in named.items():
        try:
            config = Config.from_dict({**base, **changes})
        except (ValueError, TypeError, AttributeError) as error:
            reasons.append(f"{name}: {error}")
            continue
        ran = runs.get(name)
        if set(changes) - allowed:
            reasons.append(f"{name}: also changes {', '.join(sorted(set(changes) - allowed))}.")
        elif name in wanted & set(OPTIMISERS) and config.optimiser != name:
            reasons.append(f"{name}: its optimiser is {config.optimiser}.")
        elif not isinstance(ran, dict) or ran.get("status") != "ok":
            said = ran.get("message", "") if isinstance(ran, dict) else "it was not reached"
            reasons.append(f"{name}: does not run here: {said}")
        elif not _has_result(evidence.results, config):
            reasons.append(f"{name}: the file handed in holds no result of it; run it, then pack again.")
    return Mark(part.id, 0 if reasons else part.points, part.points, "ok", tuple(reasons))


def _manual(part: Part, evidence: Evidence) -> Mark:
    return Mark(part.id, 0, part.points, "by hand", ("marked by a person.",))


MARKERS = {
    "baseline": _baseline,
    "experiment": _experiment,
    "accuracy": mark_accuracy,
    "macro_f1": mark_macro_f1,
    "cell": _cell,
    "configurations": _configurations,
    "questions": mark_questions,
    "manual": _manual,
}


def read_results(attachments: Mapping[str, bytes]) -> dict[str, Any]:
    """Read what a packed submission says of its runs.

    Returns
    -------
    dict
        Empty if there is nothing that can be read.
    """
    found = _json_object(attachments.get("results.json"))
    return found or {}


def read_model(attachments: Mapping[str, bytes]) -> tuple[Config, Vocabulary, bytes]:
    """Read the model that was handed in: configuration, vocabulary and weights.

    Raises
    ------
    ValueError
        With what is missing or damaged, for the student.
    """
    missing = [n for n in ("weights.safetensors", "vocabulary.json", "config.json") if n not in attachments]
    if missing:
        raise ValueError(f"the file handed in lacks {', '.join(missing)}; make it with ck.homework.pack.")
    config = _json_object(attachments["config.json"])
    listed = _json_object(attachments["vocabulary.json"])
    if config is None or listed is None:
        raise ValueError(
            "config.json or vocabulary.json cannot be read; make the file with ck.homework.pack."
        )
    words, counts = listed.get("words"), listed.get("counts")
    if not _are(words, str) or not _are(counts, int) or len(words) != len(counts) or len(words) > 500_000:
        raise ValueError("vocabulary.json must hold equally many 'words' and 'counts'.")
    for name in ("spelling", "pairs"):
        if config.get(name):
            raise ValueError(
                f"'{name}' is not part of the homework: a model is called with the ids of words."
            )
    try:
        return (
            Config.from_dict(config),
            Vocabulary(tuple(words), tuple(counts)),
            attachments["weights.safetensors"],
        )
    except (ValueError, TypeError) as error:
        raise ValueError(f"the configuration or vocabulary is not legal: {error}") from None


def _json_object(raw: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(raw or b"")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _are(values: object, kind: type) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)
