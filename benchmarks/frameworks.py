"""Four ways to train on the same news, in one run: ``python -m benchmarks.frameworks`` (see ``make bench-frameworks``).

Coursework A's pipeline, a textbook loop with packed sequences, a Keras 3 LSTM on TensorFlow (with and without XLA), and
coursekit: the same texts, batch, sizes and state at the last real token (coursework A keeps its own RNN). For each one:
seconds of an epoch, seconds from raw texts to 0.90 validation accuracy, share of pads, peak memory. Each runs in a
process of its own, one after the other.

Left out: GPUs, on which Keras and PyTorch call the same kernels.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from benchmarks import coursework_a
from benchmarks.agnews_pipeline import coursework_accuracy, train_epoch
from benchmarks.peak import peak_mib
from coursekit.batching import TextDataset, make_loader, prepare
from coursekit.data import Corpus, load
from coursekit.nn import TextClassifier
from coursekit.runtime import files, seed_everything
from coursekit.text import Vocabulary, tokenise
from coursekit.training import Config, evaluate, fit
from coursestudies.writing import provenance, write_record

SIZES = {"embedding_dim": 128, "hidden_size": 128, "batch_size": 64, "learning_rate": 1e-3, "max_length": 256}
SHAPE = Config(
    cell="lstm",
    embedding_dim=SIZES["embedding_dim"],
    hidden_size=SIZES["hidden_size"],
    max_length=SIZES["max_length"],
    pooling="last",
    dropout=0.0,
)
RECIPE = Config(cell="lstm", pooling="mean+max", dropout=0.0, epochs=2)
TARGET, MOST_EPOCHS = 0.90, 6
CONTENDERS = ("coursework A", "packed PyTorch", "Keras", "Keras, XLA", "coursekit")


class PackedLSTM(nn.Module):
    """The textbook: embed, pack, LSTM, last state, linear."""

    def __init__(self, vocabulary_size: int, n_classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, SIZES["embedding_dim"])
        self.lstm = nn.LSTM(SIZES["embedding_dim"], SIZES["hidden_size"], batch_first=True)
        self.head = nn.Linear(SIZES["hidden_size"], n_classes)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )  # (sum of lengths, E)
        _, (last, _) = self.lstm(packed)
        return self.head(last[-1])  # (B, C)


class Scored:
    """Epochs with their seconds and validation accuracies, until enough is known."""

    def __init__(self, spent: float) -> None:
        self.spent, self.epochs = spent, []

    def add(self, seconds: float, accuracy: float) -> None:
        self.spent += seconds
        self.epochs.append({"seconds": seconds, "accuracy": accuracy, "spent": self.spent})
        number = len(self.epochs)
        print(f"  epoch {number}: {seconds:.1f} s, validation {accuracy:.4f}", file=sys.stderr, flush=True)

    @property
    def enough(self) -> bool:
        """At least three epochs, and the target or no patience left."""
        n = len(self.epochs)
        return n >= 3 and (self.epochs[-1]["accuracy"] >= TARGET or n >= MOST_EPOCHS)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def share_of_pads(batches: Iterable[torch.Tensor], pad: int = 0) -> float:
    """Return the share of pads among the places of all batches together, as the Keras script does."""
    pads, places = 0, 0
    for ids in batches:
        pads, places = pads + int((ids == pad).sum()), places + ids.numel()
    return pads / places


def run_coursework(corpus: Corpus) -> dict[str, Any]:
    """Coursework A as published: tokenised whenever a text is drawn, random batches, its own RNN."""
    spent, ids = _timed(lambda: coursework_a.word_to_id(corpus.train.texts))
    parts = [
        coursework_a.LateDataset(part.texts, part.labels, ids) for part in (corpus.train, corpus.validation)
    ]
    model = coursework_a.CourseworkRNN(len(ids), len(corpus.label_names))
    optimiser = torch.optim.Adam(model.parameters())
    batches = coursework_a.loader(parts[0], SIZES["batch_size"], shuffle=True)
    scored = Scored(spent)
    while not scored.enough:
        seconds, _ = _timed(lambda: train_epoch(model, batches, optimiser))
        scored.add(seconds, coursework_accuracy(model, coursework_a.loader(parts[1], 256, shuffle=False)))
    return {"epochs": scored.epochs, "pads": share_of_pads((rows for rows, _ in batches), ids["<pad>"])}


def _encoded(corpus: Corpus) -> tuple[float, Vocabulary, list[TextDataset]]:
    def work() -> tuple[Vocabulary, list[TextDataset]]:
        data = prepare(corpus, SHAPE)
        return data.encoder.vocabulary, [data.train, data.validation]

    spent, (vocabulary, parts) = _timed(work)
    return spent, vocabulary, parts


def run_packed(corpus: Corpus) -> dict[str, Any]:
    """PyTorch by the book: random batches, packed."""
    spent, vocabulary, (train, validation) = _encoded(corpus)
    rows = list(zip(train.id_lists, train.labels, strict=True))

    def collate(items: list[tuple[list[int], int]]) -> tuple[torch.Tensor, ...]:
        ids = pad_sequence([torch.tensor(ids) for ids, _ in items], batch_first=True)  # (B, T)
        lengths = torch.tensor([len(ids) for ids, _ in items])
        return ids, lengths, torch.tensor([label for _, label in items])

    batches = torch.utils.data.DataLoader(rows, SIZES["batch_size"], shuffle=True, collate_fn=collate)
    model = PackedLSTM(len(vocabulary), len(corpus.label_names))
    optimiser = torch.optim.Adam(model.parameters(), lr=SIZES["learning_rate"])
    scored = Scored(spent)
    while not scored.enough:
        seconds, _ = _timed(lambda: train_epoch(model, batches, optimiser))
        scored.add(seconds, evaluate(model, validation).accuracy)
    return {"epochs": scored.epochs, "pads": share_of_pads(ids for ids, _, _ in batches)}


def run_coursekit(corpus: Corpus) -> dict[str, Any]:
    """Coursekit: the same shape for the seconds of an epoch; its short recipe for the way to the target."""
    spent, vocabulary, (train, validation) = _encoded(corpus)
    sizes = {"vocabulary_size": len(vocabulary), "n_classes": len(corpus.label_names)}
    model = TextClassifier(SHAPE, **sizes)
    optimiser = torch.optim.Adam(model.parameters(), lr=SIZES["learning_rate"], fused=True)
    batches = make_loader(train, SIZES["batch_size"], seed=0)
    scored = Scored(spent)
    for _ in range(3):
        same = ((b.ids, b.lengths, b.labels) for b in batches)
        seconds, _ = _timed(lambda part=same: train_epoch(model, part, optimiser))
        scored.add(seconds, evaluate(model, validation).accuracy)
    pads = share_of_pads(b.ids for b in batches)
    seed_everything(0)
    recipe = TextClassifier(RECIPE, **sizes)
    seconds, _ = _timed(lambda: fit(recipe, train, validation, RECIPE, seed=0, progress=False))
    found = evaluate(recipe, validation).accuracy
    print(f"  short recipe: {seconds:.1f} s, validation {found:.4f}", file=sys.stderr, flush=True)
    reached = {"seconds": spent + seconds, "accuracy": found}
    return {"epochs": scored.epochs, "pads": pads, "recipe": reached}


RUNS = {"coursework A": run_coursework, "packed PyTorch": run_packed, "coursekit": run_coursekit}


def contend(name: str, rows: int, threads: int) -> dict[str, Any]:
    """Run one contender in this process."""
    torch.set_num_threads(threads)
    seed_everything(0)
    found = RUNS[name](_corpus(rows))
    return found | {"peak_mib": peak_mib()}


def _corpus(rows: int) -> Corpus:
    return load("ag_news", train=rows, quiet=True)


def keras_job(corpus: Corpus, *, threads: int, jit_compile: bool) -> dict[str, Any]:
    """What the Keras script is told: the same texts and sizes, and the size of coursekit's vocabulary."""
    vocabulary = Vocabulary.build(map(tokenise, corpus.train.texts), min_count=3)
    return SIZES | {
        "train_texts": corpus.train.texts,
        "train_labels": corpus.train.labels,
        "validation_texts": corpus.validation.texts,
        "validation_labels": corpus.validation.labels,
        "vocabulary_size": len(vocabulary),
        "n_classes": len(corpus.label_names),
        "target": TARGET,
        "most_epochs": MOST_EPOCHS,
        "threads": threads,
        "jit_compile": jit_compile,
    }


def _in_a_process(command: list[str], threads: int) -> dict[str, Any]:
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
    )
    return json.loads(done.stdout.splitlines()[-1])


def compare(names: list[str], rows: int, threads: int, keras_python: str | None) -> dict[str, dict[str, Any]]:
    """Run the contenders one after the other, each in a process of its own."""
    found = {}
    for name in names:
        print(name, file=sys.stderr, flush=True)
        if not name.startswith("Keras"):
            command = [sys.executable, "-m", "benchmarks.frameworks", "--contender", name]
            found[name] = _in_a_process([*command, "--rows", str(rows), "--threads", str(threads)], threads)
            continue
        with tempfile.TemporaryDirectory() as folder:
            job = keras_job(_corpus(rows), threads=threads, jit_compile=name.endswith("XLA"))
            path = files.write_json(Path(folder) / "job.json", job)
            script = Path(__file__).with_name("keras_lstm.py")
            found[name] = _in_a_process([keras_python, str(script), str(path)], threads)
    return found


def summarise(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """One row for each contender."""
    table = {}
    for name, one in found.items():
        epochs = one["epochs"]
        reached = next((e["spent"] for e in epochs if e["accuracy"] >= TARGET), None)
        if "recipe" in one:
            reached = one["recipe"]["seconds"] if one["recipe"]["accuracy"] >= TARGET else None
        table[name] = {
            "epoch_seconds": statistics.median(e["seconds"] for e in epochs[1:]),
            "first_epoch_seconds": epochs[0]["seconds"],
            "target_seconds": reached,
            "best_accuracy": max(e["accuracy"] for e in epochs),
            "pads": one["pads"],
            "peak_mib": one["peak_mib"],
        }
    return table


def show(table: dict[str, dict[str, Any]]) -> str:
    """Return the table as text."""
    lines = [
        f"{'':16}{'s/epoch':>9}{'first':>8}{'s to 0.90':>13}{'accuracy':>10}{'pads':>7}{'MiB':>7}",
    ]
    for name, row in table.items():
        target = "not reached" if row["target_seconds"] is None else f"{row['target_seconds']:.1f}"
        lines.append(
            f"{name:16}{row['epoch_seconds']:9.1f}{row['first_epoch_seconds']:8.1f}{target:>13}"
            f"{row['best_accuracy']:10.4f}{row['pads']:7.2f}{row['peak_mib']:7.0f}"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run all contenders, print the table, write the record; 1 if an epoch takes longer than Keras's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=12_000, help="training texts (default: 12000)")
    parser.add_argument("--threads", type=int, default=2, help="for each contender (default: 2)")
    parser.add_argument("--keras-python", metavar="PATH", help="a Python that has keras and tensorflow")
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    parser.add_argument("--contender", choices=tuple(RUNS), help="run only this one, and print JSON")
    asked = parser.parse_args(arguments)
    if asked.contender:
        print(json.dumps(contend(asked.contender, asked.rows, asked.threads)))
        return 0
    start, corpus = time.perf_counter(), _corpus(asked.rows)
    if corpus.source.kind == "stand-in":
        print("The benchmark needs the real AG News: set COURSEKIT_DATA to a campus mirror.", file=sys.stderr)
        return 2
    if asked.keras_python is None:
        print(
            "Name a Python that has Keras (--keras-python), or call 'make bench-frameworks'.", file=sys.stderr
        )
        return 2
    found = compare(list(CONTENDERS), asked.rows, asked.threads, asked.keras_python)
    table = summarise(found)
    fastest = min(table[name]["epoch_seconds"] for name in table if name.startswith("Keras"))
    ratio = fastest / table["coursekit"]["epoch_seconds"]
    made = provenance(
        command="make bench-frameworks", seeds=[0], corpus=corpus, seconds=time.perf_counter() - start
    )
    made["versions"] |= found["Keras"]["versions"]
    record = {
        "name": "bench-frameworks",
        "what": "Coursework A, packed PyTorch, Keras and coursekit on the same news, in one run.",
        "provenance": made,
        "summary": table,
        "sizes": SIZES | {"rows": len(corpus.train), "threads": asked.threads, "keras_ratio": ratio},
        "runs": [{"contender": name, **one} for name, one in found.items()],
    }
    print(show(table))
    print(f"an epoch of Keras takes {ratio:.2f} times as long as one of coursekit")
    print(f"written: {write_record(record, asked.out)}")
    return 0 if ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
