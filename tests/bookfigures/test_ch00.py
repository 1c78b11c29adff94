"""The figures of chapter 0 put every number where it belongs."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from bookfigures import ch00
from coursekit.stats import wilson

FIGURES = {
    "broadcasting": lambda: ch00.broadcasting([[6, 2, 0], [3, 0, 0], [4, 1, 2]], [2, 1, 3]),
    "curves": lambda: ch00.learning_curves(
        {"one": ([2.0, 1.0], [2.0, 1.5]), "two": ([1.0, 0.5], [1.0, 1.5])}, start=1.6
    ),
    "intervals": lambda: ch00.repeated_intervals([40, 50, 60], 100, 0.5),
}


def written(figure):
    """Text of the cells and labels of a drawing, in the order in which they were drawn."""
    (axis,) = figure.axes
    return [text.get_text() for text in axis.texts]


def test_a_column_divides_rows_and_a_row_divides_columns():
    values, lengths = [[6.0, 2.0], [3.0, 1.0]], [2.0, 1.0]
    cells = [text for text in written(ch00.broadcasting(values, lengths)) if text[0].isdigit()]
    assert len(cells) == 6 * 4
    table, numbers = torch.tensor(values), torch.tensor(lengths)
    drawn = torch.tensor([float(cell) for cell in cells]).reshape(2, 3, 2, 2)
    for way, divisor in enumerate((numbers[:, None], numbers)):
        assert torch.equal(drawn[way, 0], table)
        assert torch.equal(drawn[way, 1], divisor.expand(2, 2))
        assert torch.equal(drawn[way, 2], table / divisor)


def test_what_is_copied_is_drawn_without_a_fill():
    (axis,) = FIGURES["broadcasting"]().axes
    white = [patch.get_facecolor()[:3] == (1.0, 1.0, 1.0) for patch in axis.patches]
    assert sum(white) == 2 * 3 * 2, "of three numbers, each stands once and is copied twice"


@given(B=st.integers(1, 4), T=st.integers(1, 5))
def test_turned_tables_are_those_of_torch(B, T):
    x = torch.arange(B * T).reshape(B, T)
    cells = [text for text in written(ch00.turned(x.tolist())) if text.isdigit()]
    drawn = torch.tensor([int(cell) for cell in cells]).reshape(3, -1)
    assert torch.equal(drawn[0], x.flatten())
    assert torch.equal(drawn[1], x.transpose(0, 1).flatten())
    assert torch.equal(drawn[2], x.reshape(T, B).flatten())


def test_the_star_marks_the_lowest_validation_loss():
    for axis, (epoch, loss) in zip(FIGURES["curves"]().axes, [(2, 1.5), (1, 1.0)], strict=True):
        star = next(line for line in axis.lines if line.get_marker() == "*")
        assert (star.get_xdata()[0], star.get_ydata()[0]) == (epoch, loss)


def test_panels_share_their_scale():
    limits = {axis.get_ylim() for axis in FIGURES["curves"]().axes}
    assert len(limits) == 1 and min(limits)[0] == 0


def test_only_intervals_that_miss_are_crossed():
    (axis,) = FIGURES["intervals"]().axes
    tests = [line for line in axis.lines if len(set(line.get_xdata())) == 1]
    for line, right in zip(tests, [40, 50, 60], strict=True):
        low, high = wilson(right, 100)
        assert np.allclose(line.get_ydata(), [low, high])
        assert (line.get_marker() == "x") == (not low <= 0.5 <= high)
