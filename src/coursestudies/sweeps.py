"""Sweeps: many trials, each written as soon as it is finished, so that a stopped sweep goes on where it was."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from coursekit.records import read_json
from coursekit.runtime import files
from coursestudies.trials import VERSION, Trial, run_trial


class StudyBusyError(BlockingIOError):
    """Another process is writing the file of a study."""


class TrialFile:
    """The finished trials of one study, in one file that is always whole.

    ``content`` is what the file says, empty if there is none; ``trials`` are the finished ones by key, those of earlier
    plans included. A record that is complete stays one while trials are added: its summary and provenance are kept until
    the new ones are written.
    """

    def __init__(self, path: str | Path, study: str) -> None:
        self.path, self.study = Path(path), study
        self._lock = FileLock(self.path.with_name(f".{self.path.name}.lock"))
        self._reload()

    def _reload(self) -> None:
        self.content = self._read() if self.path.is_file() else {}
        runs = [*self.content.get("runs", []), *self.content.get("earlier_runs", [])]
        self.trials: dict[str, dict[str, Any]] = {run["key"]: run for run in runs}

    def _read(self) -> dict[str, Any]:
        content = read_json(self.path)
        if content.get("name") != self.study:
            raise ValueError(
                f"'{self.path.name}' must belong to the study {self.study!r}, got {content.get('name')!r}; choose "
                "another folder."
            )
        if content.get("version") != VERSION:
            raise ValueError(
                f"'{self.path.name}' must have version {VERSION}, got {content.get('version')!r}: another coursekit wrote "
                "it. Move it away, or choose another folder."
            )
        return content

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from writing, and read what they have written before.

        The system lets go of the file when this process ends, however it ends.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as busy:
            raise StudyBusyError(
                f"another study is writing '{self.path.name}' at the moment; wait for it, or choose another folder."
            ) from busy
        try:
            self._reload()
            yield
        finally:
            self._lock.release()

    def add(self, trial: dict[str, Any]) -> None:
        """Keep a finished trial, and write the file; if the disk refuses, all is as it was before."""
        begun = {"name": self.study, "version": VERSION, "complete": False, "runs": []}
        content = self.content or begun
        content = content | {"runs": [*content["runs"], trial]}
        files.write_json(self.path, content)
        self.content = content
        self.trials[trial["key"]] = trial

    def put_aside(self) -> Path | None:
        """Start anew; see :func:`coursekit.runtime.files.put_aside`."""
        kept = files.put_aside(self.path)
        self._reload()
        return kept


def run_trials(
    trials: Sequence[Trial], file: TrialFile, *, jobs: int = 1, progress: bool = True
) -> list[dict[str, Any]]:
    """Run what the file does not hold yet, ``jobs`` processes at a time, and return all trials in the order asked for.

    Several processes use one torch thread each; a single one uses what torch is set to. Whatever a trial raises is raised
    once all others have been run and kept.
    """
    if jobs < 1:
        raise ValueError(f"'jobs' must be at least 1, got {jobs}.")
    with file.held():
        missing = {trial.key: trial for trial in trials if trial.key not in file.trials}
        broken: list[Exception] = []
        with tqdm(total=len(trials), initial=len(trials) - len(missing), disable=not progress) as bar:
            for finished in _run(list(missing.values()), jobs, broken):
                file.add(finished)
                bar.set_postfix_str(_in_short(finished))
                bar.update()
        if broken:
            raise broken[0]
        return [file.trials[trial.key] for trial in trials]


def _in_short(run: dict[str, Any]) -> str:
    score = run["validation"]
    said = "failed" if "failed" in run else "" if score is None else f"{score:.4f}"
    return f"{run['arm']}: {said}".removesuffix(": ")


def _run(trials: list[Trial], jobs: int, broken: list[Exception]) -> Iterator[dict[str, Any]]:
    """Yield every trial that comes to its end; collect what the others raise."""
    if jobs == 1:
        waiting = ((trial, lambda trial=trial: run_trial(trial)) for trial in trials)
        yield from _finished(waiting, broken)
        return
    with _pool(jobs) as pool:
        asked = {pool.submit(run_trial, trial, 1): trial for trial in trials}
        yield from _finished(((asked[done], done.result) for done in as_completed(asked)), broken)


def _finished(waiting, broken: list[Exception]) -> Iterator[dict[str, Any]]:
    for trial, result in waiting:
        try:
            found = result()
        except Exception as error:  # kept for the end: one trial must not cost the others
            error.add_note(f"in the trial {trial.arm!r}, seed {trial.seed}, {trial.config}")
            broken.append(error)
        else:
            yield found


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_the_parent
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_the_parent() -> None:
    """Let a worker end when the sweep is killed; it would train on for nobody."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
