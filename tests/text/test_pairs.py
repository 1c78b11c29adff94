"""Pairs of neighbouring words: one for each border between two words, and no id for what is not listed."""

from hypothesis import given
from hypothesis import strategies as st

from coursekit.text import Vocabulary
from coursekit.text.pairs import NO_PAIR, encode_with_pairs, neighbours

WORDS = st.lists(st.sampled_from(["not", "good", "at", "all", "плохо"]), max_size=12)


@given(st.lists(WORDS, min_size=1), WORDS)
def test_every_word_has_the_id_of_the_pair_it_closes(training, tokens):
    vocabulary, pairs = Vocabulary.build(training), Vocabulary.build(map(neighbours, training), min_count=2)
    coded = encode_with_pairs(tokens, vocabulary, pairs)
    assert [word for word, _ in coded] == vocabulary.encode(tokens)
    for k, (_, pair) in enumerate(coded):
        closed = f"{tokens[k - 1]} {tokens[k]}" if k else None
        assert pair == (pairs.ids[closed] if closed in pairs else NO_PAIR)


def test_a_word_never_seen_closes_no_pair():
    vocabulary, pairs = Vocabulary.build([["not", "good"]]), Vocabulary.build([["not good"]])
    unknown, good = Vocabulary.unk, vocabulary.ids["good"]
    assert encode_with_pairs(["very", "good"], vocabulary, pairs) == [(unknown, NO_PAIR), (good, NO_PAIR)]
    assert encode_with_pairs(["not", "good"], vocabulary, pairs)[1] == (good, pairs.ids["not good"])
