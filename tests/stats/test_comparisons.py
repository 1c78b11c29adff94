"""Comparisons: they agree with scipy and with what happens when the experiment is really drawn many times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coursekit.stats import mcnemar, paired_seeds, texts_needed


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30))
def test_mcnemar_counts_the_texts_that_divide_the_models(b, c, same):
    first = [True] * b + [False] * c + [True] * same
    second = [False] * b + [True] * c + [True] * same
    paired = mcnemar(first, second)
    assert (paired.only_first, paired.only_second) == (b, c)
    assert paired.p_value == (pytest.approx(stats.binomtest(b, b + c).pvalue) if b + c else 1.0)
    assert mcnemar(second, first).p_value == paired.p_value


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8))
def test_paired_seeds_is_the_interval_of_students_test(pairs):
    first, second = map(list, zip(*pairs, strict=True))
    mean, low, high = paired_seeds(first, second)
    gaps = np.subtract(first, second)
    assert mean == pytest.approx(gaps.mean(), abs=1e-12) and low <= mean <= high
    if gaps.std() > 1e-6:
        wanted = stats.ttest_rel(first, second).confidence_interval()
        assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@pytest.mark.parametrize("disagreement", [None, 0.1])
def test_so_many_texts_notice_the_difference_as_often_as_asked(disagreement):
    weaker, difference = 0.8, 0.05
    n, random, noticed = (
        texts_needed(weaker, difference, disagreement=disagreement),
        np.random.default_rng(0),
        0,
    )
    for _ in range(1000):
        if disagreement is None:
            table = [
                (k, n - k) for k in (random.binomial(n, weaker), random.binomial(n, weaker + difference))
            ]
            noticed += stats.chi2_contingency(table, correction=False).pvalue < 0.05
        else:
            only_first, only_second = (disagreement - difference) / 2, (disagreement + difference) / 2
            b, c, _ = random.multinomial(n, [only_first, only_second, 1 - disagreement])
            noticed += abs(b - c) / np.sqrt(b + c) > stats.norm.ppf(0.975)
    assert noticed / 1000 == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: mcnemar([True], [True, False]), "'first_right'"),
        (lambda: mcnemar([], []), "'first_right'"),
        (lambda: mcnemar([True, True], [3, 1]), "'second_right'"),
        (lambda: paired_seeds([0.9], [0.8]), "'first'"),
        (lambda: paired_seeds([0.9, float("nan")], [0.8, 0.8]), "leave the failed seeds out"),
        (lambda: texts_needed(0.9, 0.0), "'difference'"),
        (lambda: texts_needed(0.9, 0.2), "'difference'"),
        (lambda: texts_needed(0.9, 0.05, disagreement=0.01), "'disagreement'"),
    ],
)
def test_bad_values_are_refused_by_name(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_a_disagreement_as_large_as_the_difference_is_allowed_in_spite_of_rounding():
    assert 0.92 - 0.915 > 0.005
    assert texts_needed(0.915, 0.92 - 0.915, disagreement=0.005) == texts_needed(
        0.915, 0.005, disagreement=0.005
    )
