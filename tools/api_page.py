"""The API page: every public name of the package, what it is for, and the chapters that use it.

It is made from the docstrings and from what the chapters import, so it cannot disagree with them.

Left out: parameters in full; ``help(name)`` shows them, and the source is written to be read.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import coursekit
from tools.project import chapter_notebooks, chapter_number

ROOMS = (
    "runtime",
    "text",
    "data",
    "batching",
    "cells",
    "nn",
    "training",
    "stats",
    "checks",
    "records",
    "figures",
    "lesson",
    "homework",
)


def names_used(source: str) -> set[str]:
    """Return the names of coursekit that a chapter uses: ``from coursekit.room import name``, or ``ck.name``."""
    found = set()
    for node in ast.walk(ast.parse(re.sub(r"^%%?.*$", "", source, flags=re.MULTILINE))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "coursekit":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ck":
            found.add(node.attr)
    return found


def chapters_of_names(notebooks: list[Path]) -> dict[str, list[str]]:
    """Return the chapters that use a name, by name."""
    chapters: dict[str, list[str]] = {}
    for notebook in notebooks:
        for name in names_used(notebook.with_suffix(".py").read_text(encoding="utf-8")):
            chapters.setdefault(name, []).append(chapter_number(notebook))
    return chapters


def api_page(chapters: dict[str, str]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    chapters : dict of str to str
        File name of each chapter in the book, without suffix, by its two digits.
    """
    used = chapters_of_names(chapter_notebooks())
    lines = [
        "# The package, name by name",
        "",
        "Made when the book is built: the first line of each docstring, and the chapters whose code uses the name.",
        "In a notebook, `help(name)` shows the parameters and `ck.source(name)` the code.",
        "",
    ]
    for room in ROOMS:
        module = importlib.import_module(f"{coursekit.__name__}.{room}")
        lines += [
            f"## coursekit.{room}",
            "",
            _first_line(module),
            "",
            "| Name | What it does | Chapters |",
            "| --- | --- | --- |",
            *_rows(module, used, chapters),
            "",
        ]
    return "\n".join(lines)


def _rows(module: object, used: dict[str, list[str]], chapters: dict[str, str]) -> Iterator[str]:
    for name in sorted(module.__all__, key=str.lower):
        thing = getattr(module, name)
        if callable(thing):
            links = ", ".join(f"[{n}]({chapters[n]}.ipynb)" for n in used.get(name, []) if n in chapters)
            yield f"| `{name}{_arguments(thing)}` | {_first_line(thing)} | {links} |"


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
