"""A vocabulary is the same in every process and learned from what it is given."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.batching import Encoder, TextConfig, encode
from coursekit.data import Split
from coursekit.text import BytePairs, Vocabulary

words = st.text("абвxyz", min_size=1, max_size=3)
token_lists = st.lists(st.lists(words, max_size=8), max_size=8)


@given(token_lists, st.randoms())
def test_the_order_of_texts_and_words_does_not_matter(texts, random):
    shuffled = [random.sample(text, len(text)) for text in texts]
    random.shuffle(shuffled)
    assert Vocabulary.build(texts) == Vocabulary.build(shuffled)


@given(token_lists, st.integers(1, 4))
def test_entries_come_by_frequency_then_by_word(texts, min_count):
    counts = Counter(word for text in texts for word in text)
    vocabulary = Vocabulary.build(texts, min_count=min_count)
    assert vocabulary.words[:4] == ("<pad>", "<unk>", "<bos>", "<eos>")
    assert set(vocabulary.words[4:]) == {w for w, n in counts.items() if n >= min_count}
    keys = [(-counts[w], w) for w in vocabulary.words[4:]]
    assert keys == sorted(keys)


@given(token_lists)
def test_decoding_is_the_inverse_for_known_words(texts):
    vocabulary = Vocabulary.build(texts)
    for text in texts:
        assert vocabulary.decode(vocabulary.encode(text)) == text


@given(token_lists, st.integers(4, 12))
def test_the_largest_size_counts_the_specials(texts, size):
    assert len(Vocabulary.build(texts, max_size=size)) <= size


def test_two_processes_with_other_hashes_agree():
    code = (
        "from coursekit.text import Vocabulary; "
        "print(Vocabulary.build([['b', 'a', 'c', 'd'], ['d', 'e', 'f']]).words)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_an_unlisted_word_is_unknown_and_counted():
    vocabulary = Vocabulary.build([["a", "a", "b"]], min_count=2)
    assert vocabulary.encode(["a", "b", "z"]) == [4, 1, 1]
    assert vocabulary.unknown_rate([["a", "b"], ["z", "a"]]) == 2 / 4
    assert vocabulary.unknown_rate([]) == 0


def test_a_word_that_looks_like_a_special_gets_no_second_entry():
    assert Vocabulary.build([["<unk>", "a"]]).words.count("<unk>") == 1


@pytest.mark.parametrize("i", [-1, 5])
def test_an_id_out_of_range_is_refused(i):
    with pytest.raises(IndexError, match=f"between 0 and 4, got {i}"):
        Vocabulary.build([["a"]]).decode([i])


@pytest.mark.parametrize(
    ("settings", "reason"), [({"min_count": 0}, "'min_count'"), ({"max_size": 3}, "'max_size'")]
)
def test_impossible_settings_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        Vocabulary.build([["a"]], **settings)


def test_a_text_that_was_not_tokenised_is_refused():
    with pytest.raises(
        TypeError, match="must be a list of words, got the string 'a text'; tokenise the text"
    ):
        Vocabulary.build(["a text"])


def test_words_without_specials_are_refused():
    with pytest.raises(ValueError, match="must start with"):
        Vocabulary(("a",), (1,))


@pytest.mark.parametrize(
    "use",
    [
        lambda v: v.encode("good film"),
        lambda v: v.encode(b"good film"),
        lambda v: v.unknown_rate(["good film"]),
    ],
)
def test_a_text_in_place_of_words_is_refused_with_the_mend(use):
    with pytest.raises(TypeError, match="'tokens' must be a list of words, got .*; tokenise the text first"):
        use(Vocabulary.build([["good", "film"]]))


@pytest.mark.parametrize(
    "use",
    [
        lambda: encode("good film", Vocabulary.build([["good", "film"]])),
        lambda: Encoder.fit([["good", "film"]], TextConfig(min_count=1)).encode("good film"),
        lambda: BytePairs.learn("good film", 2),
        lambda: Split("ab", (0, 1)),
    ],
)
def test_one_text_in_place_of_several_is_refused_with_the_mend(use):
    with pytest.raises(TypeError, match=r"'texts' must be a list of texts, got one.*: \[text\]"):
        use()
