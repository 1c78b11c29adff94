"""Released homework is what its source says, runs unsolved, and every task solved turns its check green."""

import json
import os
import subprocess
import sys

import pytest

from coursegrader.definition import homework_names, load_homework
from coursegrader.release import notebook_of, script_of, solution_lines
from tools.project import ROOT, book_notebooks, repository_address

NAMES = homework_names() if (ROOT / "solutions").is_dir() else []
TRAINED = (
    "hw1-final",
    "hw2-final",
)  # its check asks for more than guessing, so it needs more than a handful of texts
NEEDED = {  # a model is trained with both
    "hw1-final": ("hw1-build",),
    "hw2-final": ("hw2-build",),
    "hw3-optimisers": ("hw3-rnn", "hw3-lstm", "hw3-gru", "hw3-stack"),
}
ON_STAND_IN = {  # the stand-in has too few rare texts for the reference's few steps
    "hw2-final": (
        ('"average_decay": 0.98,', '"class_weights": True, "batch_size": 32,'),
        ('"epochs": 5', '"epochs": 8'),
    )
}
RUN = """\
import io, json, sys
from contextlib import redirect_stdout
from IPython.core.interactiveshell import InteractiveShell
shell, said = InteractiveShell.instance(), []
for cell in json.load(open("task.ipynb"))["cells"]:
    if cell["cell_type"] == "code":
        with redirect_stdout(io.StringIO()) as out:
            shell.run_cell(cell["source"]).raise_error()
        said.append([cell["source"], out.getvalue()])
json.dump(said, open("said.json", "w"))
"""


def code_tasks():
    homeworks = {name: load_homework(name) for name in NAMES}
    return [(name, task) for name, h in homeworks.items() for task in h.stubs if h.task_kinds[task] == "code"]


def said_by(name, solved, folder, budget="smoke"):
    """Run a homework with some tasks solved; return (source, printed) of every code cell."""
    homework = load_homework(name)
    notebook = notebook_of(homework)
    for cell, own in zip(notebook["cells"], homework.cells, strict=True):
        if own.task in solved:
            cell["source"] = own.source
            for old, new in ON_STAND_IN.get(own.task, ()):
                assert old in cell["source"]
                cell["source"] = cell["source"].replace(old, new)
    (folder / "task.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "COURSEKIT_DATA"}
    environment |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "COURSEKIT_BUDGET": budget}
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    return json.loads((folder / "said.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))


def test_homework_has_sources_here_and_pages_in_the_book():
    released = {path.stem for path in book_notebooks() if path.parent.name == "homework"}
    assert released == {load_homework(name).released for name in NAMES} or not NAMES
    assert released, "no homework stands in _toc.yml"


@pytest.mark.parametrize("name", NAMES)
def test_the_released_pair_is_the_one_that_release_writes(name):
    homework = load_homework(name)
    stem = ROOT / "book" / "homework" / homework.released
    message = f"run 'coursekit homework release {name}'"
    assert stem.with_suffix(".py").read_text(encoding="utf-8") == script_of(homework), message
    assert json.loads(stem.with_suffix(".ipynb").read_text(encoding="utf-8")) == notebook_of(homework), (
        message
    )
    assert f'address = "{repository_address()}.git"' in script_of(homework)


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_solution_stands_in_the_released_pair(name):
    homework = load_homework(name)
    lines = solution_lines(homework)
    assert len(lines) > 5
    stem = ROOT / "book" / "homework" / homework.released
    cells = json.loads(stem.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    given = {line.strip() for cell in cells for line in cell["source"].splitlines()}
    given |= {line.strip() for line in stem.with_suffix(".py").read_text(encoding="utf-8").splitlines()}
    assert lines & given == set()


@pytest.mark.parametrize("name", NAMES)
def test_unsolved_it_runs_to_its_end_and_says_what_is_missing(name, tmp_path):
    homework = load_homework(name)
    printed = "".join(out for _, out in said_by(name, (), tmp_path))
    for task in homework.stubs:
        if homework.task_kinds[task] == "code" and task not in NEEDED:
            assert f"not written yet: {task}" in printed, printed
    assert "✗" not in printed and "Traceback" not in printed


@pytest.mark.parametrize(("name", "task"), code_tasks(), ids=lambda value: value)
def test_a_solved_task_turns_its_check_green(name, task, tmp_path):
    budget = "cpu" if task in TRAINED else "smoke"
    said = said_by(name, (task, *NEEDED.get(task, ())), tmp_path, budget)
    (printed,) = [out for source, out in said if f'check("{task}"' in source]
    assert "✓" in printed and "✗" not in printed and "not written yet" not in printed, printed
