"""The studies that are made in one piece, each a module with ``NAME``, ``WHAT`` and ``run``, and their records."""

from __future__ import annotations

import time
from typing import Any

from coursestudies import comparisons, evening, ladder_steps, linear, memory_by_length, reviews_order
from coursestudies.writing import check_seeds, provenance

STUDIES = {
    study.NAME: study
    for study in (linear, comparisons, evening, ladder_steps, memory_by_length, reviews_order)
}


def run_study(name: str, *, seeds: list[int]) -> dict[str, Any]:
    """Run a study, and return its record, not yet written.

    A study's ``run`` returns ``data`` (what was read), ``summary`` and ``runs``, with ``seeds`` where it needs fewer.
    """
    if name not in STUDIES:
        raise ValueError(f"'name' must be one of {tuple(STUDIES)}, got {name!r}.")
    check_seeds(seeds)
    start = time.perf_counter()
    found = STUDIES[name].run(seeds)
    made = provenance(
        command=f"coursekit reproduce {name}",
        seeds=found.pop("seeds", seeds),
        corpus=found.pop("data"),
        seconds=time.perf_counter() - start,
    )
    return {"name": name, "what": STUDIES[name].WHAT, "provenance": made, **found}
