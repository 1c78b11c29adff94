"""Reports: the gradebook, one page of feedback for each student, a page and a table for what a person marks.

Everything a student wrote is escaped. A file that somebody may have edited is replaced only with ``force``, and its old
version is kept beside it.
"""

from __future__ import annotations

import csv
import html
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from coursegrader.definition import Homework
from coursegrader.engine import Graded
from coursegrader.similarity import Pair, similar_pairs
from coursekit.runtime import files

GRADEBOOK, RESULTS, BY_HAND, SIMILAR = "gradebook.csv", "results.json", "by_hand.csv", "similarity.csv"
WORDS = {
    "en": {
        "feedback": "Feedback",
        "part": "Part",
        "points": "Points",
        "status": "Status",
        "why": "What was found",
        "total": "Points so far",
        "by hand": "a person marks this",
        "review": "on hold until a person has looked",
        "ok": "marked",
        "missing": "missing",
        "not written": "not written",
        "error": "an error",
        "timeout": "took too long",
        "notes": "Notes on the file",
        "interval": "On other texts of this kind, expect {low:.1%} to {high:.1%} (95 % interval).",
        "interval of macro F1": "On other texts of this kind, expect a macro-F1 of {low:.3f} to {high:.3f} (95 % interval).",
        "plain": "Warning: this was run without a sandbox.",
        "answer": "What you wrote",
    },
    "ru": {
        "feedback": "Отзыв",
        "part": "Часть",
        "points": "Баллы",
        "status": "Состояние",
        "why": "Что обнаружено",
        "total": "Баллы на данный момент",
        "by hand": "проверяет преподаватель",
        "review": "отложено до проверки преподавателем",
        "ok": "проверено",
        "missing": "отсутствует",
        "not written": "не выполнено",
        "error": "ошибка",
        "timeout": "превышено время",
        "notes": "Замечания к файлу",
        "interval": "На других текстах того же рода ожидайте от {low:.1%} до {high:.1%} (95-процентный интервал).",
        "interval of macro F1": "На других текстах того же рода ожидайте macro-F1 от {low:.3f} до {high:.3f} "
        "(95-процентный интервал).",
        "plain": "Внимание: проверка шла без песочницы.",
        "answer": "Ваш текст",
    },
}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem;border-bottom:1px solid #8888;"
    "vertical-align:top}td.n{text-align:right;white-space:nowrap}pre{white-space:pre-wrap;border:1px solid #8888;padding:.6rem}"
)


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
    out : path
        A folder.
    language : {"en", "ru"}
        Of the feedback.
    force : bool, default False
        Replace tables that are there and differ; the old ones are kept with ``.bak`` behind their names.

    Raises
    ------
    ValueError
        If the language is unknown.
    FileExistsError
        If the gradebook is there, a row of it would be lost or changed, and ``force`` is not given.
    """
    if language not in WORDS:
        raise ValueError(f"'language' must be one of {tuple(WORDS)}, got {language!r}.")
    out = Path(out)
    hand = read_marks_by_hand(out / BY_HAND, homework)
    pairs = similar_pairs(_written(homework, graded), _given(homework))
    tables = {
        GRADEBOOK: gradebook(homework, graded, hand),
        SIMILAR: _table(("first", "second", "kind", "share"), [_pair(p) for p in pairs]),
        RESULTS: json.dumps(_results(homework, graded, hand), ensure_ascii=False, indent=1) + "\n",
    }
    if any(part.kind == "manual" for part in homework.parts):
        tables[BY_HAND] = marks_by_hand(homework, graded, hand)
    if not force:
        _refuse_to_replace(out, {n: t for n, t in tables.items() if n == GRADEBOOK})
    written = [_replace(out / name, text) for name, text in tables.items()]
    for one in graded:
        page = feedback_page(homework, one, language, hand.get(_paper(one), {}))
        written.append(files.write_text(out / "feedback" / f"{_stem(one)}.html", page))
        if one.texts:
            written.append(files.write_text(out / "by_hand" / f"{_stem(one)}.html", hand_page(homework, one)))
    return written


def gradebook(homework: Homework, graded: Sequence[Graded], hand: Mapping[str, Mapping[str, float]]) -> str:
    """Return the gradebook as CSV with the columns that Moodle's import asks for.

    Parameters
    ----------
    hand : mapping
        Marks by a person, by key and part.
    """
    parts = [part.id for part in homework.parts]
    head = (
        "File",
        "Status",
        "Reason",
        *parts,
        f"Assignment: {homework.title} (Real)",
        "Waiting for a person",
    )
    rows = []
    for one in graded:
        points = {m.part: m.points for m in one.marks} | dict(hand.get(_paper(one), {}))
        waiting = [
            m.part
            for m in one.marks
            if m.status in ("review", "by hand") and m.part not in hand.get(_paper(one), {})
        ]
        total = "" if one.status in ("unreadable", "foreign") else f"{sum(points.values()):g}"
        rows.append(
            (
                one.name,
                one.status,
                one.reason,
                *(f"{points.get(part, 0):g}" for part in parts),
                total,
                " ".join(waiting),
            )
        )
    return _table(head, rows)


def marks_by_hand(
    homework: Homework, graded: Sequence[Graded], hand: Mapping[str, Mapping[str, float]]
) -> str:
    """Return the table that a person fills in: one row for each part of each submission that waits."""
    rows, most = [], {part.id: part.points for part in homework.parts}
    for one in graded:
        for m in one.marks:
            if m.status in ("by hand", "review"):
                given = hand.get(_paper(one), {}).get(m.part)
                page = f"by_hand/{_stem(one)}.html" if one.texts else f"feedback/{_stem(one)}.html"
                held = m.measured.get("points on hold", "")
                rows.append(
                    (_paper(one), one.name, m.part, m.most, held, "" if given is None else f"{given:g}", page)
                )
    here = {(row[0], row[2]) for row in rows}
    for paper, marks in hand.items():  # marks of files that are not in this run are a person's work, too
        for part, points in marks.items():
            if (paper, part) not in here:
                rows.append((paper, "", part, most[part], "", f"{points:g}", ""))
    return _table(("key", "file", "part", "most", "on hold", "points", "page"), rows)


def read_marks_by_hand(path: Path, homework: Homework) -> dict[str, dict[str, float]]:
    """Read the marks that a person has filled in.

    Returns
    -------
    dict of str to dict of str to float
        By key and part; empty if the table is not there yet.

    Raises
    ------
    ValueError
        If a mark is no number between 0 and the most; the message names the row.
    """
    if not path.is_file():
        return {}
    most = {part.id: part.points for part in homework.parts}
    found: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            text = (row.get("points") or "").strip().replace(",", ".")
            if not text:
                continue
            part = row.get("part")
            try:
                points = float(text)
            except ValueError:
                points = -1.0
            if part not in most or not 0 <= points <= most[part]:
                raise ValueError(
                    f"{path.name}, row {number}: 'points' must be a number from 0 to {most.get(part)}, got {text!r}."
                )
            found.setdefault(row["key"], {})[part] = points
    return found


def feedback_page(homework: Homework, one: Graded, language: str, hand: Mapping[str, float]) -> str:
    """Return one student's feedback as a page of HTML."""
    say, titles = WORDS[language], {part.id: part.title for part in homework.parts}
    rows = []
    for m in one.marks:
        points = hand.get(m.part, m.points)
        status = "ok" if m.part in hand else m.status
        reasons = [html.escape(reason) for reason in m.reasons]
        for interval in ("interval", "interval of macro F1"):
            if interval in m.measured:
                low, high = m.measured[interval]
                reasons.append(say[interval].format(low=low, high=high))
        rows.append(
            f"<tr><td>{html.escape(titles[m.part])}</td><td class='n'>{points:g} / {m.most:g}</td>"
            f"<td>{html.escape(say.get(status, status))}</td><td>{'<br>'.join(reasons)}</td></tr>"
        )
    total = sum(hand.get(m.part, m.points) for m in one.marks)
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in one.notes)
    head = "".join(f"<th scope='col'>{say[key]}</th>" for key in ("part", "points", "status", "why"))
    return _page(
        f"{say['feedback']}: {homework.title}",
        f"<p><strong>{say['total']}: {total:g} / {homework.points:g}</strong></p>"
        + (f"<p>{html.escape(one.reason)}</p>" if one.status in ("unreadable", "foreign") else "")
        + (f"<p>{say['plain']}</p>" if one.backend == "plain" else "")
        + f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        + (f"<h2>{say['notes']}</h2><ul>{notes}</ul>" if notes else ""),
        language,
    )


def hand_page(homework: Homework, one: Graded) -> str:
    """Return what a person reads of one submission: its texts and its flags, escaped, without a name."""
    flags = "".join(f"<li>{html.escape(flag)}</li>" for flag in one.flags)
    flags += "".join(
        f"<li>{html.escape(m.part)}: {html.escape('; '.join(m.reasons))}</li>"
        for m in one.marks
        if m.status == "review"
    )
    texts = "".join(
        f"<h2>{html.escape(task)}</h2><pre>{html.escape(text)}</pre>" for task, text in one.texts.items()
    )
    return _page(
        f"{homework.title}: {one.key}", (f"<h2>Flags</h2><ul>{flags}</ul>" if flags else "") + texts, "en"
    )


def _page(title: str, body: str, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    )


def _stem(one: Graded) -> str:
    return _paper(one)[:12]


def _results(
    homework: Homework, graded: Sequence[Graded], hand: Mapping[str, Mapping[str, float]]
) -> list[dict]:
    """Return the results in the form of Gradescope's ``results.json``, one for each submission."""
    made = []
    for one in graded:
        tests = [
            {
                "name": m.part,
                "score": hand.get(_paper(one), {}).get(m.part, m.points),
                "max_score": m.most,
                "output": "; ".join(m.reasons),
                "extra_data": {"status": m.status, **m.to_dict()["measured"]},
            }
            for m in one.marks
        ]
        made.append(
            {
                "file": one.name,
                "score": sum(test["score"] for test in tests),
                "execution_time": round(one.seconds, 1),
                "output": one.reason,
                "tests": tests,
                "extra_data": {
                    "key": one.key,
                    "page": f"feedback/{_stem(one)}.html",
                    "status": one.status,
                    "backend": one.backend,
                    "flags": one.flags,
                },
            }
        )
    return made


def _written(homework: Homework, graded: Sequence[Graded]) -> dict[str, dict[str, str]]:
    return {one.name: {"code": one.code, "markdown": "\n".join(one.texts.values())} for one in graded}


def _given(homework: Homework) -> dict[str, str]:
    kinds = homework.task_kinds
    return {
        kind: "\n".join(stub for task, stub in homework.stubs.items() if kinds[task] == kind)
        for kind in ("code", "markdown")
    }


def _pair(pair: Pair) -> tuple[str, ...]:
    return pair.first, pair.second, pair.kind, f"{pair.share:.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_harmless(str(value)) for value in row] for row in rows)
    return held.getvalue()


def _harmless(value: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return (
        f"'{value}"
        if value[:1] in ("=", "+", "@", "\t", "\r") or (value[:1] == "-" and not _number(value))
        else value
    )


def _number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _paper(one: Graded) -> str:
    """What a person's marks are tied to: the file, not the run."""
    return one.paper or one.key


def _unused(path: Path) -> Path:
    """Name a copy that overwrites no earlier one."""
    number = 1
    while (kept := path.with_name(f"{path.name}.bak{'' if number == 1 else number}")).exists():
        number += 1
    return kept


def _refuse_to_replace(out: Path, tables: Mapping[str, str]) -> None:
    for name, text in tables.items():
        path = out / name
        old = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if not set(old) <= set(text.splitlines()):  # a table that only grows loses nothing
            raise FileExistsError(
                f"{name} is there already and differs; give --force to replace it (the old one is kept), or another --out."
            )


def _replace(path: Path, text: str) -> Path:
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        os.replace(path, _unused(path))
    return files.write_text(path, text)
