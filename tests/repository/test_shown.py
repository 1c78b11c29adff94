"""A figure that is made is shown: `show(…)` gives a page its figure only as the last expression of its cell."""

import ast

import nbformat
import pytest

from tools.project import LANGUAGES, book_notebooks


def figures_lost(code):
    """The lines of a cell on which a figure is made that nobody sees."""
    plain = "\n".join("" if line.startswith(("%", "!")) else line for line in code.splitlines())
    if code.startswith("%%"):
        plain = "\n".join(["", *code.splitlines()[1:]])
    tree = ast.parse(plain)
    last = tree.body[-1].value if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "show"
        and node is not last
    ]


@pytest.mark.parametrize("path", book_notebooks(), ids=lambda path: path.stem)
def test_every_figure_is_the_last_expression_of_its_cell(path):
    cells = nbformat.read(path, as_version=4).cells
    lost = {
        number: figures_lost(cell.source) for number, cell in enumerate(cells) if cell.cell_type == "code"
    }
    assert not {number: lines for number, lines in lost.items() if lines}


@pytest.mark.parametrize("path", book_notebooks(), ids=lambda path: path.stem)
def test_a_figure_brings_its_own_words(path):
    """Only a page in another language, or one whose strings stand in a table, says them itself."""
    cells = nbformat.read(path, as_version=4).cells
    if path.parent.name in LANGUAGES or any("strings" in cell.metadata.get("tags", []) for cell in cells):
        return
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert [source for source in code if "alt=" in source] == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("x = 1\nshow(draw(x))", []),
        ("show(draw(1))\nprint(2)", [1]),
        ("for x in (1, 2):\n    ck.show(draw(x))", [2]),
        ("figure = show(draw(1))", [1]),
        ("%%gpu\nshow(draw(1))", []),
    ],
)
def test_a_figure_that_is_lost_is_seen(code, lines):
    assert figures_lost(code) == lines
