"""The pictures of the first pages are what their command draws now, and the pages say what they show."""

import pytest

from tools import cover


@pytest.fixture(scope="module")
def drawn():
    return cover.pictures()


def test_every_picture_is_what_the_command_draws(drawn):
    for name, picture in drawn.items():
        assert (cover.FOLDER / name).read_bytes() == picture.svg, f"docs/{name} is stale: run make sync"


def test_every_picture_is_shown_and_no_other(drawn):
    pages = "".join(page.read_text(encoding="utf-8") for page in cover.PAGES)
    assert {path.name for path in cover.FOLDER.iterdir()} == set(drawn)
    for name in drawn:
        assert pages.count(f"](docs/{name})") == 1


def test_the_pages_say_what_the_drawings_show(drawn):
    for page in cover.PAGES:
        text = page.read_text(encoding="utf-8")
        assert cover.with_words(text, drawn) == text, f"{page.name} is stale: run make sync"


def test_words_go_into_the_brackets_of_their_own_picture(drawn):
    page = "![old](docs/unrolled.svg) and ![kept](docs/other.svg)"
    words = drawn["unrolled.svg"].alt
    assert cover.with_words(page, drawn) == f"![{words}](docs/unrolled.svg) and ![kept](docs/other.svg)"
