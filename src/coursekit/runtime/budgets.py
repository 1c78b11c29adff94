"""Budgets: one lesson, sized for the machine that runs it."""

from __future__ import annotations

import os
from typing import TypeVar

from coursekit.runtime.machine import device

T = TypeVar("T")
NAMES = ("smoke", "cpu", "full")


def budget_name() -> str:
    """Return ``smoke``, ``cpu`` or ``full``: what ``COURSEKIT_BUDGET`` says, or else ``full`` where CUDA is there."""
    name = os.environ.get("COURSEKIT_BUDGET", "")
    if not name:
        return "full" if device().type == "cuda" else "cpu"
    if name not in NAMES:
        raise ValueError(f"COURSEKIT_BUDGET must be one of {NAMES}, got {name!r}; unset it for the default.")
    return name


def budget(*, cpu: T, gpu: T, smoke: T | None = None) -> T:
    """Pick a size for this run: for a laptop, for a GPU (budget ``full``), or the smallest with which the code runs.

    Without ``smoke``, a test of the code takes ``cpu``.

    >>> import os; os.environ["COURSEKIT_BUDGET"] = "cpu"
    >>> budget(cpu=4_000, gpu=60_000)
    4000
    """
    sizes = {"smoke": cpu if smoke is None else smoke, "cpu": cpu, "full": gpu}
    return sizes[budget_name()]
