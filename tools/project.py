"""Where things are: the root of the checkout, the table of contents, the address of the repository.

Left out: settings; ``pyproject.toml`` and ``_toc.yml`` hold them, and this module only reads.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
GENERATED_PAGES = ("book/costs", "book/checked", "book/api")
LANGUAGES = {"ru": "По-русски"}  # folders of translated chapters, and how a link to such a page is called


def repository_address(root: Path = ROOT) -> str:
    """Return the address of the repository, without a slash at the end."""
    with open(root / "pyproject.toml", "rb") as stream:
        return tomllib.load(stream)["project"]["urls"]["Repository"].rstrip("/")


def translations(root: Path = ROOT) -> list[Path]:
    """Return the prose of every translated chapter and homework: ``book/ru/NAME.md``."""
    found = [path for language in LANGUAGES for path in sorted((root / "book" / language).glob("*.md"))]
    return [path for path in found if english_of(path, root).is_file()]


def english_of(prose: Path, root: Path = ROOT) -> Path:
    """Return the English notebook of a translation: ``book/NAME.ipynb``, or ``book/homework/NAME.ipynb``."""
    places = [root / "book" / folder / f"{prose.stem}.ipynb" for folder in (".", "homework")]
    return places[not places[0].is_file()]


def table_of_contents(root: Path = ROOT) -> dict[str, Any]:
    """Return ``_toc.yml``, with every translated chapter as a section of its English one."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    for entry in (entry for part in toc.get("parts", []) for entry in part["chapters"]):
        name = entry["file"].removeprefix("book/")
        own = [
            path for path in translations(root) if english_of(path, root) == root / "book" / f"{name}.ipynb"
        ]
        others = [f"book/{path.parent.name}/{path.stem}" for path in own]
        if others:
            entry["sections"] = [*entry.get("sections", []), *({"file": page} for page in others)]
    return toc


def toc_pages(root: Path = ROOT) -> list[str]:
    """Return every page of the table of contents in reading order, without suffixes.

    Raises
    ------
    ValueError
        If a page stands there twice.
    """
    toc = table_of_contents(root)
    pages = [toc["root"]]

    def walk(entries: list[dict]) -> None:
        for entry in entries:
            if "file" in entry:
                pages.append(entry["file"])
            walk(entry.get("chapters", []))
            walk(entry.get("sections", []))

    walk(toc.get("parts", []))
    walk(toc.get("chapters", []))
    twice = {page for page in pages if pages.count(page) > 1}
    if twice:
        raise ValueError(f"_toc.yml must name each page once; twice: {sorted(twice)}.")
    return pages


def page_sources(root: Path = ROOT) -> dict[str, Path]:
    """Return the source file of every page that is written by hand.

    Raises
    ------
    FileNotFoundError
        If a page of ``_toc.yml`` has neither an ``.ipynb`` nor an ``.md``.
    """
    sources = {}
    for page in toc_pages(root):
        if page in GENERATED_PAGES:
            continue
        found = [
            root / f"{page}{suffix}" for suffix in (".ipynb", ".md") if (root / f"{page}{suffix}").is_file()
        ]
        if not found:
            raise FileNotFoundError(
                f"_toc.yml names {page!r}, but there is neither {page}.ipynb nor {page}.md."
            )
        sources[page] = found[0]
    return sources


def book_notebooks(root: Path = ROOT) -> list[Path]:
    """Return the notebooks of the book in reading order: chapters, their translations, and homework."""
    return [path for path in page_sources(root).values() if path.suffix == ".ipynb"]


def chapter_notebooks(root: Path = ROOT) -> list[Path]:
    """Return the chapters' notebooks in reading order."""
    return [path for path in book_notebooks(root) if path.parent.name == "book"]


def chapter_scripts(root: Path = ROOT) -> list[Path]:
    """Return every chapter's ``book/NAME.py``, in the table of contents or not."""
    return sorted(path for path in (root / "book").glob("*.py") if path.stem != "conftest")


def chapter_number(path: Path) -> str:
    """Return what ``ck.setup`` calls a chapter: its two digits, or without any the last word of its file name."""
    number, _, _ = path.stem.partition("_")
    return number if number.isdecimal() else path.stem.rpartition("_")[2]
