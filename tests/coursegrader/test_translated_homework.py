"""A homework handed in from its translated notebook is worth what the English one is worth."""

import copy
import json

import nbformat
import pytest

from coursegrader.alignment import align
from coursegrader.definition import load_homework
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursegrader.intake import read_submission
from coursegrader.notebooks import prose_digest
from tools.project import ROOT, english_of, translations
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solved_notebook

HOMEWORKS = [path for path in translations() if english_of(path).parent.name == "homework"]
PAGES = pytest.mark.parametrize("prose", HOMEWORKS, ids=lambda path: f"{path.parent.name}/{path.stem}")


def notebook_at(path):
    return nbformat.read(path.with_suffix(".ipynb"), as_version=4)


def solved(prose):
    """The translated notebook, filled in by a student; and the English one."""
    name = notebook_at(prose)["metadata"]["coursekit"]["homework"]
    english, made = solved_notebook(name), copy.deepcopy(notebook_at(prose))
    for own, cell in zip(made["cells"], english["cells"], strict=True):
        if "task" in cell["metadata"].get("coursekit", {}):
            own["source"] = cell["source"]
    return name, made, english


@PAGES
def test_only_prose_differs(prose):
    ours, theirs = notebook_at(prose), notebook_at(english_of(prose))
    added = {"coursekit": theirs["metadata"]["coursekit"] | {"language": prose.parent.name}}
    assert ours["metadata"] == theirs["metadata"] | added
    for own, cell in zip(ours["cells"], theirs["cells"], strict=True):
        added = {"coursekit": {"prose": prose_digest(own["source"])}}
        assert own["metadata"] in (cell["metadata"], added)
        if cell["cell_type"] == "code" or cell["metadata"]:
            assert own["source"] == cell["source"]


@PAGES
def test_the_grader_finds_the_same_answers(prose, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    name, made, english = solved(prose)
    homework = load_homework(name)
    found = []
    for notebook in (notebook_at(prose), made, notebook_at(english_of(prose)), english):
        path = tmp_path / "one.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        submission = read_submission(path)
        assert submission.homework == homework.name
        assert submission.language == notebook_at(path)["metadata"]["coursekit"].get("language", "")
        given = [cell.stub for cell in homework.cells if not cell.task]
        found.append(align(homework.stubs, homework.task_kinds, submission.cells, given))
    assert found[:2] == found[2:]
    assert found[1].notes == () and found[1].extra == ()


@pytest.mark.sandbox
def test_the_same_work_gets_the_same_marks(reference, tmp_path):
    (prose,) = [path for path in HOMEWORKS if path.stem == "hw1_ag_news" and path.parent.name == "ru"]
    _, made, english = solved(prose)
    material = Material(english, members_of(reference), tmp_path, {})
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "english.zip").write_bytes(material.packed())
    (folder / "russian.zip").write_bytes(material.packed(made))
    theirs, ours = grade_folder(
        folder, "hw1", tmp_path / "out", Settings(seed=5, practice=True), jobs=1, progress=False
    )
    marks = [[(m.part, m.points, m.status) for m in one.marks] for one in (theirs, ours)]
    print(marks[1])
    assert marks[0] == marks[1] and ours.points >= 5
    assert (ours.status, ours.flags, ours.notes) == (theirs.status, theirs.flags, theirs.notes)
