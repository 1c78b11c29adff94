"""``coursekit homework``: release, publish, grade and report."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

WIDTH = 34  # of a name on the screen, if it then is still one name
MOST = 400  # characters of a line that comes from elsewhere
LOUD = (
    "PRACTICE: {} is graded on a stand-in, whose texts and thresholds mean nothing. These marks do not count."
)


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
    part.add_argument("--language", choices=("en", "ru"), default="en", help="of the feedback")
    part.add_argument("--test-texts", type=int, metavar="N", help="ask only N test texts, for a trial")
    part.add_argument("--practice", action="store_true", help="allow a stand-in; such marks do not count")
    part.add_argument("--force", action="store_true", help="replace an edited gradebook; the old one is kept")
    part.add_argument("--dry-run", action="store_true", help="say what would be graded, and stop")
    part.set_defaults(run=_grade)

    part = parts.add_parser("report", help="write gradebook and feedback again, with the marks given by hand")
    part.add_argument("name", metavar="NAME")
    part.add_argument("--out", metavar="DIR", default="grades", help="the folder that 'grade' wrote")
    part.add_argument("--language", choices=("en", "ru"), default="en")
    part.set_defaults(run=_report)


def _release(options: argparse.Namespace) -> int:
    from coursegrader.definition import load_homework
    from coursegrader.release import release

    homework = load_homework(options.name)
    for path in release(homework, options.out):
        print(f"written: {path}")
    print(f"{homework.points} points in {len(homework.parts)} parts; {len(homework.stubs)} tasks to fill in")
    return 0


def _publish(options: argparse.Namespace) -> int:
    from coursegrader.publish import publish

    print(f"written: {publish(options.root, options.folder)}, one commit, without solutions")
    return 0


def _grade(options: argparse.Namespace) -> int:
    from coursegrader import sandbox
    from coursegrader.by_hand import read_by_hand
    from coursegrader.definition import load_homework
    from coursegrader.engine import load_data
    from coursegrader.folder import grade_folder
    from coursegrader.grades import Settings
    from coursegrader.listing import list_submissions
    from coursegrader.report import BY_HAND, write_reports

    homework, listed = load_homework(options.name), list_submissions(options.submissions)
    if options.dry_run:
        for name in listed.names.values():
            print(_on_one_line(name))
        _say(listed.skipped_in_words)
        number = len(listed.names)
        print(f"{number} files would be graded as {options.name}, in the sandbox '{sandbox.backend()}'")
        return 0
    filled = read_by_hand(
        Path(options.out) / BY_HAND, homework
    )  # what cannot be understood is said before the work
    settings = Settings(
        mode=options.mode, seed=options.seed, test_texts=options.test_texts, practice=options.practice
    )
    corpus = load_data(homework, settings)
    if corpus and corpus.source.kind == "stand-in":
        print(LOUD.format(options.name))
    if warning := sandbox.BACKENDS[sandbox.backend()].warning:
        print(warning)
    _say(listed.skipped_in_words)
    graded = grade_folder(options.submissions, options.name, options.out, settings, jobs=options.jobs)
    write_reports(homework, graded, options.out, language=options.language, force=options.force)
    _name_strangers(filled, graded)
    return _summary(homework, graded)


def _report(options: argparse.Namespace) -> int:
    from coursegrader.by_hand import read_by_hand
    from coursegrader.definition import load_homework
    from coursegrader.folder import read_graded
    from coursegrader.report import BY_HAND, write_reports

    homework, graded = load_homework(options.name), read_graded(options.out)
    filled = read_by_hand(Path(options.out) / BY_HAND, homework)
    write_reports(homework, graded, options.out, language=options.language, force=True)
    _name_strangers(filled, graded)
    return _summary(homework, graded, filled.marks)


def _name_strangers(filled, graded: Sequence) -> None:
    """Name the marks that belong to no file of this run; they are kept."""
    for key, name in filled.strangers(graded).items():
        beside = f" ({name})" if name else ""
        _say(f"by_hand.csv: the marks of {key}{beside} belong to no file of this run; they are kept")


def _summary(homework, graded: Sequence, hand: Mapping | None = None) -> int:
    """Print a line for each submission, with a person's marks in it; return 1 if a person has to look at one."""
    from coursegrader.tables import waiting_parts

    names = _short([_on_one_line(g.name) for g in graded])
    width = max(4, *map(len, names))
    print(f"{'file':{width}}  {'status':10}  " + "  ".join(part.id for part in homework.parts))
    left = 0
    for name, g in zip(names, graded, strict=True):
        given = (hand or {}).get(g.paper, {})
        cells = []
        for m in g.marks:
            final = m.part in given or m.status == "ok"
            cells.append(f"{given.get(m.part, m.points):g}{'' if final else '*'}".rjust(len(m.part)))
        done = bool(given) and not waiting_parts(g, hand or {})
        left += g.status != "ok" and not done
        print(f"{name:{width}}  {g.status:10}  {'  '.join(cells)}  {_on_one_line(g.reason)}")
    print("* waits for a person, or could not be marked; the feedback says why")
    return int(left > 0)


def _short(names: Sequence[str]) -> list[str]:
    """Names cut in the middle, unless two would look the same then."""
    head = WIDTH * 2 // 3
    cut = [n if len(n) <= WIDTH else f"{n[:head]}…{n[head + 1 - WIDTH :]}" for n in names]
    return cut if len(set(cut)) == len(set(names)) else list(names)


def _say(line: str) -> None:
    if line:
        print(_on_one_line(line))


def _on_one_line(text: str) -> str:
    """Text of a student, without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in text)[:MOST]
