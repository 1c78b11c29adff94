"""Tables of texts and labels: a reader's own, or a file of a mirror; what is wrong with one is said at the door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from coursekit.data.catalogue import DatasetSpec
from coursekit.data.corpus import Corpus, Source, Split
from coursekit.data.splits import three_parts

_COMMAS = (
    "In a CSV, commas separate, and a text with a comma must stand in quotes; read one with other separators by "
    "pandas.read_csv(path, sep=…)."
)
OWN_TEST_ROWS = 4_000  # the fixed test part of a reader's own texts; a fifth, if they are few


class DataError(ValueError):
    """A data file is missing a part, damaged, or not what the catalogue says."""


def from_table(
    table: str | Path | pd.DataFrame, *, text: str = "text", label: str = "label", seed: int = 0
) -> Corpus:
    """Make a corpus of your own texts, cut into train, validation and test, without a text that stands twice.

    The table is a DataFrame, or the path of a ``.csv`` (UTF-8, commas) or ``.parquet`` file; ``text`` and ``label``
    name its columns. Labels are whole numbers or words; ``label_names`` lists them in order. The seed decides which
    tenth becomes validation; the test part is always the same. Raises ``DataError``, a ``ValueError``, if the file
    cannot be read, a column is missing, a text or a label is missing or of another type, or all labels are the same.

    >>> letters = pd.DataFrame({"text": [f"letter {i}" for i in range(50)], "label": ["spam", "mail"] * 25})
    >>> corpus = from_table(letters)
    >>> corpus.label_names, corpus.train, corpus.test.labels.count(0)
    (('mail', 'spam'), Split(36 texts), 5)
    """
    where = "the table" if isinstance(table, pd.DataFrame) else str(table)
    frame = table if isinstance(table, pd.DataFrame) else read_frame(Path(table), dtype={text: str})
    _check(frame, where, text, label)
    kinds = {type(value) for value in frame[label].tolist()}
    if kinds not in ({int}, {str}):
        names = sorted(kind.__name__ for kind in kinds)
        raise DataError(f"{where}: column {label!r} must hold whole numbers or words only, holds {names}.")
    ids, labels = pd.factorize(frame[label], sort=True)
    if len(labels) < 2:
        raise DataError(f"{where}: needs at least two different labels, has only {labels[0]!r}.")
    spec = DatasetSpec(
        Path(where).stem, "", tuple(map(str, labels)), {}, deduplicate=True, test_rows=OWN_TEST_ROWS
    )
    split = Split(tuple(frame[text]), tuple(ids.tolist()))
    parts, notes = three_parts({"train": split}, spec, seed=seed)
    return Corpus(
        spec.name, spec.language, spec.label_names, **parts, source=Source("table", where), notes=tuple(notes)
    )


def read_frame(path: Path, **csv: Any) -> pd.DataFrame:
    """Read a ``.parquet`` file, or a ``.csv`` file (UTF-8) as ``pandas.read_csv`` does with these settings.

    Texts of a CSV stay as they stand if they are read as strings: pandas would take "null" for a missing text. Raises
    ``DataError`` if the file cannot be read, or a row has more fields than the header.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise DataError(
            f"{path}: must be a .csv or a .parquet file; read another with pandas, and hand over the frame."
        )
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    try:
        if kind == ".parquet":
            return pd.read_parquet(path)
        frame = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, **csv)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: must be UTF-8, byte {error.start} is not; convert the file.") from error
    except (pa.ArrowException, pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
        raise DataError(
            f"{path}: cannot be read ({' '.join(str(error).split())}); it may be cut short, so fetch it again. "
            f"{_COMMAS}"
        ) from error
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes what is too much for names of the rows
        raise DataError(
            f"{path}: line 2 must have {frame.shape[1]} fields as the header has, has more. {_COMMAS}"
        )
    return frame


def checked_split(frame: pd.DataFrame, n_labels: int, where: object, *, text: str = "text") -> Split:
    """Return texts and labels of a data set whose labels are known.

    Raises ``DataError`` as :func:`from_table`, or if a label is not between 0 and ``n_labels - 1``.
    """
    _check(frame, where, text, "label")
    labels = frame["label"]
    if not pd.api.types.is_integer_dtype(labels):
        raise DataError(f"{where}: column 'label' must hold integers, holds {labels.dtype}.")
    if labels.min() < 0 or labels.max() >= n_labels:
        raise DataError(
            f"{where}: labels must lie between 0 and {n_labels - 1}, got {labels.min()} to {labels.max()}."
        )
    return Split(tuple(frame[text]), tuple(labels.tolist()))


def _check(frame: pd.DataFrame, where: object, text: str, label: str) -> None:
    """Refuse a table that lacks a column, has no row, or has a gap."""
    if not {text, label} <= set(frame.columns):
        mend = f" {_COMMAS}" if any(mark in str(name) for name in frame.columns for mark in ";\t") else ""
        raise DataError(
            f"{where}: needs the columns {text!r} and {label!r}, has {list(frame.columns)}.{mend}"
        )
    if frame.empty:
        raise DataError(f"{where}: holds no text; a part must have at least one.")
    for row, value in zip(frame.index, frame[text], strict=True):
        if not isinstance(value, str):
            raise DataError(f"{where}: column {text!r} must hold strings, row {row} holds {value!r}.")
    gaps = frame.index[frame[label].isna() | (frame[label].astype(object) == "")]
    if len(gaps):
        raise DataError(f"{where}: column {label!r} must hold a label in each row, row {gaps[0]} holds none.")
