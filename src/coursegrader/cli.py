"""``coursekit homework``: release, publish, grade and report."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path

from coursegrader.messages import LANGUAGES, Message, Said, in_words, machine_language, say, what_said

WIDTH = 34  # of a name on the screen, if it then is still one name
MOST = 400  # characters of a line that comes from elsewhere


def add_homework_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command and its four parts."""
    parser = commands.add_parser(
        "homework",
        help="for teachers: release, publish, grade, report",
        description="Homework, for teachers. The sources stand in the folder 'solutions', or where COURSEKIT_SOLUTIONS says.",
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")

    part = parts.add_parser("release", help="write the pair that students get, without solutions")
    part.add_argument("name", metavar="NAME", help="for example hw1")
    part.add_argument("--out", metavar="DIR", default="book/homework", help="default: book/homework")
    part.set_defaults(run=_release)

    part = parts.add_parser("publish", help="copy the course without solutions and without its history")
    part.add_argument("folder", metavar="DIR", help="where the copy is to be; it must not be there yet")
    part.add_argument("--root", metavar="DIR", default=".", help="the checkout (default: here)")
    part.set_defaults(run=_publish)

    part = parts.add_parser("grade", help="grade a folder of submissions")
    part.add_argument("name", metavar="NAME", help="for example hw1")
    part.add_argument("submissions", metavar="DIR", help="a folder; folders inside it are searched, too")
    part.add_argument("--out", metavar="DIR", default="grades", help="default: grades")
    part.add_argument(
        "--mode", choices=("artefact", "full"), default="artefact", help="full also trains again"
    )
    part.add_argument("--jobs", type=int, default=1, help="submissions at a time (default: 1)")
    part.add_argument("--seed", type=int, default=20, help="of the questions; choose your own and keep it")
    _add_language(part)
    part.add_argument("--test-texts", type=int, metavar="N", help="ask only N test texts, for a trial")
    part.add_argument("--practice", action="store_true", help="allow a stand-in; such marks do not count")
    part.add_argument("--force", action="store_true", help="replace an edited gradebook; the old one is kept")
    part.add_argument("--dry-run", action="store_true", help="say what would be graded, and stop")
    part.set_defaults(run=_grade)

    part = parts.add_parser("report", help="write gradebook and feedback again, with the marks given by hand")
    part.add_argument("name", metavar="NAME")
    part.add_argument("--out", metavar="DIR", default="grades", help="the folder that 'grade' wrote")
    part.add_argument(
        "--marks",
        metavar="FILE",
        nargs="+",
        type=Path,
        default=[],
        help="copies of by_hand.csv that several people have filled in; their marks come into it",
    )
    _add_language(part)
    part.set_defaults(run=_report)


def _add_language(part: argparse.ArgumentParser) -> None:
    part.add_argument(
        "--language",
        choices=LANGUAGES,
        help="of all that is written (default: each notebook's, else the rubric's, else COURSEKIT_LANGUAGE, else en)",
    )


Run = Callable[[argparse.Namespace], int]


def _speaking(run: Run) -> Run:
    """Read the homework of a command and settle on its language; what it refuses is said in that language, too."""

    @wraps(run)
    def called(options: argparse.Namespace) -> int:
        from coursegrader.definition import load_homework

        options.spoken = getattr(options, "language", None) or machine_language()
        try:
            if "name" in options:
                options.homework = load_homework(options.name)
                options.spoken = (
                    getattr(options, "language", None) or options.homework.language or options.spoken
                )
            return run(options)
        except (ValueError, LookupError, OSError) as error:
            if not isinstance(said := what_said(error), Message):
                raise
            raise type(error)(said.in_words(options.spoken)) from None

    return called


@_speaking
def _release(options: argparse.Namespace) -> int:
    from coursegrader.release import release

    homework = options.homework
    for path in release(homework, options.out):
        _tell(say("cli.written", path=path), options.spoken)
    parts, tasks = len(homework.parts), len(homework.stubs)
    _tell(say("cli.released", points=homework.points, parts=parts, tasks=tasks), options.spoken)
    return 0


@_speaking
def _publish(options: argparse.Namespace) -> int:
    from coursegrader.publish import publish

    _tell(say("cli.published", path=publish(options.root, options.folder)), options.spoken)
    return 0


@_speaking
def _grade(options: argparse.Namespace) -> int:
    from coursegrader import sandbox
    from coursegrader.by_hand import read_by_hand
    from coursegrader.engine import load_data
    from coursegrader.folder import grade_folder
    from coursegrader.grades import Settings
    from coursegrader.listing import list_submissions
    from coursegrader.report import BY_HAND, write_reports

    homework, listed = options.homework, list_submissions(options.submissions)
    if options.dry_run:
        for name in listed.names.values():
            _tell(name, options.spoken)
        _tell(listed.what_is_skipped or "", options.spoken)
        _tell(
            say("cli.would", number=len(listed.names), name=options.name, sandbox=sandbox.backend()),
            options.spoken,
        )
        return 0
    filled = read_by_hand(
        Path(options.out) / BY_HAND, homework
    )  # what cannot be understood is said before the work
    settings = Settings(
        mode=options.mode, seed=options.seed, test_texts=options.test_texts, practice=options.practice
    )
    corpus = load_data(homework, settings)
    if corpus and corpus.source.kind == "stand-in":
        _tell(say("cli.practice", name=options.name), options.spoken)
    _tell(sandbox.BACKENDS[sandbox.backend()].warning or "", options.spoken)
    _tell(listed.what_is_skipped or "", options.spoken)
    graded = grade_folder(options.submissions, options.name, options.out, settings, jobs=options.jobs)
    write_reports(homework, graded, options.out, language=options.language, force=options.force)
    _name_strangers(filled, graded, options.spoken)
    return _summary(homework, graded, options.spoken)


@_speaking
def _report(options: argparse.Namespace) -> int:
    from coursegrader.by_hand import read_tables
    from coursegrader.folder import read_graded
    from coursegrader.report import BY_HAND, write_reports

    homework, graded = options.homework, read_graded(options.out, options.homework)
    filled = read_tables(Path(options.out) / BY_HAND, options.marks, homework)
    write_reports(homework, graded, options.out, language=options.language, force=True, copies=options.marks)
    _name_strangers(filled, graded, options.spoken)
    return _summary(homework, graded, options.spoken, filled.marks)


def _name_strangers(filled, graded: Sequence, language: str) -> None:
    """Name the marks that belong to no file of this run; they are kept."""
    for key, name in filled.strangers(graded).items():
        _tell(
            say("cli.strangers", key=key, name=name) if name else say("cli.strangers-unnamed", key=key),
            language,
        )


def _summary(homework, graded: Sequence, language: str, hand: Mapping | None = None) -> int:
    """Print a line for each submission, a person's marks in it, then the reasons; return 1 if one has to be looked at."""
    from coursegrader.tables import waiting_parts

    names = _short([_on_one_line(g.name) for g in graded])
    statuses = [say(f"graded.{g.status}").in_words(language) for g in graded]
    file, status = (say(key).in_words(language) for key in ("cli.file", "cli.status"))
    width, wide = max(len(file), *map(len, names)), max(len(status), 10, *map(len, statuses))
    print(f"{file:{width}}  {status:{wide}} " + " ".join(part.id for part in homework.parts))
    reasons, left = [], 0
    for name, said, g in zip(names, statuses, graded, strict=True):
        given = (hand or {}).get(g.paper, {})
        cells = []
        for m in g.marks:
            final = m.part in given or not g.waits(m)
            cells.append(f"{given.get(m.part, m.points):g}{'' if final else '*'}".rjust(len(m.part)))
        done = bool(given) and not waiting_parts(g, hand or {})
        left += g.status != "ok" and not done
        why = _on_one_line(in_words(g.reason, language))
        reasons += [(name, why)] if why else []
        print(f"{name:{width}}  {said:{wide}} {' '.join(cells)}")
    _tell(say("cli.star"), language)
    width = max((len(name) for name, _ in reasons), default=0)
    print("".join(f"{name:{width}}  {why}\n" for name, why in reasons), end="")
    return int(left > 0)


def _short(names: Sequence[str]) -> list[str]:
    """Names cut in the middle, unless two would look the same then."""
    head = WIDTH * 2 // 3
    cut = [n if len(n) <= WIDTH else f"{n[:head]}…{n[head + 1 - WIDTH :]}" for n in names]
    return cut if len(set(cut)) == len(set(names)) else list(names)


def _tell(said: Said, language: str) -> None:
    if said:
        print(_on_one_line(in_words(said, language)))


def _on_one_line(text: str) -> str:
    """Text of a student, without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in text)[:MOST]
