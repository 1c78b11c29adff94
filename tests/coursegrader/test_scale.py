"""The grader as a whole: on a cluster, killed in the middle, with a mixed folder, published, and read by nbgrader."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path

import psutil
import pytest

from coursegrader.definition import BEGIN, END, homework_names, load_homework
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursegrader.release import notebook_of
from tests.coursegrader.test_configurations import leaked
from tools.project import ROOT
from tools.trial_class.attacks import CASES, Material
from tools.trial_class.reference import members_of, solved_notebook

pytestmark = pytest.mark.sandbox

SEED = "5"
SHORTEST = 25  # a shorter line of a solution says too little to tell
BY_NAME = {case.name: case for case in CASES}


@pytest.fixture(scope="module")
def material(reference, tmp_path_factory):
    """The reference solution in pieces."""
    return Material(solved_notebook("hw1"), members_of(reference), tmp_path_factory.mktemp("other"), {})


@pytest.fixture
def folder(tmp_path):
    """An empty folder of submissions."""
    made = tmp_path / "submissions"
    made.mkdir()
    return made


def hand_in(folder, material, *names):
    """Write cases of the attack set into a folder, in this order."""
    for number, name in enumerate(names):
        case = BY_NAME[name]
        path = folder / f"{number} {case.file.format(name=name)}"
        path.write_bytes(case.make(material))


def unsolved(remark):
    """The notebook as students get it, with one line added: quick to grade."""
    notebook = notebook_of(load_homework("hw1"))
    (cell,) = [c for c in notebook["cells"] if c["metadata"].get("coursekit", {}).get("task") == "hw1-build"]
    cell["source"] = f"# {remark}\n{cell['source']}"
    return json.dumps(notebook)


def command(*arguments):
    return [sys.executable, "-m", "coursekit", "homework", *map(str, arguments)]


def grade(folder, out, *options):
    """Grade a folder from the command line."""
    asked = command("grade", "hw1", folder, "--out", out, "--seed", SEED, "--practice", *options)
    return subprocess.run(asked, capture_output=True, text=True)


def rows(table):
    with table.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_cluster_gives_the_same_marks(material, folder, tmp_path):
    from distributed import Client, LocalCluster

    hand_in(folder, material, "reference", "data in the code", "experiments are a list", "empty")
    settings = Settings(seed=int(SEED), practice=True)
    alone = grade_folder(folder, "hw1", tmp_path / "alone", settings, progress=False)
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            local_directory=str(tmp_path),
        ) as cluster,
        Client(cluster) as client,
    ):
        found = grade_folder(
            folder, "hw1", tmp_path / "cluster", settings, executor=client.get_executor(), progress=False
        )
    assert [(one.name, one.status, one.key) for one in found] == [
        (one.name, one.status, one.key) for one in alone
    ]
    assert [one.marks for one in found] == [one.marks for one in alone]
    assert found[0].points == 8 and found[-1].status == "unreadable"
    for out in ("alone", "cluster"):
        kept = {path.name for path in (tmp_path / out / "finished").glob("*.json")}
        assert (
            "order.json" in kept and len(kept) == 5
        )  # a file for each submission, and the order they came in


class Unlucky(Executor):
    """Loses the worker that grades one file."""

    def submit(self, function, path, *rest):
        future = Future()
        if path.name == "lost.ipynb":
            future.set_exception(BrokenExecutor("a worker died"))
        else:
            future.set_result(function(path, *rest))
        return future


def test_a_lost_worker_costs_one_submission_which_is_tried_again(small_course, folder, tmp_path):
    for name in ("empty.ipynb", "lost.ipynb"):
        (folder / name).write_text(name[0], encoding="utf-8")
    settings = Settings(practice=True)
    found = grade_folder(folder, "hw1", tmp_path / "out", settings, executor=Unlucky(), progress=False)
    assert [one.status for one in found] == ["unreadable", "failed"]
    assert "no mark" in str(found[1].reason) and found[1].points == 0
    again = grade_folder(folder, "hw1", tmp_path / "out", settings, progress=False)
    assert again[0] == found[0] and again[1].status == "unreadable"


def start(folder, out):
    """Start grading in a session of its own, so that it can be killed."""
    asked = command("grade", "hw1", folder, "--out", out, "--seed", SEED, "--practice")
    return subprocess.Popen(
        asked, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_until(started, reached):
    """Look again and again until something is so; the run must not end before that."""
    while not (found := reached()):
        with pytest.raises(subprocess.TimeoutExpired):
            started.wait(0.05)
    return found


def kill(started):
    """Kill the grader and its process group at once, so that it cannot tidy up."""
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def computes(process):
    """Whether a process is alive; one that is dead and not yet buried by its parent is not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_kill_in_the_middle_loses_only_what_was_in_hand(material, folder, tmp_path):
    hand_in(folder, material, "reference")
    for name in "abc":
        (folder / f"{name}.ipynb").write_text(unsolved(name), encoding="utf-8")
    out, finished = tmp_path / "out", tmp_path / "out" / "finished"
    started = start(folder, out)
    wait_until(started, lambda: list(finished.glob("*.json")))
    kill(started)

    kept = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in finished.glob("*.json")}
    assert [json.loads(content)["name"] for _, content in kept.values()] == ["0 reference.zip"]
    assert not (out / "gradebook.csv").exists()

    again = grade(folder, out)
    assert again.returncode == 0, again.stderr
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept} == kept
    table = rows(out / "gradebook.csv")
    assert [row["File"] for row in table] == ["0 reference.zip", "a.ipynb", "b.ipynb", "c.ipynb"]
    assert [row["quality"] for row in table] == ["3", "0", "0", "0"]
    written = {path.name: json.loads(path.read_bytes()) for path in finished.glob("*.json")}
    assert len(written) == 5 and "order.json" in written


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended
        return []


def test_nothing_of_a_killed_run_goes_on(material, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    hand_in(folder, material, "swallowed interrupt")
    started = start(folder, tmp_path / "out")

    def in_sandbox():
        """The grader's children, once the process that runs the submission's code is among them."""
        children = psutil.Process(started.pid).children(recursive=True)
        return children if any("coursegrader.runner" in _command(child) for child in children) else []

    family = wait_until(started, in_sandbox)
    kill(started)
    deadline = time.monotonic() + 10
    while (survivors := [p for p in family if computes(p)]) and time.monotonic() < deadline:
        continue
    for process in survivors:
        process.kill()
    assert len(family) >= 2 and survivors == []


def test_a_mixed_folder_ends_with_one_row_each(material, folder, tmp_path):
    hand_in(folder, material, "reference", "truncated", "empty", "not JSON", "another homework")
    (folder / "essay.pdf").write_bytes(b"%PDF-1.7 not a notebook")
    (folder / "own.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4}), encoding="utf-8"
    )
    out = tmp_path / "out"
    done = grade(folder, out)
    assert done.returncode == 1, done.stderr
    table = {row["File"]: row for row in rows(out / "gradebook.csv")}
    assert sorted(table) == sorted(path.name for path in folder.iterdir())
    good = table.pop("0 reference.zip")
    assert (good["Status"], good["Reason"]) == ("ok", "")
    assert {row["Status"] for row in table.values()} <= {"unreadable", "foreign"}
    for name, row in table.items():
        assert len(row["Reason"]) > 10 and row["Reason"] in done.stdout, name
        assert row["Assignment: Topics of the news (Real)"] == ""


def test_what_a_person_wrote_is_not_overwritten(material, folder, tmp_path):
    hand_in(folder, material, "reference", "empty")
    out = tmp_path / "out"
    assert grade(folder, out).returncode == 1
    hand, book = out / "by_hand.csv", out / "gradebook.csv"
    lines = list(csv.reader(io.StringIO(hand.read_text(encoding="utf-8"))))
    (row,) = [line for line in lines if line[1:3] == ["0 reference.zip", "report"]]
    row[5] = "1,5"
    with hand.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(lines)
    marked = hand.read_bytes()
    edited = book.read_bytes().replace(b"unreadable", b"spoken to")
    book.write_bytes(edited)

    refused = grade(folder, out)
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert (hand.read_bytes(), book.read_bytes()) == (marked, edited)

    assert grade(folder, out, "--force").returncode == 1
    assert (out / "gradebook.csv.bak").read_bytes() == edited
    assert hand.read_bytes() == marked  # nothing new waits: it stays as the person saved it
    assert rows(book)[0]["report"] == "1.5"


def run_git(folder, *arguments):
    author = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", "-C", folder, *author, *arguments], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The published copy of this working tree, made from a clone with its history and with what is not committed."""
    folder = tmp_path_factory.mktemp("publish")
    checkout = folder / "checkout"
    run_git(folder, "clone", "-q", "--no-hardlinks", ROOT, checkout)
    names = run_git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    wanted = {name for name in names if name and (ROOT / name).is_file()}
    for name in wanted:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, checkout / name)
    for name in set(run_git(checkout, "ls-files", "-z").decode().split("\0")[:-1]) - wanted:
        (checkout / name).unlink(missing_ok=True)
    run_git(checkout, "add", "-A")
    run_git(checkout, "commit", "-q", "--allow-empty", "-m", "as it is")
    done = subprocess.run(
        command("publish", folder / "copy", "--root", checkout), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder / "copy"


@pytest.fixture
def real_sources(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))


@pytest.fixture
def secrets(real_sources):
    """Lines of solutions, without those that the package, the chapters or a notebook with gaps hold anyway."""
    solved = {
        line.strip()
        for source in (ROOT / "solutions").rglob("*.py")
        for block in re.findall(f"{BEGIN}\n(.*?){END}", source.read_text(encoding="utf-8"), re.S)
        for line in block.splitlines()
    }
    solved = {line for line in solved if len(line) > SHORTEST}
    given = [cell.stub for name in homework_names() for cell in load_homework(name).cells]
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "book").glob("[0-9]*.py")]
    known = "\n".join([*given, *(path.read_text(encoding="utf-8") for path in sources)])
    secret = {line for line in solved if line not in known}
    assert len(secret) >= 0.7 * len(solved) and len(secret) > 30, (
        f"{len(secret)} of {len(solved)} lines are left"
    )
    return secret


def leaks(secrets, content):
    """Secret lines in a file, as they are or inside JSON."""
    text = content.decode("utf-8", "replace")
    return {line for line in secrets if line in text or json.dumps(line)[1:-1] in text}


def test_a_leak_would_be_found(secrets):
    for line in secrets:
        notebook = json.dumps({"source": ["x\n", f"    {line}\n"]}).encode()
        assert line in leaks(secrets, notebook) and line in leaks(secrets, f"a\n  {line}\n".encode())


def test_the_published_tree_and_its_history_hold_no_solution(published, secrets):
    found = {
        str(path.relative_to(published)): hits
        for path in published.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(published).parts
        if (hits := leaks(secrets, path.read_bytes()))
    }
    assert found == {}
    assert not [path for path in published.rglob("solutions") if path.is_dir()]
    objects = run_git(published, "cat-file", "--batch-all-objects", "--batch")  # unreachable ones as well
    assert len(objects) > 1_000_000 and leaks(secrets, objects) == set()
    ever = run_git(published, "log", "--all", "--format=", "--name-only").decode().splitlines()
    assert len(ever) > 100 and not [name for name in ever if "solutions" in Path(name).parts]
    assert run_git(published, "rev-list", "--all", "--count").strip() == b"1"
    assert run_git(published, "remote") == b"" and run_git(published, "status", "--porcelain") == b""


def test_the_published_tree_and_its_history_hold_no_final_configuration(published, real_sources):
    """One commit, so the tree is the history; unreachable objects are looked for by the test above."""
    paths = [
        path for path in published.rglob("*") if path.is_file() and path.suffix in (".py", ".json", ".ipynb")
    ]
    assert len(paths) > 100
    assert leaked((str(path), path.read_text(encoding="utf-8")) for path in paths) == []
    assert not list(published.rglob("trial_class"))


def test_a_wheel_of_the_published_copy_holds_no_solution(published, secrets, tmp_path):
    building = tmp_path / "building"
    shutil.copytree(published, building)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=building,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        found = {name: hits for name in names if (hits := leaks(secrets, packed.read(name)))}
        texts = [
            (name, packed.read(name).decode("utf-8")) for name in names if name.endswith((".py", ".json"))
        ]
    assert found == {} and leaked(texts) == []
    assert "coursegrader/engine.py" in names and not [name for name in names if "coursestudies" in name]
    assert not [name for name in names if "solutions" in Path(name).parts]


def test_the_published_copy_releases_the_same(published, real_sources, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(published / "src")}
    for name in homework_names():
        out = tmp_path / name
        asked = command("release", name, "--out", out)
        done = subprocess.run(asked, cwd=published, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        written = sorted(out.iterdir())
        assert len(written) == 2
        for path in written:
            assert path.read_bytes() == (published / "book" / "homework" / path.name).read_bytes()


def test_nbgrader_accepts_the_source(real_sources, tmp_path):
    nbgrader = os.environ.get("COURSEKIT_NBGRADER") or shutil.which(
        "nbgrader", path=Path(sys.executable).parent
    )
    if not nbgrader:
        pytest.skip("nbgrader is not installed here; COURSEKIT_NBGRADER may name its executable")
    path = f"{Path(nbgrader).parent}{os.pathsep}{os.environ['PATH']}"  # it calls alembic by its name
    for name in homework_names():
        homework = load_homework(name)
        source = tmp_path / "source" / name / f"{homework.released}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(json.dumps(notebook_of(homework, solution=True)), encoding="utf-8")
        done = subprocess.run(
            [nbgrader, "generate_assignment", name, "--create", f"--course-dir={tmp_path}"],
            cwd=tmp_path,
            env=os.environ | {"HOME": str(tmp_path), "PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        released = json.loads((tmp_path / "release" / name / source.name).read_text(encoding="utf-8"))
        assert BEGIN in source.read_text(encoding="utf-8") and BEGIN not in json.dumps(released)
        found = {line.strip() for cell in released["cells"] for line in "".join(cell["source"]).splitlines()}
        given = {line.strip() for cell in homework.cells for line in cell.stub.splitlines()}
        solved = {line.strip() for cell in homework.cells for line in cell.source.splitlines()} - given
        assert len(solved) > 10 and found & solved == set()
        ids = {
            c["metadata"]["nbgrader"]["grade_id"] for c in released["cells"] if "nbgrader" in c["metadata"]
        }
        assert set(homework.stubs) <= ids
