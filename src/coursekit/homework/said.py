"""What a check says, so that others can say it in another language: a text that remembers what it was made of."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence, with its template and the values of the template's fields."""

    template: str
    fields: dict[str, Any]


def sentence(template: str, /, **fields: Any) -> Sentence:
    """Fill a template in; what a list holds is named, or that it holds nothing.

    Examples
    --------
    >>> sentence("{n} missing: {names}.", n=2, names=["a", "b"])
    '2 missing: a, b.'
    """
    listed = {name: ", ".join(map(str, v)) or "none" for name, v in fields.items() if isinstance(v, list)}
    made = Sentence(template.format(**fields | listed))
    made.template, made.fields = template, fields
    return made
