"""The diagrams of the LSTM show the letters and values they are given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from bookfigures import ch06

WORDS = ["Девочка", "пришла"]
PANELS = [
    ("gates", [[0.1, 0.9], [1.0, 0.0]], ["f", "i"], "gate"),
    ("memory", [[-2.0, 1.0]], ["c"], "signed"),
    ("size", [[0.0, 3.0]], ["|c|"], "size"),
]


def strengths(figure):
    """Alpha of each text of a cell diagram."""
    return {text.get_text(): text.get_alpha() or 1.0 for text in figure.axes[0].texts}


def test_the_cell_shows_every_letter_of_the_formulae():
    words = " ".join(strengths(ch06.lstm_cell()))
    letters = ("x_t", "h_{t-1}", "h_t", "c_{t-1}", "c_t", "i_t", "f_t", "g_t", "o_t", r"\sigma", r"\tanh")
    assert all(letter in words for letter in letters)


@pytest.mark.parametrize("part", ["f", "i", "g", "o"])
def test_only_the_wanted_gate_stands_out(part):
    strength = strengths(ch06.lstm_cell(part))
    boxes = {gate: strength[name] for gate in "figo" for name in strength if name.startswith(f"${gate}_t =")}
    assert boxes == {gate: 1.0 if gate == part else ch06.PALE for gate in "figo"}


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="'part' must be one of"):
        ch06.lstm_cell("z")


def test_a_gate_is_drawn_from_0_to_1_and_a_signed_number_around_0():
    figure = ch06.word_heat_map(WORDS, PANELS)
    meshes = [axis.collections[0] for axis in figure.axes[:3]]
    assert [mesh.get_clim() for mesh in meshes] == [(0.0, 1.0), (-2.0, 2.0), (0.0, 3.0)]
    assert np.allclose(meshes[1].get_array(), [[-2.0, 1.0]])


def test_numbers_are_printed_where_they_can_be_read():
    def printed(words, panels, **how):
        figure = ch06.word_heat_map(words, panels, **how)
        return [text.get_text() for axis in figure.axes for text in axis.texts]

    assert printed(WORDS, PANELS[:2]) == ["0.1", "0.9", "1.0", "0.0", "-2.0", "1.0"]
    many = ["w"] * 13, [("g", [[0.5] * 13], ["f"], "gate")]
    assert printed(*many) == []
    assert printed(*many, numbers=True) == ["0.5"] * 13


def test_a_number_stands_out_from_its_field():
    figure = ch06.word_heat_map(WORDS, PANELS[:1])
    colours = [to_rgba(text.get_color())[0] for text in figure.axes[0].texts]
    assert [colour > 0.5 for colour in colours] == [True, False, False, True]  # white on dark, dark on light


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([("t", [[0.0, 1.0]], ["f"], "heat")], "must be 'gate', 'size' or 'signed'"),
        ([("t", [[0.0]], ["f"], "gate")], "must have shape"),
        ([("t", [[0.0, 1.0]], ["f", "i"], "gate")], "must have shape"),
    ],
)
def test_panels_that_do_not_fit_are_refused(panels, message):
    with pytest.raises(ValueError, match=message):
        ch06.word_heat_map(WORDS, panels)
