"""Guards: what is no text, no list of words or no list of texts is refused where it comes in."""

from __future__ import annotations

from collections.abc import Iterable


def require_text(text: object) -> None:
    """Raise ``TypeError`` if this is no string: None and NaN stand for missing texts in tables."""
    if not isinstance(text, str):
        raise TypeError(f"'text' must be a string, got {type(text).__name__}; drop missing texts first.")


def require_words(tokens: object) -> None:
    """Raise ``TypeError`` if this is no list of words. The letters of a single string would be taken for words."""
    if isinstance(tokens, (str, bytes)) or not isinstance(tokens, Iterable):
        got = f"the string {tokens[:30]!r}" if isinstance(tokens, str) else type(tokens).__name__
        raise TypeError(f"'tokens' must be a list of words, got {got}; tokenise the text first.")


def require_texts(texts: object) -> None:
    """Raise ``TypeError`` if this is a single string: its letters would be taken for texts."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(
            f"'texts' must be a list of texts, got one, {texts[:30]!r}; put it into a list: [text]."
        )
