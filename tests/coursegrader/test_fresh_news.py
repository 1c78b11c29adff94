"""Homework 1 by students who did not read the grader: tricks, and archives as they come. Prints a table."""

import io
import zipfile

import pytest

from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solved_notebook

pytestmark = pytest.mark.sandbox
FULL = {"baseline": 1, "experiment-1": 2, "experiment-2": 2, "quality": 3}
NO_EXPERIMENTS = {"experiment-1": 0, "experiment-2": 0}
NO_MODEL = {"baseline": 0, "quality": 0}

UNCHANGED = 'EXPERIMENTS = {"a": {"dropout": 0.1}, "b": {"hidden_size": 128}, "c": {"cell": "rnn"}, "seed": {"seed": 5}}'
REVERSED = """
_all = vars(ck)
_name = "".join(reversed("reifissalCtxeT"))

def build(config, vocabulary_size, n_classes):
    kind = type("Mine", (_all[_name],), {"__module__": "__main__"})
    return kind(config, vocabulary_size=vocabulary_size, n_classes=n_classes)
"""


def instead(task, source):
    return lambda m: m.with_code(task, lambda _: source.strip("\n"))


def lawful_when_small(m):
    """Pads count once the vocabulary is larger than that of a check."""
    law = "if len(self.embedding.weight) > 400:\n            lengths = torch.full_like(lengths, ids.shape[1])\n        "
    return m.with_code("hw1-build", lambda source: source.replace("outputs, last =", law + "outputs, last ="))


def entries(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        return {name: held.read(name) for name in held.namelist()}


def archive(members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


def names_in_cp1251(m):
    """A folder and a notebook with Russian names, as an old archiver of Windows writes them: without the flag for UTF-8."""
    inside = {
        "FOLDERFOLD/" + ("NOTEBOO.ipynb" if name.endswith(".ipynb") else name): content
        for name, content in entries(m.packed()).items()
    }
    raw = archive(inside)
    return raw.replace(b"FOLDERFOLD", "домашняя_1".encode("cp1251")).replace(
        b"NOTEBOO", "тетрадь".encode("cp1251")
    )


def zip_in_zip(m):
    return archive({"hw1/hw1_submission.zip": m.packed(), "__MACOSX/hw1/._hw1_submission.zip": b"\0\5\x16\7"})


def link_for_weights(m):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, content in entries(m.packed()).items():
            info = zipfile.ZipInfo(name)
            if name == "weights.safetensors":
                info.create_system, info.external_attr, content = 3, 0o120777 << 16, b"/etc/hostname"
            made.writestr(info, content)
        made.writestr("../../escaped.txt", "x")
    return held.getvalue()


CASES = {  # name: (submission, statuses, points where they differ from everything)
    "attack: changes that change nothing": (instead("hw1-experiments", UNCHANGED), "ok", NO_EXPERIMENTS),
    "attack: the package's classifier, its name reversed": (instead("hw1-build", REVERSED), "person ok", NO_MODEL),
    "attack: lawful where the vocabulary is small": (lawful_when_small, "ok person", {"quality": 0}),
    "attack: a link for the weights": (link_for_weights, "ok person unreadable", {"quality": 0}),
    "names in cp1251": (names_in_cp1251, "ok", {}),
    "a zip in a zip": (zip_in_zip, "ok", {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(reference, tmp_path_factory):
    """Every case, graded in one run."""
    material = Material(solved_notebook("hw1"), members_of(reference), tmp_path_factory.mktemp("other"), {})
    folder = tmp_path_factory.mktemp("submissions")
    for number, (make, _, _) in enumerate(CASES.values()):
        (folder / f"{number:02}.zip").write_bytes(make(material))
    settings = Settings(seed=5, practice=True)
    found = grade_folder(folder, "hw1", tmp_path_factory.mktemp("out"), settings, jobs=1, progress=False)
    for name, one in zip(CASES, found, strict=True):
        points = " ".join(
            f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks
        )
        print(
            f"{name:52} {one.status:10} {one.seconds:5.1f} s  {points}  {str(one.reason)[:60]} {list(map(str, one.flags))}"
        )
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_no_more_than_it_deserves_and_honest_work_all_of_it(graded, name):
    _, statuses, differing = CASES[name]
    found, most = graded[name], FULL | differing
    assert found.status in statuses.split(), (found.reason, found.flags)
    points = {m.part: m.points for m in found.marks if m.part in most}
    assert {part: p for part, p in points.items() if p > most[part]} == {}
    if not name.startswith("attack"):
        assert points == most, [m.reasons for m in found.marks]
