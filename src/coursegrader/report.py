"""Reports: write tables and pages. A file that somebody may have edited is replaced only with ``force``, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coursegrader.by_hand import read_tables, same_table, table_by_hand
from coursegrader.definition import Homework
from coursegrader.grades import Graded
from coursegrader.messages import LANGUAGES, machine_language, say
from coursegrader.pages import feedback_page, hand_page
from coursegrader.similarity import similar_pairs
from coursegrader.tables import gradebook, results, table
from coursekit.runtime import files

GRADEBOOK, RESULTS, BY_HAND, SIMILAR = "gradebook.csv", "results.json", "by_hand.csv", "similarity.csv"


def write_reports(
    homework: Homework,
    graded: Sequence[Graded],
    out: str | Path,
    *,
    language: str | None = None,
    force: bool = False,
    copies: Sequence[Path] = (),
) -> list[Path]:
    """Write everything that a teacher and the students read; ``copies`` of ``by_hand.csv`` come into it with their marks.

    Without a language a student's page has that of the notebook that was handed in, else the rubric's; a teacher's tables
    have the rubric's, else that of ``COURSEKIT_LANGUAGE``, else English. Tables that are there and differ are kept with
    ``.bak`` behind their names. Raises ``ValueError`` if ``by_hand.csv`` cannot be understood, and ``FileExistsError`` if
    a row of the gradebook would be lost or changed without ``force``; nothing is written then.
    """
    if language not in (None, *LANGUAGES):
        raise ValueError(f"'language' must be one of {LANGUAGES}, got {language!r}.")
    ours = language or homework.language or machine_language()
    theirs = {g.paper: language or g.language or ours for g in graded}
    out = Path(out)
    filled = read_tables(out / BY_HAND, copies, homework)
    hand = filled.marks
    tables = {
        GRADEBOOK: gradebook(homework, graded, hand, ours),
        SIMILAR: _similar(homework, graded, ours),
        RESULTS: results(graded, hand, theirs),
    }
    waiting = table_by_hand(homework, graded, filled, ours)
    if waiting.count("\n") > 1 and (copies or not same_table(out / BY_HAND, waiting)):
        tables[BY_HAND] = waiting
    if not force:
        _refuse_to_replace(out / GRADEBOOK, tables[GRADEBOOK])
    written = [_replace(out / name, text) for name, text in tables.items()]
    for g in graded:
        page = feedback_page(homework, g, theirs[g.paper], hand.get(g.paper, {}))
        written.append(files.write_text(out / "feedback" / g.page, page))
        if g.texts:
            written.append(files.write_text(out / "by_hand" / g.page, hand_page(homework, g, ours)))
    return written


def _similar(homework: Homework, graded: Sequence[Graded], language: str) -> str:
    kinds = homework.task_kinds
    given = {
        kind: "\n".join(stub for task, stub in homework.stubs.items() if kinds[task] == kind)
        for kind in ("code", "markdown")
    }
    written = {g.name: {"code": g.code, "markdown": "\n".join(g.texts.values())} for g in graded}
    kind_in_words = {kind: say(f"tables.{kind}").in_words(language) for kind in given}
    pairs = [
        (p.first, p.second, kind_in_words[p.kind], f"{p.share:.2f}") for p in similar_pairs(written, given)
    ]
    head = (say("tables.first"), say("tables.second"), say("tables.kind"), say("tables.share"))
    return table([name.in_words(language) for name in head], pairs)


def _refuse_to_replace(path: Path, text: str) -> None:
    old = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    if not set(old) <= set(text.splitlines()):  # a table that only grows loses nothing
        raise FileExistsError(say("report.there", file=path.name))


def _replace(path: Path, text: str) -> Path:
    """Write a table; one that was there and differs is kept under the first free name of a copy."""
    if path.is_file() and path.read_bytes() != text.encode():
        files.put_aside(path)
    return files.write_text(path, text)
