"""Bad input: a clear error or a stated result, and never a long wait."""

import time

import pytest

from coursekit.data.mirror import read_rutweetcorp
from coursekit.data.tables import DataError, read_frame
from coursekit.text import BytePairs, Vocabulary, clean, tokenise
from coursekit.text.emoticons import remove_emoticons
from coursekit.text.morphology import Lemmatiser, fold_yo, mixed_alphabets, normal_form, stems
from coursekit.text.negation import glue_negation
from coursekit.text.stopwords import stop_words

OF_TEXT = [clean, tokenise, remove_emoticons, fold_yo, mixed_alphabets, normal_form]
OF_WORDS = [glue_negation, Lemmatiser(str.lower).lemmas, lambda tokens: stems(tokens, "ru")]
NOT_UTF8 = "привет".encode("cp1251")
PAIRS = BytePairs.learn(["привет, мир"] * 3, 10)

by_name = pytest.mark.parametrize("function", OF_TEXT, ids=lambda f: f.__name__)


@by_name
@pytest.mark.parametrize("value", [None, float("nan"), NOT_UTF8, 12, ["а"]], ids=repr)
def test_what_is_not_text_is_refused_with_its_type(function, value):
    with pytest.raises(TypeError, match=f"must be a string, got {type(value).__name__}"):
        function(value)


@pytest.mark.parametrize("function", [stems, glue_negation, Lemmatiser().lemmas])
def test_a_string_or_nothing_in_place_of_words_is_refused(function):
    more = ("ru",) if function is stems else ()
    for value in ("не люблю", None):
        with pytest.raises(TypeError):
            function(value, *more)


@pytest.mark.parametrize(
    "function", [normal_form, lambda w: Lemmatiser().lemmas([w]), lambda w: stems([w], "ru")]
)
def test_nothing_among_the_words_is_refused(function):
    with pytest.raises(TypeError, match="must be a string, got NoneType"):
        function(None)


def test_a_table_that_is_not_utf8_names_the_byte(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(b"text,label\n" + NOT_UTF8 + b",1\n")
    with pytest.raises(DataError, match="must be UTF-8, byte 1?1 is not; convert the file"):
        read_frame(path)


def test_the_tweets_that_are_not_utf8_name_their_file(tmp_path):
    for stem in ("positive", "negative"):
        (tmp_path / f"{stem}.csv").write_bytes(b"1;2;3;" + NOT_UTF8 + b"\n")
    with pytest.raises(DataError, match="negative.csv: must be UTF-8"):
        read_rutweetcorp(tmp_path)


def test_an_empty_text_is_an_empty_result():
    assert clean("") == remove_emoticons("") == fold_yo("") == ""
    assert tokenise("") == glue_negation([]) == stems([], "ru") == Lemmatiser().lemmas([]) == []
    assert not mixed_alphabets("")


@pytest.mark.parametrize("text", [":)", "👍🏽", "   ", "!!!", "((("])
def test_a_text_may_be_empty_after_cleaning(text):
    assert tokenise(remove_emoticons(clean(text))) == []


def test_yo_and_ye_are_two_letters_until_they_are_folded():
    words = tokenise("ёлка елка")
    assert len(set(words)) == 2 and len({fold_yo(word) for word in words}) == 1
    assert len(set(Lemmatiser().lemmas(words))) == 1, "the dictionary knows both spellings"


def test_look_alikes_are_unknown_words():
    vocabulary = Vocabulary.build([["собака"]])
    assert vocabulary.encode(["собака", "cобака"]) == [4, vocabulary.unk]


@pytest.mark.parametrize("emoji", ["👍🏽", "👩‍👩‍👧‍👦", "🇷🇺", "❤️"])
def test_emoji_with_modifiers_are_no_words_and_survive_encoding(emoji):
    assert tokenise(f"да {emoji} нет") == ["да", "нет"]
    assert remove_emoticons(f"да {emoji} нет") == "да нет"
    assert PAIRS.decode(PAIRS.encode(emoji)) == emoji


@pytest.mark.parametrize(
    "piece",
    [
        "а",
        " ",
        "(",
        ")",
        ":)",
        "xD",
        "^",
        "^_",
        "9(",
        "))0",
        "<",
        "<b",
        "&amp;",
        "http://(",
        "👍🏽",
        "\u200d",
        "'",
        "а(а",
        "_",
    ],
)
@pytest.mark.parametrize("function", [clean, tokenise, remove_emoticons], ids=lambda f: f.__name__)
def test_a_line_of_a_megabyte_takes_its_length(function, piece):
    line = piece * (1_000_000 // len(piece))
    start = time.process_time()
    function(line)
    assert time.process_time() - start < 2.0


def test_words_of_a_megabyte_are_cut_and_lemmatised_in_time():
    tokens = tokenise("не люблю дождь и небо " * 45_000)
    start = time.process_time()
    kept = [word for word in glue_negation(tokens) if word not in stop_words("ru")]
    assert Lemmatiser().lemmas(kept)[:3] == ["не_любить", "дождь", "небо"]
    assert time.process_time() - start < 2.0
