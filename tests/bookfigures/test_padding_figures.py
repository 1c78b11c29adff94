"""The figures of chapter 8 are images with their text, the same twice, and refuse what they cannot show."""

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from bookfigures import ch08
from coursekit.figures import show

ALT = "A figure that a test draws, with what it says."
TEXTS = [["nobody", "sleeps"], ["oil", "prices", "fall", "again"], ["stop"]]


def pack():
    """A real pack in which each token is text · T + step."""
    codes = torch.arange(12).view(3, 4)
    lengths = torch.tensor([len(text) for text in TEXTS])
    made = pack_padded_sequence(codes, lengths, batch_first=True, enforce_sorted=False)
    return made.data.tolist(), made.batch_sizes.tolist(), made.sorted_indices.tolist()


FIGURES = {
    "readers": lambda: ch08.readers(["oil", "falls"], 2),
    "law": lambda: ch08.law_curves([0, 1], {"<pad>": {"a": [0, 0.1]}, "junk": {"a": [0, 1.0]}}),
    "one panel": lambda: ch08.law_curves([0, 1], {"<pad>": {"a": [0, 0.1]}}),
    "reversals": lambda: ch08.reversals(["не", "сплю"], 1),
    "packed": lambda: ch08.packed_layout(TEXTS, *pack()),
    "company": lambda: ch08.company_scores({"max": {"careless": {"alone": [0.5, 0.6], "long": [0.4, 0.3]}}}),
    "speed": lambda: ch08.speed_ratios({"lstm": 3.0, "rnn": 0.9}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_image_with_its_text_and_the_same_twice(name):
    shown = show(FIGURES[name](), alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_()
    assert b"<text" not in shown.svg, "letters are drawn as paths"
    assert shown.svg == show(FIGURES[name](), alt=ALT).svg


def words_in(axis):
    return [text.get_text() for text in axis.texts]


def test_the_packed_strip_lists_the_tokens_in_the_order_of_the_pack():
    data, batch_sizes, order = pack()
    shown = words_in(ch08.packed_layout(TEXTS, data, batch_sizes, order).axes[0])
    strip = shown[shown.index("batch_sizes") + 1 :]
    words = [word for word in strip if word in {w for text in TEXTS for w in text}]
    assert words == ["oil", "nobody", "stop", "prices", "sleeps", "fall", "again"]
    assert batch_sizes == [3, 2, 1, 1]


def test_every_real_word_is_shown_in_both_panels_of_the_readers():
    shown = words_in(ch08.readers(["oil", "falls"], 2).axes[0])
    assert shown.count("oil") == shown.count("falls") == 8 and shown.count("<pad>") == 16


def test_no_change_has_its_place_on_the_axis_of_the_law():
    axis = FIGURES["one panel"]().axes[0]
    (line,) = axis.lines
    assert list(line.get_ydata()) == [0, 0.1] and axis.get_ylim()[0] < 0 < 0.1 < axis.get_ylim()[1]


def test_reversing_inside_the_length_leaves_the_pads_at_the_end():
    shown = words_in(ch08.reversals(["a", "b"], 1).axes[0])
    assert shown[9:12] == ["b", "a", "<pad>"] and shown[5:8] == ["<pad>", "b", "a"]


@pytest.mark.parametrize("change", [{"data": [0, 1]}, {"batch_sizes": [3, 2, 1]}])
def test_a_pack_that_is_not_of_these_texts_is_refused(change):
    data, batch_sizes, order = pack()
    made = {"data": data, "batch_sizes": batch_sizes, "order": order} | change
    with pytest.raises(ValueError, match="'data' must hold each of the 7 tokens once"):
        ch08.packed_layout(TEXTS, **made)


@pytest.mark.parametrize("ratios", [{}, {"lstm": 0.0}])
def test_a_ratio_that_is_none_is_refused(ratios):
    with pytest.raises(ValueError, match="'ratios' must hold numbers above 0"):
        ch08.speed_ratios(ratios)
