"""Quality: what the submitted model answers to the test texts; what the kinds ``accuracy`` and ``macro_f1`` share.

Both look at the same things first: does a text's answer depend on its batch mates, does the order of words matter, is
there a recurrent layer, does one word less change too much. No rounding decides a mark.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark, no_logits
from coursegrader.packed import read_model
from coursegrader.questions import Questions, make_questions

ASKED_MODEL = {"flags": {"ceiling", "drop", "retrain_gap"}, "limits": {"full_seconds"}}  # SETTINGS of both
TWIN_GAP = 1e-3  # largest difference of a text's float32 logits in two places
ORDER = 0.5  # least share of shuffled texts whose logits move, for a model that reads in order
LEAST_ROWS = 50  # fewer changed texts say nothing


@dataclass(frozen=True)
class Answers:
    """What a model answered."""

    labels: np.ndarray  # (N,) of the test texts
    predicted: np.ndarray  # (N,)
    classes: int
    of: np.ndarray  # (M,) numbers of the texts that were also asked with one word taken away
    shortened: np.ndarray  # (M,) what was predicted for them
    law: float  # largest change of a text's logits among other batch mates
    moved: float  # share of texts whose logits change with the order of the words
    rows: int  # how many changed texts there were of the kind that has fewest

    def drop(self, score: Callable[[np.ndarray, np.ndarray], float]) -> float:
        """By how much a score of labels and predictions falls when each text loses one word; 0 if none was asked."""
        if not self.rows:
            return 0.0
        labels = self.labels[self.of]
        return score(labels, self.predicted[self.of]) - score(labels, self.shortened)


@dataclass(frozen=True)
class Said:
    """How a student reads of a score."""

    score: str  # the name of its figure
    reached: str  # what was reached
    wanted: Mapping[Fraction, str]  # each threshold


def thresholds_problem(points: int, options: Mapping[str, Any]) -> str:
    """Say what is wrong with the thresholds of a part; empty if nothing is."""
    thresholds = options.get("thresholds")
    if not isinstance(thresholds, Mapping) or not thresholds:
        return "'thresholds' must give points by least score."
    for least in thresholds:
        try:
            legal = not isinstance(least, bool) and 0 < Fraction(str(least)) <= 1
        except ValueError:
            legal = False
        if not legal:
            return f"a threshold must be a number above 0 and at most 1, got {least!r}."
    in_order = [thresholds[least] for least in sorted(thresholds, key=lambda least: Fraction(str(least)))]
    if in_order != sorted(set(in_order)):
        return f"a higher threshold must give more points, got {dict(thresholds)}."
    if in_order[-1] != points:
        return f"the highest threshold must give its {points} points, got {in_order[-1]}."
    return ""


def ask_model(part: Part, request: Request) -> Questions | str:
    """Hand over the weights and every text to answer; what is kept are the rows, or why there is no model to ask."""
    try:
        config, vocabulary, request.weights = read_model(request.attachments)
    except ValueError as error:
        return str(error)
    questions = make_questions(request.corpus.test.texts, vocabulary, config, seed=request.seed)
    request.inputs |= {"ids": questions.ids, "lengths": questions.lengths}
    sizes = {"words": len(vocabulary), "classes": len(request.corpus.label_names)}
    request.probe("predict", "predict", config=config.to_dict(), **sizes)
    return questions


def read_answers(part: Part, evidence: Evidence) -> Answers | Mark:
    """Read what the model answered; a mark, if there is nothing to read."""
    questions = evidence.kept[part.id]
    if isinstance(questions, str):
        return Mark.of(part, 0, questions, status="missing")
    failed = evidence.failed(part, "predict")
    if failed:
        return failed
    logits, place = evidence.outcome.tensors.get("predict", {}).get("logits"), questions.place
    classes = len(evidence.corpus.label_names)
    if wrong := no_logits(logits, len(questions.lengths), classes):
        return Mark.of(part, 0, wrong, status="error")
    values = logits.double().numpy()
    moved = {
        kind: np.abs(values[place[kind]] - values[place["test"][place[f"{kind}_of"]]]).max(axis=1)
        for kind in ("twins", "shuffled")
    }
    return Answers(
        np.array(evidence.corpus.test.labels),
        values[place["test"]].argmax(axis=1),
        classes,
        place["shortened_of"],
        values[place["shortened"]].argmax(axis=1),
        law=float(moved["twins"].max(initial=0)),
        moved=float((moved["shuffled"] > TWIN_GAP).mean()) if len(moved["shuffled"]) else 0.0,
        rows=min(len(place[kind]) for kind in ("twins", "shuffled", "shortened")),
    )


def decide(
    part: Part,
    evidence: Evidence,
    answers: Answers,
    reached: Fraction,
    limits: Mapping[Fraction, int],
    said: Said,
    measured: dict[str, Any],
) -> Mark:
    """Give the points, take them where the model is none that was asked for, or hold them for a person.

    Parameters
    ----------
    limits : mapping of Fraction to int
        Points by least score.
    measured : dict
        With the figure named by ``said.score``, and ``drop by one word``.
    """
    score, flags = said.score, evidence.homework.flags
    points = max((p for least, p in limits.items() if reached >= least), default=0)
    measured |= {"law": answers.law, "moved by order": answers.moved, "changed texts": answers.rows}
    name, recurrent, reasons, why = score.replace(" ", "-"), part.options.get("recurrent"), [], []
    if answers.law > TWIN_GAP:
        reasons.append(f"a text's logits change with its batch mates (by {answers.law:.1e}); see chapter 8.")
    if recurrent and answers.rows >= LEAST_ROWS and answers.moved < ORDER:
        reasons.append("the logits hardly depend on the order of the words: a recurrent model was asked for.")
    if recurrent and not evidence.outcome.facts("predict").get("recurrent"):
        reasons.append("there is no recurrent layer in the model.")
    if reasons:
        return Mark.of(part, 0, *reasons, measured=measured)
    if measured[score] > flags["ceiling"]:
        article = "an" if name[0] in "aeio" else "a"
        why.append(f"{article} {name} of {measured[score]:.3f} is above what was thought possible")
    if measured["drop by one word"] > flags["drop"]:
        fall = measured["drop by one word"]
        why.append(f"with one word of each text taken away, {name} falls by {fall:.2f}")
    if answers.rows < LEAST_ROWS:
        why.append(
            f"only {answers.rows} texts are long enough to be changed: too few to tell how the model reads"
        )
    wanted = "; ".join(f"{said.wanted[least]}: {limits[least]}" for least in sorted(limits))
    decided = Mark.of(part, points, f"{said.reached}; points: {wanted}.", measured=measured)
    return decided.on_hold(*why) if why and points else decided


def threshold_from(scores: Sequence[float], deviations: float, step: str = "0.005") -> Fraction:
    """Return a threshold: so many standard deviations below the mean of some runs, rounded down.

    Examples
    --------
    >>> float(threshold_from([0.82, 0.83, 0.84], 2))
    0.81
    """
    if len(scores) < 2:
        raise ValueError(f"'scores' must hold at least two runs, got {len(scores)}.")
    least = statistics.mean(scores) - deviations * statistics.stdev(scores)
    return math.floor(Fraction(str(round(least, 9))) / Fraction(step)) * Fraction(step)
