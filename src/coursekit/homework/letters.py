"""Letters of a multiple choice, read the same way by the check in the notebook and by the grader."""

from __future__ import annotations

# Cyrillic letters that look like Latin ones and can be meant for no other; a small "в" may be b or the third letter.
LOOK_ALIKES = str.maketrans("аАсСВтТ", "aacCBtT")
AROUND = " \t\r\n()[]{}.,;:'\"«»"


def read_letter(given: object) -> str:
    """Return the letter that somebody wrote, small and Latin; empty if it is no single letter.

    >>> [read_letter(given) for given in ("b", " C) ", "а", "ab", True, None)]
    ['b', 'c', 'a', '', 't', '']
    """
    if isinstance(given, bool):  # of a question that is true or false
        return "t" if given else "f"
    if not isinstance(given, str):
        return ""
    letter = given.strip(AROUND).translate(LOOK_ALIKES).lower()
    return letter if len(letter) == 1 else ""
