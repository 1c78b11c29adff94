"""The evening page's comparison, on all the tweets: RNN, LSTM and GRU from lemmas, and counts of the same lemmas.

Varied: the cell, and the seed. Tuned for each cell: the learning rate, on validation with the first seed. Held fixed:
texts, vocabulary rule, widths, dropout, epochs. The linear model's penalty is chosen on validation too.
"""

from __future__ import annotations

import statistics
from typing import Any

from coursekit.training import Config, change
from coursestudies.comparisons import compare, recorded_answers
from coursestudies.linear import FEATURES, STRENGTHS, fit_linear
from coursestudies.tasks import load_task
from coursestudies.trials import Trial, run_trial
from coursestudies.writing import data_facts

NAME = "evening-tweets"
WHAT = "RNN, LSTM and GRU on Russian tweets as lemmas, three seeds each, beside counts of the same lemmas."
TASK = "ru_tweets-lemmas"
CELLS = ("rnn", "lstm", "gru")
RATES = (1e-3, 3e-3)
READER = Config(
    embedding_dim=64,
    hidden_size=64,
    pooling="last",
    dropout=0.3,
    embedding_dropout=0.3,
    min_count=2,
    max_length=64,
    epochs=3,
)


def run(seeds: list[int]) -> dict[str, Any]:
    """Choose a rate for each cell, train it with every seed, test each run once, and compare on the same texts.

    Raises ``LookupError`` if the real data is out of reach.
    """
    corpus, tried, runs = load_task(TASK), [], []
    for cell in CELLS:
        rates = {rate: change(READER, cell=cell, learning_rate=rate) for rate in RATES}
        candidates = {
            rate: run_trial(Trial(f"{cell}: rate {rate:g}", TASK, config, seeds[0]))
            for rate, config in rates.items()
        }
        tried += candidates.values()
        best = max(candidates, key=lambda rate: candidates[rate]["validation"] or 0.0)
        for seed in seeds:
            runs.append(run_trial(Trial(cell, TASK, rates[best], seed, tested=True)))
            print(cell, f"rate {best:g}, seed {seed}:", runs[-1]["test"]["accuracy"], flush=True)
    models = {
        strength: fit_linear(corpus.train.texts, corpus.train.labels, FEATURES["words"], strength)
        for strength in STRENGTHS
    }
    strength = max(models, key=lambda s: models[s].score(corpus.validation.texts, corpus.validation.labels))
    answers = {cell: recorded_answers([run for run in runs if run["arm"] == cell]) for cell in CELLS}
    answers["counts"] = [models[strength].predict(corpus.test.texts).tolist()]
    return {
        "varied": "the cell; the seed of its training",
        "tuned": "the learning rate of each cell and the penalty of the counts, on validation",
        "fixed": "texts, vocabulary rule, widths, dropout, epochs",
        "data": {TASK: data_facts(corpus)},
        "chosen": {run["arm"]: run["config"].get("learning_rate") for run in runs} | {"counts": strength},
        "summary": _summary(runs) | compare("cells", answers, corpus.test.labels, seeds[0]),
        "runs": [*tried, *runs],
    }


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The sizes, and for each cell what says that it learned: its loss on train, and how often it says positive."""
    found: dict[str, Any] = {"test_texts": runs[0]["test"]["n"], "vocabulary": runs[0]["vocabulary"]}
    for cell in CELLS:
        own = [run for run in runs if run["arm"] == cell]
        found[f"{cell}_parameters"] = own[0]["parameters"]
        found[f"{cell}_train_loss"] = statistics.mean(
            run["history"]["epochs"][run["best_epoch"] - 1]["train_loss"] for run in own
        )
        found[f"{cell}_positive"] = statistics.mean(
            run["test"]["predicted"].count("1") / run["test"]["n"] for run in own
        )
    return found
