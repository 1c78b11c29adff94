"""Messages: every sentence that a student or a teacher reads, by key, from one table in English and Russian.

While a submission is graded, a sentence is data: its key and its values. It becomes words when a report is written, so no
mark depends on a language. What a program has said, or a student has written, is a value and stays as it is.

The line: what the author of a rubric or of a program gets wrong is an exception with an English text of its own
(:class:`RubricError`, checks of arguments), and so is the ``--help`` of the command, as in all of ``coursekit``.
"""

from __future__ import annotations

import math
import os
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

LANGUAGES = ("en", "ru")
MOST_LISTED = 100  # of the items of a list in a sentence


class RubricError(ValueError):
    """A rubric or a homework's source is not in order; its author reads why, in English."""


@dataclass(frozen=True)
class Message:
    """A sentence that is not yet in words; as text, it is the English one."""

    key: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return self.in_words("en")

    def __hash__(self) -> int:
        return hash(self.key)

    def in_words(self, language: str) -> str:
        """The sentence in a language."""
        return _Words(language).vformat(table()[self.key][language], (), self.values)

    def to_dict(self) -> dict[str, Any]:
        """Return key and values, ready for JSON."""
        return {"say": self.key, "values": {name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_dict` wrote; ``KeyError`` if no table has its sentence."""
        made = cls(values["say"], {name: read_said(value) for name, value in values["values"].items()})
        str(made)
        return made


Said = Message | str  # a sentence, or text of somebody else


def say(key: str, /, **values: Any) -> Message:
    """Return a sentence of the table with its values: numbers, text of others, sentences, lists of these."""
    return Message(key, {name: _writable(value) for name, value in values.items()})


def in_words(said: Said, language: str) -> str:
    """A sentence in a language; text of somebody else as it is."""
    return said.in_words(language) if isinstance(said, Message) else said


def what_said(error: BaseException) -> Said:
    """What an exception says: a sentence of the table if it was raised with one, else its text."""
    first = _writable(error.args[0]) if error.args else ""
    return first if isinstance(first, Message) else str(error)


def to_json(said: Said) -> Any:
    """A sentence or a text, ready for JSON."""
    return said.to_dict() if isinstance(said, Message) else said


def read_said(value: Any) -> Any:
    """Read back what :func:`to_json` wrote, and any other value of a sentence."""
    if isinstance(value, Mapping):
        return Message.from_dict(value)
    return [read_said(one) for one in value] if isinstance(value, list) else value


def machine_language() -> str:
    """``COURSEKIT_LANGUAGE``, for what is said where no homework or submission decides; else English."""
    named = os.environ.get("COURSEKIT_LANGUAGE", "")
    return named if named in LANGUAGES else "en"


@cache
def table() -> dict[str, dict[str, str]]:
    """The table: by key, the sentence in every language."""
    read = tomllib.loads(files(__name__).joinpath("messages.toml").read_text(encoding="utf-8"))
    return dict(_entries("", read))


def _entries(prefix: str, level: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, str]]]:
    for name, inner in level.items():
        if set(inner) == set(LANGUAGES):
            yield prefix + name, inner
        else:
            yield from _entries(f"{prefix}{name}.", inner)


@cache
def _keys_by_english() -> dict[str, str]:
    return {said["en"]: key for key, said in table().items() if key.startswith("homework.")}


def _writable(value: Any) -> Any:
    """A value that JSON knows, which has no infinity; a sentence of the package's checks is found in the table."""
    # a coursekit.homework.said.Sentence, known by its template: its room loads torch, which a job must not before its cells
    if isinstance(value, str) and (key := _keys_by_english().get(getattr(value, "template", ""))):
        return say(key, **value.fields)
    if isinstance(value, float) and not math.isfinite(value):
        return "∞" if value > 0 else "-∞" if value < 0 else "NaN"
    if isinstance(value, (list, tuple)):
        return [_writable(one) for one in value]
    return value if isinstance(value, (Message, int, float)) else str(value)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, list) else to_json(value)


class _Words(string.Formatter):
    """Puts values into a sentence as its language writes them.

    A field ``{n:point|points}`` is a number with its noun: two forms in English, three in Russian; ``{n:=is|are}`` is the
    word alone.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list):
            listed = [self.format_field(one, format_spec) for one in value[:MOST_LISTED]]
            between = "; " if any(isinstance(one, Message) for one in value) else ", "
            return between.join(listed) or table()["words.none"][self.language]
        if not isinstance(value, (int, float)):
            return in_words(value, self.language)
        if "|" in format_spec:
            forms = format_spec.removeprefix("=").split("|")
            word = forms[_form(value, self.language)]
            number = self.format_field(value, "," if isinstance(value, int) else ",g")
            return word if format_spec.startswith("=") else f"{number} {word}"
        text = format(value, format_spec or ("" if isinstance(value, int) else "g"))
        if self.language == "ru":
            text = text.translate({ord(","): "\u00a0", ord("."): ",", ord("%"): "\u00a0%"})
        return text


def _form(number: float, language: str) -> int:
    """Which form of a noun stands behind a number."""
    if language == "en":
        return int(number != 1)
    if number != int(number):
        return 1  # 1,5 балла
    last, tens = abs(int(number)) % 10, abs(int(number)) // 10 % 10
    if tens == 1 or last == 0 or last > 4:
        return 2
    return int(last > 1)
