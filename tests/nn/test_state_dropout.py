"""Dropout of the state: one mask for all steps of a batch, none outside training; and the model without a cell."""

import pytest
import torch

from coursekit.nn import CELLS, LengthAwareRNN, ModelConfig, TextClassifier

LENGTHS = torch.tensor([5, 2, 7])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [False, True])
def test_without_training_it_does_nothing(cell, both):
    torch.manual_seed(0)
    plain = LengthAwareRNN(cell, 3, 4, 2, both).eval()
    dropping = LengthAwareRNN(cell, 3, 4, 2, both, state_dropout=0.5).eval()
    dropping.load_state_dict(plain.state_dict())
    x = torch.randn(3, 7, 3)
    for a, b in zip(plain(x, LENGTHS), dropping(x, LENGTHS), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_the_same_cell_with_some_units_never_told_on(cell):
    torch.manual_seed(1)
    H, share = 6, 0.5
    layer = LengthAwareRNN(cell, 3, H, state_dropout=share).double().train()
    x = torch.randn(3, 7, 3, dtype=torch.float64)
    torch.manual_seed(2)
    outputs, _ = layer(x, LENGTHS)
    torch.manual_seed(2)
    told = torch.nn.functional.dropout(torch.ones(H, dtype=torch.float64), share)
    assert 0 < int((told == 0).sum()) < H
    plain = LengthAwareRNN(cell, 3, H).double()
    plain.load_state_dict(layer.state_dict())
    with torch.no_grad():
        plain.rnn.weight_hh_l0.mul_(told)
    assert torch.allclose(outputs, plain(x, LENGTHS)[0], atol=1e-12)


def test_gradients_reach_the_recurrent_weights_and_differ_between_batches():
    torch.manual_seed(0)
    layer = LengthAwareRNN("lstm", 3, 8, 2, True, state_dropout=0.5).train()
    x = torch.randn(3, 7, 3)
    first, second = layer(x, LENGTHS)[0], layer(x, LENGTHS)[0]
    assert not torch.equal(first, second)
    first.sum().backward()
    assert all(p.grad is not None for p in layer.parameters())


def test_a_model_without_a_cell_pools_its_word_vectors_and_knows_no_order():
    torch.manual_seed(0)
    net = TextClassifier(ModelConfig(cell="none", embedding_dim=5), vocabulary_size=20, n_classes=3).eval()
    ids, lengths = torch.randint(4, 20, (2, 6)), torch.tensor([6, 4])
    mixed = ids.clone()
    mixed[0] = ids[0].flip(0)
    assert torch.allclose(net(ids, lengths), net(mixed, lengths), atol=1e-6)
    junk = ids.clone()
    junk[1, 4:] = 7
    assert torch.equal(net(ids, lengths), net(junk, lengths))


@pytest.mark.parametrize(
    "changes",
    [{"pooling": "last"}, {"num_layers": 2}, {"bidirectional": True}, {"state_dropout": 0.1}],
)
def test_without_a_cell_what_would_do_nothing_is_refused(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        ModelConfig(cell="none", **changes)


def test_a_share_of_one_is_refused():
    with pytest.raises(ValueError, match="'state_dropout'"):
        LengthAwareRNN("gru", 3, 4, state_dropout=1.0)
