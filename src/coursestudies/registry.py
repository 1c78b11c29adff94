"""The studies that can be run again by name.

Left out: studies defined outside the package; call :func:`coursestudies.writing.write_record` for those.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Study:
    """Where a study's code lives, and what it finds out.

    Attributes
    ----------
    module : str
        It holds ``run(seeds) -> record``.
    """

    what: str
    module: str


STUDIES = {
    "linear-baselines": Study(
        "TF-IDF and logistic regression on every data set, chosen on validation, tested once",
        "coursestudies.linear",
    ),
    "comparisons": Study(
        "recorded answers compared on the same texts; trains nothing",
        "coursestudies.comparisons",
    ),
    "evening-tweets": Study(
        "RNN, LSTM and GRU on Russian tweets as lemmas, and counts of the same lemmas",
        "coursestudies.evening",
    ),
    "memory-by-length": Study(
        "temporal order and the adding problem by length: RNN, LSTM and GRU",
        "coursestudies.memory_by_length",
    ),
    "reviews-order": Study(
        "generated reviews in which order decides: counts against an LSTM",
        "coursestudies.reviews_order",
    ),
}


def run_study(name: str, *, seeds: list[int]) -> dict[str, Any]:
    """Run a study.

    Parameters
    ----------
    name : str
        A key of ``STUDIES``.

    Returns
    -------
    dict
        The record, not yet written.

    Raises
    ------
    ValueError
        If the name is unknown, there is no seed, or one is named twice.
    """
    if name not in STUDIES:
        raise ValueError(f"'name' must be one of {tuple(STUDIES)}, got {name!r}.")
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"'seeds' must hold at least one number, and none twice, got {seeds}.")
    return importlib.import_module(STUDIES[name].module).run(seeds)
