"""The core path is short, and the first page lists it as the chapters mark it."""

import pytest

from tools import core_path
from tools.project import chapter_notebooks

MOST_WORDS = 12_000
MOST_WORDS_OF_A_CHAPTER = 3_000


def test_the_core_path_is_an_afternoon():
    assert core_path.core_words(chapter_notebooks()) <= MOST_WORDS


@pytest.mark.parametrize("chapter", chapter_notebooks(), ids=lambda path: path.stem)
def test_a_chapter_is_short(chapter):
    assert sum(section.words for section in core_path.sections(chapter)) <= MOST_WORDS_OF_A_CHAPTER


def test_the_first_page_lists_what_the_chapters_mark():
    (block,) = core_path.BLOCK.findall(core_path.INDEX.read_text(encoding="utf-8"))
    assert block == core_path.table(chapter_notebooks()), "run make sync"


def test_what_can_wait_is_not_counted(tmp_path):
    source = f"""# %% [markdown]
# # 9 · Title
# ## 9.1 One
# two words
# <details>
# folded away
# </details>
#
# ## 9.2 Two
# {core_path.DEEPER}
# later
"""
    (tmp_path / "09_x.py").write_text(source)
    chapter = tmp_path / "09_x.ipynb"
    title, one, two = core_path.sections(chapter)
    assert (title.title, one.taught, one.words, one.deeper) == ("9 · Title", "One", 4, False)
    assert two.deeper and core_path.core_words([chapter]) == title.words + one.words
    assert "| One |" in core_path.table([chapter])


def test_a_chapter_that_can_wait_is_not_listed(tmp_path):
    (tmp_path / "09_x.py").write_text(
        f"# %% [markdown]\n# # 9 · Title\n# {core_path.DEEPER}\n# ## 9.1 One\n# word\n"
    )
    chapter = tmp_path / "09_x.ipynb"
    assert core_path.core(chapter) == [] and "Title" not in core_path.table([chapter])
