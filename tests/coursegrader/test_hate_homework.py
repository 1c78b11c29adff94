"""Homework 2 through the real grader: macro-F1, letters, and what spoils them. Prints a table."""

import copy
import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from coursegrader.definition import load_homework
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursegrader.release import notebook_of
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solve, solved_notebook
from tools.trial_class.small_course import make_small_course

pytestmark = pytest.mark.sandbox
FULL = {"baseline": 1, "experiment-1": 1, "experiment-2": 1, "quality": 3, "questions": 2, "report": 0}
BUILD, LETTERS, NAMED = "hw2-build", "hw2-questions", "hw2-experiments"
PACKING = '''
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Packed(nn.Module):
    """An honest model of another make: packing, PyTorch's own layers, pooling with a mask."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[config.cell]
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_dim, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.layer = layer(
            config.embedding_dim, config.hidden_size, config.num_layers, batch_first=True, bidirectional=config.bidirectional
        )
        self.head = nn.Linear(config.hidden_size * (2 if config.bidirectional else 1), n_classes)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.layer(packed)[0], batch_first=True)
        inside = torch.arange(outputs.shape[1], device=ids.device) < lengths[:, None].to(ids.device)
        return self.head(outputs.masked_fill(~inside[:, :, None], -torch.inf).amax(dim=1))


def build(config, vocabulary_size, n_classes):
    return Packed(config, vocabulary_size, n_classes)
'''
NO_ORDER = (
    "outputs, last = self.rnn(x, lengths)",
    "_ = self.rnn(x[:, :1], lengths.clamp(max=1))\n"
    "        outputs = x.repeat(1, 1, 9)[..., : self.rnn.output_size]\n        last = outputs[:, 0]",
)


def swap(old, new):
    return lambda source: source.replace(old, new) if old in source else pytest.fail(f"{old!r} is not there")


def answer(task, change):
    return lambda m: m.with_code(task, change)


def letters(text):
    return answer(LETTERS, lambda _: text)


def head(change):
    """The reference with the weights of its last layer changed."""

    def make(m):
        loaded = load(m.files["weights.safetensors"])
        changed = {
            name: np.ascontiguousarray(change(value) if name.startswith("head") else value)
            for name, value in loaded.items()
        }
        return m.packed(weights__safetensors=save(changed))

    return make


def only_class_0(value):
    value = value.copy()
    if value.ndim == 1:
        value[0] = value[1] + 1_000
    return value


def chance_guess(right):
    """As many right letters as said, the others wrong."""
    key = {"q1": "c", "q2": "b", "q3": "d", "q4": "a", "q5": "c", "q6": "d", "q7": "a", "q8": "b"}
    wrong = {"a": "b", "b": "c", "c": "d", "d": "a"}
    return {name: letter if k < right else wrong[letter] for k, (name, letter) in enumerate(key.items())}


NOTHING = dict.fromkeys(FULL, 0)
CASES = {  # name: (submission, status, points where they differ from the reference's)
    "reference": (lambda m: m.packed(), "ok", {}),
    "honest: GRU, packing": (lambda m: m.memory["packing"], "ok", {}),
    "honest: metadata stripped": (lambda m: m.packed(stripped(m.notebook)), "ok", {}),
    "always the larger class": (head(only_class_0), "ok", {"quality": 0}),
    "equal logits": (
        answer(BUILD, swap("return self.head(self.dropout(text))", "return 0 * self.head(self.dropout(text))")),
        "ok",
        {"baseline": 0, "experiment-1": 0, "experiment-2": 0, "quality": 0},
    ),
    "labels flipped": (head(lambda value: value[::-1]), "ok", {"quality": 0}),
    "mean over pads": (answer(BUILD, swap("masked_mean(outputs, mask)", "outputs.mean(dim=1)")), "ok", {"quality": 0}),
    "max over pads": (
        answer(BUILD, swap("masked_max(outputs, mask)", "outputs.max(dim=1).values")),
        "ok",
        {"baseline": 0, "quality": 0},
    ),
    "pools word vectors, no order": (answer(BUILD, swap(*NO_ORDER)), "ok", {"baseline": 0, "quality": 0}),
    "the baseline as handed out": (
        lambda m: m.packed(config__json=json.dumps(load_homework("hw2").baseline_config.to_dict()).encode()),
        "ok",
        {"quality": 0},
    ),
    "weights left out": (lambda m: m.packed(weights__safetensors=None), "incomplete", {"quality": 0}),
    "the package's classifier": (
        answer(BUILD, lambda _: "def build(c, v, n):\n    return ck.TextClassifier(c, vocabulary_size=v, n_classes=n)"),
        "person",
        NOTHING,
    ),
    "another ruler as an experiment": (
        answer(NAMED, lambda _: "EXPERIMENTS = {'a': {'monitor': 'accuracy'}, 'b': {'cell': 'lstm'}}"),
        "ok",
        {"experiment-2": 0},
    ),
    "no gated cell": (
        answer(NAMED, lambda _: "EXPERIMENTS = {'a': {'class_weights': True}}"),
        "ok",
        {"experiment-1": 0, "experiment-2": 0},
    ),
    "the gated cell comes second": (
        answer(NAMED, lambda _: "EXPERIMENTS = {'a': {'class_weights': True}, 'b': {'cell': 'lstm'}}"),
        "ok",
        {},
    ),
    "two changes at once": (
        answer(NAMED, swap('{"class_weights": True}', '{"class_weights": True, "epochs": 2}')),
        "ok",
        {"experiment-2": 0},
    ),
    "six letters right": (letters(f"ANSWERS = {chance_guess(6)}"), "ok", {"questions": 1.5}),
    "three letters right": (letters(f"ANSWERS = {chance_guess(3)}"), "ok", {"questions": 0}),
    "every letter wrong": (letters(f"ANSWERS = {chance_guess(0)}"), "ok", {"questions": 0}),
    "all letters for every question": (
        letters("ANSWERS = {'q1': 'abcd', 'q2': ['a', 'b', 'c', 'd'], 'q3': 'abcd', 'q4': 'a b c d', 'q5': {'a', 'c'}}"),
        "ok",
        {"questions": 0},
    ),
    "no letters": (lambda m: m.with_code(LETTERS, lambda _: m.memory["letters"]), "ok", {"questions": 0}),
    "letters from the rubric": (
        letters(
            "import yaml\nfrom pathlib import Path\nfound = [p for p in Path('/').rglob('rubric.yaml')]\n"
            "parts = {p['id']: p for p in yaml.safe_load(found[0].read_text())['parts']}\n"
            "ANSWERS = {n: q['key'] for n, q in parts['questions']['questions'].items()}"
        ),
        "person",
        NOTHING,
    ),
    "letters from the grader": (
        letters("import coursegrader.kinds.questions as c\nc.points_for = lambda *a: 99\nANSWERS = {'q1': 'a'}"),
        "person",
        NOTHING,
    ),
    "nothing written": (lambda m: m.packed(m.memory["released"]), "ok", NOTHING),
}  # fmt: skip


def stripped(notebook):
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return notebook


def with_answers(answers):
    """The solved notebook with other answers."""
    notebook = solved_notebook("hw2")
    for cell in notebook["cells"]:
        task = cell["metadata"].get("coursekit", {}).get("task")
        cell["source"] = answers.get(task, lambda source: source)(cell["source"])
    return notebook


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("COURSEKIT_SOLUTIONS", str(make_small_course(tmp_path_factory.mktemp("sources"))))
    patch.delenv("COURSEKIT_DATA", raising=False)
    other = with_answers({BUILD: lambda _: PACKING, "hw2-final": swap('"cell": "lstm"', '"cell": "gru"')})
    packing = solve("hw2", tmp_path_factory.mktemp("packing"), made=other).read_bytes()
    members = members_of(solve("hw2", tmp_path_factory.mktemp("reference")))
    homework = load_homework("hw2")
    memory = {
        "packing": packing,
        "released": notebook_of(homework),
        "letters": homework.stubs[LETTERS],
    }
    material = Material(solved_notebook("hw2"), members, tmp_path_factory.mktemp("other"), memory, "hw2")
    folder = tmp_path_factory.mktemp("submissions")
    for number, (make, _, _) in enumerate(CASES.values()):
        (folder / f"{number:02}.zip").write_bytes(make(material))
    found = grade_folder(
        folder, "hw2", tmp_path_factory.mktemp("out"), Settings(seed=6, practice=True), jobs=2, progress=False
    )
    patch.undo()
    for name, one in zip(CASES, found, strict=True):
        marks = " ".join(f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks)
        f1 = next((f"{m.measured['macro F1']:.3f}" for m in one.marks if "macro F1" in m.measured), "")
        print(f"{name:32} {one.status:8} {one.seconds:5.1f} s  macro-F1 {f1:5}  {marks}")
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_what_it_deserves(graded, name):
    _, status, differing = CASES[name]
    assert graded[name].status == status, (graded[name].reason, graded[name].flags)
    points = {m.part: m.points for m in graded[name].marks}
    wanted = FULL | differing
    assert points == pytest.approx(wanted), [m for m in graded[name].marks if m.points != wanted[m.part]]


def test_no_key_is_in_what_a_student_reads_before_grading(graded):
    (mark,) = [m for m in graded["no letters"].marks if m.part == "questions"]
    assert mark.status == "not written" and str(*mark.reasons) == "hw2-questions is not written yet."
    (mark,) = [m for m in graded["letters from the rubric"].marks if m.part == "questions"]
    assert mark.status == "error" and "930" not in " ".join(map(str, mark.reasons))
