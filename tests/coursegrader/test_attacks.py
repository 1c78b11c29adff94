"""The attack set: no undeserved point, no crash, no honest submission that loses points. Prints a table."""

import json
import zipfile

import pytest

from coursegrader import sandbox
from coursegrader.definition import load_homework
from coursegrader.engine import Settings, grade_folder
from coursegrader.marking import read_model
from coursegrader.release import notebook_of
from coursekit.batching import Encoder
from coursekit.data import load
from tests.coursegrader.attacks import ALL, CASES, Material, write
from tests.coursegrader.reference import solved_notebook

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def graded(reference, tmp_path_factory):
    """Every case, graded in one run, two at a time."""
    with zipfile.ZipFile(reference) as packed:
        files = {name: packed.read(name) for name in packed.namelist() if not name.endswith(".ipynb")}
    config, vocabulary, _ = read_model(files)
    corpus = load("ag_news", quiet=True)
    memory = {
        "ids": Encoder(config, vocabulary).encode(corpus.test.texts),
        "labels": list(corpus.test.labels),
        "classes": len(corpus.label_names),
        "released": notebook_of(load_homework("hw1")),
    }
    folder = tmp_path_factory.mktemp("submissions")
    material = Material(solved_notebook("hw1"), files, tmp_path_factory.mktemp("other"), memory)
    paths = [write(case, material, folder) for case in CASES]
    found = grade_folder(
        folder, "hw1", tmp_path_factory.mktemp("out"), Settings(seed=5), jobs=2, progress=False
    )
    assert len(found) == len(paths) == len(CASES)
    by_case = dict(zip([case.name for case in CASES], found, strict=True))
    for name, one in by_case.items():
        marks = " ".join(f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks)
        print(f"{name:40} {one.status:10} {one.seconds:5.1f} s  {marks}  {one.reason[:60]}")
    return by_case


def test_the_sandbox_is_one():
    assert sandbox.backend() == "namespaces", sandbox.warning("plain")


def test_there_are_enough_cases():
    assert len(CASES) >= 45


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_submission_gets_what_it_deserves(graded, case):
    found = graded[case.name]
    assert found.status in case.status, found.reason
    points = {m.part: m.points for m in found.marks}
    most = {m.part: m.most for m in found.marks}
    undeserved = {part: p for part, p in points.items() if p and part not in case.most}
    assert undeserved == {}
    lost = {part: points[part] for part in case.least if points[part] < most[part]}
    assert lost == {}, [m.reasons for m in found.marks]
    assert points["report"] == 0


def test_nothing_of_the_grader_is_in_what_a_student_reads(graded):
    said = json.dumps([one.to_dict() for one in graded.values()], ensure_ascii=False)
    assert "/tmp/" not in said and "coursekit-job" not in said


def test_every_part_is_named_in_the_cases():
    assert ALL == {part.id for part in load_homework("hw1").parts if part.kind != "manual"}
