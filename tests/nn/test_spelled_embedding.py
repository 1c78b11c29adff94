"""A spelled word is its vector plus the mean of its pieces; the padding law holds for it, too."""

import pytest
import torch

from coursekit.batching import collate, mask_from_lengths
from coursekit.nn import ModelConfig, TextClassifier
from coursekit.nn.embeddings import SpelledEmbedding, make_embedding

TEXTS = [[(4, 3, 9), (5, 2)], [(6, 1, 2, 3, 4)], [(7, 8), (4, 3, 9), (1, 5, 5)]]


def test_the_vector_is_the_sum_that_the_formula_says():
    torch.manual_seed(0)
    layer = SpelledEmbedding(10, 9, 4)
    x = layer(collate(TEXTS).ids)  # (3, 3, 4)
    wanted = layer.words.weight[4] + (layer.ngrams.weight[3] + layer.ngrams.weight[9]) / 2
    assert torch.allclose(x[0, 0], wanted) and torch.allclose(x[2, 1], wanted)
    assert torch.equal(x[1, 1:], torch.zeros(2, 4))  # pads


@pytest.mark.parametrize("cell", ["none", "rnn", "lstm", "gru"])
def test_logits_do_not_depend_on_batch_mates(cell):
    torch.manual_seed(0)
    both = {} if cell == "none" else {"bidirectional": True}
    net = TextClassifier(
        ModelConfig(cell=cell, embedding_dim=5, hidden_size=6, **both),
        vocabulary_size=10,
        n_classes=3,
        ngram_buckets=9,
    )
    net.eval()
    batch = collate(TEXTS)
    together = net(batch.ids, batch.lengths)
    for i, text in enumerate(TEXTS):
        alone = collate([text])
        assert torch.allclose(net(alone.ids, alone.lengths)[0], together[i], atol=1e-5)


def test_a_dropped_word_loses_its_spelling():
    torch.manual_seed(0)
    config = ModelConfig(embedding_dim=5, hidden_size=6, word_dropout=0.999)
    batch = collate(TEXTS)
    seen = (
        TextClassifier(config, vocabulary_size=10, n_classes=3, ngram_buckets=9)
        .train()
        ._drop_words(batch.ids, mask_from_lengths(batch.lengths, 3))
    )
    real = batch.ids[:, :, 0] > 0
    assert (seen[real][:, 0] == 1).all() and (seen[real][:, 1:] == 0).all() and (seen[~real] == 0).all()


def test_texts_without_spelling_are_refused():
    with pytest.raises(ValueError, match="encode with spell"):
        SpelledEmbedding(10, 9, 4)(torch.ones(2, 3, dtype=torch.long))
    with pytest.raises(ValueError, match="'ngram_buckets'"):
        make_embedding(10, 3, ngram_buckets=-1)
