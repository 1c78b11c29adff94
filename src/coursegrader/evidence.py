"""Marks, and what they are made from: everything that came back from the sandbox, and what stays outside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from torch import Tensor

from coursegrader.definition import Homework, Part
from coursegrader.jobs import Outcome, said_inside
from coursegrader.messages import Message, Said, say, to_json
from coursegrader.packed import has_result
from coursekit.data import Corpus
from coursekit.training import Config

SAME = 1e-6  # logits that spread less over texts say the same of all


@dataclass(frozen=True)
class Mark:
    """The mark of one part.

    ``status`` is ``ok`` (marked), ``review`` (a person decides; no points until then), ``by hand``, or why it could not
    be marked: ``missing``, ``not written``, ``error``, ``timeout``, ``killed``, ``memory``, ``output``, …
    """

    part: str
    points: float
    most: float
    status: str = "ok"
    reasons: tuple[Said, ...] = ()  # for the student
    measured: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, part: Part, points: float, *reasons: Said, status: str = "ok", measured: Any = ()) -> Self:
        """Mark a part."""
        return cls(part.id, points, part.points, status, reasons, dict(measured))

    def on_hold(self, *why: Said) -> Self:
        """The same mark, waiting for a person, without its points."""
        measured = self.measured | ({"points on hold": self.points} if self.points else {})
        return type(self)(self.part, 0, self.most, "review", (*why, *self.reasons), measured)

    def to_dict(self) -> dict[str, Any]:
        """Return the mark, ready for JSON, which knows no infinity."""
        infinite = {
            n: None for n, v in self.measured.items() if isinstance(v, float) and not math.isfinite(v)
        }
        reasons = [to_json(reason) for reason in self.reasons]
        return vars(self) | {"reasons": reasons, "measured": self.measured | infinite}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that marking looks at."""

    homework: Homework
    outcome: Outcome  # of the sandbox
    corpus: Corpus | None = None  # with the labels of the test part; None if no part of the rubric needs data
    labels: list[int] = field(
        default_factory=list
    )  # of the texts that models trained in the sandbox answered
    kept: dict[str, Any] = field(default_factory=dict)  # by part, what its ``ask`` kept for its ``mark``
    results: dict[str, Any] = field(default_factory=dict)  # what the packed file says of its runs; a hint
    packed: bool = True  # whether it says anything: a notebook alone does not
    flags: tuple[Said, ...] = ()  # what a person should look at
    code: dict[str, str] = field(default_factory=dict)  # the student's answers in code cells, by task

    def failed(self, part: Part, *probes: str) -> Mark | None:
        """The mark of a part if one of its probes did not end well; a cell that broke before them is named instead."""
        for probe in probes:
            status = self.outcome.status(probe)
            if status == "ok":
                continue
            broken = next(iter(self.broken_definitions), None)
            if broken is not None:
                said = say("words.colon", name=broken, said=self.outcome.message(broken))
                return Mark.of(part, 0, said, status=self.outcome.status(broken))
            task = part.options.get("task", probe)
            missing = status == "not written"
            said = say("evidence.not-written", task=task) if missing else self.outcome.message(probe)
            return Mark.of(part, 0, said, status=status)
        return None

    def dictionary(self, part: Part, probe: str, name: str) -> dict[str, Any] | Mark:
        """The dictionary of runs that a probe read; a mark, if there is none, or no word of any run."""
        if failed := self.failed(part, probe):
            return failed
        value = self.outcome.facts(probe).get("value")
        if not isinstance(value, dict):
            return Mark.of(part, 0, say("kinds.dictionary", name=name), status="error")
        lacks = say("packed.lacks", names=["results.json"])
        return value if self.packed else Mark.of(part, 0, lacks, status="missing")

    def why_it_does_not_count(self, run: object, config: Config) -> Message | None:
        """Why a training counts for nothing: it does not run here, or the student has not run it; None if it does."""
        if not isinstance(run, dict):
            return say("evidence.not-reached")
        if run.get("status") != "ok":
            return say("evidence.does-not-run", said=said_inside(run.get("message", "")))
        return None if has_result(self.results, config) else say("packed.no-result")

    def breaks_here(self, run: object, config: Config) -> bool:
        """Whether a training ended here in an error, or never, though the file handed in says that it ran: a doubt."""
        ended = run.get("status") if isinstance(run, dict) else None
        return ended not in ("ok", "not written") and has_result(self.results, config)

    def waiting(self, part: Part, probe: str, points: float, *reasons: Said) -> Mark:
        """The mark of a part whose runs break here: a person decides, and the points so far are on hold."""
        status = self.outcome.status(probe)
        held = {"points on hold": points} if points else {}
        return Mark.of(part, 0, *reasons, status="error" if status == "ok" else status, measured=held)

    @property
    def broken_definitions(self) -> list[str]:
        """Tasks whose cell broke or never came to an end, before any probe."""
        ended = {task: self.outcome.steps.get(task, {}).get("status") for task in self.homework.stubs}
        return [task for task, status in ended.items() if status in ("error", "timeout")]


def no_logits(logits: Tensor | None, n: int, classes: int) -> Message | None:
    """Why something is not the logits of ``n`` texts; None if it is."""
    shape = None if logits is None else tuple(logits.shape)
    if shape != (n, classes):
        return say("evidence.shape", wanted=str((n, classes)), got=str(shape))
    return None if logits.double().isfinite().all() else say("evidence.nan")


def share_right(logits: Tensor | None, labels: list[int], classes: int) -> tuple[float, Message | None]:
    """Return the share of right answers; say what is wrong with logits (N, C) that are no answers."""
    if wrong := no_logits(logits, len(labels), classes):
        return 0.0, wrong
    values = logits.double().numpy()
    if values.std(axis=0).max() < SAME:
        return 0.0, say("evidence.same")
    return float((values.argmax(axis=1) == np.array(labels)).mean()), None


def largest_gap(a: Tensor | None, b: Tensor | None) -> float:
    """Largest difference; infinite if the two cannot be compared."""
    if a is None or b is None or a.shape != b.shape or not a.numel():
        return math.inf
    difference = (a.double() - b.double()).abs().max().item()
    return difference if math.isfinite(difference) else math.inf
