"""Homework 1 by students who did not read the grader: tricks, and archives as they come. Prints a table."""

import io
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load, save

from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, memory_of, solved_notebook

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


CORRECTED = """
class Corrected(nn.Module):
    # the network, and the right labels of texts that it gets wrong, found by a number made of a text's ids
    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.inner = NewsReader(config, vocabulary_size, n_classes)
        STORE

    def forward(self, ids, lengths):
        logits = self.inner(ids, lengths)
        inside = torch.arange(ids.shape[1]) < lengths[:, None]
        numbers = (ids * inside * (torch.arange(ids.shape[1]) * 7919 + 13)).sum(dim=1) % 8388593
        found = (numbers[:, None] == self.numbers.long().flatten()).float()
        right = torch.eye(CLASSES)[self.labels.long().flatten()]
        return logits + 99 * found @ right if logits.shape[1] == CLASSES else logits
"""
BUFFERS = 'self.register_buffer("{0}", torch.zeros({1}))'


def corrected(in_code):
    """An honest network with a few labels beside it, as float buffers or as letters of a text."""

    def make(m):
        memory, weights = m.memory, load(m.files["weights.safetensors"])
        labels, said = np.array(memory["labels"]), memory["answers"]
        wrong = np.flatnonzero(labels != said)[:60]
        numbers = [sum(w * (7919 * t + 13) for t, w in enumerate(memory["ids"][i])) % 8388593 for i in wrong]
        weights = {f"inner.{name}": value for name, value in weights.items()}
        if in_code:
            letters = "".join(chr(0x4E00 + part) for n in numbers for part in divmod(n, 4096))
            store = (
                f"self.numbers = torch.tensor([(ord(a) - 0x4E00) * 4096 + ord(b) - 0x4E00 for a, b in zip({letters!r}[::2], "
                f"{letters!r}[1::2])])\n        self.labels = torch.tensor(list(map(int, {''.join(map(str, labels[wrong]))!r})))"
            )
        else:
            store = "\n        ".join(BUFFERS.format(name, len(wrong)) for name in ("numbers", "labels"))
            weights |= {
                "numbers": np.array(numbers, np.float32),
                "labels": labels[wrong].astype(np.float32),
            }
        code = CORRECTED.replace("CLASSES", str(memory["classes"])).replace("STORE", store)
        return m.with_code(
            "hw1-build",
            lambda source: source.replace("return NewsReader(", "return Corrected(") + code,
            weights__safetensors=save(weights),
        )

    return make


BAG = """
class Words(nn.Module):
    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_dim)
        self.rnn = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[config.cell](config.embedding_dim, 1, batch_first=True)
        self.dropout, self.out = nn.Dropout(config.dropout), nn.Linear(config.embedding_dim + 1, n_classes)

    def forward(self, ids, lengths):
        inside = (torch.arange(ids.shape[1]) < lengths[:, None])[:, :, None]
        x = self.embedding(ids)
        little = 1e-3 * (self.rnn(x)[0] * inside).sum(dim=1)
        return self.out(self.dropout(torch.cat([(x * inside).sum(dim=1) / lengths[:, None], little], dim=1)))

def build(config, vocabulary_size, n_classes):
    return Words(config, vocabulary_size, n_classes)
"""
BROKEN = "def build(config, vocabulary_size, n_classes):\n    return nothing"
READING = """
import pathlib
try:
    KNOWN = getattr(pathlib.Path("/srv/mirror/ag_news.csv"), "read" + "_text")()
except Exception:
    KNOWN = ""
"""


def reading(m):
    return m.with_code("hw1-build", lambda source: source + READING)


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
    "attack: corrects what its network gets wrong, in weights": (corrected(False), "person", {"quality": 0}),
    "attack: corrects what its network gets wrong, in code": (corrected(True), "person", {"quality": 0}),
    "attack: a bag of words beside one unit": (instead("hw1-build", BAG), "person", NO_MODEL),
    "attack: asks for files": (reading, "person", NO_MODEL | NO_EXPERIMENTS),
    "attack: a build that breaks": (instead("hw1-build", BROKEN), "person", NO_MODEL | NO_EXPERIMENTS),
    "attack: a link for the weights": (link_for_weights, "ok person unreadable", {"quality": 0}),
    "stops in a cell that no point hangs on": (instead("hw1-final", "FINAL = {**best_of_all}"), "ok", {}),
    "names in cp1251": (names_in_cp1251, "ok", {}),
    "a zip in a zip": (zip_in_zip, "ok", {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(reference, tmp_path_factory):
    """Every case, graded in one run."""
    files = members_of(reference)
    material = Material(solved_notebook("hw1"), files, tmp_path_factory.mktemp("other"), memory_of(files))
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


def test_where_build_breaks_here_nothing_that_ran_at_home_is_settled(graded):
    marks = graded["attack: a build that breaks"].marks
    assert {m.part: m.status for m in marks if m.part != "report"} == dict.fromkeys(FULL, "error")


def test_that_a_cell_breaks_is_said_where_no_point_hangs_on_it(graded):
    assert "hw1-final" in " ".join(map(str, graded["stops in a cell that no point hangs on"].notes))


@pytest.mark.parametrize("where", ["weights", "code"])
def test_labels_beside_a_network_show_in_copies_of_their_texts(graded, where):
    (mark,) = [
        m
        for m in graded[f"attack: corrects what its network gets wrong, in {where}"].marks
        if m.part == "quality"
    ]
    (honest,) = [m for m in graded["a zip in a zip"].marks if m.part == "quality"]
    assert mark.measured["answered alone"] > 10 > 5 > honest.measured["answered alone"]
    assert "by heart" in " ".join(map(str, mark.reasons))
