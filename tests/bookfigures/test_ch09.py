"""Paths and bands: every optimiser has its panel, the line is the mean and the band the range."""

import numpy as np

from bookfigures import ch09

PATHS = {
    "sgd": np.array([[-4.0, 1.0], [-2.0, -0.5], [-1.0, 0.2]]),
    "adam": np.array([[-4.0, 1.0], [-3.0, 0.5]]),
}
CURVES = {"LSTM": {"adam": [[0.7, 0.5], [0.6, 0.4]], "sgd": [[0.7, 0.7], [0.7, 0.69]]}}
FIGURES = {
    "paths": lambda: ch09.paths_in_a_valley(PATHS, 25.0),
    "bands": lambda: ch09.bands(CURVES, xlabel="epoch", ylabel="loss", level=("ln 2", 0.693)),
}


def test_each_optimiser_has_a_panel_and_its_own_path():
    panels = FIGURES["paths"]().axes
    assert [axis.get_title(loc="left") for axis in panels] == list(PATHS)
    assert np.array_equal(panels[1].lines[0].get_xydata(), PATHS["adam"])


def test_the_line_is_the_mean_over_seeds_and_the_band_their_range():
    (axis,) = FIGURES["bands"]().axes
    assert np.allclose(axis.lines[0].get_ydata(), [0.65, 0.45])
    corners = axis.collections[0].get_paths()[0].vertices
    assert {0.4, 0.5, 0.6, 0.7} == set(corners[:, 1].round(6))
