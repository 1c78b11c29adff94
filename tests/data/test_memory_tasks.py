"""The two memory tasks are what their papers say, for every size."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import adding_problem, temporal_order
from coursekit.data.memory_tasks import ORDERS, SYMBOLS

sizes = st.integers(1, 8), st.integers(4, 60), st.integers(0, 999)


@given(*sizes)
def test_the_label_names_both_marks_in_order(batch, length, seed):
    ids, labels = temporal_order(batch, length, seed=seed)
    assert ids.shape == (batch, length)
    for row, label in zip(ids.tolist(), labels.tolist(), strict=True):
        assert "".join(SYMBOLS[i] for i in row if i < 2) == ORDERS[label]
        first, second = (t for t, i in enumerate(row) if i < 2)
        assert first < max(1, length // 5)
        assert second >= length // 2


@given(*sizes)
def test_the_target_is_the_sum_of_two_marked_numbers(batch, length, seed):
    x, targets = adding_problem(batch, length, seed=seed)
    assert x.shape == (batch, length, 2)
    assert (x[:, :, 1].sum(dim=1) == 2).all()
    assert torch.allclose((x[:, :, 0] * x[:, :, 1]).sum(dim=1), targets)


@pytest.mark.parametrize("draw", [temporal_order, adding_problem])
def test_draws_follow_the_seed_and_refuse_what_has_no_room(draw):
    assert torch.equal(draw(3, 9, seed=1)[0], draw(3, 9, seed=1)[0])
    assert not torch.equal(draw(3, 9, seed=1)[0], draw(3, 9, seed=2)[0])
    for bad in (0, 9), (3, 3):
        with pytest.raises(ValueError, match="'length' at least 4"):
            draw(*bad, seed=0)


def test_labels_are_in_balance():
    assert (torch.bincount(temporal_order(4_000, 10, seed=0)[1]) / 4_000 - 0.25).abs().max() < 0.03
    targets = adding_problem(4_000, 10, seed=0)[1]
    assert ((targets - 1) ** 2).mean().item() == pytest.approx(1 / 6, abs=0.01)
