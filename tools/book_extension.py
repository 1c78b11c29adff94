"""What Sphinx needs to be told about this book, loaded by ``_config.yml``.

- A page leads on to the next one in its own language. A translated chapter is a section of its English one in the menu,
  where Sphinx would place it between that chapter and the next.
- The code below ``%%gpu`` is Python, and coloured as such.
- A script stands on a page once. The launch buttons name theirs twice, and the second one fails.
"""

from __future__ import annotations

from typing import Any

from ipython_pygments_lexers import IPython3Lexer
from pygments.lexer import bygroups, inherit, using
from pygments.lexers import Python3Lexer
from pygments.token import Operator, Text
from sphinx.application import Sphinx

from tools.project import LANGUAGES

_BACK, _ON = 1, 2  # places in Sphinx's relations: (page above, page before, page after)


class CourseLexer(IPython3Lexer):
    """IPython with the course's own cell magic."""

    tokens = {
        "root": [
            (r"(?s)(\s*)(%%gpu)([^\n]*\n)(.*)", bygroups(Text, Operator, Text, using(Python3Lexer))),
            inherit,
        ]
    }


def language_of(page: str) -> str:
    """Return the folder of a translated page's language, or an empty string for an English page."""
    folders = page.split("/")
    return folders[1] if len(folders) > 2 and folders[1] in LANGUAGES else ""


def neighbour(relations: dict[str, list[str | None]], page: str, way: int) -> str | None:
    """Return the nearest page in the language of ``page``, backwards or onwards, or None at an end of the book."""
    found = relations.get(page, [None, None, None])[way]
    while found is not None and language_of(found) != language_of(page):
        found = relations[found][way]
    return found


def name_neighbours(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Put the neighbours in the page's own language into what its template is given."""
    relations = app.builder.relations
    for name, way in (("prev", _BACK), ("next", _ON)):
        found = neighbour(relations, page, way)
        context[name] = found and {
            "link": app.builder.get_relative_uri(page, found),
            "title": app.builder.render_partial(app.env.titles[found])["title"],
        }


def name_scripts_once(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Drop a script that a page names again, once without a file and once with an empty file name."""
    scripts = {
        (script.filename or "", *script.attributes.items()): script for script in context["script_files"]
    }
    context["script_files"] = list(scripts.values())


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all of it with Sphinx."""
    app.add_lexer("ipython3", CourseLexer)
    app.connect("html-page-context", name_neighbours)
    app.connect("html-page-context", name_scripts_once, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
