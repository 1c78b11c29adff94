"""Corpus, Split and Source: what a chapter gets when it asks for data."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from coursekit.text.guards import require_texts


def plain(values: Iterable) -> tuple[Any, ...]:
    """Return the values of a list, an array, a tensor or a column of a table as they are in Python."""
    return tuple(values.tolist() if hasattr(values, "tolist") else values)


def class_ids(labels: Iterable) -> tuple[int, ...]:
    """Return labels as whole numbers from 0; raise ``ValueError`` if one of them is none."""
    labels, ids = plain(labels), []
    for place, label in enumerate(labels):
        try:
            ids.append(int(operator.index(label)))
        except TypeError:
            ids.append(-1)
        if ids[-1] < 0:
            raise ValueError(
                f"each label must be a whole number from 0, the number of its class, got {label!r} at position {place}; "
                "number the classes: ids = {name: i for i, name in enumerate(sorted(set(labels)))}, then "
                "[ids[label] for label in labels]."
            )
    return tuple(ids)


@dataclass(frozen=True)
class Split:
    """Texts with their labels: class ids, from 0. Lists, arrays and columns of a table are taken as well.

    Raises ``TypeError`` if there is one string in place of several texts, and ``ValueError`` if they are not equally
    many, a text is no string, or a label is no whole number from 0.
    """

    texts: tuple[str, ...] = field(repr=False)
    labels: tuple[int, ...] = field(repr=False)

    def __post_init__(self) -> None:
        require_texts(self.texts)
        object.__setattr__(self, "texts", plain(self.texts))
        object.__setattr__(self, "labels", class_ids(self.labels))
        if len(self.texts) != len(self.labels):
            raise ValueError(
                f"'texts' and 'labels' must be equally many, got {len(self.texts)} and {len(self.labels)}."
            )
        for place, text in enumerate(self.texts):
            if not isinstance(text, str):
                raise ValueError(f"each text must be a string, got {text!r:.40} at position {place}.")

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
        """Draw ``n`` of the texts there are, stratified: every class keeps its share, to the nearest text."""
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

    @cached_property
    def checksum(self) -> str:
        """A SHA-256 over every text and label, in order."""
        digest = hashlib.sha256()
        for split in (self.train, self.validation, self.test):
            for text, label in zip(split.texts, split.labels, strict=True):
                digest.update(f"{label}\t{text}\0".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()
