"""Packages and rooms are imported in one direction only: the contracts stand in pyproject.toml."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.project import ROOT


def lint(folder):
    """Run import-linter on the packages in ``folder/src``."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_no_package_and_no_room_imports_what_stands_above_it():
    done = lint(ROOT)
    assert done.returncode == 0 and "2 kept, 0 broken" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("text/tokens.py", "def late():\n    from coursekit.nn import TextClassifier\n"),
        ("data/tables.py", "import coursegrader.engine\n"),
        ("attic/__init__.py", '"""A room that nobody has named."""\n'),
    ],
)
def test_a_wrong_import_or_a_new_room_is_reported(tmp_path, module, line):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / "coursekit" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.is_file() else "") + line)
    done = lint(tmp_path)
    assert done.returncode == 1 and module.partition(".")[0].partition("/")[0] in done.stdout
