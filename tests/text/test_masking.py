"""Names of accounts and rude words are masked; everything else stays as it is. Mild words stand in for rude ones."""

import codecs
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.text import masking
from coursekit.text.masking import mask, mask_handles, mask_profanity

MILD = ("darn", "heck")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("@anna_k: yes", "@user: yes"),
        ("(@a @b)", "(@user @user)"),
        ("RT@a and .@Ivan7!", "RT@a and .@user!"),
        ("write to a@b.org", "write to a@b.org"),
        ("привет @Маша", "привет @user"),
        ("@ noon", "@ noon"),
    ],
)
def test_names_of_accounts_go(text, masked):
    assert mask_handles(text) == masked
    assert mask_handles(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Darn it", "D*** it"),
        ("darned, HECK!", "d*****, H***!"),
        ("#darnit @heckler _darn", "#d***** @h****** _d***"),
        ("a check of a yarn", "a check of a yarn"),  # inside a word it is another word
        ("", ""),
    ],
)
def test_rude_words_keep_their_first_letter(text, masked):
    assert mask_profanity(text, MILD) == masked


@given(st.text(alphabet=string.ascii_letters + " #@'.!ёЖ", max_size=60))
def test_masking_twice_is_masking_once_and_keeps_the_length(text):
    once = mask_profanity(text, MILD)
    assert len(once) == len(text) and mask_profanity(once, MILD) == once
    assert mask(mask(text)) == mask(text)


def test_the_list_of_the_course_is_used_and_cannot_be_read_in_the_source():
    for hidden in masking._STEMS:
        stem = codecs.decode(hidden, "rot13")
        assert mask(f"you {stem}s @a") == f"you {stem[0]}{'*' * len(stem)} @user"
        assert mask_profanity(f"#{stem.upper()}") == f"#{stem[0].upper()}{'*' * (len(stem) - 1)}"


def test_harmless_words_are_left_alone():
    said = "Dickens, Scunthorpe, cocktail, class, assess, grape, Pakistan, spice, passion, pistachio"
    assert mask_profanity(said) == said


def test_no_words_mask_nothing_and_an_empty_one_is_refused():
    assert mask_profanity("Darn", ()) == "Darn"
    with pytest.raises(ValueError, match="no empty beginning"):
        mask_profanity("Darn", ["darn", ""])
