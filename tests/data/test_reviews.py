"""Generated reviews: order decides, counts are at chance, the ceiling is known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import coursekit as ck
from coursekit.data import clean_label
from coursekit.data.reviews import NEGATIVE, NEGATORS, NOISE, POSITIVE


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 400), st.integers(0, 50), st.sampled_from([0.0, 0.04, 0.25]))
def test_the_share_of_turned_labels_is_exact_and_texts_differ(size, seed, noise):
    made = ck.make_reviews(size, seed=seed, noise=noise)
    wrong = sum(clean_label(t) != y for t, y in zip(made.texts, made.labels, strict=True))
    assert wrong == round(noise * size) and len(set(made.texts)) == size


def test_labels_balance_before_noise():
    assert ck.make_reviews(1000, seed=3, noise=0).counts(2) == [500, 500]


def test_the_same_seed_gives_the_same_reviews():
    assert ck.make_reviews(50, seed=1) == ck.make_reviews(50, seed=1)
    assert ck.make_reviews(50, seed=1) != ck.make_reviews(50, seed=2)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_words_and_pairs_of_words_are_at_chance(seed):
    corpus = ck.load("reviews", seed=seed, quiet=True)
    counts = TfidfVectorizer(ngram_range=(1, 2))
    model = LogisticRegression(max_iter=1000).fit(
        counts.fit_transform(corpus.train.texts), corpus.train.labels
    )
    assert model.score(counts.transform(corpus.test.texts), corpus.test.labels) < 0.56


def test_negation_is_long_range():
    negated = [
        t.lower() for t in ck.make_reviews(2000, seed=0).texts if any(n in t.lower() for n in NEGATORS)
    ]
    assert len(negated) > 300
    for text in negated:
        start = max(text.find(n) for n in NEGATORS)
        words = text[start:].rstrip(".").split()
        assert words[-1] in POSITIVE + NEGATIVE and len(words) > 7


def test_the_card_states_the_ceiling():
    assert f"{1 - NOISE:.2f}" in ck.load("reviews", quiet=True).card


def test_the_parts_share_no_text():
    corpus = ck.load("reviews", train=500, quiet=True)
    texts = corpus.train.texts + corpus.validation.texts + corpus.test.texts
    assert len(corpus.train) == 500 and len(set(texts)) == len(texts)


@pytest.mark.parametrize(("size", "noise"), [(0, 0.0), (200_001, 0.0), (10, 0.5), (10, -0.1)])
def test_impossible_orders_are_refused(size, noise):
    with pytest.raises(ValueError, match="'size'|'noise'"):
        ck.make_reviews(size, seed=0, noise=noise)


def test_the_largest_order_can_be_filled():
    assert len(set(ck.make_reviews(60_000, seed=0).texts)) == 60_000


def test_the_test_part_is_the_same_for_every_seed_and_size():
    first = ck.load("reviews", train=100, seed=0, quiet=True)
    second = ck.load("imdb", train=150, seed=1, quiet=True)
    assert first.test == second.test and first.train.take(50) != second.train.take(50)
    longer = ck.load("reviews", train=150, seed=0, quiet=True)
    assert longer.validation == first.validation


def test_the_test_part_has_the_ceiling_exactly():
    test = ck.load("reviews", train=1, quiet=True).test
    right = sum(clean_label(t) == y for t, y in zip(test.texts, test.labels, strict=True))
    assert right == round((1 - NOISE) * len(test))


def test_texts_to_avoid_do_not_come_again():
    first = ck.make_reviews(300, seed=0)
    assert set(first.texts).isdisjoint(ck.make_reviews(300, seed=0, avoid=first.texts).texts)


def test_each_verdict_word_says_nothing_by_itself():
    made = ck.make_reviews(20_000, seed=0, noise=0)
    for word in (*POSITIVE, *NEGATIVE, *NEGATORS, "but", "although"):
        labels = [y for t, y in zip(made.texts, made.labels, strict=True) if word in t.lower()]
        # five standard errors of a fair coin
        assert abs(sum(labels) - len(labels) / 2) < 5 * len(labels) ** 0.5 / 2


def test_another_text_is_not_labelled():
    with pytest.raises(ValueError, match="must be a generated review"):
        clean_label("I have no opinion.")
