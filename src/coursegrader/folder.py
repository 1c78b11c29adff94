"""A folder of submissions: grade every file, and never lose what is finished.

A finished submission is written at once, under the checksum of everything its marks depend on; a second run takes it
from there. Any ``concurrent.futures`` executor does the work, threads on this machine by default.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from coursegrader.definition import Homework, load_homework, solutions_dir
from coursegrader.engine import grade_file, load_data, no_mark
from coursegrader.grades import Graded, Settings, digest, paper_of, submission_key
from coursegrader.jobs import sweep_abandoned
from coursegrader.listing import list_submissions
from coursegrader.messages import machine_language, say
from coursegrader.sandboxes.confine import SYSTEM
from coursegrader.sandboxes.job import python_folders
from coursekit.data.mirror import mirror_dir
from coursekit.runtime import files

log = logging.getLogger(__name__)
FINISHED, ORDER = "finished", "order.json"


def refuse_to_show(*kept: str | Path) -> None:
    """Refuse a layout in which student code could read what it must not: the sandbox shows these folders whole."""
    for path in map(lambda p: Path(p).resolve(), kept):
        for shown in map(Path, (*SYSTEM, *python_folders())):
            if path.is_relative_to(shown.resolve()):
                raise ValueError(say("folder.shown", name=path.name, shown=shown))


def grade_folder(
    folder: str | Path,
    homework: str,
    out: str | Path,
    settings: Settings | None = None,
    *,
    executor: Executor | None = None,
    jobs: int = 1,
    progress: bool = True,
) -> list[Graded]:
    """Grade every file in a folder; what a run before this one finished is taken over from ``out/finished``.

    An executor may be that of ``dask.distributed``; by default ``jobs`` threads wait for one sandbox each. Raises
    ``FileNotFoundError`` if the folder holds nothing, ``LookupError`` if only a stand-in of the data can be had, and
    ``ValueError`` if a file of the data is damaged, or what must stay hidden lies where submissions can read.
    """
    if jobs < 1:
        raise ValueError(f"'jobs' must be at least 1, got {jobs}.")
    settings, finished, folder = settings or Settings(), Path(out, FINISHED), Path(folder)
    names, rubric = list_submissions(folder).names, load_homework(homework)
    paths = list(names)
    refuse_to_show(solutions_dir(), folder, out, *filter(None, [mirror_dir()]))
    corpus = load_data(rubric, settings)
    sweep_abandoned()
    keys = {path: submission_key(path, names[path], rubric, settings, corpus) for path in paths}
    kept = {path: finished / f"{key}.json" for path, key in keys.items()}
    done = {path: graded for path in paths if (graded := _read_finished(kept[path]))}
    todo = [path for path in paths if path not in done]
    unit = say("folder.unit").in_words(rubric.language or machine_language())
    with _executor(executor, jobs) as pool:
        waiting = {pool.submit(grade_file, path, names[path], rubric, settings): path for path in todo}
        for future in tqdm(_completed(waiting), total=len(todo), disable=not progress, unit=f" {unit}"):
            path = waiting[future]
            done[path] = _result(future, path, names[path], rubric, keys[path])
            done[path] = _keep(done[path], kept[path], rubric)
    write_order(finished, rubric, [keys[path] for path in paths])
    return [done[path] for path in paths]


def write_order(finished: Path, homework: Homework, keys: Sequence[str]) -> None:
    """Write down what a run graded, in its order, and by which rubric."""
    files.write_json(finished / ORDER, {"rubric": digest(homework), "keys": list(keys)})


def read_graded(out: str | Path, homework: Homework) -> list[Graded]:
    """Read what the last run in a folder graded, in its order; ``ValueError`` if the rubric is another one since."""
    listed = Path(out, FINISHED, ORDER)
    if not listed.is_file():
        raise FileNotFoundError(say("folder.no-results", folder=out))
    order = json.loads(listed.read_text(encoding="utf-8"))
    if not isinstance(order, dict) or order["rubric"] != digest(homework):
        raise ValueError(say("folder.other-rubric", name=homework.name, folder=out))
    return [_read(listed.parent / f"{key}.json") for key in order["keys"]]


def _result(future: Any, path: Path, name: str, homework: Homework, key: str) -> Graded:
    """Wait for one submission; if its worker is lost or has other data, that is no mark, and the others go on."""
    try:
        graded = future.result()
        if graded.key == key:
            return graded
        reason = "OtherDataError"  # a worker that has other texts, another rubric or another version
    except Exception as error:  # what it is depends on the executor
        log.exception("a worker was lost")
        reason = type(error).__name__
    lost = no_mark(name, "failed", say("engine.failed", error=reason), homework)
    return replace(lost, key=key, paper=paper_of(path, name))


def _keep(graded: Graded, path: Path, homework: Homework) -> Graded:
    """Write what is finished; what cannot be written is no mark, and the others go on."""
    try:
        files.write_json(path, graded.to_dict())
    except (
        ValueError,
        TypeError,
    ) as error:  # numbers or texts that no JSON holds; a full disk stops us, as it should
        log.exception("a result cannot be written")
        lost = no_mark(graded.name, "failed", say("engine.failed", error=type(error).__name__), homework)
        graded = replace(lost, key=graded.key, paper=graded.paper)
        files.write_json(path, graded.to_dict())
    return graded


def _read(path: Path) -> Graded:
    return Graded.from_dict(json.loads(path.read_text(encoding="utf-8")))


def _read_finished(path: Path) -> Graded | None:
    """Take over a finished submission; one that is damaged, or that we failed at, is graded again."""
    try:
        kept = _read(path)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    return None if kept.status == "failed" else kept


@contextmanager
def _executor(given: Executor | None, jobs: int) -> Iterator[Executor]:
    if given is not None:
        yield given
        return
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _completed(waiting: Mapping[Any, Path]) -> Iterator[Any]:
    """Futures as they end; those of a library that Python cannot wait for, in their order."""
    if all(isinstance(future, Future) for future in waiting):
        return as_completed(waiting)
    return iter(waiting)
