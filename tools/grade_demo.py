"""Grade a set of submissions that is built on the spot: ``python -m tools.grade_demo`` (``make grade-demo``).

A small course is made from ``solutions/`` (lower thresholds, so that the stand-in will do). Two solutions of homework 1
are run, the reference and a weaker one; from them come honest, unfinished, broken and dishonest submissions. The real
command grades the folder. One table says for each file what it is, what it got, and whether that is right; another, why
not more.

Left out: the whole attack set; ``make test-grading`` runs it.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tools.project import ROOT
from tools.trial_class.attacks import BUILD, CASES, NAMED, Material
from tools.trial_class.reference import members_of, memory_of, solve, solved_notebook
from tools.trial_class.small_course import make_small_course

FOLDER = ROOT / "_build" / "grade-demo"
LIMITS = "{artefact_seconds: 45, full_seconds: 300, cell_seconds: 15, memory_mib: 4096}"
PARTS = ("baseline", "experiment-1", "experiment-2", "quality", "report")
FULL = (1, 2, 2, 3, 0)  # the report waits for a person
REASON = 70  # letters of a reason that are shown

WEAKER = '''\
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def build(config, vocabulary_size, n_classes):
    """Return a model that is called as model(ids, lengths) and gives logits (B, n_classes)."""
    return Small(config, vocabulary_size, n_classes)


class Small(nn.Module):
    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[config.cell]
        self.words = nn.Embedding(vocabulary_size, config.embedding_dim)
        self.reader = kind(config.embedding_dim, config.hidden_size, batch_first=True, bidirectional=config.bidirectional)
        self.out = nn.Linear(config.hidden_size * (2 if config.bidirectional else 1), n_classes)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.words(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.reader(packed)[0], batch_first=True, padding_value=-2.0)
        return self.out(states.amax(dim=1))
'''
WEAKER_FINAL = 'FINAL = {"cell": "gru", "epochs": 2}'
COPIED = (
    "The gated cell learned faster than the plain one after the second epoch, and reading in both directions cost twice "
    "the time for a gain that lies inside the interval, so the final model keeps only what helped on validation."
)
REPORTS = (
    "I expected the LSTM to win and it did, though by less than its interval is wide; three more seeds would settle it.",
    "Все кривые растут до третьей эпохи, дальше точность на проверке не меняется; GRU взят потому, что он быстрее.",
    COPIED,
    COPIED,
    "Mean pooling was my first try. The loss fell smoothly, validation stopped improving early, dropout changed nothing.",
    "My network is right about almost everything, see the number it prints above; other runs looked the same to me.",
    "Changing the cell together with the dropout worked best, I did not try either of them alone for lack of time.",
    "Training never came to an end on my laptop overnight, therefore I describe what I would have compared otherwise.",
    "After looking around in the folders I settled for larger hidden states; the plots show where overfitting begins.",
    "Every test article was classified without a single mistake, which shows how well recurrent networks generalise.",
)


@dataclass(frozen=True)
class Shown:
    """One submission of the demo: how it is made, what it is, and what it deserves."""

    file: str
    what: str
    make: str | Callable[[Material, Material], bytes]  # a case of the attack set, or of both solutions
    deserves: Callable[[tuple[float, ...], str], bool]


def unfinished(*written: str) -> Callable[[Material, Material], bytes]:
    """Make a bare notebook in which some tasks are written."""

    def make(reference: Material, _: Material) -> bytes:
        notebook = copy.deepcopy(reference.memory["released"])
        for cell, solved in zip(notebook["cells"], reference.notebook["cells"], strict=True):
            if cell["metadata"].get("coursekit", {}).get("task") in written:
                cell["source"] = solved["source"]
        return json.dumps(notebook).encode()

    return make


def full(points: tuple[float, ...], status: str) -> bool:
    """All automatic points."""
    return points == FULL and status == "ok"


def weaker(points: tuple[float, ...], status: str) -> bool:
    """Everything but the last points for quality."""
    return points[:3] == FULL[:3] and points[3] < FULL[3] and status == "ok"


def exactly(*wanted: float, status: str = "ok") -> Callable[[tuple[float, ...], str], bool]:
    """These points, and this status."""
    return lambda points, found: points == wanted and found == status


NOTHING = (0, 0, 0, 0, 0)
MODEL_ONLY = exactly(1, *NOTHING[1:], status="incomplete")
SHOWN = (
    Shown("student-01.zip", "the reference solution", "reference", full),
    Shown("student-02.zip", "honest, a weaker model", lambda _, weak: weak.packed(), weaker),
    Shown("student-03.zip", "saved by Colab: old format", "saved by Colab", full),
    Shown("Копия блокнота hw1 (2).zip", "renamed; report of student-03", "renamed", full),
    Shown("student-05.zip", "averages over the padding", "mean over pads", exactly(1, 2, 2, 0, 0)),
    Shown("student-06.zip", "honest; prints accuracy 0.99", "prints an accuracy", full),
    Shown("student-07.zip", "experiments with two changes", "two changes at once", exactly(1, 0, 0, 3, 0)),
    Shown("student-08.zip", "an endless loop", "endless loop", exactly(*NOTHING, status="person")),
    Shown("student-09.zip", "looks for the labels", "looks for labels", exactly(*NOTHING, status="person")),
    Shown("student-10.zip", "knows the test texts by heart", "memoriser", lambda p, s: p[3] == 0 and s == "person"),
    Shown("student-11.ipynb", "unfinished: the model alone", unfinished(BUILD), MODEL_ONLY),
    Shown("student-12.ipynb", "unfinished: as handed out", unfinished(), exactly(*NOTHING)),
    Shown("student-13.zip", "half of a file", "truncated", exactly(*NOTHING, status="unreadable")),
    Shown("student-14.zip", "another homework", "another homework", exactly(*NOTHING, status="foreign")),
)  # fmt: skip


def run(folder: Path, notebook: dict) -> dict[str, bytes]:
    """Run a solved notebook as its student would; return what it packed."""
    folder.mkdir(parents=True)
    return members_of(solve("hw1", folder, made=notebook))


def written(task: str, text: str, notebook: dict) -> dict:
    """Return a copy of a notebook with one answer replaced."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        if cell["metadata"].get("coursekit", {}).get("task") == task:
            cell["source"] = text
    return notebook


def solutions(work: Path) -> tuple[Material, Material]:
    """Run the reference and the weaker solution, both at once."""
    solved = solved_notebook("hw1")
    second = written(BUILD, WEAKER, written("hw1-final", WEAKER_FINAL, solved))
    second = written(NAMED, 'EXPERIMENTS = {"gates": {"cell": "gru"}, "wide": {"hidden_size": 160}}', second)
    with ThreadPoolExecutor(2) as pool:
        reference, weak = pool.map(run, (work / "reference", work / "weaker"), (solved, second))
    known = memory_of(reference)
    return Material(solved, reference, work, known), Material(second, weak, work, known)


def build(folder: Path) -> Path:
    """Write the submissions, each with a report of its own but for one pair; return their folder."""
    reference, weak = solutions(folder / "work")
    by_name = {case.name: case for case in CASES}
    submissions = folder / "submissions"
    submissions.mkdir()
    for number, shown in enumerate(SHOWN):
        report = REPORTS[number] if number < len(REPORTS) else ""
        own, other = (
            replace(m, notebook=written("hw1-report", report, m.notebook)) for m in (reference, weak)
        )
        made = by_name[shown.make].make(own) if isinstance(shown.make, str) else shown.make(own, other)
        (submissions / shown.file).write_bytes(made)
    return submissions


def reason_for(entry: dict) -> str:
    """Return why a submission did not get everything, short enough for a line."""
    tests = [t for t in entry["tests"] if t["name"] != "report"]
    waiting = [t["output"] for t in tests if "score" not in t]
    lost = [t["output"] for t in tests if t.get("score", 0) < t["max_score"]]
    text = "".join(waiting[-1:] or lost[:1])
    if entry["extra_data"]["status"] in ("unreadable", "foreign"):
        text = entry["output"]
    if entry["extra_data"]["flags"]:
        text = entry["extra_data"]["flags"][0]
    return textwrap.shorten(text, REASON, placeholder=" …")


def table(grades: Path) -> tuple[list[str], list[str], int]:
    """Return the lines of the summary, the reasons, and how many submissions did not get what they deserve."""
    entries = json.loads((grades / "results.json").read_text(encoding="utf-8"))
    found = {entry["file"]: entry for entry in entries}
    lines, reasons, wrong = [f"{'file':26}  {'what it is':29}  {'status':10}  {'points':9}  right"], [], 0
    for shown in SHOWN:
        entry = found[shown.file]
        by_part = {test["name"]: test.get("score") for test in entry["tests"]}  # no score: it waits
        points, status = tuple(by_part[part] or 0 for part in PARTS), entry["extra_data"]["status"]
        good = shown.deserves(points, status)
        wrong += not good
        said = " ".join("–" if by_part[part] is None else f"{by_part[part]:g}" for part in PARTS)
        lines.append(f"{shown.file:26}  {shown.what:29}  {status:10}  {said:9}  {'yes' if good else 'NO'}")
        why = reason_for(entry)
        reasons += [f"{shown.file:16}  {why}"] if why else []
    return lines, reasons, wrong


def copied(grades: Path) -> tuple[list[str], int]:
    """Return the pairs of files with alike reports, and how many pairs have alike code."""
    with (grades / "similarity.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    pairs = [f"{row['first']} and {row['second']}" for row in rows if row["kind"] == "markdown"]
    return pairs, sum(row["kind"] == "code" for row in rows)


def main(arguments: list[str] | None = None) -> int:
    """Build, grade, show; return 0 if every submission got what it deserves."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.grade_demo",
        description="Make up a class, grade it in _build/grade-demo, and show what each submission got.",
    )
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time (default: 2)")
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.environ["COURSEKIT_SOLUTIONS"] = str(make_small_course(FOLDER / "solutions", limits=LIMITS))
    os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "COURSEKIT_BUDGET": "cpu"}
    os.environ.pop("COURSEKIT_DATA", None)
    print("Running two solutions on the stand-in, then grading …", file=sys.stderr, flush=True)
    build(FOLDER)
    shutil.rmtree(FOLDER / "work")
    command = f"homework grade hw1 submissions --out grades --jobs {asked.jobs} --practice".split()
    graded = subprocess.run(  # its bar goes to the screen, its table is shown below ours
        [sys.executable, "-m", "coursekit", *command], cwd=FOLDER, stdout=subprocess.PIPE, text=True
    )
    if graded.returncode not in (0, 1):
        print(graded.stdout)
        return 2
    lines, reasons, wrong = table(FOLDER / "grades")
    print(
        f"{len(SHOWN)} submissions of homework 1; points by part: {', '.join(PARTS)}; '–' waits for a person\n"
    )
    print("\n".join(lines))
    print("\n".join(["\nWhy not more:\n", *reasons]))
    print(f"\nThe same, as a teacher sees it:\n\n$ coursekit {' '.join(command)}\n{graded.stdout.rstrip()}")
    print(
        f"(exit code {graded.returncode}: {'a person has to look at some' if graded.returncode else 'all done'})"
    )
    pairs, alike = copied(FOLDER / "grades")
    print("\nIn the folder _build/grade-demo/grades:")
    print("  gradebook.csv   a row for each file, with Moodle's columns")
    print("  feedback/       a page for each student")
    print("  by_hand.csv     what a person marks; the texts are in by_hand/")
    print(f"  similarity.csv  alike reports: {'; '.join(pairs) or 'none'};")
    print(f"                  alike code: {alike} pairs, most were made from one solution")
    print("  results.json    the same for Gradescope")
    wrong += pairs != ["student-03.zip and Копия блокнота hw1 (2).zip"]
    print(f"\n{'Something is not as it should be' if wrong else 'All is as it should be'}: "
          f"{time.monotonic() - start:.0f} s.")  # fmt: skip
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
