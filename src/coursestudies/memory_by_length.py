"""Memory by length: RNN, LSTM and GRU on temporal order and on the adding problem, from 10 to 200 steps, three seeds.

Varied: cell, task, length, seed. Tuned: nothing. Held fixed: 64 units, 1,000 steps of Adam with 32 new sequences each,
gradients clipped to length 1; the RNN starts orthogonal, the LSTM with a forget bias of 2, the others as torch draws.
"""

from __future__ import annotations

import itertools
import statistics
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss, one_hot

from coursekit.data import adding_problem, temporal_order
from coursekit.data.memory_tasks import ORDERS, SYMBOLS
from coursekit.runtime import seed_everything
from coursestudies.writing import spread

NAME = "memory-by-length"
WHAT = "Temporal order (accuracy) and adding problem (squared error) by length, for three cells."
TASKS = ("order", "adding")
CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
LENGTHS = (10, 25, 50, 100, 200)
HIDDEN, STEPS, BATCH, RATE, TEST = 64, 1_000, 32, 3e-3, 1_000
FORGET_BIAS = 2.0


class Reader(nn.Module):
    """One recurrent layer, and an answer from its last state."""

    def __init__(self, cell: str, input_size: int, outputs: int) -> None:
        super().__init__()
        self.rnn = CELLS[cell](input_size, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, outputs)
        if cell == "rnn":
            nn.init.orthogonal_(self.rnn.weight_hh_l0)
        if cell == "lstm":
            with torch.no_grad():
                self.rnn.bias_ih_l0[HIDDEN : 2 * HIDDEN] = FORGET_BIAS  # order i, f, g, o

    def forward(self, x: Tensor) -> Tensor:
        """Read sequences of shape (B, T, D); return answers of shape (B, outputs)."""
        states, _ = self.rnn(x)  # (B, T, H)
        return self.head(states[:, -1])


def draw(task: str, batch: int, length: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw inputs (B, T, D) and targets (B,) of a task."""
    if task == "adding":
        return adding_problem(batch, length, seed=seed)
    ids, labels = temporal_order(batch, length, seed=seed)
    return one_hot(ids, len(SYMBOLS)).float(), labels


def train(task: str, cell: str, length: int, seed: int) -> dict[str, Any]:
    """Train one cell on one task; return its ``losses`` and its ``score`` on fresh sequences.

    The score is the accuracy for order, the mean squared error for adding.
    """
    seed_everything(seed)
    sizes = (len(SYMBOLS), len(ORDERS)) if task == "order" else (2, 1)
    model = Reader(cell, *sizes)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    losses = []
    for step in range(STEPS):
        x, targets = draw(task, BATCH, length, 100_000 * seed + step)
        answers = model(x)
        loss = cross_entropy(answers, targets) if task == "order" else mse_loss(answers[:, 0], targets)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    with torch.no_grad():
        x, targets = draw(task, TEST, length, 100_000 * seed + 99_999)
        answers = model(x)
        if task == "order":
            score = (answers.argmax(dim=1) == targets).float().mean().item()
        else:
            score = mse_loss(answers[:, 0], targets).item()
    return {"score": score, "losses": losses}


def run(seeds: list[int]) -> dict[str, Any]:
    """Train every cell on every task and length."""
    runs, summary = [], {"steps": STEPS, "hidden": HIDDEN, "test": TEST}
    for task, length, cell in itertools.product(TASKS, LENGTHS, CELLS):
        scores = []
        for seed in seeds:
            began = time.perf_counter()
            found = train(task, cell, length, seed)
            scores.append(found["score"])
            runs.append(
                {
                    "task": task,
                    "length": length,
                    "cell": cell,
                    "seed": seed,
                    "score": found["score"],
                    "last_loss": statistics.mean(found["losses"][-20:]),
                    "seconds": time.perf_counter() - began,
                }
            )
            print(runs[-1], flush=True)
        summary[f"{task}_{cell}_{length}_mean"] = statistics.mean(scores)
        summary[f"{task}_{cell}_{length}_sd"] = spread(scores)
    data = {"name": "temporal order and adding problem", "source": "generated"}
    return {"data": data, "summary": summary, "runs": runs}
