"""Planned studies: run a plan from wherever it stopped, and make its record."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from coursekit.records import results_dir
from coursekit.training import change
from coursestudies.plan import Arm, Plan
from coursestudies.summaries import summarise
from coursestudies.sweeps import TrialFile, run_trials
from coursestudies.tasks import load_task
from coursestudies.trials import VERSION, Trial
from coursestudies.writing import data_facts, provenance, write_record

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
    again: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Run what is missing of a plan, and write the record when all of it is there.

    Parameters
    ----------
    name : str
        Of the study; the file is ``NAME.json``.
    executor : Executor, optional
        In place of processes on this machine; it must run processes.
    budget : {"full", "smoke"}
        ``smoke`` trains for one epoch on 300 texts, of a stand-in if need be, into a folder that must be named: to see that
        everything runs.
    folder : path, optional
        :func:`coursekit.records.results_dir` if left out.
    again : bool, default False
        Start anew; the earlier file is kept as ``NAME.json.bak``, ``.bak2``, and so on.

    Returns
    -------
    dict
        The record. If nothing was missing, it is as it was.

    Raises
    ------
    ValueError
        If there is no seed or one twice, the budget is unknown, a smoke run names no folder or one that holds full
        results (or the other way round), or the texts are not those of the earlier runs.
    StudyBusyError
        If another process is writing the file.
    LookupError
        If the real data is out of reach.
    """
    _check(seeds, jobs, budget, folder)
    file = TrialFile(Path(folder or results_dir()) / f"{name}.json", name)
    how = {"jobs": jobs, "executor": executor, "progress": progress}
    with file.held():
        _same_budget(file, budget)
        if again:
            _data(plan, budget)  # out of reach? then nothing is moved
            file.put_aside()
        known = set(file.trials)
        first = _first_trials(plan, seeds[0], budget)
        if not {trial.key for trial in first} <= known:
            _same_texts(file, plan, budget)
        tried = run_trials(first, file, **how) if first else []
        chosen = {arm: _choose(arm, found, tried) for arm, found in plan.arms.items()}
        beside = _trials_beside(plan, chosen, seeds[0], budget)
        tried += run_trials(beside, file, **how) if beside else []
        final = _final_trials(plan, chosen, tried, seeds, budget)
        if not {trial.key for trial in final} <= known:
            _same_texts(file, plan, budget)
        runs = run_trials(final, file, **how)
        if known == set(file.trials) and file.content["complete"] and _seeds_of(file) == list(seeds):
            return file.content
        record = _record(name, plan, budget, list(seeds), jobs, chosen, tried, runs)
        wanted = {run["key"] for run in record["runs"]}
        record["earlier_runs"] = [run for key, run in file.trials.items() if key not in wanted]
        write_record(record, file.path.parent)
    return record


def _check(seeds: Sequence[int], jobs: int, budget: str, folder: str | Path | None) -> None:
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"'seeds' must hold at least one number, and none twice, got {list(seeds)}.")
    if jobs < 1:
        raise ValueError(f"'jobs' must be at least 1, got {jobs}.")
    if budget not in BUDGETS:
        raise ValueError(f"'budget' must be one of {BUDGETS}, got {budget!r}.")
    if budget == "smoke" and folder is None:
        raise ValueError("'folder' must be named for a smoke run: its results are no record.")


def _same_budget(file: TrialFile, budget: str) -> None:
    """A smoke run must not take the place of a record, nor count as one."""
    smoke = [run.get("stand_in", False) for run in file.trials.values()]
    if smoke and any(smoke) != (budget == "smoke"):
        held = "smoke" if any(smoke) else "full"
        raise ValueError(f"'folder' holds the {held} results of {file.study!r}; choose another for {budget}.")


def _same_texts(file: TrialFile, plan: Plan, budget: str) -> None:
    """Runs on other texts than today's cannot be compared with today's."""
    read = {task: found["sha256"] for task, found in _data(plan, budget).items()}
    recorded = file.content.get("provenance", {}).get("data", {})
    other = set()
    for run in file.trials.values():
        seen = run["made"]["data"] if "made" in run else recorded.get(run["task"], {}).get("sha256")
        if seen and run["task"] in read and seen != read[run["task"]]:
            other.add(run["task"])
    if other:
        raise ValueError(
            f"the texts of {', '.join(sorted(other))} are not those of the earlier runs in {file.path.name!r}; start again "
            "with --again (again=True), which keeps that file."
        )


def _seeds_of(file: TrialFile) -> list[int]:
    return file.content["provenance"]["seeds"]


def _first_trials(plan: Plan, seed: int, budget: str) -> list[Trial]:
    """One run for every candidate; where an arm has one only, its number of epochs may still be open."""
    return [
        _sized(Trial(f"{arm}: {candidate}", found.task, config, seed), plan, budget)
        for arm, found in plan.arms.items()
        if len(found.candidates) > 1 or plan.refit
        for candidate, config in found.candidates.items()
    ]


def _trials_beside(plan: Plan, chosen: dict[str, str], seed: int, budget: str) -> list[Trial]:
    """Where a linear model answers beside the network: the chosen candidate once more, to choose the share."""
    return [
        _sized(
            Trial(
                f"{arm}: {chosen[arm]}", found.task, found.candidates[chosen[arm]], seed, beside=found.beside
            ),
            plan,
            budget,
        )
        for arm, found in plan.arms.items()
        if found.beside is not None
    ]


def _final_trials(
    plan: Plan, chosen: dict[str, str], tried: list[dict[str, Any]], seeds: Sequence[int], budget: str
) -> list[Trial]:
    return [
        _sized(
            Trial(
                arm,
                plan.arms[arm].task,
                plan.arms[arm].candidates[candidate],
                seed,
                plan.tested,
                refit=_of_choice("best_epoch", arm, candidate, tried) if plan.refit else None,
                beside=plan.arms[arm].beside,
                share=_of_choice("beside", arm, candidate, tried)["share"] if plan.arms[arm].beside else None,
            ),
            plan,
            budget,
        )
        for arm, candidate in chosen.items()
        for seed in seeds
    ]


def _sized(trial: Trial, plan: Plan, budget: str) -> Trial:
    if budget == "full":
        return replace(trial, train_texts=plan.train_texts)
    config = change(trial.config, epochs=SMOKE["epochs"])
    return replace(trial, config=config, train_texts=SMOKE["train_texts"], stand_in=True)


def _choose(arm: str, found: Arm, tried: list[dict[str, Any]]) -> str:
    if len(found.candidates) == 1:
        return next(iter(found.candidates))
    scores = {run["arm"]: run["validation"] for run in tried if "failed" not in run}
    left = [candidate for candidate in found.candidates if f"{arm}: {candidate}" in scores]
    if not left:
        raise ValueError(f"every candidate of {arm!r} failed: {sorted(found.candidates)}.")
    return max(left, key=lambda candidate: scores[f"{arm}: {candidate}"])


def _of_choice(fact: str, arm: str, candidate: str, tried: list[dict[str, Any]]) -> Any:
    """What the chosen candidate's run on validation found, such as its best epoch."""
    return next(run[fact] for run in tried if run["arm"] == f"{arm}: {candidate}" and fact in run)


def _record(
    name: str,
    plan: Plan,
    budget: str,
    seeds: list[int],
    jobs: int,
    chosen: dict[str, str],
    tried: list[dict[str, Any]],
    runs: list[dict[str, Any]],
) -> dict[str, Any]:
    made = provenance(
        command=_command(name, plan, budget, seeds, jobs),
        seeds=seeds,
        corpus=_data(plan, budget),
        seconds=_seconds([*tried, *runs]),
    )
    made["machine"]["threads"] = max(run["threads"] for run in runs)
    return {
        "name": name,
        "version": VERSION,
        "complete": True,
        "what": plan.what,
        "varied": plan.varied,
        "tuned": plan.tuned,
        "fixed": plan.fixed,
        "provenance": made,
        "chosen": chosen,
        "summary": summarise(plan, chosen, tried, runs),
        "runs": [*tried, *runs],
    }


def _command(name: str, plan: Plan, budget: str, seeds: list[int], jobs: int) -> str:
    words = ["coursekit reproduce", name]
    if seeds != list(plan.seeds):
        words += ["--seeds", *map(str, seeds)]
    if jobs != 1:
        words += ["--jobs", str(jobs)]
    if budget != "full":
        words += ["--budget", budget]
    return " ".join(words)


def _seconds(runs: list[dict[str, Any]]) -> float:
    """Of computing, all runs added up, however often the study was stopped."""
    return sum(run.get("seconds", run.get("training_seconds", 0.0)) for run in runs)


def _data(plan: Plan, budget: str) -> dict[str, Any]:
    smoke = budget == "smoke"
    most = SMOKE["train_texts"] if smoke else plan.train_texts
    tasks = dict.fromkeys(arm.task for arm in plan.arms.values())
    return {task: data_facts(load_task(task, most, stand_in=smoke)) for task in tasks}
