"""Comparisons: what the recorded answers of two models say of each other, on the same texts and with paired intervals.

No model is trained. The answers come from the records, the labels from the real data, which must be the texts that the
records were made with. An interval draws texts, and training seeds where a model has several, with replacement.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.data import Corpus
from coursekit.records import Record, read_record
from coursekit.stats import bootstrap, mcnemar, paired_bootstrap
from coursestudies.tasks import TASKS, load_task, score_of
from coursestudies.writing import data_facts

NAME = "comparisons"
WHAT = "Recorded answers compared on the same texts: intervals over texts and training seeds."
HEADLINES = {
    "ag_news": "headline-agnews",
    "imdb": "headline-imdb",
    "ru_tweets": "headline-rutweets",
    "hate_tweets": "headline-hate",
}
SHUFFLED_TEXTS = 20_000  # as the plan of shuffled-words says
DRAWS = 1_000
Answers = list[list[int]]  # by training seed, one class id for each text


def run(seeds: list[int]) -> dict[str, Any]:
    """Compare the headline models with each other and with the linear ones, and order with shuffled words.

    The first of the seeds draws the bootstrap samples.
    """
    summary, read = {}, {}
    for task, name in HEADLINES.items():
        record, corpus = read_record(name), load_task(task)
        same_texts(record, task, corpus)
        read[task] = data_facts(corpus)
        summary |= compare(task, answers_of(record, task), corpus.test.labels, seeds[0])
        print(task, "compared", flush=True)
    shuffled = read_record("shuffled-words")
    for task in ("ag_news", "imdb"):
        corpus = load_task(task, SHUFFLED_TEXTS)
        same_texts(shuffled, task, corpus)
        ways = {way: recorded_answers(shuffled.arm(f"{task} {way}").runs) for way in ("in order", "shuffled")}
        summary |= compare(f"order_{task}", ways, corpus.validation.labels, seeds[0])
    return {"seeds": seeds[:1], "data": read, "summary": summary, "runs": []}


def answers_of(record: Record, task: str) -> dict[str, Answers]:
    """Return the test answers by model: those of the study's arms, and the linear one that validation chose."""
    answers = {arm: recorded_answers(record.arm(arm).runs) for arm in ("recurrent", "pooling")}
    runs = record.arm("recurrent").runs
    if all("beside" in run for run in runs):
        answers["recurrent beside linear"] = recorded_answers([run["beside"] for run in runs])
    linear = read_record("linear-baselines")
    features = linear["chosen"][task]
    (chosen,) = [run for run in linear.runs if (run["data"], run["features"]) == (task, features)]
    return answers | {"linear": [_digits(chosen["predicted"])]}


def compare(stem: str, answers: dict[str, Answers], truth: Sequence[int], seed: int) -> dict[str, Any]:
    """Return the interval of every model's score and of every difference, under names that begin with ``stem``."""
    name = TASKS[stem].monitor if stem in TASKS else "accuracy"
    score, labels, found = score_of(name, max(truth) + 1), np.asarray(truth), {}
    for model, runs in answers.items():
        tables, everything = np.asarray(runs), np.arange(len(labels))

        def mean(texts: np.ndarray, tables: np.ndarray = tables) -> float:
            """Of the training seeds there are, on some texts."""
            return float(np.mean([score(labels[texts], run[texts]) for run in tables]))

        low, high = bootstrap(mean, len(labels), seed=seed, draws=DRAWS)
        found[_key(stem, model)] = {"score": name, "mean": mean(everything), "low": low, "high": high}
    for (first, ours), (second, theirs) in itertools.combinations(answers.items(), 2):
        gap, low, high = paired_bootstrap(truth, ours, theirs, score, seed=seed, draws=DRAWS)
        alone = mcnemar(np.asarray(ours[0]) == labels, np.asarray(theirs[0]) == labels)
        found[_key(stem, first, "minus", second)] = {
            "difference": gap,
            "low": low,
            "high": high,
            "only_first": alone.only_first,
            "only_second": alone.only_second,
            "p_first_seed": alone.p_value,
        }
    return found


def recorded_answers(runs: Sequence[dict[str, Any]]) -> Answers:
    """Return by training seed what a run answered: to the test texts if it was tested, else to the validation texts."""
    return [
        _digits(run["test"]["predicted"] if "test" in run else run["validation_predicted"]) for run in runs
    ]


def _digits(text: str) -> list[int]:
    return [int(digit) for digit in text]


def _key(*words: str) -> str:
    return "_".join(words).replace(" ", "_")


def same_texts(record: Record, task: str, corpus: Corpus) -> None:
    """Refuse a record that was made with other texts.

    Raises ``ValueError`` if the checksum of the corpus is not the recorded one.
    """
    recorded = record["provenance"]["data"][task]["sha256"]
    if recorded != corpus.checksum:
        raise ValueError(
            f"the texts of {task} are not those of the record {record['name']!r}; record it again."
        )
