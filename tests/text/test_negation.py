"""A negation is joined with the word after it, and with nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.text import tokenise
from coursekit.text.negation import NEGATORS, glue_negation


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Я не люблю дождь", "я не_люблю дождь"),
        ("Небо не серое", "небо не_серое"),
        ("Ни разу не опоздал", "ни_разу не_опоздал"),
        ("Нет, не надо. Нет!", "нет не_надо нет"),
        ("Нет, не", "нет не"),
        ("не-не-не, спасибо", "не_не_не_спасибо"),
        ("It is not good, note it", "it is not_good note it"),
        ("I don't like it, I can’t", "i do not_like it i ca not"),
        ("", ""),
    ],
)
def test_the_word_after_is_joined(text, words):
    assert glue_negation(tokenise(text)) == words.split()


def test_the_tokens_of_nltk_give_the_same():
    assert glue_negation(["do", "n't", "like"]) == glue_negation(["don't", "like"]) == ["do", "not_like"]


def test_case_is_the_callers():
    assert glue_negation(["Не", "Люблю"]) == ["Не_Люблю"]


@given(st.lists(st.sampled_from(["не", "ни", "not", "небо", "да", "note", "it"]), max_size=12))
def test_cutting_at_the_joints_gives_the_words_back(tokens):
    glued = glue_negation(tokens)
    assert [word for token in glued for word in token.split("_")] == tokens
    assert not NEGATORS & set(glued[:-1]), "only the end of a text leaves a negation alone"


def test_a_string_is_refused():
    with pytest.raises(TypeError, match="'tokens' must be a list of words, got the string 'не люблю'"):
        glue_negation("не люблю")
