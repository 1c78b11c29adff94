"""Masking: names of accounts and rude words made unreadable before a text is shown to anybody.

For pages and printouts only. A model reads the texts as they are: what is masked would be missing from its vocabulary.
"""

from __future__ import annotations

import codecs
import re

# Beginnings of words, in rot13 so that no page and no search shows them.
_STEMS = (
    "shpx", "fuvg", "ovgpu", "phag", "avtt", "sntt", "ergneq", "juber", "fyhg", "onfgneq", "nffubyr", "zbgures",
    "ohyyfu", "qvpxurnq", "xvxr", "genaal", "jnax", "gjng", "cvff",
)  # fmt: skip
_RUDE = re.compile(rf"(?<![^\W_])(?:{'|'.join(codecs.decode(s, 'rot13') for s in _STEMS)})\w*", re.IGNORECASE)
_HANDLE = re.compile(r"@\w+")  # wherever it stands: after "RT", and in an address, which names somebody too


def mask(text: str) -> str:
    """Replace the names of accounts, and keep only the first letter of every rude word.

    Examples
    --------
    >>> mask("thanks @anna_k and .@bob!")
    'thanks @user and .@user!'
    """
    return _RUDE.sub(lambda word: word[0][0] + "*" * (len(word[0]) - 1), _HANDLE.sub("@user", text))
