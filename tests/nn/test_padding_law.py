"""The padding law: what a model says of a text does not depend on its batch mates. And: padded passes equal packing."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.batching import collate, mask_from_lengths
from coursekit.nn import (
    POOLINGS,
    LengthAwareRNN,
    ModelConfig,
    TextClassifier,
    masked_max,
    masked_mean,
    reverse_within_lengths,
)

CELLS = st.sampled_from(["rnn", "lstm", "gru"])
LAYERS = st.integers(1, 3)
WAYS = st.lists(st.sampled_from(sorted(POOLINGS)), min_size=1, unique=True).map("+".join)
TEXTS = st.lists(st.lists(st.integers(1, 19), min_size=1, max_size=7), min_size=2, max_size=5)


@st.composite
def classifiers(draw):
    """Any model of the package, with weights drawn from a drawn seed."""
    torch.manual_seed(draw(st.integers(0, 99)))
    config = ModelConfig(
        cell=draw(CELLS),
        embedding_dim=4,
        hidden_size=5,
        num_layers=draw(LAYERS),
        bidirectional=draw(st.booleans()),
        pooling=draw(WAYS),
        word_dropout=0.3,
        dropout=0.3,
    )
    model = TextClassifier(config, vocabulary_size=20, n_classes=3).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return model


@settings(max_examples=60, deadline=None)
@given(classifiers(), TEXTS, st.randoms(), st.integers(0, 6))
def test_alone_in_company_permuted_and_with_junk(model, texts, random, extra):
    with torch.no_grad():
        alone = torch.cat([model(b.ids, b.lengths) for b in (collate([text]) for text in texts)])
        batch = collate(texts)
        together = model(batch.ids, batch.lengths)
        order = random.sample(range(len(texts)), len(texts))
        permuted = model(batch.ids[order], batch.lengths[order])
        longer = torch.nn.functional.pad(batch.ids, (0, extra))
        junk = torch.randint(0, 20, longer.shape)
        mask = torch.arange(longer.shape[1]) < batch.lengths[:, None]
        dirty = model(torch.where(mask, longer, junk), batch.lengths)
    assert torch.allclose(alone, together, atol=1e-5)
    assert torch.allclose(alone[order], permuted, atol=1e-5)
    assert torch.allclose(alone, dirty, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(CELLS, LAYERS, st.booleans(), TEXTS, st.integers(0, 99))
def test_padded_passes_equal_packing_forward_and_backward(cell, layers, both, texts, seed):
    torch.manual_seed(seed)
    padded, packed = (LengthAwareRNN(cell, 3, 4, layers, both, path=p).double() for p in ("padded", "packed"))
    packed.load_state_dict(padded.state_dict())
    lengths = torch.tensor([len(text) for text in texts])
    x = torch.randn(len(texts), 7, 3, dtype=torch.float64)
    found = []
    for rnn in (padded, packed):
        mine = x.clone().requires_grad_()
        outputs, last = rnn(mine, lengths)
        ((outputs**2).sum() + (last**3).sum()).backward()
        found.append([outputs, last, mine.grad, *(p.grad for p in rnn.parameters())])
    for ours, theirs in zip(*found, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6, rtol=0)


@given(TEXTS)
def test_reversing_twice_is_nothing_and_pads_stay(texts):
    batch = collate(texts)
    x = torch.arange(batch.ids.numel()).view(*batch.ids.shape, 1)
    once = reverse_within_lengths(x, batch.lengths)
    assert torch.equal(reverse_within_lengths(once, batch.lengths), x)
    assert torch.equal(once[~batch.mask], x[~batch.mask])
    for row, mirrored, n in zip(x, once, batch.lengths, strict=True):
        assert mirrored[:n].flatten().tolist() == row[:n].flatten().tolist()[::-1]


def test_even_nan_in_a_pad_reaches_neither_output_nor_gradient():
    rnn = LengthAwareRNN("lstm", 2, 3, bidirectional=True, path="padded")
    x = torch.randn(2, 4, 2)
    x[1, 2:] = float("nan")
    outputs, last = rnn(x, torch.tensor([4, 2]))
    (outputs.sum() + last.sum()).backward()
    assert torch.isfinite(outputs).all() and all(torch.isfinite(p.grad).all() for p in rnn.parameters())


def test_pooling_on_paper():
    outputs = torch.tensor([[[0.7], [0.1], [9.0]]])
    mask = mask_from_lengths(torch.tensor([2]), 3)
    assert masked_mean(outputs, mask).item() == pytest.approx((0.7 + 0.1) / 2)
    assert masked_max(outputs, mask).item() == pytest.approx(0.7)
    assert masked_max(-outputs, mask).item() == pytest.approx(-0.1)


def test_naive_pooling_breaks_the_law():
    """The check can fail: a mean over pads moves when the batch gets longer."""
    outputs = torch.tensor([[[0.7], [0.1], [0.0]]])
    assert outputs.mean(1).item() != pytest.approx(
        masked_mean(outputs, mask_from_lengths(torch.tensor([2]), 3)).item()
    )


def test_half_a_bidirectional_model_is_not_what_last_means():
    rnn = LengthAwareRNN("gru", 2, 3, bidirectional=True)
    x = torch.randn(1, 5, 2)
    outputs, last = rnn(x, torch.tensor([5]))
    assert torch.allclose(last[0, :3], outputs[0, -1, :3]) and torch.allclose(last[0, 3:], outputs[0, 0, 3:])
    assert not torch.allclose(last[0, 3:], outputs[0, -1, 3:])


@pytest.mark.parametrize(
    ("x", "lengths", "error", "reason"),
    [
        (
            torch.zeros(2, 3, 5),
            torch.tensor([1, 2]),
            ValueError,
            r"'x' must have shape \(batch, time, 4\), got \(2, 3, 5\)",
        ),
        (torch.zeros(3, 4), torch.tensor([1, 2]), ValueError, r"got \(3, 4\)"),
        (torch.zeros(2, 3, 4), torch.tensor([0, 2]), ValueError, "'lengths' must lie between 1 and 3"),
        (torch.zeros(2, 3, 4), torch.tensor([1, 4]), ValueError, "'lengths' must lie between 1 and 3"),
        (torch.zeros(2, 3, 4), torch.tensor([1, 2], dtype=torch.int32), TypeError, "int64"),
    ],
)
def test_wrong_input_is_refused(x, lengths, error, reason):
    with pytest.raises(error, match=reason):
        LengthAwareRNN("rnn", 4, 2)(x, lengths)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"cell": "gpt"}, "'cell' must be one of"),
        ({"hidden_size": 0}, "'hidden_size'"),
        ({"dropout": 0.3}, "'dropout' acts between layers"),
        ({"nonlinearity": "relu"}, "'nonlinearity' is for the cell 'rnn'"),
        ({"path": "fast"}, "'path' must be one of"),
    ],
)
def test_impossible_layers_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        LengthAwareRNN(**{"cell": "lstm", "input_size": 2, "hidden_size": 2} | settings)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"dropout": 1.0}, "'dropout' must be at least 0 and below 1"),
        ({"pooling": "median"}, "'pooling' must join some of"),
        ({"pooling": "max+max"}, "each once"),
        ({"cell": "gpt"}, "'cell'"),
    ],
)
def test_impossible_classifiers_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        ModelConfig(**settings)


def test_a_model_needs_words_and_classes():
    with pytest.raises(ValueError, match="'vocabulary_size' and 'n_classes' must be at least 1, got 9 and 0"):
        TextClassifier(ModelConfig(), vocabulary_size=9, n_classes=0)


def test_lengths_are_checked_at_the_door_once(monkeypatch):
    checked = []
    monkeypatch.setattr("coursekit.nn.classifier.check_lengths", lambda *given: checked.append(given))
    monkeypatch.setattr("coursekit.nn.recurrent.check_lengths", lambda *given: checked.append(given))
    config = ModelConfig(bidirectional=True, pooling="mean+max", word_dropout=0.1)
    model = TextClassifier(config, vocabulary_size=9, n_classes=2).train()
    model(torch.tensor([[5, 6, 0]]), torch.tensor([2]))
    assert len(checked) == 1


def test_a_configuration_shows_what_differs():
    assert repr(ModelConfig(cell="gru")) == "ModelConfig(cell='gru')"


def test_word_dropout_acts_in_training_only():
    torch.manual_seed(0)
    model = TextClassifier(
        ModelConfig(word_dropout=0.5, embedding_dim=2, hidden_size=2), vocabulary_size=9, n_classes=2
    )
    ids, lengths = torch.tensor([[5, 6, 7, 8, 0]]), torch.tensor([4])
    assert not torch.equal(model.train()(ids, lengths), model(ids, lengths))
    assert torch.equal(model.eval()(ids, lengths), model(ids, lengths))


def test_relu_networks_are_built_when_asked():
    assert (
        LengthAwareRNN("rnn", 2, 3, bidirectional=True, nonlinearity="relu")(
            torch.randn(1, 3, 2), torch.tensor([3])
        )[0].min()
        >= 0
    )
