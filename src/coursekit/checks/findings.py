"""Finding: what one check saw, and for a failure the likely cause and the chapter that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True, repr=False)
class Finding:
    """The outcome of a check; true if it passed."""

    check: str
    passed: bool
    seen: str  # what was measured; of a failure, the symptom
    cause: str  # what a failure usually comes from
    chapter: int

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        if self.passed:
            return f"✓ {self.check}: {self.seen}"
        return f"✗ {self.check}: {self.seen}.\n  Likely cause: {self.cause}. See chapter {self.chapter}."


def rows_of(log: object, *columns: str) -> list[Mapping[str, Any]]:
    """Return a run log (a :class:`coursekit.training.History`, a table, or such a list) as one mapping an epoch.

    Raises ``ValueError`` if the log is empty or has no such column, and ``FloatingPointError`` if a value is missing or
    not finite.
    """
    table = log.table() if hasattr(log, "table") else pd.DataFrame(log)
    missing = [name for name in columns if name not in table.columns]
    if table.empty or missing:
        raise ValueError(
            f"a log must hold at least one epoch and the columns {columns}, got {len(table)} epochs with "
            f"{list(table.columns)}; name the columns of your log."
        )
    for name in columns:
        values = pd.to_numeric(table[name])
        if not values.abs().lt(float("inf")).all():  # NaN is not below it either
            raise FloatingPointError(
                f"the column '{name}' must hold finite numbers, got {table[name].tolist()}."
            )
    return table.to_dict("records")


def require_some(name: str, values: Sequence | Iterable) -> list:
    """Return the values as a list; raise ``ValueError`` if there are none: nothing was checked, so nothing passed."""
    values = list(values)
    if not values:
        raise ValueError(f"'{name}' must hold at least one item, got none: there is nothing to check.")
    return values
