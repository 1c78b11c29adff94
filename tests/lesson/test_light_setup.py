"""The setup cell loads what it needs, so that a change elsewhere leaves the claims of a chapter fresh."""

import shutil
import subprocess
import sys

import pytest

from tools.fingerprint import chapter_fingerprint
from tools.project import ROOT, chapter_notebooks

LOADED = "import sys; print(*sorted(name for name in sys.modules if name.startswith('course')))"
HEAVY = (
    "coursekit.nn",
    "coursekit.training",
    "coursekit.batching",
    "coursekit.data",
    "coursegrader",
    "coursestudies",
)


def loaded_after(code):
    """The modules of the course that a fresh process has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LOADED}"], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()


def heavy(modules):
    return [name for name in modules if name.startswith(HEAVY)]


@pytest.fixture(scope="module")
def setup_modules():
    return loaded_after("import coursekit as ck; ck.setup('00')")


def test_the_first_cell_loads_no_model_no_training_no_data_and_no_other_package(setup_modules):
    assert "coursekit.lesson.setup" in setup_modules
    assert heavy(setup_modules) == []


def test_what_is_loaded_later_is_seen():
    assert "coursekit.training.loop" in heavy(loaded_after("import coursekit as ck; ck.fit"))


@pytest.mark.parametrize(("module", "stale"), [("training/loop.py", False), ("lesson/setup.py", True)])
def test_a_chapter_that_only_calls_setup_goes_stale_with_what_setup_loads(
    tmp_path, setup_modules, module, stale
):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "data").symlink_to(ROOT / "data")
    notebook = chapter_notebooks()[0]
    before = chapter_fingerprint(notebook, setup_modules, tmp_path)
    with open(tmp_path / "src" / "coursekit" / module, "a", encoding="utf-8") as source:
        source.write("changed = True\n")
    assert (chapter_fingerprint(notebook, setup_modules, tmp_path) != before) is stale


def test_a_room_of_text_loads_only_the_module_that_is_asked_for():
    text = [name for name in loaded_after("from coursekit.text import tokenise") if ".text." in name]
    assert text == ["coursekit.text.guards", "coursekit.text.tokens"]
