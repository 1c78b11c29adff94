"""Work on one chapter: ``python -m tools.chapter 04`` (``make chapter CH=04``; ``CH=ru/04`` for its translation).

Brings the pair up to date, executes it, and leaves the executed notebook in ``_build/chapter``.

Left out: watching for changes; an editor can do that.
"""

from __future__ import annotations

import sys

from tools import pairs
from tools.execute import Job, run_all
from tools.project import ROOT, chapter_number, chapter_scripts, translations


def main(number: str) -> int:
    """Execute the chapter with this number; return the exit code."""
    sources = {chapter_number(path): path for path in chapter_scripts()}
    sources |= {f"{path.parent.name}/{chapter_number(path)}": path for path in translations()}
    if number not in sources:
        print(f"CH must be one of {sorted(sources)}, got {number!r}: make chapter CH=04", file=sys.stderr)
        return 2
    pairs.sync()
    notebook = sources[number].with_suffix(".ipynb")
    target = ROOT / "_build" / "chapter" / notebook.relative_to(ROOT / "book")
    target.parent.mkdir(parents=True, exist_ok=True)
    (report,) = run_all([Job(notebook, target)])
    print(report["error"] or f"executed copy: {target.relative_to(ROOT)}")
    return int(bool(report["error"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
