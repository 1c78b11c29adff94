"""Forms of a word: letters that look alike, stems that cut, lemmas that look up.

Russian writes one noun in a dozen forms. A *stem* is what rules leave after cutting endings (Porter's Snowball, in
NLTK). A *lemma* is the form that a dictionary lists; ``pymorphy3`` finds it (Korobov, 2015, "Morphological analyzer
and generator for Russian and Ukrainian languages").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from coursekit.text.guards import require_text, require_words

ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")
STEMMERS = {"en": "english", "ru": "russian"}
_FOLD = str.maketrans("ёЁ", "еЕ")


def fold_yo(text: str) -> str:
    """Write "е" for "ё", as most Russian texts do anyway.

    It also makes "все" (everybody) of "всё" (everything), which is the price. A "ё" that is written as two characters,
    "е" and a combining diaeresis, becomes one.

    >>> fold_yo("Ёлка, всё")
    'Елка, все'
    """
    require_text(text)
    return text.replace("е\u0308", "е").replace("Е\u0308", "Е").translate(_FOLD)


def mixed_alphabets(word: str) -> bool:
    """Tell whether a word mixes Latin, Cyrillic or Greek letters, such as a Latin "c" in "cобака".

    Such a word looks like another and is not equal to it, so no vocabulary finds it. A hyphen begins a new word:
    "IT-отдел" is not mixed.

    >>> mixed_alphabets("собака"), mixed_alphabets("cобака"), mixed_alphabets("IT-отдел")
    (False, True, False)
    """
    require_text(word)
    return any(len(_alphabets(part)) > 1 for part in word.split("-"))


def _alphabets(word: str) -> set[str]:
    names = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
    return names.intersection(ALPHABETS)


def stems(tokens: Iterable[str], language: str) -> list[str]:
    """Cut the endings of English ("en") or Russian ("ru") words by rules, with NLTK's Snowball stemmer.

    A stem, in lower case, need not be a word.

    >>> stems(["running", "studies", "ran"], "en"), stems(["котами", "коты"], "ru")
    (['run', 'studi', 'ran'], ['кот', 'кот'])
    """
    if language not in STEMMERS:
        raise ValueError(f"'language' must be one of {tuple(STEMMERS)}, got {language!r}.")
    require_words(tokens)
    return list(map(_stemmer(language), tokens))


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    from nltk.stem.snowball import SnowballStemmer  # imported here: NLTK takes a second to load

    cut = SnowballStemmer(STEMMERS[language]).stem

    @cache
    def stem(word: str) -> str:
        require_text(word)
        return cut(word)

    return stem


def normal_form(word: str) -> str:
    """Return the most probable normal form of a Russian word, in lower case; no memory.

    A word that the dictionary does not list is guessed from its ending; one in another alphabet stays.

    >>> normal_form("хорошего"), normal_form("News")
    ('хороший', 'news')
    """
    require_text(word)
    return _analyser().parse(word)[0].normal_form


@cache
def _analyser():
    import pymorphy3  # imported here: reading its dictionary takes a moment

    return pymorphy3.MorphAnalyzer()


class Lemmatiser:
    """Russian lemmas with a memory: each different word is looked up once, by :func:`normal_form` or another function.

    Running text repeats its words, so after a first pass nearly every word is answered from a dictionary of Python. The
    memory grows with the vocabulary of the text, not with its length. Each word is taken on its own: its neighbours are
    not asked.

    >>> lemmatiser = Lemmatiser()
    >>> lemmatiser.lemmas(["люди", "шли", "мимо", "людей", "люди"])
    ['человек', 'идти', 'мимо', 'человек', 'человек']
    >>> lemmatiser.hits, lemmatiser.misses
    (1, 4)
    """

    def __init__(self, analyse: Callable[[str], str] = normal_form) -> None:
        self._lemma = cache(analyse)

    @property
    def hits(self) -> int:
        """Words answered from memory, since the start."""
        return self._lemma.cache_info().hits

    @property
    def misses(self) -> int:
        """Words that had to be analysed: the size of the memory."""
        return self._lemma.cache_info().misses

    def lemmas(self, tokens: Iterable[str]) -> list[str]:
        """Return one lemma for each word, in order."""
        require_words(tokens)
        return list(map(self._lemma, tokens))

    def __repr__(self) -> str:
        return f"Lemmatiser({self.misses} words known, {self.hits} hits)"
