"""The engine: grade one submission, or a folder of them, and never lose what is finished.

A finished submission is written at once, under the checksum of its file, of the rubric and of the settings; a second
run takes it from there. Any ``concurrent.futures`` executor does the work, threads on this machine by default.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from safetensors.torch import save
from tqdm import tqdm

from coursegrader import sandbox
from coursegrader.alignment import align
from coursegrader.definition import Homework, load_homework
from coursegrader.flags import code_flags
from coursegrader.intake import Submission, UnreadableError, read_submission
from coursegrader.jobs import Outcome, defining_cells, run_job, sweep_abandoned
from coursegrader.marking import Evidence, Mark, asked_as, mark, read_model, read_results
from coursegrader.quality import SCORES
from coursegrader.questions import make_questions
from coursegrader.rubrics import QUALITY
from coursekit.data import Corpus, Split, load
from coursekit.homework.examine import cell_case
from coursekit.runtime import files
from coursekit.training import Config

log = logging.getLogger(__name__)
VERSION = 1  # of what a finished submission looks like
MODES = ("artefact", "full")
SUFFIXES = (".ipynb", ".zip")
HELD_OUT, WATCHED = 400, 200
FAILED = "the grader failed ({}); this is no mark"
CELL_SHAPES = ((1, 1, 1, 1), (2, 6, 3, 5), (3, 9, 5, 4), (5, 4, 2, 7))
LAW_SEED = 77


@dataclass(frozen=True)
class Settings:
    """How to grade.

    Attributes
    ----------
    mode : {"artefact", "full"}
        ``artefact`` asks the submitted model; ``full`` trains it again as well and compares.
    seed : int
        Of the questions; keep it to yourself.
    which : str or None
        The sandbox's back end; None takes the best there is.
    test_texts : int or None
        Ask only so many test texts (for trials); None asks all.
    train_texts : int or None
        Load only so many training texts (for trials).

    Raises
    ------
    ValueError
        If the mode is unknown.
    """

    mode: str = "artefact"
    seed: int = 20
    which: str | None = None
    test_texts: int | None = None
    train_texts: int | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"'mode' must be one of {MODES}, got {self.mode!r}.")


@dataclass(frozen=True)
class Graded:
    """One submission, graded.

    Attributes
    ----------
    name : str
        Of the file; names of people stay there.
    status : str
        ``ok``, ``person`` (something has to be looked at), ``unreadable`` or ``foreign``.
    reason : str
        Of a status other than ok.
    texts : dict of str to str
        What a person marks, by task.
    code : str
        What the student wrote, to be compared with others.
    key : str
        Checksum of everything that a mark depends on.
    paper : str
        Checksum of the file alone: what a person marks stays with the file, whatever becomes of rubric and grader.
    """

    name: str
    status: str
    marks: list[Mark]
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    code: str = ""
    backend: str = ""
    mode: str = ""
    seconds: float = 0.0
    key: str = ""
    paper: str = ""

    @property
    def points(self) -> float:
        """Points without those of a person."""
        return sum(m.points for m in self.marks)

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return asdict(self) | {"marks": [m.to_dict() for m in self.marks]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Graded:
        """Read back what :meth:`to_dict` wrote."""
        marks = [Mark(**m | {"reasons": tuple(m["reasons"])}) for m in values["marks"]]
        return cls(**values | {"marks": marks})


def grade_file(path: str | Path, homework: str, settings: Settings | None = None) -> Graded:
    """Grade one file.

    Parameters
    ----------
    homework : str
        Short name, for example ``hw1``.

    Returns
    -------
    Graded
        Never an exception for what a student can do; a file that cannot be read has the status ``unreadable``.
    """
    start, path, settings = time.monotonic(), Path(path), settings or Settings()
    found = load_homework(homework)
    key = submission_key(path, homework, settings)
    return replace(_grade_or_say_why(path, found, settings, key, start), paper=paper_of(path))


def _grade_or_say_why(path: Path, found: Homework, settings: Settings, key: str, start: float) -> Graded:
    try:
        return _grade(path, found, settings, key, start)
    except UnreadableError as unreadable:
        return _for_person(path.name, "unreadable", str(unreadable), found, key, start)
    except Exception as error:  # ours, not the student's: one submission must not cost the others
        log.exception("grading failed")
        reason = FAILED.format(type(error).__name__)
        return _for_person(path.name, "person", reason, found, key, start)


def _grade(path: Path, found: Homework, settings: Settings, key: str, start: float) -> Graded:
    submission = read_submission(path)
    if submission.homework not in (None, found.name):
        reason = f"it says that it belongs to {submission.homework!r}"
        return _for_person(path.name, "foreign", reason, found, key, start)
    aligned = align(found.stubs, found.task_kinds, submission.cells)
    if not any(aligned.answers.get(t, s).strip() != s.strip() for t, s in found.stubs.items()):
        if submission.homework is None and not aligned.answers:
            return _for_person(path.name, "foreign", "no cell of this homework is in it", found, key, start)
    code = {t: s for t, s in aligned.answers.items() if found.task_kinds[t] == "code"}
    flags = code_flags(code, blob_bytes=found.flags["blob_bytes"], forbidden=found.forbidden)
    evidence = _gather(found, submission, code, tuple(flags), settings)
    marks = [mark(part, evidence) for part in found.parts]
    if settings.mode == "full":
        marks = _compare_with_retrained(found, submission, code, evidence, marks, settings)
    texts = {t: s for t, s in aligned.answers.items() if found.task_kinds[t] == "markdown"}
    looked_at = flags or any(m.status == "review" for m in marks)
    return Graded(
        path.name,
        "person" if looked_at else "ok",
        marks,
        "a mark is on hold, or there is a flag" if looked_at else "",
        [*submission.notes, *aligned.notes],
        flags,
        texts,
        "\n\n".join(code.values()),
        evidence.outcome.ended.backend,
        settings.mode,
        time.monotonic() - start,
        key,
    )


def submission_key(path: Path, homework: str, settings: Settings) -> str:
    """Return the checksum of everything that a mark depends on."""
    digest = hashlib.sha256(f"{_grader()}\0{settings}\0{load_homework(homework)}".encode())
    digest.update(_bytes_of(path))
    return digest.hexdigest()[:24]


def paper_of(path: Path) -> str:
    """Return the checksum of a file's bytes."""
    return hashlib.sha256(_bytes_of(path)).hexdigest()[:24]


def _bytes_of(path: Path) -> bytes:
    """A file's bytes; what cannot be read, or leads elsewhere, gives something of its own."""
    try:
        return f"link {path.name}".encode() if path.is_symlink() else path.read_bytes()
    except OSError as error:
        return str(error.errno).encode()


@lru_cache(maxsize=1)
def _grader() -> str:
    """Return a checksum of the grader's own code: another grader may mark otherwise."""
    digest = hashlib.sha256(str(VERSION).encode())
    for room in (Path(__file__).parent, files.PACKAGE / "homework"):
        for path in sorted(room.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _for_person(name: str, status: str, reason: str, homework: Homework, key: str, start: float) -> Graded:
    marks = [Mark(p.id, 0, p.points, status, (reason,)) for p in homework.parts]
    return Graded(name, status, marks, reason, key=key, seconds=time.monotonic() - start)


@lru_cache(maxsize=4)
def _corpus(name: str, test_texts: int | None, train_texts: int | None) -> Corpus:
    pa.set_memory_pool(pa.system_memory_pool())  # the default one keeps a hundred MiB after a table is read
    corpus = load(name, train=train_texts, quiet=True)
    if test_texts is None or test_texts >= len(corpus.test):
        return corpus
    return Corpus(**{**_fields(corpus), "test": corpus.test.take(test_texts)})


def _fields(corpus: Corpus) -> dict[str, Any]:
    return {name: getattr(corpus, name) for name in corpus.__dataclass_fields__}


def _gather(
    homework: Homework,
    submission: Submission,
    code: dict[str, str],
    flags: tuple[str, ...],
    settings: Settings,
) -> Evidence:
    """Run the submission's code once in the sandbox, with every question that the rubric needs."""
    corpus = _corpus(homework.data, settings.test_texts, settings.train_texts)
    kinds = {part.kind for part in homework.parts}
    probes, inputs, cases, labels = [], {}, {}, []
    sample, weights, questions, missing = None, None, None, ""
    if kinds & {"baseline", "experiment", "configurations"}:
        sample, labels = _sample(corpus, homework, settings.seed)
    if kinds & {"baseline", "experiment"}:
        baseline = homework.baseline_config.to_dict()
        smaller = {"epochs": homework.smoke["epochs"], "batch_size": 32}
        classes = {"words": 500, "classes": len(corpus.label_names), "seed": LAW_SEED}
        probes += [{"id": "model", "kind": "model", "config": baseline} | classes]
        train = {"config": baseline, "seed": settings.seed, "heldout": True, "smaller": smaller}
        probes += [{"id": "train", "kind": "train"} | train]
        if "experiment" in kinds:
            name = {"name": "EXPERIMENTS"}
            probes += [{"id": "experiments", "kind": "values", "empty": "not written"} | name]
            probes += [{"id": "train_each", "kind": "train_each"} | train | name]
    for part in homework.parts:
        if part.kind == "cell":
            task, kind = asked_as(part.options["task"]), part.options["cell"]
            shapes = [dict(zip("BTDH", shape, strict=True)) for shape in CELL_SHAPES]
            cases[task] = [cell_case(kind, settings.seed + n, **s) for n, s in enumerate(shapes)]
            inputs |= {f"{task}.{n}.{k}": v for n, case in enumerate(cases[task]) for k, v in case.items()}
            probes.append({"id": task, "kind": "cell", "name": part.options["name"], "cases": shapes})
        elif part.kind == "configurations":
            asked = {"id": asked_as(part.options["task"]), "kind": "values", "name": part.options["name"]}
            probes.append(asked | {"empty": "not written"})
            smaller = {"epochs": homework.smoke["epochs"]}
            runs = {
                "id": f"{asked_as(part.options['task'])}-runs",
                "kind": "train_each",
                "name": part.options["name"],
            }
            runs |= {"config": Config.from_dict(part.options.get("base", {})).to_dict(), "several": True}
            probes.append(runs | {"seed": settings.seed, "smaller": smaller})
        elif part.kind in QUALITY:
            try:
                config, vocabulary, weights = read_model(submission.attachments)
                questions = make_questions(corpus.test.texts, vocabulary, config, seed=settings.seed)
                inputs |= {"ids": questions.ids, "lengths": questions.lengths}
                sizes = {"words": len(vocabulary), "classes": len(corpus.label_names)}
                probes.append({"id": "predict", "kind": "predict", "config": config.to_dict()} | sizes)
            except ValueError as error:
                missing = str(error)
    limits = homework.limits
    outcome = run_job(
        defining_cells(homework, code),
        probes,
        limits=sandbox.Limits(seconds=limits["artefact_seconds"], memory_mib=limits["memory_mib"]),
        cell_seconds=limits["cell_seconds"],
        corpus=sample,
        inputs=inputs,
        weights=weights,
        which=settings.which,
    )
    if not outcome.steps and outcome.ended.status in (
        "error",
        "killed",
    ):  # before the teacher's first cell ended
        raise RuntimeError(f"the sandbox could not start Python: {outcome.ended.output[-500:]}")
    results = read_results(submission.attachments)
    return Evidence(homework, corpus, outcome, labels, questions, cases, results, missing, flags, code)


def _sample(corpus: Corpus, homework: Homework, seed: int) -> tuple[dict[str, Any], list[int]]:
    """Draw texts to train on, and texts to answer whose labels are kept back."""
    train, validation = corpus.train, corpus.validation
    if homework.smoke.get("balanced"):
        train, validation = _balanced(train, seed), _balanced(validation, seed)
    train = train.take(min(homework.smoke["rows"], len(train)), seed)
    n_watched = min(WATCHED, len(validation) // 2)
    order = random.Random(seed).sample(range(len(validation)), len(validation))
    watched, heldout = (
        validation.pick(order[:n_watched]),
        validation.pick(order[n_watched : n_watched + HELD_OUT]),
    )
    sample = {"name": corpus.name, "language": corpus.language, "label_names": list(corpus.label_names)}
    for part, split in (("train", train), ("validation", watched)):
        sample[part] = {"texts": list(split.texts), "labels": list(split.labels)}
    return sample | {"heldout": list(heldout.texts)}, list(heldout.labels)


def _balanced(split: Split, seed: int) -> Split:
    """Draw as many texts of every class as the rarest has: where a class is rare, guessing must not look like learning."""
    places: dict[int, list[int]] = {}
    for i, label in enumerate(split.labels):
        places.setdefault(label, []).append(i)
    fewest, draw = min(map(len, places.values())), random.Random(seed)
    return split.pick(sorted(i for found in places.values() for i in draw.sample(found, fewest)))


def _compare_with_retrained(
    homework: Homework,
    submission: Submission,
    code: dict[str, str],
    evidence: Evidence,
    marks: list[Mark],
    settings: Settings,
) -> list[Mark]:
    """Train the submitted configuration again on all texts, ask that model, and compare the two scores."""
    position = next((i for i, p in enumerate(homework.parts) if p.kind in QUALITY), None)
    if position is None or marks[position].status not in ("ok", "review") or evidence.questions is None:
        return marks
    first, score = marks[position], SCORES[homework.parts[position].kind]
    again = retrain(homework, submission, code, evidence, settings)
    second = mark(homework.parts[position], again)
    if score not in second.measured or score not in first.measured:
        reasons = ("trained again, the model could not be asked", *second.reasons)
        return _replaced(marks, position, "review", reasons, first.measured)
    gap = first.measured[score] - second.measured[score]
    measured = first.measured | {f"retrained {score}": second.measured[score], "retrain gap": gap}
    if abs(gap) > homework.flags["retrain_gap"]:
        reasons = (f"trained again, the {score} differs by {gap:+.3f}", *first.reasons)
        return _replaced(marks, position, "review", reasons, measured)
    kept = Mark(first.part, first.points, first.most, first.status, first.reasons, measured)
    return [*marks[:position], kept, *marks[position + 1 :]]


def _replaced(
    marks: list[Mark], position: int, status: str, reasons: tuple[str, ...], measured: dict
) -> list[Mark]:
    old = marks[position]
    held = measured | {"points on hold": old.points}
    return [*marks[:position], Mark(old.part, 0, old.most, status, reasons, held), *marks[position + 1 :]]


def retrain(
    homework: Homework, submission: Submission, code: dict[str, str], evidence: Evidence, settings: Settings
) -> Evidence:
    """Train the submitted configuration on all training texts, in one run, and ask the model in another.

    Parameters
    ----------
    evidence : Evidence
        Of the first run.

    Returns
    -------
    Evidence
        With the second model's answers.
    """
    config, vocabulary, _ = read_model(submission.attachments)
    corpus, limits = evidence.corpus, homework.limits
    everything: dict[str, Any] = {
        "name": corpus.name,
        "language": corpus.language,
        "label_names": list(corpus.label_names),
    }
    for part in ("train", "validation"):
        split = getattr(corpus, part)
        everything[part] = {"texts": list(split.texts), "labels": list(split.labels)}
    cells = defining_cells(homework, code)
    bounds = sandbox.Limits(seconds=limits["full_seconds"], memory_mib=limits["memory_mib"])
    probe = {"id": "full", "kind": "train", "config": config.to_dict(), "seed": 0, "weights": True}
    trained = run_job(
        cells,
        [probe],
        limits=bounds,
        cell_seconds=limits["full_seconds"],
        corpus=everything,
        which=settings.which,
    )
    found = trained.tensors.get("full", {})
    weights = {k.removeprefix("weights."): v for k, v in found.items() if k.startswith("weights.")}
    questions = make_questions(corpus.test.texts, vocabulary, config, seed=settings.seed)
    sizes = {"words": len(vocabulary), "classes": len(corpus.label_names)}
    asked = [{"id": "predict", "kind": "predict", "config": config.to_dict()} | sizes]
    outcome: Outcome = run_job(
        cells,
        asked,
        limits=bounds,
        cell_seconds=limits["cell_seconds"],
        inputs={"ids": questions.ids, "lengths": questions.lengths},
        weights=save(weights),
        which=settings.which,
    )
    return Evidence(homework, corpus, outcome, [], questions, flags=evidence.flags)


def submissions_in(folder: str | Path) -> list[Path]:
    """Return everything in a folder that somebody may have handed in, folders inside it included.

    Raises
    ------
    FileNotFoundError
        If the folder is not there or holds nothing.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"'submissions' must be a folder, got {str(folder)!r}, which is not there.")
    found = sorted(p for p in folder.rglob("*") if not p.is_dir() or p.is_symlink())
    found = [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]
    if not found:
        raise FileNotFoundError(f"there is no file in {str(folder)!r}.")
    return found


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
    """Grade every file in a folder; what a run before this one finished is taken over.

    Parameters
    ----------
    out : path
        ``out/finished`` holds one file for each finished submission.
    executor : Executor, optional
        For example of ``dask.distributed``; by default threads, each of which waits for one sandbox.
    jobs : int, default 1
        Submissions at a time, without an executor.

    Returns
    -------
    list of Graded
        In the order of the files.

    Raises
    ------
    FileNotFoundError
        If the folder is not there or holds nothing.
    ValueError
        If ``jobs`` is below 1 or the homework unknown.
    """
    if jobs < 1:
        raise ValueError(f"'jobs' must be at least 1, got {jobs}.")
    sweep_abandoned()
    settings, finished = settings or Settings(), Path(out, "finished")
    paths = submissions_in(folder)
    load_homework(homework)
    done: dict[Path, Graded] = {}
    for path in paths:
        kept = _read_finished(finished / f"{submission_key(path, homework, settings)}.json", path.name)
        if kept:
            done[path] = kept
    todo = [path for path in paths if path not in done]
    with _executor(executor, jobs) as pool:
        waiting = {pool.submit(grade_file, path, homework, settings): path for path in todo}
        bar = tqdm(_completed(waiting), total=len(todo), disable=not progress, unit="submission")
        for future in bar:
            graded = _result(future, waiting[future], homework, settings)
            done[waiting[future]] = graded
            files.write_json(finished / f"{graded.key}.json", graded.to_dict())
    return [done[path] for path in paths]


def _result(future: Any, path: Path, homework: str, settings: Settings) -> Graded:
    """Wait for one submission; if its worker is lost, that is no mark, and the others go on."""
    try:
        return future.result()
    except Exception as error:  # what it is depends on the executor
        log.exception("a worker was lost")
        key, start = submission_key(path, homework, settings), time.monotonic()
        reason = FAILED.format(type(error).__name__)
        return _for_person(path.name, "person", reason, load_homework(homework), key, start)


def _read_finished(path: Path, name: str) -> Graded | None:
    """Take over a finished submission; two equal files share one entry, each under its own name."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        kept = Graded.from_dict(values | {"name": name})
        return (
            None if kept.reason.startswith(FAILED.partition("{")[0]) else kept
        )  # try again what we failed at
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        return None  # from another version, or damaged: it is graded again


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
