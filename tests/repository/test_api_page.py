"""The API page names every public function and links it with the chapters."""

import importlib

import pytest

from tools.api_page import ROOMS, api_page, names_used

PAGE = api_page({"03": "03_tokens_to_batches"})


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
        "pool",
    }


def test_rows_are_whole():
    assert all(line.count(" | ") == 2 for line in PAGE.splitlines() if line.startswith("| `"))
