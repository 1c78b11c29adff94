"""Forms of a word: letters that look alike, stems that cut, lemmas that look up.

Russian writes one noun in a dozen forms. A *stem* is what rules leave after cutting endings (Porter's Snowball, in
NLTK). A *lemma* is the form that a dictionary lists; ``pymorphy3`` finds it (Korobov, 2015, "Morphological analyzer
and generator for Russian and Ukrainian languages").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")
STEMMERS = {"en": "english", "ru": "russian"}
_FOLD = str.maketrans("ёЁ", "еЕ")


def fold_yo(text: str) -> str:
    """Write "е" for "ё", as most Russian texts do anyway.

    Returns
    -------
    str
        As long as a composed ``text``; an "е" followed by a combining diaeresis loses the diaeresis too.

    Raises
    ------
    TypeError
        If ``text`` is not a string.

    Notes
    -----
    It also makes "все" (everybody) of "всё" (everything), which is the price.

    Examples
    --------
    >>> fold_yo("Ёлка, всё")
    'Елка, все'
    """
    _require_text(text)
    return text.replace("е\u0308", "е").replace("Е\u0308", "Е").translate(_FOLD)


def mixed_alphabets(word: str) -> bool:
    """Tell whether a word mixes Latin, Cyrillic or Greek letters, such as a Latin "c" in "cобака".

    Returns
    -------
    bool
        False for a word without letters.

    Raises
    ------
    TypeError
        If ``word`` is not a string.

    Notes
    -----
    Such a word looks like another and is not equal to it, so no vocabulary finds it. A hyphen begins a new word:
    "IT-отдел" is not mixed.

    Examples
    --------
    >>> mixed_alphabets("собака"), mixed_alphabets("cобака"), mixed_alphabets("IT-отдел")
    (False, True, False)
    """
    _require_text(word)
    return any(len(_alphabets(part)) > 1 for part in word.split("-"))


def stems(tokens: Iterable[str], language: str) -> list[str]:
    """Cut the endings of words by rules, with NLTK's Snowball stemmer.

    Parameters
    ----------
    language : {"en", "ru"}

    Returns
    -------
    list of str
        In lower case. A stem need not be a word.

    Raises
    ------
    ValueError
        If the language is neither of the two.
    TypeError
        If ``tokens`` is one string.

    Notes
    -----
    Needs no download.

    Examples
    --------
    >>> stems(["running", "studies", "ran"], "en"), stems(["котами", "коты"], "ru")
    (['run', 'studi', 'ran'], ['кот', 'кот'])
    """
    if language not in STEMMERS:
        raise ValueError(f"'language' must be one of {tuple(STEMMERS)}, got {language!r}.")
    _require_list(tokens)
    memory = _stem_memory(language)
    return [memory[token] for token in tokens]


class Lemmatiser:
    """Russian lemmas with a memory: each different word is looked up once.

    Running text repeats its words, so after a first pass nearly every word is answered from a dictionary of Python.

    Parameters
    ----------
    analyse : callable from str to str, optional
        Gives the lemma of one word; the most probable normal form of ``pymorphy3`` if left out.

    Attributes
    ----------
    hits, misses : int
        Words answered from memory, and words that had to be analysed, since the start.

    Notes
    -----
    The memory grows with the vocabulary of the text, not with its length. Each word is taken on its own: its
    neighbours are not asked.

    Examples
    --------
    >>> lemmatiser = Lemmatiser()
    >>> lemmatiser.lemmas(["люди", "шли", "мимо", "людей"])
    ['человек', 'идти', 'мимо', 'человек']
    >>> lemmatiser.lemmas(["люди", "люди"]), lemmatiser.hits, lemmatiser.misses, lemmatiser.known()
    (['человек', 'человек'], 2, 4, 4)
    """

    def __init__(self, analyse: Callable[[str], str] | None = None) -> None:
        self._memory = _Memory(analyse or normal_form)
        self._words = 0

    @property
    def hits(self) -> int:
        """Words answered from memory."""
        return self._words - self.misses

    @property
    def misses(self) -> int:
        """Words that had to be analysed: the size of the memory."""
        return len(self._memory)

    def known(self) -> int:
        """Return how many different words are remembered."""
        return len(self._memory)

    def lemma(self, word: str) -> str:
        """Return the lemma of one word.

        Raises
        ------
        TypeError
            If ``word`` is not a string.
        """
        _require_text(word)
        self._words += 1
        return self._memory[word]

    def lemmas(self, tokens: Iterable[str]) -> list[str]:
        """Return one lemma for each word, in order.

        Raises
        ------
        TypeError
            If ``tokens`` is one string, or holds something other than strings.
        """
        _require_list(tokens)
        memory = self._memory
        found = [memory[token] for token in tokens]
        self._words += len(found)
        return found

    def __repr__(self) -> str:
        return f"Lemmatiser({self.known()} words known, {self.hits} hits, {self.misses} misses)"


def normal_form(word: str) -> str:
    """Return the most probable normal form of a Russian word, in lower case; no memory.

    Parameters
    ----------
    word : str
        A word that the dictionary does not list is guessed from its ending; one in another alphabet stays.

    Raises
    ------
    TypeError
        If ``word`` is not a string.

    Examples
    --------
    >>> normal_form("хорошего"), normal_form("News")
    ('хороший', 'news')
    """
    _require_text(word)
    return _analyser().parse(word)[0].normal_form


class _Memory(dict):
    """A dictionary that works out an entry when it is first asked for."""

    def __init__(self, work: Callable[[str], str]) -> None:
        super().__init__()
        self.work = work

    def __missing__(self, word: str) -> str:
        found = self.work(word)
        self[word] = found
        return found


def _require_text(text: object) -> None:
    if not isinstance(text, str):
        raise TypeError(f"'text' must be a string, got {type(text).__name__}; drop missing texts first.")


def _require_list(tokens: object) -> None:
    if isinstance(tokens, str) or not isinstance(tokens, Iterable):
        kind = type(tokens).__name__
        raise TypeError(f"'tokens' must be a list of words, got {kind}; tokenise the text first.")


def _alphabets(word: str) -> set[str]:
    names = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
    return names.intersection(ALPHABETS)


@lru_cache(maxsize=1)
def _analyser():
    import pymorphy3  # imported here: reading its dictionary takes a moment

    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=2)
def _stem_memory(language: str) -> _Memory:
    from nltk.stem.snowball import SnowballStemmer  # imported here: NLTK takes a second to load

    stem = SnowballStemmer(STEMMERS[language]).stem

    def work(word: str) -> str:
        _require_text(word)
        return stem(word)

    return _Memory(work)
