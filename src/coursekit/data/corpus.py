"""Corpus, Split and Source: what a chapter gets when it asks for data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Split:
    """Texts with their labels: class ids, from 0.

    Raises
    ------
    ValueError
        If they are not equally many, a text is no string, or a label is no whole number from 0.
    """

    texts: tuple[str, ...] = field(repr=False)
    labels: tuple[int, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise ValueError(
                f"'texts' and 'labels' must be equally many, got {len(self.texts)} and {len(self.labels)}."
            )
        for text, label in zip(self.texts, self.labels, strict=True):
            if not isinstance(text, str) or not isinstance(label, (int, np.integer)) or label < 0:
                raise ValueError(
                    "each text must be a string and each label a whole number from 0, "
                    f"got {text!r:.40} with {label!r}."
                )

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"Split({len(self)} texts)"

    def counts(self, n_labels: int) -> list[int]:
        """Return how many texts each class has."""
        return np.bincount(np.asarray(self.labels, dtype=np.int64), minlength=n_labels).tolist()

    def pick(self, positions: Sequence[int]) -> Split:
        """Return the texts at these positions, in their order."""
        return Split(tuple(self.texts[i] for i in positions), tuple(self.labels[i] for i in positions))

    def take(self, n: int, seed: int = 0) -> Split:
        """Draw ``n`` texts, stratified: every class keeps its share, to the nearest text.

        Raises
        ------
        ValueError
            If ``n`` is below 1 or above the number of texts.
        """
        if not 1 <= n <= len(self):
            raise ValueError(f"'n' must lie between 1 and {len(self)} (the texts there are), got {n}.")
        return self.pick(stratified_positions(self.labels, n, seed))


def stratified_positions(labels: Sequence[int], n: int, seed: int) -> list[int]:
    """Draw ``n`` positions so that each class keeps its share; sorted. The largest remainders get what is left over."""
    labels = np.asarray(labels)
    random = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    exact = counts * (n / len(labels))
    places = np.floor(exact).astype(int)
    for k in np.argsort(-(exact - places), kind="stable")[: n - places.sum()]:
        places[k] += 1
    drawn = [
        random.permutation(np.flatnonzero(labels == c))[:k] for c, k in zip(classes, places, strict=True)
    ]
    return np.sort(np.concatenate(drawn)).tolist()


@dataclass(frozen=True)
class Source:
    """Where the texts came from."""

    kind: Literal["mirror", "hub", "cache", "stand-in", "generated", "table"]
    detail: str
    partial: bool = False  # True if a mirror holds fewer texts than the official data

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" + (" (partial)" if self.partial else "")


@dataclass(frozen=True)
class Corpus:
    """A corpus with its three parts."""

    name: str
    language: str
    label_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    source: Source
    card: str = field(repr=False, default="")  # the data card: origin, terms, known faults
    notes: tuple[str, ...] = ()  # what loading did: texts dropped, parts cut
