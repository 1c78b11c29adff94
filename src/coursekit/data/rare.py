"""One rare class: two classes made of many, with one topic cut down until few texts are left of it.

It stands in for the tweets with hate speech where those are out of reach: news in which one topic is rare, and no tweet.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coursekit.data.bbc import read_bbc
from coursekit.data.catalogue import CATALOGUE
from coursekit.data.corpus import Split

RARE_TOPIC, RARE_SHARE, RARE_SEED = "sports", 0.07, 70


def rare_class(split: Split, label: int, share: float, *, seed: int) -> Split:
    """Turn one label into a rare class and all others into one.

    Parameters
    ----------
    label : int
        The class to make rare; it becomes 1, every other one 0.
    share : float
        Of the rare class among the texts that are returned, between 0 and 1; kept to the nearest text.
    seed : int
        Draws the texts that stay.

    Returns
    -------
    Split
        All texts of the other labels and some of this one, in their order.

    Raises
    ------
    ValueError
        If the share does not lie between 0 and 1, no text would be left in a class, or there are too few of the label.

    Examples
    --------
    >>> news = Split(tuple("abcdefghijkl"), (0,) * 9 + (1,) * 3)
    >>> rare_class(news, 1, 0.1, seed=0).counts(2)
    [9, 1]
    """
    if not 0 < share < 1:
        raise ValueError(f"'share' must lie between 0 and 1, got {share}.")
    labels = np.asarray(split.labels)
    of_label, others = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
    wanted = round(len(others) * share / (1 - share))
    if not len(others) or not 1 <= wanted <= len(of_label):
        raise ValueError(
            f"a share of {share:g} takes {wanted} texts of label {label} beside {len(others)} others, and there are "
            f"{len(of_label)}; choose another share or label."
        )
    drawn = np.random.default_rng(seed).permutation(of_label)[:wanted]
    kept = sorted([*others.tolist(), *drawn.tolist()])
    return Split(tuple(split.texts[i] for i in kept), tuple(int(labels[i] == label) for i in kept))


def rare_parts(parts: Mapping[str, Split], label: int, share: float, *, seed: int) -> dict[str, Split]:
    """Make the class rare in every part of a corpus.

    Raises
    ------
    ValueError
        As :func:`rare_class`.
    """
    return {name: rare_class(split, label, share, seed=seed) for name, split in parts.items()}


def read_rare_news() -> dict[str, Split]:
    """Return BBC News with one topic made rare, always the same texts."""
    label = CATALOGUE["bbc_news"].label_names.index(RARE_TOPIC)
    return rare_parts(read_bbc(), label, RARE_SHARE, seed=RARE_SEED)
