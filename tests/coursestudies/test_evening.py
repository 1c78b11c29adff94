"""The study behind the evening page reads the tweets as the page does."""

from coursekit.text import tokenise
from coursestudies.tasks import lemmas_of


def test_a_tweet_is_prepared_as_on_the_page():
    text = "RT @anna_k: Я не люблю, когда небо серое :D http://t.co/D"
    assert lemmas_of(text) == "я не любить когда небо серый"
    assert tokenise(lemmas_of(text)) == lemmas_of(text).split()


def test_a_tweet_of_a_smiley_has_no_word():
    assert lemmas_of("@anna_k :)") == ""
