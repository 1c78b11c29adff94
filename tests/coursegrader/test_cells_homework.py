"""Homework 3 through the real grader: right cells get their points, wrong and borrowed ones do not."""

import copy
import json
import shutil

import pytest

from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from tools.project import ROOT
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solve, solved_notebook

pytestmark = pytest.mark.sandbox
FULL = {"rnn": 1, "lstm": 2, "gru": 2, "optimisers": 2, "report": 0}
BORROWED = """
class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.inner = {borrowed}(input_size, hidden_size, batch_first=True)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            self.register_parameter(name, getattr(self.inner, name + "_l0"))

    def forward(self, x):
        outputs, (h, c) = self.inner(x)
        return outputs, (h[0], c[0])
"""


def answer(task, change):
    """A submission with one answer changed."""
    return lambda m: m.with_code(task, change)


def swap(old, new):
    return lambda source: source.replace(old, new) if old in source else pytest.fail(f"{old!r} is not there")


def forged(m):
    """Results that nobody ran, of optimisers that cannot run."""
    results = json.loads(m.files["results.json"])
    results["experiments"]["adam"]["config"]["learning_rate"] = 5.0
    notebook = swap('"learning_rate": 3e-3', '"learning_rate": 5.0, "epochs": 9')
    return m.with_code("hw3-optimisers", notebook, results__json=json.dumps(results).encode())


PAST_MODES = BORROWED.replace("{borrowed}", "getattr(nn, 'LS' + 'TM')").replace(
    "outputs, (h, c) = self.inner(x)",
    "with getattr(torch, '_' + 'C').DisableTorchFunction():\n            outputs, (h, c) = self.inner(x)",
)
KERNEL = """
{}


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        shapes = [(4 * hidden_size, input_size), (4 * hidden_size, hidden_size), (4 * hidden_size,), (4 * hidden_size,)]
        for name, shape in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), shapes):
            self.register_parameter(name, nn.Parameter(torch.randn(shape) * 0.1))
        self.width = hidden_size

    def forward(self, x):
        state = [x.new_zeros(1, len(x), self.width)] * 2
        weights = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
        outputs, h, c = mine(x, state, weights, True, 1, 0.0, self.training, False, True)
        return outputs, (h[0], c[0])
"""


def cell_of(code):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": code}


def helper_apart(m):
    """A function that two answers call, in a cell of its own."""
    notebook = copy.deepcopy(m.notebook)
    (i,) = [
        i
        for i, cell in enumerate(notebook["cells"])
        if cell["metadata"].get("coursekit", {}).get("task") == "hw3-lstm"
    ]
    cell = notebook["cells"][i]
    cell["source"] = swap("c = torch.sigmoid(a_f) * c", "c = gate(a_f) * c")(cell["source"])
    notebook["cells"].insert(i, cell_of("from torch import sigmoid\n\n\ndef gate(a):\n    return sigmoid(a)"))
    return m.packed(notebook)


def import_added(m):
    """The notebook's own imports with one more, which an answer uses."""
    notebook = copy.deepcopy(m.notebook)
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace(
            "import torch\nfrom torch import nn\n",
            "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n",
        )
        if cell["metadata"].get("coursekit", {}).get("task") == "hw3-rnn":
            cell["source"] = swap("h = torch.tanh(", "h = F.tanh(")(cell["source"])
    return m.packed(notebook)


CASES = {  # name: (submission, status, points where they differ from the reference's)
    "reference": (lambda m: m.packed(), "ok", {}),
    "two gates swapped": (answer("hw3-lstm", swap("a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o =")), "ok", {"lstm": 0}),
    "last state is the first": (answer("hw3-rnn", swap("dim=1), h", "dim=1), outputs[0]")), "ok", {"rnn": 0}),
    "reset before the product": (
        answer("hw3-gru", swap("r * h_n)", "(r * h) @ self.weight_hh.T.chunk(3, dim=1)[2])")),
        "ok",
        {"gru": 0},
    ),
    "z weighs the new state": (
        answer("hw3-gru", swap("(1 - z) * torch.tanh(x_n + r * h_n) + z * h", "z * torch.tanh(x_n + r * h_n) + (1 - z) * h")),
        "ok",
        {"gru": 0},
    ),
    "no gradient to the first steps": (answer("hw3-rnn", swap("outputs.append(h)", "outputs.append(h); h = h.detach()")), "ok", {"rnn": 0}),
    "one bias forgotten": (answer("hw3-lstm", swap(" + self.bias_hh", "")), "ok", {"lstm": 0}),
    "not written": (answer("hw3-gru", lambda _: "class GRULayer(nn.Module):\n    def __init__(self, D, H):\n        raise NotImplementedError"), "ok", {"gru": 0}),
    "does not parse": (answer("hw3-rnn", lambda source: source + "\n)"), "person", {"rnn": 0}),
    "nn.LSTM inside": (answer("hw3-lstm", lambda _: BORROWED.format(borrowed="nn.LSTM")), "person", dict.fromkeys(FULL, 0)),
    "the book's own cell": (
        answer("hw3-gru", lambda _: "from coursekit.cells import GRU as GRULayer"),
        "person",
        dict.fromkeys(FULL, 0),
    ),
    "nn.LSTM past every mode": (answer("hw3-lstm", lambda _: PAST_MODES), "person", {"lstm": 0, "optimisers": 0}),
    "torch's lstm imported": (
        answer("hw3-lstm", lambda _: KERNEL.format("from torch import lstm as mine")),
        "person",
        dict.fromkeys(FULL, 0),
    ),
    "torch's lstm behind another name": (
        answer("hw3-lstm", lambda _: KERNEL.format("t = torch\nmine = getattr(t, 'ls' + 'tm')")),
        "person",
        {"lstm": 0, "optimisers": 0},
    ),
    "the book's own cell by a joined name": (
        answer("hw3-gru", lambda _: "import coursekit\nGRULayer = getattr(getattr(coursekit, 'ce' + 'lls'), 'GRU')"),
        "person",
        {"gru": 0},
    ),
    "honest: a helper in an own cell": (helper_apart, "ok", {}),
    "honest: a variable named cells": (answer("hw3-rnn", swap("outputs = []", "cells = outputs = []")), "ok", {}),
    "honest: an import in the set-up cell": (import_added, "ok", {}),
    "an optimiser is missing": (answer("hw3-optimisers", swap('"adadelta": {', '"other": {')), "ok", {"optimisers": 0}),
    "another optimiser under its name": (answer("hw3-optimisers", swap('"optimiser": "adadelta"', '"optimiser": "adam"')), "ok", {"optimisers": 0}),
    "more than the optimiser changed": (forged, "ok", {"optimisers": 0}),
    "never run": (lambda m: m.packed(results__json=b"{}"), "ok", {"optimisers": 0}),
    "endless loop in one cell": (answer("hw3-gru", swap("outputs = []", "outputs = []\n        while True: pass")), "person", {"gru": 0}),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    patch, sources = pytest.MonkeyPatch(), tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT / "solutions", sources, dirs_exist_ok=True)
    rubric = sources / "hw3_from_parameters" / "rubric.yaml"
    rubric.write_text(rubric.read_text(encoding="utf-8").replace("cell_seconds: 90", "cell_seconds: 25"))
    patch.setenv("COURSEKIT_SOLUTIONS", str(sources))
    patch.setenv("COURSEKIT_BUDGET", "smoke")
    members = members_of(solve("hw3", tmp_path_factory.mktemp("reference"), budget="smoke"))
    material = Material(solved_notebook("hw3"), members, tmp_path_factory.mktemp("other"), {}, "hw3")
    folder = tmp_path_factory.mktemp("submissions")
    for number, (make, _, _) in enumerate(CASES.values()):
        (folder / f"{number:02}.zip").write_bytes(make(material))
    found = grade_folder(
        folder, "hw3", tmp_path_factory.mktemp("out"), Settings(seed=4, practice=True), jobs=2, progress=False
    )
    patch.undo()
    for name, one in zip(CASES, found, strict=True):
        marks = " ".join(f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks)
        print(f"{name:36} {one.status:8} {one.seconds:5.1f} s  {marks}")
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_what_it_deserves(graded, name):
    _, status, differing = CASES[name]
    assert graded[name].status == status, (graded[name].reason, graded[name].flags)
    points = {m.part: m.points for m in graded[name].marks}
    wanted = FULL | differing
    if name == "endless loop in one cell":  # the limit ends the process; what came before it counts
        assert points["gru"] == 0 and points["rnn"] == 1 and points["lstm"] == 2
    elif name == "does not parse":  # a cell that breaks spoils what is defined in it, and nothing else
        assert points["rnn"] == 0
    else:
        assert points == wanted, [m for m in graded[name].marks if m.points != wanted[m.part]]
