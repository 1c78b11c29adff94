"""Lemmas and stems, the memory behind them, and letters that look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.text.morphology import Lemmatiser, fold_yo, mixed_alphabets, normal_form, stems


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("котами", "кот"),
        ("люди", "человек"),
        ("шла", "идти"),
        ("хорошего", "хороший"),
        ("Москве", "москва"),
        ("елки", "ёлка"),
        ("не", "не"),
        ("RNN", "rnn"),
        ("12", "12"),
        ("", ""),
    ],
)
def test_a_lemma_is_what_a_dictionary_lists(word, lemma):
    assert normal_form(word) == lemma and Lemmatiser().lemmas([word]) == [lemma]


def test_each_different_word_is_analysed_once():
    asked = []
    lemmatiser = Lemmatiser(lambda word: asked.append(word) or word.upper())
    assert lemmatiser.lemmas(["a", "b", "a"]) == ["A", "B", "A"]
    assert lemmatiser.lemmas(iter(["b", "c"])) == ["B", "C"]
    assert asked == ["a", "b", "c"]
    assert (lemmatiser.hits, lemmatiser.misses) == (2, 3)
    assert repr(lemmatiser) == "Lemmatiser(3 words known, 2 hits)"


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=8), max_size=5))
def test_every_word_is_a_hit_or_a_miss(texts):
    lemmatiser = Lemmatiser(str.upper)
    assert [lemmatiser.lemmas(tokens) for tokens in texts] == [
        [w.upper() for w in tokens] for tokens in texts
    ]
    words = [word for tokens in texts for word in tokens]
    assert lemmatiser.hits + lemmatiser.misses == len(words)
    assert lemmatiser.misses == len(set(words))


def test_a_memory_belongs_to_one_lemmatiser():
    first, second = Lemmatiser(str.upper), Lemmatiser(str.title)
    assert first.lemmas(["ab"]) == ["AB"] and second.lemmas(["ab"]) == ["Ab"]


def test_a_lemma_keeps_a_glued_negation():
    assert normal_form("не_люблю") == "не_любить"


def test_stems_cut_where_lemmas_look_up():
    assert stems(["running", "studies", "ran", "university", "universe"], "en") == [
        "run",
        "studi",
        "ran",
        "univers",
        "univers",
    ]
    assert stems(["люди", "человек", "коты", "котами"], "ru") == ["люд", "человек", "кот", "кот"]
    with pytest.raises(ValueError, match="'language' must be one of"):
        stems(["a"], "de")


@given(st.text("абвё еЁ", max_size=20))
def test_folding_twice_is_folding_once(text):
    folded = fold_yo(text)
    assert "ё" not in folded.lower() and len(folded) == len(text) and fold_yo(folded) == folded


def test_a_decomposed_yo_is_folded_too():
    assert fold_yo("е\u0308лка") == "елка"


@pytest.mark.parametrize("word", ["cобака", "Pоссия", "αbc", "оk", "x-оy"])
def test_look_alikes_are_seen(word):
    assert mixed_alphabets(word)


@pytest.mark.parametrize("word", ["собака", "dog", "café", "ёж", "IT-отдел", "4К", "", "!!!", "дверь2", "犬"])
def test_one_alphabet_is_not_mixed(word):
    assert not mixed_alphabets(word)
