"""Trials: one configuration, one task, one seed, trained and judged."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from coursekit.batching import Prepared, TextDataset, prepare
from coursekit.data import Corpus
from coursekit.nn import TextClassifier
from coursekit.runtime import machine_facts, seed_everything
from coursekit.stats import macro_f1
from coursekit.training import Config, change, evaluate, fit
from coursestudies.linear import FEATURES, countable, fit_linear
from coursestudies.tasks import TASKS, load_task

VERSION = 1  # of what a finished trial looks like
SHARES = tuple(k / 20 for k in range(20))  # of the linear model beside the network


@dataclass(frozen=True)
class Trial:
    """One run of a study."""

    arm: str  # what is compared, for example lstm
    task: str  # a key of coursestudies.tasks.TASKS
    config: Config
    seed: int
    tested: bool = False  # the test part is looked at, once, at the end
    train_texts: int | None = None  # train on so many texts only
    stand_in: bool = False  # allow the embedded stand-in: for trying the machinery, never for a record
    # everything is chosen: learn from the validation texts as well, for so many epochs, and keep the last weights
    refit: int | None = None
    # features and strength of a linear model whose probabilities are averaged with the network's
    beside: tuple[str, float] | None = None
    share: float | None = None  # weight of the linear model in this average, once it is chosen on validation

    @property
    def key(self) -> str:
        """A short checksum of what decides the outcome, the data apart; a field counts where it differs from its default,
        so that a field added later changes no earlier key."""
        facts = [
            VERSION,
            self.arm,
            self.task,
            self.config.changed_fields(),
            self.seed,
            self.tested,
            self.train_texts,
            *([] if self.refit is None else [self.refit]),
            *([] if self.beside is None else [self.beside, self.share]),
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def run_trial(trial: Trial, threads: int | None = None) -> dict[str, Any]:
    """Train, keep the best epoch on validation, and say what came out; ``threads`` are torch's, as they are if left out.

    Returned are ``key``, ``arm``, ``task``, ``seed``, ``config``, ``parameters``, ``validation`` (None after a refit),
    ``history``; where the trial is tested, ``test`` with the counts and one digit for each test text: what it was taken
    for. ``made`` says when, on which machine and from which texts. A training whose loss became infinite or NaN has
    ``failed`` with the reason, and ``validation`` None: that is an outcome too.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        return _run(trial)
    finally:
        torch.set_num_threads(before)


def _run(trial: Trial) -> dict[str, Any]:
    start = time.perf_counter()
    config = _judged_by_the_task(trial)
    corpus = load_task(trial.task, trial.train_texts, stand_in=trial.stand_in)
    found = {
        "key": trial.key,
        "arm": trial.arm,
        "task": trial.task,
        "seed": trial.seed,
        "config": config.to_dict(),
        "refit": trial.refit,
        **({"stand_in": True} if trial.stand_in else {}),
        "threads": torch.get_num_threads(),
        "made": {**machine_facts(), "data": corpus.checksum},
    }
    try:
        found |= _trained(trial, config, corpus)
    except FloatingPointError as diverged:
        found |= {"validation": None, "failed": str(diverged)}
    return found | {"seconds": time.perf_counter() - start}


def _judged_by_the_task(trial: Trial) -> Config:
    """The task says what the best epoch is chosen by; a configuration that wants something else would be overruled."""
    monitor = TASKS[trial.task].monitor
    if trial.config.monitor not in (Config.monitor, monitor):
        raise ValueError(
            f"'monitor' must be {monitor!r} for the task {trial.task!r}, got {trial.config.monitor!r}."
        )
    return change(trial.config, monitor=monitor)


def _trained(trial: Trial, config: Config, corpus: Corpus) -> dict[str, Any]:
    data = prepare(corpus, config, refit=bool(trial.refit))
    seed_everything(trial.seed)
    model = TextClassifier(config, **data.sizes)
    history = fit(
        model, data.train, data.validation, config, seed=trial.seed, progress=False, stop_after=trial.refit
    )
    outcome = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "vocabulary": data.sizes["vocabulary_size"],
        "validation": history.best.score,
        "best_epoch": history.best.epoch,
        "training_seconds": history.seconds,
        "history": history.to_dict(),
    }
    answers = {} if data.validation is None else {"validation": _probabilities(model, data.validation)}
    if trial.tested:
        answers["test"] = _probabilities(model, data.test)  # the only look at the test part
    if "validation" in answers:
        outcome["validation_predicted"] = _scores(answers["validation"], data.validation.labels)["predicted"]
    if "test" in answers:
        outcome["test"] = _scores(answers["test"], data.test.labels)
    if trial.beside is not None:
        outcome["beside"] = _beside(trial, data, answers)
    return outcome


def _probabilities(model: TextClassifier, dataset: TextDataset) -> np.ndarray:
    return evaluate(model, dataset).logits.softmax(dim=1).numpy()  # (n, C)


def _beside(trial: Trial, data: Prepared, answers: dict[str, np.ndarray]) -> dict[str, Any]:
    """Fit the linear model on the texts that the network learned from, and score the mean of their probabilities.

    On validation its share is chosen, the smallest of the best; a refit has no validation left and is told the share.
    """
    start = time.perf_counter()
    learned = [data.corpus.train] + ([data.corpus.validation] if trial.refit else [])
    texts = countable([text for split in learned for text in split.texts], trial.task)
    monitor = TASKS[trial.task].monitor
    features, strength = trial.beside
    rare = monitor == "macro_f1"
    linear = fit_linear(texts, data.train.labels, FEATURES[features], strength, balanced=rare)
    outcome: dict[str, Any] = {"seconds": time.perf_counter() - start, "share": trial.share}

    def mixed(part: str, share: float) -> dict[str, Any]:
        split = getattr(data.corpus, part)
        ours, theirs = answers[part], linear.predict_proba(countable(split.texts, trial.task))
        return _scores((1 - share) * ours + share * theirs, split.labels)

    if "validation" in answers:
        scores = {share: mixed("validation", share)[monitor] for share in SHARES}
        outcome |= {
            "share": max(scores, key=scores.__getitem__),
            "shares": {str(s): v for s, v in scores.items()},
        }
        outcome["validation"] = scores[outcome["share"]]
    if "test" in answers:
        outcome["test"] = mixed("test", outcome["share"])
    return outcome


def _scores(probabilities: np.ndarray, labels: Sequence[int]) -> dict[str, Any]:
    predicted, truth = probabilities.argmax(axis=1), np.asarray(labels)
    chosen = probabilities[np.arange(len(truth)), truth]
    correct = int((predicted == truth).sum())
    return {
        "correct": correct,
        "n": len(truth),
        "accuracy": correct / len(truth),
        "macro_f1": macro_f1(truth, predicted, probabilities.shape[1]),
        "loss": float(-np.log(np.maximum(chosen, 1e-12)).mean()),
        "predicted": "".join(map(str, predicted)),
    }
