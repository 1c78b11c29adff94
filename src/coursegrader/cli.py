"""``coursekit homework``: release, publish, grade and report."""

from __future__ import annotations

import argparse
from pathlib import Path

WIDTH = 34


def add_homework_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command and its four parts."""
    parser = commands.add_parser(
        "homework",
        help="for teachers: release, publish, grade, report",
        description="Homework, for teachers. The sources stand in the folder 'solutions', or where COURSEKIT_SOLUTIONS says.",
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")

    one = parts.add_parser("release", help="write the pair that students get, without solutions")
    one.add_argument("name", metavar="NAME", help="for example hw1")
    one.add_argument("--out", metavar="DIR", default="book/homework", help="default: book/homework")
    one.set_defaults(run=_release)

    one = parts.add_parser("publish", help="copy the course without solutions and without its history")
    one.add_argument("folder", metavar="DIR", help="where the copy is to be; it must not be there yet")
    one.add_argument("--root", metavar="DIR", default=".", help="the checkout (default: here)")
    one.set_defaults(run=_publish)

    one = parts.add_parser("grade", help="grade a folder of submissions")
    one.add_argument("name", metavar="NAME", help="for example hw1")
    one.add_argument("submissions", metavar="DIR", help="a folder; folders inside it are searched, too")
    one.add_argument("--out", metavar="DIR", default="grades", help="default: grades")
    one.add_argument(
        "--mode", choices=("artefact", "full"), default="artefact", help="full also trains again"
    )
    one.add_argument("--jobs", type=int, default=1, help="submissions at a time (default: 1)")
    one.add_argument("--seed", type=int, default=20, help="of the questions; choose your own and keep it")
    one.add_argument("--language", choices=("en", "ru"), default="en", help="of the feedback")
    one.add_argument("--test-texts", type=int, metavar="N", help="ask only N test texts, for a trial")
    one.add_argument("--force", action="store_true", help="replace an edited gradebook; the old one is kept")
    one.add_argument("--dry-run", action="store_true", help="say what would be graded, and stop")
    one.set_defaults(run=_grade)

    one = parts.add_parser("report", help="write gradebook and feedback again, with the marks given by hand")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--out", metavar="DIR", default="grades", help="the folder that 'grade' wrote")
    one.add_argument("--language", choices=("en", "ru"), default="en")
    one.set_defaults(run=_report)


def _release(asked: argparse.Namespace) -> int:
    from coursegrader.definition import load_homework
    from coursegrader.release import release

    homework = load_homework(asked.name)
    for path in release(homework, asked.out):
        print(f"written: {path}")
    print(f"{homework.points} points in {len(homework.parts)} parts; {len(homework.stubs)} tasks to fill in")
    return 0


def _publish(asked: argparse.Namespace) -> int:
    from coursegrader.release import publish

    print(f"written: {publish(asked.root, asked.folder)}, one commit, without solutions")
    return 0


def _grade(asked: argparse.Namespace) -> int:
    from coursegrader import sandbox
    from coursegrader.definition import load_homework
    from coursegrader.engine import Settings, grade_folder, submissions_in
    from coursegrader.report import write_reports

    homework = load_homework(asked.name)
    if asked.dry_run:
        paths = submissions_in(asked.submissions)
        for path in paths:
            print(path.relative_to(asked.submissions))
        print(f"{len(paths)} files would be graded as {asked.name}, in the sandbox '{sandbox.backend()}'")
        return 0
    said = sandbox.warning(sandbox.backend())
    if said:
        print(said)
    settings = Settings(mode=asked.mode, seed=asked.seed, test_texts=asked.test_texts)
    graded = grade_folder(asked.submissions, asked.name, asked.out, settings, jobs=asked.jobs)
    _keep_list(Path(asked.out), graded)
    write_reports(homework, graded, asked.out, language=asked.language, force=asked.force)
    return _summary(homework, graded)


def _report(asked: argparse.Namespace) -> int:
    from coursegrader.definition import load_homework
    from coursegrader.report import BY_HAND, read_marks_by_hand, write_reports

    homework = load_homework(asked.name)
    graded = _read_list(Path(asked.out))
    write_reports(homework, graded, asked.out, language=asked.language, force=True)
    return _summary(homework, graded, read_marks_by_hand(Path(asked.out) / BY_HAND, homework))


def _keep_list(out: Path, graded: list) -> None:
    """Write down which finished submissions belong to this run, in order."""
    from coursekit.runtime import files

    files.write_json(out / "finished" / "order.json", [{"key": one.key, "name": one.name} for one in graded])


def _read_list(out: Path) -> list:
    import json

    from coursegrader.engine import Graded

    listed = out / "finished" / "order.json"
    if not listed.is_file():
        raise FileNotFoundError(
            f"there is nothing graded in {str(out)!r}; run 'coursekit homework grade' first."
        )
    graded = []
    for entry in json.loads(listed.read_text(encoding="utf-8")):
        values = json.loads((out / "finished" / f"{entry['key']}.json").read_text(encoding="utf-8"))
        graded.append(Graded.from_dict(values | {"name": entry["name"]}))
    return graded


def _summary(homework, graded: list, hand: dict | None = None) -> int:
    """Print a line for each submission, with a person's marks in it; return 1 if a person has to look at one."""
    ids = [part.id for part in homework.parts]
    width = max((len(one.name) for one in graded), default=4)
    width = min(max(width, 4), WIDTH)
    print(f"{'file':{width}}  {'status':10}  " + "  ".join(ids))
    left = 0
    for one in graded:
        given = (hand or {}).get(one.paper, {})
        cells = []
        for m in one.marks:
            final = m.part in given or m.status == "ok"
            cells.append(f"{given.get(m.part, m.points):g}{'' if final else '*'}".rjust(len(m.part)))
        held = [m.part for m in one.marks if m.status in ("review", "by hand") and m.part not in given]
        left += one.status != "ok" and not (one.status == "person" and given and not held)
        print(f"{one.name[:width]:{width}}  {one.status:10}  {'  '.join(cells)}  {one.reason}")
    print("* waits for a person, or could not be marked; the feedback says why")
    return int(left > 0)
