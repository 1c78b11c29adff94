"""Reports: write tables and pages. A file that somebody may have edited is replaced only with ``force``, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coursegrader.by_hand import read_by_hand, same_table, table_by_hand
from coursegrader.definition import Homework
from coursegrader.grades import Graded
from coursegrader.pages import feedback_page, hand_page
from coursegrader.similarity import similar_pairs
from coursegrader.tables import gradebook, results, table
from coursegrader.words import WORDS
from coursekit.runtime import files

GRADEBOOK, RESULTS, BY_HAND, SIMILAR = "gradebook.csv", "results.json", "by_hand.csv", "similarity.csv"


def write_reports(
    homework: Homework,
    graded: Sequence[Graded],
    out: str | Path,
    *,
    language: str = "en",
    force: bool = False,
) -> list[Path]:
    """Write everything that a teacher and the students read.

    Parameters
    ----------
    language : {"en", "ru"}
        Of the feedback.
    force : bool, default False
        Replace tables that are there and differ; the old ones are kept with ``.bak`` behind their names.

    Raises
    ------
    ValueError
        If the language is unknown, or ``by_hand.csv`` cannot be understood; nothing is written then.
    FileExistsError
        If the gradebook is there, a row of it would be lost or changed, and ``force`` is not given.
    """
    if language not in WORDS:
        raise ValueError(f"'language' must be one of {tuple(WORDS)}, got {language!r}.")
    out = Path(out)
    filled = read_by_hand(out / BY_HAND, homework)
    hand = filled.marks
    tables = {
        GRADEBOOK: gradebook(homework, graded, hand),
        SIMILAR: _similar(homework, graded),
        RESULTS: results(graded, hand),
    }
    waiting = table_by_hand(homework, graded, filled)
    if waiting.count("\n") > 1 and not same_table(out / BY_HAND, waiting):
        tables[BY_HAND] = waiting
    if not force:
        _refuse_to_replace(out / GRADEBOOK, tables[GRADEBOOK])
    written = [_replace(out / name, text) for name, text in tables.items()]
    for g in graded:
        page = feedback_page(homework, g, language, hand.get(g.paper, {}))
        written.append(files.write_text(out / "feedback" / g.page, page))
        if g.texts:
            written.append(files.write_text(out / "by_hand" / g.page, hand_page(homework, g)))
    return written


def _similar(homework: Homework, graded: Sequence[Graded]) -> str:
    kinds = homework.task_kinds
    given = {
        kind: "\n".join(stub for task, stub in homework.stubs.items() if kinds[task] == kind)
        for kind in ("code", "markdown")
    }
    written = {g.name: {"code": g.code, "markdown": "\n".join(g.texts.values())} for g in graded}
    pairs = [(p.first, p.second, p.kind, f"{p.share:.2f}") for p in similar_pairs(written, given)]
    return table(("first", "second", "kind", "share"), pairs)


def _refuse_to_replace(path: Path, text: str) -> None:
    old = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    if not set(old) <= set(text.splitlines()):  # a table that only grows loses nothing
        raise FileExistsError(
            f"{path.name} is there already and differs; give --force to replace it (the old one is kept), or another --out."
        )


def _replace(path: Path, text: str) -> Path:
    """Write a table; one that was there and differs is kept under the first free name of a copy."""
    if path.is_file() and path.read_bytes() != text.encode():
        files.put_aside(path)
    return files.write_text(path, text)
