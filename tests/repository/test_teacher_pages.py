"""The teacher pages show what the commands really print, and name everything that a rubric can hold."""

import re
from pathlib import Path

import pytest

from coursekit.cli.main import main, make_parser
from coursekit.grading.definition import KINDS, ROLES
from coursekit.grading.engine import MODES
from tools.project import ROOT

PAGES = sorted((ROOT / "book" / "teachers").glob("*.md"))
SHOWN = re.compile(r"```console\n\$ coursekit (?P<command>.*)\n(?P<output>(?:.*\n)*?)```")
SOURCES = pytest.mark.skipif(not (ROOT / "solutions").is_dir(), reason="this copy has no homework sources")


def shown(page):
    """Every command of a page, with what it is said to print."""
    text = (ROOT / "book" / "teachers" / f"{page}.md").read_text(encoding="utf-8")
    return {match["command"]: match["output"] for match in SHOWN.finditer(text)}


def printed(capsys, command, folder, monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    monkeypatch.chdir(folder)
    assert main(command.split()) == 0
    return capsys.readouterr().out


@SOURCES
def test_release_prints_what_the_page_shows(capsys, tmp_path, monkeypatch):
    (command,) = [command for command in shown("releasing") if "release" in command]
    assert printed(capsys, command, tmp_path, monkeypatch) == shown("releasing")[command]


@SOURCES
def test_a_dry_run_prints_what_the_page_shows(capsys, tmp_path, monkeypatch):
    command, output = next((c, o) for c, o in shown("grading").items() if "--dry-run" in c)
    (tmp_path / "submissions").mkdir()
    for name in output.splitlines()[:-1]:
        (tmp_path / "submissions" / name).touch()
    monkeypatch.setattr("coursekit.grading.sandbox.backend", lambda: "namespaces")
    assert printed(capsys, command, tmp_path, monkeypatch) == output


@SOURCES
def test_publish_prints_what_the_page_shows(capsys, tmp_path, monkeypatch):
    (command,) = [command for command in shown("releasing") if "publish" in command]
    found = printed(capsys, f"{command} --root {ROOT}", tmp_path, monkeypatch)
    assert found == shown("releasing")[command]
    assert not (tmp_path / "student-course" / "solutions").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_option_that_a_page_shows_is_known(page):
    for line in re.findall(r"^\$ coursekit (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        make_parser().parse_args(line.split())


def test_the_page_on_adding_names_every_kind_role_and_mode():
    text = (ROOT / "book" / "teachers" / "adding_a_homework.md").read_text(encoding="utf-8")
    assert [word for word in (*KINDS, *ROLES) if f"`{word}`" not in text] == []
    grading = (ROOT / "book" / "teachers" / "grading.md").read_text(encoding="utf-8")
    assert [mode for mode in MODES if f"--mode {mode}" not in grading] == []


def test_the_entry_page_leads_to_all_of_them():
    entry = Path(ROOT / "book" / "teachers.md").read_text(encoding="utf-8")
    assert [page.stem for page in PAGES if f"(teachers/{page.name})" not in entry] == []


@SOURCES
def test_the_demo_on_the_page_is_the_one_that_is_built():
    from tools.grade_demo import SHOWN as BUILT

    text = (ROOT / "book" / "teachers" / "grading.md").read_text(encoding="utf-8")
    rows = re.search(r"```text\n.*as it should be\n((?:.*\n)*?)```", text)[1].splitlines()
    assert [row[:69].split("  ")[0].strip() for row in rows] == [one.file for one in BUILT]
    assert all(one.what in row for one, row in zip(BUILT, rows, strict=True))
