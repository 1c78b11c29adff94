"""Charts: every seed and every score is drawn where it is, and means are means."""

import numpy as np
import pytest

from coursekit.figures import charts
from coursekit.stats import wilson


def test_every_score_has_its_interval_and_its_number():
    (axis,) = charts.score_bars({"a": (60, 100), "b": (66, 100)}, chance=0.5).axes
    assert [text.get_text() for text in axis.texts] == ["0.600", "0.660"]
    assert tuple(axis.lines[0].get_xdata()) == wilson(60, 100)
    assert axis.lines[1].get_xdata()[0] == 0.6
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    assert axis.yaxis_inverted(), "the first is on top"


def test_every_seed_is_a_dot_and_the_bar_is_the_mean():
    (axis,) = charts.seed_dots({"a": [0.8, 0.9], "b": [0.7]}, xlabel="x").axes
    assert np.allclose(axis.lines[0].get_xdata(), [0.8, 0.9])
    assert axis.lines[1].get_xdata()[0] == pytest.approx(0.85)
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]


def test_curves_can_be_told_apart_in_grey_print():
    (axis,) = charts.curves({str(k): [k, k] for k in range(6)}, xlabel="x", ylabel="y").axes
    looks = {(line.get_marker(), line.get_linestyle(), line._dash_pattern[1] is None) for line in axis.lines}
    assert (
        len({line.get_marker() for line in axis.lines}) == len({line.get_color() for line in axis.lines}) == 6
    )
    assert len(looks) == 6
