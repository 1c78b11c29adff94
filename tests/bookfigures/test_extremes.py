"""The extremes of a drawing are those of its data."""

import pytest

from bookfigures.extremes import extremes


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 3, 2], "highest 3 at b, lowest 1 at a"),
        ([2, 3, 1], "highest 3 at b, lowest 1 at c"),
        ([3, 3, 1], "highest 3 at a, lowest 1 at c"),
        ([0.5, 0.5, 0.5], "0.5 throughout"),
    ],
)
def test_the_first_of_the_highest_and_of_the_lowest_is_named(values, said):
    assert extremes("abc", iter(values)) == said
