"""Emoticons go, words and pairs of brackets stay; words that give the label away are found."""

import os
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import load
from coursekit.text import clean, tokenise
from coursekit.text.emoticons import LabelGiver, label_givers, remove_emoticons


@pytest.mark.parametrize(
    "face",
    ":) ;) =) :( ;-( =( :-)))) :'( :D :d ;D =D =Д :DDDd :P :р :з :ЗЗ :с :ССС :* :| :-/ :3 :333 xD XD хД хдд XDDD "
    "^^ ^_^ ^^^ *_* -_- >_< о_О O_o о___О оО о.О T_T х_х х( x) D: с: %) <3 </3 ) )) ( ((( ))))0)) ((99(9( (9((".split(),
)
def test_a_face_goes_and_its_neighbours_stay(face):
    assert remove_emoticons(f"ура {face} да") == "ура да"
    assert remove_emoticons(face) == ""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ура)", "ура"),
        ("жаль(", "жаль"),
        ("жаль(но ладно)", "жаль но ладно"),
        ("сдала)))и спать", "сдала и спать"),
        ("Сижу(\nНе успеваю:(", "Сижу Не успеваю"),
        ("(улыбается) ну да)", "(улыбается) ну да"),
        ("да:D", "да"),
        ("лол :-)но зря", "лол но зря"),
    ],
)
def test_russian_lone_brackets_go(text, left):
    assert remove_emoticons(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "(см. текст)",
        "Да (см. текст), и нет (да (и нет)).",
        "скидка (50%) и друг(ья), f(x)",
        "http://t.co/xD и https://ru.wikipedia.org/wiki/Не_(частица)",
        "встреча в 12:30, счёт 3:0, 2=2, 8:00",
        "Сказал: да; нет; но-о-очень долго, кто-то",
        "@to_over_kill и @o_O",
        "Windows XP, дом, хор, Ооо, сон о доме",
        "a_b 0.0 ... -- «да» [1]",
    ],
)
def test_words_numbers_pairs_and_addresses_stay(text):
    assert remove_emoticons(text) == text


@pytest.mark.parametrize("emoji", ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🇷🇺", "❤️", "☺", "1️⃣", "©️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🤷🏿‍♀️", "⭐"])
def test_an_emoji_goes_as_a_whole(emoji):
    assert remove_emoticons(f"да{emoji}нет") == "да нет"
    assert remove_emoticons(emoji * 3) == ""


def test_faces_must_go_before_the_punctuation():
    text = "Опять дождь :D"
    assert tokenise(text)[-1] == "d"
    assert tokenise(remove_emoticons(text)) == ["опять", "дождь"]


@given(st.text(alphabet="аб ()", max_size=30))
def test_what_stays_of_the_brackets_is_paired(text):
    depth = 0
    for mark in remove_emoticons(text):
        depth += (mark == "(") - (mark == ")")
        assert depth >= 0
    assert depth == 0


@given(st.text(alphabet="абв где", max_size=40))
def test_a_text_without_marks_keeps_every_word(text):
    assert remove_emoticons(text).split() == text.split()


@given(st.text(max_size=60))
def test_nothing_is_added(text):
    left = iter(text)
    assert all(any(mark == other for other in left) for mark in remove_emoticons(text).replace(" ", ""))


def test_label_givers_on_paper():
    lists = [["d", "d", "я"]] * 3 + [["я"]] * 3 + [["нет", "я"]] * 2
    labels = [1, 1, 1, 1, 0, 0, 0, 0]
    assert label_givers(lists, labels, min_count=2, share=0.95) == [
        LabelGiver("d", 1, 3, 1.0),
        LabelGiver("нет", 0, 2, 1.0),
    ]
    assert label_givers(lists, labels, min_count=3) == [LabelGiver("d", 1, 3, 1.0)]
    assert label_givers(lists, labels, min_count=2, share=1.0) == [], "more than all is none"
    assert label_givers([], []) == []


def test_a_word_counts_once_a_text():
    (giver,) = label_givers([["d"] * 100, ["d"]], [1, 1], min_count=2)
    assert giver.texts == 2


def test_bad_orders_are_refused():
    with pytest.raises(ValueError, match="'labels' must be as many as the texts, got 1 for 2 texts"):
        label_givers([["a"], ["b"]], [1])
    with pytest.raises(ValueError, match="'share' must lie between 0 and 1"):
        label_givers([], [], share=95)


def strip_punctuation(text):
    """Cut a text as the published lecture does."""
    return text.translate(str.maketrans("", "", string.punctuation)).lower().split()


def share_right(texts, labels):
    """The part of the texts whose label the brackets and the capital D alone give away; no mark says 1."""
    smiles = [len(re.findall(r"\)|[:=xXхХ]-?[DДdд]+(?!\w)|\^\^", text)) - text.count("(") for text in texts]
    return sum((smile >= 0) == label for smile, label in zip(smiles, labels, strict=True)) / len(labels)


@pytest.mark.parametrize("cut", [tokenise, strip_punctuation])
def test_the_leak_of_the_real_tweets_is_closed(cut):
    if not os.environ.get("COURSEKIT_DATA"):
        pytest.skip("COURSEKIT_DATA is not set: the real tweets are not here")
    train = load("ru_tweets", quiet=True).train
    cleaned = [remove_emoticons(clean(text)) for text in train.texts]
    assert share_right(train.texts, train.labels) >= 0.95
    assert 0.45 < share_right(cleaned, train.labels) < 0.55
    before = {giver.word for giver in label_givers(map(cut, train.texts), train.labels)}
    after = {giver.word for giver in label_givers(map(cut, cleaned), train.labels)}
    assert "d" in before
    assert after <= {"обидно", "жизньболь"}, "only words that say how somebody feels"
