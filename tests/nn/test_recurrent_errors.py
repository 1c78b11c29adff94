"""Bad input to the recurrent layer: each error names the argument, what was wanted and what came. And what is legal."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.nn import CELLS, LengthAwareRNN
from coursekit.nn.recurrent import PACK_BELOW, check_finite_weights

B, T, D, H = 3, 5, 4, 2
PATH = pytest.mark.parametrize("path", ["auto", "padded", "packed"])
CELL = pytest.mark.parametrize("cell", CELLS)


def x_of(*shape, **how):
    return torch.randn(*(shape or (B, T, D)), **how)


@PATH
@pytest.mark.parametrize(
    ("lengths", "error", "reason"),
    [
        pytest.param(
            [5, 6, 1], ValueError, r"'lengths' must lie between 1 and 5 .* got 1 to 6", id="too long"
        ),
        pytest.param([5, 0, 1], ValueError, r"'lengths' must lie between 1 and 5 .* got 0 to 5", id="zero"),
        pytest.param(
            [5, -2, 1], ValueError, r"'lengths' must lie between 1 and 5 .* got -2 to 5", id="negative"
        ),
        pytest.param([5, 1], ValueError, r"'lengths' must have shape \(3,\), .* got \(2,\)", id="too few"),
        pytest.param([[5], [2], [1]], ValueError, r"must have shape \(3,\), .* got \(3, 1\)", id="a column"),
        pytest.param(
            [5.0, 2.0, 1.0], TypeError, "'lengths' must be an int64 tensor, got torch.float32", id="float"
        ),
        pytest.param([True, True, True], TypeError, "'lengths' must be .* got torch.bool", id="a mask"),
    ],
)
def test_wrong_lengths_are_refused_on_every_path(path, lengths, error, reason):
    with pytest.raises(error, match=reason):
        LengthAwareRNN("gru", D, H, path=path)(x_of(), torch.tensor(lengths))


def test_a_list_of_lengths_is_refused_with_the_mend():
    with pytest.raises(TypeError, match=r"'lengths' must be an int64 tensor, got list; use torch\.as_tensor"):
        LengthAwareRNN("gru", D, H)(x_of(), [5, 2, 1])


def test_lengths_on_another_device_are_refused():
    with pytest.raises(
        ValueError, match=r"'lengths' of shape \(3,\) must be on the device of 'x' \(cpu\), got meta"
    ):
        LengthAwareRNN("lstm", D, H)(x_of(), torch.ones(B, dtype=torch.int64, device="meta"))


def test_an_input_on_another_device_is_refused():
    x = x_of(device="meta")
    with pytest.raises(
        ValueError, match=r"'x' of shape \(3, 5, 4\) must be on the weights' device \(cpu\), got meta"
    ):
        LengthAwareRNN("lstm", D, H)(x, torch.tensor([5, 2, 1]))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int64])
@PATH
def test_an_input_of_another_dtype_is_refused(path, dtype):
    with pytest.raises(
        TypeError, match=r"'x' of shape \(3, 5, 4\) must have the weights' dtype torch.float32, got"
    ):
        LengthAwareRNN("rnn", D, H, path=path)(x_of().to(dtype), torch.tensor([5, 2, 1]))


def test_an_input_that_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="'x' must be a tensor, got ndarray"):
        LengthAwareRNN("rnn", D, H)(x_of().numpy(), torch.tensor([5, 2, 1]))


@pytest.mark.parametrize("shape", [(T, D), (B, T, D + 1), (B, 1, T, D)])
def test_an_input_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"'x' must have shape \(batch, time, 4\), got \("):
        LengthAwareRNN("rnn", D, H)(x_of(*shape), torch.tensor([5, 2, 1]))


def test_there_is_no_start_state_to_get_wrong():
    with pytest.raises(TypeError, match="positional arguments"):
        LengthAwareRNN("rnn", D, H)(x_of(), torch.tensor([5, 2, 1]), torch.zeros(1, B, H))


@CELL
@PATH
@pytest.mark.parametrize("both", [False, True])
def test_nan_in_any_weight_is_an_error_not_an_answer(cell, path, both):
    for spoiled, _ in LengthAwareRNN(cell, D, H, 2, both).rnn.named_parameters():
        rnn = LengthAwareRNN(cell, D, H, 2, both, path=path)
        weights = rnn.rnn.get_parameter(spoiled)
        with torch.no_grad():
            weights.view(-1)[0] = float("nan")
        with pytest.raises(
            FloatingPointError, match=rf"'{spoiled}' of shape .* got 1 of {weights.numel()} numbers"
        ):
            rnn(x_of(), torch.tensor([5, 2, 1]))


def test_the_helper_names_infinite_weights_and_passes_finite_ones():
    layer = torch.nn.Linear(3, 2)
    check_finite_weights(layer)
    with torch.no_grad():
        layer.bias[1] = float("inf")
    with pytest.raises(FloatingPointError, match=r"'bias' of shape \(2,\) must be finite, got 1 of 2"):
        check_finite_weights(layer)


def test_nan_in_a_word_vector_is_not_blamed_on_the_weights():
    x = x_of()
    x[1, 0] = float("nan")
    outputs, _ = LengthAwareRNN("gru", D, H)(x, torch.tensor([5, 2, 1]))
    assert outputs[1].isnan().any() and outputs[[0, 2]].isfinite().all()


@given(lengths=st.lists(st.integers(1, T), min_size=1, max_size=6), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_unsorted_lengths_are_legal_and_rows_keep_their_order(lengths, seed):
    torch.manual_seed(seed)
    rnn, x, lengths = (
        LengthAwareRNN("lstm", D, H, bidirectional=True),
        x_of(len(lengths), T, D),
        torch.tensor(lengths),
    )
    order = lengths.argsort(descending=True)
    _, last = rnn(x, lengths)
    _, ordered = rnn(x[order], lengths[order])
    assert torch.allclose(last[order], ordered, atol=1e-6)


@PATH
def test_all_lengths_equal_and_a_batch_of_one_are_legal(path):
    rnn = LengthAwareRNN("gru", D, H, path=path)
    assert rnn(x_of(), torch.full((B,), T))[1].shape == (B, H)
    assert rnn(x_of(1, 1, D), torch.tensor([1]))[0].shape == (1, 1, H)


@CELL
def test_packing_is_chosen_where_most_of_the_batch_is_pads_and_changes_nothing(cell, monkeypatch):
    rnn, taken = LengthAwareRNN(cell, D, H, bidirectional=True), []
    for name in ("_packed", "_padded"):
        way = getattr(rnn, name)
        monkeypatch.setattr(rnn, name, lambda *a, way=way, name=name: taken.append(name) or way(*a))
    x = x_of(8, 40, D)
    for others in (1, 40):
        lengths = torch.tensor([40] + [others] * 7)
        found = rnn(x, lengths)
        twin = LengthAwareRNN(cell, D, H, bidirectional=True, path="packed" if others == 40 else "padded")
        twin.load_state_dict(rnn.state_dict())
        for ours, theirs in zip(found, twin(x, lengths), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-6)
    assert taken == ["_packed", "_padded"] and 0 < PACK_BELOW[cell] < 0.5
