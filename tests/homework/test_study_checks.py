"""Homework 4's checks see what is wrong with a step, a classifier, a sweep. No right answer to a step stands here."""

import random

import pytest
import torch
from torch import nn

from coursekit.homework import CheckFailed, check
from coursekit.homework.experiments import sweep_entry
from coursekit.homework.pipeline import STEPS, draw_case, run_step, step_laws
from coursekit.nn import TextClassifier
from coursekit.training import Config

BASE = Config(cell="lstm")


def classifier(config, words, classes):
    return TextClassifier(config, vocabulary_size=words, n_classes=classes)


def cut(texts, labels, seed):
    a, b = int(len(texts) * 0.7), int(len(texts) * 0.8)
    places = list(range(len(texts)))
    return places[:a], places[a:b], places[b:]


def shuffled(texts, labels, seed):
    places = list(range(len(texts)))
    random.Random(seed).shuffle(places)
    return [[places[i] for i in part] for part in cut(texts, labels, seed)]


def by_position(texts, labels, seed):
    """Ten positions of a class in turn: shares and sizes are right, and nothing else is."""
    places = sorted(range(len(texts)), key=lambda i: labels[i])
    return (
        places[0::10] + [i for k in range(1, 7) for i in places[k::10]],
        places[7::10],
        places[8::10] + places[9::10],
    )


def more_than_once(texts, labels, seed):
    train, validation, test = shuffled(texts, labels, seed)
    return train, validation, test + train[:1]


def from_nowhere(texts, labels, seed):
    places = list(range(len(texts)))
    random.shuffle(places)
    return [[places[i] for i in part] for part in cut(texts, labels, seed)]


def words_of_all(tokens, train, min_count):
    words = sorted({word for row in tokens for word in row})
    return {word: i for i, word in enumerate(["<pad>", "<unk>", *words])}


WRONG = {  # step, functions: words that the hint must hold
    "cut": ("split", {"split_corpus": cut}, ("share of every class", "one part")),
    "shuffled": ("split", {"split_corpus": shuffled}, ("share of every class", "equal texts")),
    "in turn": ("split", {"split_corpus": by_position}, ("equal texts", "the seed decides")),
    "twice": ("split", {"split_corpus": more_than_once}, ("every review stands in exactly one",)),
    "global state": ("split", {"split_corpus": from_nowhere}, ("the seed decides",)),
    "two parts": ("split", {"split_corpus": lambda t, y, s: ([0], [1])}, ("every review",)),
    "plain split": ("tokenise", {"tokenise": str.split}, ("lower-case", "end where they should")),
    "letters": ("tokenise", {"tokenise": lambda text: list(text.lower())}, ("end where they should",)),
    "all texts": (
        "vocabulary",
        {"build_vocabulary": words_of_all, "encode": lambda row, v: [v[w] for w in row if w in v]},
        ("in the train part", "most frequent word first", "an empty text"),
    ),
    "no specials": (
        "vocabulary",
        {"build_vocabulary": lambda t, p, n: {"a": 0}, "encode": lambda row, v: []},
        ("<pad> is 0", "is not dropped"),
    ),
    "floats": (
        "collate",
        {"collate": lambda items: [torch.zeros(len(items), 3)] * 3},
        ("whole numbers", "as wide as the longest", "count the real words"),
    ),
    "lists": ("dataset", {"ReviewDataset": lambda ids, y, n: [(torch.ones(1), 1, 0)] * 12}, ("int64", "cut after")),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_step_fails_with_a_hint(name, capsys):
    step, functions, hints = WRONG[name]
    with pytest.raises(CheckFailed, match=f"hw4-{step}"):
        check(f"hw4-{step}", **functions)
    failed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("✗")]
    for hint in hints:
        assert any(hint in line for line in failed), failed


@pytest.mark.parametrize("step", STEPS)
def test_what_is_not_written_is_no_failure(step):
    def stub(*_):
        raise NotImplementedError(f"hw4-{step}")

    with pytest.raises(NotImplementedError):
        check(f"hw4-{step}", **dict.fromkeys(STEPS[step].names, stub))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("given", [None, 3, [], {}, {"first": [[True]]}, [[1], None], {"items": 3, "n": "x"}])
def test_data_of_another_form_breaks_a_law_and_raises_nothing(step, given):
    laws = step_laws(step, draw_case(step, 3), given)
    assert any(wrong for _, wrong in laws)


@pytest.mark.parametrize("step", STEPS)
def test_a_case_hangs_on_its_seed_alone(step):
    assert draw_case(step, 4) == draw_case(step, 4) != draw_case(step, 5)
    with pytest.raises(KeyError):
        run_step(step, {}, draw_case(step, 4))


class OneByOne(nn.Module):
    """Right, and slow: each text is read by itself, so that nothing has to be packed."""

    state = slice(-1, None)  # of the layers, which are read

    def __init__(self, config, words, classes):
        super().__init__()
        layer, ways = {"lstm": nn.LSTM, "gru": nn.GRU}[config.cell], 1 + config.bidirectional
        self.ways, self.embedding = ways, nn.Embedding(words, config.embedding_dim)
        sizes = config.embedding_dim, config.hidden_size, config.num_layers
        self.layer = layer(*sizes, batch_first=True, bidirectional=config.bidirectional)
        self.dropout, self.head = nn.Dropout(config.dropout), nn.Linear(ways * config.hidden_size, classes)

    def forward(self, ids, lengths):
        rows = [row[None, :n] for row, n in zip(ids, lengths.tolist(), strict=True)]
        read = [self.layer(self.embedding(row))[1] for row in rows]
        states = torch.stack([h[0] if isinstance(h, tuple) else h for h in read])  # (B, layers · ways, 1, H)
        chosen = states.unflatten(1, (-1, self.ways))[:, self.state]  # (B, 1, ways, 1, H)
        return self.head(self.dropout(chosen.flatten(1)))


class FirstLayer(OneByOne):
    state = slice(0, 1)


class Shares(OneByOne):
    def forward(self, ids, lengths):
        return super().forward(ids, lengths).softmax(dim=1)


class NeverStill(OneByOne):
    def forward(self, ids, lengths):
        return nn.functional.dropout(super().forward(ids, lengths), 0.5)


def test_a_right_classifier_passes_every_line(capsys):
    for task in ("hw4-lstm", "hw4-gru", "hw4-two-ways"):
        check(task, model=OneByOne)
    assert "✗" not in capsys.readouterr().out


class LastColumn(nn.Module):
    def __init__(self, config, words, classes):
        super().__init__()
        self.embedding = nn.Embedding(words, config.embedding_dim)
        self.layer = nn.LSTM(
            config.embedding_dim, config.hidden_size, batch_first=True, bidirectional=config.bidirectional
        )
        self.head = nn.LazyLinear(classes)

    def forward(self, ids, lengths):
        return self.head(self.layer(self.embedding(ids))[0][:, -1])


class OwnEnd(LastColumn):
    def forward(self, ids, lengths):
        rows = [
            self.layer(self.embedding(row[None, :n]))[0][:, -1]
            for row, n in zip(ids, lengths.tolist(), strict=True)
        ]
        return self.head(torch.cat(rows))


def eager(model):
    """Give a lazy layer its size."""

    def make(config, words, classes):
        made = model(config, words, classes)
        made(torch.ones(1, 2, dtype=torch.int64), torch.tensor([2]))
        return made

    return make


@pytest.mark.parametrize(
    ("task", "model", "hints"),
    [
        ("hw4-lstm", LastColumn, ("logits are those it has alone", "num_layers act", "dropout acts")),
        ("hw4-gru", OwnEnd, ("GRU: it reads",)),
        ("hw4-two-ways", OwnEnd, ("every parameter gets a gradient",)),
        ("hw4-lstm", FirstLayer, ("every parameter gets a gradient",)),
        ("hw4-two-ways", FirstLayer, ("every parameter gets a gradient",)),
        ("hw4-gru", Shares, ("no probabilities",)),
        ("hw4-lstm", NeverStill, ("in evaluation mode",)),
        ("hw4-lstm", classifier, ("packing is your own",)),
    ],
)
def test_a_wrong_classifier_fails_with_a_hint(task, model, hints, capsys):
    with pytest.raises(CheckFailed, match=task):
        check(task, model=eager(model))
    failed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("✗")]
    for hint in hints:
        assert any(hint in line for line in failed), failed


@pytest.mark.parametrize(
    ("changes", "together", "said"),
    [
        ({"hidden_size": 8, "epochs": 1}, False, "changes epochs; here only hidden_size, embedding_dim may"),
        ({"hidden_size": 8, "embedding_dim": 8}, False, "exactly one field, got 2"),
        ({"hidden_size": 128}, False, "in the baseline already"),
        ({"hidden_size": 8}, True, "at least two fields"),
        ({"hidden_size": 8, "embedding_dim": 128}, True, "at least two fields"),
    ],
)
def test_an_entry_of_a_sweep_changes_what_it_may(changes, together, said):
    with pytest.raises(ValueError, match=said):
        sweep_entry(BASE, changes, ("hidden_size", "embedding_dim"), together=together)


def test_sweeps_are_looked_at(capsys):
    check("hw4-width", experiments={"a": {"hidden_size": 8}, "b": {"hidden_size": 9}}, baseline=BASE)
    with pytest.raises(CheckFailed):
        check("hw4-width", experiments={"a": {"hidden_size": 8}, "b": {"hidden_size": 8}}, baseline=BASE)
    assert "another entry says the same" in capsys.readouterr().out
    with pytest.raises(CheckFailed):
        check(
            "hw4-optimisers",
            experiments={"a": {"optimiser": "sgd"}, "b": {"optimiser": "rmsprop"}},
            baseline=BASE,
        )
    assert "missing: adagrad" in capsys.readouterr().out
    trials = {f"t{k}": {"hidden_size": k + 2, "embedding_dim": k + 2} for k in range(13)}
    with pytest.raises(CheckFailed):
        check("hw4-compound", experiments=trials, baseline=BASE)
    assert "✗ at most 12" in capsys.readouterr().out
