"""The figures of chapter 5 are images with text, the same twice, and refuse to show nothing."""

import pytest

from bookfigures import ch05
from coursekit.figures import show

ALT = "A figure that a test draws, with what it says."
FIGURES = {
    "way back": lambda: ch05.way_back(["the", "keys", "were"]),
    "by distance": lambda: ch05.by_distance(
        {"one": {"a": [1.0, 0.1, 0.0], "b": [1.0, 2.0, 4.0]}, "two": {"a": [1.0, 1.0, 1.0]}}, ylabel="size"
    ),
    "by length": lambda: ch05.scores_by_length(
        {"order": {"RNN": [[1.0, 0.9], [0.3, 0.2]], "LSTM": [[1.0, 1.0], [0.9, 1.0]]}},
        [10, 100],
        guessing={"order": 0.25},
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_image_with_its_text_and_the_same_twice(name):
    shown = show(FIGURES[name](), alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_()
    assert shown.svg == show(FIGURES[name](), alt=ALT).svg


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


def test_nothing_is_no_figure():
    with pytest.raises(ValueError, match="must hold a panel"):
        ch05.by_distance({}, ylabel="size")
    with pytest.raises(ValueError, match="each of the 2 lengths"):
        ch05.scores_by_length({"order": {"RNN": [[1.0]]}}, [1, 2], guessing={"order": 0.5})
