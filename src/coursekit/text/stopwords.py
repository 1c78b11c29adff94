"""Stop words: frequent words that a list calls empty. Some of them are not.

The lists are those of the ``stop-words`` package. They hold "not" and "good", "не" and "хорошо": without these words
a text may say the opposite, or nothing. Here they are kept unless the caller asks for the raw list.
"""

from __future__ import annotations

from functools import lru_cache

# Words of the lists that negate, limit, contrast, or say what somebody thinks of a thing.
_KEPT = {
    "en": """
        no nor not non none never neither nobody nothing nowhere noone no-one cannot cant can't without unless hardly
        unlike unlikely unfortunately hopefully but however although though despite nevertheless nonetheless yet only
        too very more most less least enough almost nearly quite rather really truly
        good better best well great greater greatest like liked welcome thank thanks thanx please appreciate
        interesting interested useful usefulness awfully poorly sorry serious seriously failing problem problems
        want wanted wants wish help hell proud sincere clear sensible reasonably worked works empty doubtful
        """,
    "ru": """
        не ни нет нельзя ничего никогда никуда без мало немного недавно недалеко нередко несколько меньше менее
        но однако зато хотя хоть впрочем только лишь даже почти слишком совсем очень более больше наиболее
        хорошо лучше прекрасно пожалуйста спасибо важная важное важные важный нужно надо можно
        """,
}
_NEGATIVE_ENDINGS = ("n't", "n’t")
_BARE_CONTRACTIONS = frozenset(
    "aint arent couldnt darent didnt doesnt dont hadnt hasnt havent isnt maynt mightnt mustnt neednt oughtnt shant "
    "shouldnt wasnt werent wont wouldnt ain aren couldn didn doesn don hadn hasn haven isn mayn mightn mustn needn "
    "oughtn shan shouldn wasn weren won wouldn".split()
)


def stop_words(language: str, *, keep_sentiment: bool = True) -> frozenset[str]:
    """Return words that may be dropped from a text.

    Parameters
    ----------
    language : {"en", "ru"}
    keep_sentiment : bool, default True
        Take negation, contrast, degree and sentiment off the list, so that they stay in the text. With False, the
        raw list of the ``stop-words`` package.

    Returns
    -------
    frozenset of str
        In lower case.

    Raises
    ------
    ValueError
        If the language is neither of the two.

    Notes
    -----
    The package's lists have grown over the years, so their size depends on its version.

    Examples
    --------
    >>> "не" in stop_words("ru"), "не" in stop_words("ru", keep_sentiment=False)
    (False, True)
    """
    if language not in _KEPT:
        raise ValueError(f"'language' must be one of {tuple(_KEPT)}, got {language!r}.")
    return _without_meaning(language) if keep_sentiment else _raw(language)


def carries_meaning(word: str, language: str) -> bool:
    """Tell whether a listed word negates, limits, contrasts, or says what somebody thinks.

    Parameters
    ----------
    word : str
        In lower case.
    language : {"en", "ru"}

    Raises
    ------
    ValueError
        If the language is neither of the two.
    """
    if language not in _KEPT:
        raise ValueError(f"'language' must be one of {tuple(_KEPT)}, got {language!r}.")
    if word in _kept(language):
        return True
    return language == "en" and (word.endswith(_NEGATIVE_ENDINGS) or word in _BARE_CONTRACTIONS)


@lru_cache(maxsize=2)
def _kept(language: str) -> frozenset[str]:
    return frozenset(_KEPT[language].split())


@lru_cache(maxsize=2)
def _without_meaning(language: str) -> frozenset[str]:
    return frozenset(word for word in _raw(language) if not carries_meaning(word, language))


@lru_cache(maxsize=2)
def _raw(language: str) -> frozenset[str]:
    from stop_words import get_stop_words

    return frozenset(get_stop_words(language))
