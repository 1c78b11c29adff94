"""A record as a table for a page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from coursekit.records.reading import Record

Shown = Mapping[str, Mapping[str, str]]  # headings and, below each, keys of the summary and how they are read
Group = tuple[str, dict[str, Any]]  # a heading and, by name, the figures below it


def _counted(n: int, thing: str) -> str:
    return f"{n} {thing}{'s' * (n != 1)}"


# Ends of names, and how they are read.
_ENDS = (
    (r"_one_run$", ", one run"),
    (r"^.*_seconds_longest$", "longest, s"),
    (r"_seconds$", ", s"),
    (r"_(mean|sd)$", r", \1"),
    (r"_low$", ", 95 % from"),
    (r"_high$", ", 95 % to"),
)
_BEGINS = '<div style="max-width:75vw;text-align:left">'  # no wider than a phone, where the table is wider


def record_table(record: Record) -> str:
    """Return a record's summary as an HTML table, with the machine as a caption.

    A summary with arms is shown with the arms on the longer side.
    """
    summary = record.summary
    if all(isinstance(value, dict) for value in summary.values()):
        rows = _arms({arm: _spread_or_one(found) for arm, found in summary.items()})
    else:
        rows = "".join(_group(*group) for group in _groups(record.content.get("shown"), summary))
    made = record["provenance"]
    machine = made["machine"]
    where = machine.get("gpu") or f"{machine['cpu']}, {_counted(machine['threads'], 'thread')}"
    caption = f"{record['what']} Recorded {made['date'][:10]} on {where}."
    # pandas' class: the theme knows it, and gives every other table a light card in the dark
    return f'<table class="dataframe"><caption>{_BEGINS}{html.escape(caption)}</div></caption>{rows}</table>'


def _groups(shown: Shown | None, summary: Mapping[str, Any]) -> Iterable[Group]:
    """The figures to show, by heading; all of them, without a heading, where the record has no words of its own."""
    if shown is None:
        yield "", {_in_words(key): value for key, value in summary.items()}
        return
    for heading, names in shown.items():
        yield heading, {said: summary[key] for key, said in names.items()}


def _group(heading: str, figures: Mapping[str, Any]) -> str:
    """A heading over both columns, and one row for each figure."""
    head = f"<tr><th scope='rowgroup' colspan='2'>{html.escape(heading)}</th></tr>" if heading else ""
    light = "font-weight:normal" if heading else ""
    return f"<tbody>{head}{''.join(_row(name, [value], light) for name, value in figures.items())}</tbody>"


def _arms(summary: dict[str, dict[str, Any]]) -> str:
    """Arms and figures, the more numerous of them as rows."""
    figures = list(dict.fromkeys(name for found in summary.values() for name in found))
    table = {
        arm: {_in_words(name): found.get(name, "") for name in figures} for arm, found in summary.items()
    }
    if len(figures) > len(summary):
        table = {_in_words(name): {arm: table[arm][_in_words(name)] for arm in table} for name in figures}
    columns = next(iter(table.values()), {})
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in columns)
    rows = "".join(_row(name, cells.values()) for name, cells in table.items())
    return f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>"


def _spread_or_one(figures: Mapping[str, Any]) -> dict[str, Any]:
    """A mean that has no standard deviation comes from one run, and is named so."""
    alone = {name for name, value in figures.items() if name.endswith("_sd") and value is None}
    names = {name.replace("_sd", "_mean"): name.replace("_sd", "_one_run") for name in alone}
    return {names.get(name, name): value for name, value in figures.items() if name not in alone}


def _row(name: str, values: Iterable[Any], style: str = "") -> str:
    look = f" style='{style}'" if style else ""
    cells = "".join(f"<td>{html.escape(_show(value))}</td>" for value in values)
    return f"<tr><th scope='row'{look}>{html.escape(name)}</th>{cells}</tr>"


def _in_words(key: str) -> str:
    for end, said in _ENDS:
        key = re.sub(end, said, key)
    return key.replace("_", " ").replace("macro f1", "macro F1")


def _show(value: object) -> str:
    """A figure with three or four digits, and as many decimals as its like beside it."""
    if value is None:
        return "—"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    size = abs(value)
    if 0 < size < 1e-4:
        return f"{value:.2g}"
    decimals = 4 if size < 1 else 2 if size < 10 else 1 if size < 1000 else 0
    return f"{value:,.{decimals}f}"
