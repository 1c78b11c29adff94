"""The figures of chapter 2 are images with text, the same twice, and refuse to show nothing."""

import numpy as np
import pytest

from bookfigures import ch02
from coursekit.figures import show

ALT = "A figure that a test draws, with what it says."
FIGURES = {
    "words": lambda: ch02.strongest_words(
        {"sports": [("match", 2.0), ("coach", 1.5)], "tech": [("software", 3.0)]}
    ),
    "hashing": lambda: ch02.hashing_curve([16, 256], [0.5, 0.8], [1.0, 0.4], with_all=0.9),
    "confusion": lambda: ch02.confusion(
        {"always other": np.array([[93, 0], [7, 0]]), "counts": np.array([[90, 3], [2, 5]])},
        ["other", "tech"],
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_image_with_its_text_and_the_same_twice(name):
    shown = show(FIGURES[name](), alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_()
    assert shown.svg == show(FIGURES[name](), alt=ALT).svg


def test_every_word_is_written_in_the_panel_of_its_class():
    sports, tech = FIGURES["words"]().axes
    assert [text.get_text() for text in sports.texts] == ["match", "coach"]
    assert [text.get_text() for text in tech.texts] == ["software"]


def test_every_cell_of_a_confusion_matrix_shows_its_count():
    written = [[text.get_text() for text in axis.texts] for axis in FIGURES["confusion"]().axes]
    assert written == [["93", "0", "7", "0"], ["90", "3", "2", "5"]]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: ch02.strongest_words({}),
        lambda: ch02.strongest_words({"sports": []}),
        lambda: ch02.hashing_curve([], [], [], with_all=0.5),
        lambda: ch02.hashing_curve([2], [0.5], [], with_all=0.5),
        lambda: ch02.confusion({}, ["a", "b"]),
        lambda: ch02.confusion({"m": np.zeros((3, 3))}, ["a", "b"]),
    ],
)
def test_nothing_is_no_figure(draw):
    with pytest.raises(ValueError, match="must h"):
        draw()
