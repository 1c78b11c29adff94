"""Check every claim of the book and record it: ``python -m tools.run_claims --mirror DIR`` (``make claims``).

Executes each chapter for seeds 0, 1 and 2, on the stand-ins and on the mirror, and writes every claim with what was
measured to ``data/results/claims.json``. A failed claim does not stop a chapter here; it is recorded, and the exit
code is 1.

Left out: GPU cells; their records have provenance of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from coursekit.runtime import files, machine_facts
from tools.execute import Job, run_all
from tools.fingerprint import chapter_fingerprint
from tools.project import ROOT, chapter_notebooks, chapter_number

SEEDS = (0, 1, 2)
SOURCES = ("stand-in", "mirror")
RECORD = ROOT / "data" / "results" / "claims.json"
LOG_MODULES = """\
import json, os, sys
with open(os.environ["COURSEKIT_CLAIMS_LOG"], "a", encoding="utf-8") as log:
    loaded = sorted(name for name in sys.modules if name == "coursekit" or name.startswith("coursekit."))
    log.write(json.dumps({"modules": loaded}) + "\\n")
"""


def run_chapters(notebooks: list[Path], mirror: Path | None) -> list[dict[str, Any]]:
    """Execute chapters for every seed and source; return one entry for each run.

    Raises
    ------
    RuntimeError
        If a chapter does not run to its end.
    """
    cases = [(n, source, seed) for n in notebooks for source in SOURCES for seed in SEEDS]
    folder = ROOT / "_build" / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    jobs, logs = [], []
    for notebook, source, seed in cases:
        stem = f"{notebook.stem}-{source}-{seed}"
        logs.append(folder / f"{stem}.jsonl")
        logs[-1].unlink(missing_ok=True)
        environment = {
            "COURSEKIT_SEED": str(seed),
            "COURSEKIT_STRICT": "0",
            "COURSEKIT_CLAIMS_LOG": str(logs[-1]),
            "COURSEKIT_DATA": str(mirror) if source == "mirror" else None,
            "COURSEKIT_BUDGET": None,
            "HF_HUB_OFFLINE": "1",
        }
        jobs.append(Job(notebook, folder / f"{stem}.ipynb", environment, (LOG_MODULES,)))
    runs = []
    for (notebook, source, seed), log, report in zip(cases, logs, run_all(jobs), strict=True):
        if report["error"]:
            raise RuntimeError(f"{notebook.name}, seed {seed}, {source}, {report['error']}")
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        modules = lines.pop()["modules"]
        runs.append(
            {
                "chapter": chapter_number(notebook),
                "seed": seed,
                "source": source,
                "seconds": report["seconds"],
                "peak_mib": report["peak_mib"],
                "sources": chapter_fingerprint(notebook, modules),
                "modules": modules,
                "claims": [{key: line[key] for key in ("claim", "measured", "holds")} for line in lines],
            }
        )
    return runs


def record_problems(record: dict[str, Any], notebooks: list[Path], root: Path = ROOT) -> list[str]:
    """Return one sentence for each way in which a record of claims falls short of the chapters.

    Parameters
    ----------
    record : dict
        As :func:`main` writes it.
    notebooks : list of Path
        The chapters there are.
    root : Path
        The checkout whose sources count.
    """
    found = []
    runs = {(run["chapter"], run["source"], run["seed"]): run for run in record["runs"]}
    for notebook in notebooks:
        for source in SOURCES:
            for seed in SEEDS:
                where = f"chapter {chapter_number(notebook)}, {source}, seed {seed}"
                run = runs.get((chapter_number(notebook), source, seed))
                if run is None:
                    found.append(f"{where}: not recorded")
                    continue
                try:
                    stale = chapter_fingerprint(notebook, run["modules"], root) != run["sources"]
                except FileNotFoundError:
                    stale = True
                if stale:
                    found.append(f"{where}: the record is older than the sources")
                if not run["claims"]:
                    found.append(f"{where}: makes no claim")
                found += [f"{where}: fails: {c['claim']} [{c['measured']}]" for c in run["claims"] if not c["holds"]]
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run, merge into the record, write it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--chapters", nargs="*", help="two digits each; all if left out")
    asked = parser.parse_args(arguments)
    if not asked.mirror.is_dir():
        print(f"claims need the mirror, and there is no folder {str(asked.mirror)!r}: set COURSEKIT_DATA.", file=sys.stderr)
        return 2
    everything = chapter_notebooks()
    chosen = [n for n in everything if not asked.chapters or chapter_number(n) in asked.chapters]
    runs = run_chapters(chosen, asked.mirror.resolve())
    again = {run["chapter"] for run in runs}
    known = {chapter_number(notebook) for notebook in everything}
    old = json.loads(RECORD.read_text(encoding="utf-8"))["runs"] if RECORD.is_file() else []
    runs += [run for run in old if run["chapter"] not in again and run["chapter"] in known]
    runs.sort(key=lambda run: (run["chapter"], run["source"], run["seed"]))
    machine = machine_facts()
    made = {"date": machine.pop("date"), "versions": machine.pop("versions"), "machine": machine}
    record = {"what": "Every claim of the chapters, for three seeds, on stand-ins and mirror.", "made": made}
    files.write_json(RECORD, record | {"runs": runs})
    problems = record_problems({"runs": runs}, everything)
    claims = sum(len(run["claims"]) for run in runs)
    print("\n".join(problems) or f"{claims} claims in {len(runs)} runs hold; written to data/results/claims.json")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
