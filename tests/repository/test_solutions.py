"""The code in folded solutions runs, appended to the chapter it belongs to."""

import re

import pytest

from tools.execute import Job, run_all
from tools.marks import prose_of
from tools.project import chapter_notebooks

FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def solutions(text):
    """Return the Python blocks inside folds."""
    return [block for fold in FOLD.findall(text) for block in BLOCK.findall(fold)]


def test_blocks_are_found_in_folds_only():
    text = (
        "```python\nno\n```\n<details><summary>Solution</summary>\n\n```python\nyes = 1\n```\n\n</details>\n"
    )
    assert solutions(text) == ["yes = 1\n"]


OF_TABLES = ("benchmarks", "ladders")  # pages without exercises
TO_LEARN = [path for path in chapter_notebooks() if path.stem not in OF_TABLES]


@pytest.mark.parametrize("notebook", TO_LEARN, ids=lambda path: path.stem)
def test_solutions_run_at_the_end_of_their_chapter(notebook, tmp_path):
    blocks = solutions(prose_of(notebook))
    assert blocks, "a chapter closes with exercises, and a solution shows code"
    environment = {
        "COURSEKIT_BUDGET": "smoke",
        "COURSEKIT_STRICT": "0",
        "COURSEKIT_DATA": None,
        "HF_HUB_OFFLINE": "1",
    }
    (report,) = run_all([Job(notebook, tmp_path / notebook.name, environment, tuple(blocks))])
    assert report["error"] is None, report["error"]
