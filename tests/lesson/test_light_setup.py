"""The setup cell loads what it needs, so that a change elsewhere leaves the claims of a chapter fresh."""

import subprocess
import sys

SETUP = "import coursekit as ck; ck.setup('00')"
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


def test_the_first_cell_loads_no_model_no_training_no_data_and_no_other_package():
    modules = loaded_after(SETUP)
    assert "coursekit.lesson.setup" in modules
    assert heavy(modules) == []


def test_what_is_loaded_later_is_seen():
    assert "coursekit.training.loop" in heavy(loaded_after(f"{SETUP}; ck.fit"))


def test_a_room_of_text_loads_only_the_module_that_is_asked_for():
    text = [name for name in loaded_after("from coursekit.text import tokenise") if ".text." in name]
    assert text == ["coursekit.text.guards", "coursekit.text.tokens"]
