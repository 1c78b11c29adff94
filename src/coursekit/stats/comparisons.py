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

POWER = 0.8  # how often texts_needed wants a difference to be noticed when it is there


@dataclass(frozen=True)
class Paired:
    """Two models on the same texts."""

    only_first: int  # texts that the first got right and the second did not
    only_second: int
    p_value: float  # how often chance alone would divide these texts at least so unevenly


def mcnemar(first_right: Sequence[bool], second_right: Sequence[bool]) -> Paired:
    """Compare two models on the texts where one is right and the other wrong; the others say nothing.

    The p-value is exact and two-sided; 1 if the models never differ. McNemar (1947), "Note on the sampling error of the
    difference between correlated proportions". Raises ``ValueError`` if there are not equally many, or none, or a value
    is neither true nor false (class ids, say).

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


def paired_seeds(first: Sequence[float], second: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean difference of two recipes, first minus second, with its 95 % interval.

    Their scores are of the same seeds in the same order. The interval is Student's (1908), "The probable error of a
    mean": wide for three seeds, and rightly so. Raises ``ValueError`` if there are not equally many scores, or fewer
    than two, or one is no finite number.

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
    half = float(stats.t.ppf(0.975, gaps.size - 1)) * error
    return mean, mean - half, mean + half


def texts_needed(accuracy: float, difference: float, *, disagreement: float | None = None) -> int:
    """Return how many test texts it takes to notice a difference between two models at the 5 % level, with a power of 80 %.

    ``accuracy`` is that of the weaker model. ``disagreement`` is the share of texts on which exactly one of the two is
    right, when both answer the *same* texts. Left out, they answer different texts, which takes many more.

    Different texts: Fleiss, Levin and Paik (2003), "Statistical methods for rates and proportions", formula 4.14
    without continuity correction. The same texts: Connor (1987), "Sample size for testing differences in proportions
    for the paired-sample design". Raises ``ValueError`` if a value is out of range.

    >>> texts_needed(0.915, 0.005)
    47528
    >>> texts_needed(0.915, 0.005, disagreement=0.04)
    12556
    """
    if not 0 < accuracy < accuracy + difference < 1:
        raise ValueError(
            "'accuracy' and 'accuracy' + 'difference' must lie between 0 and 1, and 'difference' be above 0; got "
            f"{accuracy} and {difference}."
        )
    rounding = 1e-9  # 0.92 - 0.915 is a little more than 0.005
    if disagreement is not None and not difference - rounding <= disagreement <= 1:
        raise ValueError(f"'disagreement' must lie between 'difference' and 1, got {disagreement}.")
    from scipy import stats

    sure, often = stats.norm.ppf(0.975), stats.norm.ppf(POWER)
    if disagreement is None:
        p, q = accuracy, accuracy + difference
        middle = (p + q) / 2
        root = sure * math.sqrt(2 * middle * (1 - middle)) + often * math.sqrt(p * (1 - p) + q * (1 - q))
    else:
        root = sure * math.sqrt(disagreement) + often * math.sqrt(max(0.0, disagreement - difference**2))
    return math.ceil((root / difference) ** 2)
