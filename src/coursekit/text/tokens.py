"""Tokens: cut a text into words."""

from __future__ import annotations

import re
import unicodedata

from coursekit.text.guards import require_text

# Accents and vowel signs that are characters of their own. They belong to the letter before, and \w does not hold them.
_ACCENTS = "".join(
    sign for sign in map(chr, range(0x300, 0x20D0)) if unicodedata.category(sign) in ("Mn", "Mc")
)
_WORD = re.compile(rf"[^\W_]+(?:[{_ACCENTS}][^\W_]*|'[^\W_]+)*")
_WORD_OR_MARK = re.compile(rf"{_WORD.pattern}|[^\w\s]|_")
# Apostrophes have several shapes. A soft hyphen or a word joiner is not seen, and may stand in the middle of a word.
_ONE_SPELLING = str.maketrans(dict.fromkeys("’‘ʼ＇", "'") | dict.fromkeys("\u00ad\u2060"))


def tokenise(text: str, *, lower: bool = True, marks: bool = False) -> list[str]:
    """Cut a text into words with one regular expression; with ``marks``, each punctuation mark is a token of its own.

    A word is a run of letters and digits, with apostrophes allowed inside ("don't" stays whole). The rule is the same
    for every alphabet. What looks the same is the same word: accents are composed (Unicode's NFC), curly apostrophes
    become straight, and soft hyphens vanish.

    >>> tokenise("I don't like it. Не люблю!")
    ['i', "don't", 'like', 'it', 'не', 'люблю']
    """
    require_text(text)
    text = text.lower() if lower else text
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_ONE_SPELLING))
    return (_WORD_OR_MARK if marks else _WORD).findall(text)
