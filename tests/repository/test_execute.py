"""One notebook, one process: what fails is named, what it costs is measured."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tools.execute import Job, run_all


def job(folder, *codes, **more):
    source = folder / "trial.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(code) for code in codes]), source)
    return Job(source, folder / "out.ipynb", **more)


def test_a_notebook_is_run_and_measured(tmp_path, capfd):
    (report,) = run_all([job(tmp_path, "held = bytearray(64 << 20)\nprint(len(held) >> 20)")])
    assert report["error"] is None and report["seconds"] > 0 and 64 < report["peak_mib"] < 2048
    assert nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[0].outputs[0].text == "64\n"
    assert "done" in capfd.readouterr().out


def test_a_failed_cell_is_named_with_its_code(tmp_path):
    (report,) = run_all([job(tmp_path, "a = 1", "1 / 0", "print(2)")])
    assert report["error"].startswith("cell 2:\n    1 / 0") and "ZeroDivisionError" in report["error"]


def test_a_kernel_that_dies_is_an_error(tmp_path):
    (report,) = run_all([job(tmp_path, "import os; os._exit(3)")])
    assert report["error"] is not None


def test_environment_and_appended_cells_reach_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", "full")
    code = "import os; assert 'COURSEKIT_BUDGET' not in os.environ; x = os.environ['COURSEKIT_SEED']"
    environment = {"COURSEKIT_BUDGET": None, "COURSEKIT_SEED": "2"}
    (report,) = run_all([job(tmp_path, code, environment=environment, append=("assert x == '2'\nx",))])
    assert report["error"] is None, report["error"]


def test_a_kernel_listens_on_files_and_not_on_ports_that_two_may_be_promised(tmp_path):
    code = """
from ipykernel.kernelapp import IPKernelApp
assert IPKernelApp.instance().transport == "ipc"
"""
    (report,) = run_all([job(tmp_path, code)])
    assert report["error"] is None, report["error"]
