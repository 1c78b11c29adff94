"""What a submission is asked: every part of the rubric adds its probes, and the sandbox answers them in one run."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from torch import Tensor

from coursegrader.definition import Homework
from coursegrader.packed import read_model
from coursekit.data import Corpus, Split
from coursekit.text import Vocabulary
from coursekit.training import Config

HELD_OUT, WATCHED = 400, 200  # texts that are answered, texts that choose the epoch


@dataclass(frozen=True)
class Sample:
    """Texts to train on, and texts to answer, whose labels are kept back."""

    texts: dict[str, Any]
    labels: list[int]


@dataclass
class Request:
    """What one submission is asked."""

    homework: Homework
    corpus: Corpus | None
    attachments: Mapping[str, bytes]  # files that were handed in with the notebook
    seed: int  # of everything that is drawn
    # each with an ``id`` and a ``kind``: a function of coursegrader.probes, or ``answer`` of the kind of that name
    probes: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, Tensor] = field(default_factory=dict)  # what the probes ask about
    weights: bytes | None = None  # a safetensors file, as it was handed in
    needs_sample: bool = False

    def probe(self, probe_id: str, kind: str, /, **options: Any) -> None:
        """Ask something; several parts may share one probe."""
        if all(probe["id"] != probe_id for probe in self.probes):
            off = {"off": list(self.homework.forbidden)} if self.homework.forbidden else {}
            self.probes.append({"id": probe_id, "kind": kind} | off | options)

    def probe_training(self, probe_id: str, kind: str, config: Mapping[str, Any], /, **options: Any) -> None:
        """Ask for a model that is trained in the sandbox, on a sample and for few epochs."""
        self.needs_sample = True
        smaller = {"epochs": self.homework.smoke["epochs"], "batch_size": 32}
        self.probe(probe_id, kind, config=dict(config), seed=self.seed, smaller=smaller, **options)

    @cached_property
    def model(self) -> tuple[Config, Vocabulary, bytes]:
        """Configuration, vocabulary and weights that were handed in; a ``ValueError`` says what is wrong."""
        return read_model(self.attachments)

    @cached_property
    def sample(self) -> Sample | None:
        """Drawn once, if a part needs it."""
        return draw_sample(self.corpus, self.homework.smoke, self.seed) if self.needs_sample else None


def draw_sample(corpus: Corpus, smoke: Mapping[str, Any], seed: int) -> Sample:
    """Draw from train and validation; the test part is not touched."""
    train, validation = corpus.train, corpus.validation
    if smoke.get("balanced"):
        train, validation = balanced(train, seed), balanced(validation, seed)
    train = train.take(min(smoke["rows"], len(train)), seed)
    n_watched = min(WATCHED, len(validation) // 2)
    order = random.Random(seed).sample(range(len(validation)), len(validation))
    watched = validation.pick(order[:n_watched])
    heldout = validation.pick(order[n_watched : n_watched + HELD_OUT])
    texts = as_json(corpus, train, watched) | {"heldout": list(heldout.texts)}
    return Sample(texts, list(heldout.labels))


def as_json(corpus: Corpus, train: Split, validation: Split) -> dict[str, Any]:
    """What the sandbox reads of a corpus: two parts with their labels, never the test part."""
    made = {"name": corpus.name, "language": corpus.language, "label_names": list(corpus.label_names)}
    for part, split in (("train", train), ("validation", validation)):
        made[part] = {"texts": list(split.texts), "labels": list(split.labels)}
    return made


def balanced(split: Split, seed: int) -> Split:
    """Draw as many texts of every class as the rarest has: where a class is rare, guessing must not look like learning."""
    places: dict[int, list[int]] = {}
    for i, label in enumerate(split.labels):
        places.setdefault(label, []).append(i)
    fewest, draw = min(map(len, places.values())), random.Random(seed)
    return split.pick(sorted(i for texts in places.values() for i in draw.sample(texts, fewest)))
