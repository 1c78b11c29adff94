"""The interval of an accuracy; for other scores and for differences, see :mod:`coursekit.stats.resampling`."""

from __future__ import annotations


def wilson(correct: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of an accuracy of ``correct`` right answers to ``n`` texts.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference". Raises ``ValueError`` if
    ``n`` is below 1 or ``correct`` is not between 0 and ``n``.

    >>> low, high = wilson(90, 100)
    >>> round(low, 3), round(high, 3)
    (0.826, 0.945)
    """
    if n < 1 or not 0 <= correct <= n:
        raise ValueError(
            f"'correct' must lie between 0 and 'n', and 'n' be at least 1; got {correct} of {n}."
        )
    from scipy.stats import binomtest  # loaded when it is needed: it takes longer than most of the course

    interval = binomtest(correct, n).proportion_ci(confidence_level=0.95, method="wilson")
    return float(interval.low), float(interval.high)
