"""The catalogue: every data set of the course, with its labels, sizes, origin and stand-in.

Left out: the terms in full; each card in ``data/cards`` has them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import PurePath

from coursekit.runtime import files


@dataclass(frozen=True)
class DatasetSpec:
    """What is known about a data set before any of it is read."""

    name: str
    language: str
    label_names: tuple[str, ...]
    rows: dict[str, int]  # texts of each official part; empty for generated data, which have any size
    hub: str | None = None  # repository on the Hugging Face hub
    revision: str = (
        "main"  # the commit to read; where none is pinned, rows and schema are checked all the more
    )
    hub_text: str = "text"  # the text column on the hub
    stand_in: str | None = None  # what load() falls back on
    where: str = ""  # where to get data that no hub repository has
    deduplicate: bool = False  # drop repeated texts before anything is split
    test_rows: int = 0  # to hold out as a fixed test part, if none is published; a fifth, if a mirror has few

    @property
    def card(self) -> str:
        """The data card, in Markdown."""
        return (files.data_dir() / "cards" / f"{self.name}.md").read_text(encoding="utf-8")


NEWS = ("business", "entertainment", "politics", "sports", "tech")
MOOD = ("negative", "positive")
CATALOGUE = {
    spec.name: spec
    for spec in (
        DatasetSpec(
            "ag_news",
            "en",
            ("World", "Sports", "Business", "Sci/Tech"),
            rows={"train": 120_000, "test": 7_600},
            hub="fancyzhx/ag_news",
            revision="eb185aade064a813bc0b7f42de02595523103ca4",
            stand_in="bbc_news",
        ),
        DatasetSpec(
            "imdb",
            "en",
            MOOD,
            rows={"train": 25_000, "test": 25_000},
            hub="stanfordnlp/imdb",
            revision="e6281661ce1c48d982bc483cf8a173c1bbeb5d31",
            stand_in="reviews",
        ),
        DatasetSpec(
            "ru_tweets",
            "ru",
            MOOD,
            rows={"train": 226_834},
            stand_in="ru_messages",
            where="put positive.csv and negative.csv of RuTweetCorp into the folder ru_tweets of the mirror",
            deduplicate=True,
            test_rows=4_000,
        ),
        DatasetSpec(
            "hate_tweets",
            "en",
            ("other", "hate"),
            rows={"train": 31_962},
            hub="tweets-hate-speech-detection/tweets_hate_speech_detection",
            hub_text="tweet",
            stand_in="rare_news",
            deduplicate=True,
            test_rows=4_000,
        ),
        DatasetSpec("bbc_news", "en", NEWS, rows={}, stand_in="bbc_news"),
        DatasetSpec("rare_news", "en", ("other", "sports"), rows={}, stand_in="rare_news"),
        DatasetSpec("ru_messages", "ru", MOOD, rows={}, stand_in="ru_messages"),
        DatasetSpec("reviews", "en", MOOD, rows={}, stand_in="reviews"),
    )
}


def spec_of(name: str) -> DatasetSpec:
    """Return the entry of a data set; a ``ValueError`` names the closest, or says how to read one's own texts."""
    if isinstance(name, str) and name in CATALOGUE:
        return CATALOGUE[name]
    close = difflib.get_close_matches(name, CATALOGUE, n=1, cutoff=0.4) if isinstance(name, str) else []
    hint = f"Did you mean {close[0]!r}? " if close else ""
    got = repr(name) if isinstance(name, (str, PurePath)) else f"a {type(name).__name__}"
    raise ValueError(
        f"'name' must be one of {tuple(CATALOGUE)}, got {got}. {hint}Your own texts are read by "
        "ck.from_table(path_or_frame, text=COLUMN, label=COLUMN)."
    )
