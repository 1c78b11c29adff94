"""The figures of chapter 2: every word in the panel of its class, every count in its cell."""

import numpy as np

from bookfigures import ch02

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


def test_every_word_is_written_in_the_panel_of_its_class():
    sports, tech = FIGURES["words"]().axes
    assert [text.get_text() for text in sports.texts] == ["match", "coach"]
    assert [text.get_text() for text in tech.texts] == ["software"]


def test_every_cell_of_a_confusion_matrix_shows_its_count():
    written = [[text.get_text() for text in axis.texts] for axis in FIGURES["confusion"]().axes]
    assert written == [["93", "0", "7", "0"], ["90", "3", "2", "5"]]
