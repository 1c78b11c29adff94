"""The grader's own costs, in one run: ``OMP_NUM_THREADS=1 python -m benchmarks.grading``.

How long does the grader take for one submission on top of what the submission itself computes? How much faster are two
at a time than one? How much memory does the grader hold? A small homework 1 on the stand-in is graded: the same
solution many times over, each with another remark in its code.

The submissions are graded in blocks, one at a time and two at a time in turn (A B, B A, …), each block in a process of
its own. The submission's own computing is the sum of the seconds of its cells and of the questions put to it. The
teacher's first cells, which import torch and the course's package, are counted with it, and given on their own as well.

Left out: a full retrain; that is the submission's own computing, for minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from coursegrader import engine
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursegrader.jobs import Outcome
from coursegrader.sandbox import backend
from coursekit.runtime import machine_facts
from coursestudies.writing import write_record

BLOCKS = 4
QUIET = 0.2  # cores that others may keep busy
MOST_OVERHEAD, LEAST_RATIO, MOST_MIB = 0.3, 1.7, 500
SETTINGS = Settings(seed=5, practice=True)


def make_submissions(reference: Path, folder: Path, count: int) -> list[Path]:
    """Write copies of a packed submission that differ by a remark, in as many folders as there are blocks."""
    with zipfile.ZipFile(reference) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    (name,) = [name for name in members if name.endswith(".ipynb")]
    blocks = [folder / f"block-{k}" for k in range(BLOCKS)]
    for number in range(count):
        notebook = json.loads(members[name])
        for cell in notebook["cells"]:
            if cell["metadata"].get("coursekit", {}).get("task") == "hw1-build":
                cell["source"] = f"# student {number}\n" + "".join(cell["source"])
        path = blocks[number % BLOCKS] / f"{number:02}.zip"
        path.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for member, content in (members | {name: json.dumps(notebook).encode()}).items():
                made.writestr(member, content)
    return blocks


def grade_block(folder: Path, jobs: int) -> dict[str, Any]:
    """Grade a folder in this process; return times, memory, and what each submission's steps took."""
    started: list[dict[str, float]] = []
    run_job = engine.run_job

    def watched(*given: Any, **named: Any) -> Outcome:
        outcome = run_job(*given, **named)
        seconds = {step: found["seconds"] for step, found in outcome.steps.items()}
        first = sum(value for step, value in seconds.items() if step.startswith("cell-"))
        started.append({"own": sum(seconds.values()), "first_cells": first, "sandbox": outcome.ended.seconds})
        return outcome

    engine.run_job = watched
    backend()  # found out once for a whole run
    with tempfile.TemporaryDirectory() as out:
        busy, start = os.times(), time.perf_counter()
        graded = grade_folder(folder, "hw1", out, SETTINGS, jobs=jobs, progress=False)
        seconds, after = time.perf_counter() - start, os.times()
    used = sum(after[:4]) - sum(busy[:4])  # by this process and by the sandboxes
    wrong = [one.reason for one in graded if one.status != "ok" or one.points != 8]
    if wrong:
        raise RuntimeError(f"the reference solution must get all 8 automatic points, got: {wrong[0]}")
    steps = started if jobs == 1 else []  # two at a time slow each other down
    return {
        "jobs": jobs,
        "submissions": len(graded),
        "seconds": seconds,
        "processor_seconds": used,
        "peak_mib": _peak_mib(),
        "overhead": [one.seconds - step["own"] for one, step in zip(graded, steps, strict=False)],
        "first_cells": [step["first_cells"] for step in steps],
        "own": [step["own"] for step in steps],
    }


def _peak_mib() -> float:
    """Largest resident memory of this process alone."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("this kernel does not say how much memory a process has held; run on Linux.")


def _ticks() -> tuple[float, float]:
    """Seconds that all processors together have worked, and could have worked, since the start of the machine."""
    fields = [int(n) for n in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]]
    tick = os.sysconf("SC_CLK_TCK")
    return (sum(fields) - fields[3] - fields[4]) / tick, sum(fields) / tick


def run_block(folder: Path, jobs: int) -> dict[str, Any]:
    """Grade a folder in a process of its own, and say how busy others kept the machine meanwhile."""
    (worked, could), start = _ticks(), time.perf_counter()
    asked = [sys.executable, "-m", "benchmarks.grading", "--block", str(folder), "--jobs", str(jobs)]
    done = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True)
    run = json.loads(done.stdout.splitlines()[-1])
    (worked_after, could_after), taken = _ticks(), time.perf_counter() - start
    cores = (could_after - could) / taken
    others = (worked_after - worked - run["processor_seconds"]) / taken
    return run | {"cores": round(cores), "busy_with_others": max(0.0, others)}


def summary_of(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Collect the figures to quote."""
    seconds = {jobs: [run["seconds"] for run in runs if run["jobs"] == jobs] for jobs in (1, 2)}
    overhead = [value for run in runs for value in run["overhead"]]
    first = [value for run in runs for value in run["first_cells"]]
    both = [a + b for a, b in zip(overhead, first, strict=True)]
    return {
        "submissions": sum(run["submissions"] for run in runs if run["jobs"] == 1),
        "overhead_seconds": statistics.median(overhead),
        "overhead_seconds_high": sorted(overhead)[int(0.95 * (len(overhead) - 1))],
        "first_cells_seconds": statistics.median(first),
        "overhead_and_first_cells_seconds": statistics.median(both),
        "own_seconds": statistics.median([value for run in runs for value in run["own"]]),
        "jobs1_seconds": sum(seconds[1]),
        "jobs2_seconds": sum(seconds[2]),
        "jobs_ratio": sum(seconds[1]) / sum(seconds[2]),
        "jobs_ratio_median": statistics.median(a / b for a, b in zip(seconds[1], seconds[2], strict=True)),
        "peak_mib": max(run["peak_mib"] for run in runs),
        "cores": runs[0]["cores"],
        "cores_busy_with_others": statistics.mean(run["busy_with_others"] for run in runs),
        "backend": backend(),
    }


def measure(count: int) -> list[dict[str, Any]]:
    """Make the course, the solution and its copies; grade every block in both ways."""
    from tools.trial_class.reference import solve
    from tools.trial_class.small_course import make_small_course

    runs = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("solutions", "reference", "submissions"):
            (folder / name).mkdir()
        os.environ["COURSEKIT_SOLUTIONS"] = str(make_small_course(folder / "solutions"))
        blocks = make_submissions(solve("hw1", folder / "reference"), folder / "submissions", count)
        for turn, block in enumerate(blocks):
            for jobs in (1, 2) if turn % 2 == 0 else (2, 1):
                run = run_block(block, jobs)
                runs.append(run | {"block": turn})
                print(
                    f"  block {turn}, {jobs} at a time: {run['seconds']:6.1f} s for {run['submissions']}, "
                    f"others busy on {run['busy_with_others']:.2f} of {run['cores']} cores",
                    flush=True,
                )
    return runs


def main(arguments: list[str] | None = None) -> int:
    """Grade, print the figures, and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=40, help=f"how many, a multiple of {BLOCKS}")
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    parser.add_argument("--block", metavar="DIR", help="grade this folder only (the benchmark calls itself)")
    parser.add_argument("--jobs", type=int, default=1, help="with --block: submissions at a time")
    asked = parser.parse_args(arguments)
    if asked.block:
        print(json.dumps(grade_block(Path(asked.block), asked.jobs)))
        return 0
    if asked.submissions < BLOCKS or asked.submissions % BLOCKS:
        parser.error(f"--submissions must be a multiple of {BLOCKS}, got {asked.submissions}")
    os.environ |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    os.environ.pop("COURSEKIT_DATA", None)  # the stand-in, whatever is at hand
    start = time.perf_counter()
    runs = measure(asked.submissions)
    summary, facts = summary_of(runs), machine_facts()
    record = {
        "name": "bench-grading",
        "what": "The grader's time on top of the submission's, two at a time against one, and its memory, in one run.",
        "provenance": {
            "date": facts.pop("date"),
            "versions": facts.pop("versions"),
            "machine": facts,
            "command": f"OMP_NUM_THREADS=1 python -m benchmarks.grading --submissions {asked.submissions}",
            "seeds": [SETTINGS.seed],
            "data": {"name": "ag_news", "source": "stand-in"},
            "seconds": time.perf_counter() - start,
        },
        "summary": summary,
        "runs": runs,
    }
    for name, value in summary.items():
        print(f"{name:34} {value:.4g}" if isinstance(value, float) else f"{name:34} {value}")
    if summary["cores_busy_with_others"] > QUIET:
        print(
            "Others kept the machine busy: times are too long, and the ratio says little. Run it again when it is quiet."
        )
    print(f"written: {write_record(record, asked.out)}")
    good = (
        summary["overhead_seconds"] <= MOST_OVERHEAD
        and summary["jobs_ratio"] >= LEAST_RATIO
        and summary["peak_mib"] <= MOST_MIB
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
