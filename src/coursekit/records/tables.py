"""A record as a table for a page."""

from __future__ import annotations

import html
from typing import Any

from coursekit.records.reading import Record


def record_table(record: Record) -> str:
    """Return a record's summary as an HTML table, one row for each arm if it has arms, and the machine as a caption."""
    summary = record.summary
    if all(isinstance(value, dict) for value in summary.values()):
        rows = _arms(summary)
    else:
        rows = "".join(_row(key.replace("_", " "), [value]) for key, value in summary.items())
    made = record["provenance"]
    machine = made["machine"]
    where = (
        machine.get("gpu")
        or f"{machine['cpu']}, {machine['threads']} thread{'s' if machine['threads'] != 1 else ''}"
    )
    caption = f"{record['what']} Recorded {made['date'][:10]} on {where}."
    return f"<table><caption>{html.escape(caption)}</caption><tbody>{rows}</tbody></table>"


def _arms(summary: dict[str, dict[str, Any]]) -> str:
    """One row for each arm, one column for each figure."""
    figures = list(dict.fromkeys(name for found in summary.values() for name in found))
    head = "".join(f"<th scope='col'>{html.escape(name.replace('_', ' '))}</th>" for name in figures)
    rows = (_row(arm, [found.get(name, "") for name in figures]) for arm, found in summary.items())
    return f"<tr><td></td>{head}</tr>{''.join(rows)}"


def _row(name: str, values: list[Any]) -> str:
    cells = "".join(f"<td>{html.escape(_show(value))}</td>" for value in values)
    return f"<tr><th scope='row'>{html.escape(name)}</th>{cells}</tr>"


def _show(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
