"""Experiments of a homework: configurations run by one locked helper, so that one thing changes at a time.

Left out: searches over many configurations; room ``studies`` has those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from coursekit.batching import TextDataset
from coursekit.data import Corpus
from coursekit.runtime import seed_everything
from coursekit.studies import Config, change, diff, encode_texts, tokens_of
from coursekit.text import Vocabulary
from coursekit.training import History, fit

Build = Callable[[Config, int, int], nn.Module]


@dataclass(frozen=True)
class Result:
    """What one experiment gave, on validation; the test set stays closed.

    Attributes
    ----------
    config : Config
    history : History
    accuracy : float
        Best validation accuracy.
    model : Module
        With the weights of its best epoch.
    vocabulary : Vocabulary
    guessing : float
        Share of the largest class among the validation texts.
    n_validation : int
        How many there are.

    Notes
    -----
    Chapter: homework.
    """

    config: Config
    history: History
    accuracy: float
    model: nn.Module
    vocabulary: Vocabulary
    guessing: float
    n_validation: int

    def to_dict(self) -> dict[str, Any]:
        """Return what goes into a submission: configuration and history, no weights."""
        return {"config": self.config.to_dict(), "accuracy": self.accuracy, **self.history.to_dict()}


def run_experiment(
    build: Build, config: Config, corpus: Corpus, *, seed: int = 0, progress: bool = True
) -> Result:
    """Build a model from a configuration, train it, and keep the weights of its best epoch on validation.

    Parameters
    ----------
    build : callable
        ``build(config, vocabulary_size, n_classes)`` returns a module that is called as ``model(ids, lengths)``.
    config : Config
    corpus : Corpus
        Its test part is not looked at.
    seed : int, default 0
    progress : bool, default True

    Returns
    -------
    Result

    Raises
    ------
    NotImplementedError
        If ``build`` is not written yet.
    ValueError
        If the configuration asks for spelling.

    Notes
    -----
    Chapter: homework.
    """
    _refuse_spelling(config)
    vocabulary = Vocabulary.build(
        (tokens_of(text, config) for text in corpus.train.texts), min_count=config.min_count
    )
    seed_everything(seed)
    model = build(config, len(vocabulary), len(corpus.label_names))
    parts = [
        TextDataset(encode_texts(split.texts, vocabulary, config), split.labels)
        for split in (corpus.train, corpus.validation)
    ]
    history = fit(model, *parts, config.training(), seed=seed, progress=progress)
    counts = Counter(corpus.validation.labels)
    guessing = max(counts.values()) / len(corpus.validation)
    accuracy = history.best.validation_accuracy
    return Result(config, history, accuracy, model, vocabulary, guessing, len(corpus.validation))


def one_change(baseline: Config, changes: Mapping[str, Any]) -> Config:
    """Return the baseline with one field changed.

    Parameters
    ----------
    baseline : Config
    changes : mapping
        One field name and its new value.

    Returns
    -------
    Config

    Raises
    ------
    ValueError
        If it names no field or several, an unknown one, a bad value, or the value the baseline has already.

    Notes
    -----
    Chapter: homework.
    """
    if len(changes) != 1:
        raise ValueError(
            f"an experiment changes exactly one field, got {len(changes)}: {', '.join(changes) or 'none'}."
        )
    changed = change(baseline, **changes)
    if changed.spelling:
        raise ValueError(
            "'spelling' is not part of the homework: your model is called with the ids of words."
        )
    if not diff(baseline, changed):
        (name,) = changes
        raise ValueError(f"'{name}' is {changes[name]!r} in the baseline already; choose another value.")
    return changed


def _refuse_spelling(config: Config) -> None:
    if config.spelling:
        raise ValueError(
            "'spelling' is not part of the homework: your model is called with the ids of words."
        )
