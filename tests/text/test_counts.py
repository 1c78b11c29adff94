"""Counts, hashed counts and TF-IDF: equal to scikit-learn's, for every corpus that hypothesis can think of."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from coursekit.text.counts import BagOfWords, TfIdf, collisions, column_and_sign, hashed_counts, ngrams

WORDS = st.text(alphabet="abcйλ’1", min_size=1, max_size=3)
CORPORA = st.lists(st.lists(WORDS, max_size=8), min_size=1, max_size=6)
SETTINGS = {"smooth": st.booleans(), "sublinear": st.booleans()}


def scikit(maker, **how):
    """A vectorizer of scikit-learn that takes lists of words as they are."""
    return maker(tokenizer=list, preprocessor=lambda tokens: tokens, token_pattern=None, **how)


@given(CORPORA, st.integers(1, 3))
def test_counts_are_those_of_scikit_learn(corpus, longest):
    bag = BagOfWords.build(corpus, longest=longest)
    assume(len(bag))
    theirs = scikit(CountVectorizer, ngram_range=(1, longest)).fit(corpus)
    assert list(bag.words) == theirs.get_feature_names_out().tolist()
    new = [*corpus, ["a", "zzz"], []]
    np.testing.assert_array_equal(bag.count(new).toarray(), theirs.transform(new).toarray())


@given(CORPORA, st.integers(1, 2), st.fixed_dictionaries(SETTINGS))
def test_tfidf_is_that_of_scikit_learn(corpus, longest, how):
    bag = BagOfWords.build(corpus, longest=longest)
    assume(len(bag))
    ours = TfIdf(**how).fit(bag.count(corpus))
    theirs = scikit(
        TfidfVectorizer, ngram_range=(1, longest), smooth_idf=how["smooth"], sublinear_tf=how["sublinear"]
    ).fit(corpus)
    new = [*corpus, ["a", "a", "zzz"], []]
    np.testing.assert_allclose(ours.idf, theirs.idf_, rtol=0, atol=1e-12)
    gap = abs(ours.transform(bag.count(new)) - theirs.transform(new)).max()
    assert gap <= 1e-12


@given(CORPORA, st.fixed_dictionaries(SETTINGS))
def test_the_counts_that_come_in_stay_as_they_are(corpus, how):
    bag = BagOfWords.build(corpus)
    assume(len(bag))
    counts = bag.count(corpus)
    before = counts.toarray()
    TfIdf(**how).fit(counts).transform(counts)
    np.testing.assert_array_equal(counts.toarray(), before)


def test_a_sum_by_hand():
    counts = csr_matrix([[2.0, 1.0], [1.0, 0.0], [1.0, 0.0]])  # "the the oil", "the", "the"
    np.testing.assert_allclose(TfIdf().fit(counts).idf, [np.log(4 / 4) + 1, np.log(4 / 2) + 1])
    plain = TfIdf(smooth=False).fit(counts)
    np.testing.assert_allclose(plain.idf, [np.log(3 / 3) + 1, np.log(3 / 1) + 1])
    the, oil = 2 * 1, 1 * (np.log(3) + 1)
    length = np.sqrt(the**2 + oil**2)
    np.testing.assert_allclose(plain.transform(counts).toarray()[0], [the / length, oil / length])
    damped = TfIdf(smooth=False, sublinear=True).fit(counts).transform(counts)
    the = 1 + np.log(2)
    length = np.sqrt(the**2 + oil**2)
    np.testing.assert_allclose(damped.toarray()[0], [the / length, oil / length])


def test_a_zero_that_is_stored_is_no_count():
    stored = csr_matrix(([1.0, 0.0, 2.0], [0, 1, 0], [0, 2, 3]), shape=(2, 2))
    for how in ({}, {"sublinear": True}):
        once, again = csr_matrix(stored.toarray()), TfIdf(**how).fit(stored).transform(stored)
        np.testing.assert_array_equal(again.toarray(), TfIdf(**how).fit(once).transform(once).toarray())


def test_new_texts_do_not_change_what_was_learned():
    bag = BagOfWords.build([["a", "b"], ["a"]])
    fitted = TfIdf().fit(bag.count([["a", "b"], ["a"]]))
    alone = fitted.transform(bag.count([["b"]])).toarray()[0]
    among_many = fitted.transform(bag.count([["b"]] * 50)).toarray()[7]
    np.testing.assert_array_equal(alone, among_many)


@given(CORPORA, st.integers(1, 7), st.booleans(), st.integers(1, 2))
def test_hashed_counts_are_those_of_scikit_learn(corpus, n_columns, signed, longest):
    ours = hashed_counts(corpus, n_columns, signed=signed, longest=longest)
    theirs = FeatureHasher(n_columns, input_type="string", alternate_sign=signed)
    wanted = theirs.transform([ngrams(tokens, longest) for tokens in corpus]).toarray()
    np.testing.assert_array_equal(ours.toarray(), wanted)


@given(st.lists(WORDS, max_size=20), st.integers(1, 9))
def test_a_collision_is_two_words_with_one_column(words, n_columns):
    shared = collisions(words, n_columns)
    used = {column_and_sign(word, n_columns)[0] for word in words}
    assert len(set(words)) - len(used) == sum(len(sharing) - 1 for sharing in shared.values())
    for column, sharing in shared.items():
        assert len(sharing) > 1
        assert all(column_and_sign(word, n_columns)[0] == column for word in sharing)


@given(CORPORA)
def test_one_column_for_all_holds_the_length_of_the_text(corpus):
    lengths = hashed_counts(corpus, 1, signed=False).toarray()[:, 0]
    assert lengths.tolist() == [len(tokens) for tokens in corpus]


def test_the_hash_is_the_same_in_another_process():
    code = "from coursekit.text.counts import column_and_sign as c; print([c(w, 1000) for w in ('oil', 'нефть')])"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert ended.stdout.strip() == str([column_and_sign(word, 1000) for word in ("oil", "нефть")])


@given(st.lists(WORDS, max_size=8), st.integers(1, 4))
def test_runs_of_neighbours_are_as_many_as_fit(tokens, longest):
    runs = ngrams(tokens, longest)
    assert len(runs) == sum(max(0, len(tokens) - n + 1) for n in range(1, longest + 1))
    assert Counter(runs[: len(tokens)]) == Counter(tokens)


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(TypeError, match="must be a list of words, got the string 'not a list'"):
        BagOfWords.build(["not a list"])
    with pytest.raises(ValueError, match="'longest' must be at least 1, got 0"):
        ngrams(["a"], 0)
    with pytest.raises(ValueError, match="'n_columns' must be at least 1, got 0"):
        hashed_counts([["a"]], 0)


def test_tfidf_says_what_is_missing():
    with pytest.raises(AttributeError, match="must be fitted"):
        TfIdf().transform(csr_matrix([[1.0]]))
    with pytest.raises(ValueError, match="1 words that no text holds; drop them, or use smooth=True"):
        TfIdf(smooth=False).fit(csr_matrix([[1.0, 0.0]]))
    with pytest.raises(ValueError, match="0 texts"):
        TfIdf().fit(csr_matrix((0, 3)))
    with pytest.raises(ValueError, match="below zero has no logarithm; hash with signed=False"):
        signed = csr_matrix([[1.0, -1.0]])
        TfIdf(sublinear=True).fit(signed).transform(signed)
    with pytest.raises(ValueError, match="2 columns, got 3"):
        TfIdf().fit(csr_matrix([[1.0, 1.0]])).transform(csr_matrix([[1.0, 1.0, 1.0]]))
