"""The words of a figure are true of its data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.figures import charts, described, new_figure, show
from coursekit.figures.words import course, listed, number, quoted, seeds_in_words

curve = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=30)


@given(curve)
def test_a_curve_that_is_said_to_fall_ends_lower_than_it_starts(values):
    said = course(values)
    if said.startswith("falls from") and "then" not in said:
        assert values[-1] < values[0]
    if said.startswith("rises from") and "then" not in said:
        assert values[-1] >= values[0]
    if said.startswith("stays") and "then" not in said:
        assert np.ptp(values) <= 0.02 * np.abs(values).max()


@given(curve)
def test_a_turn_is_an_extreme_that_lies_outside_both_ends(values):
    said = course(values)
    if said.startswith("falls") and "then" in said:
        assert min(values) < min(values[0], values[-1])
    if said.startswith("rises") and "then" in said:
        assert max(values) > max(values[0], values[-1])


@pytest.mark.parametrize(
    ("values", "logy", "said"),
    [
        ([1, 0.1, 0.01], True, "falls from 1 to 0.01"),
        ([5, 1, 9, 4], False, "swings between 1 and 9, from 5 to 4"),
        ([float("nan"), 2, 1], False, "falls from 2 to 1"),
        ([0.0, 1, 10], True, "rises from 1 to 10"),
        ([5, 1, 4, 1, 4, 2], False, "swings between 1 and 5, from 5 to 2"),
        ([1.32, 0.89, 1.3, 1.24, 1.34, 1.33], False, "falls from 1.32 to 0.89 at 2, then rises to 1.33"),
        ([1, 1, 1, 0.5, 0.2], False, "stays near 1 up to 3, then falls to 0.2"),
        ([float("nan")], False, "has no numbers"),
        ([0, 0.5, *[1] * 9], False, "rises from 0 to 1 and is level from 3 on"),
    ],
)
def test_courses(values, logy, said):
    assert course(values, logy=logy) == said


def test_jitter_of_a_long_curve_is_no_turn_and_its_swings_are_none_either():
    jitter = np.random.default_rng(0).normal(0, 0.05, 60)
    assert course(0.2 + 1.3 * 0.5 ** np.arange(60) + jitter).startswith("falls from")
    assert "then" not in course(0.2 + 1.3 * 0.5 ** np.arange(60) + jitter)
    assert course([1.0, 9.0, 1.0] * 20).startswith("swings between 1 and 9")


def test_a_straight_fall_does_not_begin_with_a_stay():
    assert course(0.5 ** np.arange(50), logy=True).startswith("falls from 1 to")


def test_a_turn_is_named_by_its_place():
    assert course([3, 1, 2], [10, 20, 30]) == "falls from 3 to 1 at 20, then rises to 2"


def test_a_curve_that_hardly_moves_beside_others_stays_where_it_is():
    assert (
        "Near: stays near 1.6"
        in charts.curves({"near": [1.59, 1.63], "far": [1.6, 0.1]}, xlabel="epoch", ylabel="loss").get_label()
    )


def test_a_name_that_could_be_read_otherwise_is_quoted():
    assert [quoted("ab"), quoted("a, b"), quoted("half 1")] == ["ab", "“a, b”", "“half 1”"]


def test_names_and_numbers_are_written_as_they_are_read():
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"
    assert number(1234.5) == "1,234" and number(1e-9) == "10 to the −9"


def test_seeds_are_told_best_first_with_their_range():
    said = seeds_in_words({"low": [0.1, 0.3], "high": [0.9]})
    assert said.index("high: 0.900") < said.index("low: 0.200 (0.100 to 0.300)")


def test_of_many_arms_the_best_and_the_last_are_told():
    said = seeds_in_words({f"arm {k}": [k / 20] for k in range(20)})
    assert (
        "“arm 19”: 0.950" in said
        and "“arm 0”: 0.000" in said
        and "16 between" in said
        and "arm 7" not in said
    )


def test_a_drawing_s_own_words_are_shown_and_others_take_their_place():
    figure = described(new_figure()[0], "A figure that says what it shows.", "", "And more.")
    assert show(figure).alt == "A figure that says what it shows. And more."
    assert show(figure, alt="Рисунок, о котором сказано иначе.").alt.startswith("Рисунок")


def test_a_figure_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="Pass alt="):
        show(new_figure()[0])


def test_other_numbers_give_other_words():
    one, other = (
        show(charts.curves({"loss": [1, end]}, xlabel="epoch", ylabel="loss")).alt for end in (0.2, 3)
    )
    assert "falls from 1 to 0.2" in one and "rises from 1 to 3" in other
