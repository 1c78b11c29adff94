"""Masking: names of accounts and rude words made unreadable before a text is shown to anybody.

For pages and printouts only. A model reads the texts as they are: what is masked would be missing from its vocabulary.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache

# Beginnings of words, in rot13 so that no page and no search shows them.
_STEMS = (
    "shpx", "fuvg", "ovgpu", "phag", "avtt", "sntt", "ergneq", "juber", "fyhg", "onfgneq", "nffubyr", "zbgures",
    "ohyyfu", "qvpxurnq", "xvxr", "genaal", "jnax", "gjng", "cvff",
)  # fmt: skip
_HANDLE = re.compile(r"(?<!\w)@\w+")
NOBODY = "@user"


def mask_handles(text: str) -> str:
    """Replace the names of accounts.

    Notes
    -----
    An address such as ``a@b.org`` is none.

    Examples
    --------
    >>> mask_handles("thanks @anna_k and .@bob!")
    'thanks @user and .@user!'
    """
    return _HANDLE.sub(NOBODY, text)


def mask_profanity(text: str, words: Iterable[str] | None = None) -> str:
    """Keep the first letter of every rude word and put stars for the others.

    Parameters
    ----------
    words : iterable of str, optional
        Beginnings of words, in small letters; a short list of English ones, if left out.

    Returns
    -------
    str
        As long as the text.

    Raises
    ------
    ValueError
        If a beginning is empty: it would match every word.

    Examples
    --------
    >>> mask_profanity("What a darned, #Darn day in Darnley", words=["darn"])
    'What a d*****, #D*** day in D******'
    """
    pattern = _pattern(tuple(words) if words is not None else None)
    if pattern is None:
        return text
    return pattern.sub(lambda found: found[0][0] + "*" * (len(found[0]) - 1), text)


def mask(text: str) -> str:
    """Mask names and rude words, for showing."""
    return mask_profanity(mask_handles(text))


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...] | None) -> re.Pattern[str] | None:
    stems = [codecs.decode(stem, "rot13") for stem in _STEMS] if words is None else list(words)
    if not all(stems):
        raise ValueError("'words' must hold no empty beginning: it would match every word.")
    if not stems:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, stems))})\w*", re.IGNORECASE)
