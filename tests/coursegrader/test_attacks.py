"""The attack set: no undeserved point, no crash, no honest submission that loses points. Prints a table."""

import json

import pytest

from coursegrader import sandbox
from coursegrader.definition import load_homework
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from tools.trial_class.attacks import ALL, CASES, Material, write
from tools.trial_class.reference import members_of, memory_of, solved_notebook

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def graded(reference, tmp_path_factory):
    """Every case, graded in one run, two at a time."""
    files, folder = members_of(reference), tmp_path_factory.mktemp("submissions")
    other, memory = tmp_path_factory.mktemp("other"), memory_of(files)
    material = Material(solved_notebook("hw1"), files, other, memory)
    paths = [write(case, material, folder) for case in CASES]
    found = grade_folder(
        folder, "hw1", tmp_path_factory.mktemp("out"), Settings(seed=5, practice=True), jobs=2, progress=False
    )
    assert len(found) == len(paths) == len(CASES)
    by_case = dict(zip([case.name for case in CASES], found, strict=True))
    for name, one in by_case.items():
        marks = " ".join(f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks)
        print(f"{name:40} {one.status:10} {one.seconds:5.1f} s  {marks}  {str(one.reason)[:60]}")
    return by_case


def test_the_sandbox_is_one():
    assert sandbox.backend() != "plain", sandbox.BACKENDS["plain"].warning


# What has to be survived, in the words of the cases; see the threat model.
SURVIVED = (
    "truncated; empty; not JSON; a JSON list; zero cells; symlink; zip bomb; two notebooks; another homework; cp1251; UTF-16; "
    "byte order mark; CRLF; format 3; no ids; equal ids; the stub beside the answer; deleted test cells; flipped metadata; "
    "metadata stripped; 80 MB of outputs; saved by Colab; emoji; renamed; prints an accuracy; endless loop; swallowed interrupt; "
    "endless output; 6 GB; kills its kernel; exits; forks and detaches; calls the network; "
    "overwrites evaluate and the test cell; overwrites float; overwrites syntax tree transformers; "
    "writes its own report; replaces the probes; looks for labels; writes outside; "
    "NaN; bools; strings; wrong length; mean over pads; output[:, -1]; shuffled labels; a constant class; "
    "two labels made one; memoriser; reads no order; a pickle for weights; a pipe; half an emoji; a zip of thousands; a huge hole"
).split("; ")


def test_every_kind_of_trouble_has_its_case():
    assert [name for name in SURVIVED if name not in {case.name for case in CASES}] == []


@pytest.mark.parametrize("case", [c for c in CASES if c.most and c.most != ALL], ids=lambda case: case.name)
def test_what_a_case_does_not_spoil_is_given_or_held(graded, case):
    """Without this, a grader that gives nobody anything would pass."""
    kept = {m.part: m.points or m.measured.get("points on hold", 0) for m in graded[case.name].marks}
    assert sum(kept[part] for part in case.most) > 0, graded[case.name].marks


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


def test_there_are_enough_of_them_and_none_gets_a_point_that_it_does_not_deserve(graded):
    undeserved = [
        (case.name, mark.part)
        for case in CASES
        for mark in graded[case.name].marks
        if mark.points and mark.part not in case.most
    ]
    print(f"{len(CASES)} cases, {len(undeserved)} undeserved marks")
    assert undeserved == [] and len(CASES) >= 110


def test_who_knows_the_test_texts_is_seen_to_know_them(graded):
    """Each gate by itself: the points of a memoriser do not hang on one of them."""
    for name in (
        "memoriser of the nearest text",
        "memoriser behind a recurrent layer",
        "memoriser that errs on purpose",
    ):
        (mark,) = [m for m in graded[name].marks if m.part == "quality"]
        assert mark.measured["known beyond noise"] > 0.1, name
    (mark,) = [m for m in graded["reference"].marks if m.part == "quality"]
    assert mark.measured["known beyond noise"] < 0 and mark.measured["fall without recurrence"] > 0.2


def test_code_that_breaks_is_never_settled_in_silence(graded):
    broken = ("endless loop", "a syntax error", "exits", "6 GB", "endless output", "kills its kernel")
    assert {name: graded[name].status for name in broken} == dict.fromkeys(broken, "person")


def test_nothing_of_the_grader_is_in_what_a_student_reads(graded):
    said = json.dumps([one.to_dict() for one in graded.values()], ensure_ascii=False)
    assert "/tmp/" not in said and "coursekit-job" not in said


def test_every_part_is_named_in_the_cases():
    assert ALL == {part.id for part in load_homework("hw1").parts if part.kind != "manual"}
