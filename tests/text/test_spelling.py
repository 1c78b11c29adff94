"""Spelling: n-grams by hand, the same ids in every process, relatives that share pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.text import Vocabulary
from coursekit.text.spelling import MOST, letter_ngrams, spell

WORDS = st.text(st.characters(min_codepoint=33), min_size=1, max_size=30)


@given(WORDS, st.integers(1, 4), st.integers(0, 3))
def test_every_ngram_stands_in_the_marked_word_and_there_are_as_many_as_there_are_places(word, n, more):
    found = letter_ngrams(word, n, n + more)
    marked = f"<{word}>"
    assert all(gram in marked for gram in found)
    places = sum(max(0, len(marked) - k + 1) for k in range(n, n + more + 1))
    assert len(found) == max(places, 1)


@given(st.lists(WORDS, max_size=6), st.integers(1, 50))
def test_ids_lie_in_their_range_and_the_first_is_the_words_own(words, buckets):
    vocabulary = Vocabulary.build([words])
    spelled = spell(words, vocabulary, buckets)
    assert [ids[0] for ids in spelled] == vocabulary.encode(words)
    assert all(1 <= gram <= buckets for ids in spelled for gram in ids[1:])
    assert all(2 <= len(ids) <= 1 + MOST for ids in spelled)


def test_the_hash_is_fixed_and_relatives_share_pieces():
    vocabulary = Vocabulary.build([["дом"]])
    (home,), (homes,), (cat,) = (spell([w], vocabulary, 10**6) for w in ("домик", "домики", "кошка"))
    assert home[:3] == (1, 765596, 23140)
    assert len(set(home[1:]) & set(homes[1:])) > 3 and not set(home[1:]) & set(cat[1:])


def test_bad_values_are_named():
    with pytest.raises(ValueError, match="'word'"):
        letter_ngrams("")
    with pytest.raises(ValueError, match="'buckets'"):
        spell(["a"], Vocabulary.build([["a"]]), 0)
