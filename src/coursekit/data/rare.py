"""One rare class: two classes made of many, with one topic cut down until few texts are left of it.

It stands in for the tweets with hate speech where those are out of reach: news in which one topic is rare, and no tweet.
"""

from __future__ import annotations

import numpy as np

from coursekit.data.bbc import read_bbc
from coursekit.data.catalogue import CATALOGUE
from coursekit.data.corpus import Split

RARE_TOPIC, RARE_SHARE, RARE_SEED = "sports", 0.07, 70


def rare_class(split: Split, label: int, share: float, *, seed: int) -> Split:
    """Turn one label into a rare class, 1, with a given share of the texts, and all others into one, 0; the order stays.

    >>> news = Split(tuple("abcdefghijkl"), (0,) * 9 + (1,) * 3)
    >>> rare_class(news, 1, 0.1, seed=0).counts(2)
    [9, 1]
    """
    is_rare = np.asarray(split.labels) == label
    rare, others = np.flatnonzero(is_rare), np.flatnonzero(~is_rare)
    wanted = round(len(others) * share / (1 - share))
    drawn = np.random.default_rng(seed).permutation(rare)[:wanted]
    kept = np.sort(np.concatenate([others, drawn])).tolist()
    return Split(tuple(split.texts[i] for i in kept), tuple(int(is_rare[i]) for i in kept))


def read_rare_news() -> dict[str, Split]:
    """Return BBC News with one topic made rare, always the same texts."""
    label = CATALOGUE["bbc_news"].label_names.index(RARE_TOPIC)
    return {name: rare_class(split, label, RARE_SHARE, seed=RARE_SEED) for name, split in read_bbc().items()}
