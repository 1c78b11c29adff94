"""Build the book: ``python -m tools.build_book`` (``make book``).

1. Every notebook of ``_toc.yml`` is executed once, two at a time, into ``_build/executed``. What it depends on (its
   cells, ``src``, ``data``, the pins, the environment) gives its key; the same key is never executed twice.
2. Pages, executed notebooks, and the pages of costs and of the package are staged in ``_build/site``.
3. Jupyter Book renders that folder, warnings as errors, into ``_build/html``; not at all if nothing staged changed.

A failed cell, a notebook without any output, or a chapter that costs too much fails the build. The limits on cost are
for the stand-ins; ``COURSEKIT_COST_LIMITS=report`` only reports them, for a slow machine.

Left out: the book as one file; :mod:`tools.print_book` makes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from importlib.metadata import files as package_files
from pathlib import Path
from typing import Any

import nbformat
import yaml

from coursekit.runtime import files, machine_facts
from tools import check_pages
from tools.api_page import api_page
from tools.checked_page import checked_page
from tools.execute import Job, report_path, run_all
from tools.languages import mark_folder
from tools.project import (
    LANGUAGES,
    ROOT,
    book_notebooks,
    chapter_notebooks,
    chapter_number,
    page_sources,
    repository_address,
    table_of_contents,
)

BUILD = ROOT / "_build"
LIMITS = {"seconds": 60, "peak_mib": 2048}
SHAPING = ("COURSEKIT_DATA", "COURSEKIT_BUDGET", "COURSEKIT_SEED", "COURSEKIT_FAKE_GPU", "HF_HUB_OFFLINE")
# The record of claims is about the chapters; no chapter reads it, and writing it must not make them stale.
NOT_READ_BY_CHAPTERS = ("data/results/claims.json",)
MATHJAX = ("tex-chtml-full.js", "output/chtml/fonts/woff-v2")


class BuildFailed(Exception):
    """The book cannot be built; the message says what to mend."""


def tree_checksum(folders: list[Path]) -> str:
    """Return a SHA-256 over the names and bytes of every file below some folders (or of single files)."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
            if path.is_file() and "__pycache__" not in path.parts and name not in NOT_READ_BY_CHAPTERS:
                digest.update(f"{name}\0{files.sha256(path)}\0".encode())
    return digest.hexdigest()


def environment_key() -> str:
    """Return everything outside the tree that an executed notebook depends on, as text."""
    key = {name: os.environ.get(name, "") for name in SHAPING} | {"python": platform.python_version()}
    mirror = os.environ.get("COURSEKIT_DATA")
    if mirror:
        seen = sorted(Path(mirror).rglob("*.*"))
        key["mirror"] = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in seen]
    return json.dumps(key, sort_keys=True)


def execute_chapters() -> dict[Path, Path]:
    """Execute what is not in the cache; return the executed copy of each notebook.

    Raises
    ------
    BuildFailed
        If a cell fails, a notebook shows nothing at all, or a chapter is over a limit.
    """
    notebooks = book_notebooks()
    common = tree_checksum([ROOT / "src", ROOT / "data", ROOT / "requirements.txt"]) + environment_key()
    targets = {}
    for notebook in notebooks:
        key = hashlib.sha256((files.sha256(notebook) + common).encode()).hexdigest()[:16]
        targets[notebook] = BUILD / "executed" / f"{_page(notebook).replace('/', '-')}-{key}.ipynb"
    stale = [notebook for notebook, target in targets.items() if not _is_good(target)]
    print(f"{len(notebooks)} notebooks, {len(notebooks) - len(stale)} already executed", flush=True)
    run_all([Job(notebook, targets[notebook]) for notebook in stale])
    reports = {notebook: _report(target) for notebook, target in targets.items()}
    problems = [f"{_page(path)}, {report['error']}" for path, report in reports.items() if report["error"]]
    problems += [
        f"{_page(path)}: no cell shows anything"
        for path, target in targets.items()
        if not shows_something(target)
    ]
    problems += (
        over_limits({_page(path): report for path, report in reports.items()}) if _limits_hold() else []
    )
    if problems:
        raise BuildFailed("\n\n".join(problems))
    _forget_old(set(targets.values()))
    return targets


def over_limits(reports: dict[str, dict[str, Any]]) -> list[str]:
    """Return one sentence for each chapter and limit that it is over."""
    return [
        f"{name}: {what} {report[what]:g}, the limit is {limit}; make the chapter cheaper, or set "
        "COURSEKIT_COST_LIMITS=report if it is this machine that is slow."
        for name, report in reports.items()
        for what, limit in LIMITS.items()
        if report[what] > limit
    ]


def shows_something(notebook: Path) -> bool:
    """Tell whether an executed notebook has any output (or no code that could have one)."""
    cells = nbformat.read(notebook, as_version=4).cells
    return any(cell.get("outputs") for cell in cells) or all(cell.cell_type != "code" for cell in cells)


def costs_page(
    costs: dict[str, dict[str, Any]], titles: dict[str, str], source: str, *, limits_hold: bool
) -> str:
    """Return the page that says what every chapter costs, in Markdown.

    Parameters
    ----------
    costs : dict of str to dict
        ``seconds`` and ``peak_mib`` by file name of the chapter below ``book``, without suffix.
    titles : dict of str to str
        The title of each.
    source : str
        What data the chapters ran on.
    limits_hold : bool
        Whether this build fails over a limit.
    """
    machine = machine_facts()
    rows = [
        f"| [{titles[name]}]({name}.ipynb) | {cost['seconds']:.0f} | {cost['peak_mib']:,} |"
        for name, cost in costs.items()
    ]
    total = sum(cost["seconds"] for cost in costs.values())
    return "\n".join(
        [
            "# What every chapter costs",
            "",
            f"The build of this book executed every chapter, and every homework with nothing filled in, once, from its "
            f"first cell, on {source}. It ran two at a "
            f"time, each with one torch thread, on {machine['cores']} cores ({machine['cpu']}).",
            "",
            "| Chapter | Seconds | Peak memory, MiB |",
            "| --- | ---: | ---: |",
            *rows,
            f"| All, one after the other | {total:.0f} | |",
            "",
            f"On the stand-ins a chapter may take {LIMITS['seconds']} seconds and {LIMITS['peak_mib']:,} MiB. "
            + (
                "The build fails if one takes more."
                if limits_hold
                else "This build did not hold them to it: it was told not to, or it read other data."
            ),
            "",
        ]
    )


def stage(executed: dict[Path, Path]) -> Path:
    """Lay out everything Jupyter Book reads in ``_build/site``; return the folder."""
    site = BUILD / "site"
    shutil.rmtree(site, ignore_errors=True)
    for page, source in page_sources().items():
        target = site / f"{page}{source.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(executed.get(source, source), target)
    costs = {_page(path): _report(target) for path, target in executed.items()}
    titles = {_page(path): _title(path) for path in executed}
    files.write_json(BUILD / "costs.json", costs)
    files.write_text(
        site / "book" / "costs.md", costs_page(costs, titles, _data_in_words(), limits_hold=_limits_hold())
    )
    files.write_text(site / "book" / "checked.md", checked_page(costs, _data_in_words()))
    chapters = {chapter_number(path): path.stem for path in chapter_notebooks()}
    files.write_text(site / "book" / "api.md", api_page(chapters))
    files.write_text(site / "_toc.yml", yaml.safe_dump(table_of_contents(), sort_keys=False))
    shutil.copyfile(ROOT / "references.bib", site / "references.bib")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["repository"]["url"] = repository_address()
    files.write_text(site / "_config.yml", yaml.safe_dump(config, allow_unicode=True, sort_keys=False))
    # Not "_static": Jupyter Book would load every script it finds in a folder of that name on every page.
    shutil.copytree(ROOT / "docs", site / "docs")
    shutil.copytree(ROOT / "tools" / "assets", site / "assets")
    _stage_mathjax(site / "assets" / "mathjax")
    return site


def render(site: Path) -> None:
    """Run Jupyter Book over the staged folder, unless the same folder was rendered before.

    Raises
    ------
    BuildFailed
        If Jupyter Book fails, warns, or leaves a page that :mod:`tools.check_pages` objects to.
    """
    html, stamp = BUILD / "html", BUILD / "html.key"
    key = tree_checksum([site, ROOT / "requirements.txt", *(ROOT / "tools").glob("*.py")])
    if stamp.is_file() and stamp.read_text() == key and (html / "index.html").is_file():
        print("pages unchanged: not rendered again", flush=True)
        return
    work = BUILD / "rendering"
    shutil.rmtree(work, ignore_errors=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", "-n", "-W", "--keep-going", "--path-output", work, site]
    found_from = os.pathsep.join(
        [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )  # tools.book_extension
    done = subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": found_from},
    )  # fmt: skip
    files.write_text(BUILD / "jupyter-book.log", done.stdout + done.stderr)
    warned = [line for line in done.stderr.splitlines() if "WARNING" in line or "ERROR" in line]
    if done.returncode or warned:
        raise BuildFailed(
            "Jupyter Book:\n" + "\n".join(warned or (done.stdout + done.stderr).splitlines()[-30:])
        )
    fresh = work / "_build" / "html"
    name_languages(fresh)
    mark_folder(fresh)
    problems = check_pages.check(fresh)
    if problems:
        raise BuildFailed("\n".join(problems))
    stamp.unlink(missing_ok=True)
    shutil.rmtree(html, ignore_errors=True)
    fresh.rename(html)
    files.write_text(stamp, key)
    shutil.rmtree(work)


def name_languages(html: Path) -> None:
    """Say in every translated page what language it is in; Sphinx knows one language for the whole book."""
    for language in LANGUAGES:
        for path in (html / "book" / language).glob("*.html"):
            page = path.read_text(encoding="utf-8")
            files.write_text(path, page.replace('<html lang="en"', f'<html lang="{language}"', 1))


def _stage_mathjax(folder: Path) -> None:
    """Copy the parts of MathJax that the pages load, so that they need no network."""
    for file in package_files("sphinx-mathjax-offline") or []:
        inside = file.as_posix().partition("/static/mathjax/")[2]
        if inside.startswith(MATHJAX):
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), folder / inside)
    if not (folder / MATHJAX[0]).is_file():
        raise BuildFailed(
            "the package sphinx-mathjax-offline holds no MathJax: install requirements.txt again."
        )


def _report(target: Path) -> dict[str, Any]:
    return json.loads(report_path(target).read_text(encoding="utf-8"))


def _is_good(target: Path) -> bool:
    if not (target.is_file() and report_path(target).is_file()):
        return False
    report = _report(target)
    return not report["error"] and not (_limits_hold() and over_limits({target.stem: report}))


def _on_stand_ins() -> bool:
    return not os.environ.get("COURSEKIT_DATA") and os.environ.get("HF_HUB_OFFLINE") == "1"


def _limits_hold() -> bool:
    return _on_stand_ins() and os.environ.get("COURSEKIT_COST_LIMITS") != "report"


def _data_in_words() -> str:
    if _on_stand_ins():
        return "the stand-in data"
    return (
        "the data of a campus mirror"
        if os.environ.get("COURSEKIT_DATA")
        else "data from the hub where it answers"
    )


def _page(notebook: Path) -> str:
    """The name of a notebook below ``book``, without suffix: ``04_vanilla_rnn``, ``homework/hw1_ag_news``."""
    return notebook.relative_to(ROOT / "book").with_suffix("").as_posix()


def _title(notebook: Path) -> str:
    first = nbformat.read(notebook, as_version=4).cells[0].source
    return first.splitlines()[0].lstrip("# ").strip()


def _forget_old(wanted: set[Path]) -> None:
    """Keep the two newest executed copies of each notebook besides the wanted ones."""
    by_age = sorted((BUILD / "executed").glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
    kept: dict[str, int] = {}
    for path in by_age:
        name = path.stem.rpartition("-")[0]
        kept[name] = kept.get(name, 0) + 1
        if kept[name] > 3 and path not in wanted:
            path.unlink()
            report_path(path).unlink(missing_ok=True)


def main() -> int:
    """Build; return the exit code."""
    start = time.perf_counter()
    try:
        render(stage(execute_chapters()))
    except BuildFailed as error:
        print(f"\nThe book was not built.\n\n{error}", file=sys.stderr)
        return 1
    print(f"_build/html/index.html is ready ({time.perf_counter() - start:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
