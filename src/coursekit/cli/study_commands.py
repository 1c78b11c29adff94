"""``coursekit reproduce`` and ``coursekit results``: make and read recorded studies.

Left out: plotting; the chapters draw.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from coursekit.studies import read_record, record_names, write_record
from coursekit.studies.planned import BUDGETS, run_plan, start_again
from coursekit.studies.plans import PLANS
from coursekit.studies.records import results_dir
from coursekit.studies.registry import STUDIES, run_study


def add_study_parsers(commands: argparse._SubParsersAction) -> None:
    """Add the two commands.

    Parameters
    ----------
    commands : subparsers

    Notes
    -----
    Chapter: none.
    """
    described = {name: study.what for name, study in (*STUDIES.items(), *PLANS.items())}
    about = "\n".join(f"  {name:18} {what}" for name, what in described.items())
    parser = commands.add_parser(
        "reproduce",
        help="run a recorded study again",
        description="Run a study and write its record. The long ones write every finished run at once: stopped and "
        f"called again, they go on where they were.\n\nStudies:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=tuple(described), metavar="NAME")
    parser.add_argument(
        "--seeds", type=int, nargs="+", help="default: 0 1 2; 0 to 4 where a homework's thresholds rest on it"
    )
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    parser.add_argument(
        "--jobs", type=int, default=1, help="processes at a time (default: 1, which uses every thread)"
    )
    parser.add_argument(
        "--budget",
        choices=BUDGETS,
        default="full",
        help="smoke: see that it runs, on a few texts; needs --out",
    )
    parser.add_argument(
        "--again", action="store_true", help="start a finished study anew; the old file is kept"
    )
    parser.set_defaults(run=_reproduce)

    parser = commands.add_parser("results", help="list the records, or show one")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.set_defaults(run=_results)


def _reproduce(asked: argparse.Namespace) -> int:
    if asked.name in PLANS:
        return _reproduce_plan(asked)
    if asked.budget != "full" or asked.jobs != 1:
        raise ValueError(f"'--budget' and '--jobs' are for {', '.join(PLANS)}; {asked.name} has one size.")
    record = run_study(asked.name, seeds=asked.seeds or [0, 1, 2])
    path = write_record(record, asked.out)
    print(json.dumps(record["summary"], indent=2))
    print(f"written: {path}")
    return 0


def _reproduce_plan(asked: argparse.Namespace) -> int:
    path = Path(asked.out or results_dir()) / f"{asked.name}.json"
    if asked.again:
        kept = start_again(asked.name, asked.out)
        if kept is not None:
            print(f"the earlier results are kept: {kept.name}")
    elif path.is_file() and json.loads(path.read_text(encoding="utf-8")).get("complete"):
        print(f"{path.name} is complete; 'coursekit results {asked.name}' shows it, --again makes it anew.")
        return 0
    record = run_plan(
        asked.name,
        PLANS[asked.name],
        seeds=asked.seeds or PLANS[asked.name].seeds,
        jobs=asked.jobs,
        budget=asked.budget,
        folder=asked.out,
    )
    print(json.dumps(record["summary"], indent=2))
    print(f"written: {path}")
    return 0


def _in_short(name: str) -> str:
    """Say when a record was made and what it holds; some files are no studies, such as the claims."""
    found = json.loads((results_dir() / f"{name}.json").read_text(encoding="utf-8"))
    if not found.get("complete", True):
        return "not complete; 'coursekit reproduce' goes on with it"
    made = str(found.get("provenance", {}).get("date", ""))[:10]
    return f"{made or ' ' * 10}  {found.get('what', '')}".rstrip()


def _results(asked: argparse.Namespace) -> int:
    if asked.name:
        record = read_record(asked.name)
        print(record["what"])
        print(
            json.dumps({key: record[key] for key in ("summary", "provenance")}, indent=2, ensure_ascii=False)
        )
    else:
        for name in record_names():
            print(f"{name:20} {_in_short(name)}")
    return 0
