"""What other packages of the course add to the command line, where they are installed."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec


def installed_entries(group: str) -> list[EntryPoint]:
    """Return the entry points of a group whose package is there, by name; a wheel has no studies."""
    there = (entry for entry in entry_points(group=group) if find_spec(entry.module.partition(".")[0]))
    return sorted(there, key=lambda entry: entry.name)
