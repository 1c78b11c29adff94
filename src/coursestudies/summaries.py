"""The figures to quote from the runs of a plan."""

from __future__ import annotations

import statistics
from typing import Any

from coursekit.stats import wilson
from coursestudies.plan import Plan
from coursestudies.writing import spread


def summarise(
    plan: Plan, chosen: dict[str, str], tried: list[dict[str, Any]], runs: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the figures to quote, by arm, from the trials of the candidates and the final ones.

    Means and standard deviations over seeds (None where there is one run only), the Wilson interval of the mean number
    of test texts that are right, parameters and seconds. ``failed`` counts the seeds that diverged; the other figures
    leave them out.
    """
    return {
        arm: _summary(
            [run for run in runs if run["arm"] == arm],
            [run for run in tried if run["arm"] == f"{arm}: {candidate}"],
            plan,
        )
        for arm, candidate in chosen.items()
    }


def _summary(runs: list[dict[str, Any]], tried: list[dict[str, Any]], plan: Plan) -> dict[str, Any]:
    done = [run for run in runs if "failed" not in run]
    found: dict[str, Any] = {"seeds": len(runs)}
    if len(done) < len(runs):
        found["failed"] = len(runs) - len(done)
    if not done:
        return found
    # after a refit the final runs have no validation texts left; what was chosen had
    scores = [run["validation"] for run in (tried[:1] if plan.refit else done)]
    found |= {
        "parameters": done[0]["parameters"],
        "validation_mean": statistics.mean(scores),
        "validation_sd": spread(scores),
        "training_seconds": statistics.mean(run["training_seconds"] for run in done),
        "training_seconds_longest": max(run["training_seconds"] for run in done),
    }
    if not plan.tested:
        return found
    found |= _test_figures([run["test"] for run in done]) | {"test_texts": done[0]["test"]["n"]}
    if "beside" in done[0]:
        figures = _test_figures([run["beside"]["test"] for run in done])
        found |= {f"beside_{name}": value for name, value in figures.items()}
        found |= {
            "beside_share": done[0]["beside"]["share"],
            "beside_validation": next(run["beside"]["validation"] for run in tried if "beside" in run),
            "beside_seconds": statistics.mean(run["beside"]["seconds"] for run in done),
        }
    return found


def _test_figures(tests: list[dict[str, Any]]) -> dict[str, Any]:
    low, high = wilson(round(statistics.mean(test["correct"] for test in tests)), tests[0]["n"])
    figures: dict[str, Any] = {}
    for score in ("accuracy", "macro_f1"):
        values = [test[score] for test in tests]
        figures |= {f"{score}_mean": statistics.mean(values), f"{score}_sd": spread(values)}
    return figures | {"accuracy_low": low, "accuracy_high": high}
