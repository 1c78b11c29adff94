"""Coursework A's pipeline against coursekit, on the same texts, in one run: ``python -m benchmarks.agnews_pipeline``.

Two questions. How long is one epoch with the same RNN(256) and the same batch of 32, each tokenising as it does
(coursekit also with products in bfloat16)? How long from raw texts to 0.90 validation accuracy, coursework A with its own
model, coursekit with its short recipe?

Left out: peers other than the coursework; they join with the studies.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks import coursework_a
from coursekit.batching import TextDataset, encode, make_loader, prepare
from coursekit.data import Corpus, Split, load
from coursekit.nn import TextClassifier
from coursekit.runtime import seed_everything
from coursekit.text import Vocabulary, tokenise
from coursekit.training import Config, evaluate, fit
from coursestudies.writing import provenance, write_record

TARGET = 0.90
BATCH = 32
RECIPE = Config(cell="lstm", embedding_dim=64, hidden_size=64, pooling="mean+max", dropout=0.0, epochs=1)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def train_epoch(
    model: nn.Module, batches: Any, optimiser: torch.optim.Optimizer, precision: str = "float32"
) -> None:
    """Run one plain epoch over (inputs…, labels) tuples."""
    model.train()
    for *inputs, labels in batches:
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            logits = model(*inputs)
        cross_entropy(logits.float(), labels).backward()
        optimiser.step()


@torch.no_grad()
def coursework_accuracy(model: nn.Module, batches: Any) -> float:
    """Count right answers over the whole part."""
    model.eval()
    right = [(model(ids).argmax(1) == labels).sum().item() for ids, labels in batches]
    return sum(right) / len(batches.dataset)


def coursework_epoch(train: Split, n_classes: int) -> Callable[[], None]:
    """Return one epoch of coursework A; the vocabulary is counted before, for both sides alike."""
    ids = coursework_a.word_to_id(train.texts)
    batches = coursework_a.loader(
        coursework_a.LateDataset(train.texts, train.labels, ids), BATCH, shuffle=True
    )
    model = coursework_a.CourseworkRNN(len(ids), n_classes)
    optimiser = torch.optim.Adam(model.parameters())
    return lambda: train_epoch(model, batches, optimiser)


def coursekit_epoch(train: Split, n_classes: int, precision: str = "float32") -> Callable[[], None]:
    """Return one epoch of coursekit with an RNN of the same width; its tokenising is timed within the epoch."""
    vocabulary = Vocabulary.build(map(tokenise, train.texts), min_count=26)
    config = Config(embedding_dim=256, hidden_size=256)  # the defaults for the rest: rnn, max, dropout .1
    model = TextClassifier(config, vocabulary_size=len(vocabulary), n_classes=n_classes)
    optimiser = torch.optim.Adam(model.parameters(), fused=True)

    def epoch() -> None:
        dataset = TextDataset(encode(train.texts, vocabulary), train.labels)
        batches = make_loader(dataset, BATCH, seed=0)
        train_epoch(model, ((b.ids, b.lengths, b.labels) for b in batches), optimiser, precision)

    return epoch


def coursework_to_target(corpus: Corpus, most_epochs: int) -> tuple[float, list[float]]:
    """Return seconds of counting and training until validation reaches the target, and the accuracies."""
    start = time.perf_counter()
    ids = coursework_a.word_to_id(corpus.train.texts)
    spent = time.perf_counter() - start
    train = coursework_a.LateDataset(corpus.train.texts, corpus.train.labels, ids)
    validation = coursework_a.LateDataset(corpus.validation.texts, corpus.validation.labels, ids)
    seed_everything(0)
    model = coursework_a.CourseworkRNN(len(ids), len(corpus.label_names))
    optimiser = torch.optim.Adam(model.parameters())
    batches = coursework_a.loader(train, BATCH, shuffle=True)
    found: list[float] = []
    while len(found) < most_epochs and (not found or found[-1] < TARGET):
        spent += seconds_of(lambda: train_epoch(model, batches, optimiser))
        found.append(coursework_accuracy(model, coursework_a.loader(validation, 256, shuffle=False)))
        print(f"  coursework A, epoch {len(found)}: {spent:.0f} s, validation {found[-1]:.4f}", flush=True)
    return spent, found


def coursekit_to_target(corpus: Corpus) -> tuple[float, list[float]]:
    """The same for coursekit's LSTM with one epoch: its schedule ends where the time does."""
    start = time.perf_counter()
    data = prepare(corpus, RECIPE)
    spent = time.perf_counter() - start
    seed_everything(0)
    model = TextClassifier(RECIPE, **data.sizes)
    history = fit(model, data.train, data.validation, RECIPE, seed=0)
    spent += history.seconds
    found = evaluate(model, data.validation).accuracy
    print(f"  coursekit, epoch 1: {spent:.0f} s, validation {found:.4f}", flush=True)
    return spent, [found]


def compare_epochs(corpus: Corpus, texts: int, repeats: int) -> dict[str, float]:
    """Time epochs of both sides in turn and compare medians."""
    part = corpus.train.take(min(texts, len(corpus.train)), seed=0)
    sides = {
        "coursework_a": coursework_epoch(part, len(corpus.label_names)),
        "coursekit": coursekit_epoch(part, len(corpus.label_names)),
        "coursekit_bfloat16": coursekit_epoch(part, len(corpus.label_names), "bfloat16"),
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(repeats):
        for name, epoch in sides.items():
            times[name].append(seconds_of(epoch))
            print(f"  turn {turn + 1}, {name}: {times[name][-1]:.1f} s", flush=True)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return {
        "epoch_texts": len(part),
        "epoch_seconds_coursework_a": medians["coursework_a"],
        "epoch_seconds_coursekit": medians["coursekit"],
        "epoch_ratio": medians["coursework_a"] / medians["coursekit"],
        "epoch_seconds_coursekit_bfloat16": medians["coursekit_bfloat16"],
        "epoch_ratio_bfloat16": medians["coursework_a"] / medians["coursekit_bfloat16"],
    }


def compare_to_target(corpus: Corpus, most_epochs: int) -> dict[str, Any]:
    """Time both sides from raw texts to the target."""
    theirs, their_accuracies = coursework_to_target(corpus, most_epochs)
    ours, our_accuracies = coursekit_to_target(corpus)
    return {
        "target": TARGET,
        "target_seconds_coursework_a": theirs,
        "target_epochs_coursework_a": len(their_accuracies),
        "target_accuracy_coursework_a": their_accuracies[-1],
        "target_seconds_coursekit": ours,
        "target_accuracy_coursekit": our_accuracies[-1],
        "target_ratio": theirs / ours,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run both comparisons, print them, and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=12_000, help="training texts in the timed epoch")
    parser.add_argument("--repeats", type=int, default=3, help="timed epochs of each side")
    parser.add_argument("--most-epochs", type=int, default=8, help="where coursework A gives up")
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    asked = parser.parse_args(arguments)
    start = time.perf_counter()
    corpus = load("ag_news")
    if corpus.source.kind == "stand-in":
        print("The benchmark needs the real AG News: set COURSEKIT_DATA to a campus mirror.", file=sys.stderr)
        return 2
    summary = compare_epochs(corpus, asked.texts, asked.repeats) | compare_to_target(
        corpus, asked.most_epochs
    )
    record = {
        "name": "bench-agnews",
        "what": "Coursework A's pipeline against coursekit on AG News, in one run.",
        "provenance": provenance(
            command="make bench", seeds=[0], corpus=corpus, seconds=time.perf_counter() - start
        ),
        "summary": summary,
        "runs": [],
    }
    for name, value in summary.items():
        print(f"{name:32} {value:.4g}" if isinstance(value, float) else f"{name:32} {value}")
    print(f"written: {write_record(record, asked.out)}")
    reached = summary["target_accuracy_coursekit"] >= TARGET
    return 0 if reached and summary["epoch_ratio"] >= 1.6 and summary["target_ratio"] >= 12 else 1


if __name__ == "__main__":
    sys.exit(main())
