"""Read the built pages as a reader's browser would: ``python -m tools.check_pages``.

Every page of the table of contents is there; every local link, anchor, picture and script exists; nothing is loaded
from the network; every picture has alt text; a translated page names its language; no traceback, no Sphinx message, no
raw mark of a number.

Left out: links to other sites; they need a network.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from tools.project import LANGUAGES, ROOT, toc_pages

THEME_PAGES = ("genindex.html", "search.html")
LOADED = (("script", "src"), ("link", "href"), ("img", "src"), ("source", "src"), ("iframe", "src"))
NOT_LOADED = {"canonical", "next", "prev", "search", "index", "author", "license"}
BAD_TEXT = ("Traceback (most recent call last)", "<!--r:", "<!--/-->")
BAD_CLASSES = ("system-message", "problematic")


@cache
def _page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def check(html: Path, pages: list[str] | None = None) -> list[str]:
    """Return one sentence for each thing wrong with the built pages.

    Parameters
    ----------
    html : Path
        The folder of ``index.html``.
    pages : list of str, optional
        Pages that must be there; those of ``_toc.yml`` if left out.
    """
    _page.cache_clear()
    wanted = [f"{page}.html" for page in (toc_pages() if pages is None else pages)]
    found = [f"{name}: not built" for name in wanted if not (html / name).is_file()]
    for path in sorted(html.rglob("*.html")):
        name = path.relative_to(html).as_posix()
        if name.startswith("_") or name in THEME_PAGES:
            continue
        found += [f"{name}: {problem}" for problem in _problems(path, html.resolve())]
    return found


def _problems(path: Path, html: Path) -> list[str]:
    page = _page(path)
    text = page.get_text()
    found = [f"shows {bad!r}" for bad in BAD_TEXT if bad in text]
    for name in BAD_CLASSES:
        found += [f"Sphinx message: {tag.get_text()[:80]!r}" for tag in page.find_all(class_=name)]
    for name, attribute in LOADED:
        for tag in page.find_all(name):
            address = str(tag.get(attribute, ""))
            if NOT_LOADED & set(tag.get("rel", [])):
                continue
            if urlsplit(address).netloc:
                found.append(f"loads {address} from the network")
            found += _missing(address, path, html)
    for tag in page.find_all("a", href=True):
        found += _missing(str(tag["href"]), path, html)
    found += [f"a picture without alt text: {str(tag)[:90]}" for tag in page.find_all("img") if _mute(tag)]
    language = path.parent.name
    if language in LANGUAGES and page.html.get("lang") != language:
        found.append(f"is not marked as lang={language}")
    if page.find("h1") is None:
        found.append("has no title")
    return found


def _mute(picture: Tag) -> bool:
    """Tell whether a picture says nothing; Jupyter Book writes the file name where an alt text is missing."""
    alt = str(picture.get("alt", "")).strip()
    return not alt or "_images/" in alt


def _missing(address: str, path: Path, html: Path) -> list[str]:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address in ("#", ""):
        return []
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
    if not target.is_relative_to(html):
        return [f"{address} leads out of the book"]
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return [f"{address} leads nowhere"]
    anchor = unquote(parts.fragment)
    if anchor and target.suffix == ".html" and not _has_anchor(_page(target), anchor):
        return [f"{address}: no such place on that page"]
    return []


def _has_anchor(page: BeautifulSoup, anchor: str) -> bool:
    return any(page.find(attrs={name: anchor}) is not None for name in ("id", "name"))


def main() -> int:
    """Check ``_build/html``; return the exit code."""
    html = ROOT / "_build" / "html"
    if not (html / "index.html").is_file():
        print("there is no _build/html/index.html yet: run 'make book'.", file=sys.stderr)
        return 2
    problems = check(html)
    print("\n".join(problems) if problems else f"{len(toc_pages())} pages are whole.")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
