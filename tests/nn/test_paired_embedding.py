"""A word's vector plus that of the pair it closes; the padding law holds for it, too."""

import pytest
import torch

from coursekit.batching import collate, mask_from_lengths
from coursekit.nn import ModelConfig, TextClassifier
from coursekit.nn.embeddings import PairedEmbedding, make_embedding

TEXTS = [[(4, 0), (5, 2)], [(6, 0)], [(7, 0), (4, 3), (1, 0)]]


def spoken(net):
    """Pairs start at zero; give them something to say."""
    with torch.no_grad():
        net.embedding.pairs.weight[1:].normal_()
    return net.eval()


def test_the_vector_is_the_sum_that_the_formula_says():
    torch.manual_seed(0)
    layer = PairedEmbedding(10, 9, 4)
    assert torch.equal(layer(collate(TEXTS).ids)[0, 1], layer.words.weight[5])  # at the start
    torch.nn.init.normal_(layer.pairs.weight[1:].detach())
    x = layer(collate(TEXTS).ids)  # (3, 3, 4)
    assert torch.allclose(x[0, 1], layer.words.weight[5] + layer.pairs.weight[2])
    assert torch.equal(x[1, 0], layer.words.weight[6])  # no pair
    assert torch.equal(x[1, 1:], torch.zeros(2, 4))  # pads


@pytest.mark.parametrize("cell", ["none", "rnn", "lstm", "gru"])
def test_logits_do_not_depend_on_batch_mates(cell):
    torch.manual_seed(0)
    both = {} if cell == "none" else {"bidirectional": True}
    config = ModelConfig(cell=cell, embedding_dim=5, hidden_size=6, **both)
    net, batch = spoken(TextClassifier(config, vocabulary_size=10, n_classes=3, pair_rows=9)), collate(TEXTS)
    together = net(batch.ids, batch.lengths)
    for i, text in enumerate(TEXTS):
        alone = collate([text])
        assert torch.allclose(net(alone.ids, alone.lengths)[0], together[i], atol=1e-5)


def test_a_dropped_word_loses_its_pair():
    torch.manual_seed(0)
    config = ModelConfig(embedding_dim=5, hidden_size=6, word_dropout=0.999)
    batch = collate(TEXTS)
    seen = (
        TextClassifier(config, vocabulary_size=10, n_classes=3, pair_rows=9)
        .train()
        ._drop_words(batch.ids, mask_from_lengths(batch.lengths, 3))
    )
    real = batch.ids[:, :, 0] > 0
    assert (seen[real] == torch.tensor([1, 0])).all() and (seen[~real] == 0).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="encode with encode_with_pairs"):
        PairedEmbedding(10, 9, 4)(torch.ones(2, 3, dtype=torch.long))
    with pytest.raises(ValueError, match="'pair_rows'"):
        make_embedding(10, 3, pair_rows=-1)
    with pytest.raises(ValueError, match="one of them zero"):
        make_embedding(10, 3, 9, 9)
