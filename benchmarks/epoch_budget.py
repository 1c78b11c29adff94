"""Where does an epoch go? ``python -m benchmarks.epoch_budget`` (``make bench-epoch``).

The reference recipe for AG News (a bidirectional LSTM of 128 units over vectors of 128 numbers, both poolings, averaged
weights) is trained on the same batches in turn with one and with two threads, and each part of a step is timed. Beside
it stands what the machine could do at best: the matrix products of the recurrent layer at the rate that a large matrix
product reaches here. Then the same epoch with one thing changed at a time.

A part is the sum over the batches; the ratios are within one run, so they stand on a busy machine as well.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from coursekit.batching import Batch, Prepared, make_loader, mask_from_lengths, prepare
from coursekit.data import load
from coursekit.nn import LengthAwareRNN, TextClassifier
from coursekit.runtime import seed_everything
from coursekit.training import Config, change
from coursekit.training.optimisers import make_average, make_optimiser
from coursestudies.plans import RECURRENT
from coursestudies.writing import provenance, write_record

ROWS, BATCHES = 12_000, 120
PARTS = (
    "batches in Python",
    "recurrent kernel",
    "rest of forward and backward",
    "word vectors, dense gradient",
    "clipping",
    "optimiser step",
    "averaging of weights",
)


class Stopwatch:
    """Seconds by part."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - start


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def products_of(config: Config) -> torch.autocast:
    """Compute in the precision of the configuration, as the training loop does."""
    return torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bfloat16")


def epoch(
    data: Prepared, config: Config, batches: list[Batch] | None = None
) -> tuple[dict[str, float], list[Batch]]:
    """Train over the batches; return the seconds of each part, and the batches."""
    seed_everything(0)
    model = TextClassifier(config, **data.sizes).train()
    optimiser, average = make_optimiser(model, config), make_average(model, config)
    watch, used = Stopwatch(), []
    loader = iter(batches or make_loader(data.train, config.batch_size, seed=0, pool=config.bucket_pool))
    for _ in range(BATCHES):
        with watch.part("batches in Python"):
            batch = next(loader, None)
        if batch is None:
            break
        used.append(batch)
        optimiser.zero_grad()
        with watch.part("rest of forward and backward"):
            with products_of(config):
                logits = model(batch.ids, batch.lengths)
            loss = cross_entropy(logits.float(), batch.labels, label_smoothing=config.label_smoothing)
            loss.backward()
            loss.item()
        with watch.part("clipping"):
            clip_grad_norm_(model.parameters(), config.clip_norm)
        with watch.part("optimiser step"):
            optimiser.step()
        if average is not None:
            with watch.part("averaging of weights"):
                average.update_parameters(model)
    kernel, table = kernel_seconds(model.rnn, used, config), table_seconds(model, used)
    watch.seconds["recurrent kernel"] = kernel
    watch.seconds["word vectors, dense gradient"] = table
    watch.seconds["rest of forward and backward"] -= kernel + table
    return watch.seconds, used


def kernel_seconds(rnn: LengthAwareRNN, batches: list[Batch], config: Config) -> float:
    """Forward and backward of the recurrent layer alone, on vectors that are there already."""

    def passes(x: Tensor, batch: Batch) -> None:
        with products_of(config):
            outputs, last = rnn.read(x, batch.lengths, mask_from_lengths(batch.lengths, x.shape[1]))
        (outputs.sum() + last.sum()).backward()

    vectors = [
        torch.randn(*batch.ids.shape[:2], config.embedding_dim, requires_grad=True) for batch in batches
    ]
    return sum(
        timed(lambda x=x, batch=batch: passes(x, batch)) for x, batch in zip(vectors, batches, strict=True)
    )


def table_seconds(model: TextClassifier, batches: list[Batch]) -> float:
    """Look up, and write a gradient for every row of the table, although a batch holds a few hundred words."""

    def lookup(batch: Batch) -> None:
        model.embedding.zero_grad()
        model.embedding(batch.ids).sum().backward()

    return sum(timed(lambda batch=batch: lookup(batch)) for batch in batches)


def limit_seconds(batches: list[Batch], config: Config, rate: float) -> float:
    """The matrix products of the recurrent layer at ``rate`` operations a second.

    A gate's product takes 2·(D + H)·H operations a token, four gates an LSTM; backward takes twice as much as forward.
    """
    tokens = sum(batch.ids.shape[0] * batch.ids.shape[1] for batch in batches)
    gates = {"rnn": 1, "lstm": 4, "gru": 3}[config.cell]
    directions = 2 if config.bidirectional else 1
    per_token = 2 * (config.embedding_dim + config.hidden_size) * config.hidden_size * gates
    return 3 * directions * tokens * per_token / rate


def measured_rate(size: int = 1024, repeats: int = 8) -> float:
    """Operations a second of a large product of float32 matrices; the best of several."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    return 2 * size**3 / min(timed(lambda: a @ b) for _ in range(repeats))


def changes(config: Config) -> dict[str, Config]:
    """One thing changed at a time."""
    return {
        "as it is": config,
        "no averaging": change(config, average_decay=None),
        "batch of 128": change(config, batch_size=2 * config.batch_size),
        "random batches": change(config, bucket_pool=1),
        "words seen 10 times": change(config, min_count=10),
        "one direction": change(config, bidirectional=False),
        "products in bfloat16": change(config, precision="bfloat16"),
    }


def report(seconds: dict[str, float], limit: float) -> dict[str, float]:
    """Print the parts of one epoch and return their shares."""
    total = sum(seconds.values())
    for part, spent in seconds.items():
        print(f"  {part:30} {1000 * spent / BATCHES:7.1f} ms a batch  {spent / total:6.1%}")
    print(
        f"  {'limit of the matrix products':30} {1000 * limit / BATCHES:7.1f} ms a batch  {limit / total:6.1%}",
        flush=True,
    )
    return {part.replace(" ", "_").replace(",", ""): spent / total for part, spent in seconds.items()} | {
        "share_of_limit": limit / total,
        "milliseconds_a_batch": 1000 * total / BATCHES,
    }


def main() -> int:
    """Measure, print, write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS, help="training texts")
    parser.add_argument("--out", help="folder of the record; data/results if left out")
    asked = parser.parse_args()
    start = time.perf_counter()
    corpus = load("ag_news", train=asked.rows)
    summary: dict[str, Any] = {}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        data, rate = prepare(corpus, RECURRENT), measured_rate()
        print(f"{threads} thread(s), {rate / 1e9:.0f} billion operations a second in a large product")
        seconds, batches = epoch(data, RECURRENT)
        shares = report(seconds, limit_seconds(batches, RECURRENT, rate))
        summary |= {f"threads{threads}_{name}": value for name, value in shares.items()}
    torch.set_num_threads(1)
    base, runs = None, []
    print("one thread, one thing changed at a time:")
    for name, config in changes(RECURRENT).items():
        data = prepare(corpus, config)
        seconds, batches = epoch(data, config)
        per_text = sum(seconds.values()) / sum(map(len, batches))
        base = base or per_text
        runs.append({"change": name, "seconds_a_text": per_text, "faster": base / per_text, "parts": seconds})
        print(f"  {name:22} {base / per_text:5.2f} times as fast a text", flush=True)
    summary |= {f"faster_{run['change'].replace(' ', '_')}": run["faster"] for run in runs}
    record = {
        "name": "bench-epoch",
        "what": "Where an epoch of the reference recipe goes, part by part, and what one change at a time gains.",
        "provenance": provenance(
            command="python -m benchmarks.epoch_budget",
            seeds=[0],
            corpus=corpus,
            seconds=time.perf_counter() - start,
        ),
        "summary": summary,
        "runs": runs,
    }
    print(f"written: {write_record(record, asked.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
