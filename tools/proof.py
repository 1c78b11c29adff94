"""What a chapter printed, as plain text: ``python -m tools.proof 04`` (``make proof CH=04``).

Executes the chapter for stand-in seeds 0 to 2 and, where there is a mirror, on the real data, and writes prose and
outputs in order, with the alt texts of the figures, one page a run, into ``_build/proof``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import nbformat

from coursekit.runtime import files
from tools import pairs
from tools.execute import Job, run_all
from tools.project import ROOT, chapter_notebooks, chapter_number

FOLDER = ROOT / "_build" / "proof"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ALT = re.compile(r"""<img[^>]*\balt=(["'])(.*?)\1""", re.DOTALL)


def proof_page(notebook: nbformat.NotebookNode, title: str) -> str:
    """Return an executed notebook as one plain text: Markdown as it is, code behind ``>``, outputs behind ``|``."""
    lines = [title, "=" * len(title), ""]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines += [cell.source, ""]
            continue
        lines += [*(f"> {line}" for line in cell.source.splitlines())]
        for output in cell.get("outputs", []):
            lines += [f"| {line}" for line in _shown(output)]
        lines.append("")
    return "\n".join(lines)


def _shown(output: nbformat.NotebookNode) -> Iterator[str]:
    """The lines of one output: what a reader sees of it."""
    if output.output_type == "stream":
        yield from _COLOUR.sub("", output.text).rstrip().splitlines()
        return
    if output.output_type == "error":
        yield f"[error] {output.ename}: {output.evalue}"
        return
    html = output.data.get("text/html", "")
    alts = [unescape(" ".join(alt.split())) for _, alt in _ALT.findall(html)]
    if alts:
        yield from (f"[figure] {alt}" for alt in alts)
    elif "text/plain" in output.data and not output.data["text/plain"].startswith(
        "<IPython.core.display.HTML"
    ):
        yield from output.data["text/plain"].splitlines()
    elif html:
        yield from re.sub(r"<[^>]+>", " ", re.sub(r"</tr>|<br */?>", "\n", html)).splitlines()


def runs_of(notebook: Path, mirror: Path | None) -> dict[str, Job]:
    """Return the runs to look at, by name: three seeds on the stand-ins, and the first on the real data."""
    wanted = {f"stand-in, seed {seed}": (seed, None) for seed in range(3)}
    if mirror is not None:
        wanted["real data, seed 0"] = (0, str(mirror.resolve()))
    return {
        name: Job(
            notebook,
            FOLDER / f"{notebook.stem} {name}.ipynb",
            {
                "COURSEKIT_SEED": str(seed),
                "COURSEKIT_DATA": data,
                "COURSEKIT_STRICT": "0",
                "COURSEKIT_BUDGET": None,
            },
        )
        for name, (seed, data) in wanted.items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Execute the chapter, write its pages, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapter", help="two digits, or the last word of its name")
    parser.add_argument("--mirror", type=Path, help="folder of the real data")
    asked = parser.parse_args(arguments)
    notebooks = {chapter_number(path): path for path in chapter_notebooks()}
    if asked.chapter not in notebooks:
        print(
            f"CH must be one of {sorted(notebooks)}, got {asked.chapter!r}: make proof CH=04", file=sys.stderr
        )
        return 2
    pairs.sync()
    mirror = asked.mirror if asked.mirror is not None and asked.mirror.is_dir() else None
    jobs = runs_of(notebooks[asked.chapter], mirror)
    reports = run_all(list(jobs.values()))
    for (name, job), report in zip(jobs.items(), reports, strict=True):
        page = proof_page(nbformat.read(job.target, as_version=4), f"{job.source.stem}: {name}")
        path = files.write_text(job.target.with_suffix(".txt"), page)
        print(f"{path.relative_to(ROOT)}" + (f"  FAILED: {report['error']}" if report["error"] else ""))
    return int(any(report["error"] for report in reports))


if __name__ == "__main__":
    sys.exit(main())
