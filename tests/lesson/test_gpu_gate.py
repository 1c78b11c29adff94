"""The %%gpu gate, both ways, in a real IPython shell."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from coursekit.lesson import gpu
from coursekit.records import reading
from coursestudies.writing import write_record

CELL = "ran = True\nmade_on = ck.device().type"


@pytest.fixture
def shell(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSEKIT_FAKE_GPU", raising=False)
    monkeypatch.setattr(gpu.torch.cuda, "is_available", lambda: False)
    made = {"machine": {"cpu": "two cores", "threads": 2, "gpu": None}, "date": "2026-01-02"}
    made |= {"versions": {}, "command": "", "seeds": [0], "data": {}, "seconds": 1.0}
    record = {"name": "x", "what": "A study.", "provenance": made, "summary": {"accuracy": 0.9}, "runs": []}
    write_record(record, tmp_path)
    monkeypatch.setattr(reading, "results_dir", lambda: tmp_path)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # the shell puts its own there
    shell = InteractiveShell.instance()
    monkeypatch.setattr(gpu, "get_ipython", lambda: shell)
    gpu.register_gpu_magic()
    shell.reset()
    shell.run_cell("import coursekit as ck")
    yield shell
    InteractiveShell.clear_instance()


def test_closed_it_says_what_it_would_do_and_shows_the_record(shell, capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(gpu, "display", lambda html: shown.append(html.data))
    shell.run_cell_magic("gpu", '"train for an hour" --record x', CELL)
    assert "train for an hour" in capsys.readouterr().out
    assert "0.9" in shown[0] and "two cores" in shown[0] and "2026-01-02" in shown[0]
    assert "ran" not in shell.user_ns


def test_open_it_runs_the_body_and_the_device_stays_the_cpu(shell, monkeypatch):
    monkeypatch.setenv("COURSEKIT_FAKE_GPU", "1")
    shell.run_cell_magic("gpu", '"train for an hour" --record x', CELL)
    assert shell.user_ns["ran"] is True and shell.user_ns["made_on"] == "cpu"


def test_open_an_error_in_the_body_is_an_error(shell, monkeypatch):
    monkeypatch.setenv("COURSEKIT_FAKE_GPU", "1")
    with pytest.raises(ZeroDivisionError):
        shell.run_cell_magic("gpu", '"divide" --record x', "1 / 0")


def test_closed_a_missing_record_is_an_error(shell):
    with pytest.raises(FileNotFoundError, match="nothing"):
        shell.run_cell_magic("gpu", '"train" --record nothing', CELL)
