"""Marking: from what the sandbox sent back to points, part by part. Every comparison is made here, outside.

A part ends as ``ok`` (marked), ``review`` (a person decides; no points until then), ``by hand``, or with the reason why
it could not be marked: ``missing``, ``not written``, ``error``, ``timeout``, ``killed``, ``memory``, ``output``, …

Left out: partial points inside a part, except for thresholds of accuracy.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from coursekit.data import Corpus
from coursekit.grading.definition import Homework, Part
from coursekit.grading.jobs import Outcome
from coursekit.grading.questions import Questions
from coursekit.homework.checks import EQUAL, LAW
from coursekit.homework.examine import torch_cell_case
from coursekit.homework.experiments import one_change
from coursekit.stats import wilson
from coursekit.studies import Config
from coursekit.text import Vocabulary
from coursekit.training import OPTIMISERS

TWIN_GAP = 1e-3  # largest difference of a text's float32 logits in two places
SAME = 1e-6  # logits that spread less over texts say the same of all
ASKED = "-asked"  # ends the id of a probe that looks at one task
ORDER = 0.5  # least share of shuffled texts whose logits move, for a model that reads in order


@dataclass(frozen=True)
class Mark:
    """The mark of one part.

    Attributes
    ----------
    part : str
    points, most : float
    status : str
    reasons : tuple of str
        For the student.
    measured : dict
    """

    part: str
    points: float
    most: float
    status: str = "ok"
    reasons: tuple[str, ...] = ()
    measured: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the mark, ready for JSON, which knows no infinity."""
        return asdict(self) | {"measured": {name: _finite(value) for name, value in self.measured.items()}}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Evidence:
    """All that marking looks at.

    Attributes
    ----------
    homework : Homework
    corpus : Corpus
        With the labels of the test part.
    outcome : Outcome
        Of the sandbox.
    smoke_labels : list of int
        Labels of the held-out texts of the smoke run.
    questions : Questions or None
        What the submitted model was asked; None if there was none.
    cases : dict of str to list of dict
        Cases of each cell probe, by its id.
    results : dict
        What the packed submission says of its runs; a hint, shown beside.
    missing_model : str
        Why there is no submitted model to ask.
    flags : tuple of str
        What a person should look at.
    """

    homework: Homework
    corpus: Corpus
    outcome: Outcome
    smoke_labels: list[int]
    questions: Questions | None = None
    cases: dict[str, list[dict[str, Tensor]]] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    missing_model: str = ""
    flags: tuple[str, ...] = ()


def mark(part: Part, evidence: Evidence) -> Mark:
    """Mark one part.

    Parameters
    ----------
    part : Part
    evidence : Evidence

    Returns
    -------
    Mark
    """
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


def asked_as(task: str) -> str:
    """Return the id of the probe of a task; the cell that defines the answer has the task's own.

    Parameters
    ----------
    task : str

    Returns
    -------
    str
    """
    return f"{task}{ASKED}"


def thresholds_in_texts(thresholds: Mapping[float, int], n: int) -> dict[int, int]:
    """Turn shares into counts of texts, so that no rounding decides a mark.

    Parameters
    ----------
    thresholds : mapping of float to int
        Points by least accuracy.
    n : int
        Texts that are counted.

    Returns
    -------
    dict of int to int
        Points by least number of right answers.
    """
    return {math.ceil(round(share * n, 6)): points for share, points in thresholds.items()}


def _failed(part: Part, step: str, outcome: Outcome) -> Mark | None:
    status = outcome.status(step)
    if status == "ok":
        return None
    if status == "not written":
        return Mark(
            part.id, 0, part.points, "not written", (f"{step.removesuffix(ASKED)} is not written yet.",)
        )
    return Mark(part.id, 0, part.points, status, (outcome.message(step),))


def _definitions_failed(part: Part, evidence: Evidence) -> Mark | None:
    """A cell that the student wrote and that broke, before any probe."""
    for task in evidence.homework.stubs:
        if evidence.outcome.steps.get(task, {}).get("status") in ("error", "timeout"):
            step = evidence.outcome.steps[task]
            return Mark(
                part.id, 0, part.points, step["status"], (f"{task}: {evidence.outcome.message(task)}",)
            )
    return None


def _share_right(logits: Tensor | None, labels: list[int], classes: int) -> tuple[int, str]:
    """Count right answers; say what is wrong with logits that are no answers."""
    if logits is None or tuple(logits.shape) != (len(labels), classes):
        shape = None if logits is None else tuple(logits.shape)
        return 0, f"logits of shape {(len(labels), classes)} were wanted, got {shape}."
    values = logits.double().numpy()
    if not np.isfinite(values).all():
        return 0, "some logits are NaN or infinite."
    if values.std(axis=0).max() < SAME:
        return 0, "the logits are the same for every text."
    return int((values.argmax(axis=1) == np.array(labels)).sum()), ""


def _baseline(part: Part, evidence: Evidence) -> Mark:
    outcome, homework = evidence.outcome, evidence.homework
    for step in ("model", "train"):
        failed = _failed(part, step, outcome)
        if failed:
            return _definitions_failed(part, evidence) or failed
    reasons, facts = [], outcome.facts("model")
    found = outcome.tensors.get("model", {})
    gap = _gap(found.get("alone"), found.get("together"))
    if not gap <= 10 * LAW:
        reasons.append(f"a text's logits change with its batch mates (by {gap:.1e}); see chapter 8.")
    idle = [name for name in facts.get("idle", ["?"]) if "embedding" not in str(name)]
    if idle:
        reasons.append(f"parameters that no text moves: {', '.join(map(str, idle[:5]))}.")
    logits = outcome.tensors.get("train", {}).get("logits")
    right, wrong = _share_right(logits, evidence.smoke_labels, len(evidence.corpus.label_names))
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
    failed = _failed(part, "experiments", outcome)
    if failed:
        return _definitions_failed(part, evidence) or failed
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
            config = one_change(Config(), changes)
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
            right, wrong = _share_right(logits, evidence.smoke_labels, len(evidence.corpus.label_names))
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


def _accuracy(part: Part, evidence: Evidence) -> Mark:
    if evidence.questions is None:
        status = "missing" if evidence.missing_model else "error"
        return Mark(part.id, 0, part.points, status, (evidence.missing_model or "there is no model to ask.",))
    failed = _failed(part, "predict", evidence.outcome)
    if failed:
        return _definitions_failed(part, evidence) or failed
    logits = evidence.outcome.tensors.get("predict", {}).get("logits")
    labels, place = list(evidence.corpus.test.labels), evidence.questions.place
    classes = len(evidence.corpus.label_names)
    if logits is None or tuple(logits.shape) != (len(evidence.questions.lengths), classes):
        _, wrong = _share_right(logits, [0] * len(evidence.questions.lengths), classes)
        return Mark(part.id, 0, part.points, "error", (wrong,))
    values = logits.double().numpy()
    if not np.isfinite(values).all():
        return Mark(part.id, 0, part.points, "error", ("some logits are NaN or infinite.",))
    hits = values[place["test"]].argmax(axis=1) == np.array(labels)
    right, n = int(hits.sum()), len(labels)
    low, high = wilson(right, n)
    moved = {
        kind: np.abs(values[place[kind]] - values[place["test"][place[f"{kind}_of"]]]).max(axis=1)
        for kind in ("twins", "shuffled")
    }
    shortened = values[place["shortened"]].argmax(axis=1) == np.array(labels)[place["shortened_of"]]
    drop = float(hits[place["shortened_of"]].mean() - shortened.mean())
    measured = {
        "right": right,
        "of": n,
        "accuracy": right / n,
        "interval": [low, high],
        "law": float(moved["twins"].max(initial=0)),
        "moved by order": float((moved["shuffled"] > TWIN_GAP).mean()),
        "drop by one word": drop,
    }
    limits = thresholds_in_texts(part.options["thresholds"], n)
    points = max((p for least, p in limits.items() if right >= least), default=0)
    reasons = []
    if measured["law"] > TWIN_GAP:
        reasons.append(
            f"a text's logits change with its batch mates (by {measured['law']:.1e}); see chapter 8."
        )
    if part.options.get("recurrent") and measured["moved by order"] < ORDER:
        reasons.append("the logits hardly depend on the order of the words: a recurrent model was asked for.")
    if part.options.get("recurrent") and not evidence.outcome.facts("predict").get("recurrent"):
        reasons.append("there is no recurrent layer in the model.")
    if reasons:
        return Mark(part.id, 0, part.points, "ok", tuple(reasons), measured)
    held = []
    if right / n > evidence.homework.flags["ceiling"]:
        held.append(f"an accuracy of {right / n:.3f} is above what was thought possible")
    if drop > evidence.homework.flags["drop"]:
        held.append(f"with one word of each text taken away, accuracy falls by {drop:.2f}")
    if held and points:
        measured["points on hold"] = points
        return Mark(part.id, 0, part.points, "review", tuple(held), measured)
    wanted = [f"{least} of {n}: {p}" for least, p in sorted(limits.items())]
    return Mark(
        part.id, points, part.points, "ok", (f"{right} of {n} right; points: {'; '.join(wanted)}.",), measured
    )


def _cell(part: Part, evidence: Evidence) -> Mark:
    step = asked_as(part.options["task"])
    failed = _failed(part, step, evidence.outcome)
    if failed:
        return _definitions_failed(part, evidence) or failed
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
    failed = _failed(part, step, evidence.outcome)
    if failed:
        return _definitions_failed(part, evidence) or failed
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
    "accuracy": _accuracy,
    "cell": _cell,
    "configurations": _configurations,
    "manual": _manual,
}


def read_results(attachments: Mapping[str, bytes]) -> dict[str, Any]:
    """Read what a packed submission says of its runs.

    Parameters
    ----------
    attachments : mapping of str to bytes

    Returns
    -------
    dict
        Empty if there is nothing that can be read.
    """
    found = _json_object(attachments.get("results.json"))
    return found or {}


def read_model(attachments: Mapping[str, bytes]) -> tuple[Config, Vocabulary, bytes]:
    """Read the model that was handed in: configuration, vocabulary and weights.

    Parameters
    ----------
    attachments : mapping of str to bytes

    Returns
    -------
    config : Config
    vocabulary : Vocabulary
    weights : bytes

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
    if config.get("spelling"):
        raise ValueError("'spelling' is not part of the homework: a model is called with the ids of words.")
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
