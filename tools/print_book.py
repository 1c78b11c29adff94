"""The whole book on paper: ``python -m tools.print_book`` (``make pdf``) writes ``_build/book.pdf`` with Chromium.

The articles of all pages, in the order of the contents, become one page of HTML, which the browser prints: code wraps,
answers are unfolded, and a link within the book leads to its place in the file.

Left out: a table of contents with page numbers; the bookmarks of the file are the headings.
"""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path, PurePosixPath

from bs4 import BeautifulSoup, Tag

from tools.look import BROWSERS
from tools.project import ROOT, toc_pages

PAGES = ROOT / "_build" / "html"
TARGET = ROOT / "_build" / "book.pdf"
LARGEST_WAIT = 600_000  # milliseconds of the page's own clock, for the formulae


def one_page(pages: list[str], html: Path = PAGES) -> str:
    """Return the HTML of all pages in one: the head of the first, and each article with links that lead within the file."""
    first = BeautifulSoup((html / f"{pages[0]}.html").read_text(encoding="utf-8"), "html.parser")
    body = first.new_tag("body")
    for page in pages:
        soup = BeautifulSoup((html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        article = soup.find("article")
        if article is None:
            raise ValueError(f"{page}.html has no article; build the book again.")
        _lead_within(article, page, pages)
        for fold in article.find_all("details"):
            fold["open"] = ""
        article["style"] = "break-before: page; max-width: none"
        body.append(article)
    first.body.replace_with(body)
    first.html["data-theme"] = first.html["data-mode"] = "light"
    return str(first)


def _lead_within(article: Tag, page: str, pages: list[str]) -> None:
    """Give every place of a page a name that no other page has, and point links of the book at these names."""
    article["id"] = page.replace("/", "-")
    for node in article.find_all(id=True):
        node["id"] = f"{article['id']}--{node['id']}"
    for link in article.find_all("a", href=True):
        address, _, place = link["href"].partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        target = _resolved(page, address) if address else page
        if target in pages:
            name = target.replace("/", "-")
            link["href"] = f"#{name}--{place}" if place else f"#{name}"


def _resolved(page: str, address: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / address).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts).removesuffix(".html")


def main() -> int:
    """Print; return the exit code."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        print("make pdf needs Chromium (on Debian: apt install chromium).", file=sys.stderr)
        return 2
    (PAGES / "whole.html").write_text(one_page(toc_pages()), encoding="utf-8")
    handler = functools.partial(_Silent, directory=str(PAGES))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        tempfile.TemporaryDirectory() as profile,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer",
                   "--generate-pdf-document-outline", f"--virtual-time-budget={LARGEST_WAIT}",
                   f"--print-to-pdf={TARGET}"]  # fmt: skip
        address = f"http://127.0.0.1:{server.server_port}/whole.html"
        subprocess.run([browser, *options, address], check=True, capture_output=True, timeout=900)
        server.shutdown()
    (PAGES / "whole.html").unlink()
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 2**20:.0f} MiB")
    return 0


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


if __name__ == "__main__":
    sys.exit(main())
