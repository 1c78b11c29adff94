"""Trials: one configuration, one task, one seed; and the ways to make many of them.

Left out: search that learns from earlier trials; ``optuna`` does it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from coursekit.batching import TextDataset, prepare
from coursekit.data import Corpus
from coursekit.nn import TextClassifier
from coursekit.runtime import machine_facts, seed_everything
from coursekit.stats import confusion_matrix, macro_f1
from coursekit.training import Config, change, evaluate, fit
from coursestudies.tasks import TASKS, load_task
from coursestudies.writing import corpus_checksum

VERSION = 1  # of what a finished trial looks like


@dataclass(frozen=True)
class Trial:
    """One run of a study.

    Attributes
    ----------
    arm : str
        What is compared, for example ``lstm``.
    task : str
        A key of :data:`coursestudies.tasks.TASKS`.
    tested : bool
        Whether the test part is looked at, once, at the end.
    train_texts : int or None
        Train on so many texts only.
    stand_in : bool
        Allow the embedded stand-in: for trying the machinery, never for a record.
    refit : int or None
        Everything is chosen: learn from the validation texts as well, for so many epochs, and keep the last weights.
    """

    arm: str
    task: str
    config: Config
    seed: int
    tested: bool = False
    train_texts: int | None = None
    stand_in: bool = False
    refit: int | None = None

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
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def run_trial(trial: Trial, threads: int | None = None) -> dict[str, Any]:
    """Train, keep the best epoch on validation, and say what came out.

    Parameters
    ----------
    threads : int, optional
        Of torch; as they are, if left out.

    Returns
    -------
    dict
        ``key``, ``arm``, ``task``, ``seed``, ``config``, ``parameters``, ``validation`` (None after a refit),
        ``history``; where the trial is tested, ``test`` with the counts and one digit for each test text: what it was taken for.
        ``made`` says when, on which machine and from which texts. A training whose loss became infinite or NaN has
        ``failed`` with the reason, and ``validation`` None: that is an outcome too.

    Raises
    ------
    LookupError
        If the real data is out of reach.
    ValueError
        If the configuration names another score to choose by than the task does.
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
        "made": {**machine_facts(), "data": corpus_checksum(corpus)},
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
        model,
        data.train,
        data.validation,
        config,
        seed=trial.seed,
        progress=False,
        stop_after=trial.refit,
    )
    found = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "vocabulary": data.sizes["vocabulary_size"],
        **({"pairs": data.sizes["pair_rows"]} if "pair_rows" in data.sizes else {}),
        "validation": history.best.score,
        "best_epoch": history.best.epoch,
        "training_seconds": history.seconds,
        "history": history.to_dict(),
    }
    if trial.tested:
        found["test"] = _tested(model, data.test, len(corpus.label_names))
    return found


def _tested(model: TextClassifier, test: TextDataset, n_classes: int) -> dict[str, Any]:
    outcome = evaluate(model, test)  # the only look at the test part
    predicted = outcome.predictions.tolist()
    return {
        "correct": outcome.correct,
        "n": outcome.n,
        "accuracy": outcome.accuracy,
        "macro_f1": macro_f1(confusion_matrix(test.labels, predicted, n_classes)),
        "loss": outcome.loss,
        "predicted": "".join(map(str, predicted)),
    }


def grid(base: Config, **choices: Sequence[Any]) -> dict[str, Config]:
    """Return every combination of the values named.

    Parameters
    ----------
    **choices : sequence
        Values by field.

    Returns
    -------
    dict of str to Config
        By a name that says what was changed.

    Raises
    ------
    ValueError
        If a field is unknown, a value is out of range, or a field has no value or the same one twice.

    Examples
    --------
    >>> list(grid(Config(), cell=["rnn", "gru"], dropout=[0.0, 0.5]))
    ['cell=rnn, dropout=0.0', 'cell=rnn, dropout=0.5', 'cell=gru, dropout=0.0', 'cell=gru, dropout=0.5']
    """
    _check_choices(choices)
    made = {}
    for values in itertools.product(*choices.values()):
        named = dict(zip(choices, values, strict=True))
        made[_name(named)] = change(base, **named)
    return made


def random_draws(base: Config, n: int, *, seed: int, **choices: Sequence[Any]) -> dict[str, Config]:
    """Return ``n`` different combinations, drawn at random; all of them, if there are fewer.

    Parameters
    ----------
    **choices : sequence
        Values by field.

    Raises
    ------
    ValueError
        As :func:`grid`, or if ``n`` is below 1.

    Notes
    -----
    Bergstra and Bengio (2012), "Random search for hyper-parameter optimization".
    """
    _check_choices(choices)
    if n < 1:
        raise ValueError(f"'n' must be at least 1, got {n}.")
    total = math.prod(map(len, choices.values()))
    drawn = random.Random(seed).sample(range(total), min(n, total))
    made = {}
    for number in drawn:
        named = {}
        for field, values in choices.items():
            number, place = divmod(number, len(values))
            named[field] = values[place]
        made[_name(named)] = change(base, **named)
    return made


def compound(base: Config, steps: int, *, cap: int = 50, **growth: float) -> dict[str, Config]:
    """Grow several sizes together, a factor for each, as one step of a ladder.

    Parameters
    ----------
    steps : int
        Rungs above the base, which is rung 0.
    cap : int, default 50
        Most rungs that are allowed.
    **growth : float
        Factor per step, by field, for whole-number fields such as ``hidden_size``.

    Raises
    ------
    ValueError
        If ``steps`` is below 1, no field grows, a factor is not above 1, a field is no whole number above 0, or there
        are more rungs than ``cap``.

    Notes
    -----
    Tan and Le (2019), "EfficientNet".

    Examples
    --------
    >>> ladder = compound(Config(hidden_size=32), 2, hidden_size=1.5, num_layers=1.3)
    >>> [(c.hidden_size, c.num_layers) for c in ladder.values()]
    [(32, 1), (48, 1), (72, 2)]
    """
    if steps < 1:
        raise ValueError(f"'steps' must be at least 1, got {steps}.")
    if not growth:
        raise ValueError("'growth' must name at least one field, such as hidden_size=1.5.")
    if steps + 1 > cap:
        raise ValueError(f"'steps' gives {steps + 1} rungs, and 'cap' allows {cap}.")
    for field, factor in growth.items():
        if factor <= 1:
            raise ValueError(f"'{field}' must grow by a factor above 1, got {factor}.")
        if isinstance(getattr(base, field, None), bool) or not isinstance(getattr(base, field, None), int):
            raise ValueError(f"'{field}' must be a whole-number field of Config.")
        if getattr(base, field) < 1:
            raise ValueError(f"'{field}' is {getattr(base, field)} in the base, and no factor makes it grow.")
    return {
        f"step {k}": change(base, **{f: round(getattr(base, f) * factor**k) for f, factor in growth.items()})
        for k in range(steps + 1)
    }


def _check_choices(choices: Mapping[str, Sequence[Any]]) -> None:
    for field, values in choices.items():
        if isinstance(values, str) or not len(values):
            raise ValueError(f"'{field}' must be a sequence with at least one value, got {values!r}.")
        if any(value in values[:k] for k, value in enumerate(values)):
            raise ValueError(f"'{field}' must name every value once, got {values!r}.")


def _name(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{field}={value}" for field, value in values.items())
