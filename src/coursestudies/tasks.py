"""Tasks: the data sets of the studies, each prepared in one stated way."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from coursekit.batching import shorten
from coursekit.data import Corpus, Split, load
from coursekit.stats import macro_f1
from coursekit.text import Lemmatiser, tokenise
from coursekit.text.emoticons import remove_emoticons
from coursestudies.writing import PARTS

STAND_INS = ("stand-in", "generated")


@dataclass(frozen=True)
class Task:
    """A data set and what is done to its texts before they are cut into words."""

    data: str  # a name that coursekit.data.load knows
    prepare: Callable[[str], str] | None = None  # from a text to a text
    # Cut every text as a configuration with this ``max_length`` and ``cut`` would, then put the words that are left
    # into a random order, the same one in every run. The vocabulary is counted on what is left; that of the arm in order
    # is counted on whole texts, so on long ones it knows more words.
    shuffled: tuple[int, str] | None = None
    monitor: str = "accuracy"  # what the best epoch, and the best candidate, is chosen by on validation


def lemmas_of(text: str) -> str:
    """Prepare a tweet as the evening page does: no marks of the service, no emoticons, each word as its lemma."""
    text = remove_emoticons(re.sub(r"\bRT\b|@\w+|https?://\S+", " ", text))
    return " ".join(_LEMMATISER.lemmas(re.findall(r"[^\W_]+", text.lower())))


_LEMMATISER = Lemmatiser()
TASKS = {
    "ag_news": Task("ag_news"),
    "ag_news-shuffled": Task("ag_news", shuffled=(256, "head")),
    "imdb": Task("imdb"),
    "imdb-shuffled": Task("imdb", shuffled=(128, "ends")),
    "ru_tweets": Task("ru_tweets", prepare=remove_emoticons),
    "ru_tweets-lemmas": Task("ru_tweets", prepare=lemmas_of),
    "hate_tweets": Task("hate_tweets", monitor="macro_f1"),
}


@lru_cache(maxsize=4)
def load_task(name: str, train_texts: int | None = None, *, stand_in: bool = False) -> Corpus:
    """Load a task's corpus, prepared; kept in memory for the next run.

    ``train_texts`` keeps only so many training texts, with the same share of every class. ``stand_in`` allows the
    embedded stand-in, for a trial of the machinery: a study is never recorded on one.
    """
    if name not in TASKS:
        raise ValueError(f"'name' must be one of {tuple(TASKS)}, got {name!r}.")
    task = TASKS[name]
    corpus = load(task.data, train=train_texts, quiet=True)
    if corpus.source.kind in STAND_INS and not stand_in:
        raise LookupError(
            f"the task {name!r} needs the real {task.data}, got its stand-in; set COURSEKIT_DATA to a campus mirror."
        )
    return replace(corpus, **{part: _prepared(getattr(corpus, part), task) for part in PARTS})


def score_of(name: str, classes: int) -> Callable[[Sequence[int], Sequence[int]], float]:
    """Return accuracy, or the macro-F1 of so many classes, as a function of true and predicted class ids."""
    if name == "macro_f1":
        return lambda truth, predicted: macro_f1(truth, predicted, classes)
    return lambda truth, predicted: float((np.asarray(truth) == predicted).mean())


def _prepared(split: Split, task: Task) -> Split:
    texts = split.texts if task.prepare is None else tuple(map(task.prepare, split.texts))
    if task.shuffled is not None:
        texts = tuple(_shuffle(text, *task.shuffled, seed=i) for i, text in enumerate(texts))
    return Split(texts, split.labels)


def _shuffle(text: str, room: int, cut: str, *, seed: int) -> str:
    words = shorten(tokenise(text, marks=True), room, cut)
    random.Random(seed).shuffle(words)
    return " ".join(words)
