"""The figures of chapter 8: every token where the pack has it, every pad where the reader sees it."""

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from bookfigures import ch08

TEXTS = [["nobody", "sleeps"], ["oil", "prices", "fall", "again"], ["stop"]]


def pack():
    """A real pack in which each token is text · T + step."""
    codes = torch.arange(12).view(3, 4)
    lengths = torch.tensor([len(text) for text in TEXTS])
    made = pack_padded_sequence(codes, lengths, batch_first=True, enforce_sorted=False)
    return made.data.tolist(), made.batch_sizes.tolist(), made.sorted_indices.tolist()


def words_in(axis):
    return [text.get_text() for text in axis.texts]


def test_the_packed_strip_lists_the_tokens_in_the_order_of_the_pack():
    data, batch_sizes, order = pack()
    shown = words_in(ch08.packed_layout(TEXTS, data, batch_sizes, order).axes[0])
    strip = shown[shown.index("batch_sizes") + 1 :]
    words = [word for word in strip if "\n" in word]
    order = [(1, "oil"), (0, "nobody"), (2, "stop"), (1, "prices"), (0, "sleeps"), (1, "fall"), (1, "again")]
    assert words == [f"{word}\ntext {text}" for text, word in order]
    assert batch_sizes == [3, 2, 1, 1]


def test_every_real_word_is_shown_in_both_panels_of_the_readers():
    shown = words_in(ch08.readers(["oil", "falls"], 2).axes[0])
    assert shown.count("oil") == shown.count("falls") == 8 and shown.count("<pad>") == 16


def test_no_change_has_its_place_on_the_axis_of_the_law():
    axis = ch08.law_curves([0, 1], {"<pad>": {"a": [0, 0.1]}}).axes[0]
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
