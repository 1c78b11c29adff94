"""The figures of chapter 1 are images with text, the same twice, and refuse to show nothing."""

import pytest

from bookfigures import ch01
from coursekit.figures import show

ALT = "A figure that a test draws, with what it says."
FIGURES = {
    "steps": lambda: ch01.step_rows({"raw": ["Не", "люблю)"], "words": ["не_люблю"], "stop words": []}),
    "shares": lambda: ch01.label_shares(
        {"before": [("d", 90, 0.99), ("я", 500, 0.5), ("жаль", 60, 0.02)], "after": [("я", 500, 0.5)]}
    ),
    "no words": lambda: ch01.label_shares({"before": []}),
    "costs": lambda: ch01.step_costs({"split": (30_000, 60, 100), "words": (20_000, 66, 100)}, chance=0.5),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_image_with_its_text_and_the_same_twice(name):
    shown = show(FIGURES[name](), alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_()
    assert shown.svg == show(FIGURES[name](), alt=ALT).svg


def test_every_token_has_a_box_and_an_empty_row_says_so():
    (axis,) = FIGURES["steps"]().axes
    written = [text.get_text() for text in axis.texts]
    assert {"Не", "люблю)", "не_люблю", "nothing left", "raw", "words", "stop words"} == set(written)
    assert len(axis.patches) == 3


def test_only_words_that_give_the_label_away_are_named():
    before, after = FIGURES["shares"]().axes
    assert {text.get_text() for text in before.texts} == {"“d”", "“жаль”"}
    assert not after.texts


def test_scores_carry_their_intervals():
    _, right = FIGURES["costs"]().axes
    assert {"0.600", "0.660", "guessing"} == {text.get_text() for text in right.texts}
    low, high = right.lines[0].get_xdata()
    assert low < 0.66 < high


@pytest.mark.parametrize("draw", [ch01.step_rows, ch01.step_costs])
def test_nothing_is_no_figure(draw):
    with pytest.raises(ValueError, match="at least one"):
        draw({})
