"""Comparisons: is one model better than another, or was it luck?

Two kinds of luck: which texts stand in the test set (McNemar), and which seed the training drew (paired seeds). A test
for one kind says nothing about the other; :func:`coursekit.stats.paired_bootstrap` draws both.

Left out: more than two models at a time; ``scikit-posthocs`` has the tests of Friedman and Nemenyi.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Paired:
    """Two models on the same texts.

    Attributes
    ----------
    only_first, only_second : int
        Texts that one of them got right and the other did not.
    p_value : float
        How often chance alone would divide these texts at least so unevenly.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first_right: Sequence[bool], second_right: Sequence[bool]) -> Paired:
    """Compare two models on the texts where one is right and the other wrong; the others say nothing.

    Parameters
    ----------
    first_right, second_right : sequence of bool
        For each test text, whether the model was right.

    Returns
    -------
    Paired
        With the exact, two-sided p-value; 1 if the models never differ.

    Raises
    ------
    ValueError
        If there are not equally many, or none, or a value is neither true nor false (class ids, say).

    Notes
    -----
    McNemar (1947), "Note on the sampling error of the difference between correlated proportions".

    Examples
    --------
    >>> mcnemar([True] * 9 + [False], [False] * 9 + [True])
    Paired(only_first=9, only_second=1, p_value=0.021484375)
    """
    first, second = np.asarray(first_right), np.asarray(second_right)
    if first.shape != second.shape or first.ndim != 1 or not first.size:
        raise ValueError(
            "'first_right' and 'second_right' must be equally many and at least one, got shapes "
            f"{first.shape} and {second.shape}."
        )
    for name, right in (("first_right", first), ("second_right", second)):
        if not np.isin(right, (0, 1)).all():
            raise ValueError(
                f"'{name}' must say for each text whether it was right; compare ids with labels."
            )
    from scipy import stats  # loaded when it is needed: it takes longer than most of the course

    b, c = int((first > second).sum()), int((second > first).sum())
    p = float(stats.binomtest(b, b + c).pvalue) if b + c else 1.0
    return Paired(b, c, p)


def paired_seeds(
    first: Sequence[float], second: Sequence[float], *, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return the mean difference of two recipes over seeds, with its interval.

    Parameters
    ----------
    first, second : sequence of float
        Scores by seed; the same seeds in the same order.

    Returns
    -------
    (difference, low, high) : tuple of float
        ``first`` minus ``second``; Student's interval, which is wide for three seeds, and rightly so.

    Raises
    ------
    ValueError
        If there are not equally many scores, or fewer than two, or one is no finite number.

    Notes
    -----
    Student (1908), "The probable error of a mean".

    Examples
    --------
    >>> [round(x, 3) for x in paired_seeds([0.91, 0.92, 0.93], [0.90, 0.90, 0.92])]
    [0.013, -0.001, 0.028]
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or a.size < 2 or not np.isfinite([*a, *b]).all():
        raise ValueError(
            f"'first' and 'second' must be equally many finite scores and at least two, got {a} and {b}; leave the "
            "failed seeds out of both."
        )
    from scipy import stats

    gaps = a - b
    mean, error = float(gaps.mean()), float(gaps.std(ddof=1) / math.sqrt(gaps.size))
    half = float(stats.t.ppf((1 + confidence) / 2, gaps.size - 1)) * error
    return mean, mean - half, mean + half


@dataclass(frozen=True)
class SeedSpread:
    """The standard deviation of an accuracy over training seeds, in two parts: observed² = texts² + rest².

    Attributes
    ----------
    texts : float
        What the luck of single texts brings even if all runs are equally good.
    rest : float
        How much the runs differ in how good they are; 0 where texts explain all.
    """

    observed: float
    texts: float
    rest: float


def seed_spread(truth: Sequence[int], runs: Sequence[Sequence[int]]) -> SeedSpread:
    r"""Split the spread of an accuracy over seeds into what texts alone explain, and the rest.

    Parameters
    ----------
    truth : sequence of int, shape (n,)
    runs : sequence of shape (seeds, n)
        What each training run answers; at least two runs.

    Notes
    -----
    Let a run :math:`s` be right on text :math:`j` with probability :math:`p_j + a_s`, where :math:`a_s` says how good the run
    is. Given these, texts are right or wrong by themselves, so the accuracy
    :math:`A_s = \frac{1}{n} \sum_j R_{sj}` has the variance

    .. math::
        \mathrm{Var}(A_s) = \mathrm{Var}(a) + \frac{1}{n^2} \sum_j p_j (1 - p_j).

    Two runs *disagree* on text :math:`j`, one right and the other wrong, with probability :math:`2 p_j (1 - p_j)`. So if they
    disagree on the share :math:`d` of all texts, the second term is :math:`d / 2n`. The mean of :math:`d / 2` over all
    pairs of runs is the mean over texts of the variance of :math:`R_{sj}` over runs, which is what the code computes.

    The second part shrinks with more texts and the first does not. Three seeds tell either only roughly.

    Examples
    --------
    >>> spread = seed_spread([1] * 8, [[1] * 7 + [0], [0] + [1] * 7])  # equally good, each wrong on one text
    >>> spread.observed, round(spread.texts, 3), spread.rest
    (0.0, 0.125, 0.0)
    """
    right = np.asarray(runs) == np.asarray(truth)  # (seeds, n)
    observed = float(right.mean(axis=1).var(ddof=1))
    texts = float(right.var(axis=0, ddof=1).mean()) / right.shape[1]
    return SeedSpread(math.sqrt(observed), math.sqrt(texts), math.sqrt(max(0.0, observed - texts)))


def texts_needed(
    accuracy: float, difference: float, *, disagreement: float | None = None, power: float = 0.8
) -> int:
    """Return how many test texts it takes to notice a difference between two models at the 5 % level.

    Parameters
    ----------
    accuracy : float
        Of the weaker model, between 0 and 1.
    difference : float
        Of the two accuracies, above 0.
    disagreement : float, optional
        Share of texts on which exactly one of the two is right, when both answer the *same* texts. Left out: they answer
        different texts, which takes many more.
    power : float, default 0.8
        How often the difference should be noticed when it is there.

    Raises
    ------
    ValueError
        If a value is out of range.

    Notes
    -----
    Different texts: Fleiss, Levin and Paik (2003), "Statistical methods for rates and proportions", formula 4.14 without
    continuity correction. The same texts: Connor (1987), "Sample size for testing differences in proportions for the
    paired-sample design".

    Examples
    --------
    >>> texts_needed(0.915, 0.005)
    47528
    >>> texts_needed(0.915, 0.005, disagreement=0.04)
    12556
    """
    if not 0 < accuracy < accuracy + difference < 1 or not 0 < power < 1:
        raise ValueError(
            "'accuracy', 'accuracy' + 'difference' and 'power' must lie between 0 and 1, and 'difference' be above 0; got "
            f"{accuracy}, {difference} and {power}."
        )
    rounding = 1e-9  # 0.92 - 0.915 is a little more than 0.005
    if disagreement is not None and not difference - rounding <= disagreement <= 1:
        raise ValueError(f"'disagreement' must lie between 'difference' and 1, got {disagreement}.")
    from scipy import stats

    sure, often = stats.norm.ppf(0.975), stats.norm.ppf(power)
    if disagreement is None:
        p, q = accuracy, accuracy + difference
        middle = (p + q) / 2
        root = sure * math.sqrt(2 * middle * (1 - middle)) + often * math.sqrt(p * (1 - p) + q * (1 - q))
    else:
        root = sure * math.sqrt(disagreement) + often * math.sqrt(max(0.0, disagreement - difference**2))
    return math.ceil((root / difference) ** 2)
