"""Homework 4 through the real grader: steps, classifiers, sweeps and letters, and what spoils them. Prints a table."""

import json

import pytest
import torch

from coursegrader.asking import Request
from coursegrader.definition import load_homework
from coursegrader.engine import mark_part
from coursegrader.evidence import Evidence
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursegrader.jobs import Outcome
from coursegrader.kinds import kind_of
from coursegrader.release import notebook_of
from coursegrader.sandboxes.job import Ended
from coursekit.data import load
from coursekit.training import Config
from tools.project import ROOT
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solve, solved_notebook

HAND = {"sanity", "report", "curve"}
PACKED = "pack_padded_sequence(self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)"


def full_of(homework):
    return {part.id: 0 if part.id in HAND else part.points for part in homework.parts}


def swap(*pairs):
    def change(source):
        for old, new in pairs:
            assert old in source, f"{old!r} is not there"
            source = source.replace(old, new)
        return source

    return change


def answer(task, *pairs):
    return lambda m: m.with_code(task, swap(*pairs))


def instead(task, source):
    return lambda m: m.with_code(task, lambda _: source)


def forward(task, state, new):
    """The classifier of a task with another way from the layer's outputs to the text."""
    return answer(
        task,
        (f"packed = {PACKED}\n        ", ""),
        (f"{state} = self.layer(packed)", "outputs, _ = self.layer(self.embedding(ids))"),
        ("self.dropout(h[-1])", f"self.dropout({new})"),
    )


def forged_optimiser(m):
    """Packed results of an RMSprop that was Adagrad."""
    return m.with_code("hw4-optimisers", swap(('{"optimiser": "rmsprop"}', '{"optimiser": "adagrad"}')))


def more_trials(m):
    trials = ", ".join(f"'t{k}': {{'embedding_dim': {k + 2}, 'hidden_size': {k + 3}}}" for k in range(13))
    return m.with_code("hw4-compound", lambda _: f"COMPOUND = {{{trials}}}")


GATHERED = "x = outputs[torch.arange(len(ids)), lengths - 1]\n        return self.head(self.dropout(x))"
CASES = {  # name: (submission, status, points where they differ from the reference's)
    "reference": (lambda m: m.packed(), "ok", {}),
    "honest: padded pass and gather": (
        answer(
            "hw4-lstm",
            (f"packed = {PACKED}\n        _, (h, _) = self.layer(packed)", "outputs, _ = self.layer(self.embedding(ids))"),
            ("return self.head(self.dropout(h[-1]))", GATHERED),
        ),
        "ok",
        {},
    ),
    "a leak in the split": (answer("hw4-split", ('" ".join(text.lower().split())', "i")), "ok", {"split": 0}),
    "not by class": (answer("hw4-split", ("if labels[places[0]] == label", "if label == 0")), "ok", {"split": 0}),
    "cut without shuffling": (answer("hw4-split", ("draw.shuffle(groups)", "pass")), "ok", {"split": 0}),
    "the seed is not used": (answer("hw4-split", ("random.Random(seed)", "random")), "ok", {"split": 0}),
    "marks stay in the words": (answer("hw4-tokenise", ("""re.findall(r"[^\\W_]+(?:'[^\\W_]+)*", """, "("), ('" "))', '" ")).split()')), "ok", {"tokenise": 0}),
    "vocabulary from all texts": (answer("hw4-vocabulary", ("for i in train for word in tokens[i]", "for row in tokens for word in row")), "ok", {"vocabulary": 0}),
    "unknown words dropped": (
        answer("hw4-vocabulary", ("[vocabulary.get(word, vocabulary[\"<unk>\"]) for word in words]", "[vocabulary[word] for word in words if word in vocabulary]")),
        "ok",
        {"vocabulary": 0},
    ),
    "lengths before the cut": (answer("hw4-dataset", ("len(self.rows[i])", "len(self.rows[i]) + 1")), "ok", {"dataset": 0}),
    "padded to a fixed width": (
        answer("hw4-collate", ("pad_sequence(rows, batch_first=True)", "nn.functional.pad(pad_sequence(rows, batch_first=True), (0, 5))")),
        "ok",
        {"collate": 0},
    ),
    "batch sorted by length": (answer("hw4-collate", ("zip(*items, strict=True)", "zip(*sorted(items, key=lambda item: -item[1]), strict=True)")), "ok", {"collate": 0}),
    "output[:, -1]": (forward("hw4-lstm", "_, (h, _)", "outputs[:, -1]"), "ok", {"lstm": 0}),
    "mean over pads": (forward("hw4-gru", "_, h", "outputs.mean(dim=1)"), "ok", {"gru": 0}),
    "a GRU called LSTM": (
        answer("hw4-lstm", ("nn.LSTM(", "nn.GRU("), ("_, (h, _) =", "_, h =")),
        "ok",
        {"lstm": 0},
    ),
    "the cell is not used": (answer("hw4-gru", ("self.dropout(h[-1])", "self.dropout(0 * h[-1])")), "ok", {"gru": 0}),
    "no dropout": (answer("hw4-lstm", ("nn.Dropout(config.dropout)", "nn.Identity()")), "ok", {"lstm": 8}),
    "half of two directions": (
        answer(
            "hw4-two-ways",
            ("_, (h, _) = self.layer(packed)", "outputs, _ = nn.utils.rnn.pad_packed_sequence(self.layer(packed)[0], batch_first=True)"),
            ("torch.cat([h[-2], h[-1]], dim=1)", "outputs[torch.arange(len(ids)), lengths - 1]"),
        ),
        "ok",
        {"two-ways": 0},
    ),
    "two fields changed": (answer("hw4-depth", ('{"num_layers": n}', '{"num_layers": n, "hidden_size": 8 * n}')), "ok", {"depth": 0}),
    "one of two changes two": (instead("hw4-width", "WIDTH = {'a': {'hidden_size': 8}, 'b': {'hidden_size': 96, 'epochs': 1}}"), "ok", {"width": 2.5}),
    "an optimiser renamed": (forged_optimiser, "ok", {"optimisers": 2.5}),
    "the same width twice": (instead("hw4-width", "WIDTH = {'a': {'hidden_size': 8}, 'b': {'hidden_size': 8}}"), "ok", {"width": 2.5}),
    "a size that was never run": (instead("hw4-embedding", "EMBEDDING = {'a': {'embedding_dim': 1}, 'b': {'embedding_dim': 77}}"), "ok", {"embedding": 2.5}),
    "thirteen trials": (more_trials, "ok", {"compound": 0}),
    "results left out": (lambda m: m.packed(results__json=b"{}"), "ok", dict.fromkeys(("optimisers", "depth", "width", "embedding", "compound"), 0)),
    "eight letters right": (answer("hw4-questions", ('"q1": "t"', '"q1": "f"'), ('"q2": "f"', '"q2": "t"')), "ok", {"questions": 24}),
    "all true": (instead("hw4-questions", "ANSWERS = {f'q{k}': 't' for k in range(1, 11)}"), "ok", {"questions": 0}),
    "all true, written out": (instead("hw4-questions", "ANSWERS = {" + ", ".join(f"'q{k}': 't'" for k in range(1, 11)) + "}"), "ok", {"questions": 0}),
    "the package's own layer": (
        answer("hw4-lstm", ("nn.LSTM(config.embedding_dim, config.hidden_size, config.num_layers, batch_first=True)", "ck.LengthAwareRNN('lstm', config.embedding_dim, config.hidden_size)")),
        "person",
        None,
    ),
    "no bonus": (lambda m: m.memory["no bonus"], "ok", dict.fromkeys(("compound", "two-ways"), 0)),
    "nothing written": (lambda m: m.packed(m.memory["released"]), "ok", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    patch.setenv("COURSEKIT_BUDGET", "smoke")
    homework = load_homework("hw4")
    members = members_of(solve("hw4", tmp_path_factory.mktemp("reference"), budget="smoke"))
    bare = solved_notebook("hw4")
    for cell in bare["cells"]:
        task = cell["metadata"].get("coursekit", {}).get("task")
        if task in ("hw4-compound", "hw4-two-ways"):
            cell["source"] = homework.stubs[task]
    bare_pack = solve("hw4", tmp_path_factory.mktemp("bare"), budget="smoke", made=bare).read_bytes()
    memory = {"released": notebook_of(homework), "no bonus": bare_pack}
    material = Material(solved_notebook("hw4"), members, tmp_path_factory.mktemp("other"), memory, "hw4")
    folder = tmp_path_factory.mktemp("submissions")
    for number, (make, _, _) in enumerate(CASES.values()):
        (folder / f"{number:02}.zip").write_bytes(make(material))
    out = tmp_path_factory.mktemp("out")
    found = grade_folder(folder, "hw4", out, Settings(seed=8, practice=True), jobs=1, progress=False)
    patch.undo()
    wanted = full_of(homework)
    for name, one in zip(CASES, found, strict=True):
        lost = [f"{m.part} {m.points:g}" for m in one.marks if m.points != wanted[m.part]]
        total = sum(m.points for m in one.marks)
        print(f"{name:32} {one.status:8} {one.seconds:5.1f} s  {total:6g}  {', '.join(lost)}")
    return dict(zip(CASES, found, strict=True))


@pytest.mark.sandbox
@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_what_it_deserves(graded, name, monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    _, status, differing = CASES[name]
    assert graded[name].status == status, (graded[name].reason, graded[name].flags)
    points = {m.part: m.points for m in graded[name].marks}
    wanted = full_of(load_homework("hw4")) | differing if differing is not None else dict.fromkeys(points, 0)
    assert points == pytest.approx(wanted), [m for m in graded[name].marks if m.points != wanted[m.part]]


def test_the_points_are_those_of_the_published_homework(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    homework = load_homework("hw4")
    points = {part.id: part.points for part in homework.parts}
    lab_2 = ("optimisers", "depth", "width", "embedding", "report")
    bonus = ("curve", "compound", "two-ways")
    assert points["questions"] == 30 and all(points[part] == 5 for part in (*lab_2, *bonus))
    lab_1 = set(points) - {"questions", *lab_2, *bonus}
    assert sum(points[part] for part in lab_1) == 45 and homework.points == 115
    (setup,) = [c for c in homework.cells if c.source.startswith("BASELINE = ")]
    exec(setup.source, scope := {"Config": Config})
    assert scope["BASELINE"] == homework.baseline_config


def test_every_part_can_ask_and_reads_what_never_came_back(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    homework = load_homework("hw4")
    request = Request(homework, load("reviews", train=300, quiet=True), {}, seed=3)
    kept = {part.id: kind_of(part.kind).ask(part, request) for part in homework.parts}
    assert len({probe["id"] for probe in request.probes}) == len(request.probes)
    assert len(json.dumps(request.probes)) < 2**20
    for status, steps in (("timeout", {}), ("ok", hostile(request))):
        outcome = Outcome(Ended(status, 0, 1.0, "", "namespaces"), steps)
        evidence = Evidence(homework=homework, outcome=outcome, corpus=request.corpus, kept=kept)
        marks = [mark_part(part, evidence) for part in homework.parts]
        assert all(m.points == 0 and m.reasons for m in marks), marks


def hostile(request):
    """Reports of probes that went well, with facts that are none."""
    facts = {
        "given": [{"first": 7}, None, [1]],
        "idle": 3,
        "layers": None,
        "value": {"a": {"hidden_size": []}},
    }
    return {probe["id"]: {"id": probe["id"], "status": "ok", "facts": facts} for probe in request.probes}


@pytest.mark.parametrize(
    ("named", "points"),
    [
        ({"a": {"cell": "lstm"}, "b": {"dropout": 0.3}}, 1),
        ({"b": {"dropout": 0.3}, "a": {"cell": "gru"}}, 1),
        ({"a": {"class_weights": True}, "b": {"dropout": 0.3}}, 0),
        ({"a": {"cell": "lstm", "epochs": 1}, "b": {"dropout": 0.3}}, 0),
        (["gru"], 0),
    ],
)
def test_homework_2_wants_one_correct_experiment_with_a_gated_cell(named, points, monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    homework, corpus = load_homework("hw2"), load("reviews", train=300, quiet=True)
    pairs = list(named.items()) if isinstance(named, dict) else []
    packed = {
        name: {
            "config": homework.baseline_config.to_dict() | changes,
            "epochs": [{}] * homework.baseline_config.epochs,
        }
        for name, changes in pairs
    }
    runs = {name: {"status": "ok", "number": k} for k, (name, _) in enumerate(pairs)}
    steps = {
        "experiments": {"status": "ok", "facts": {"value": named}},
        "train_each": {"status": "ok", "facts": runs},
    }
    tensors = {"train_each": {f"{k}.logits": torch.eye(2) for k in range(len(pairs))}}
    outcome = Outcome(Ended("ok", 0, 1.0, "", "namespaces"), steps, tensors)
    evidence = Evidence(
        homework=homework, outcome=outcome, corpus=corpus, labels=[0, 1], results={"experiments": packed}
    )
    (part,) = [part for part in homework.parts if part.kind == "experiment_with"]
    found = mark_part(part, evidence)
    assert found.points == points and (points or found.reasons)
