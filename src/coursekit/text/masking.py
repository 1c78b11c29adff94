"""Masking: names of accounts and rude words made unreadable before a text is shown to anybody.

For pages and printouts only. A model reads the texts as they are: what is masked would be missing from its vocabulary.
"""

from __future__ import annotations

import base64
import codecs
import re

# Beginnings of words, in rot13 and base64 so that no page and no search shows them.
_STEMS = (
    "shpx", "fuvg", "ovgpu", "phag", "avtt", "sntt", "ergneq", "juber", "fyhg", "onfgneq", "nffubyr", "zbgures",
    "ohyyfu", "qvpxurnq", "xvxr", "genaal", "jnax", "gjng", "cvff",
)  # fmt: skip
_RUSSIAN_STEMS = (
    "0LHQu9GP0LQg0LHQu9GP0YIg0LHQu9GPKD8hXHcpINGF0YPQuSDRhdGD0LUg0YXRg9GRINGF0YPQuCDRhdGD0Y8g0L/QuNC30LQg"
    "0YHQv9C40LfQtCDRgNCw0YHQv9C40LfQtCDRgdGD0Lpb0LDQuNC10YNdKD8hXHcpINGB0YPRh9C6INC80YPQtNCwINC80YPQtNC+"
    "INC80YPQtNC40Lsg0LPQvtCy0L0g0LTQtdGA0YzQvCDQttC+0L8g0LXQsdCwINGR0LHQsCDQtdCx0Lgg0LXQsdGDINC10LHQuyDQ"
    "tdCx0L0g0ZHQsdC9INC30LDQtdCxINC30LDRkdCxINC90LDQtdCxINC90LDRkdCxINGD0LXQsSDRg9GR0LEg0L7RgtGK0LXQsSDQ"
    "vtGC0YrRkdCxINCy0YvQtdCxINCy0YvRkdCxINC00L7QtdCxINC00L7RkdCxINC00L7Qu9Cx0L7QtdCxINC00L7Qu9Cx0L7RkdCx"
    "INGA0LDQt9GK0LXQsSDQv9GA0L7QtdCxINC/0YDQvtGR0LEg0YHRitC10LEg0YHRitGR0LEg0L7RhdGD0LUg0L7RhdGD0Lgg0L3Q"
    "uNGF0YPRjyDQv9C+0YXRg9C5INC/0L7RhdGD0Lgg0L/QuNC00L7RgCDQv9C40LTQsNGAINGI0LvRjtGFINCz0LDQvdC00L7QvQ=="
)
_ALL_STEMS = [codecs.decode(stem, "rot13") for stem in _STEMS] + base64.b64decode(
    _RUSSIAN_STEMS
).decode().split()
_RUDE = re.compile(rf"(?<![^\W_])(?:{'|'.join(_ALL_STEMS)})\w*", re.IGNORECASE)
_HANDLE = re.compile(r"@\w+")  # wherever it stands: after "RT", and in an address, which names somebody too


def mask(text: str) -> str:
    """Replace the names of accounts, and keep only the first letter of every rude word.

    >>> mask("thanks @anna_k and .@bob!")
    'thanks @user and .@user!'
    """
    return _RUDE.sub(lambda word: word[0][0] + "*" * (len(word[0]) - 1), _HANDLE.sub("@user", text))
