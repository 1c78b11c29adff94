"""Quality: what the submitted model answers to the test texts; what the kinds ``accuracy`` and ``macro_f1`` share.

Both look at the same things first: does a text's answer depend on its batch mates, does the order of words matter, do the
answers come through the recurrent layer, does a small change of a text change too much, are the test texts known by heart
(:mod:`coursegrader.memory`). No rounding decides a mark, and what is in doubt is held for a person.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark, no_logits
from coursegrader.memory import (
    KNOWN,
    alone,
    by_rare_words,
    known,
    most_alone,
    rare_words,
    recalls,
    tables_in,
    too_many,
)
from coursegrader.messages import Message, Said, say, what_said
from coursegrader.questions import Questions, make_questions
from coursekit.stats import bootstrap

ASKED_MODEL = {"flags": {"ceiling", "drop", "retrain_gap"}, "limits": {"full_seconds"}}  # SETTINGS of both
TWIN_GAP = 1e-3  # largest difference of a text's float32 logits in two places
ORDER = 0.5  # least share of shuffled texts whose logits move, for a model that reads in order
LEAST_ROWS = 100  # fewer changed texts say nothing
FALL = 0.05  # least loss of mean recall where the recurrent layer is silenced
STEP = Fraction("0.005")  # of a threshold
DRAWS, DRAW_SEED = 200, 7  # of the bootstrap over changed texts


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
    fall: float  # loss of mean recall without what the recurrent layer says; NaN if that was not answered
    known: float  # by how much the test texts are known better than others, beyond the noise
    alone: tuple[int, int]  # texts that are answered otherwise than all their copies, and texts with copies
    rare: tuple[
        int, int
    ]  # texts that are right only with words that training texts hardly hold, and only without
    doubts: tuple[Said, ...] = ()

    def drop(self, score: Callable[[np.ndarray, np.ndarray], float]) -> dict[str, float]:
        """By how much a score of labels and predictions falls when each text loses one word, and how much of it is sure.

        Few texts are noisy: sure is the lower end of the bootstrap interval. Both are 0 if no text was asked.
        """
        if not self.rows:
            return {"drop by one word": 0.0, "sure drop": 0.0}
        labels, whole = self.labels[self.of], self.predicted[self.of]

        def fall(texts: np.ndarray) -> float:
            return score(labels[texts], whole[texts]) - score(labels[texts], self.shortened[texts])

        low, _ = bootstrap(fall, len(labels), seed=DRAW_SEED, draws=DRAWS)
        return {"drop by one word": fall(np.arange(len(labels))), "sure drop": low}


@dataclass(frozen=True)
class Reached:
    """How a student reads of a score."""

    score: str  # the name of its figure
    reached: Message  # what was reached
    wanted: Mapping[Fraction, Message | float]  # each threshold


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


def ask_model(part: Part, request: Request) -> Questions | Mark:
    """Hand over the weights and every text to answer; what is kept are the rows, or a mark if there is no model to ask."""
    try:
        config, vocabulary, request.weights = request.model
    except ValueError as error:
        return Mark.of(part, 0, what_said(error), status="missing")
    if part.options.get("own") and config == request.homework.baseline_config:
        return Mark.of(part, 0, say("quality.baseline"))
    texts, fresh = request.corpus.test.texts, request.corpus.validation.texts
    rare = rare_words(request.corpus.train.texts, vocabulary, config)
    questions = make_questions(texts, vocabulary, config, seed=request.seed, fresh=fresh, rare=rare)
    questions = replace(questions, doubts=tuple(tables_in(request.weights, len(vocabulary), config)))
    request.inputs |= {"ids": questions.ids, "lengths": questions.lengths}
    sizes = {"words": len(vocabulary), "classes": len(request.corpus.label_names)}
    request.probe("predict", "predict", config=config.to_dict(), **sizes)
    return questions


def read_answers(part: Part, evidence: Evidence) -> Answers | Mark:
    """Read what the model answered; a mark, if there is nothing to read."""
    questions = evidence.kept[part.id]
    if isinstance(questions, Mark):
        unwritten = (
            evidence.outcome.status("model") == "not written"
        )  # so there is none that could be missing
        return replace(questions, status="not written") if unwritten else questions
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
    labels, predicted = np.array(evidence.corpus.test.labels), values.argmax(axis=1)
    return Answers(
        labels,
        predicted[place["test"]],
        classes,
        place["shortened_of"],
        predicted[place["shortened"]],
        law=float(moved["twins"].max(initial=0)),
        moved=float((moved["shuffled"] > TWIN_GAP).mean()) if len(moved["shuffled"]) else 0.0,
        rows=min(len(place[kind]) for kind in ("twins", "shuffled", "shortened")),
        fall=fall_without(evidence.outcome.tensors["predict"], place["test"], labels, predicted, classes),
        known=known(labels, predicted[place["test"]], *_fresh(evidence, place, predicted), classes),
        alone=alone(predicted, place),
        rare=by_rare_words(labels, predicted, place),
        doubts=questions.doubts,
    )


def _fresh(
    evidence: Evidence, place: Mapping[str, np.ndarray], predicted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the texts that are no test texts, and what was predicted for them."""
    of, rows = place.get("fresh_of", ()), place.get("fresh", ())
    return np.array(evidence.corpus.validation.labels)[list(of)], predicted[list(rows)]


def fall_without(
    tensors: Mapping[str, Any], rows: np.ndarray, labels: np.ndarray, predicted: np.ndarray, classes: int
) -> float:
    """By how much the mean recall falls without the recurrent layer: the smaller of two falls."""
    falls = []
    for name in ("silenced", "of_others"):
        without = tensors.get(name)
        if without is None or no_logits(without, len(without), classes):
            return math.nan
        asked = rows < len(without)
        now = recalls(labels[asked], predicted[rows[asked]], classes)[0]
        then = recalls(labels[asked], without.argmax(dim=1).numpy()[rows[asked]], classes)[0]
        falls.append(now - then)
    return min(falls)


def decide(
    part: Part,
    evidence: Evidence,
    answers: Answers,
    reached: Fraction,
    limits: Mapping[Fraction, int],
    said: Reached,
    measured: dict[str, Any],
) -> Mark:
    """Give the points, take them where the model is none that was asked for, or hold them for a person.

    ``limits`` are points by least score; ``measured`` holds the figure named by ``said.score``, and those of
    :meth:`Answers.drop`.
    """
    score, flags = said.score, evidence.homework.flags
    points = max((p for least, p in limits.items() if reached >= least), default=0)
    measured |= {"law": answers.law, "moved by order": answers.moved, "changed texts": answers.rows}
    measured |= {"fall without recurrence": answers.fall, "known beyond noise": answers.known}
    measured |= {"answered alone": answers.alone[0], "texts with copies": answers.alone[1]}
    measured |= {"right by rare words": answers.rare[0], "wrong by rare words": answers.rare[1]}
    name, recurrent = say(f"score.{score.replace(' ', '-')}"), part.options.get("recurrent")
    reasons: list[Said] = []
    why: list[Said] = []
    if answers.law > TWIN_GAP:
        reasons.append(say("quality.law", gap=answers.law))
    if recurrent and answers.rows >= LEAST_ROWS and answers.moved < ORDER:
        reasons.append(say("quality.order"))
    if reasons:
        return Mark.of(part, 0, *reasons, measured=measured)
    why += answers.doubts
    if recurrent and not evidence.outcome.facts("predict").get("recurrent"):
        why.append(say("quality.no-layer"))
    elif recurrent and not answers.fall >= FALL:
        why.append(say("quality.fall", fall=answers.fall))
    if answers.known > KNOWN:
        why.append(say("quality.known", known=answers.known))
    if answers.alone[0] > most_alone(answers.alone[1]):
        why.append(say("quality.alone", number=answers.alone[0], of=answers.alone[1]))
    if too_many(*answers.rare):
        why.append(say("quality.rare", more=answers.rare[0], less=answers.rare[1]))
    if measured[score] > flags["ceiling"]:
        why.append(say("quality.ceiling", score=name, reached=measured[score]))
    if measured["sure drop"] > flags["drop"]:
        why.append(say("quality.drop", score=name, fall=measured["drop by one word"]))
    if answers.rows < LEAST_ROWS:
        why.append(say("quality.few", rows=answers.rows))
    wanted = [
        say("quality.threshold", least=said.wanted[least], points=limits[least]) for least in sorted(limits)
    ]
    reached_in_words = say("quality.points", reached=said.reached, wanted=wanted)
    decided = Mark.of(part, points, reached_in_words, measured=measured)
    return decided.on_hold(*why) if why and points else decided


def threshold_from(scores: Sequence[float], deviations: float) -> Fraction:
    """Return a threshold: so many standard deviations below the mean of some runs, rounded down.

    Examples
    --------
    >>> float(threshold_from([0.82, 0.83, 0.84], 2))
    0.81
    """
    if len(scores) < 2:
        raise ValueError(f"'scores' must hold at least two runs, got {len(scores)}.")
    least = statistics.mean(scores) - deviations * statistics.stdev(scores)
    return math.floor(Fraction(str(round(least, 9))) / STEP) * STEP
