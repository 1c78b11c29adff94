"""Resampling: how sure is a score, or a difference of two models, on texts that are drawn again with replacement?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def bootstrap(
    score: Callable[[np.ndarray], float], n: int, *, seed: int, draws: int = 2000
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a score over ``n`` texts that are drawn again with replacement.

    The score goes from positions of texts, (n,), to a number. Efron and Tibshirani (1993), "An introduction to the
    bootstrap", chapter 13. For a plain accuracy :func:`coursekit.stats.wilson` is quicker and needs no draws; this one
    takes macro-F1. For a difference of two models there is :func:`paired_bootstrap`.

    >>> right = np.array([1] * 90 + [0] * 10)
    >>> low, high = bootstrap(lambda texts: right[texts].mean(), 100, seed=0)
    >>> bool(low < 0.9 < high)
    True
    """
    if n < 1 or draws < 1:
        raise ValueError(f"'n' and 'draws' must be at least 1, got {n} and {draws}.")
    random = np.random.default_rng(seed)
    return _percentiles([score(random.integers(0, n, n)) for _ in range(draws)])


def paired_bootstrap(
    truth: Sequence[int],
    first: Sequence[Sequence[int]],
    second: Sequence[Sequence[int]],
    score: Callable[[np.ndarray, np.ndarray], float],
    *,
    seed: int,
    draws: int = 1000,
) -> tuple[float, float, float]:
    """Return by how much the first model scores more than the second, with a 95 % interval over texts and seeds.

    A model is given by what each of its training runs answers, (seeds, n); the two may have different numbers of runs.
    The score goes from true and predicted class ids to a number. Each draw takes texts with replacement, the same for
    both models, and for each model training seeds with replacement; a model's score is the mean over its seeds.

    Owen (2007), "The pigeonhole bootstrap": where seeds differ by little more than the luck of single texts, the
    interval is wider than it need be. Three seeds that differ by much make it too narrow: bootstrapped, they show two
    thirds of their variance. A model with one run is judged over texts alone. Raises ``ValueError`` if a run does not
    answer as many texts as there are, or a model has no run.

    >>> truth = [0, 1] * 50
    >>> always_right, often_wrong = [truth, truth], [[0] * 100, [0] * 100]
    >>> accuracy = lambda truth, predicted: float((truth == predicted).mean())
    >>> difference, low, high = paired_bootstrap(truth, always_right, often_wrong, accuracy, seed=0)
    >>> difference, low > 0.3, high < 0.7
    (0.5, True, True)
    """
    labels = np.asarray(truth)
    runs = [_runs(first, len(labels), "first"), _runs(second, len(labels), "second")]
    if draws < 1:
        raise ValueError(f"'draws' must be at least 1, got {draws}.")
    random = np.random.default_rng(seed)
    tables = [np.empty((draws, len(model))) for model in runs]  # scores by draw of texts and training seed
    for draw in range(draws):
        texts = random.integers(0, len(labels), len(labels))
        drawn = labels[texts]
        for table, model in zip(tables, runs, strict=True):
            table[draw] = [score(drawn, run[texts]) for run in model]
    means = [np.mean([score(labels, run) for run in model]) for model in runs]
    gaps = np.subtract(*(_mean_over_drawn_seeds(random, table) for table in tables))
    return float(means[0] - means[1]), *_percentiles(gaps)


def _mean_over_drawn_seeds(random: np.random.Generator, table: np.ndarray) -> np.ndarray:
    seeds = random.integers(0, table.shape[1], table.shape)
    return np.take_along_axis(table, seeds, axis=1).mean(axis=1)  # (draws,)


def _runs(predictions: Sequence[Sequence[int]], n: int, name: str) -> np.ndarray:
    lengths = [np.size(run) for run in predictions]
    if not lengths or set(lengths) != {n}:
        raise ValueError(
            f"'{name}' must hold at least one run, each with an answer to the {n:,} texts of 'truth'; "
            f"got runs of {lengths[:5]} answers."
        )
    return np.asarray(predictions)


def _percentiles(scores: Sequence[float] | np.ndarray) -> tuple[float, float]:
    tail = (1 - 0.95) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    return float(low), float(high)
