"""Hand in the reference solution, the way a student would: run the notebook, and pack."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load as parse
from torch import nn

import coursekit as ck
from coursegrader.definition import load_homework
from coursegrader.packed import read_model
from coursegrader.release import notebook_of
from coursekit.batching import Encoder
from coursekit.data import load
from coursekit.nn import masked_max, masked_mean

REPORT = "The LSTM was above the baseline after every epoch; both directions were within the interval. Отчёт готов."
RUN = """\
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell(cell["source"]).raise_error()
"""


def solved_notebook(name: str) -> dict:
    """Return the notebook of a homework with its solutions and a report."""
    homework = load_homework(name)
    notebook = notebook_of(homework, solution=True)
    manual = {part.options["task"] for part in homework.parts if part.kind == "manual"}
    for cell in notebook["cells"]:
        if cell["metadata"].get("coursekit", {}).get("task") in manual:
            cell["source"] = REPORT
    return notebook


def solve(name: str, folder: Path, budget: str = "cpu", made: dict | None = None) -> Path:
    """Run the solved notebook, or one that was made from it, in a folder; return the packed submission."""
    notebook = folder / f"{name}.ipynb"
    notebook.write_text(json.dumps(made or solved_notebook(name)), encoding="utf-8")
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "COURSEKIT_BUDGET": budget}
    done = subprocess.run(
        [sys.executable, "-c", RUN, notebook.name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / f"{name}_submission.zip"


def members_of(packed: Path) -> dict[str, bytes]:
    """Return what a packed submission holds beside the notebook."""
    with zipfile.ZipFile(packed) as held:
        return {name: held.read(name) for name in held.namelist() if not name.endswith(".ipynb")}


def memory_of(members: dict[str, bytes]) -> dict:
    """What a submission would need to know homework 1's test set by heart, and the notebook as it was handed out."""
    config, vocabulary, weights = read_model(members)
    corpus = load("ag_news", quiet=True)
    encoder, classes = Encoder(config, vocabulary), len(corpus.label_names)
    ids = encoder.encode(corpus.test.texts)
    counts = np.ones((len(vocabulary), classes))
    for row, label in zip(encoder.encode(corpus.train.texts), corpus.train.labels, strict=True):
        np.add.at(counts[:, label], row, 1)
    share = np.log(counts / counts.sum(axis=0))

    def vectors(weights: dict[str, torch.Tensor], last: bool = False) -> np.ndarray:
        """What the reference's model makes of every test text with some weights, before its last layer or after it."""
        homework = load_homework("hw1")
        names = {"nn": nn, "torch": torch, "ck": ck, "masked_max": masked_max, "masked_mean": masked_mean}
        exec(next(cell.source for cell in homework.cells if cell.task == "hw1-build"), names)
        model = names["build"](config, len(vocabulary), classes).eval()
        model.head = model.head if last else nn.Identity()
        model.load_state_dict(weights)
        with torch.no_grad():
            return torch.cat([model(torch.tensor([row]), torch.tensor([len(row)])) for row in ids]).numpy()

    return {
        "ids": ids,
        "log_odds": share - share.mean(axis=1, keepdims=True),
        "vectors": vectors,
        "answers": vectors(parse(weights), last=True).argmax(axis=1),
        "labels": list(corpus.test.labels),
        "classes": classes,
        "released": notebook_of(load_homework("hw1")),
    }
