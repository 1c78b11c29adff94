"""The check of built pages sees what is wrong with a page."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.build_book import costs_page, name_languages, over_limits, shows_something
from tools.check_pages import check

PAGE = '<html><body><h1 id="top">T</h1><a href="b.html#there">b</a><img src="p.png" alt="A plot of x."></body></html>'


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html").write_text('<h1>B</h1><p id="there"></p>')
    (tmp_path / "p.png").write_bytes(b"")
    return tmp_path


def test_whole_pages_pass(site):
    assert check(site, ["a", "b"]) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("b.html#there", "c.html", "leads nowhere"),
        ("b.html#there", "b.html#nowhere", "no such place"),
        ("b.html#there", "#nowhere", "no such place"),
        ("b.html#there", "../../etc/passwd", "leads out of the book"),
        ("p.png", "q.png", "leads nowhere"),
        ("p.png", "https://example.org/p.png", "from the network"),
        ('alt="A plot of x."', 'alt=" "', "without alt text"),
        ('alt="A plot of x."', 'alt="_images/p.png"', "without alt text"),
        ('alt="A plot of x."', "", "without alt text"),
        ("T</h1>", "T</h1><pre>Traceback (most recent call last)</pre>", "Traceback"),
        ("T</h1>", "T</h1>&lt;!--r:x.y--&gt;", "<!--r:"),
        ("T</h1>", 'T</h1><aside class="system-message">bad</aside>', "Sphinx message"),
        ("T</h1>", 'T</h1><script src="https://cdn.example.org/x.js"></script>', "from the network"),
        ("h1", "h2", "has no title"),
    ],
)
def test_what_is_wrong_is_named(site, old, new, message):
    (site / "a.html").write_text(PAGE.replace(old, new))
    problems = check(site, ["a", "b"])
    assert any(message in problem for problem in problems), problems


def test_a_translated_page_names_its_language(site):
    (site / "book" / "ru").mkdir(parents=True)
    page = site / "book" / "ru" / "a.html"
    page.write_text('<html lang="en"><h1>А</h1></html>', encoding="utf-8")
    assert check(site, []) == ["book/ru/a.html: is not marked as lang=ru"]
    name_languages(site)
    assert check(site, []) == []


def test_a_page_that_was_not_built_is_named(site):
    assert check(site, ["a", "b", "c"]) == ["c.html: not built"]


def test_costs_are_shown_and_limited():
    costs = {"03_x": {"seconds": 61.2, "peak_mib": 900}, "04_y": {"seconds": 3.0, "peak_mib": 3000}}
    titles = {"03_x": "3 · X", "04_y": "4 · Y"}
    page = costs_page(costs, titles, "the stand-in data", limits_hold=True)
    assert "The build fails" in page
    assert "The build fails" not in costs_page(costs, titles, "the stand-in data", limits_hold=False)
    assert "| [3 · X](03_x.ipynb) | 61 | 900 |" in page and "3,000" in page
    assert [problem.partition(":")[0] for problem in over_limits(costs)] == ["03_x", "04_y"]


@pytest.mark.parametrize(
    ("cells", "shows"),
    [
        ([new_markdown_cell("a"), new_code_cell("1")], False),
        ([new_code_cell("a = 1"), new_code_cell("1", outputs=[new_output("stream", text="1")])], True),
        ([new_markdown_cell("a")], True),
    ],
)
def test_a_notebook_that_shows_nothing_is_seen(cells, shows, tmp_path):
    nbformat.write(new_notebook(cells=cells), tmp_path / "x.ipynb")
    assert shows_something(tmp_path / "x.ipynb") is shows
