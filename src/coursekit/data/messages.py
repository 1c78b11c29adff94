"""Russian messages written for this course: short, everyday, positive or negative, CC0."""

from __future__ import annotations

import pandas as pd

from coursekit.data.corpus import Split
from coursekit.runtime import files

MESSAGES_FILE = "ru_messages.csv"


def messages_table() -> pd.DataFrame:
    """Return every message, a row for each.

    Columns: ``text``, ``label`` (0 negative, 1 positive), ``topic``, ``irony`` (1 if the words say the opposite),
    ``emoticon`` (1 if an emoticon gives the label away), ``part`` (train, validation or test, fixed).
    """
    return pd.read_csv(files.data_dir() / MESSAGES_FILE, encoding="utf-8", keep_default_na=False)


def read_messages() -> dict[str, Split]:
    """Return the three fixed parts."""
    return {
        part: Split(tuple(rows["text"]), tuple(rows["label"].tolist()))
        for part, rows in messages_table().groupby("part")
    }
