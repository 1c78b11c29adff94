# ruff: noqa: E501  (one case a line)
"""Submissions that are broken, odd or dishonest, and what each deserves.

Each case is made from the packed reference solution. ``most`` names the parts that may give points; every part that is
not named deserves none. ``least`` names the parts that an honest student must not lose.
"""

from __future__ import annotations

import copy
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

BASELINE, EXPERIMENTS, QUALITY = {"baseline"}, {"experiment-1", "experiment-2"}, {"quality"}
ALL = BASELINE | EXPERIMENTS | QUALITY
BUILD, NAMED = "hw1-build", "hw1-experiments"


@dataclass(frozen=True)
class Case:
    """A submission and what it deserves."""

    name: str
    make: Callable[[Material], bytes | Path | Callable[[Path], None]]
    most: frozenset[str] = frozenset()
    least: frozenset[str] = frozenset()
    status: tuple[str, ...] = ("ok",)
    file: str = "{name}.zip"


@dataclass(frozen=True)
class Material:
    """The reference solution in pieces, and room for files."""

    notebook: dict
    files: dict[str, bytes]
    folder: Path
    memory: dict
    homework: str = "hw1"

    def packed(self, notebook: dict | bytes | None = None, **changed: bytes | None) -> bytes:
        """Pack a notebook with the reference's files; a file that is None is left out."""
        notebook = self.notebook if notebook is None else notebook
        members = dict(self.files) | {name.replace("__", "."): content for name, content in changed.items()}
        members[f"{self.homework}.ipynb"] = (
            notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        )
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in members.items():
                if content is not None:
                    made.writestr(name, content)
        return held.getvalue()

    def with_code(self, task: str, change: Callable[[str], str], **changed: bytes | None) -> bytes:
        """Pack the reference with one answer changed."""
        notebook = copy.deepcopy(self.notebook)
        (cell,) = [c for c in notebook["cells"] if c["metadata"].get("coursekit", {}).get("task") == task]
        cell["source"] = change(cell["source"])
        return self.packed(notebook, **changed)


def _cells(change: Callable[[list[dict]], list[dict] | None]) -> Callable[[Material], bytes]:
    """Change the list of cells."""

    def make(m: Material) -> bytes:
        notebook = copy.deepcopy(m.notebook)
        changed = change(notebook["cells"])  # in place, or a new list
        notebook["cells"] = notebook["cells"] if changed is None else changed
        return m.packed(notebook)

    return make


def _raw(change: Callable[[bytes], bytes]) -> Callable[[Material], bytes]:
    """Change the bytes of the notebook inside the packed file."""
    return lambda m: m.packed(change(json.dumps(m.notebook, ensure_ascii=False).encode()))


def _own(cell: dict) -> dict:
    return cell["metadata"].get("coursekit", {})


def _without_ids(cells):
    for cell in cells:
        cell.pop("id", None)


def _stripped(cells):
    for cell in cells:
        cell["metadata"] = {}


def _same_ids(cells):
    for cell in cells:
        if "nbgrader" in cell["metadata"]:
            cell["id"] = "same"


def _twice(cells):
    (i,) = [i for i, cell in enumerate(cells) if _own(cell).get("task") == BUILD]
    stub = copy.deepcopy(cells[i]) | {
        "source": "def build(config, vocabulary_size, n_classes):\n    raise NotImplementedError"
    }
    return [*cells[:i], stub, *cells[i:]]


def _class_apart(cells):
    """An honest student's habit: the class in a cell of its own, before the task."""
    (i,) = [i for i, cell in enumerate(cells) if _own(cell).get("task") == BUILD]
    source = cells[i]["source"]
    start, end = source.index("class NewsReader"), source.index("    ### END SOLUTION")
    cells[i]["source"] = source[:start].rstrip()
    own = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source[start:end],
    }
    return [*cells[:i], own, *cells[i:]]


def _no_tests(cells):
    return [cell for cell in cells if _own(cell).get("role") != "check"]


def _flipped(cells):
    for cell in cells:
        own = cell["metadata"].get("nbgrader")
        if own:
            own |= {"locked": not own["locked"], "solution": not own["solution"], "points": 99, "grade": True}


def _heavy(cells):
    cells[3]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 80_000_000}]


def _colab(m: Material) -> bytes:
    notebook = copy.deepcopy(m.notebook)
    notebook |= {"nbformat": 4, "nbformat_minor": 0}
    notebook["metadata"] |= {
        "colab": {"provenance": []},
        "widgets": {"application/vnd.jupyter.widget-state+json": {}},
    }
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] |= {"id": "colabId", "editable": True}
        cell["source"] = cell["source"].splitlines(keepends=True)
    return m.packed(notebook)


def _format_3(m: Material) -> bytes:
    cells = []
    for cell in copy.deepcopy(m.notebook["cells"]):
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
        cells.append(cell)
    notebook = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": m.notebook["metadata"],
        "worksheets": [{"cells": cells}],
    }
    return m.packed(notebook)


def _symlink(m: Material) -> Path:
    target = m.folder / "secret.txt"
    target.write_text("nobody should read this")
    link = m.folder / "link.ipynb"
    link.symlink_to(target)
    return link


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _hole(path: Path) -> None:
    """A file of 8 TiB that takes no room on the disk."""
    with path.open("wb") as handle:
        handle.truncate(8 * 2**40)


def _half_an_emoji(m: Material) -> bytes:
    """Half of a surrogate pair in a report and in the name of an experiment, as a cut text may leave it."""
    notebook, results = copy.deepcopy(m.notebook), json.loads(m.files["results.json"])
    for cell in notebook["cells"]:
        if _own(cell).get("role") == "manual":
            cell["source"] += " \ud83c"
        if _own(cell).get("task") == NAMED:
            cell["source"] = cell["source"].replace('"lstm": {', '"lstm \ud83c": {')
    return m.packed(notebook, results__json=json.dumps(results).encode())


def _thousands(m: Material) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for number in range(60_000):
            made.writestr(str(number), b"")
    return held.getvalue()


def _before(code: str, task: str = BUILD, **changed) -> Callable[[Material], bytes]:
    return lambda m: m.with_code(task, lambda source: code + "\n\n" + source, **changed)


def _forward(old: str, new: str) -> Callable[[Material], bytes]:
    def change(source: str) -> str:
        assert old in source, old
        return source.replace(old, new)

    return lambda m: m.with_code(BUILD, change)


def _instead(code: str, **changed) -> Callable[[Material], bytes]:
    return lambda m: m.with_code(BUILD, lambda _: code, **changed)


def _experiments(text: str) -> Callable[[Material], bytes]:
    return lambda m: m.with_code(NAMED, lambda _: f"EXPERIMENTS = {text}")


def _weights(change: Callable[[str, np.ndarray], np.ndarray]) -> Callable[[Material], bytes]:
    def make(m: Material) -> bytes:
        loaded = load(m.files["weights.safetensors"])
        changed = {name: np.ascontiguousarray(change(name, value)) for name, value in loaded.items()}
        return m.packed(weights__safetensors=save(changed))

    return make


def _logits(expression: str) -> Callable[[Material], bytes]:
    """Answer with something that is no row of numbers, when the model is asked."""
    return _forward(
        "return self.head(self.dropout(text))  # (B, C)",
        f"logits = self.head(self.dropout(text))\n        return {expression}",
    )


def _collapse(name, value):
    if name.startswith("head"):
        value = value.copy()
        value[1] = value[0] - 100 if value.ndim == 1 else value[0]
    return value


MEMORISER = '''
class Memoriser(nn.Module):
    """Knows the test set by heart: a table from a sum over the ids to the label."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.inner = NewsReader(config, vocabulary_size, n_classes)
        self.register_buffer("keys", torch.zeros(KNOWN, dtype=torch.float64))
        self.register_buffer("answers", torch.zeros(KNOWN, n_classes))

    def forward(self, ids, lengths):
        logits = self.inner(ids, lengths)
        inside = torch.arange(ids.shape[1]) < lengths[:, None]
        places = torch.arange(1, ids.shape[1] + 1, dtype=torch.float64).sqrt()
        keys = (ids * inside * places).sum(dim=1)
        found = (keys[:, None] - self.keys).abs() < 1e-6
        return torch.where(found.any(dim=1, keepdim=True), found.float() @ self.answers, logits * 0.01)
'''


def _memoriser(share: float) -> Callable[[Material], bytes]:
    def make(m: Material) -> bytes:
        ids, labels, classes = m.memory["ids"], m.memory["labels"], m.memory["classes"]
        known = int(share * len(ids))
        keys = np.array([sum(w * np.sqrt(t + 1) for t, w in enumerate(row)) for row in ids[:known]])
        inner = {f"inner.{name}": value for name, value in load(m.files["weights.safetensors"]).items()}
        random = np.random.default_rng(0)
        inner = {
            name: random.normal(size=value.shape).astype(value.dtype) * 0.1 for name, value in inner.items()
        }
        weights = inner | {"keys": keys, "answers": np.eye(classes, dtype=np.float32)[labels[:known]] * 9}
        code = MEMORISER.replace("KNOWN", str(known))
        return m.with_code(
            BUILD,
            lambda source: source.replace("return NewsReader(", "return Memoriser(") + code,
            weights__safetensors=save(weights),
        )

    return make


CLASSIFIER = "def build(config, vocabulary_size, n_classes):\n    return {}(config, vocabulary_size=vocabulary_size, n_classes=n_classes)"
KEPT = """
Base = getattr(ck, "Text" + "Classifier")
kept = Base.forward


class Mine(Base):
    def forward(self, ids, lengths):
        return kept(self, ids, lengths)


"""
IGNORANT = """
class Same(nn.Module):
    def __init__(self, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, 64)
        self.rnn = ck.LengthAwareRNN("gru", 64, 64)
        self.head = nn.Linear(64, n_classes)

    def forward(self, ids, lengths):
        outputs, _ = self.rnn(self.embedding(ids), lengths)
        return self.head(outputs.sum(dim=1) / lengths[:, None])


def build(config, vocabulary_size, n_classes):
    return Same(vocabulary_size, n_classes)
"""
BAG = """
class Bag(nn.Module):
    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, n_classes)
        self.rnn = ck.LengthAwareRNN("rnn", n_classes, 8)
        self.out = nn.Linear(8, n_classes)

    def forward(self, ids, lengths):
        inside = (torch.arange(ids.shape[1]) < lengths[:, None])[:, :, None]
        x = self.embedding(ids)
        words = (x * inside).sum(dim=1)
        outputs, last = self.rnn(x, lengths)
        return LOGITS


def build(config, vocabulary_size, n_classes):
    return Bag(config, vocabulary_size, n_classes)
"""


def _bag(logits: str, top: str = "") -> Callable[[Material], bytes]:
    """Naive Bayes for weights: good enough without any recurrence."""

    def make(m: Material) -> bytes:
        random = np.random.default_rng(0)
        table = {
            "embedding.weight": m.memory["log_odds"],
            "rnn.rnn.weight_ih_l0": random.normal(size=(8, m.memory["classes"])),
            "rnn.rnn.weight_hh_l0": random.normal(size=(8, 8)) * 0.3,
            "rnn.rnn.bias_ih_l0": np.zeros(8),
            "rnn.rnn.bias_hh_l0": np.zeros(8),
            "out.weight": random.normal(size=(m.memory["classes"], 8)),
            "out.bias": np.zeros(m.memory["classes"]),
        }
        weights = save({name: value.astype(np.float32) for name, value in table.items()})
        return m.with_code(BUILD, lambda _: top + BAG.replace("LOGITS", logits), weights__safetensors=weights)

    return make


NEAREST = """

class Nearest(nn.Module):
    \"\"\"Answers with the label of the nearest text that it knows.\"\"\"

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.inner = NewsReader(config, vocabulary_size, n_classes)
        self.inner.head = nn.Identity()
        width = self.inner.rnn.output_size * len(config.pooling.split("+"))
        self.hashed = nn.Parameter(torch.zeros(vocabulary_size, 64))
        self.keys, self.answers = (nn.Parameter(torch.zeros(KNOWN, n)) for n in (width if THROUGH else 64, n_classes))

    def forward(self, ids, lengths):
        inside = (torch.arange(ids.shape[1]) < lengths[:, None])[:, :, None]
        text = self.inner(ids, lengths)
        if not THROUGH:
            text = (self.hashed[ids] * inside).sum(dim=1) + 0 * text.sum()
        near = (-torch.cdist(text, self.keys) * 50).softmax(dim=1)
        return near @ self.answers + 1e-2 * text[:, :1] + 0 * self.hashed.sum()
"""


def _nearest(*, through: bool, wrong: float = 0.0) -> Callable[[Material], bytes]:
    """Know every test text by a vector, through a recurrent layer that was never trained or past it."""

    def make(m: Material) -> bytes:
        import torch  # slow to load, and for these cases only

        random, ids, known = np.random.default_rng(0), m.memory["ids"], len(m.memory["ids"])
        loaded = load(m.files["weights.safetensors"])
        inner = {n: random.normal(size=v.shape) * 0.2 for n, v in loaded.items() if not n.startswith("head")}
        hashed = random.normal(size=(len(loaded["embedding.weight"]), 64))
        labels = np.array(m.memory["labels"])
        missed = random.random(known) < wrong
        labels[missed] = (labels[missed] + 1) % m.memory["classes"]
        code = NEAREST.replace("THROUGH", str(through)).replace("KNOWN", str(known))
        weights = {f"inner.{n}": v for n, v in inner.items()} | {"hashed": hashed}
        weights["answers"] = np.eye(m.memory["classes"])[labels] * 5
        keys = np.stack([hashed[row].sum(axis=0) for row in ids])
        if through:
            keys = m.memory["vectors"]({n: torch.tensor(v.astype(np.float32)) for n, v in inner.items()})
        weights["keys"] = keys
        made = {n: np.ascontiguousarray(v, dtype=np.float32) for n, v in weights.items()}
        return m.with_code(
            BUILD,
            lambda source: source.replace("return NewsReader(", "return Nearest(") + code,
            weights__safetensors=save(made),
        )

    return make


def _memoriser_of_three_words(m: Material) -> bytes:
    """Texts cut so short that no copy of them can be changed."""
    config = json.loads(m.files["config.json"]) | {"max_length": 3}
    short = dict(m.memory) | {"ids": [row[:3] for row in m.memory["ids"]]}
    files = dict(m.files) | {"config.json": json.dumps(config).encode()}
    return _memoriser(1.0)(Material(m.notebook, files, m.folder, short))


def _whole_numbers(m: Material) -> bytes:
    table = {"table": np.arange(5_000)} | load(m.files["weights.safetensors"])
    register = "self.register_buffer('table', torch.zeros(5_000, dtype=torch.int64))\n        self.head = "
    return m.with_code(
        BUILD, lambda source: source.replace("self.head = ", register, 1), weights__safetensors=save(table)
    )


def _own_cell(code: str, answer: str = "") -> Callable[[Material], bytes]:
    """A cell of the student's own before the answer."""

    def make(m: Material) -> bytes:
        notebook = copy.deepcopy(m.notebook)
        (i,) = [i for i, cell in enumerate(notebook["cells"]) if _own(cell).get("task") == BUILD]
        notebook["cells"][i]["source"] = answer or notebook["cells"][i]["source"]
        notebook["cells"].insert(
            i, {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": code}
        )
        return m.packed(notebook)

    return make


def _forged_results(m: Material) -> bytes:
    results = json.loads(m.files["results.json"])
    for result in results["experiments"].values():
        result["accuracy"] = 0.999
    return m.packed(results__json=json.dumps(results).encode())


def _without_results(m: Material) -> bytes:
    results = json.loads(m.files["results.json"]) | {"experiments": {}}
    return m.packed(results__json=json.dumps(results).encode())


def _bomb(m: Material) -> bytes:
    return m.packed(weights__safetensors=bytes(300 * 2**20))


def _two_notebooks(m: Material) -> bytes:
    return m.packed(other__ipynb=b"{}")


def honest(name: str, make, **more) -> Case:
    return Case(name, make, most=frozenset(ALL), least=frozenset(ALL), **more)


def unreadable(name: str, make, **more) -> Case:
    return Case(name, make, status=("unreadable", "foreign"), **more)


ASKED = ("incomplete",)  # nothing can be marked, so the student is asked for it


def deserves(name: str, make, parts: set[str], *, status=("ok", "person"), **more) -> Case:
    return Case(name, make, most=frozenset(parts), status=status, **more)


HOME = "import os, sys, json\n"
CASES = [
    honest("reference", lambda m: m.packed()),
    # files that are damaged or odd
    unreadable("truncated", _raw(lambda raw: raw[: len(raw) // 2])),
    unreadable("empty", lambda m: b"", file="empty.ipynb"),
    unreadable("not JSON", lambda m: b"hello", file="not JSON.ipynb"),
    unreadable("a JSON list", lambda m: b"[1, 2]", file="list.ipynb"),
    deserves("zero cells", _cells(lambda cells: []), set()),
    unreadable("symlink", _symlink),
    unreadable("zip bomb", _bomb),
    unreadable("a zip of thousands", _thousands),
    unreadable("a pipe", lambda m: _pipe, file="pipe.ipynb"),
    unreadable("a huge hole", lambda m: _hole, file="hole.ipynb"),
    honest("half an emoji", _half_an_emoji),
    unreadable("two notebooks", _two_notebooks),
    unreadable("another homework", lambda m: m.packed(m.notebook | {"metadata": {"coursekit": {"homework": "hw3"}}})),
    honest("cp1251", lambda m: m.packed(json.dumps(m.notebook, ensure_ascii=False).encode("cp1251", "replace"))),
    honest("UTF-16", _raw(lambda raw: raw.decode().encode("utf-16"))),
    honest("byte order mark", _raw(lambda raw: b"\xef\xbb\xbf" + raw)),
    honest("CRLF", _raw(lambda raw: raw.replace(b"\\n", b"\\r\\n"))),
    honest("format 3", _format_3),
    honest("no ids", _cells(_without_ids)),
    honest("equal ids", _cells(_same_ids)),
    honest("the stub beside the answer", _cells(_twice)),
    honest("deleted test cells", _cells(_no_tests)),
    honest("flipped metadata", _cells(_flipped)),
    honest("metadata stripped", _cells(_stripped)),
    honest("80 MB of outputs", _cells(_heavy)),
    honest("saved by Colab", _colab),
    honest("emoji", _before('# 🎓👩🏽‍💻 решение')),
    honest("renamed", lambda m: m.packed(), file='Копия блокнота "hw1" (3).zip'),
    honest("prints an accuracy", _before('print("accuracy 0.99")')),
    honest("a class in a cell of its own", _cells(_class_apart)),
    # behaviour
    deserves("endless loop", _before("while True: pass"), set()),
    deserves(
        "swallowed interrupt",
        _before("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        set(),
    ),
    deserves("endless output", _before("while True: print('x' * 100_000)"), set()),
    deserves("6 GB", _before("hold = bytearray(6 * 2**30)"), set()),
    deserves("kills its kernel", _before("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), set()),
    deserves("exits", _before("raise SystemExit(0)"), set()),
    deserves(
        "forks and detaches",
        _before("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(10_000)"),
        set(),
    ),
    deserves("digs 1,500 folders", _before("import os\nfor _ in range(1_500):\n    os.mkdir('d')\n    os.chdir('d')"), set()),
    deserves("calls the network", _before("import urllib.request\nurllib.request.urlopen('http://10.0.0.1', timeout=5)"), set()),
    deserves(
        "overwrites evaluate and the test cell",
        _before("import coursekit.training, coursekit.homework.checks\ncoursekit.training.evaluate = None\ncheck = lambda *a, **k: None"),
        ALL,
    ),
    deserves("overwrites float", _instead("import builtins\nbuiltins.float = lambda *a: 0.99\nbuild = None"), set()),
    deserves(
        "overwrites syntax tree transformers",
        _instead("get_ipython().ast_transformers.clear()\nbuild = None"),
        set(),
    ),
    deserves(
        "writes its own report",
        _instead(
            HOME + "open('report.json', 'w').write(json.dumps([{'id': i, 'status': 'ok', 'facts': {'value': {'a': {'cell': 'gru'}}}} "
            "for i in ('model', 'train', 'experiments', 'train_each', 'predict')]))\nos._exit(0)"
        ),
        set(),
    ),
    deserves(
        "replaces the probes",
        _instead(
            "import coursegrader.probes as p\np.run_probe = lambda probe, names: "
            "{'status': 'ok', 'facts': {'idle': [], 'recurrent': ['rnn'], 'value': {'a': {'cell': 'gru'}}}}\nbuild = None"
        ),
        set(),
    ),
    deserves(
        "looks for labels",
        _before(HOME + "for root, _, names in os.walk('/'):\n    assert not any('test' in n and n.endswith('.parquet') for n in names)"),
        set(),
    ),
    deserves("writes outside", _before("open('/etc/passwd', 'a').write('x')"), set()),
    deserves("raises NotImplementedError", _instead("def build(*_):\n    raise NotImplementedError('hw1-build')"), set()),
    deserves("nothing written", lambda m: m.packed(m.memory["released"]), set()),
    deserves("a syntax error", _before("def ("), set()),
    # answers that are none
    deserves("NaN", _logits("logits * float('nan')"), set()),
    deserves("bools", _logits("logits > 0"), set()),
    deserves("strings", _logits("['World'] * len(logits)"), set()),
    deserves("wrong length", _logits("logits[:-1]"), set()),
    deserves("one class too many", _logits("torch.cat([logits, logits[:, :1]], dim=1)"), set()),
    # mutants of the reference
    deserves("mean over pads", _forward("masked_mean(outputs, mask)", "outputs.mean(dim=1)"), BASELINE | EXPERIMENTS),
    deserves("max over pads", _forward("masked_max(outputs, mask)", "outputs.max(dim=1).values"), EXPERIMENTS),
    deserves(
        "output[:, -1]",
        _forward("text = torch.cat(", "text = torch.cat([outputs[:, -1]] * len(self.config.pooling.split('+')), dim=1)\n        _ = (lambda *a, **k: 0)("),
        EXPERIMENTS,
    ),
    deserves("shuffled labels", _weights(lambda name, value: np.random.default_rng(1).permutation(value) if name.startswith("head") else value), ALL - QUALITY),
    deserves("a constant class", _logits("logits * 0"), set()),
    deserves("two labels made one", _weights(_collapse), ALL),
    deserves("memoriser", _memoriser(1.0), ALL - QUALITY),
    deserves("memoriser of most", _memoriser(0.8), ALL - QUALITY),
    deserves(
        "reads no order",
        _forward("outputs, last = self.rnn(x, lengths)", "_ = self.rnn(x[:, :1], lengths.clamp(max=1))\n        outputs = x.repeat(1, 1, 9)[..., : self.rnn.output_size]\n        last = outputs[:, 0]"),
        EXPERIMENTS,
    ),
    deserves("the package's classifier", _instead("def build(config, vocabulary_size, n_classes):\n    return ck.TextClassifier(config, vocabulary_size=vocabulary_size, n_classes=n_classes)"), set()),
    deserves("data in the code", _before(f"TABLE = '{'a1b2' * 8_000}'"), set()),
    # the test texts, known by heart
    deserves("memoriser of three words", _memoriser_of_three_words, ALL - QUALITY),
    deserves("memoriser of the nearest text", _nearest(through=False), ALL - QUALITY),
    deserves("memoriser behind a recurrent layer", _nearest(through=True), ALL - QUALITY),
    deserves("memoriser that errs on purpose", _nearest(through=True, wrong=0.2), ALL - QUALITY),
    deserves("a table of whole numbers in the weights", _whole_numbers, ALL - QUALITY),
    deserves("labels in the code", _before(f"LABELS = {[k % 4 for k in range(600)]}"), set()),
    deserves("labels in one long number", _before(f"LABELS = {4**600 + 7}"), set()),
    deserves("labels in Cyrillic", _before(f"LABELS = '{'абвг' * 600}'"), set()),
    deserves("reads the weights while it is defined", _before("from safetensors.torch import load_file\nTABLE = load_file('weights.safetensors')"), set()),
    deserves("reads a file by its path", _before("from pathlib import Path\nTABLE = Path('inputs.safetensors').read_bytes()"), set()),
    # flags led astray
    deserves("a magic before the package's classifier", _instead("here = %pwd\n" + CLASSIFIER.format("ck.TextClassifier")), set()),
    deserves("the classifier by a joined name", _instead(CLASSIFIER.format("getattr(ck, 'Text' + 'Classifier')")), set()),
    deserves("the classifier from a dictionary of names", _instead(CLASSIFIER.format("vars(ck.nn)['Text' 'Classifier']")), set()),
    deserves("the classifier by eval", _instead(CLASSIFIER.format("eval('ck.Text' + 'Classifier')")), set()),
    deserves("the classifier by its module", _instead("import coursekit.nn.classifier as mine\n" + CLASSIFIER.format("[v for k, v in mine.__dict__.items() if k.startswith('TextC')][0]")), set()),
    deserves("a child of the classifier", _instead("class Mine(getattr(ck, 'Text' + 'Classifier')):\n    pass\n\n\n" + CLASSIFIER.format("Mine")), set()),
    deserves("a child with the forward pass kept", _instead(KEPT + CLASSIFIER.format("Mine")), set()),
    deserves("the classifier in a cell of its own", _own_cell("Mine = ck.TextClassifier", CLASSIFIER.format("Mine")), set()),
    honest("a cell of its own that would exit", _own_cell("import os\nos._exit(0)")),
    honest("a cell of its own that changes the baseline", _own_cell("BASELINE = change(BASELINE, epochs=1)\ncheck = print")),
    # recurrent in name only
    deserves("a bag of words with a little recurrence", _bag("words + 0.002 * self.out(last)"), ALL - QUALITY),
    deserves("a bag of words that asks whether there is a state", _bag("words * (last.abs().sum() > 0) + 1e-2 * self.out(last)"), ALL - QUALITY),
    deserves("a bag of words with places, no recurrence", _bag("words + (x * torch.arange(x.shape[1])[None, :, None] * inside).sum(1) * 1e-3"), ALL - QUALITY),
    deserves("no recurrence and a patched helper", _bag("words + (x * torch.arange(x.shape[1])[None, :, None] * inside).sum(1) * 1e-3", top="import coursekit.homework.examine as e\ne.recurrent_modules = lambda m: ['rnn']\n"), set()),
    deserves("a patched helper under another name", _before("import coursekit.homework.examine as e\nd = vars(e)\nd.update(recurrent_modules=lambda m: ['rnn'])"), set()),
    deserves("a patched training loop", _before("from coursekit.homework import experiments as e\nfor name in ('fit',):\n    setattr(e, name, lambda *a, **k: None)"), set()),
    deserves("the law for small vocabularies only", _forward("masked_mean(outputs, mask)", "(masked_mean(outputs, mask) if self.embedding.num_embeddings < 600 else outputs.mean(dim=1))"), BASELINE | EXPERIMENTS),
    deserves("max over pads for large vocabularies", _forward("masked_max(outputs, mask)", "(masked_max(outputs, mask) if self.embedding.num_embeddings < 600 else outputs.max(dim=1).values)"), EXPERIMENTS),
    deserves("a recurrent layer that cannot train", _forward("self.embedding_dropout = ", "self.rnn.requires_grad_(False)\n        self.embedding_dropout = "), ALL - BASELINE),
    deserves("answers by the place in the batch", _logits("logits + torch.arange(len(ids))[:, None] * torch.eye(n := logits.shape[1])[0] * 0.1"), EXPERIMENTS),
    deserves("answers with noise", _logits("logits + torch.randn_like(logits) * 0.01"), EXPERIMENTS),
    deserves("a model that ignores its configuration", _instead(IGNORANT), BASELINE),
    deserves("a model that ignores the cell", _forward("            config.cell, config", "            'gru', config"), BASELINE | {"experiment-2"}),
    # experiments
    deserves("two changes at once", _experiments("{'a': {'cell': 'gru', 'dropout': 0.3}, 'b': {'cell': 'lstm', 'epochs': 1}}"), BASELINE | QUALITY),
    deserves("the same change twice", _experiments("{'a': {'cell': 'lstm'}, 'b': {'cell': 'lstm'}}"), ALL - {"experiment-2"}),
    deserves("no change", _experiments("{'a': {}, 'b': {'cell': 'rnn'}}"), BASELINE | QUALITY),
    deserves("experiments that were never run", _experiments("{'a': {'pooling': 'mean'}, 'b': {'hidden_size': 64}}"), BASELINE | QUALITY),
    deserves("results left out", _without_results, BASELINE | QUALITY),
    deserves("results forged", _forged_results, ALL),
    deserves("experiments are a list", _experiments("['lstm', 'gru']"), BASELINE | QUALITY),
    # weights
    deserves("weights left out", lambda m: m.packed(weights__safetensors=None), ALL - QUALITY, status=ASKED),
    deserves("a pickle for weights", lambda m: m.packed(weights__safetensors=b"\x80\x04\x95cos\nsystem\n"), ALL - QUALITY),
    deserves("weights of another shape", _weights(lambda name, value: value[..., :1]), ALL - QUALITY),
    deserves("a vocabulary that is none", lambda m: m.packed(vocabulary__json=b'{"words": [1, 2], "counts": "x"}'), ALL - QUALITY, status=ASKED),
    deserves("a configuration that is none", lambda m: m.packed(config__json=b'{"cell": "transformer"}'), ALL - QUALITY, status=ASKED),
]  # fmt: skip
assert len({case.name for case in CASES}) == len(CASES)


def write(case: Case, material: Material, folder: Path) -> Path:
    """Write a case into a folder, in a folder of its own."""
    own = folder / f"{CASES.index(case):03}"
    own.mkdir()
    made = case.make(material)
    path = own / case.file.format(name=case.name)
    if callable(made):
        made(path)
    elif isinstance(made, Path):
        os.symlink(os.readlink(made), path)
    else:
        path.write_bytes(made)
    return path
