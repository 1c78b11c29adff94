"""Experiments of a homework: configurations run by one locked helper, so that one thing changes at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from coursekit.batching import prepare
from coursekit.data import Corpus
from coursekit.homework.said import Sentence, sentence
from coursekit.runtime import seed_everything
from coursekit.text import Vocabulary
from coursekit.training import Config, History, change, diff, evaluate, fit

Build = Callable[[Config, int, int], nn.Module]


@dataclass(frozen=True)
class Result:
    """What one experiment gave, on validation; the test set stays closed."""

    config: Config
    history: History
    accuracy: float  # of the best epoch
    model: nn.Module  # with the weights of that epoch
    vocabulary: Vocabulary
    guessing: float  # share of the largest class among the validation texts
    n_validation: int
    macro_f1: float | None = None  # where the configuration is monitored by it
    n_train: int | None = None
    truth: tuple[int, ...] = ()  # then also the validation labels,
    answers: tuple[int, ...] = ()  # and what the model took the texts for
    stand_in: str = ""  # what it was trained on, where the real data was out of reach

    def to_dict(self) -> dict[str, Any]:
        """Return what goes into a submission: configuration and history, no weights."""
        scores = {"accuracy": self.accuracy} | ({} if self.macro_f1 is None else {"macro_f1": self.macro_f1})
        trained_on = {"n_train": self.n_train} | ({"stand_in": self.stand_in} if self.stand_in else {})
        return {"config": self.config.to_dict(), **trained_on, **scores, **self.history.to_dict()}


def run_experiment(
    build: Build, config: Config, corpus: Corpus, *, seed: int = 0, progress: bool = True
) -> Result:
    """Build a model from a configuration, train it, and keep the weights of its best epoch on validation.

    ``build(config, vocabulary_size, n_classes)`` returns a module that is called as ``model(ids, lengths)``. Which
    epoch is the best, accuracy or macro-F1 says: the field ``monitor`` of the configuration. The test part is not
    looked at. Raises ``NotImplementedError`` if ``build`` is not written yet, and ``ValueError`` if the configuration
    asks for spelling.
    """
    refuse_more_than_words(config)
    data = prepare(corpus, config)
    vocabulary, truth = data.encoder.vocabulary, tuple(corpus.validation.labels)
    seed_everything(seed)
    model = build(config, len(vocabulary), len(corpus.label_names))
    history = fit(model, data.train, data.validation, config, seed=seed, progress=progress)
    judged = {}
    if config.monitor == "macro_f1":
        answers = tuple(evaluate(model, data.validation).predictions.tolist())
        judged = {"macro_f1": history.best.validation_macro_f1, "truth": truth, "answers": answers}
    return Result(
        config=config,
        history=history,
        accuracy=history.best.validation_accuracy,
        model=model,
        vocabulary=vocabulary,
        guessing=max(Counter(truth).values()) / len(truth),
        n_validation=len(truth),
        n_train=len(corpus.train),
        stand_in=corpus.source.detail if corpus.source.kind == "stand-in" else "",
        **judged,
    )


def one_change(baseline: Config, changes: Mapping[str, Any]) -> Config:
    """Return the baseline with one field changed.

    Raises ``ValueError`` if ``changes`` is no dictionary, names no field or several, an unknown one, a bad value, the
    value the baseline has already, or the ruler that all runs are measured with.
    """
    if not isinstance(changes, Mapping):
        said = "an experiment names a field and its new value, as in {example}, got {got}."
        raise ValueError(sentence(said, example="{'cell': 'gru'}", got=repr(changes)[:60]))
    if len(changes) != 1:
        said = "an experiment changes exactly one field, got {number}: {names}."
        raise ValueError(sentence(said, number=len(changes), names=list(changes)))
    changed = change(baseline, **changes)
    refuse_more_than_words(changed)
    if changed.monitor != baseline.monitor:
        said = "'monitor' is the ruler of all runs and no experiment; runs that are measured differently cannot be compared."
        raise ValueError(sentence(said))
    if not diff(baseline, changed):
        (name,) = changes
        said = "'{name}' is {value} in the baseline already; choose another value."
        raise ValueError(sentence(said, name=name, value=repr(changes[name])))
    return changed


def sweep_entry(
    baseline: Config, changes: Mapping[str, Any], fields: Sequence[str], *, together: bool = False
) -> Config:
    """Return the baseline with one of some fields changed, or with two or more of them changed together."""
    others = sorted(set(changes) - set(fields)) if isinstance(changes, Mapping) else []
    if others:
        said = "changes {others}; here only {fields} may change."
        raise ValueError(sentence(said, others=others, fields=list(fields)))
    if not together or not isinstance(changes, Mapping):
        return one_change(baseline, changes)
    changed = change(baseline, **changes)
    if len(diff(baseline, changed)) < 2:
        said = "a compound trial changes at least two fields, got {number}: {names}."
        raise ValueError(sentence(said, number=len(changes), names=list(changes)))
    return changed


def refuse_more_than_words(config: Config) -> None:
    """Raise ``ValueError`` for a configuration whose model needs more than the ids of words."""
    if config.spelling:
        said = "'spelling' is not part of the homework: your model is called with the ids of words."
        raise ValueError(sentence(said))


def trained_on_a_stand_in(stand_in: str) -> Sentence | None:
    """What there is to say of a final model that was trained on a stand-in; None if it was not."""
    said = (
        "the model was trained on a stand-in for the real data ({stand_in}), and marks are given on the real texts. Unless your "
        "teacher has agreed to that: set COURSEKIT_DATA to a folder that has them, or be online; then run the notebook from its "
        "first cell and pack again."
    )
    return sentence(said, stand_in=stand_in) if stand_in else None
