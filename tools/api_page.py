"""The API page: every public name of the package, what it is for, and the chapters that teach it.

It is made from the docstrings, so it cannot disagree with them.

Left out: parameters in full; ``help(name)`` shows them, and the source is written to be read.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Iterator

from tools.rooms import ROOMS

_CHAPTERS = re.compile(r"Chapters?:\s*((?:\d\d(?:,\s*)?)+)")


def api_page(chapters: dict[str, str]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    chapters : dict of str to str
        File name of each chapter in the book, without suffix, by its two digits.
    """
    lines = [
        "# The package, name by name",
        "",
        "Made from the docstrings when the book is built. A chapter that teaches a name is linked; a number without a link is a",
        "chapter still to come. In a notebook, `help(name)` shows the parameters and `ck.source(name)` the code.",
        "",
    ]
    for room in ROOMS:
        rows = list(_rows(room, chapters))
        if rows:
            summary = _first_line(importlib.import_module(f"coursekit.{room}"))
            lines += [
                f"## coursekit.{room}",
                "",
                summary,
                "",
                "| Name | What it does | Chapters |",
                "| --- | --- | --- |",
            ]
            lines += [*rows, ""]
    return "\n".join(lines)


def _rows(room: str, chapters: dict[str, str]) -> Iterator[str]:
    if importlib.util.find_spec(f"coursekit.{room}") is None:  # a room of the plan, not built yet
        return
    module = importlib.import_module(f"coursekit.{room}")
    for name in sorted(module.__all__, key=str.lower):
        thing = getattr(module, name)
        if not callable(thing):
            continue
        yield f"| `{name}{_arguments(thing)}` | {_first_line(thing)} | {_links(thing, chapters)} |"


def _arguments(thing: object) -> str:
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return ""
    names = [
        ("*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else "") + p.name
        for p in inspect.signature(thing).parameters.values()
        if p.name != "self"
    ]
    shown = names if len(names) <= 5 else [*names[:4], "…"]
    return f"({', '.join(shown)})"


def _first_line(thing: object) -> str:
    text = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", " ".join(text.split())).replace("``", "`").replace("|", "\\|")


def _links(thing: object, chapters: dict[str, str]) -> str:
    found = _CHAPTERS.search(inspect.getdoc(thing) or "")
    numbers = re.findall(r"\d\d", found.group(1)) if found else []
    return ", ".join(f"[{n}]({chapters[n]}.ipynb)" if n in chapters else n for n in numbers)
