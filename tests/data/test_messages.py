"""The Russian messages: enough of them, balanced, none like another, parts fixed."""

import re
import unicodedata
from collections import Counter

import pytest

import coursekit as ck
from coursekit.data.messages import messages_table
from coursekit.text import tokenise


@pytest.fixture(scope="module")
def table():
    return messages_table()


def test_there_are_enough_and_they_balance(table):
    assert len(table) >= 1_200
    for part in ("train", "validation", "test"):
        assert abs(table.loc[table["part"] == part, "label"].mean() - 0.5) < 0.02


def shingles(text, n=5):
    text = re.sub(r"\W+", " ", text.lower())
    return {text[i : i + n] for i in range(len(text) - n + 1)}


def test_no_message_is_like_another(table):
    """Jaccard similarity of letter 5-grams; 0.8 would be a near-duplicate, none comes even to 0.6."""
    sets = [shingles(text) for text in table["text"]]
    holders = {}
    for i, found in enumerate(sets):
        for shingle in found:
            holders.setdefault(shingle, []).append(i)
    shared = Counter(
        (a, b) for rows in holders.values() if len(rows) < 80 for k, b in enumerate(rows) for a in rows[:k]
    )
    worst = max(n / len(sets[a] | sets[b]) for (a, b), n in shared.items())
    assert worst < 0.6


def test_every_column_is_used_and_clean(table):
    assert set(table["label"]) == set(table["irony"]) == set(table["emoticon"]) == {0, 1}
    assert set(table["part"]) == {"train", "validation", "test"} and table["topic"].nunique() >= 8
    for text in table["text"]:
        assert text == text.strip() and text == unicodedata.normalize("NFC", text) and "\t" not in text
        assert 2 <= len(tokenise(text)) <= 40, text


def test_letters_are_not_mixed_within_a_word(table):
    for text in table["text"]:
        for word in tokenise(text):
            assert not (re.search("[a-z]", word) and re.search("[а-яё]", word)), word


def test_there_is_enough_of_what_the_course_asks_for(table):
    assert table["irony"].sum() >= 60 and table["emoticon"].sum() >= 100
    words = [set(tokenise(text)) for text in table["text"]]
    assert (
        sum("не" in w for w in words) > 200
        and sum(bool(w & {"но", "а", "хотя", "зато"}) for w in words) > 200
    )


def test_emoticons_go_with_their_column(table):
    sign = re.compile(r"[:;=xX8]['-]?[)(DPp*]|[)(]{2,}|[а-яё][)(](?:\s|$)|\^_\^|хД|xD")
    seen = table["text"].str.contains(sign)
    assert (seen == (table["emoticon"] == 1)).mean() > 0.97


def test_it_loads_as_itself_and_as_a_stand_in(capsys):
    messages = ck.load("ru_messages")
    assert messages.language == "ru" and messages.source.kind == "stand-in"
    tweets = ck.load("ru_tweets")
    assert tweets.name == "ru_messages" and tweets.test == messages.test
    assert "ru_tweets is out of reach" in capsys.readouterr().out


def test_the_parts_share_no_text(table):
    assert table["text"].str.lower().nunique() == len(table)
