"""Names of accounts and rude words are masked; everything else stays as it is. The rude words are made from rot13."""

import codecs
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.text import masking
from coursekit.text.masking import mask

RUDE = [codecs.decode(hidden, "rot13") for hidden in masking._STEMS]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("@anna_k: yes", "@user: yes"),
        ("(@a @b)", "(@user @user)"),
        ("RT@a and .@Ivan7!", "RT@user and .@user!"),
        ("write to a@b.org", "write to a@user.org"),
        ("привет @Маша", "привет @user"),
        ("@ noon", "@ noon"),
    ],
)
def test_names_of_accounts_go(text, masked):
    assert mask(text) == mask(masked) == masked


@pytest.mark.parametrize("word", RUDE, ids=masking._STEMS)
def test_rude_words_keep_their_first_letter(word):
    first, stars = word[0], "*" * (len(word) - 1)
    assert mask(f"{word.title()} it") == f"{first.upper()}{stars} it"
    assert mask(f"{word}ed, {word.upper()}!") == f"{first}{stars}**, {first.upper()}{stars}!"
    assert mask(f"#{word}it _{word}") == f"#{first}{stars}** _{first}{stars}"
    assert mask(f"a {word}y's {'x' + word}") == f"a {first}{stars}*'s x{word}", (
        "inside a word it is another word"
    )


@given(
    st.lists(
        st.sampled_from([*RUDE, "ё", "Ж", " ", "#", "@", "'", ".", "x", *string.ascii_uppercase]), max_size=12
    )
)
def test_masking_twice_is_masking_once(pieces):
    once = mask("".join(pieces))
    assert mask(once) == once


def test_the_list_cannot_be_read_in_the_source():
    with open(masking.__file__, encoding="utf-8") as source:
        text = source.read().lower()
    assert len(RUDE) > 10 and not [word for word in RUDE if word in text]


def test_harmless_words_are_left_alone():
    said = "Dickens, Scunthorpe, cocktail, class, assess, grape, Pakistan, spice, passion, pistachio"
    assert mask(said) == said
