"""The book in one file: every article in order, links that lead within it, answers unfolded."""

import pytest

from tools.print_book import one_page

FIRST = """<html><head><title>x</title></head><body><header>menu</header><article>
<h1 id="top">Index</h1><a href="book/04_x.html#law">law</a><a href="https://example.org/a.html">out</a>
</article></body></html>"""
SECOND = """<html><head></head><body><article><section id="law"><h1>Chapter</h1></section>
<a href="../index.html">home</a><a href="#law">up</a><a href="data.csv">file</a>
<details><summary>Answer</summary>Yes.</details></article></body></html>"""


@pytest.fixture
def built(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "index.html").write_text(FIRST)
    (tmp_path / "book" / "04_x.html").write_text(SECOND)
    return tmp_path


def test_links_lead_to_places_that_are_there_and_answers_are_open(built):
    page = one_page(["index", "book/04_x"], built)
    assert page.index("Index") < page.index("Chapter") and "menu" not in page
    for place in ("index", "book-04_x", "book-04_x--law", "index--top"):
        assert f'id="{place}"' in page
    assert 'href="#book-04_x--law"' in page and 'href="#index"' in page
    assert 'href="https://example.org/a.html"' in page and 'href="data.csv"' in page
    assert '<details open="">' in page


def test_a_page_without_an_article_is_named(built):
    (built / "index.html").write_text("<html><body></body></html>")
    with pytest.raises(ValueError, match=r"index.html has no article"):
        one_page(["index"], built)
