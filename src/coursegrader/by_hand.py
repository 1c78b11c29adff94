"""By hand: the table that a person fills in, in a spreadsheet of any country, and how it is read back.

What was not understood is refused with the reason, and never written anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coursegrader.definition import Homework
from coursegrader.grades import Graded
from coursegrader.messages import LANGUAGES, in_words, say, what_said
from coursegrader.plain import UnreadableError, decode, read_plain_file
from coursegrader.tables import number, said_of, table

HEAD = ("key", "file", "part", "most", "on hold", "points", "page", "reason")
NEEDED = ("key", "part", "points")  # and how a row is read, in this order
DELIMITERS = ",;\t"
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Filled:
    """What a person has filled in."""

    marks: dict[str, dict[str, float]] = field(default_factory=dict)  # by paper and part
    files: dict[str, str] = field(default_factory=dict)  # the name that stands beside a key

    def strangers(self, graded: Sequence[Graded]) -> dict[str, str]:
        """Keys with marks that belong to no file of this run, with the name that stands beside them."""
        known = {g.paper for g in graded}
        return {key: self.files.get(key, "") for key in self.marks if key not in known}


def table_by_hand(homework: Homework, graded: Sequence[Graded], filled: Filled, language: str) -> str:
    """Return the table: one row for each part that waits for a person, with the reason and the points in question."""
    most = {part.id: part.points for part in homework.parts}
    left, rows = {key: dict(marks) for key, marks in filled.marks.items()}, []
    for g in graded:
        page = f"{'by_hand' if g.texts else 'feedback'}/{g.page}"
        for m in filter(g.waits, g.marks):
            given, held = left.get(g.paper, {}).pop(m.part, None), m.measured.get("points on hold", "")
            why = said_of(m, language) or [in_words(g.reason, language)]
            why += [in_words(flag, language) for flag in g.flags if m.status == "review"]
            rows.append((g.paper, g.name, m.part, m.most, held, _shown(given), page, "; ".join(why)))
    for key, marks in left.items():  # marks of files that are not in this run are a person's work, too
        name = filled.files.get(key, "")
        rows += [(key, name, part, most[part], "", _shown(points), "", "") for part, points in marks.items()]
    return table([_column_name(column, language) for column in HEAD], rows)


def _shown(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def read_by_hand(path: Path, homework: Homework) -> Filled:
    """Read the marks that a person has filled in, as any spreadsheet saves them.

    Raises ``ValueError`` if the table cannot be understood, or a mark in it is none; it names what is missing, or the
    row.
    """
    if not path.is_file():
        return Filled()
    listed = _rows(path)
    most = {part.id: part.points for part in homework.parts}
    filled = Filled()
    for line, row in listed:
        key, part, text = (row[name].strip() for name in NEEDED)
        filled.files.setdefault(key, row.get("file", ""))
        if not text:
            continue
        if not key or part not in most:
            raise ValueError(say("by_hand.no-part", file=path.name, row=line, parts=list(most), part=part))
        points = number(text)
        if points is None or not 0 <= points <= most[part]:
            wrong = say("by_hand.no-points", file=path.name, row=line, most=most[part], points=text)
            raise ValueError(wrong)
        if filled.marks.setdefault(key, {}).setdefault(part, points) != points:
            raise ValueError(say("by_hand.two", file=path.name, row=line, part=part, key=key))
    return filled


def read_tables(table: Path, copies: Sequence[Path], homework: Homework) -> Filled:
    """Read the table and the copies that several people have filled in, as one.

    Raises ``ValueError`` like :func:`read_by_hand`, and if two of them give one part of one file different points;
    ``FileNotFoundError`` if a copy is not there.
    """
    joined, giver = Filled(), {}
    for path in (table, *copies):
        if path in copies and not path.is_file():
            raise FileNotFoundError(say("by_hand.not-there", file=path))
        filled = read_by_hand(path, homework)
        joined.files.update(filled.files)
        for key, part, points in (
            (k, part, p) for k, marks in filled.marks.items() for part, p in marks.items()
        ):
            others = joined.marks.setdefault(key, {}).setdefault(part, points)
            first = giver.setdefault((key, part), path)
            if others != points:
                raise ValueError(
                    say(
                        "by_hand.disagree",
                        file=path.name,
                        points=points,
                        part=part,
                        key=key,
                        name=filled.files[key],
                        first=first.name,
                        others=others,
                    )
                )
    return joined


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their numbers, by column; ``ValueError`` if a column or the form of a row is not as it should be."""
    try:
        text, _ = decode(read_plain_file(path, MOST_BYTES))
    except UnreadableError as error:
        raise ValueError(say("by_hand.unreadable", file=path.name, said=what_said(error))) from None
    return _parsed(text, path.name)


def _parsed(text: str, name: str) -> list[tuple[int, dict[str, str]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        listed = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(say("by_hand.no-table", file=name, said=str(error))) from None
    columns = {_column_name(column, language): column for language in LANGUAGES for column in HEAD}
    found = [column.strip().casefold() for column in listed[0]]
    head = [columns.get(column, column) for column in found]
    if missing := [column for column in NEEDED if column not in head]:
        lacks, wanted = [f"'{column}'" for column in missing], ",".join(HEAD)
        got = ", ".join(found)[:200]
        raise ValueError(say("by_hand.no-column", file=name, missing=lacks, got=got, wanted=wanted))
    rows = []
    for line, row in enumerate(listed[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(head) :]):
            raise ValueError(say("by_hand.more-cells", file=name, row=line))
        rows.append((line, dict.fromkeys(head, "") | dict(zip(head, row, strict=False))))
    return rows


def _column_name(column: str, language: str) -> str:
    return say(f"by_hand.{column.replace(' ', '-')}").in_words(language)


def same_table(path: Path, text: str) -> bool:
    """Whether a table that is there says what a new one would: then it stays as the person has saved it."""
    if not path.is_file():
        return False
    return _asked(_rows(path)) == _asked(_parsed(text, path.name))


def _asked(rows: Iterable[tuple[int, dict[str, str]]]) -> set[tuple[str, str, float | None]]:
    return {(row["key"].strip(), row["part"].strip(), number(row.get("on hold", ""))) for _, row in rows}
