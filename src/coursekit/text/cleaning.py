"""Cleaning: take away what the source's file format left in a text."""

from __future__ import annotations

import html
import re

from coursekit.text.guards import require_text

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


def clean(text: str) -> str:
    """Replace HTML tags by a space, resolve entities, and fold white space: one line, possibly empty.

    A tag goes as well if it was written with entities, as "&lt;b&gt;".

    >>> clean("Good.<br /><br />Really &amp; truly   good.")
    'Good. Really & truly good.'
    """
    require_text(text)
    plain = html.unescape(_TAG.sub(" ", text))  # tags first: an attribute may hold "&gt;"
    return " ".join(_TAG.sub(" ", plain).split())
