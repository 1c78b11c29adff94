"""``coursekit reproduce`` and ``coursekit results``: make and read recorded studies."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from coursekit.records import read_json, read_record, record_names, results_dir
from coursekit.runtime import files
from coursestudies.planned import BUDGETS, run_plan
from coursestudies.plans import PLANS
from coursestudies.registry import STUDIES, run_study
from coursestudies.writing import write_record


def add_study_parsers(commands: argparse._SubParsersAction) -> None:
    """Add the two commands."""
    described = {name: study.WHAT for name, study in STUDIES.items()}
    described |= {name: plan.what for name, plan in PLANS.items()}
    about = "\n".join(f"  {name:18} {what}" for name, what in described.items())
    parser = commands.add_parser(
        "reproduce",
        help="run a recorded study again",
        description="Run a study and write its record. A study with --jobs writes every finished run at once: stopped and "
        f"called again, it goes on where it was. The first {len(STUDIES)} below are made in one piece.\n\nStudies:\n{about}",
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
        "--again", action="store_true", help="start anew; the old file is kept as NAME.json.bak, .bak2, …"
    )
    parser.set_defaults(run=_reproduce)

    parser = commands.add_parser("results", help="list the records, or show one")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.set_defaults(run=_results)


def _reproduce(asked: argparse.Namespace) -> int:
    path = Path(asked.out or results_dir()) / f"{asked.name}.json"
    before = path.read_bytes() if path.is_file() else None
    record = _plan(asked) if asked.name in PLANS else _study(asked, path)
    print(json.dumps(record["summary"], indent=2))
    same = path.is_file() and path.read_bytes() == before
    print(f"{path} has it all already; --again makes it anew." if same else f"written: {path}")
    return 0


def _plan(asked: argparse.Namespace) -> dict[str, Any]:
    return run_plan(
        asked.name,
        PLANS[asked.name],
        seeds=asked.seeds or PLANS[asked.name].seeds,
        jobs=asked.jobs,
        budget=asked.budget,
        folder=asked.out,
        again=asked.again,
    )


def _study(asked: argparse.Namespace, path: Path) -> dict[str, Any]:
    if asked.budget != "full" or asked.jobs != 1:
        raise ValueError(f"'--budget' and '--jobs' are for {', '.join(PLANS)}; {asked.name} has one size.")
    if path.is_file() and not asked.again:
        record = read_json(path)
        if asked.seeds not in (None, record["provenance"]["seeds"]):
            raise ValueError(
                f"{path.name} has the seeds {record['provenance']['seeds']}, and is made in one piece: --again makes it "
                f"anew with {asked.seeds}, and keeps the old file."
            )
        return record
    record = run_study(asked.name, seeds=asked.seeds or [0, 1, 2])
    files.put_aside(path)
    write_record(record, asked.out)
    return record


def _in_short(name: str) -> str:
    """Say when a record was made and what it holds; some files are no studies, such as the claims."""
    try:
        found = read_json(results_dir() / f"{name}.json")
    except ValueError as error:
        return str(error)
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
