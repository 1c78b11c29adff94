"""The API page names every public function and links it with the chapters."""

import importlib

import pytest

from tools.api_page import api_page

ROOMS_NOW = (
    "runtime",
    "text",
    "data",
    "batching",
    "cells",
    "nn",
    "training",
    "stats",
    "studies",
    "plots",
    "notebook",
    "homework",
    "grading",
)
PAGE = api_page({"03": "03_tokens_to_batches"})


@pytest.mark.parametrize("room", ROOMS_NOW)
def test_every_public_function_and_class_has_a_line(room):
    module = importlib.import_module(f"coursekit.{room}")
    for name in module.__all__:
        if callable(getattr(module, name)):
            assert f"| `{name}" in PAGE, name


def test_a_chapter_of_the_book_is_linked_and_one_to_come_is_named():
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| `tokenise(")]
    assert row.endswith("| 01, [03](03_tokens_to_batches.ipynb) |")


def test_rows_are_whole():
    assert all(line.count(" | ") == 2 for line in PAGE.splitlines() if line.startswith("| `"))
