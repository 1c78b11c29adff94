"""Planned studies: run a plan from wherever it stopped, and make its record.

Left out: drawing; the chapters draw from the record.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from coursekit.runtime import files, machine_facts
from coursekit.stats import wilson
from coursekit.studies.config import change
from coursekit.studies.plans import Arm, Plan
from coursekit.studies.records import corpus_checksum, results_dir, write_record
from coursekit.studies.sweeps import TrialFile, run_trials
from coursekit.studies.tasks import load_task
from coursekit.studies.trials import VERSION, Trial

BUDGETS = ("full", "smoke")
SMOKE = {"train_texts": 300, "epochs": 1}


def run_plan(
    name: str,
    plan: Plan,
    *,
    seeds: Sequence[int],
    jobs: int = 1,
    executor: Executor | None = None,
    budget: str = "full",
    folder: str | Path | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Run what is missing of a plan, and write the record when all of it is there.

    Parameters
    ----------
    name : str
        Of the study; the file is ``NAME.json``.
    plan : Plan
    seeds : sequence of int
    jobs : int, default 1
    executor : Executor, optional
        In place of processes on this machine.
    budget : {"full", "smoke"}
        ``smoke`` trains for one epoch on 300 texts, of a stand-in if need be, into a folder that must be named: to see that
        everything runs.
    folder : path, optional
        :func:`coursekit.studies.records.results_dir` if left out.
    progress : bool, default True

    Returns
    -------
    dict
        The record, written.

    Raises
    ------
    ValueError
        If there is no seed, the budget is unknown, or a smoke run names no folder.
    RuntimeError
        If another study is writing the file.
    LookupError
        If the real data is out of reach.

    Notes
    -----
    Chapter: 10.
    """
    if not seeds:
        raise ValueError("'seeds' must hold at least one number.")
    if budget not in BUDGETS:
        raise ValueError(f"'budget' must be one of {BUDGETS}, got {budget!r}.")
    if budget == "smoke" and folder is None:
        raise ValueError("'folder' must be named for a smoke run: its results are no record.")
    start = time.perf_counter()
    file = TrialFile(Path(folder or results_dir()) / f"{name}.json", name)
    how = {"jobs": jobs, "executor": executor, "progress": progress}
    first = [
        _sized(Trial(f"{arm}: {candidate}", found.task, config, seeds[0]), plan, budget)
        for arm, found in plan.arms.items()
        if len(found.candidates) > 1 or plan.refit
        for candidate, config in found.candidates.items()
    ]
    tried = run_trials(first, file, **how) if first else []
    chosen = {arm: _choose(arm, found, tried) for arm, found in plan.arms.items()}
    final = [
        _sized(
            Trial(
                arm,
                plan.arms[arm].task,
                plan.arms[arm].candidates[candidate],
                seed,
                plan.tested,
                refit=_best_epoch(arm, candidate, tried) if plan.refit else None,
            ),
            plan,
            budget,
        )
        for arm, candidate in chosen.items()
        for seed in seeds
    ]
    runs = run_trials(final, file, **how)
    record = _record(name, plan, budget, list(seeds), chosen, tried, runs, time.perf_counter() - start)
    write_record(record, file.path.parent)
    return record


def start_again(name: str, folder: str | Path | None = None) -> Path | None:
    """Put the file of a study aside, as ``NAME.json.bak``; return where it is now, or None if there was none.

    Parameters
    ----------
    name : str
    folder : path, optional

    Notes
    -----
    Chapter: 10.
    """
    path = Path(folder or results_dir()) / f"{name}.json"
    if not path.is_file():
        return None
    kept = path.with_name(f"{path.name}.bak")
    files.write_bytes(kept, path.read_bytes())
    path.unlink()
    return kept


def _sized(trial: Trial, plan: Plan, budget: str) -> Trial:
    if budget == "full":
        return replace(trial, train_texts=plan.train_texts)
    config = change(trial.config, epochs=SMOKE["epochs"])
    return replace(trial, config=config, train_texts=SMOKE["train_texts"], stand_in=True)


def _choose(arm: str, found: Arm, tried: list[dict[str, Any]]) -> str:
    if len(found.candidates) == 1:
        return next(iter(found.candidates))
    scores = {trial["arm"]: trial["validation"] for trial in tried}
    return max(found.candidates, key=lambda candidate: scores[f"{arm}: {candidate}"])


def _best_epoch(arm: str, candidate: str, tried: list[dict[str, Any]]) -> int:
    """After how many epochs the chosen one was best."""
    return next(trial["best_epoch"] for trial in tried if trial["arm"] == f"{arm}: {candidate}")


def _record(name, plan, budget, seeds, chosen, tried, runs, seconds) -> dict[str, Any]:
    machine = machine_facts()
    command = f"coursekit reproduce {name}" + ("" if budget == "full" else f" --budget {budget}")
    return {
        "name": name,
        "version": VERSION,
        "complete": True,
        "what": plan.what,
        "varied": plan.varied,
        "tuned": plan.tuned,
        "fixed": plan.fixed,
        "provenance": {
            "date": machine.pop("date"),
            "versions": machine.pop("versions"),
            "machine": machine,
            "command": command,
            "seeds": seeds,
            "data": _data(plan, budget),
            "seconds": seconds,
        },
        "chosen": chosen,
        "summary": {
            arm: _summary(
                [run for run in runs if run["arm"] == arm],
                [run for run in tried if run["arm"] == f"{arm}: {candidate}"],
                plan,
            )
            for arm, candidate in chosen.items()
        },
        "runs": [*tried, *runs],
    }


def _data(plan: Plan, budget: str) -> dict[str, Any]:
    smoke = budget == "smoke"
    found = {}
    for task in dict.fromkeys(arm.task for arm in plan.arms.values()):
        corpus = load_task(task, SMOKE["train_texts"] if smoke else plan.train_texts, stand_in=smoke)
        found[task] = {
            "source": corpus.source.kind,
            "partial": corpus.source.partial,
            "rows": {part: len(getattr(corpus, part)) for part in ("train", "validation", "test")},
            "sha256": corpus_checksum(corpus),
        }
    return found


def _summary(runs: list[dict[str, Any]], tried: list[dict[str, Any]], plan: Plan) -> dict[str, Any]:
    if plan.refit:  # the final runs have no validation texts left; what was chosen had
        scores = [run["validation"] for run in tried]
    else:
        scores = [run["validation"] for run in runs]
    found = {
        "seeds": len(runs),
        "parameters": runs[0]["parameters"],
        "validation_mean": statistics.mean(scores),
        "validation_sd": _sd(scores),
        "training_seconds": statistics.mean(run["training_seconds"] for run in runs),
        "training_seconds_longest": max(run["training_seconds"] for run in runs),
    }
    if plan.tested:
        correct = [run["test"]["correct"] for run in runs]
        n = runs[0]["test"]["n"]
        low, high = wilson(round(statistics.mean(correct)), n)
        for score in ("accuracy", "macro_f1"):
            values = [run["test"][score] for run in runs]
            found |= {f"{score}_mean": statistics.mean(values), f"{score}_sd": _sd(values)}
        found |= {"accuracy_low": low, "accuracy_high": high, "test_texts": n}
    return found


def _sd(values: list[float]) -> float:
    return statistics.stdev(values) if len(values) > 1 else 0.0
