"""The core path: which sections a first reader needs, and how many words that is: ``python -m tools.core_path``.

A section that can wait says so under its heading, with the line ``DEEPER``; a chapter that can wait says so above its
first section. What is asked at the end of a chapter can wait too. Everything else is core. The list of the core stands
in ``index.md`` and is written by this module (``make sync``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import jupytext

from coursekit.runtime import files
from tools.project import ROOT, chapter_notebooks

DEEPER = "*Deeper: it can wait for a second reading.*"
INDEX = ROOT / "index.md"
BLOCK = re.compile(r"(?<=<!-- core path -->\n).*?(?=<!-- end of the core path -->)", re.DOTALL)
WORDS_A_MINUTE = 65  # with the code and what it prints
ASIDE = ("Check yourself", "Exercises", "Further reading")
_FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
_NUMBERED = re.compile(r"\d+\.\d+ (.+)")


@dataclass(frozen=True)
class Section:
    """A part of a chapter below one heading; the part above the first heading bears the chapter's title."""

    title: str
    words: int
    deeper: bool

    @property
    def taught(self) -> str | None:
        """The title without its number; None for the parts that every chapter has."""
        match = _NUMBERED.match(self.title)
        return match and match[1]


def sections(chapter: Path) -> list[Section]:
    """Return the sections of a chapter; folded text is not counted."""
    cells = jupytext.read(chapter.with_suffix(".py")).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    parts = re.split(r"^##? ", _FOLD.sub("", prose), flags=re.MULTILINE)
    return [
        Section(part.partition("\n")[0], len(part.replace(DEEPER, "").split()), DEEPER in part)
        for part in parts
        if part.strip()
    ]


def core(chapter: Path) -> list[Section]:
    """Return the sections of a chapter that are core, its opening first; none if the whole chapter can wait."""
    opening, *rest = sections(chapter)
    if opening.deeper:
        return []
    return [opening, *(section for section in rest if not section.deeper and section.title not in ASIDE)]


def core_words(chapters: list[Path]) -> int:
    """Return how many words the core path has."""
    return sum(section.words for chapter in chapters for section in core(chapter))


def table(chapters: list[Path]) -> str:
    """Return the core path as a Markdown table."""
    lines = ["| Chapter | Read first |", "| --- | --- |"]
    for chapter in chapters:
        parts = core(chapter)
        if parts:
            taught = " · ".join(part.taught for part in parts if part.taught)
            lines.append(f"| [{parts[0].title}](book/{chapter.name}) | {taught} |")
    whole = sum(section.words for chapter in chapters for section in sections(chapter))
    lines += [
        "",
        f"A{_size(core_words(chapters))[1:]} with the code. All chapters, every section: {_size(whole)}.",
        "",
    ]
    return "\n".join(lines)


def _size(words: int) -> str:
    return f"about {500 * round(words / 500):,} words, and {round(words / WORDS_A_MINUTE / 60)} hours"


def numbered_chapters() -> list[Path]:
    """Return the chapters that the path leads through; the evening page is a way of its own."""
    return [path for path in chapter_notebooks() if path.stem[0].isdecimal()]


def main() -> None:
    """Write the core path into the first page."""
    text = INDEX.read_text(encoding="utf-8")
    block = table(numbered_chapters())
    files.write_text(INDEX, BLOCK.sub(lambda _: block, text))
    print(block)


if __name__ == "__main__":
    main()
