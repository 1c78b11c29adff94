"""Cleaning: take away what the source's file format left in a text."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Replace HTML tags by a space, resolve entities, and fold white space.

    Parameters
    ----------
    text : str
        Raw text, for example an IMDB review with ``<br />``.

    Returns
    -------
    str
        One line; possibly empty.

    Raises
    ------
    TypeError
        If ``text`` is not a string (``None`` and NaN stand for missing texts in tables).

    Examples
    --------
    >>> clean("Good.<br /><br />Really &amp; truly   good.")
    'Good. Really & truly good.'
    """
    if not isinstance(text, str):
        raise TypeError(f"'text' must be a string, got {type(text).__name__}; drop missing texts first.")
    return _SPACE.sub(" ", html.unescape(_TAG.sub(" ", text))).strip()
