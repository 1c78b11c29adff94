"""Say which words of a page are Russian, so that a screen reader speaks them as Russian and a browser breaks them as such.

Works on a rendered page: whatever made it (prose, code, an output), a run of Cyrillic letters in its text is put into
``<span lang="ru">``. A page that is Russian as a whole says so in its ``<html>`` and is left alone.
"""

from __future__ import annotations

import re
from pathlib import Path

_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_SILENT = re.compile(r"<(/?)(script|style|title|textarea|option)\b", re.IGNORECASE)
# Words and what stands between two of them; the run begins and ends with a letter.
_RUSSIAN = re.compile(r"[А-Яа-яЁё\u0301]+(?:[^<>&A-Za-z\n]*[А-Яа-яЁё\u0301]+)*")
_WHOLE = re.compile(r'<html\b[^>]*\blang="ru"', re.IGNORECASE)


def mark_russian(page: str) -> str:
    """Return a page with every run of Russian words marked."""
    if _WHOLE.search(page):
        return page
    pieces, silent = _TAG.split(page), 0
    for place, piece in enumerate(pieces):
        if place % 2:  # a tag or a comment
            matched = _SILENT.match(piece)
            if matched:
                silent += -1 if matched[1] else 1
        elif not silent:
            pieces[place] = _RUSSIAN.sub(lambda run: f'<span lang="ru">{run[0]}</span>', piece)
    return "".join(pieces)


def mark_folder(folder: Path) -> int:
    """Mark every page below a folder; return how many had Russian words."""
    marked = 0
    for path in folder.rglob("*.html"):
        before = path.read_text(encoding="utf-8")
        after = mark_russian(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            marked += 1
    return marked
