"""Linear baselines: TF-IDF and logistic regression on every data set, each with its interval.

Varied: words and pairs of words, or letters in words. Tuned: the strength of the penalty, on validation; the model that
is tested is then fitted with it on train and validation together. Held fixed: everything else. Each is tested once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline

from coursekit.data import Corpus, load
from coursekit.stats import wilson
from coursekit.text import clean
from coursekit.text.emoticons import remove_emoticons
from coursestudies.writing import data_facts, provenance

NAME = "linear-baselines"
STRENGTHS = (1.0, 3.0, 10.0, 30.0)
FEATURES = {
    "words": {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b", "sublinear_tf": True},
    "letters": {"analyzer": "char_wb", "ngram_range": (1, 5), "min_df": 2, "sublinear_tf": True},
}


@dataclass(frozen=True)
class Task:
    """A data set, how its texts are prepared, and which features are tried.

    Attributes
    ----------
    prepare : callable
        From a raw text to the text that is counted.
    features : tuple of str
        Keys of ``FEATURES``.
    balanced : bool
        Weigh the classes by their rarity, and judge by macro-F1.
    """

    prepare: Callable[[str], str] = clean
    features: tuple[str, ...] = ("words",)
    balanced: bool = False


TASKS = {
    "ag_news": Task(),
    "imdb": Task(),
    "ru_tweets": Task(prepare=remove_emoticons, features=("words", "letters")),
    "hate_tweets": Task(features=("words", "letters"), balanced=True),
}


def run(seeds: list[int]) -> dict[str, Any]:
    """Fit, choose on validation, test once.

    Parameters
    ----------
    seeds : list of int
        Only the first is used: it draws the validation part. The models themselves have no randomness.

    Returns
    -------
    dict
        The record, not yet written.

    Raises
    ------
    LookupError
        If one of the data sets is out of reach.
    """
    start, runs, read = time.perf_counter(), [], {}
    for name, task in TASKS.items():
        corpus = load(name, seed=seeds[0])
        if corpus.source.kind == "stand-in":
            raise LookupError(f"'{NAME}' needs the real {name}; set COURSEKIT_DATA to a campus mirror.")
        read[name] = data_facts(corpus)
        for features in task.features:
            runs.append(_one(corpus, name, task, features))
            print({key: runs[-1][key] for key in ("data", "features", "accuracy", "macro_f1")}, flush=True)
    summary: dict[str, Any] = {}
    for found in runs:
        stem = f"{found['data']}_{found['features']}"
        summary |= {f"{stem}_{key}": found[key] for key in ("accuracy", "low", "high", "macro_f1")}
    return {
        "name": NAME,
        "what": "TF-IDF and logistic regression on every data set, tested once.",
        "provenance": provenance(
            command=f"coursekit reproduce {NAME}",
            seeds=seeds[:1],
            corpus=read,
            seconds=time.perf_counter() - start,
        ),
        "summary": summary,
        "runs": runs,
    }


def _one(corpus: Corpus, name: str, task: Task, features: str) -> dict[str, Any]:
    """Choose the penalty on validation, fit on both parts, and test."""
    texts = {
        part: [task.prepare(t) for t in getattr(corpus, part).texts]
        for part in ("train", "validation", "test")
    }
    weight = "balanced" if task.balanced else None

    def fit(fitted_texts: list[str], labels: list[int], strength: float) -> Pipeline:
        """Count, weigh and fit."""
        linear = LogisticRegression(C=strength, max_iter=1000, class_weight=weight)
        return make_pipeline(TfidfVectorizer(**FEATURES[features]), linear).fit(fitted_texts, labels)

    tried = {}
    for strength in STRENGTHS:
        guessed = fit(texts["train"], corpus.train.labels, strength).predict(texts["validation"])
        tried[strength] = _score(guessed, corpus.validation.labels, task)
    strength = max(tried, key=lambda s: tried[s])
    labels = [*corpus.train.labels, *corpus.validation.labels]
    model = fit(texts["train"] + texts["validation"], labels, strength)
    guessed = model.predict(texts["test"])  # the only look at the test set
    correct, n = int((guessed == list(corpus.test.labels)).sum()), len(corpus.test)
    low, high = wilson(correct, n)
    return {
        "data": name,
        "features": features,
        "strength": strength,
        "validation": {str(s): score for s, score in tried.items()},
        "correct": correct,
        "n": n,
        "accuracy": correct / n,
        "low": low,
        "high": high,
        "macro_f1": float(f1_score(corpus.test.labels, guessed, average="macro")),
        "rows": {part: len(getattr(corpus, part)) for part in ("train", "validation", "test")},
    }


def _score(guessed: np.ndarray, labels: Sequence[int], task: Task) -> float:
    """Judge by accuracy, or by macro-F1 where a class is rare."""
    if task.balanced:
        return float(f1_score(labels, guessed, average="macro"))
    return float((guessed == list(labels)).mean())
