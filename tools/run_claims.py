"""Check every claim of the book and record it: ``python -m tools.run_claims --mirror DIR`` (``make claims``).

Executes each chapter for seeds 0, 1 and 2, on the stand-ins and on the mirror, and writes every claim with what was
measured to ``data/results/claims.json``. A failed claim does not stop a chapter here; it is recorded, and the exit
code is 1.

Left out: GPU cells; their records have provenance of their own.
"""

from __future__ import annotations

import argparse
import itertools
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
    loaded = sorted(name for name in sys.modules if name.partition(".")[0] in ("coursekit", "bookfigures"))
    log.write(json.dumps({"modules": loaded}) + "\\n")
"""


def run_chapters(notebooks: list[Path], mirror: Path) -> dict[str, dict[str, Any]]:
    """Execute chapters for every seed and source; return an entry for each chapter, by its number.

    Raises
    ------
    RuntimeError
        If a chapter does not run to its end.
    """
    cases = [(notebook, source, seed) for notebook in notebooks for source in SOURCES for seed in SEEDS]
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
    machine = machine_facts()
    made = {"date": machine.pop("date"), "versions": machine.pop("versions"), "machine": machine}
    chapters: dict[str, dict[str, Any]] = {}
    modules: dict[str, set[str]] = {}
    for (notebook, source, seed), log, report in zip(cases, logs, run_all(jobs), strict=True):
        if report["error"]:
            raise RuntimeError(f"{notebook.name}, seed {seed}, {source}, {report['error']}")
        number = chapter_number(notebook)
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        modules.setdefault(number, set()).update(lines.pop()["modules"])
        claims = [{key: line[key] for key in ("claim", "measured", "holds")} for line in lines]
        run = {"source": source, "seed": seed, "seconds": report["seconds"], "claims": claims}
        chapters.setdefault(number, {"notebook": notebook.name, "made": made, "runs": []})["runs"].append(run)
    for notebook in notebooks:
        loaded = sorted(modules[chapter_number(notebook)])
        known = {"sources": chapter_fingerprint(notebook, loaded), "modules": loaded}
        chapters[chapter_number(notebook)] |= known
    return chapters


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
    for notebook in notebooks:
        chapter = f"chapter {chapter_number(notebook)}"
        entry = record["chapters"].get(chapter_number(notebook))
        if entry is None:
            found.append(f"{chapter}: not recorded")
            continue
        try:
            stale = chapter_fingerprint(notebook, entry["modules"], root) != entry["sources"]
        except FileNotFoundError:
            stale = True
        if stale:
            found.append(f"{chapter}: the record is older than the sources")
        runs = {(run["source"], run["seed"]): run["claims"] for run in entry["runs"]}
        for source, seed in itertools.product(SOURCES, SEEDS):
            where = f"{chapter}, {source}, seed {seed}"
            if not runs.get((source, seed)):
                found.append(f"{where}: no claim is recorded")
                continue
            failed = [claim for claim in runs[source, seed] if not claim["holds"]]
            found += [f"{where}: fails: {claim['claim']} [{claim['measured']}]" for claim in failed]
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run, merge into the record, write it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True, help="folder of the real data")
    parser.add_argument(
        "--chapters", nargs="*", help="two digits each, or the last word of the name; all if left out"
    )
    asked = parser.parse_args(arguments)
    if not asked.mirror.is_dir():
        message = f"claims need the mirror, and there is no folder {str(asked.mirror)!r}: set COURSEKIT_DATA."
        print(message, file=sys.stderr)
        return 2
    everything = chapter_notebooks()
    unknown = set(asked.chapters or ()) - {chapter_number(n) for n in everything}
    if unknown:
        print(
            f"there is no chapter {', '.join(sorted(unknown))}; two digits or the last word of a name.",
            file=sys.stderr,
        )
        return 2
    chosen = [n for n in everything if not asked.chapters or chapter_number(n) in asked.chapters]
    chapters = json.loads(RECORD.read_text(encoding="utf-8"))["chapters"] if RECORD.is_file() else {}
    chapters |= run_chapters(chosen, asked.mirror.resolve())
    known = {chapter_number(notebook) for notebook in everything}
    record = {
        "what": "Every claim of the chapters, for three seeds, on the stand-ins and on the mirror.",
        "chapters": {number: chapters[number] for number in sorted(known & set(chapters))},
    }
    files.write_json(RECORD, record)
    problems = record_problems(record, everything)
    runs = [run for chapter in record["chapters"].values() for run in chapter["runs"]]
    claims = sum(len(run["claims"]) for run in runs)
    print(
        "\n".join(problems)
        or f"{claims} claims in {len(runs)} runs hold; written to data/results/claims.json"
    )
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
