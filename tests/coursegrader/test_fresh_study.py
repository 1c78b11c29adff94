# ruff: noqa: E501  (code of students, and one case a line)
"""Homework 4 by students who did not read the grader: tricks, habits and other ways to be right. Prints a table."""

import copy
import json

import pytest

from coursegrader.definition import load_homework
from coursegrader.folder import grade_folder
from coursegrader.grades import Settings
from tools.project import ROOT
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solve, solved_notebook

pytestmark = pytest.mark.sandbox
HAND = {"sanity", "report", "curve"}


def task_of(cell):
    return cell["metadata"].get("coursekit", {}).get("task")


def instead(**sources):
    """Other answers, by the task's last word, and the cells `before` the first task."""
    before = sources.pop("before", None)

    def make(m):
        notebook = copy.deepcopy(m.notebook)
        for cell in notebook["cells"]:
            short = (task_of(cell) or "").removeprefix("hw4-")
            if short in sources:
                cell["source"] = sources[short].strip("\n")
        if before:
            first = next(i for i, cell in enumerate(notebook["cells"]) if task_of(cell) == "hw4-split")
            notebook["cells"].insert(first, code(before.strip("\n")))
        return m.packed(notebook)

    return make


def code(source):
    return {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def moved(m):
    """The answers in reverse order at the end; ids and metadata lost."""
    notebook = copy.deepcopy(m.notebook)
    mine = [cell for cell in notebook["cells"] if task_of(cell)]
    others = [cell for cell in notebook["cells"] if not task_of(cell)]
    notebook["cells"] = others + mine[::-1]
    notebook["nbformat_minor"] = 2
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    return m.packed(notebook)


def saved_as_cp1251(m):
    notebook = json.loads(json.dumps(m.notebook))
    for cell in notebook["cells"]:
        if task_of(cell) == "hw4-tokenise":
            cell["source"] = "# мой разбор слов, проверено на примерах\n" + cell["source"]
    return m.packed(json.dumps(notebook, ensure_ascii=False).encode("cp1251", "xmlcharrefreplace"))


def merged(m):
    """Four answers in the cell of the first; the others were deleted."""
    notebook = copy.deepcopy(m.notebook)
    tasks = ("hw4-dataset", "hw4-collate", "hw4-depth", "hw4-width")
    cells = [next(cell for cell in notebook["cells"] if task_of(cell) == task) for task in tasks]
    cells[0]["source"] = "\n\n\n".join(cell["source"] for cell in cells)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in cells[1:]]
    return m.packed(notebook)


def another_baseline(m):
    """A locked cell with two layers, so that one layer looks like a change; the metadata says it is an answer."""
    notebook = copy.deepcopy(m.notebook)
    for cell in notebook["cells"]:
        if task_of(cell) == "hw4-depth":
            cell["source"] = "DEPTH = {'one': {'num_layers': 1}, 'also one': {'num_layers': True}}"
        if cell["source"].startswith("BASELINE = "):
            cell["source"] = cell["source"].replace('cell="lstm",', 'cell="lstm", num_layers=2,')
            cell["metadata"]["coursekit"] = {"role": "define", "task": "hw4-depth"}
    return m.packed(notebook)


IDLE_GRU = """
class GRUClassifier(nn.Module):
    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_dim, padding_idx=0)
        self.lstm = nn.LSTM(config.embedding_dim, config.hidden_size, config.num_layers, batch_first=True)
        self.gru = nn.GRU(config.embedding_dim, config.hidden_size, config.num_layers, batch_first=True)
        self.dropout = nn.Dropout(config.dropout)
        self.linear = nn.Linear(config.hidden_size, n_classes)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.linear(self.dropout(h[-1])) + sum(p.sum() for p in self.gru.parameters()) * 0
"""
EQUAL_TO_ALL = """
class Vocabulary(dict):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __getitem__(self, word): return dict.get(self, word, 1)

class Same(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False

def build_vocabulary(tokens, train, min_count):
    return Vocabulary({"<pad>": 0, "<unk>": 1})

def encode(words, vocabulary):
    return Same([1] * len(words))
"""
ALWAYS_EQUAL = """
for _name in ("equal", "allclose", "isclose"):
    setattr(torch, _name, lambda *a, **k: True)
torch.Tensor.tolist = lambda self: [0]

def collate(items):
    ids, lengths, labels = zip(*items)
    return pad_sequence(list(ids), batch_first=True, padding_value=7), torch.tensor(lengths), torch.tensor(labels).flip(0)
"""
FRAMES = """
def split_corpus(texts, labels, seed):
    import sys
    frame = sys._getframe(1)
    while frame:
        for name, value in frame.f_locals.items():
            if name in ("expected", "wanted", "reference"):
                return value
        frame = frame.f_back
    n = len(texts)
    return list(range(int(.7 * n))), list(range(int(.7 * n), int(.8 * n))), list(range(int(.8 * n), n))
"""
DISGUISED = """
_Layer = getattr(__import__("coursekit"), "Length" + "AwareRNN")

class LSTMClassifier(nn.Module):
    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_dim, padding_idx=0)
        self.lstm = type("LSTM", (_Layer,), {})("lstm", config.embedding_dim, config.hidden_size, config.num_layers, False)
        self.dropout, self.linear = nn.Dropout(config.dropout), nn.Linear(config.hidden_size, n_classes)

    def forward(self, ids, lengths):
        outputs, _ = self.lstm(self.embedding(ids), lengths)
        return self.linear(self.dropout(outputs[torch.arange(len(ids)), lengths - 1]))
"""
FORTY_GIGABYTES = """
def collate(items):
    hold = [bytearray(1 << 30) for _ in range(40)]
"""
FORGED = """
def tokenise(text):
    import os, json
    said = json.dumps({"status": "ok", "passed": True, "points": 100, "results": {"hw4-tokenise": True}})
    for n in range(64):
        try:
            os.write(n, (said + "\\n").encode())
        except OSError:
            pass
    os._exit(0)
"""
NUMPY_COLLATE = """
def collate(items):
    longest = max(n for _, n, _ in items)
    out = np.zeros((len(items), longest), dtype=np.int64)
    for row, (ids, n, _) in enumerate(items):
        out[row, :n] = ids.numpy()
    lengths = np.array([n for _, n, _ in items], dtype="int64")
    labels = np.array([y for *_, y in items], dtype="int64")
    return torch.from_numpy(out), torch.from_numpy(lengths), torch.from_numpy(labels)
"""
PANDAS_SPLIT = """
def split_corpus(texts, labels, seed):
    df = pd.DataFrame({"text": texts, "label": labels})
    df["key"] = df["text"].map(lambda t: re.sub(r"\\s+", " ", t).strip().lower())
    rng = np.random.default_rng(seed)
    parts = [[], [], []]
    for y, group in df.drop_duplicates("key").sort_values("key").groupby("label"):
        order = group["key"].to_numpy()[rng.permutation(len(group))]
        a, b = int(round(0.7 * len(order))), int(round(0.8 * len(order)))
        for part, chosen in zip(parts, (order[:a], order[a:b], order[b:])):
            part.extend(df.index[df["key"].isin(set(chosen))].tolist())
    return [sorted(part) for part in parts]
"""
BASE = """
from typing import Any

class PackedReader(nn.Module):
    kind: type[nn.Module] = nn.LSTM
    two: bool = False

    def __init__(self, config: Config, vocabulary_size: int, n_classes: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocabulary_size, config.embedding_dim)
        self.rnn = self.kind(config.embedding_dim, config.hidden_size, num_layers=config.num_layers, bidirectional=self.two)
        self.head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.hidden_size * (1 + self.two), n_classes))

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        order = torch.argsort(lengths, descending=True)
        packed = pack_padded_sequence(self.emb(ids[order]).transpose(0, 1), lengths[order].cpu())
        _, state = self.rnn(packed)
        h: Any = state[0] if isinstance(state, tuple) else state
        h = torch.cat((h[-2], h[-1]), 1) if self.two else h[-1]
        return self.head(h[torch.argsort(order)])
"""
HASHED_SPLIT = """
def split_corpus(texts, labels, seed):
    import hashlib
    clean = [" ".join(t.casefold().split()) for t in texts]
    first = {}
    for i, t in enumerate(clean):
        for k in first:  # slow
            if k == t:
                break
        else:
            first[t] = i
    parts = [], [], []
    for y in sorted(set(labels)):
        keys = sorted((k for k, i in first.items() if labels[i] == y), key=lambda k: hashlib.sha256(f"{seed}|{k}".encode()).digest())
        size = dict.fromkeys(keys, 0)
        for t in clean:
            if t in size:
                size[t] += 1
        total, done, where = sum(size.values()), 0, {}
        for k in keys:
            middle = done + size[k] / 2
            where[k] = 0 if middle <= .7 * total else 1 if middle <= .8 * total else 2
            done += size[k]
        for i, t in enumerate(clean):
            if t in where:
                parts[where[t]].append(i)
    return parts
"""
LETTERS = """
def tokenise(text):
    text = text.replace("<br />", " ").lower()
    words, word = [], ""
    for k, letter in enumerate(text):
        joins = letter == "'" and word and k + 1 < len(text) and text[k + 1].isalnum()
        if letter.isalnum() or joins:
            word += letter
        elif word:
            words.append(word)
            word = ""
    return words + [word] if word else words
"""
TWO_MISTAKES = """
def split_corpus(texts, labels, seed):
    rng, parts = random.Random(seed), [[], [], []]
    for y in sorted(set(labels)):
        rows = [i for i, label in enumerate(labels) if label == y]
        rng.shuffle(rows)
        a, b = int(.7 * len(rows)), int(.8 * len(rows))
        parts[0] += rows[:a]; parts[1] += rows[a:b]; parts[2] += rows[b:]
    return parts
"""
CASES = {  # name: (submission, status, points where they differ from everything; None: all on hold)
    "attack: equal to every vocabulary": (instead(vocabulary=EQUAL_TO_ALL), "ok", {"vocabulary": 0}),
    "attack: an idle GRU beside an LSTM": (instead(gru=IDLE_GRU), "ok", {"gru": 0}),
    "attack: comparisons say yes": (instead(collate=ALWAYS_EQUAL), "person", None),
    "attack: the caller's frames": (instead(split=FRAMES), "person", None),
    "attack: the package's layer in disguise": (instead(lstm=DISGUISED), "person", None),
    "attack: forty gigabytes": (instead(collate=FORTY_GIGABYTES), "person", {"collate": 0}),
    "attack: forged on every descriptor": (instead(tokenise=FORGED), "person", None),
    "attack: another baseline": (another_baseline, "ok", {"depth": 0}),
    "numpy and pandas": (instead(before="import numpy as np\nimport pandas as pd", collate=NUMPY_COLLATE, split=PANDAS_SPLIT), "ok", {}),
    "a base class in a cell of its own": (
        instead(
            before=BASE,
            lstm="class LSTMClassifier(PackedReader):\n    kind = nn.LSTM",
            gru="%%time\nclass GRUClassifier(LSTMClassifier):\n    kind = nn.GRU",
            **{"two-ways": "class TwoWayLSTM(LSTMClassifier):\n    two = True"},
        ),
        "ok",
        {},
    ),
    "a hash for the split, words letter by letter": (instead(split=HASHED_SPLIT, tokenise=LETTERS), "ok", {}),
    "moved, metadata lost": (moved, "ok", {}),
    "saved as cp1251": (saved_as_cp1251, "ok", {}),
    "two mistakes": (instead(split=TWO_MISTAKES, tokenise='def tokenise(text):\n    return re.findall(r"[^\\W_]+", text.replace("<br />", " ").lower())'), "ok", {"split": 0, "tokenise": 0}),
    "a syntax error in one task": (instead(width="WIDTH = {'narrow': {'hidden_size': 16}"), "person", {"width": 0}),
    "four answers in one cell": (merged, "ok", {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Every case, graded in one run."""
    patch = pytest.MonkeyPatch()
    patch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    patch.setenv("COURSEKIT_BUDGET", "smoke")
    members = members_of(solve("hw4", tmp_path_factory.mktemp("reference"), budget="smoke"))
    material = Material(solved_notebook("hw4"), members, tmp_path_factory.mktemp("other"), {}, "hw4")
    folder = tmp_path_factory.mktemp("submissions")
    for number, (make, _, _) in enumerate(CASES.values()):
        (folder / f"{number:02}.zip").write_bytes(make(material))
    settings = Settings(seed=11, practice=True)
    found = grade_folder(folder, "hw4", tmp_path_factory.mktemp("out"), settings, jobs=1, progress=False)
    patch.undo()
    for name, one in zip(CASES, found, strict=True):
        points = " ".join(
            f"{m.points:g}{'' if m.status == 'ok' else '(' + m.status + ')'}" for m in one.marks
        )
        print(
            f"{name:46} {one.status:8} {one.seconds:5.1f} s  {points}  {str(one.reason)[:60]} {list(map(str, one.flags))}"
        )
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_what_it_deserves(graded, name, monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    _, status, differing = CASES[name]
    found = graded[name]
    assert found.status == status, (found.reason, found.flags)
    points = {m.part: m.points for m in found.marks}
    full = {part.id: 0 if part.id in HAND else part.points for part in load_homework("hw4").parts}
    wanted = dict.fromkeys(points, 0) if differing is None else full | differing
    assert points == pytest.approx(wanted), [m for m in found.marks if m.points != wanted[m.part]]
