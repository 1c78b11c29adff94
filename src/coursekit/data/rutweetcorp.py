"""RuTweetCorp (Rubtsova, 2013) as its author publishes it: ``positive.csv`` and ``negative.csv``, a tweet a row."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from coursekit.data.corpus import Split
from coursekit.data.tables import DataError

RUTWEETCORP = ("negative", "positive")  # the stems of its two files, by label
_TWEET = re.compile(
    r'^"?\d+"?;"?\d+"?;', re.MULTILINE
)  # a row begins with two numbers, the tweet's own and its time


def read_rutweetcorp(folder: Path) -> Split:
    """Read RuTweetCorp: two files, ``;`` between columns, the text in the fourth; a header is left out."""
    texts: list[str] = []
    labels: list[int] = []
    for label, stem in enumerate(RUTWEETCORP):
        path = folder / f"{stem}.csv"
        if not path.is_file():
            raise DataError(f"{path}: missing; RuTweetCorp is two files, positive.csv and negative.csv.")
        column = [row[3] for row in _rows_of_tweets(path) if row[3]]
        texts += column
        labels += [label] * len(column)
    return Split(tuple(texts), tuple(labels))


def _rows_of_tweets(path: Path) -> list[list[str]]:
    """Return the rows of one file; as many as begin in it, for a stray quotation mark swallows what follows."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: must be UTF-8, byte {error.start} is not; convert the file.") from error
    begun = len(_TWEET.findall(content))
    try:
        rows = [
            row for row in csv.reader(io.StringIO(content, newline=""), delimiter=";", strict=True) if row
        ]
    except csv.Error:
        rows = []
    if rows and _is_header(rows[0]):
        del rows[0]
    if begun and len(rows) == begun and len(set(map(len, rows))) == 1 and len(rows[0]) > 3:
        return rows
    return _rows_by_line(path, content)


def _rows_by_line(path: Path, content: str) -> list[list[str]]:
    """Take each line for a row, and a stray quotation mark for a part of the text."""
    rows = []
    for number, line in enumerate(content.split("\n"), start=1):
        line = line.rstrip("\r")
        try:
            row = next(csv.reader([line], delimiter=";", strict=True), [])
        except csv.Error:  # quoting is off in this line
            row = line[1:-1].split('";"') if line[0] == line[-1] == '"' else line.split(";")
        if not line or (not rows and _is_header(row)):
            continue
        if len(row) < 4 or not _TWEET.match(line) or len(row) != len((rows or [row])[0]):
            raise DataError(
                f"{path}: line {number} must have a number, a time, a name, the text in the fourth column and as many columns "
                f"as the first tweet, has {len(row)} columns: {line[:40]!r}."
            )
        rows.append(row)
    return rows


def _is_header(row: list[str]) -> bool:
    return len(row) > 3 and not any(map(str.isdigit, row[:2]))
