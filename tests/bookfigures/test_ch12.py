"""A word stands on the ground of its number, each text begins a line, a bin has its dot and its interval."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from bookfigures import ch12
from coursekit.stats import wilson

WORDS, VALUES = ["nobody", "was", "dull"], [2.0, 0.0, -1.0]


def words_and_grounds(panels):
    """Where each word stands, and the colour behind it."""
    (axis,) = ch12.coloured_words(panels).axes
    places = {text.get_text(): text.get_position() for text in axis.texts}
    return places, [to_rgb(patch.get_facecolor()) for patch in axis.patches], axis


def test_orange_speaks_for_purple_against_and_white_for_nothing():
    _, grounds, axis = words_and_grounds({"t": [(WORDS, VALUES)]})
    (red, _, blue), nothing, (red_against, _, blue_against) = grounds
    assert red > blue + 0.3 and blue_against > red_against and min(nothing) > 0.9
    (line,) = axis.lines  # below the word that speaks against, for a page in grey
    assert line.get_xdata()[0] == len("nobody was ")


def in_the_dark(colour):
    """A colour after ``invert(0.9) hue-rotate(180deg)``, which the style sheet lays over figures in dark mode."""
    inverted = 0.9 - 0.8 * np.array(colour)
    grey, own = (
        np.array([0.213, 0.715, 0.072]),
        -np.eye(3),
    )  # half a turn: each channel against twice the grey
    return np.clip(own @ inverted + 2 * grey @ inverted, 0, 1)


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    colour = np.asarray(colour)
    return np.where(colour <= 0.03928, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_words_can_be_read_on_every_ground_in_the_light_and_in_the_dark():
    shares = np.linspace(-1, 1, 21).tolist()
    (axis,) = ch12.coloured_words({"t": [([f"w{k}" for k in range(21)], shares)]}).axes
    for word, patch in zip(axis.texts[1:], axis.patches, strict=True):
        letters, ground = to_rgb(word.get_color()), to_rgb(patch.get_facecolor())
        assert contrast(letters, ground) >= 4.5
        assert contrast(in_the_dark(letters), in_the_dark(ground)) >= 4.5


def test_a_panel_is_scaled_to_its_own_largest_size_which_stands_behind_its_title():
    _, small, axis = words_and_grounds({"t": [(WORDS, [0.002, 0.0, -0.001])]})
    assert small == words_and_grounds({"t": [(WORDS, VALUES)]})[1]
    assert axis.texts[0].get_text() == "t (0.002)"


def test_long_texts_go_on_in_the_next_line_and_new_ones_begin_one():
    many = [f"w{k:03}" for k in range(30)]
    places, _, _ = words_and_grounds({"t": [(many, [0.0] * 30), (["end"], [1.0])]})
    assert all(x + 4 <= ch12.COLUMNS for x, _ in places.values())
    assert len({y for word, (_, y) in places.items() if word in many}) == 5  # seven words in a line
    assert places["end"][0] == 0 and places["end"][1] > places["w029"][1]


def test_a_text_without_a_number_for_each_word_is_refused():
    with pytest.raises(ValueError, match="a number for each word, got 2 for 3"):
        ch12.coloured_words({"t": [(WORDS, [1.0, 2.0])]})


def test_a_bin_is_a_dot_with_its_interval():
    (axis,) = ch12.reliability({"as trained": [(0.8, 6, 10)]}).axes
    _, interval, dot = axis.lines
    assert not dot.get_clip_on()  # whole at zero, too
    assert tuple(interval.get_ydata()) == wilson(6, 10) and set(interval.get_xdata()) == {0.8}
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.8, 0.6)
