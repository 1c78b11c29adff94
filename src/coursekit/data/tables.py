"""Reading one table of texts and labels, and refusing it with a reason when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from coursekit.data.corpus import Split


class MirrorError(ValueError):
    """A data file is missing a part, damaged, or not what the catalogue says."""


def read_table(path: Path, n_labels: int, *, text: str = "text", label: str = "label") -> Split:
    """Read a parquet or CSV file with a text and a label column.

    Parameters
    ----------
    path : Path
        Ends in ``.parquet`` or ``.csv`` (UTF-8).
    n_labels : int
        Labels must lie between 0 and this, exclusive.
    text, label : str
        Names of the columns.

    Raises
    ------
    MirrorError
        If the file cannot be read, a column is missing or has the wrong type, a label is out of range, a text is
        missing, or there is no row.
    """
    try:
        table = _read_csv(path, text) if path.suffix == ".csv" else pd.read_parquet(path)
    except UnicodeDecodeError as error:
        raise MirrorError(f"{path}: must be UTF-8, byte {error.start} is not; convert the file.") from error
    except (pa.ArrowException, pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
        raise MirrorError(
            f"{path}: cannot be read ({' '.join(str(error).split())}); it may be cut short, so fetch it again."
        ) from error
    missing = [column for column in (text, label) if column not in table.columns]
    if missing:
        raise MirrorError(f"{path}: needs the columns {text!r} and {label!r}, has {list(table.columns)}.")
    if not len(table):
        raise MirrorError(f"{path}: holds no text; a part must have at least one.")
    if table[text].isna().any() or not table[text].map(lambda value: isinstance(value, str)).all():
        bad = table.index[~table[text].map(lambda value: isinstance(value, str))][0]
        raise MirrorError(f"{path}: column {text!r} must hold strings, row {bad} holds {table[text][bad]!r}.")
    if table[label].isna().any():
        bad = table.index[table[label].isna()][0]
        raise MirrorError(f"{path}: column {label!r} must hold integers, row {bad} holds none.")
    if not pd.api.types.is_integer_dtype(table[label]):
        raise MirrorError(f"{path}: column {label!r} must hold integers, holds {table[label].dtype}.")
    low, high = int(table[label].min()), int(table[label].max())
    if low < 0 or high >= n_labels:
        raise MirrorError(f"{path}: labels must lie between 0 and {n_labels - 1}, got {low} to {high}.")
    return Split(tuple(table[text]), tuple(table[label].tolist()))


def _read_csv(path: Path, text: str) -> pd.DataFrame:
    """Read texts as they stand: pandas would otherwise take the text "null" for a missing one, and "12" for a number."""
    return pd.read_csv(path, encoding="utf-8-sig", dtype={text: str}, keep_default_na=False)
