"""What Colab does: the wheel alone, in a fresh environment and an empty folder, runs chapter 3."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest

from tools.project import ROOT, chapter_notebooks, chapter_number

RUN = """
import sys, pathlib, tempfile, nbformat
from nbclient import NotebookClient
from traitlets.config import Config
import coursekit
from coursekit.runtime import files
home = pathlib.Path(sys.prefix).resolve()
assert pathlib.Path(coursekit.__file__).resolve().is_relative_to(home), coursekit.__file__
assert files.data_dir().resolve().is_relative_to(home), files.data_dir()
notebook = nbformat.read(sys.argv[1], as_version=4)
settings = Config({"KernelManager": {"transport": "ipc", "ip": tempfile.mkdtemp() + "/kernel"}})
NotebookClient(notebook, kernel_name="python3", timeout=300, config=settings).execute()
print("cells run:", sum(bool(cell.get("execution_count")) for cell in notebook.cells))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        ROOT,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("coursekit-*.whl"))


def test_the_wheel_carries_data_figures_and_grader_but_no_study(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name.partition("/")[0] for name in names}
    assert {name for name in inside if not name.endswith(".dist-info")} == {
        "coursekit",
        "bookfigures",
        "coursegrader",
    }
    shipped = {
        path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").rglob("*") if path.is_file()
    }
    assert shipped == {
        name.removeprefix("coursekit/_data/") for name in names if name.startswith("coursekit/_data/")
    }


def test_the_wheel_alone_runs_chapter_three_in_an_empty_folder(wheel, tmp_path):
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    variables = {"base": str(home), "platbase": str(home)}
    packages = sysconfig.get_path("purelib", "venv", variables)
    install = [
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        packages,
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True)
    # The dependencies come from this environment; a folder named in a .pth file does not make coursekit's own
    # editable link work there, and RUN asserts that the wheel's code and data are the ones in use.
    with open(os.path.join(packages, "dependencies.pth"), "w") as link:
        link.write(sysconfig.get_path("purelib") + "\n")
    chapter = next(path for path in chapter_notebooks() if chapter_number(path) == "03")
    empty = tmp_path / "empty"
    empty.mkdir()
    ours = ("COURSEKIT_", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [python, "-I", "-c", RUN, chapter]
    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "cells run:" in done.stdout
    assert list(empty.iterdir()) == []
