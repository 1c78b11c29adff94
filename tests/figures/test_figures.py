"""A shown figure carries alternative text, and is the same file twice."""

import re

import pytest

from coursekit.figures import new_figure, show

ALT = "A figure that a test draws, with what it says."


def test_alternative_text_must_say_something():
    with pytest.raises(ValueError, match="'alt' must say what the figure shows"):
        show(new_figure()[0], alt="plot")


def test_alternative_text_is_escaped():
    assert (
        '"><script>' not in show(new_figure()[0], alt='a long enough text "><script> to escape')._repr_html_()
    )


def test_words_stand_in_the_image_s_description():
    shown = show(new_figure()[0], alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_() and repr(shown) == f"[figure: {ALT}]"


def test_a_figure_shows_what_is_drawn_and_no_margin():
    def width(x):
        figure, axis = new_figure(8, 2)
        axis.set_axis_off()
        axis.text(0.5, 0.5, "middle", ha="center")
        axis.text(x, 0.5, "side", ha="center")
        svg = show(figure, alt="A word in the middle, and one beside it.").svg
        return float(re.search(rb'width="([\d.]+)pt"', svg)[1])

    assert width(0.5) < 80 < 250 < width(0) < 8 * 72


def test_the_last_bit_of_a_coordinate_does_not_change_the_file():
    def drawn(left):
        figure, axis = new_figure()
        axis.imshow([[0.0, 1.0]], aspect="auto")
        axis.plot([0, 1], [0, 1], marker="o")
        axis.set_position([left, 0.1, 0.8, 0.8])
        figure.set_layout_engine("none")
        return show(figure, alt="A figure that a test draws, with what it says.").svg

    assert drawn(0.1) == drawn(0.1 + 1e-15)
