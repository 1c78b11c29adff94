"""The API page names every public function and links it with the chapters."""

import importlib
import re

import pytest

from tools.api_page import ROOMS, _first_line, api_page, names_used

PAGE = api_page({"03": "03_tokens_to_batches", "11": "11_case_files"})


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_function_and_class_has_a_line(room):
    module = importlib.import_module(f"coursekit.{room}")
    for name in module.__all__:
        if callable(getattr(module, name)):
            assert f"| `{name}" in PAGE, name


def test_a_chapter_is_linked_with_the_names_that_its_code_uses():
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| `collate(")]
    assert "[03](03_tokens_to_batches.ipynb)" in row
    assert names_used("import coursekit as ck\n%%gpu x\nck.load('a')\nfrom coursekit.nn import pool") == {
        "load",
        "nn.pool",
    }


def test_a_name_under_an_imported_room_counts_and_so_does_homework():
    assert names_used("from coursekit import checks as c\nc.run_all(m)\nother.pool(1)") == {
        "checks",
        "checks.run_all",
    }
    assert {"checks.overfits", "pad"} <= names_used(
        "import coursekit\ncoursekit.checks.overfits(m)\ncoursekit.pad(x)"
    )
    (checked,) = [line for line in PAGE.splitlines() if line.startswith("| `run_all(")]
    (packed,) = [line for line in PAGE.splitlines() if line.startswith("| `pack(")]
    assert "[11](11_case_files.ipynb)" in checked and "[hw1](homework/hw1_ag_news.ipynb)" in packed
    same = [line for line in PAGE.splitlines() if line.startswith("| `one_change(")]
    assert ["11_case_files" in line for line in same] == [True, False]  # two rooms have such a name


def test_formulas_are_set_and_no_mark_of_another_language_is_left():
    def thing():
        """The step :math:`h_t = x_t`, as in :func:`~a.step`."""

    assert _first_line(thing) == "The step $h_t = x_t$, as in `a.step`."
    assert ":math:" not in PAGE and "``" not in PAGE


def test_the_line_below_a_heading_does_not_say_the_name_again():
    below = dict(re.findall(r"^## coursekit\.(\w+)\n\n(.*)$", PAGE, re.MULTILINE))
    assert set(below) == set(ROOMS)
    assert [
        room for room, line in below.items() if line.lower().startswith(room) or not line[0].isupper()
    ] == []


def test_rows_are_whole():
    assert all(line.count(" | ") == 2 for line in PAGE.splitlines() if line.startswith("| `"))
