"""The honest set: no honest submission loses a point, and few wait for a person. Prints a table."""

import json
import threading
from collections import defaultdict

import pytest

from coursegrader import engine
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursegrader.intake import read_submission
from tools.trial_class.attacks import Material
from tools.trial_class.honest import CONTAINERS, FULL, HONEST
from tools.trial_class.reference import members_of, solved_notebook
from tools.trial_class.small_course import make_small_course

pytestmark = pytest.mark.sandbox
SMOKE = "{rows: 60, epochs: 1, accuracy: 0.01}"  # what is tried here is reading, not learning
MOST_HELD = 0.05


@pytest.fixture(scope="module")
def graded(reference, tmp_path_factory):
    """Every submission, graded in one run; a job that is the same to the letter is run once."""
    patch = pytest.MonkeyPatch()
    small = make_small_course(tmp_path_factory.mktemp("sources"), smoke=SMOKE)
    patch.setenv("COURSEKIT_SOLUTIONS", str(small))
    outcomes, locks, run_job = {}, defaultdict(threading.Lock), engine.run_job

    def once(cells, request, room, **how):
        key = json.dumps([list(cells), request.probes])
        with locks[key]:
            if key not in outcomes:
                outcomes[key] = run_job(cells, request, room, **how)
        return outcomes[key]

    patch.setattr(engine, "run_job", once)
    folder = tmp_path_factory.mktemp("submissions")
    material = Material(solved_notebook("hw1"), members_of(reference), tmp_path_factory.mktemp("other"), {})
    for number, one in enumerate(HONEST):
        (folder / f"{number:03}").mkdir()
        name, raw = one.make(material)
        (folder / f"{number:03}" / name).write_bytes(raw)
    settings = Settings(seed=8, practice=True, test_texts=150)
    found = grade_folder(folder, "hw1", tmp_path_factory.mktemp("out"), settings, jobs=2, progress=False)
    patch.undo()
    assert len(found) == len(HONEST)
    for one, g in zip(HONEST, found, strict=True):
        marks = " ".join(f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in g.marks)
        print(
            f"{one.name:60} {g.status:8} {g.seconds:5.1f} s  {marks}  {str(g.reason)[:60]} {list(map(str, g.flags))}"
        )
    print(
        f"{len(found)} submissions, {len(outcomes)} different jobs, {lost_points(found):g} points lost, {len(held(found))} held"
    )
    return found


def lost_points(found):
    """Points that neither stand nor wait."""
    return sum(
        max(0, wanted - kept(g).get(part, 0))
        for one, g in zip(HONEST, found, strict=True)
        for part, wanted in one.points.items()
    )


def kept(graded):
    return {m.part: m.points or m.measured.get("points on hold", 0) for m in graded.marks}


def held(found):
    return [one.name for one, g in zip(HONEST, found, strict=True) if g.status != "ok"]


def test_there_are_enough_of_them():
    assert len(HONEST) >= 80 and sum(FULL.values()) == 8


@pytest.mark.parametrize("number", range(len(HONEST)), ids=[one.name for one in HONEST])
def test_an_honest_submission_gets_its_marks(graded, number):
    one, found = HONEST[number], graded[number]
    points = kept(found) if one.held else {m.part: m.points for m in found.marks}
    assert {part: points[part] for part in one.points} == one.points, [m.reasons for m in found.marks]
    assert one.held or found.status == "ok", (found.reason, found.flags)


def test_none_loses_a_point_and_few_are_held(graded):
    assert lost_points(graded) == 0
    assert len(held(graded)) <= MOST_HELD * len(graded), held(graded)


def test_all_that_was_written_is_shown_to_the_person_who_marks(graded):
    for one, found in zip(HONEST, graded, strict=True):
        assert "Отчёт готов" in found.texts["hw1-report"] or "cp1251" in one.name, one.name


def as_read(raw, folder):
    path = folder / "hw1.zip"
    path.write_bytes(raw)
    found = read_submission(path)
    return found.cells, {n: b for n, b in found.attachments.items() if n.endswith((".json", ".safetensors"))}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_read_as_the_packed_file_is(name, reference, tmp_path):
    material = Material(solved_notebook("hw1"), members_of(reference), tmp_path, {})
    wanted = as_read(material.packed(), tmp_path)
    assert as_read(CONTAINERS[name](material), tmp_path) == wanted
