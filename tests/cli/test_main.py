"""The command line: help everywhere, mistakes in one line."""

import pytest

from coursekit.cli import main


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["data"],
        ["data", "list"],
        ["data", "check"],
        ["data", "fetch"],
        ["doctor"],
        ["reproduce"],
        ["results"],
        ["homework"],
        ["homework", "release"],
        ["homework", "publish"],
        ["homework", "grade"],
        ["homework", "report"],
    ],
)
def test_every_command_has_help(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0 and "usage: coursekit" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("coursekit 0.")


def test_an_unknown_record_is_one_line_and_exit_code_2(capsys):
    assert main(["results", "nothing"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("coursekit: no record is named 'nothing'") and error.count("\n") == 1


def test_an_unknown_study_is_refused_by_the_parser(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["reproduce", "nothing"])
    assert ended.value.code == 2 and "headline-agnews" in capsys.readouterr().err


def test_doctor_reports_the_machine(capsys, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "torch" in printed and " core" in printed and "COURSEKIT_DATA" in printed
    assert "sandbox for grading" in printed


def test_doctor_counts_one_thread_as_one(capsys, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)
    main(["doctor"])
    assert "1 torch thread," in capsys.readouterr().out


def test_doctor_fails_on_a_mirror_that_is_not_there(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "gone"))
    assert main(["doctor"]) == 1
    assert "✗" in capsys.readouterr().out
