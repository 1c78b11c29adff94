"""The raw lists delete what a text means; the course's lists do not."""

import pytest

from coursekit.text.negation import NEGATORS
from coursekit.text.stopwords import stop_words

MEANT = {
    "ru": "не ни нет без нельзя никогда но хорошо прекрасно лучше спасибо очень".split(),
    "en": "not no nor never without but good better best well great like very don't can't won't".split(),
}
EMPTY = {"ru": "и в на что это как".split(), "en": "the of and a to is".split()}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_raw_list_would_delete_what_is_meant(language):
    assert set(MEANT[language]) <= stop_words(language, keep_sentiment=False)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_meant_stays_and_empty_words_go(language):
    listed = stop_words(language)
    assert not listed & set(MEANT[language])
    assert not listed & NEGATORS
    assert set(EMPTY[language]) <= listed


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_list_is_a_part_of_the_raw_one(language):
    assert stop_words(language) < stop_words(language, keep_sentiment=False)


def test_every_contraction_with_not_stays():
    assert [word for word in stop_words("en") if word.endswith(("n't", "n’t"))] == []
    assert not stop_words("en") & {"dont", "wont", "isnt", "cannot", "didn"}


def test_the_lists_of_the_package_are_not_changed_by_the_caller():
    assert isinstance(stop_words("ru"), frozenset)
    assert stop_words("en") == stop_words("en")


@pytest.mark.parametrize("language", ["de", "english", None])
def test_another_language_is_refused(language):
    with pytest.raises(ValueError, match="'language' must be one of"):
        stop_words(language)
