"""The figures of chapter 13: a mask shows who is seen, a map shows what it was given."""

import numpy as np
import pytest

from bookfigures import ch13


def test_a_row_of_the_decoder_sees_itself_and_the_words_before():
    encoder, decoder = ch13.masks(["oil", "prices", "fall"], 1).axes
    ticks = [
        [text.get_position() for text in axis.texts if text.get_text() == "✓"] for axis in (encoder, decoder)
    ]
    assert {(x, -y) for x, y in ticks[0]} == {(k, q) for q in range(4) for k in range(3)}
    assert {(x, -y) for x, y in ticks[1]} == {(k, q) for q in range(4) for k in range(3) if k <= q}


def test_only_the_second_drawing_looks_back():
    words = [text.get_text() for text in ch13.encoder_decoder(["a", "b"], ["x"]).axes[0].texts]
    assert words.count("a") == words.count("x") == 2 and {"one state", "looking back"} <= set(words)


def test_the_map_holds_the_weights():
    weights = np.array([[0.25, 0.75], [1.0, 0.0]])
    figure = ch13.attention_map(["2", " "], ["3", "марта"], weights)
    assert np.array_equal(figure.axes[0].images[0].get_array(), weights)
    with pytest.raises(ValueError, match=r"'weights' must have shape \(2, 1\), got \(2, 2\)"):
        ch13.attention_map(["2", " "], ["3"], weights)
