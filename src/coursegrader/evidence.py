"""Marks, and what they are made from: everything that came back from the sandbox, and what stays outside it.

Left out: opinions; the modules ``marking``, ``quality`` and ``choices`` have those.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from coursegrader.definition import Homework, Part
from coursegrader.jobs import Outcome
from coursegrader.questions import Questions
from coursekit.data import Corpus

SAME = 1e-6  # logits that spread less over texts say the same of all
ASKED = "-asked"  # ends the id of a probe that looks at one task


@dataclass(frozen=True)
class Mark:
    """The mark of one part.

    Attributes
    ----------
    reasons : tuple of str
        For the student.
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
    code : dict of str to str
        Source of the student's answers, by task.
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
    code: dict[str, str] = field(default_factory=dict)


def asked_as(task: str) -> str:
    """Return the id of the probe of a task; the cell that defines the answer has the task's own."""
    return f"{task}{ASKED}"


def failed_step(part: Part, step: str, outcome: Outcome) -> Mark | None:
    """Return the mark of a part whose step did not end well; None if it did."""
    status = outcome.status(step)
    if status == "ok":
        return None
    if status == "not written":
        return Mark(
            part.id, 0, part.points, "not written", (f"{step.removesuffix(ASKED)} is not written yet.",)
        )
    return Mark(part.id, 0, part.points, status, (outcome.message(step),))


def definitions_failed(part: Part, evidence: Evidence) -> Mark | None:
    """Return the mark if a cell that the student wrote broke, before any probe; None if none did."""
    for task in evidence.homework.stubs:
        if evidence.outcome.steps.get(task, {}).get("status") in ("error", "timeout"):
            step = evidence.outcome.steps[task]
            return Mark(
                part.id, 0, part.points, step["status"], (f"{task}: {evidence.outcome.message(task)}",)
            )
    return None


def share_right(logits: Tensor | None, labels: list[int], classes: int) -> tuple[int, str]:
    """Count right answers; say what is wrong with logits that are no answers.

    Parameters
    ----------
    logits : Tensor of shape (N, C) or None

    Returns
    -------
    right : int
    wrong : str
        Empty if they are answers.
    """
    if logits is None or tuple(logits.shape) != (len(labels), classes):
        shape = None if logits is None else tuple(logits.shape)
        return 0, f"logits of shape {(len(labels), classes)} were wanted, got {shape}."
    values = logits.double().numpy()
    if not np.isfinite(values).all():
        return 0, "some logits are NaN or infinite."
    if values.std(axis=0).max() < SAME:
        return 0, "the logits are the same for every text."
    return int((values.argmax(axis=1) == np.array(labels)).sum()), ""
