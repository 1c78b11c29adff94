"""Planned studies: run a plan from wherever it stopped, and make its record."""

from __future__ import annotations

from collections.abc import Sequence
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
from coursestudies.writing import check_seeds, data_facts, provenance, write_record

BUDGETS = ("full", "smoke")
SMOKE = {"train_texts": 300, "epochs": 1}


def run_plan(
    name: str,
    plan: Plan,
    *,
    seeds: Sequence[int],
    jobs: int = 1,
    budget: str = "full",
    folder: str | Path | None = None,
    again: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Run what is missing of a plan, and write the record ``NAME.json`` when all of it is there; return it.

    Parameters
    ----------
    budget : {"full", "smoke"}
        ``smoke`` trains for one epoch on 300 texts, of a stand-in if need be, into a folder that must be named: to see that
        everything runs.
    folder : path, optional
        :func:`coursekit.records.results_dir` if left out.
    again : bool, default False
        Start anew; the earlier file is kept as ``NAME.json.bak``, ``.bak2``, and so on.
    """
    _check(seeds, jobs, budget, folder)
    file = TrialFile(Path(folder or results_dir()) / f"{name}.json", name)
    how = {"jobs": jobs, "progress": progress}
    with file.held():
        _same_budget(file, budget)
        if again:
            _data(plan, budget)  # out of reach? then nothing is moved
            file.put_aside()
        known = set(file.trials)

        def run(trials: list[Trial]) -> list[dict[str, Any]]:
            if not {trial.key for trial in trials} <= known:
                _same_texts(file, plan, budget)
            return run_trials(trials, file, **how) if trials else []

        tried = run(_first_trials(plan, seeds[0], budget))
        chosen = {arm: _choose(arm, found, tried) for arm, found in plan.arms.items()}
        tried += run(_trials_beside(plan, chosen, seeds[0], budget))
        runs = run(_final_trials(plan, chosen, tried, seeds, budget))
        if known == set(file.trials) and file.content["complete"] and _seeds_of(file) == list(seeds):
            return file.content
        record = _record(name, plan, budget, list(seeds), jobs, chosen, tried, runs)
        wanted = {run["key"] for run in record["runs"]}
        earlier = [run for key, run in file.trials.items() if key not in wanted]
        record["earlier_runs"] = _shown(plan, earlier)
        write_record(record, file.path.parent)
    return record


def _check(seeds: Sequence[int], jobs: int, budget: str, folder: str | Path | None) -> None:
    check_seeds(seeds)
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
        _trial(plan, budget, arm, candidate, seed)
        for arm, found in plan.arms.items()
        if len(found.candidates) > 1 or plan.refit
        for candidate in found.candidates
    ]


def _trials_beside(plan: Plan, chosen: dict[str, str], seed: int, budget: str) -> list[Trial]:
    """Where a linear model answers beside the network: the chosen candidate once more, to choose the share."""
    return [
        _trial(plan, budget, arm, chosen[arm], seed, beside=found.beside)
        for arm, found in plan.arms.items()
        if found.beside is not None
    ]


def _final_trials(
    plan: Plan, chosen: dict[str, str], tried: list[dict[str, Any]], seeds: Sequence[int], budget: str
) -> list[Trial]:
    trials = []
    for arm, candidate in chosen.items():
        how: dict[str, Any] = {"arm": arm, "tested": plan.tested}
        if plan.refit:
            how["refit"] = _of_choice("best_epoch", arm, candidate, tried)
        if plan.arms[arm].beside:
            how |= {
                "beside": plan.arms[arm].beside,
                "share": _of_choice("beside", arm, candidate, tried)["share"],
            }
        trials += [replace(_trial(plan, budget, arm, candidate, seed), **how) for seed in seeds]
    return trials


def _trial(plan: Plan, budget: str, arm: str, candidate: str, seed: int, **more: Any) -> Trial:
    """A run of one candidate, as large as the budget allows."""
    config, texts, smoke = plan.arms[arm].candidates[candidate], plan.train_texts, budget == "smoke"
    if smoke:
        config, texts = change(config, epochs=SMOKE["epochs"]), SMOKE["train_texts"]
    task = plan.arms[arm].task
    return Trial(f"{arm}: {candidate}", task, config, seed, train_texts=texts, stand_in=smoke, **more)


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
        "runs": _shown(plan, [*tried, *runs]),
    }


def _shown(plan: Plan, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs as a record shows them: without the configurations of an arm that students are not to see."""
    hidden = {arm for arm, found in plan.arms.items() if found.hidden}
    secret = [run["arm"].partition(":")[0] in hidden for run in runs]
    return [run | {"config": None} if kept else run for run, kept in zip(runs, secret, strict=True)]


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
