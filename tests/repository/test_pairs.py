"""A chapter is a pair: the notebook is what its script says, without outputs."""

import importlib
import json
import re
import sys
import types
from unittest import mock

import nbformat
import pytest

from tools.pairs import (
    SETUP_CELL,
    addressed,
    drift,
    languages_of,
    notebook_of,
    standard_cells,
    with_address,
)
from tools.project import ROOT, chapter_notebooks, chapter_scripts, repository_address

SCRIPT = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7 · A chapter
#
# [Open in Colab](anywhere)

# %%
import coursekit as ck

ck.setup(chapter="00")

# %% tags=["hide-input"]
1 + 1

# %%
1 + 1
"""
ADDRESS = "https://github.com/someone/some-book"


def notebook_text(script=SCRIPT):
    return nbformat.writes(notebook_of(script, name="07_x"))


def test_there_is_a_pair_for_every_script_and_every_notebook():
    scripts = {path.stem for path in chapter_scripts()}
    assert scripts and scripts == {path.stem for path in chapter_notebooks()}


@pytest.mark.parametrize("script", chapter_scripts(), ids=lambda path: path.stem)
def test_pairs_are_in_step(script):
    notebook = script.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert drift(script.read_text(encoding="utf-8"), notebook, name=script.stem) == [], "run 'make sync'"


@pytest.mark.parametrize("script", chapter_scripts(), ids=lambda path: path.stem)
def test_setup_cells_and_links_follow_the_one_address(script):
    text = script.read_text(encoding="utf-8")
    how = {"address": repository_address(), "languages": languages_of(script)}
    assert standard_cells(text, name=script.stem, **how) == text, "run 'make sync'"


@pytest.mark.parametrize("path", with_address(), ids=lambda path: path.name)
def test_other_files_follow_the_one_address(path):
    text = path.read_text(encoding="utf-8")
    assert addressed(text, repository_address()) == text, "run 'make sync'"
    slug = repository_address().removeprefix("https://github.com/")
    assert slug not in addressed(text, ADDRESS)


def test_citation_installation_and_homework_hold_it():
    found = {p.name for p in with_address() if repository_address() in p.read_text(encoding="utf-8")}
    assert {"CITATION.cff", "README.md", "running.md"} <= found


def test_an_address_is_written_in_every_form():
    lines = (
        'repository-code: "https://a.b/c"',
        'address = "https://a.b/c.git"',
        "pip install x git+https://a.b/c.git\n",
        "[ask](https://a.b/d/c/issues)",
        "![checks](https://a.b/d/c/actions/workflows/test.yml/badge.svg)",
    )
    written = [addressed(line, ADDRESS) for line in lines]
    assert written == [re.sub("https://a.b/(d/)?c", ADDRESS, line) for line in lines]
    assert addressed("see https://a.b/c", ADDRESS) == "see https://a.b/c"


def test_the_same_script_gives_the_same_bytes_and_every_cell_an_id_of_its_own():
    first, second = notebook_text(), notebook_text()
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert first == second and len(set(ids)) == len(ids) == 4
    nbformat.validate(nbformat.reads(first, as_version=4))


def test_tags_are_kept():
    assert notebook_of(SCRIPT, name="07_x").cells[2].metadata == {"tags": ["hide-input"]}


def test_other_ids_are_no_drift():
    notebook = json.loads(notebook_text())
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"other-{number}"
    assert drift(SCRIPT, json.dumps(notebook), name="07_x") == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cells: cells[2].update(source="1 + 2"), "cell 3: differs"),
        (lambda cells: cells[2].update(metadata={}), "cell 3: differs"),
        (lambda cells: cells[2].update(source="x = " + "1" * 130), "a code line of 134 characters"),
        (lambda cells: cells.pop(), "4 cells, the notebook 3"),
        (lambda cells: cells[1].update(execution_count=1), "cell 2: outputs"),
        (lambda cells: cells[1]["outputs"].append({"output_type": "stream"}), "cell 2: outputs"),
    ],
)
def test_drift_is_seen(change, message):
    notebook = json.loads(notebook_text())
    change(notebook["cells"])
    assert any(message in problem for problem in drift(SCRIPT, json.dumps(notebook), name="07_x"))


def test_setup_cell_and_link_are_written_from_the_address_and_again_change_nothing():
    once = standard_cells(SCRIPT, name="07_x", address=ADDRESS)
    assert "(https://colab.research.google.com/github/someone/some-book/blob/main/book/07_x.ipynb)" in once
    assert f'address = "{ADDRESS}.git"' in once and 'ck.setup(chapter="07")' in once
    assert once.endswith(SCRIPT[SCRIPT.index("# %% tags") :])
    assert standard_cells(once, name="07_x", address=ADDRESS) == once


def test_a_link_to_every_translation_stands_behind_the_one_to_colab():
    once = standard_cells(SCRIPT, name="07_x", address=ADDRESS, languages=["ru"])
    assert "07_x.ipynb) · [По-русски](ru/07_x.ipynb)\n" in once
    assert standard_cells(once, name="07_x", address=ADDRESS, languages=["ru"]) == once
    assert standard_cells(once, name="07_x", address=ADDRESS) == standard_cells(
        SCRIPT, name="07_x", address=ADDRESS
    )


def test_a_chapter_without_a_number_is_called_by_the_last_word_of_its_name():
    script = standard_cells(SCRIPT, name="one_evening", address=ADDRESS)
    assert 'ck.setup(chapter="evening")' in script


@pytest.mark.parametrize("source", sorted((ROOT / "solutions").glob("*/hw*.py")), ids=lambda path: path.stem)
def test_a_homework_begins_as_a_chapter_does(source):
    cell = SETUP_CELL.format(address=repository_address(), chapter=source.stem)
    assert cell.strip() in source.read_text(encoding="utf-8")


def setup_cell():
    return notebook_of(standard_cells(SCRIPT, name="07_x", address=ADDRESS), name="07_x").cells[1].source


def test_the_setup_cell_runs_where_the_package_is_there():
    compile(setup_cell(), "setup cell", "exec")
    assert "%pip" not in setup_cell()  # a magic inside an if is no Python, and ruff reads the script


def test_the_setup_cell_says_what_to_do_where_the_address_cannot_be_reached(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=f"could not fetch {ADDRESS}.git: check the network"):
        exec(setup_cell(), {"get_ipython": mock.MagicMock()})


def test_the_setup_cell_says_what_to_do_where_another_coursekit_is_in_the_way(monkeypatch):
    other = types.ModuleType("coursekit")
    other.__path__ = ["somewhere/coursekit"]
    other.__spec__ = importlib.machinery.ModuleSpec("coursekit", None)
    monkeypatch.setitem(sys.modules, "coursekit", other)
    with pytest.raises(ImportError, match="somewhere/coursekit.* is another coursekit: rename that folder"):
        exec(setup_cell(), {})


@pytest.mark.parametrize(
    "broken", [SCRIPT.replace("Open in Colab", "Colab"), SCRIPT.replace("ck.setup", "setup")]
)
def test_a_chapter_without_link_or_setup_cell_is_refused(broken):
    with pytest.raises(ValueError, match="07_x"):
        standard_cells(broken, name="07_x", address=ADDRESS)
