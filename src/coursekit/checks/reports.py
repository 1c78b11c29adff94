"""Checks of a report: its numbers against the log, its causes against the configurations, its metric against sense."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

from coursekit.checks.findings import Finding, require_some, rows_of
from coursekit.runtime.settings import Settings

_DECIMAL = re.compile(r"(?<![\w.])\d*[.]\d+(?![\w.]*\d)")


def report_numbers(text: str, log: object) -> Finding:
    """Every decimal number of a text is a number of the log, rounded as written, or as a percentage.

    Which column a number is of it does not know: hand over those that the text speaks of.
    """
    known = [
        v for row in rows_of(log) for v in row.values() if isinstance(v, Real) and not isinstance(v, bool)
    ]
    written = require_some("the decimal numbers of the text", _DECIMAL.findall(text))
    foreign = [
        number
        for number in written
        if not any(_rounds_to(factor * value, number) for value in known for factor in (1, 100))
    ]
    seen = f"{len(written) - len(foreign)} of {len(written)} numbers stand in the log"
    seen += f", not {', '.join(foreign)}" if foreign else ""
    return Finding("report_numbers", not foreign, seen, "numbers typed by hand; print them from the log", 10)


def possible_score(score: float | str, n: int) -> Finding:
    """A share of ``n`` texts is k/n for a whole k, to the decimals that are written; give them as a string to keep zeros."""
    if n < 1:
        raise ValueError(f"'n' must be at least 1, got {n}: a share of no texts means nothing.")
    value, decimals = float(score), len(str(score).partition(".")[2])
    nearest = round(value * n)
    possible = 0 <= value <= 1 and abs(nearest / n - value) <= 0.5 * 10.0**-decimals + 1e-12
    texts = f"{value * n:,.2f}".rstrip("0").rstrip(".")
    seen = f"{score} of {n:,} texts would be {texts} texts"
    if not 0 <= value <= 1:
        seen = f"a share of {n:,} texts lies between 0 and 1, and this is {score}"
    return Finding(
        "possible_score", possible, seen, "a mean of batch accuracies, or a sum that broadcasts", 10
    )


def one_change(
    before: Settings | Mapping[str, Any],
    after: Settings | Mapping[str, Any],
    credited: Mapping[str, Any] | None = None,
) -> Finding:
    """Two runs differ in one field, and what a report credits is a value that the second one has and the first has not."""
    a, b = (c.to_dict() if isinstance(c, Settings) else dict(c) for c in (before, after))
    changed = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
    seen = "changed: " + (", ".join(f"{name} {a.get(name)} → {b.get(name)}" for name in changed) or "nothing")
    foreign = [f"{name} {value}" for name, value in (credited or {}).items() if b.get(name) != value]
    if foreign:
        seen += f"; credited: {', '.join(foreign)}, which the second run has not"
        return Finding("one_change", False, seen, "the credit goes to a thing that was not there", 10)
    alone = len(changed) == 1 and set(credited or changed) == set(changed)
    return Finding("one_change", alone, seen, "several changes at once, or none that acts", 10)


def chosen_without_test(
    log: object, reported: float, test: str = "test_accuracy", validation: str = "validation_accuracy"
) -> Finding:
    """The reported test score is one of the looks at the test set, and not the best of several, unless validation chose it.

    Rows without a test score are no looks. The column of validation need not be there.
    """
    rows, written = rows_of(log), str(reported)
    looks = require_some(test, [value for row in rows if math.isfinite(value := _number(row, test))])
    seen = f"{len(looks)} looks at the test set, reported {reported:.4g}, the best is {max(looks):.4g}"
    if not any(_rounds_to(look, written) for look in looks):
        return Finding(
            "chosen_without_test", False, seen, "no look gave this number; print it from the log", 10
        )
    by_validation = max(rows, key=lambda row: _number(row, validation))
    chosen = validation in rows[0] and _rounds_to(_number(by_validation, test), written)
    good = len(looks) == 1 or chosen or not _rounds_to(max(looks), written)
    cause = "the test set chose the epoch or the model; choose on validation, and test once"
    return Finding("chosen_without_test", good, seen, cause, 10)


def prefers_smallest(
    metric: Callable[[float, float], float], scores: Sequence[float], sizes: Sequence[float]
) -> Finding:
    """The winner by a metric depends on the scores, not on size alone: the scores change places, and so does the winner."""
    if len(scores) != len(sizes) or len(set(sizes)) < 2 or len(set(scores)) < 2:
        raise ValueError(
            f"'scores' and 'sizes' must be equally many and not all alike, got {scores}, {sizes}."
        )
    winners: set[float] = set()
    for turn in range(len(scores)):
        turned = [*scores[turn:], *scores[:turn]]
        winners.add(max(zip(turned, sizes, strict=True), key=lambda pair: metric(*pair))[1])
    always = winners == {min(sizes)}
    seen = f"with the scores handed round, the winner has {', '.join(f'{size:,}' for size in sorted(winners))} parameters"
    return Finding(
        "prefers_smallest", not always, seen, "sizes differ by more than scores can; draw both", 10
    )


def _number(row: Mapping[str, Any], name: str) -> float:
    """A value of a log; NaN where there is none."""
    value = row.get(name)
    return float(value) if isinstance(value, Real) else math.nan


def _rounds_to(value: float, written: str) -> bool:
    return abs(value - float(written)) <= 0.5 * 10.0 ** -len(written.partition(".")[2]) + 1e-9
