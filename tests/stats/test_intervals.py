"""The Wilson interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.stats import wilson


@given(st.integers(1, 10_000), st.data())
def test_it_is_wilsons_formula(n, data):
    k = data.draw(st.integers(0, n))
    z, p = 1.959963984540054, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = wilson(k, n)
    assert low == pytest.approx(max(0, middle - half), abs=1e-9)
    assert high == pytest.approx(min(1, middle + half), abs=1e-9)
    assert 0 <= low <= p + 1e-12 and p - 1e-12 <= high <= 1


@pytest.mark.parametrize(("correct", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(correct, n):
    with pytest.raises(ValueError, match="'correct' must lie between 0 and 'n'"):
        wilson(correct, n)
