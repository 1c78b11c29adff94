"""Grade a set of submissions that is built on the spot: ``python -m tools.grade_demo`` (``make grade-demo``).

A small course is made from ``solutions/`` (lower thresholds, so that the stand-in will do), its reference solution is
run, and from it come honest, unfinished, broken and dishonest submissions. Then the real command grades the folder. The
table says for each file what it is, what it got, and whether that is what it deserves.

Left out: the whole attack set; ``make test-grading`` runs it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.grading.attacks import CASES, Material, write
from tests.grading.reference import solve, solved_notebook
from tests.grading.small_course import make_small_course
from tools.project import ROOT

FOLDER = ROOT / "_build" / "grade-demo"
LIMITS = "{artefact_seconds: 45, smoke_seconds: 60, full_seconds: 300, cell_seconds: 15, memory_mib: 4096}"
AUTOMATIC = 8  # points of homework 1 without the report


@dataclass(frozen=True)
class Shown:
    """One submission of the demo: a case of the attack set, and what it deserves in words."""

    case: str
    file: str
    what: str
    deserves: Callable[[float, str], bool]


def full(points: float, status: str) -> bool:
    """All automatic points."""
    return points == AUTOMATIC and status == "ok"


def less(points: float, status: str) -> bool:
    """Some parts are lost, or held until a person has looked."""
    return points < AUTOMATIC


def nothing(points: float, status: str) -> bool:
    """No point."""
    return points == 0


SHOWN = (
    Shown("reference", "student-01.zip", "the reference solution", full),
    Shown("renamed", "Копия блокнота hw1 (2).zip", "the same, renamed by Colab", full),
    Shown("saved by Colab", "student-03.zip", "saved by Colab: old format, no ids", full),
    Shown("prints an accuracy", "student-04.zip", "prints 'accuracy 0.99'; honest otherwise", full),
    Shown("mean over pads", "student-05.zip", "averages over the padding", less),
    Shown("two changes at once", "student-06.zip", "experiments with two changes", less),
    Shown("endless loop", "student-07.zip", "an endless loop", nothing),
    Shown("looks for labels", "student-08.zip", "looks for the labels", nothing),
    Shown("memoriser", "student-09.zip", "knows the test texts by heart", less),
    Shown("truncated", "student-10.zip", "half of a file", nothing),
    Shown("another homework", "student-11.zip", "another homework", nothing),
)


def build(folder: Path) -> Path:
    """Run the reference solution and write the submissions; return their folder."""
    work = folder / "work"
    for made in (work, folder / "submissions"):
        made.mkdir(parents=True)
    with zipfile.ZipFile(solve("hw1", work)) as packed:
        members = {name: packed.read(name) for name in packed.namelist() if not name.endswith(".ipynb")}
    material = Material(solved_notebook("hw1"), members, work, memory(members))
    by_name = {case.name: case for case in CASES}
    for shown in SHOWN:
        made = write(by_name[shown.case], material, work)
        shutil.move(made, folder / "submissions" / shown.file)
    return folder / "submissions"


def memory(members: dict[str, bytes]) -> dict:
    """What a submission would need to know the test set by heart."""
    from coursekit.data import load
    from coursekit.grading.definition import load_homework
    from coursekit.grading.marking import read_model
    from coursekit.grading.release import notebook_of
    from coursekit.studies import encode_texts

    config, vocabulary, _ = read_model(members)
    corpus = load("ag_news", quiet=True)
    return {
        "ids": encode_texts(corpus.test.texts, vocabulary, config),
        "labels": list(corpus.test.labels),
        "classes": len(corpus.label_names),
        "released": notebook_of(load_homework("hw1")),
    }


def table(grades: Path) -> tuple[list[str], int]:
    """Return the lines of the summary, and how many submissions did not get what they deserve."""
    found = {
        entry["file"]: entry for entry in json.loads((grades / "results.json").read_text(encoding="utf-8"))
    }
    lines, wrong = [f"{'file':28} {'what it is':40} {'points':>6}  {'status':10} as it should be"], 0
    for shown in SHOWN:
        entry = found[shown.file]
        points, status = entry["score"], entry["extra_data"]["status"]
        good = shown.deserves(points, status)
        wrong += not good
        lines.append(
            f"{shown.file:28} {shown.what:40} {points:4g}/{AUTOMATIC}  {status:10} {'yes' if good else 'NO'}"
        )
    return lines, wrong


def main(arguments: list[str] | None = None) -> int:
    """Build, grade, show; return 0 if every submission got what it deserves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time (default: 2)")
    asked = parser.parse_args(arguments)
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.environ["COURSEKIT_SOLUTIONS"] = str(make_small_course(FOLDER / "solutions", limits=LIMITS))
    os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    os.environ.pop("COURSEKIT_DATA", None)
    print("running the reference solution on the stand-in …", flush=True)
    build(FOLDER)
    command = ["homework", "grade", "hw1", "submissions", "--out", "grades", "--jobs", str(asked.jobs)]
    graded = subprocess.run(
        [sys.executable, "-m", "coursekit", *command], cwd=FOLDER, capture_output=True, text=True
    )
    if graded.returncode not in (0, 1):
        print(graded.stdout + graded.stderr, file=sys.stderr)
        return 2
    lines, wrong = table(FOLDER / "grades")
    print("\n".join(lines))
    print(f"\n$ coursekit {' '.join(command)}\n{graded.stdout.rstrip()}")
    print(
        f"exit code {graded.returncode}: "
        + ("a person has to look" if graded.returncode else "nothing to look at")
    )
    made = ", ".join(sorted(path.name for path in (FOLDER / "grades").iterdir() if path.name != "finished"))
    print(f"\n_build/grade-demo/grades holds {made}.")
    print("Points are out of those that need no person; the report gives the other 2.")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
