"""The engine: one submission, in one direction: intake → align → ask → mark. Folders of them: :mod:`coursegrader.folder`."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from coursegrader.alignment import Aligned, align
from coursegrader.asking import Request
from coursegrader.definition import Homework, Part
from coursegrader.evidence import Evidence, Mark
from coursegrader.flags import code_flags, run_flags
from coursegrader.grades import Graded, Settings, paper_of, submission_key
from coursegrader.intake import Submission, read_submission
from coursegrader.jobs import defining_cells, open_room, run_job
from coursegrader.kinds import kind_of
from coursegrader.messages import Said, say, what_said
from coursegrader.packed import read_results, stand_in_of
from coursegrader.plain import UnreadableError
from coursegrader.retrain import compare_with_retrained
from coursekit.data import Corpus, load

log = logging.getLogger(__name__)
MARKED = ("ok", "by hand", "not written")  # statuses of a part that need no person to explain them


def load_data(homework: Homework, settings: Settings) -> Corpus | None:
    """Load the data that a homework is graded on; None if no part of it needs any.

    Raises ``LookupError`` if only a stand-in can be had, and the settings do not ask for practice, and ``ValueError``
    if a file of the mirror is damaged.
    """
    return _corpus(homework.data, settings.test_texts, settings.practice) if homework.needs_data else None


@lru_cache(maxsize=4)
def _corpus(name: str, test_texts: int | None, practice: bool) -> Corpus:
    pa.set_memory_pool(pa.system_memory_pool())  # the default one keeps a hundred MiB after a table is read
    corpus = load(name, quiet=True)
    if corpus.source.kind == "stand-in" and not practice:
        raise LookupError(say("engine.no-data", name=name))
    if test_texts is None or test_texts >= len(corpus.test):
        return corpus
    return replace(corpus, test=corpus.test.take(test_texts))


def grade_file(path: Path, name: str, rubric: Homework, settings: Settings) -> Graded:
    """Grade one file; ``LookupError`` or ``ValueError`` if the homework's data is not in order."""
    start, corpus = time.monotonic(), load_data(rubric, settings)
    try:
        submission = read_submission(path)
        graded = _grade(name, submission, rubric, corpus, settings)
        graded = replace(graded, language=submission.language)
    except UnreadableError as unreadable:
        graded = no_mark(name, "unreadable", what_said(unreadable), rubric)
    except Exception as error:  # ours, not the student's: one submission must not cost the others
        log.exception("grading failed")
        graded = no_mark(name, "failed", say("engine.failed", error=type(error).__name__), rubric)
    key = submission_key(path, name, rubric, settings, corpus)
    return replace(graded, key=key, paper=paper_of(path, name), seconds=time.monotonic() - start)


def no_mark(name: str, status: str, reason: Said, homework: Homework) -> Graded:
    """What becomes of a file without a mark; a person sees the reason."""
    marks = [Mark.of(part, 0, reason, status=status) for part in homework.parts]
    return Graded(name=name, status=status, marks=marks, reason=reason)


def _grade(
    name: str, submission: Submission, homework: Homework, corpus: Corpus | None, settings: Settings
) -> Graded:
    if submission.homework not in (None, homework.name):
        return no_mark(name, "foreign", say("engine.foreign", homework=submission.homework), homework)
    given = [cell.source for cell in homework.cells if not cell.task]
    aligned = align(homework.stubs, homework.task_kinds, submission.cells, given)
    if submission.homework is None and not aligned.answers:
        return no_mark(name, "foreign", say("engine.nothing"), homework)
    evidence, marks = _ask_and_mark(submission, aligned, homework, corpus, settings)
    instead = trained_on_a_stand_in(evidence)
    if instead:
        marks = [
            m.on_hold(*instead) if kind_of(part.kind).SCORE and m.status == "ok" else m
            for part, m in zip(homework.parts, marks, strict=True)
        ]
    status, reason = _status(evidence, marks)
    if instead:
        status, reason = "person", instead[0]
    kinds = homework.task_kinds
    return Graded(
        name=name,
        status=status,
        marks=marks,
        reason=reason,
        notes=[*submission.notes, *aligned.notes, *instead, *_broken_for_nothing(evidence, status)],
        flags=list(evidence.flags),
        texts={task: text for task, text in aligned.answers.items() if kinds[task] == "markdown"},
        code="\n\n".join(dict.fromkeys(evidence.code.values())),
        backend=evidence.outcome.ended.backend,
        data=str(corpus.source) if corpus and corpus.source.kind == "stand-in" else "",
    )


def trained_on_a_stand_in(evidence: Evidence) -> list[Said]:
    """That a model that answers real texts has learned from others, as the submission says; its low mark is no surprise."""
    stand_in, corpus = stand_in_of(evidence.results), evidence.corpus
    rehearsed = corpus is None or corpus.source.kind == "stand-in"
    return [say("homework.stand-in", stand_in=stand_in)] if stand_in and not rehearsed else []


def _status(evidence: Evidence, marks: list[Mark]) -> tuple[str, Said]:
    """What has to be done about a submission that was graded, and why: nothing, a person looks, the student completes it.

    A zero whose cause is code that breaks may be an honest student's, so it is never settled in silence.
    """
    if evidence.flags or any(m.status == "review" for m in marks):
        return "person", say("engine.look")
    lacking = [m.part for m in marks if m.status == "missing"]
    broken = [m.part for m in marks if m.status not in (*MARKED, "missing")]
    nothing = [m.part for m in marks if m.status == "ok" and not m.points]
    if broken or evidence.broken_definitions and (nothing or lacking):
        return "person", say("engine.breaks", names=evidence.broken_definitions or broken)
    return ("incomplete", say("engine.lacks", names=lacking)) if lacking else ("ok", "")


def _broken_for_nothing(evidence: Evidence, status: str) -> list[Said]:
    """That cells break which no point hangs on; where one does, the reason says it."""
    broken = evidence.broken_definitions
    return [say("engine.breaks-for-nothing", names=broken)] if broken and status == "ok" else []


def _ask_and_mark(
    submission: Submission, aligned: Aligned, homework: Homework, corpus: Corpus | None, settings: Settings
) -> tuple[Evidence, list[Mark]]:
    """Gather the evidence and mark it; where a definition breaks, try again with the student's own extra cells."""
    evidence = _gather(submission, aligned, homework, corpus, settings)
    marks = [mark_part(part, evidence) for part in homework.parts]
    lost = [m for m in marks if not m.points and m.status in ("ok", "error", "timeout")]
    if aligned.extra and (evidence.broken_definitions or any(m.status == "error" for m in lost)):
        again = _gather(submission, aligned, homework, corpus, settings, extra=aligned.extra)
        second = [mark_part(part, again) for part in homework.parts]
        if sum(m.points for m in second) > sum(m.points for m in marks):
            flag = say("flags.own-cells")
            evidence, marks = replace(again, flags=(*again.flags, flag)), second
            marks = [m.on_hold(flag) if m.points and m.status == "ok" else m for m in second]
    if aligned.astray:
        said = say("alignment.astray", names=aligned.astray)
        marks = [m.on_hold(said) if m.status == "not written" else m for m in marks]
    if settings.mode == "full":
        marks = compare_with_retrained(evidence, marks, submission, settings)
    return evidence, marks


def mark_part(part: Part, evidence: Evidence) -> Mark:
    """Mark one part; a flag puts its points on hold."""
    made = kind_of(part.kind).mark(part, evidence)
    if not evidence.flags or not made.points or made.status == "review":
        return made
    return made.on_hold(say("engine.held", points=made.points))


def _gather(
    submission: Submission,
    aligned: Aligned,
    homework: Homework,
    corpus: Corpus | None,
    settings: Settings,
    *,
    extra: tuple[str, ...] = (),
) -> Evidence:
    """Run the submission's code once in the sandbox, with every question that the rubric needs."""
    code = {task: source for task, source in aligned.answers.items() if homework.task_kinds[task] == "code"}
    request = Request(homework, corpus, submission.attachments, settings.seed)
    with open_room(homework, seconds=homework.limits["artefact_seconds"], which=settings.which) as room:
        kept = {part.id: kind_of(part.kind).ask(part, request) for part in homework.parts}
        outcome = run_job(
            defining_cells(homework, code, extra),
            request,
            room,
            cell_seconds=homework.limits["cell_seconds"],
            corpus=request.sample.texts if request.sample else None,
        )
    if not outcome.steps and outcome.ended.status in ("error", "killed"):  # before the teacher's first cell
        raise RuntimeError(f"sandbox: {outcome.ended.output[-500:]}")
    flags = code_flags(code, blob_bytes=homework.flags["blob_bytes"], forbidden=homework.forbidden)
    flags += run_flags([step.get("facts") for step in outcome.steps.values()], homework.forbidden)
    return Evidence(
        homework=homework,
        outcome=outcome,
        corpus=corpus,
        labels=request.sample.labels if request.sample else [],
        kept=kept,
        results=read_results(submission.attachments),
        packed="results.json" in submission.attachments,
        flags=tuple(flags),
        code=code,
    )
