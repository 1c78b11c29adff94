"""The diagrams of the LSTM carry alternative text, are drawn twice alike, and show the letters and values they are given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from bookfigures import ch06
from coursekit.figures import show
from coursekit.figures.charts import curves

WORDS = ["Девочка", "пришла"]
PANELS = [
    ("gates", [[0.1, 0.9], [1.0, 0.0]], ["f", "i"], "gate"),
    ("memory", [[-2.0, 1.0]], ["c"], "signed"),
    ("size", [[0.0, 3.0]], ["|c|"], "size"),
]
FIGURES = {
    "cell": ch06.lstm_cell,
    **{part: (lambda part=part: ch06.lstm_cell(part)) for part in ch06.PARTS},
    "heat": lambda: ch06.word_heat_map(WORDS, PANELS),
    "legend": lambda: ch06.legend_above(curves({"a": [1, 2], "b": [2, 1]}, xlabel="step", ylabel="loss")),
}
ALT = "A figure that a test draws, with what it says."


def strengths(figure):
    """Alpha of each text of a cell diagram."""
    return {text.get_text(): text.get_alpha() or 1.0 for text in figure.axes[0].texts}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_image_with_its_text_and_the_same_twice(name):
    shown = show(FIGURES[name](), alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_() and b"<text" not in shown.svg
    assert shown.svg == show(FIGURES[name](), alt=ALT).svg


def test_the_cell_shows_every_letter_of_the_formulae():
    words = " ".join(strengths(ch06.lstm_cell()))
    assert all(
        letter in words
        for letter in (
            "x_t",
            "h_{t-1}",
            "h_t",
            "c_{t-1}",
            "c_t",
            "i_t",
            "f_t",
            "g_t",
            "o_t",
            r"\sigma",
            r"\tanh",
        )
    )


@pytest.mark.parametrize("part", ["f", "i", "g", "o"])
def test_only_the_wanted_gate_stands_out(part):
    found = strengths(ch06.lstm_cell(part))
    boxes = {gate: found[name] for gate in "figo" for name in found if name.startswith(f"${gate}_t =")}
    assert boxes == {gate: 1.0 if gate == part else ch06.PALE for gate in "figo"}


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="'part' must be one of"):
        ch06.lstm_cell("z")


def test_a_gate_is_drawn_from_0_to_1_and_a_signed_number_around_0():
    figure = ch06.word_heat_map(WORDS, PANELS)
    images = [axis.images[0] for axis in figure.axes if axis.images]
    assert [image.get_clim() for image in images] == [(0.0, 1.0), (-2.0, 2.0), (0.0, 3.0)]
    assert np.allclose(images[1].get_array(), [[-2.0, 1.0]])


def test_numbers_are_printed_where_they_can_be_read():
    def printed(**how):
        figure = ch06.word_heat_map(WORDS, PANELS[:2], **how)
        return [text.get_text() for axis in figure.axes for text in axis.texts]

    assert printed() == printed(numbers=True) == ["0.1", "0.9", "1.0", "0.0", "-2.0", "1.0"]
    assert printed(numbers=False) == []
    many = [("g", [[0.5] * 13], ["f"], "gate")]
    figure = ch06.word_heat_map(["w"] * 13, many)
    assert not any(axis.texts for axis in figure.axes)


def test_a_number_stands_out_from_its_field():
    figure = ch06.word_heat_map(WORDS, PANELS[:1])
    colours = [to_rgba(text.get_color())[0] for text in figure.axes[0].texts]
    assert [colour > 0.5 for colour in colours] == [True, False, False, True]  # white on dark, ink on light


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([], "at least one panel"),
        ([("t", [[0.0, 1.0]], ["f"], "heat")], "must be 'gate', 'size' or 'signed'"),
        ([("t", [[0.0]], ["f"], "gate")], "must have shape"),
        ([("t", [[0.0, 1.0]], ["f", "i"], "gate")], "must have shape"),
    ],
)
def test_panels_that_do_not_fit_are_refused(panels, message):
    with pytest.raises(ValueError, match=message):
        ch06.word_heat_map(WORDS, panels)
