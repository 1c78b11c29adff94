"""``coursekit reproduce`` and ``coursekit results``: make and read recorded studies.

Left out: plotting; the chapters draw.
"""

from __future__ import annotations

import argparse
import json

from coursekit.studies import read_record, record_names, write_record
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
    about = "\n".join(f"  {name:22} {study.what}" for name, study in STUDIES.items())
    parser = commands.add_parser(
        "reproduce",
        help="run a recorded study again",
        description=f"Run a study and write its record.\n\nStudies:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=tuple(STUDIES), metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="default: 0 1 2")
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    parser.set_defaults(run=_reproduce)

    parser = commands.add_parser("results", help="list the records, or show one")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.set_defaults(run=_results)


def _reproduce(asked: argparse.Namespace) -> int:
    record = run_study(asked.name, seeds=asked.seeds)
    path = write_record(record, asked.out)
    print(json.dumps(record["summary"], indent=2))
    print(f"written: {path}")
    return 0


def _results(asked: argparse.Namespace) -> int:
    if asked.name:
        record = read_record(asked.name)
        print(record["what"])
        print(
            json.dumps({key: record[key] for key in ("summary", "provenance")}, indent=2, ensure_ascii=False)
        )
    else:
        for name in record_names():
            print(name)
    return 0
