"""Cutting texts into words, into pieces, and vectors from counts."""

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.text import BytePairs, CountVectors, Vocabulary, clean, tokenise
from coursekit.text.vectors import count_neighbours, ppmi, svd_vectors

PAIRS = BytePairs.learn(["the lower the better, the newest of the low lands"] * 3, 20)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop!", ["don't", "stop"]),
        ("Не плохо, но…", ["не", "плохо", "но"]),
        ("a_b 3.5%", ["a", "b", "3", "5"]),
        ("'quoted'", ["quoted"]),
        ("!!! :)", []),
    ],
)
def test_words(text, words):
    assert tokenise(text) == words


def test_marks_and_case_can_be_kept():
    assert tokenise("Oh, no!", lower=False, marks=True) == ["Oh", ",", "no", "!"]


@given(st.text(st.characters(exclude_characters="’‘ʼ＇\u00ad\u2060")))
def test_marks_and_words_are_all_there_is(text):
    kept = "".join(tokenise(text, lower=False, marks=True))
    assert kept == "".join(unicodedata.normalize("NFC", text).split())


@given(st.text(st.characters(codec="ascii")), st.booleans())
def test_plain_english_is_cut_as_when_the_studies_were_recorded(text, marks):
    word = r"[^\W_]+(?:['’][^\W_]+)*"
    assert tokenise(text, marks=marks) == re.findall(rf"{word}|[^\w\s]|_" if marks else word, text.lower())


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("за\u0301мок", "за\u0301мок"),  # a stress mark stays in its word
        ("кафе\u0301", "кафе\u0301"),
        ("е\u0308лка", "ёлка"),
        ("Е\u0308лка", "ёлка"),
        ("cafe\u0301", "café"),
        ("за\u00adмок", "замок"),
        ("\ufeffза\u2060мок", "замок"),
        ("don’t", "don't"),
        ("it‘s", "it's"),
        ("об’єкт", "об'єкт"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_a_word_is_one_word_however_it_is_written(written, word):
    assert tokenise(f"a {written} b") == ["a", word, "b"]
    assert word in tokenise(f"a {written} b", marks=True)


def test_a_space_of_no_width_still_ends_a_word():
    assert tokenise("torrent\u200bhttp") == ["torrent", "http"]


def test_cleaning_resolves_html():
    assert clean("Good.<br /><br />2 &lt; 3 &amp;  more\n") == "Good. 2 < 3 & more"
    assert clean("a < b > c") == "a < b > c"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("&lt;b&gt;x&lt;/b&gt;", "x"),
        ("see &lt;A HREF=&quot;http://a.b/c&quot;&gt;ACME&lt;/A&gt; now", "see ACME now"),
        ("<a title='2 &gt; 1'>more</a>", "more"),
        ("2 &lt; 3 &amp;&amp; 5 &gt; 4", "2 < 3 && 5 > 4"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),  # resolved once: somebody wrote about the code
    ],
)
def test_tags_go_however_they_are_written(text, plain):
    assert clean(text) == plain


@pytest.mark.parametrize("function", [clean, tokenise])
def test_a_missing_text_is_refused(function):
    with pytest.raises(TypeError, match="'text' must be a string, got NoneType"):
        function(None)


@given(st.text())
def test_pieces_decode_to_any_text(text):
    assert PAIRS.decode(PAIRS.encode(text)) == text
    assert "".join(PAIRS.pieces(text)) == text


def test_merges_are_learned_in_the_order_of_counts():
    learned = BytePairs.learn(["aab"] * 5 + ["ab"] * 2, 1)  # ab: 7 times, aa: 5
    assert learned.merges == (("a", "b"),)


def naive_merges(texts, n):
    """Count everything anew after every merge."""
    words = [list(w if i == 0 else " " + w) for t in texts for i, w in enumerate(t.split(" "))]
    merges = []
    for _ in range(n):
        counts = {}
        for symbols in words:
            for pair in zip(symbols, symbols[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words:
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return tuple(merges)


@given(
    st.lists(st.lists(st.text("ab", min_size=1, max_size=6), min_size=1, max_size=4), min_size=1, max_size=6)
)
def test_counting_on_is_the_same_as_counting_anew(texts):
    texts = [" ".join(words) for words in texts]
    assert BytePairs.learn(texts, 6).merges == naive_merges(texts, 6)


def test_bad_orders_are_refused():
    with pytest.raises(ValueError, match="'n_merges'"):
        BytePairs.learn([], -1)
    with pytest.raises(IndexError, match="subword id"):
        PAIRS.decode([len(PAIRS)])


def test_neighbours_are_counted_within_the_window_and_not_across_texts():
    counts = count_neighbours([[4, 5, 6], [7]], 8, window=1).toarray()
    assert counts[4, 5] == counts[5, 4] == 1 and counts[4, 6] == 0 and counts[6, 7] == 0


def test_specials_are_not_counted():
    assert count_neighbours([[0, 1, 4]], 5).sum() == 0


def test_ppmi_on_paper():
    counts = count_neighbours([[4, 5], [4, 5], [6, 7]], 8, window=1)  # 6 pairs, counted both ways
    table = ppmi(counts, smoothing=1.0).toarray()
    assert table[4, 5] == pytest.approx(np.log((2 / 6) / (2 / 6 * 2 / 6)))
    assert table[6, 7] == pytest.approx(np.log((1 / 6) / (1 / 6 * 1 / 6)))
    assert table[4, 6] == 0


def test_full_svd_gives_back_the_matrix():
    table = ppmi(count_neighbours([[4, 5, 6, 7, 4, 6, 5, 7, 7, 5]], 8, window=2), smoothing=0.75)
    vectors = svd_vectors(table, 3, seed=0)
    singular = np.linalg.svd(table.toarray(), compute_uv=False)[:3]
    assert np.allclose((vectors**2).sum(axis=0), singular, atol=1e-5)
    assert np.array_equal(vectors, svd_vectors(table, 3, seed=0))


def test_words_in_the_same_company_are_near():
    texts = [f"{drink} is poured into a cup".split() for drink in ("tea", "coffee")] * 9
    texts += [f"{tool} is put into the wooden box".split() for tool in ("hammer", "saw")] * 9
    vectors = CountVectors.build(texts, Vocabulary.build(texts), 4, seed=0)
    assert vectors.nearest("tea", 1)[0][0] == "coffee"
    with pytest.raises(KeyError, match="'milk' is not in the vocabulary"):
        vectors.nearest("milk")


@pytest.mark.parametrize("dim", [0, 8])
def test_an_impossible_dimension_is_refused(dim):
    with pytest.raises(ValueError, match="'dim' must be between 1 and 7"):
        svd_vectors(ppmi(count_neighbours([[4, 5]], 8)), dim, seed=0)
