"""The pictures of the two first pages: ``python -m tools.cover`` (``make sync``) draws them with the book's own code.

``README.md`` and ``index.md`` show them with the alternative text that the drawing brings, which is written there as well.
"""

from __future__ import annotations

import re

from bookfigures import ch04, ch06
from coursekit.figures import show
from coursekit.figures.shown import ShownFigure
from coursekit.runtime import files
from tools.project import ROOT

FOLDER = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "index.md")


def pictures() -> dict[str, ShownFigure]:
    """Draw every picture; by file name."""
    return {
        "unrolled.svg": show(ch04.unrolled(["was", "not", "good"])),
        "lstm_cell.svg": show(ch06.lstm_cell()),
    }


def with_words(page: str, drawn: dict[str, ShownFigure]) -> str:
    """Return a Markdown page in which each picture has the words of its drawing."""
    for name, picture in drawn.items():
        shown = f"![{picture.alt}](docs/{name})"
        page = re.sub(rf"!\[[^]]*\]\(docs/{re.escape(name)}\)", shown.replace("\\", r"\\"), page)
    return page


def main() -> None:
    """Write the pictures, and their words into the pages."""
    drawn = pictures()
    for name, picture in drawn.items():
        files.write_bytes(FOLDER / name, picture.svg)
    for page in PAGES:
        files.write_text(page, with_words(page.read_text(encoding="utf-8"), drawn))
    print(f"{len(drawn)} pictures drawn: {', '.join(drawn)}.")


if __name__ == "__main__":
    main()
