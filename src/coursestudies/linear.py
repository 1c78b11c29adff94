"""Linear baselines: TF-IDF and logistic regression on every data set, each test text's answer kept.

Varied: words and pairs of words, or letters in words. Tuned on validation: the strength of the penalty, and which
features stand for the linear models of a data set. What is tested is fitted on train and validation together, once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline

from coursekit.data import Corpus, Split
from coursekit.stats import wilson
from coursekit.text import clean
from coursestudies.tasks import TASKS, load_task
from coursestudies.writing import data_facts, provenance

NAME = "linear-baselines"
STRENGTHS = (1.0, 3.0, 10.0, 30.0)
FEATURES = {
    "words": {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b", "sublinear_tf": True},
    "letters": {"analyzer": "char_wb", "ngram_range": (1, 5), "min_df": 2, "sublinear_tf": True},
}
TRIED = {
    "ag_news": ("words",),
    "imdb": ("words",),
    "ru_tweets": ("words", "letters"),
    "hate_tweets": ("words", "letters"),
}


def fit_linear(
    texts: Sequence[str], labels: Sequence[int], features: str, strength: float, *, balanced: bool = False
) -> Pipeline:
    """Count in lower case, weigh and fit; ``balanced`` weighs the classes by their rarity."""
    linear = LogisticRegression(C=strength, max_iter=1000, class_weight="balanced" if balanced else None)
    return make_pipeline(TfidfVectorizer(**FEATURES[features]), linear).fit(texts, labels)


def countable(texts: Sequence[str], task: str) -> list[str]:
    """Return texts without tags and entities, unless the task has prepared them in its own way already."""
    return list(texts) if TASKS[task].prepare is not None else [clean(text) for text in texts]


def run(seeds: list[int]) -> dict[str, Any]:
    """Fit, choose on validation, test once; the models have no randomness, and ``seeds`` changes nothing.

    Raises
    ------
    LookupError
        If one of the data sets is out of reach.
    """
    start, runs, read, chosen = time.perf_counter(), [], {}, {}
    for task, tried in TRIED.items():
        corpus = load_task(task)
        read[task] = data_facts(corpus)
        of_task = [_tested(corpus, task, features) for features in tried]
        chosen[task] = max(of_task, key=lambda run: max(run["validation"].values()))["features"]
        runs += of_task
        print(
            task, {run["features"]: run["accuracy"] for run in of_task}, "chosen:", chosen[task], flush=True
        )
    summary = {
        f"{run['data']}_{run['features']}_{key}": run[key]
        for run in runs
        for key in ("accuracy", "low", "high", "macro_f1")
    }
    return {
        "name": NAME,
        "what": "TF-IDF and logistic regression on every data set, tested once.",
        "provenance": provenance(
            command=f"coursekit reproduce {NAME}",
            seeds=seeds[:1],
            corpus=read,
            seconds=time.perf_counter() - start,
        ),
        "chosen": chosen,
        "summary": summary,
        "runs": runs,
    }


def _tested(corpus: Corpus, task: str, features: str) -> dict[str, Any]:
    """Choose the penalty on validation, fit on both parts, and test."""
    rare = TASKS[task].monitor == "macro_f1"
    train, validation, test = (
        Split(tuple(countable(split.texts, task)), split.labels)
        for split in (corpus.train, corpus.validation, corpus.test)
    )
    scores = {}
    for strength in STRENGTHS:
        model = fit_linear(train.texts, train.labels, features, strength, balanced=rare)
        scores[strength] = _score(model.predict(validation.texts), validation.labels, rare)
    strength = max(scores, key=scores.__getitem__)
    texts, labels = (*train.texts, *validation.texts), (*train.labels, *validation.labels)
    predicted = fit_linear(texts, labels, features, strength, balanced=rare).predict(
        test.texts
    )  # the only look
    correct, n = int((predicted == list(test.labels)).sum()), len(test)
    low, high = wilson(correct, n)
    return {
        "data": task,
        "features": features,
        "strength": strength,
        "validation": {str(s): score for s, score in scores.items()},
        "correct": correct,
        "n": n,
        "accuracy": correct / n,
        "low": low,
        "high": high,
        "macro_f1": float(f1_score(test.labels, predicted, average="macro")),
        "predicted": "".join(map(str, predicted)),
        "rows": {part: len(getattr(corpus, part)) for part in ("train", "validation", "test")},
    }


def _score(predicted: np.ndarray, labels: Sequence[int], rare: bool) -> float:
    """Judge by accuracy, or by macro-F1 where a class is rare."""
    if rare:
        return float(f1_score(labels, predicted, average="macro"))
    return float((predicted == list(labels)).mean())
