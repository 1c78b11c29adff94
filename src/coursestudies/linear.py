"""Linear baselines: TF-IDF and logistic regression on every data set, each test text's answer kept.

Varied: words and pairs of words, or letters in words. Tuned on validation: the strength of the penalty, and which
features stand for the linear models of a data set. What is tested is fitted on train and validation together, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from coursekit.data import Corpus, Split
from coursekit.stats import macro_f1, wilson
from coursekit.text import clean
from coursestudies.tasks import TASKS, load_task, score_of
from coursestudies.writing import PARTS, data_facts

NAME = "linear-baselines"
WHAT = "TF-IDF and logistic regression on every data set, chosen on validation, tested once."
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
    texts: Sequence[str],
    labels: Sequence[int],
    how: dict[str, Any],
    strength: float,
    *,
    balanced: bool = False,
) -> Pipeline:
    """Count as ``how`` says, weigh and fit; ``balanced`` weighs the classes by their rarity."""
    linear = LogisticRegression(C=strength, max_iter=1000, class_weight="balanced" if balanced else None)
    return make_pipeline(TfidfVectorizer(**how), linear).fit(texts, labels)


def countable(texts: Sequence[str], task: str) -> list[str]:
    """Return texts without tags and entities, unless the task has prepared them in its own way already."""
    return list(texts) if TASKS[task].prepare is not None else [clean(text) for text in texts]


def run(seeds: list[int]) -> dict[str, Any]:
    """Fit, choose on validation, test once; the models have no randomness, and ``seeds`` changes nothing."""
    runs, read, chosen = [], {}, {}
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
    return {"seeds": seeds[:1], "data": read, "chosen": chosen, "summary": summary, "runs": runs}


def _tested(corpus: Corpus, task: str, features: str) -> dict[str, Any]:
    """Choose the penalty on validation, fit on both parts, and test."""
    how, monitor = FEATURES[features], TASKS[task].monitor
    rare, score = monitor == "macro_f1", score_of(monitor, len(corpus.label_names))
    parts = [getattr(corpus, part) for part in PARTS]
    train, validation, test = (Split(tuple(countable(part.texts, task)), part.labels) for part in parts)
    scores = {}
    for strength in STRENGTHS:
        model = fit_linear(train.texts, train.labels, how, strength, balanced=rare)
        scores[strength] = score(validation.labels, model.predict(validation.texts))
    strength = max(scores, key=scores.__getitem__)
    texts, labels = (*train.texts, *validation.texts), (*train.labels, *validation.labels)
    model = fit_linear(texts, labels, how, strength, balanced=rare)
    predicted = model.predict(test.texts)  # the only look
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
        "macro_f1": macro_f1(test.labels, predicted),
        "predicted": "".join(map(str, predicted)),
        "rows": {part: len(getattr(corpus, part)) for part in PARTS},
    }
