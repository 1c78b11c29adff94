"""Where things lie, and on what machine: nothing that students may not read is shown, and doctor and grader start anywhere."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from coursegrader import engine
from coursegrader.publish import publish
from coursegrader.sandbox import doctor_finding, python_folders
from coursegrader.sandboxes.job import SOURCE, Job, Limits
from coursekit.cli import doctor, main
from coursekit.runtime import files
from tools.project import ROOT


def test_of_python_only_programs_and_libraries_are_shown(tmp_path, monkeypatch):
    """A virtual environment that was made in the checkout itself shows neither keys nor submissions."""
    for name in ("bin", "lib/python3/site-packages", "solutions", "submissions"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "pyvenv.cfg").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    shown = python_folders()
    own = {str(Path(path).relative_to(tmp_path)) for path in shown if Path(path).is_relative_to(tmp_path)}
    assert own == {"bin", "lib", "pyvenv.cfg"}
    assert not any(
        Path(p).is_relative_to(path) for p in (tmp_path / "solutions", ROOT / "tests") for path in shown
    )
    assert os.getcwd() not in shown and str(ROOT) not in shown and str(ROOT / "src") not in shown


@pytest.mark.parametrize("kept", ["solutions", "submissions", "out", "mirror"])
def test_what_students_may_not_read_is_refused_inside_what_they_can(kept, tmp_path, monkeypatch, capsys):
    """Each of the four in turn lies in the folder of this Python's libraries."""
    inside = tmp_path / "env" / "lib" / "python3"
    places = {name: tmp_path / name for name in ("solutions", "submissions", "out", "mirror")}
    places[kept] = inside / kept
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    for place in places.values():
        place.parent.mkdir(parents=True, exist_ok=True)
    places["solutions"].symlink_to(ROOT / "solutions") if kept != "solutions" else places["solutions"].mkdir()
    if kept == "solutions":
        for rubric in (ROOT / "solutions").glob("*/*"):
            target = places["solutions"] / rubric.parent.name / rubric.name
            target.parent.mkdir(exist_ok=True)
            if rubric.is_file():
                target.write_bytes(rubric.read_bytes())
    for name in ("submissions", "mirror"):
        places[name].mkdir()
    (places["submissions"] / "a.ipynb").write_text("{}")
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(places["solutions"]))
    monkeypatch.setenv("COURSEKIT_DATA", str(places["mirror"]))
    monkeypatch.setattr(engine, "_corpus", lambda *_: None)  # the data is another matter
    arguments = ["homework", "grade", "hw1", str(places["submissions"]), "--out", str(places["out"])]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert f"'{kept}' lies inside" in said and "move it out" in said and said.count("\n") == 1
    assert not places["out"].exists()


def job(tmp_path):
    return Job(("x",), tmp_path, 0, tmp_path, Limits(), {}, (), ())


def test_an_installation_for_one_user_is_found_inside(tmp_path, monkeypatch):
    """With ``pip install --user`` the packages lie below a home that is not there in the sandbox."""
    base = tmp_path / "local"
    own = base / "lib" / "python3" / "site-packages"
    own.mkdir(parents=True)
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(site, "getuserbase", lambda: str(base))
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(own))
    assert str(own) in python_folders() and str(base) not in python_folders()
    assert job(tmp_path).environment("/job", "/tmp")["PYTHONUSERBASE"] == str(base)
    monkeypatch.setattr(site, "ENABLE_USER_SITE", False)
    assert "PYTHONUSERBASE" not in job(tmp_path).environment("/job", "/tmp")


def test_the_sandbox_imports_what_the_grader_imports(tmp_path):
    assert job(tmp_path).environment("/job", "/tmp").get("PYTHONPATH") == str(SOURCE)
    assert Path(sys.modules["coursegrader"].__file__).is_relative_to(SOURCE)


@pytest.mark.sandbox
def test_a_sandbox_that_lacks_the_packages_is_none(monkeypatch):
    """Doctor must not tick what every job would fail in."""
    from coursegrader import sandbox

    monkeypatch.setattr(
        sandbox, "python_folders", lambda: [p for p in python_folders() if "coursekit" not in p]
    )
    sandbox.why_not.cache_clear()
    try:
        assert "coursekit cannot be imported inside" in str(sandbox.why_not("namespaces"))
        state, found, advice = doctor_finding()
        assert state == "note" and "cannot be imported inside" in found and advice
    finally:
        sandbox.why_not.cache_clear()


def run_doctor(**changed):
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("HOME", "COURSEKIT_DATA", "COURSEKIT_CACHE")
    }
    environment = kept | {"HF_HUB_OFFLINE": "1", "HOME": str(Path.home())} | changed
    environment = {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run([sys.executable, "-m", "coursekit", "doctor"], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("encoding", ["cp1251", "cp1252"])
def test_doctor_speaks_to_every_terminal(encoding, tmp_path):
    said = run_doctor(PYTHONIOENCODING=encoding, HOME=str(tmp_path / "gone")).decode(encoding)
    assert "+ python" in said and "sandbox for grading" in said and "there is no home folder" in said


def test_doctor_ticks_where_it_can():
    assert "✓ python" in run_doctor(PYTHONIOENCODING="utf-8").decode()
    assert doctor._marks(None) == doctor._marks("no such code page") == doctor.PLAIN_MARKS


def test_without_a_home_there_is_a_cache(monkeypatch):
    for name in ("HOME", "COURSEKIT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user who is not in /etc/passwd
    assert files.cache_dir().is_absolute() and files.cache_dir().name == "coursekit-cache"


def test_a_finding_that_cannot_be_had_is_a_finding(monkeypatch):
    class Broken:
        name = "sandbox"

        def load(self):
            raise ImportError("no module named resource")

    monkeypatch.setattr(doctor, "installed_entries", lambda group: [Broken()])
    assert doctor.examine()[-1] == (
        "note",
        "sandbox: cannot be examined here (ImportError: no module named resource)",
        "",
    )


def test_a_dry_run_prints_any_name_on_any_terminal(tmp_path, encoding="cp1251"):
    for name in ("Иванова 🎓.ipynb", "weiß.ipynb"):
        (tmp_path / name).write_text("{}")
    with open(os.fsencode(tmp_path) + b"/\xcf\xe5\xf2\xf0.ipynb", "w") as handle:
        handle.write("{}")
    (tmp_path / "desktop.ini").touch()
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COURSEKIT_SOLUTIONS": str(ROOT / "solutions")}
    command = [sys.executable, "-m", "coursekit", "homework", "grade", "hw1", str(tmp_path), "--dry-run"]
    done = subprocess.run(command, env=environment, capture_output=True)
    said = done.stdout.decode(encoding)
    assert done.returncode == 0 and "3 files would be graded" in said, done.stderr.decode()
    assert said.splitlines()[3] == "skipped, for nobody hands that in: desktop.ini"
    assert "Петр.ipynb" in said and "Иванова ?.ipynb" in said


def test_publish_says_what_git_said(tmp_path):
    (tmp_path / "root").mkdir()
    with pytest.raises(ValueError, match="must be a git checkout, got 'root': fatal: not a git repository"):
        publish(tmp_path / "root", tmp_path / "copy")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a checkout of somebody else's")
def test_a_checkout_of_another_owner_is_published(tmp_path):
    root = tmp_path / "root"
    for command in (["init", "-q", root], ["-C", root, "add", "-A"]):
        root.mkdir(exist_ok=True)
        (root / "page.md").write_text("x")
        subprocess.run(["git", *command], check=True)
    for path in (root, *root.rglob("*")):
        os.chown(path, 12_345, 12_345)
    assert (publish(root, tmp_path / "copy") / "page.md").read_text() == "x"
