"""Checks of training code and of its log: does it do what it says, and did it keep what it should?

A log is a :class:`coursekit.training.History`, a table, or a list of mappings, one for each epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from coursekit.checks.findings import Finding, rows_of


def same_twice(run: Callable[[], object]) -> Finding:
    """A run that sets its seed gives the same numbers twice."""
    same = _equal(run(), run())
    seen = f"two runs give {'the same' if same else 'different'} numbers"
    return Finding("same_twice", same, seen, "something draws without the seed, or a state is left behind", 0)


def argument_matters(function: Callable, name: str, first: object, second: object) -> Finding:
    """Another value of an argument gives another result, from the same seed."""
    results = []
    for value in (first, second):
        torch.manual_seed(0)
        results.append(function(**{name: value}))
    same = _equal(*results)
    seen = f"{name}={first!r} and {name}={second!r} give {'the same' if same else 'different results'}"
    cause = "nobody reads the argument, or its condition never holds"
    return Finding("argument_matters", not same, seen, cause, 9)


def score_counts(score: Callable[[list[tuple[Tensor, Tensor]]], float]) -> Finding:
    """An accuracy is right texts over all texts, with batches of unequal size, each logits (B, 2) and labels (B,)."""
    labels = [torch.tensor([0, 1, 1, 0]), torch.tensor([1])]
    answers = [torch.tensor([0, 0, 0, 1]), torch.tensor([1])]  # one right of four, one of one: two of five
    batches = [(torch.eye(2)[said], true) for said, true in zip(answers, labels, strict=True)]
    got = float(score(batches))
    cause = "a mean over batches, or two shapes that broadcast; count right texts and divide once"
    return Finding(
        "score_counts", math.isclose(got, 0.4, abs_tol=1e-6), f"2 of 5 right give {got:.4g}", cause, 0
    )


def loss_sees_classes(loss: Callable[[Tensor, Tensor], Tensor], n_classes: int) -> Finding:
    """The loss of a wrong answer is positive for each true class."""
    blind = []
    for label in range(n_classes):
        logits = torch.zeros(4, n_classes, requires_grad=True)
        value = loss(logits, torch.full((4,), label))
        if not math.isfinite(value.item()) or value.item() <= 0:
            blind.append(label)
    seen = f"classes without a loss: {blind}" if blind else f"all {n_classes} classes have a loss"
    cause = "ignore_index or a weight of zero that hits a class; a pad id is no label"
    return Finding("loss_sees_classes", not blind, seen, cause, 3)


def accuracy_fits_loss(
    log: object, n_classes: int, *, loss: str = "validation_loss", accuracy: str = "validation_accuracy"
) -> Finding:
    """Accuracy and loss can belong together: a wrong text costs at least ln 2, and a loss of ln C knows nothing."""
    even = math.log(n_classes)
    for epoch, row in enumerate(rows_of(log, loss, accuracy), start=1):
        seen = f"epoch {epoch}: accuracy {row[accuracy]:.4g} at a loss of {row[loss]:.4g} (ln {n_classes} = {even:.4g})"
        if not 0 <= row[accuracy] <= 1:
            return Finding("accuracy_fits_loss", False, seen, "an accuracy that is no share of the texts", 0)
        if row[accuracy] < 1 - row[loss] / math.log(2) - 1e-6:
            return Finding(
                "accuracy_fits_loss", False, seen, "the two come from different texts or labels", 0
            )
        if row[loss] > 0.99 * even and row[accuracy] > (1 + 1 / n_classes) / 2:
            cause = "all labels alike, and a drift that tips every answer at once"
            return Finding("accuracy_fits_loss", False, seen, cause, 9)
    return Finding("accuracy_fits_loss", True, seen, "", 0)


def gap_varies(log: object, first: str, second: str) -> Finding:
    """The gap between two measured columns is not the same in all epochs, to four decimals."""
    rows = rows_of(log, first, second)
    if len(rows) < 3:
        raise ValueError(f"a log must hold at least three epochs to compare gaps, got {len(rows)}.")
    gaps = [row[first] - row[second] for row in rows]
    seen = f"{first} minus {second} lies between {min(gaps):+.4f} and {max(gaps):+.4f}"
    cause = "one column was made from the other, or both from the same texts"
    return Finding("gap_varies", max(gaps) - min(gaps) > 1e-4, seen, cause, 10)


def best_epoch(log: object, kept: int, by: str = "validation_accuracy") -> Finding:
    """The epoch whose weights were kept (from 1) is the best on validation.

    Ask the model, not the code that believes to have kept them: evaluate it again, and look up which epoch has its score.
    """
    values = [row[by] for row in rows_of(log, by)]
    if not 1 <= kept <= len(values):
        raise ValueError(f"'kept' must be an epoch of the log, 1 to {len(values)}, got {kept}.")
    best = min(values) if "loss" in by else max(values)
    seen = f"epoch {kept} was kept with {by} {values[kept - 1]:.4g}, the best is {best:.4g} of epoch {values.index(best) + 1}"
    return Finding("best_epoch", values[kept - 1] == best, seen, "the best value so far is never updated", 9)


def rate_acts(log: object, rate: str = "learning_rate", by: str | None = None) -> Finding:
    """A schedule changes the rate, and leaves enough of it for the first half of the run.

    ``by`` is the score that a plateau schedule waits for, larger being better: the rate must not fall straight after a
    new best, and need not fall at all while every epoch is one.
    """
    rows = rows_of(log, rate, *([] if by is None else [by]))
    rates = [row[rate] for row in rows]
    if len(rates) < 2:
        raise ValueError(f"a log must hold at least two epochs to see a schedule act, got {len(rates)}.")
    seen = f"the rate goes from {rates[0]:.2g} to {rates[-1]:.2g} over {len(rates)} epochs"
    if by is not None:
        best = [i for i in range(len(rows)) if all(row[by] < rows[i][by] for row in rows[:i])]
        fell = [i + 1 for i in best if i + 1 < len(rates) and rates[i + 1] < rates[i]]
        if fell:
            seen += f"; it falls after epoch {fell[0]}, the best so far"
            return Finding("rate_acts", False, seen, "a score that is read as a loss (mode)", 9)
        if len(best) == len(rows) and max(rates) > 1e-6:
            return Finding("rate_acts", True, f"{seen}; the score has not stalled yet", "", 9)
    if max(rates) < 1e-6:
        return Finding("rate_acts", False, seen, "a rate so small that no weight moves", 9)
    if min(rates) == max(rates):
        return Finding(
            "rate_acts",
            False,
            seen,
            "patience that the run is too short for, the wrong mode, or a score that never stalled",
            9,
        )
    starved = min(rates[: (len(rates) + 1) // 2]) < 1e-3 * max(rates)
    return Finding("rate_acts", not starved, seen, "stepped too often, or a score read as a loss (mode)", 9)


def _equal(a: object, b: object) -> bool:
    """Compare results exactly: tensors, numbers, and sequences or mappings of them."""
    if isinstance(a, Tensor) or isinstance(a, np.ndarray):
        return type(a) is type(b) and np.array_equal(np.asarray(a.detach().cpu() if isinstance(a, Tensor) else a),
                                                     np.asarray(b.detach().cpu() if isinstance(b, Tensor) else b))  # fmt: skip
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, Sequence) and not isinstance(a, str):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return a == b
