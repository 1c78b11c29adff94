"""The figures of chapter 5: a zero stays on the page, every seed is a dot."""

import pytest

from bookfigures import ch05

FIGURES = {
    "by distance": lambda: ch05.by_distance(
        {"one": {"a": [1.0, 0.1, 0.0], "b": [1.0, 2.0, 4.0]}, "two": {"a": [1.0, 1.0, 1.0]}}, ylabel="size"
    ),
    "by length": lambda: ch05.scores_by_length(
        {"order": {"RNN": [[1.0, 0.9], [0.3, 0.2]], "LSTM": [[1.0, 1.0], [0.9, 1.0]]}},
        [10, 100],
        guessing={"order": 0.25},
    ),
}


def test_a_gradient_of_zero_stays_on_the_page():
    first, _ = FIGURES["by distance"]().axes
    assert first.get_yscale() == "log"
    assert min(first.lines[0].get_ydata()) == 1e-16


def test_every_seed_has_a_dot_and_the_line_goes_through_the_means():
    (axis,) = FIGURES["by length"]().axes
    dots = [line for line in axis.lines if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in dots) == 8
    means = next(line for line in axis.lines if line.get_label() == "RNN")
    assert list(means.get_ydata()) == pytest.approx([0.95, 0.25])
