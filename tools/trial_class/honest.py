# ruff: noqa: E501  (one change a line)
"""Honest submissions as students make them, and what each deserves.

Each is the packed reference solution of homework 1 after one or two small changes that an honest student, or an honest program,
makes. A change says what it costs by right (nearly always nothing) and whether a person may have to look.
"""

from __future__ import annotations

import copy
import io
import itertools
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.trial_class.attacks import Material

Notebook = dict[str, Any]
BUILD, NAMED, FINAL = "hw1-build", "hw1-experiments", "hw1-final"
FULL = {"baseline": 1, "experiment-1": 2, "experiment-2": 2, "quality": 3}


@dataclass(frozen=True)
class Change:
    """A small honest change."""

    name: str
    notebook: Callable[[Notebook], Notebook | None] = lambda notebook: None  # in place, or a new one
    raw: Callable[[bytes], bytes] = bytes  # of the notebook's file
    file: str = "hw1_submission.zip"  # the name it is handed in under
    held: bool = False  # a person may have to look: the points are on hold, and not lost
    points: dict[str, int] = field(default_factory=dict)  # where they are others by right


@dataclass(frozen=True)
class Honest:
    """A submission with one change or two."""

    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """What was done."""
        return " + ".join(change.name for change in self.changes)

    @property
    def points(self) -> dict[str, int]:
        """The marks that it deserves."""
        return FULL | {part: p for change in self.changes for part, p in change.points.items()}

    @property
    def held(self) -> bool:
        """Whether a person may have to look."""
        return any(change.held for change in self.changes)

    def make(self, material: Material) -> tuple[str, bytes]:
        """Return the name of the file and its bytes."""
        notebook, file = copy.deepcopy(material.notebook), "hw1_submission.zip"
        for change in self.changes:
            notebook = change.notebook(notebook) or notebook
            file = change.file if change.file != "hw1_submission.zip" else file
        raw = json.dumps(notebook, ensure_ascii=False).encode()
        for change in self.changes:
            raw = change.raw(raw)
        return file, material.packed(raw)


def _task(cell: dict) -> str | None:
    return cell["metadata"].get("coursekit", {}).get("task")


def _cell(source: str, kind: str = "code", **metadata: Any) -> dict:
    made = {
        "cell_type": kind,
        "id": f"own-{abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "source": source,
    }
    return made | ({"outputs": [], "execution_count": 7} if kind == "code" else {})


def _at(notebook: Notebook, task: str) -> int:
    (i,) = [i for i, cell in enumerate(notebook["cells"]) if _task(cell) == task]
    return i


def before(task: str, source: str, kind: str = "code") -> Callable[[Notebook], None]:
    """A cell of one's own before an answer."""
    return lambda notebook: notebook["cells"].insert(_at(notebook, task), _cell(source, kind))


def after(task: str, source: str, kind: str = "code") -> Callable[[Notebook], None]:
    """A cell of one's own after an answer."""
    return lambda notebook: notebook["cells"].insert(_at(notebook, task) + 1, _cell(source, kind))


def answer(task: str, *swaps: tuple[str, str], top: str = "", end: str = "") -> Callable[[Notebook], None]:
    """An answer with other words in it, more above it, more below it."""

    def change(notebook: Notebook) -> None:
        cell = notebook["cells"][_at(notebook, task)]
        for old, new in swaps:
            if old not in cell["source"]:
                raise ValueError(f"{old!r} is not in {task} any more.")
            cell["source"] = cell["source"].replace(old, new)
        cell["source"] = top + cell["source"] + end

    return change


def setup(line: str) -> Callable[[Notebook], None]:
    """A line added to the notebook's own imports."""

    def change(notebook: Notebook) -> None:
        (cell,) = [c for c in notebook["cells"] if c["source"].startswith("import torch\n")]
        cell["source"] += f"\n{line}"

    return change


def both(*changes: Callable[[Notebook], Notebook | None]) -> Callable[[Notebook], None]:
    """Several things at once."""

    def change(notebook: Notebook) -> None:
        for each in changes:
            each(notebook)

    return change


def _split(notebook: Notebook, at: str, *, same_id: bool) -> None:
    """Jupyter's "split cell": both halves keep the metadata, and so the id."""
    i = _at(notebook, BUILD)
    first = notebook["cells"][i]
    head, found, tail = first["source"].partition(at)
    second = copy.deepcopy(first) | {"id": "second-half", "source": found + tail}
    if not same_id:
        second["metadata"] = {}
    first["source"] = head.rstrip()
    notebook["cells"].insert(i + 1, second)


def _class_apart(notebook: Notebook, where: int) -> None:
    i = _at(notebook, BUILD)
    source = notebook["cells"][i]["source"]
    start, end = source.index("class NewsReader"), source.index("    ### END SOLUTION")
    notebook["cells"][i]["source"] = source[:start].rstrip()
    notebook["cells"].insert(i + where, _cell(source[start:end]))


def _copy_of(
    task: str, change: Callable[[str], str] = str, *, keep: bool, place: int
) -> Callable[[Notebook], None]:
    def make(notebook: Notebook) -> None:
        i = _at(notebook, task)
        twin = copy.deepcopy(notebook["cells"][i]) | {"id": "a-copy"}
        twin["source"] = change(twin["source"])
        if not keep:
            twin["metadata"] = {}
        notebook["cells"].insert(i + place, twin)

    return make


def _moved(task: str) -> Callable[[Notebook], None]:
    """The answer written into a new cell; its own cell stays as it was handed out."""

    def make(notebook: Notebook) -> None:
        i = _at(notebook, task)
        cell = notebook["cells"][i]
        notebook["cells"].insert(i + 1, _cell(cell["source"]))
        name = "def build(config, vocabulary_size, n_classes):\n    raise NotImplementedError"
        cell["source"] = (
            f'{name}("hw1-build")'
            if task == BUILD
            else "EXPERIMENTS = {}  # name: {field: new value}\n# your code here"
        )

    return make


def _each(change: Callable[[dict], object]) -> Callable[[Notebook], None]:
    return lambda notebook: [change(cell) for cell in notebook["cells"]] and None


def _colab(notebook: Notebook) -> None:
    notebook |= {"nbformat": 4, "nbformat_minor": 0}
    notebook["metadata"] |= {"colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU"}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] |= {"id": "Xy3", "colab": {"base_uri": "https://localhost:8080/"}}
        cell["source"] = cell["source"].splitlines(keepends=True)


def _vs_code(notebook: Notebook) -> None:
    notebook["metadata"]["language_info"] = {
        "name": "python",
        "version": "3.11.4",
        "nbconvert_exporter": "python",
    }
    for cell in notebook["cells"]:
        cell["metadata"] |= {"vscode": {"languageId": "python"}}
        cell["source"] = cell["source"].splitlines(keepends=True)


def _kaggle(notebook: Notebook) -> None:
    notebook["metadata"]["kaggle"] = {"accelerator": "gpu", "dataSources": [], "isGpuEnabled": True}
    notebook["cells"].insert(
        0, _cell("import numpy as np\nimport os\nfor d, _, names in os.walk('/kaggle/input'):\n    print(d)")
    )
    for cell in notebook["cells"]:
        cell["metadata"] |= {"trusted": True, "execution": {"iopub.status.busy": "2024-05-01T10:00:00Z"}}


def _format_3(notebook: Notebook) -> Notebook:
    cells = [dict(cell) for cell in notebook["cells"]]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": notebook["metadata"],
        "worksheets": [{"cells": cells}],
    }


def _outputs(cell: dict) -> None:
    if cell["cell_type"] == "code":
        error = {
            "output_type": "error",
            "ename": "KeyboardInterrupt",
            "evalue": "",
            "traceback": ["\x1b[31mx"],
        }
        image = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=" * 2_000}, "metadata": {}}
        cell["outputs"] = [error, image]


def _report_below(notebook: Notebook) -> None:
    (cell,) = [c for c in notebook["cells"] if _task(c) == "hw1-report"]
    text, cell["source"] = cell["source"], "*Your report.*"
    notebook["cells"].append(_cell(f"## Отчёт\n\n{text}", "markdown"))


def _reordered(notebook: Notebook) -> None:
    i = _at(notebook, NAMED)
    notebook["cells"].insert(2, notebook["cells"].pop(i))


HEAD = "self.head = nn.Linear(pooled, n_classes)"
DROPOUT = "self.dropout = nn.Dropout(config.dropout)"
CHANGES = [
    Change("as it is"),
    # programs that save
    Change("saved by Colab", _colab),
    Change("saved by VS Code", _vs_code),
    Change("saved by Kaggle", _kaggle),
    Change("byte order mark", raw=lambda raw: b"\xef\xbb\xbf" + raw),
    Change("CRLF", raw=lambda raw: raw.replace(b"\\n", b"\\r\\n")),
    Change("UTF-16", raw=lambda raw: raw.decode().encode("utf-16")),
    Change("cp1251", raw=lambda raw: raw.decode().encode("cp1251", "replace")),
    Change("notebook format 3", _format_3),
    Change("no cell ids", _each(lambda cell: cell.pop("id", None))),
    Change("equal cell ids", _each(lambda cell: cell.update(id="same"))),
    Change("all metadata of cells gone", _each(lambda cell: cell["metadata"].clear())),
    Change("the notebook's metadata gone", lambda notebook: notebook.update(metadata={})),
    Change("another kernel", lambda notebook: notebook["metadata"].update(kernelspec={"name": "ir", "display_name": "R"})),
    Change("outputs with errors and pictures", _each(_outputs)),
    Change("lines in lists", _each(lambda cell: cell.update(source=cell["source"].splitlines(keepends=True)))),
    Change("renamed", file='Копия блокнота "hw1" (3).zip'),
    Change("a name with spaces and Cyrillic", file="Иванов И. — ДЗ 1 .ZIP"),
    Change("test cells deleted", lambda notebook: notebook.update(cells=[c for c in notebook["cells"] if c["metadata"].get("coursekit", {}).get("role") != "check"])),
    Change("cells in another order", _reordered),
    # cells of one's own
    Change("a class in a cell above", lambda notebook: _class_apart(notebook, 0)),
    Change("a class in a cell below", lambda notebook: _class_apart(notebook, 1)),
    Change("constants in an own cell", both(before(BUILD, "HIDDEN_DROPOUT = 0.5\nCLASSES = 2 * 2"), answer(BUILD, (DROPOUT, "self.dropout = nn.Dropout(min(HIDDEN_DROPOUT, config.dropout))")))),
    Change("a helper in an own cell", both(before(BUILD, "def make_head(n, m):\n    return nn.Linear(n, m)"), answer(BUILD, (HEAD, "self.head = make_head(pooled, n_classes)")))),
    Change("a helper of a helper", both(before(BUILD, "import math\n\n\ndef one(x):\n    return int(math.ceil(x))"), before(BUILD, "@torch.no_grad()\ndef width(x):\n    return one(x)"), answer(BUILD, (HEAD, "self.head = nn.Linear(width(pooled), n_classes)")))),
    Change("an import in the set-up cell", both(setup("import torch.nn.functional as F"), answer(BUILD, ("return self.head(self.dropout(text))", "return self.head(F.dropout(text, 0.0, self.training))")))),
    Change("an unused import in the set-up cell", setup("import numpy as np\nimport pandas as pd")),
    Change("a device in the set-up cell", both(setup('device = torch.device("cuda" if torch.cuda.is_available() else "cpu")'), answer(BUILD, ("return NewsReader(config, vocabulary_size, n_classes)", "return NewsReader(config, vocabulary_size, n_classes).to(device)")))),
    Change("experiments from an own dictionary", both(before(NAMED, "BOTH = {'bidirectional': True}"), answer(NAMED, ('{"bidirectional": True}', "BOTH")))),
    Change("a scratch cell that breaks", after(BUILD, "model = build(BASELINE, 10, 4)\nmodel(1, 2)\n1 / 0")),
    Change("a scratch cell that does not parse", after(BUILD, "def broken(:\n  pass")),
    Change("a scratch cell that trains", after(BUILD, "for k in range(3):\n    r = run_experiment(build, Config(epochs=k + 1), news)")),
    Change("a cell of plots", after(NAMED, "import seaborn as sns\nimport matplotlib.pyplot as plt\nsns.set()\nplt.plot([1, 2])\nplt.show()")),
    Change("a cell that mounts a drive", before(BUILD, "from google.colab import drive\ndrive.mount('/content/drive')")),
    Change("a cell of shell commands", before(BUILD, "!pip install -q seaborn\n%cd /content\n!nvidia-smi")),
    Change("an empty cell", after(BUILD, "")),
    Change("a raw cell", after(BUILD, "notes", "raw")),
    Change("split, one id for both", lambda notebook: _split(notebook, "class NewsReader", same_id=True)),
    Change("split, an id for one", lambda notebook: _split(notebook, "class NewsReader", same_id=False)),
    Change("a pasted copy of the answer", _copy_of(BUILD, keep=True, place=1)),
    Change("a pasted copy without its metadata", _copy_of(BUILD, keep=False, place=1)),
    Change("an older try above the answer", _copy_of(BUILD, lambda s: s.replace("masked_mean(outputs, mask)", "outputs.mean(1)"), keep=True, place=0)),
    Change("a pasted piece with the answer's id", _copy_of(BUILD, lambda s: "x = 1\nprint(x)", keep=True, place=1)),
    Change("the answer in a new cell", _moved(BUILD)),
    Change("experiments in a new cell", _moved(NAMED)),
    # lines in an answer
    Change("import of google.colab", answer(BUILD, top="from google.colab import drive\ndrive.mount('/content/drive')\n\n\n")),
    Change("import of seaborn, unused", answer(BUILD, top="import seaborn as sns\n\n\n")),
    Change("import of lightning, unused", answer(BUILD, top="import pytorch_lightning as pl\n\n\n")),
    Change("tqdm.notebook", answer(BUILD, top="from tqdm.notebook import tqdm\n\n\n")),
    Change("!pip install", answer(BUILD, top="!pip install -q torchmetrics\n\n\n")),
    Change("%pip install", answer(BUILD, top="%pip install seaborn\n\n\n")),
    Change("%matplotlib inline", answer(BUILD, top="%matplotlib inline\nimport matplotlib.pyplot as plt\n\n\n")),
    Change("%load_ext autoreload", answer(BUILD, top="%load_ext autoreload\n%autoreload 2\n\n\n")),
    Change("%%time", answer(BUILD, top="%%time\n")),
    Change("%%capture", answer(NAMED, top="%%capture out\n")),
    Change("prints", answer(BUILD, ("outputs, last = self.rnn(x, lengths)", "outputs, last = self.rnn(x, lengths)\n        # print(outputs.shape)"), end='\n\nprint("the model is ready")')),
    Change("input()", answer(BUILD, top='name = input("Ваше имя? ")\n\n\n')),
    Change("check in the answer's cell", answer(BUILD, end='\n\n\ncheck("hw1-build", build=build)')),
    Change("a try in the answer's cell", answer(BUILD, end="\n\n\nmodel = build(Config(), 50, 4)\nmodel")),
    Change("the last line shown", answer(NAMED, end="\n\nEXPERIMENTS")),
    Change("a docstring line with %", answer(BUILD, ('"""Embedding, recurrent layer', '"""\n%d numbers a word\n!important\n\nEmbedding, recurrent layer'))),
    Change("os, sys and gc", answer(BUILD, top='import gc\nimport os\nimport sys\n\nos.environ["TOKENIZERS_PARALLELISM"] = "false"\nprint(sys.version)\ngc.collect()\n\n\n')),
    Change("a variable named signal", answer(BUILD, ("text = torch.cat(", "signal = outputs\n        text = torch.cat("))),
    Change("variables named probes, cells, runner", answer(BUILD, ("text = torch.cat(", "cells, probes, runner = 1, 2, 3\n        text = torch.cat("))),
    Change("setattr of self", answer(BUILD, (DROPOUT, 'setattr(self, "dropout", nn.Dropout(config.dropout))'))),
    Change("seeds in the answer", answer(BUILD, top="import random\n\nimport numpy as np\n\ntorch.manual_seed(0)\nnp.random.seed(0)\nrandom.seed(0)\ntorch.backends.cudnn.deterministic = True\n\n\n")),
    Change("type hints", answer(BUILD, top="from typing import Optional\n\n\n", end="\n\n\nanything: Optional[int] = None")),
    Change("names in Cyrillic", answer(BUILD, ("text = torch.cat(", "выходы = outputs\n        text = torch.cat("))),
    Change("emoji", answer(BUILD, top="# 🎓👩🏽‍💻 решение\n")),
    Change("model.eval() in the answer's cell", answer(BUILD, end="\n\n\nbuild(Config(), 9, 4).eval()")),
    Change("experiments by update", answer(NAMED, end='\nEXPERIMENTS.update({"lstm": {"cell": "lstm"}})')),
    Change("experiments by assignment", answer(NAMED, end='\nEXPERIMENTS["lstm"] = {"cell": "lstm"}')),
    Change("nine invalid experiments before", answer(NAMED, ("EXPERIMENTS = {\n", "EXPERIMENTS = {\n" + "".join(f'    "bad {k}": {{"cell": "gru", "epochs": {k + 1}}},\n' for k in range(9))))),
    Change("a third experiment never run", answer(NAMED, ("EXPERIMENTS = {\n", 'EXPERIMENTS = {\n    "wide": {"hidden_size": 256},\n'))),
    # texts
    Change("the report in another cell", _report_below),
    Change("more text below the report", lambda notebook: notebook["cells"].append(_cell("## Ещё\n\nДополнение.", "markdown"))),
    Change("a picture in the report", after("hw1-report", "![x](data:image/png;base64," + "iVBORw0KGgo" * 900 + ")", "markdown")),
]  # fmt: skip
BY_NAME = {change.name: change for change in CHANGES}
# what a program does to a file, with what a student does in it
SAVED = ("saved by Colab", "saved by VS Code", "all metadata of cells gone")
DONE = (
    "a class in a cell above",
    "an import in the set-up cell",
    "a pasted copy of the answer",
    "split, one id for both",
    "import of google.colab",
)
HONEST = [Honest((change,)) for change in CHANGES]
HONEST += [Honest((BY_NAME[a], BY_NAME[b])) for a, b in itertools.product(DONE, SAVED)]
assert len({one.name for one in HONEST}) == len(HONEST)


def _zip(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


def _members(material: Material) -> dict[str, bytes]:
    return {"hw1.ipynb": json.dumps(material.notebook).encode(), **material.files}


def _with(**more: bytes) -> Callable[[Material], bytes]:
    """The packed file with more in it."""
    return lambda m: _zip(_members(m) | more)


# Containers: the same files, packed by another program; each has to be read as the packed file itself is.
CONTAINERS: dict[str, Callable[[Material], bytes]] = {
    "packed again with backslashes": lambda m: _zip(
        {f"hw1\\{name}": raw for name, raw in _members(m).items()}
    ),
    "packed again in a folder": lambda m: _zip(
        {f"hw1_submission/{name}": raw for name, raw in _members(m).items()}
    ),
    "with what a Mac adds": _with(**{"__MACOSX/._hw1.ipynb": b"\0\5\26\7", ".DS_Store": b"\0\0\0\1"}),
    "with what Windows adds": _with(**{"desktop.ini": b"[.ShellClassInfo]", "Thumbs.db": b"\xd0\xcf"}),
    "with an autosaved copy of a folder": _with(**{".ipynb_checkpoints/notes.txt": b"x"}),
}
# those that wait for what reads containers
CONTAINERS_TO_COME: dict[str, Callable[[Material], bytes]] = {
    "a zip in a zip": lambda m: _zip({"hw1_submission.zip": _zip(_members(m))}),
    "with a checkpoint of the notebook": _with(
        **{".ipynb_checkpoints/hw1-checkpoint.ipynb": b'{"cells": []}'}
    ),
    "the notebook in capitals": lambda m: _zip(
        {k.replace(".ipynb", ".IPYNB"): v for k, v in _members(m).items()}
    ),
}
