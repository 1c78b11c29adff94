"""The API page: every public name of the package, what it is for, and the chapters and homework that use it.

It is made from the docstrings and from what the notebooks import, so it cannot disagree with them.

Left out: parameters in full; ``help(name)`` shows them, and the source is written to be read.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import coursekit
from tools.project import ROOT, book_notebooks

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
    """Return the names of coursekit that a notebook uses: ``room.name``, or ``name`` alone where it asks the package.

    Found are ``from coursekit.room import name``, ``ck.name``, and ``room.name`` after ``from coursekit import room``.
    """
    places, found = {"ck": ""}, set()  # what stands for the package (""), or for one of its rooms
    tree = ast.parse(re.sub(r"^%%?.*$", "", source, flags=re.MULTILINE))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            places |= {alias.asname or alias.name: "" for alias in node.names if alias.name == "coursekit"}
        elif isinstance(node, ast.ImportFrom):
            package, *rooms = (node.module or "").split(".")
            if package == "coursekit":
                found |= {".".join((*rooms[:1], alias.name)) for alias in node.names}
                places |= {
                    a.asname or a.name: f"{a.name}." for a in node.names if not rooms and a.name in ROOMS
                }
    places |= {f"{name}.{room}": f"{room}." for name, place in places.items() if not place for room in ROOMS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in places:
            found.add(places[ast.unparse(node.value)] + node.attr)
    return found


def uses(notebooks: Iterable[tuple[str, Path]]) -> dict[str, list[str]]:
    """Return by ``room.name`` the links to the pages that use it; a notebook comes with what its link is called."""
    links: dict[str, list[str]] = {}
    for called, notebook in notebooks:
        page = notebook.relative_to(ROOT / "book").as_posix()
        found = names_used(notebook.with_suffix(".py").read_text(encoding="utf-8"))
        for name in {_with_room(name) for name in found}:
            links.setdefault(name, []).append(f"[{called}]({page})")
    return links


def _with_room(name: str) -> str:
    """Return ``room.name`` for a name that the package itself offers."""
    _, *room = getattr(getattr(coursekit, name, None), "__module__", "").split(".")
    return f"{room[0]}.{name}" if room else name


def api_page(chapters: dict[str, str]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    chapters : dict of str to str
        File name of each chapter in the book, without suffix, by what ``ck.setup`` calls it.
    """
    homework = [path for path in book_notebooks() if path.parent.name == "homework"]
    used = uses(
        [
            *((number, ROOT / "book" / f"{name}.ipynb") for number, name in chapters.items()),
            *((path.stem.partition("_")[0], path) for path in homework),
        ]
    )
    lines = [
        "# The package, name by name",
        "",
        "Made when the book is built: the first line of each docstring, and the chapters and homework whose code",
        "uses the name.",
        "In a notebook, `help(name)` shows the parameters and `ck.source(name)` the code.",
        "",
    ]
    for room in ROOMS:
        module = importlib.import_module(f"{coursekit.__name__}.{room}")
        lines += [
            f"## coursekit.{room}",
            "",
            _what_a_room_holds(module, room),
            "",
            "| Name | What it does | Used in |",
            "| --- | --- | --- |",
            *_rows(module, room, used),
            "",
        ]
    return "\n".join(lines)


def _rows(module: object, room: str, used: dict[str, list[str]]) -> Iterator[str]:
    for name in sorted(module.__all__, key=str.lower):
        thing = getattr(module, name)
        if callable(thing):
            links = ", ".join(used.get(f"{room}.{name}", []))
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


def _what_a_room_holds(module: object, room: str) -> str:
    """Return the first line of a module, without the name that the heading has already."""
    line = _first_line(module)
    said = line[len(room) + 2 :] if line.lower().startswith(f"{room}: ") else line
    return said[:1].upper() + said[1:]


def _first_line(thing: object) -> str:
    text = (inspect.getdoc(thing) or "").split("\n\n")[0]
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", " ".join(text.split())).replace("``", "`").replace("|", "\\|")
