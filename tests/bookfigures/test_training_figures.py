"""Paths, bands and dots: every curve and every seed is drawn, and what cannot be drawn is refused."""

import numpy as np
import pytest

from bookfigures import ch09
from coursekit.figures import charts, show

ALT = "A figure that a test draws, with what it says."
PATHS = {
    "sgd": np.array([[-4.0, 1.0], [-2.0, -0.5], [-1.0, 0.2]]),
    "adam": np.array([[-4.0, 1.0], [-3.0, 0.5]]),
}
CURVES = {"LSTM": {"adam": [[0.7, 0.5], [0.6, 0.4]], "sgd": [[0.7, 0.7], [0.7, 0.69]]}}
FIGURES = {
    "paths": lambda: ch09.paths_in_a_valley(PATHS, 25.0),
    "bands": lambda: ch09.bands(CURVES, xlabel="epoch", ylabel="loss", level=("ln 2", 0.693)),
    "dots": lambda: charts.seed_dots({"a": [0.8, 0.9], "b": [0.7]}, xlabel="x", level=("guess", 0.5)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_drawn_twice_it_is_the_same_file(name):
    assert show(FIGURES[name](), alt=ALT).svg == show(FIGURES[name](), alt=ALT).svg


def test_each_optimiser_has_a_panel_and_its_own_path():
    panels = FIGURES["paths"]().axes
    assert [axis.get_title(loc="left") for axis in panels] == list(PATHS)
    assert np.array_equal(panels[1].lines[0].get_xydata(), PATHS["adam"])


def test_the_line_is_the_mean_over_seeds_and_the_band_their_range():
    (axis,) = FIGURES["bands"]().axes
    assert np.allclose(axis.lines[0].get_ydata(), [0.65, 0.45])
    corners = axis.collections[0].get_paths()[0].vertices
    assert {0.4, 0.5, 0.6, 0.7} == set(corners[:, 1].round(6))


def test_every_seed_is_a_dot():
    (axis,) = FIGURES["dots"]().axes
    assert np.allclose(axis.lines[0].get_xdata(), [0.8, 0.9])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: ch09.paths_in_a_valley({}, 1.0), "at least one path"),
        (lambda: charts.seed_dots({}, xlabel="x"), "at least one arm"),
        (lambda: charts.seed_dots({"a": []}, xlabel="x"), "at least one score"),
        (
            lambda: ch09.bands({"p": {"a": [[1, 2], [1]]}}, xlabel="x", ylabel="y"),
            "of one length",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
