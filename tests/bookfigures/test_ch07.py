"""The diagrams of the GRU name every set of weights, every seed is a dot, every place of dropout has its number."""

import pytest

from bookfigures import ch07

SCORES = {"news": {"rnn": [0.5, 0.6], "gru": [0.7, 0.8]}, "reviews": {"rnn": [0.5], "gru": [0.9]}}
LEVELS = {"news": {"largest class": 0.25}, "reviews": {"guessing": 0.5, "best possible": 0.96}}


def texts_of(figure):
    """Return the words and formulae of each panel."""
    return [[text.get_text() for text in axis.texts] for axis in figure.axes]


def test_the_cell_shows_every_letter_of_the_formulae():
    words = " ".join(texts_of(ch07.gru_cell())[0])
    assert all(letter in words for letter in ("x_t", "h_{t-1}", "r_t", "z_t", "n_t", "W_{hn}", "b_{hn}"))
    assert r"(1 - z_t) \odot n_t + z_t \odot h_{t-1}" in words


def test_each_cell_has_as_many_boxes_with_weights_as_its_title_says():
    weights = {r"$\tanh$", "$i_t$", "$f_t$", "$g_t$", "$o_t$", "$r_t$", "$z_t$", "$n_t$"}
    figure = ch07.three_cells()
    boxes = [
        sum(text.get_text() in weights and text.get_fontsize() == 10 for text in axis.texts)
        for axis in figure.axes
    ]
    assert boxes == [1, 4, 3]
    assert [int(axis.get_title().split(": ")[1].split()[0]) for axis in figure.axes] == boxes


def test_every_seed_is_a_dot_at_its_score():
    figure = ch07.seeds_by_task(SCORES, levels=LEVELS)
    dots = [
        sorted(x for line in axis.lines if line.get_marker() == "o" for x in line.get_xdata())
        for axis in figure.axes
    ]
    assert dots == [[0.5, 0.6, 0.7, 0.8], [0.5, 0.9]]


def test_losses_are_averaged_over_steps_and_a_remainder_is_left_out():
    figure = ch07.training_losses({"GRU": [1.0, 3.0, 5.0, 7.0, 9.0]}, every=2, level=("x", 0.7))
    line = figure.axes[0].lines[0]
    assert line.get_xdata().tolist() == [2, 4] and line.get_ydata().tolist() == [2.0, 6.0]


@pytest.mark.parametrize("every", [0, 3])
def test_an_average_over_more_steps_than_there_are_is_refused(every):
    with pytest.raises(ValueError, match="'every' must lie between 1 and the number of steps"):
        ch07.training_losses({"GRU": [1.0, 2.0]}, every=every, level=("x", 0.7))
