"""Homework 3 through the real grader: right cells get their points, wrong and borrowed ones do not."""

import copy
import inspect
import json
import shutil

import pytest
import yaml
from safetensors.torch import load, save

from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from coursekit.cells import torch_cells
from tools.project import ROOT
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solve, solved_notebook

FULL = {"rnn": 1, "lstm": 1, "gru": 1, "stack": 1, "start": 1, "trained": 2, "report": 0}
NONE = dict.fromkeys(FULL, 0)
BORROWED = """
class LSTMStep(nn.Module):
    STATES = 2

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.inner = {borrowed}(input_size, hidden_size, batch_first=True)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            self.register_parameter(name, getattr(self.inner, name + "_l0"))

    def forward(self, x_t, states):
        _, (h, c) = self.inner(x_t[:, None], tuple(state[None] for state in states))
        return h[0], c[0]
"""
# the package's own method, with a step around it
COPIED = f"""
from torch.nn.functional import linear


class GRUStep(nn.Module):
    STATES = 1

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.reset, self.z_weighs = "after", "old"
        for name, shape in {{"weight_ih": (input_size,), "weight_hh": (hidden_size,), "bias_ih": (), "bias_hh": ()}}.items():
            self.register_parameter(name, nn.Parameter(torch.rand(3 * hidden_size, *shape) - 0.5))

{inspect.getsource(torch_cells.GRU.step)}
    def forward(self, x_t, states):
        return self.step(linear(x_t, self.weight_ih, self.bias_ih), states, self.weight_hh, self.bias_hh)
"""


def answer(task, change):
    """A submission with one answer changed."""
    return lambda m: m.with_code(task, change)


def swap(*pairs):
    """Old and new texts in turn; each old one has to be there."""

    def change(source):
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in source, f"{old!r} is not there"
            source = source.replace(old, new)
        return source

    return change


def forged(m):
    """Results that nobody ran, of optimisers that cannot run."""
    notebook = swap('"learning_rate": 3e-3', '"learning_rate": 5.0, "epochs": 9')
    return m.with_code("hw3-optimisers", notebook)


def without_runs(cell):
    """The packed results lack every run of a cell."""

    def make(m):
        results = json.loads(m.files["results.json"])
        kept = {name: run for name, run in results["experiments"].items() if run["config"]["cell"] != cell}
        return m.packed(results__json=json.dumps(results | {"experiments": kept}).encode())

    return make


def under_another_name(mine, given):
    """The weights of one cell's model, handed in as those of another."""

    def make(m):
        weights = load(m.files["weights.safetensors"])
        others = {name: value for name, value in weights.items() if not name.startswith(f"{given}.")}
        taken = {
            f"{given}.{name.removeprefix(f'{mine}.')}": value.clone()
            for name, value in weights.items()
            if name.startswith(f"{mine}.")
        }
        return m.packed(weights__safetensors=save(others | taken))

    return make


PAST_MODES = BORROWED.replace("{borrowed}", "getattr(nn, 'LS' + 'TM')").replace(
    "_, (h, c) = self.inner(x_t[:, None], tuple(state[None] for state in states))",
    "with getattr(torch, '_' + 'C').DisableTorchFunction():\n"
    "            _, (h, c) = self.inner(x_t[:, None], tuple(state[None] for state in states))",
)
KERNEL = """
{}


class LSTMStep(nn.Module):
    STATES = 2

    def __init__(self, input_size, hidden_size):
        super().__init__()
        shapes = [(4 * hidden_size, input_size), (4 * hidden_size, hidden_size), (4 * hidden_size,), (4 * hidden_size,)]
        for name, shape in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), shapes):
            self.register_parameter(name, nn.Parameter(torch.randn(shape) * 0.1))

    def forward(self, x_t, states):
        state = [old[None] for old in states]
        weights = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
        _, h, c = mine(x_t[:, None], state, weights, True, 1, 0.0, self.training, False, True)
        return h[0], c[0]
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
            cell["source"] = swap("(torch.tanh(", "(F.tanh(")(cell["source"])
    return m.packed(notebook)


CASES = {  # name: (submission, status, points where they differ from the reference's)
    "reference": (lambda m: m.packed(), "ok", {}),
    # cells
    "two gates swapped": (answer("hw3-lstm", swap("a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o =")), "ok", {"lstm": 0}),
    "the states swapped": (answer("hw3-lstm", swap("torch.tanh(c), c", "torch.tanh(c), torch.sigmoid(a_o) * torch.tanh(c)")), "ok", {"lstm": 0}),
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
    "no gradient to the first steps": (answer("hw3-rnn", swap("(h,) = states", "h = states[0].detach()")), "ok", {"rnn": 0}),
    "one bias forgotten": (answer("hw3-lstm", swap("+ self.bias_ih ", "")), "ok", {"lstm": 0}),
    "not written": (
        answer("hw3-gru", lambda _: "class GRUStep(nn.Module):\n    def __init__(self, D, H):\n        raise NotImplementedError"),
        "ok",
        {"gru": 0, "trained": 0},
    ),
    "does not parse": (answer("hw3-rnn", lambda source: source + "\n)"), "person", {"rnn": 0, "trained": 0}),
    # borrowed
    "nn.LSTM inside": (answer("hw3-lstm", lambda _: BORROWED.format(borrowed="nn.LSTM")), "person", NONE),
    "nn.LSTM past every mode": (answer("hw3-lstm", lambda _: PAST_MODES), "person", {"lstm": 0, "trained": 0}),
    "torch's lstm imported": (answer("hw3-lstm", lambda _: KERNEL.format("from torch import lstm as mine")), "person", NONE),
    "torch's lstm behind another name": (
        answer("hw3-lstm", lambda _: KERNEL.format("t = torch\nmine = getattr(t, 'ls' + 'tm')")),
        "person",
        {"lstm": 0, "trained": 0},
    ),
    "the package's method copied": (answer("hw3-gru", lambda _: COPIED), "person", {"gru": 0}),
    "the package's file copied": (answer("hw3-gru", lambda _: inspect.getsource(torch_cells).partition("annotations")[2] + COPIED), "person", NONE),
    "the package's cell imported": (answer("hw3-gru", lambda _: "from coursekit.cells import GRU as GRUStep"), "person", NONE),
    "the package's cell by a joined name": (
        answer("hw3-gru", lambda _: "import coursekit\nGRUStep = getattr(getattr(coursekit, 'ce' + 'lls'), 'GRU')"),
        "person",
        {"gru": 0, "trained": 0},
    ),
    # stack
    "every layer reads the input": (
        answer("hw3-stack", swap("widths = [input_size] + [hidden_size] * (num_layers - 1)", "widths = [input_size] * num_layers", "cell(x[:, t]", "cell(first[:, t]", "B, T, _ = x.shape", "first, (B, T, _) = x, x.shape")),
        "ok",
        {"stack": 0},
    ),
    "lengths ignored": (answer("hw3-stack", swap("lengths.to(x.device)[:, None]", "torch.full_like(lengths, T)[:, None]")), "ok", {"stack": 0}),
    "outputs behind the end": (answer("hw3-stack", swap(" * real  #", "  #")), "ok", {"stack": 0}),
    "start ignored": (answer("hw3-stack", swap("if start is None:", "if True:")), "ok", {"start": 0}),
    "one start for all layers": (answer("hw3-stack", swap("state[k] for state", "state[0] for state")), "ok", {"start": 0}),
    "start in reverse": (answer("hw3-stack", swap("state[k] for state", "state[-1 - k] for state")), "ok", {"start": 0}),
    "start gets no gradient": (answer("hw3-stack", swap("state[k] for state", "state[k].detach() for state")), "ok", {"start": 0}),
    "a state kept for the next batch": (
        answer("hw3-stack", swap("start = (x.new_zeros(len(self.layers), B, self.hidden_size),) * n_states", "kept = getattr(self, 'kept', None)\n            start = kept if kept and kept[0].shape[1] == B else (x.new_zeros(len(self.layers), B, self.hidden_size),) * n_states", "return x, tuple(torch.stack(layers) for layers in zip(*lasts, strict=True))", "last = tuple(torch.stack(layers) for layers in zip(*lasts, strict=True))\n        self.kept = tuple(s.detach() for s in last)\n        return x, last")),
        "ok",
        {"stack": 0},
    ),
    "layers in a list": (answer("hw3-stack", swap("nn.ModuleList(make_cell(width, hidden_size) for width in widths)", "[make_cell(width, hidden_size) for width in widths]")), "ok", {"stack": 0, "trained": 1}),
    "endless loop in the stack": (answer("hw3-stack", swap("lasts = []", "lasts = []\n        while True: pass")), "person", {"stack": 0, "start": 0, "trained": 0}),
    # training
    "an optimiser is missing": (answer("hw3-optimisers", swap('"adadelta": {', '"other": {')), "ok", {"trained": 1}),
    "another optimiser under its name": (answer("hw3-optimisers", swap('"optimiser": "adadelta"', '"optimiser": "adam"')), "ok", {"trained": 1}),
    "nag without momentum": (answer("hw3-optimisers", swap(', "momentum": 0.9', "")), "ok", {"trained": 1}),
    "sgd called nag": (answer("hw3-optimisers", swap('"optimiser": "nag"', '"optimiser": "sgd"')), "ok", {"trained": 1}),
    "more than the optimiser changed": (forged, "ok", {"trained": 1}),
    "never run": (lambda m: m.packed(results__json=b"{}"), "ok", {"trained": 1}),
    "the GRU was not trained": (without_runs("gru"), "ok", {"trained": 1}),
    "the LSTM's model handed in as the GRU's": (under_another_name("lstm", "gru"), "ok", {"trained": 1}),
    "no weights": (lambda m: m.packed(weights__safetensors=None), "incomplete", {"trained": 0}),
    # honest
    "honest: a helper in an own cell": (helper_apart, "ok", {}),
    "honest: a variable named cells": (answer("hw3-stack", swap("lasts = []", "cells = lasts = []")), "ok", {}),
    "honest: an import in the set-up cell": (import_added, "ok", {}),
}  # fmt: skip


def quick(rubric):
    """What a test can afford: a few texts, and models that need not have learned."""
    made = yaml.safe_load(rubric.read_text(encoding="utf-8"))
    made["limits"]["cell_seconds"], made["smoke"]["rows"] = 60, 32
    (part,) = [part for part in made["parts"] if part["kind"] == "trained"]
    part |= {"texts": 60, "least": dict.fromkeys(part["least"], 0.01)}
    rubric.write_text(yaml.safe_dump(made), encoding="utf-8")


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """The reference, handed in, and the sources it is graded with."""
    patch, sources = pytest.MonkeyPatch(), tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT / "solutions", sources, dirs_exist_ok=True)
    quick(sources / "hw3_from_parameters" / "rubric.yaml")
    patch.setenv("COURSEKIT_SOLUTIONS", str(sources))
    patch.setenv("COURSEKIT_BUDGET", "smoke")
    members = members_of(solve("hw3", tmp_path_factory.mktemp("reference"), budget="smoke"))
    yield Material(solved_notebook("hw3"), members, tmp_path_factory.mktemp("other"), {}, "hw3")
    patch.undo()


@pytest.fixture(scope="module")
def graded(material, tmp_path_factory, request):
    """The cases that were asked for, graded together."""
    # Other modules have a fixture of this name, so this module's items are picked by their file.
    here = (
        item for item in request.session.items if item.path == request.path and "graded" in item.fixturenames
    )
    asked = {item.callspec.params["name"] for item in here}
    names, folder = [name for name in CASES if name in asked], tmp_path_factory.mktemp("submissions")
    for number, name in enumerate(names):
        (folder / f"{number:02}.zip").write_bytes(CASES[name][0](material))
    found = grade_folder(
        folder, "hw3", tmp_path_factory.mktemp("out"), Settings(seed=4, practice=True), jobs=1, progress=False
    )
    for name, one in zip(names, found, strict=True):
        marks = " ".join(f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks)
        print(f"{name:36} {one.status:8} {one.seconds:5.1f} s  {marks}")
    return dict(zip(names, found, strict=True))


@pytest.mark.sandbox
@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_what_it_deserves(graded, name):
    _, status, differing = CASES[name]
    assert graded[name].status == status, (graded[name].reason, graded[name].flags)
    points = {m.part: m.points for m in graded[name].marks}
    wanted = FULL | differing
    if name == "endless loop in the stack":  # the limit ends the process; what came before it counts
        assert (
            points["stack"] == points["trained"] == 0
            and points["rnn"] == points["lstm"] == points["gru"] == 1
        )
    elif name == "does not parse":  # a cell that breaks spoils what is defined in it, and nothing else
        assert points["rnn"] == 0
    else:
        assert points == wanted, [m for m in graded[name].marks if m.points != wanted[m.part]]
