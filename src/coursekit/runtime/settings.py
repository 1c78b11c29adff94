"""Settings: frozen records of choices that check themselves, show what differs, and go to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any, Self, TypeVar, get_args, get_type_hints

S = TypeVar("S", bound="Settings")


@dataclass(frozen=True)
class Settings:
    """Base of every configuration. A subclass names its fields and checks them in ``__post_init__``."""

    def __post_init__(self) -> None:
        """Refuse values of another type; a whole number becomes a float where one is wanted: equal means equal."""
        for field in fields(self):
            value, types = getattr(self, field.name), _types(type(self))[field.name]
            if not _fits(value, types):
                raise ValueError(f"'{field.name}' must be of type {field.type}, got {value!r}.")
            if float in types and isinstance(value, int):
                object.__setattr__(self, field.name, float(value))  # frozen for everybody else

    def at_least(self, least: float, *names: str) -> None:
        """Raise ``ValueError`` if a named field lies below ``least``; None passes."""
        for name in names:
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise ValueError(f"'{name}' must be at least {least}, got {value}.")

    def one_of(self, choices: tuple[str, ...], name: str) -> None:
        """Raise ``ValueError`` if the named field holds none of ``choices``."""
        if getattr(self, name) not in choices:
            raise ValueError(f"'{name}' must be one of {choices}, got {getattr(self, name)!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields with their values, ready for JSON."""
        return asdict(self)

    def changed_fields(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a configuration from names and values, checked; what is not named keeps its default."""
        return change(cls(), **values)

    def __repr__(self) -> str:
        """Show only what differs from the defaults, so that two runs are compared by eye."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self.changed_fields().items())
        return f"{type(self).__name__}({shown})"


def change(config: S, **values: Any) -> S:
    """Return a copy with other values in the named fields; a ``ValueError`` says which name or value is wrong."""
    known = [field.name for field in fields(config)]
    for name in values:
        if name not in known:
            raise ValueError(
                f"{name!r} is no field of {type(config).__name__}; its fields are {', '.join(known)}."
            )
    return replace(config, **values)


def diff(first: Settings, second: Settings) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two configurations differ, with both values."""
    a, b = asdict(first), asdict(second)
    return {name: (a[name], b[name]) for name in a if a[name] != b[name]}


@cache
def _types(config: type[Settings]) -> dict[str, tuple[type, ...]]:
    """Return what every field may hold; a union has several."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(config).items()}


def _fits(value: Any, types: tuple[type, ...]) -> bool:
    """A whole number will do for a float; True is no number."""
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types) or (float in types and isinstance(value, int))
