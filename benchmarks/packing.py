"""Padded passes against packing, in one run: ``OMP_NUM_THREADS=2 python -m benchmarks.packing``.

How much faster is :class:`coursekit.nn.LengthAwareRNN` than ``pack_padded_sequence`` on this CPU, forward and
backward, with the same weights? A batch of 96 texts with lengths drawn evenly from 1 to 256, vectors of 100 numbers,
hidden size 100; every cell, one and two layers, one and two directions. Then: what do length buckets add?

The two sides run in turn (A B, B A, A B, …), so that a busy moment hits both. A figure is the median of the ratios.

Left out: CUDA, where packing wins and the layer packs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import Any

import torch

from coursekit.batching import LengthBuckets, share_of_pads
from coursekit.nn import CELLS, LengthAwareRNN
from coursekit.runtime import machine_facts
from coursestudies.writing import write_record

BATCH, LONGEST, INPUT, HIDDEN = 96, 256, 100, 100
SIDES = ("padded", "packed")
_LAYERS = {1: "1 layer", 2: "2 layers"}
_DIRECTIONS = {1: "1 direction", 2: "2 directions"}
# What a page shows of the summary: headings and, below each, figures and their names.
SHOWN = {
    "One batch, for each network": {
        "batch": "texts in a batch",
        "longest": "words in the longest",
        "input": "input size",
        "hidden": "hidden size",
        "share_of_pads": "share of pads",
    },
    "Time packed / time padded": {
        f"{cell}_layers{n}_directions{ways}": f"{cell.upper()}, {layers}, {directions}"
        for cell in CELLS
        for n, layers in _LAYERS.items()
        for ways, directions in _DIRECTIONS.items()
    },
    "Share of pads, several batches": {"pads_random": "random batches", "pads_bucketed": "buckets"},
    "LSTM, 1 layer, 1 direction: time of random batches / time of buckets": {
        "buckets_gain_padded": "padded passes",
        "buckets_gain_packed": "packing",
    },
}
LSTM_ONE, LSTM_TWO, ANY = 3.0, 1.8, 0.9  # what each ratio must reach


def draw_lengths(n: int, seed: int = 0) -> torch.Tensor:
    """Draw lengths evenly from 1 to the longest; the longest is among them."""
    lengths = torch.randint(1, LONGEST + 1, (n,), generator=torch.Generator().manual_seed(seed))
    lengths[0] = LONGEST
    return lengths


def twins(cell: str, layers: int, both: bool) -> dict[str, LengthAwareRNN]:
    """Return the same network twice, computing in the two ways."""
    made = {side: LengthAwareRNN(cell, INPUT, HIDDEN, layers, both, path=side) for side in SIDES}
    made["packed"].load_state_dict(made["padded"].state_dict())
    return made


def seconds_of(rnn: LengthAwareRNN, batches: list[torch.Tensor]) -> float:
    """Time a forward and a backward pass over batches with these lengths."""
    inputs = [torch.randn(len(n), int(n.max()), INPUT, requires_grad=True) for n in batches]
    start = time.perf_counter()
    for x, lengths in zip(inputs, batches, strict=True):
        outputs, last = rnn(x, lengths)
        (outputs.sum() + last.sum()).backward()
    return time.perf_counter() - start


def compare(cell: str, layers: int, both: bool, repeats: int) -> dict[str, Any]:
    """Time both sides in turn on one batch; return every time and the median of the ratios."""
    rnns, batches = twins(cell, layers, both), [draw_lengths(BATCH)]
    times: dict[str, list[float]] = {side: [] for side in SIDES}
    for turn in range(repeats + 1):
        for side in SIDES if turn % 2 else reversed(SIDES):
            taken = seconds_of(rnns[side], batches)
            if turn:  # the first turn warms up
                times[side].append(taken)
    ratios = [slow / fast for slow, fast in zip(times["packed"], times["padded"], strict=True)]
    return {
        "cell": cell,
        "layers": layers,
        "directions": 1 + both,
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "seconds_padded": times["padded"],
        "seconds_packed": times["packed"],
    }


def compare_buckets(n_batches: int, repeats: int) -> dict[str, float]:
    """Time one LSTM over random and over bucketed batches of the same texts, in both ways."""
    lengths = draw_lengths(BATCH * n_batches)
    orders = {
        name: list(LengthBuckets(lengths.tolist(), BATCH, seed=0, pool=pool))
        for name, pool in (("random", 1), ("bucketed", n_batches))
    }
    rnns = twins("lstm", 1, False)
    ways = [(side, name) for side in SIDES for name in orders]
    times: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
    for turn in range(repeats):
        for side, name in ways if turn % 2 else reversed(ways):
            times[side, name].append(seconds_of(rnns[side], [lengths[rows] for rows in orders[name]]))
    medians = {f"buckets_{side}_{name}_seconds": statistics.median(times[side, name]) for side, name in ways}
    pads = {f"pads_{name}": share_of_pads(lengths.tolist(), batches) for name, batches in orders.items()}
    gains = {
        f"buckets_gain_{side}": statistics.median(
            a / b for a, b in zip(times[side, "random"], times[side, "bucketed"], strict=True)
        )
        for side in SIDES
    }
    return pads | medians | gains


def summary_of(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Collect the figures to quote: the setting, each ratio, and the lowest of them."""
    ratios = {
        f"{run['cell']}_layers{run['layers']}_directions{run['directions']}": run["ratio"] for run in runs
    }
    pads = share_of_pads(draw_lengths(BATCH).tolist(), [range(BATCH)])
    setting = {"batch": BATCH, "longest": LONGEST, "hidden": HIDDEN, "input": INPUT, "share_of_pads": pads}
    return setting | ratios | {"lowest_ratio": min(ratios.values())}


def main(arguments: list[str] | None = None) -> int:
    """Run both comparisons, print them, and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=11, help="timed turns of each network")
    parser.add_argument("--threads", type=int, default=2, help="torch threads")
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    start = time.perf_counter()
    print(
        f"{asked.threads} threads; packed time / padded time, forward and backward, median of {asked.repeats}"
    )
    runs = []
    for cell in CELLS:
        for layers in (1, 2):
            for both in (False, True):
                runs.append(compare(cell, layers, both, asked.repeats))
                run = runs[-1]
                milliseconds = [1000 * statistics.median(run[f"seconds_{side}"]) for side in SIDES]
                print(
                    f"  {cell:4} {layers} layer(s), {1 + both} direction(s): {run['ratio']:5.2f}   "
                    f"({milliseconds[0]:5.0f} ms padded, {milliseconds[1]:5.0f} ms packed)",
                    flush=True,
                )
    summary = summary_of(runs) | compare_buckets(10, max(1, asked.repeats // 2))
    facts = machine_facts()
    record = {
        "name": "bench-packing",
        "what": "Padded passes against packing on a CPU, forward and backward, in one run.",
        "provenance": {
            "date": facts.pop("date"),
            "versions": facts.pop("versions"),
            "machine": facts,
            "command": f"OMP_NUM_THREADS={asked.threads} python -m benchmarks.packing",
            "seeds": [0],
            "data": {"name": "random vectors, lengths even from 1 to 256", "source": "generated"},
            "seconds": time.perf_counter() - start,
        },
        "summary": summary,
        "shown": SHOWN,
        "runs": runs,
    }
    for name, value in summary.items():
        print(f"{name:32} {value:.4g}" if isinstance(value, float) else f"{name:32} {value}")
    print(f"written: {write_record(record, asked.out)}")
    fast_enough = (
        summary["lstm_layers1_directions1"] >= LSTM_ONE
        and summary["lstm_layers1_directions2"] >= LSTM_TWO
        and summary["lowest_ratio"] >= ANY
    )
    return 0 if fast_enough else 1


if __name__ == "__main__":
    sys.exit(main())
