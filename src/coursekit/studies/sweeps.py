"""Sweeps: many trials, each written as soon as it is finished, so that a stopped sweep goes on where it was.

Left out: spreading over machines; hand in any ``concurrent.futures`` executor, such as a cluster's.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from coursekit.runtime import files
from coursekit.studies.trials import VERSION, Trial, run_trial


class TrialFile:
    """The finished trials of one study, in one file that is always whole.

    Parameters
    ----------
    path : path
        It may not be there yet.
    study : str
        Name of the study that the file belongs to.

    Raises
    ------
    ValueError
        If the file is not JSON, belongs to another study, or was written by another version.

    Notes
    -----
    Chapter: 10.
    """

    def __init__(self, path: str | Path, study: str) -> None:
        self.path, self.study = Path(path), study
        self.trials: dict[str, dict[str, Any]] = {}
        if self.path.is_file():
            self.trials = {trial["key"]: trial for trial in self._read()["runs"]}

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(
                f"'{self.path.name}' is not JSON ({error}); move it away and start again."
            ) from error
        if not isinstance(content, dict) or content.get("name") != self.study:
            raise ValueError(
                f"'{self.path.name}' must belong to the study {self.study!r}; choose another folder."
            )
        if content.get("version") != VERSION:
            raise ValueError(
                f"'{self.path.name}' must have version {VERSION}, got {content.get('version')!r}: another coursekit wrote "
                "it. Move it away, or start again with --again, which keeps it as .bak."
            )
        return content

    def add(self, trial: dict[str, Any]) -> None:
        """Keep a finished trial, and write the file.

        Parameters
        ----------
        trial : dict
            From :func:`coursekit.studies.trials.run_trial`.

        Raises
        ------
        OSError
            If the disk refuses; the file is as it was before.
        """
        files.write_json(
            self.path,
            {
                "name": self.study,
                "version": VERSION,
                "complete": False,
                "runs": [*self.trials.values(), trial],
            },
        )
        self.trials[trial["key"]] = trial


def run_trials(
    trials: Sequence[Trial],
    file: TrialFile,
    *,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Run what the file does not hold yet, and return all trials in the order they were asked for.

    Parameters
    ----------
    trials : sequence of Trial
    file : TrialFile
    jobs : int, default 1
        Processes at a time. Several use one torch thread each; a single one uses what torch is set to.
    executor : Executor, optional
        In place of processes on this machine.
    progress : bool, default True

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        If ``jobs`` is below 1.
    RuntimeError
        If another sweep is writing this file at the moment.

    Notes
    -----
    Chapter: 10.
    """
    if jobs < 1:
        raise ValueError(f"'jobs' must be at least 1, got {jobs}.")
    with _alone(file.path):
        missing = {trial.key: trial for trial in trials if trial.key not in file.trials}
        with tqdm(total=len(trials), initial=len(trials) - len(missing), disable=not progress) as bar:
            for finished in _run(list(missing.values()), jobs, executor):
                file.add(finished)
                score = finished["validation"]
                bar.set_postfix_str(finished["arm"] + ("" if score is None else f": {score:.4f}"))
                bar.update()
    return [file.trials[trial.key] for trial in trials]


def _run(trials: list[Trial], jobs: int, executor: Executor | None) -> Iterator[dict[str, Any]]:
    if executor is None and jobs == 1:
        yield from map(run_trial, trials)
        return
    with _pool(jobs, executor) as pool:
        for done in as_completed([pool.submit(run_trial, trial, 1) for trial in trials]):
            yield done.result()


@contextmanager
def _pool(jobs: int, executor: Executor | None) -> Iterator[Executor]:
    if executor is not None:
        yield executor  # the caller's; it stays open
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the file for this process; the system lets go of it when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as busy:
        raise RuntimeError(
            f"another study is writing '{path.name}' at the moment; wait for it, or choose another folder."
        ) from busy
    try:
        yield
    finally:
        lock.release()
