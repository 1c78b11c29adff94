"""Stop words: frequent words that a list calls empty. Some of them are not.

The lists are those of the ``stop-words`` package. They hold "not" and "good", "не" and "хорошо": without these words
a text may say the opposite, or nothing. Here they are kept unless the caller asks for the raw list.
"""

from __future__ import annotations

from functools import cache

from coursekit.text.negation import CONTRACTIONS

# Words of the lists that negate, limit, contrast, or say what somebody thinks of a thing.
_MEANINGFUL = {
    "en": frozenset(
        """
        no nor not non none never neither nobody nothing nowhere noone no-one cannot cant can't without unless hardly
        unlike unlikely unfortunately hopefully but however although though despite nevertheless nonetheless yet only
        too very more most less least enough almost nearly quite rather really truly
        good better best well great greater greatest like liked welcome thank thanks thanx please appreciate
        interesting interested useful usefulness awfully poorly sorry serious seriously failing problem problems
        want wanted wants wish help hell proud sincere clear sensible reasonably worked works empty doubtful
        aint arent couldnt darent didnt doesnt dont hadnt hasnt havent isnt maynt mightnt mustnt neednt oughtnt shant
        shouldnt wasnt werent wont wouldnt ain aren couldn didn doesn don hadn hasn haven isn mayn mightn mustn needn
        oughtn shan shouldn wasn weren won wouldn
        """.split()
    ),
    "ru": frozenset(
        """
        не ни нет нельзя ничего никогда никуда без мало немного недавно недалеко нередко несколько меньше менее
        но однако зато хотя хоть впрочем только лишь даже почти слишком совсем очень более больше наиболее
        хорошо лучше прекрасно пожалуйста спасибо важная важное важные важный нужно надо можно
        """.split()
    ),
}


@cache
def stop_words(language: str, *, keep_sentiment: bool = True) -> frozenset[str]:
    """Return English ("en") or Russian ("ru") words, in lower case, that may be dropped from a text.

    Negation, contrast, degree and sentiment are taken off the list, so that they stay in the text; with
    ``keep_sentiment=False``, it is the raw list of the ``stop-words`` package. How many there are depends on the
    package's version.

    >>> "не" in stop_words("ru"), "не" in stop_words("ru", keep_sentiment=False)
    (False, True)
    """
    from stop_words import get_stop_words

    if language not in _MEANINGFUL:
        raise ValueError(f"'language' must be one of {tuple(_MEANINGFUL)}, got {language!r}.")
    listed = frozenset(get_stop_words(language))
    if not keep_sentiment:
        return listed
    return frozenset(w for w in listed - _MEANINGFUL[language] if not w.endswith(CONTRACTIONS))
