"""Generated reviews, where order decides: linear models of counts against an LSTM, three seeds.

Varied: the model; a seed draws the texts and the weights anew. Tuned: the penalty of the linear models, on
validation. Held fixed: 6,000 training texts and the LSTM's sizes.
"""

from __future__ import annotations

import statistics
from typing import Any

from coursekit.batching import prepare
from coursekit.data import Corpus, load
from coursekit.data.reviews import clean_label
from coursekit.nn import TextClassifier
from coursekit.runtime import seed_everything
from coursekit.training import Config, evaluate, fit
from coursestudies.linear import fit_linear
from coursestudies.writing import spread

NAME = "reviews-order"
WHAT = "Generated reviews in which word order decides: linear models of counts against an LSTM."
TRAIN_TEXTS = 6_000
LSTM = Config(
    cell="lstm",
    embedding_dim=32,
    hidden_size=64,
    pooling="max",
    dropout=0.0,
    min_count=1,
    epochs=6,
    batch_size=32,
    learning_rate=3e-3,
)
STRENGTHS = (0.1, 1.0, 10.0)
FEATURES = {
    "words_and_pairs": {"ngram_range": (1, 2), "sublinear_tf": True},
    "letters": {"analyzer": "char_wb", "ngram_range": (1, 5), "sublinear_tf": True},
}


def run(seeds: list[int]) -> dict[str, Any]:
    """Train every model with every seed, choose on validation, test each once."""
    runs = []
    for seed in seeds:
        corpus = load("reviews", train=TRAIN_TEXTS, seed=seed)
        found = {"seed": seed, "ceiling": _ceiling(corpus), "lstm": _lstm(corpus, seed)}
        found |= {name: _linear(corpus, how) for name, how in FEATURES.items()}
        print(found, flush=True)
        runs.append(found)
    summary: dict[str, Any] = {"train_texts": TRAIN_TEXTS, "test_texts": len(corpus.test)}
    for key in ("ceiling", "lstm", *FEATURES):
        values = [found[key] for found in runs]
        summary[f"{key}_mean"] = statistics.mean(values)
        summary[f"{key}_sd"] = spread(values)
    return {"data": corpus, "summary": summary, "runs": runs}


def _ceiling(corpus: Corpus) -> float:
    """The share of test labels that follow the rules: the best accuracy that can be expected."""
    return statistics.mean(
        clean_label(text) == label for text, label in zip(corpus.test.texts, corpus.test.labels, strict=True)
    )


def _linear(corpus: Corpus, how: dict[str, Any]) -> float:
    train, validation, test = corpus.train, corpus.validation, corpus.test
    models = [fit_linear(train.texts, train.labels, how, strength) for strength in STRENGTHS]
    best = max(models, key=lambda model: model.score(validation.texts, validation.labels))
    return float(best.score(test.texts, test.labels))


def _lstm(corpus: Corpus, seed: int) -> float:
    data = prepare(corpus, LSTM)
    seed_everything(seed)
    model = TextClassifier(LSTM, **data.sizes)
    fit(model, data.train, data.validation, LSTM, seed=seed, progress=False)
    return evaluate(model, data.test).accuracy
