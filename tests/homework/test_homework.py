"""What a student calls: one change at a time, checks that see the padding law, a file to hand in."""

import json
import zipfile
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load
from torch import nn

from coursekit.batching import mask_from_lengths
from coursekit.data import Corpus, Source, make_reviews
from coursekit.homework import CheckFailed, check, one_change, pack, run_experiment
from coursekit.homework.attempt import _attempt
from coursekit.nn import LengthAwareRNN, TextClassifier, masked_max, masked_mean
from coursekit.stats import confusion_matrix, macro_f1
from coursekit.training import Config, change


class Own(TextClassifier):
    """Right, and by its class not the package's."""


def good(config, words, classes):
    return Own(config, vocabulary_size=words, n_classes=classes)


class OverPads(nn.Module):
    def __init__(self, config, words, classes):
        super().__init__()
        self.embedding = nn.Embedding(words, config.embedding_dim)
        self.rnn = LengthAwareRNN(config.cell, config.embedding_dim, config.hidden_size)
        self.head = nn.Linear(config.hidden_size, classes)

    def forward(self, ids, lengths):
        return self.head(self.rnn.rnn(self.embedding(ids))[0].mean(dim=1))


class Unused(OverPads):
    def forward(self, ids, lengths):
        return self.head(torch.zeros(len(ids), self.head.in_features))


def test_a_right_model_passes_every_line(capsys):
    check("hw1-build", build=good)
    said = capsys.readouterr().out
    assert "✗" not in said and said.count("batch mates") == 3


class Restless(Own):
    """Drops out in evaluation mode as well."""

    def __init__(self, config, words, classes):
        super().__init__(config, vocabulary_size=words, n_classes=classes)

    def forward(self, ids, lengths):
        return nn.functional.dropout(super().forward(ids, lengths), self.config.dropout)


class MeanOverAll(Restless):
    """Right but for the mean, which counts the pads."""

    def forward(self, ids, lengths):
        if self.config.pooling != "mean":
            return Own.forward(self, ids, lengths)
        outputs, _ = self.rnn(self.embedding(ids), lengths)
        return self.head((outputs + 0.1).mean(dim=1))


def ready(config, words, classes):
    return TextClassifier(config, vocabulary_size=words, n_classes=classes)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (OverPads, "pads take part"),
        (Unused, "built and never used"),
        (Restless, "random in evaluation mode"),
        (MeanOverAll, "with pooling='mean' a text's logits move"),
        (ready, "ck.TextClassifier gives no mark"),
    ],
)
def test_a_wrong_model_fails_with_a_hint(wrong, hint, capsys):
    with pytest.raises(CheckFailed, match="hw1-build"):
        check("hw1-build", build=wrong)
    assert hint in capsys.readouterr().out


class Ignorant(nn.Module):
    """A right model, of which every cell, size and pooling is fixed."""

    FIXED = Config(embedding_dim=12, hidden_size=10, dropout=0.0)

    def __init__(self, config, words, classes):
        super().__init__()
        self.inner = TextClassifier(self.settings(config), vocabulary_size=words, n_classes=classes)

    def settings(self, config):
        return self.FIXED

    def forward(self, ids, lengths):
        return self.inner(ids, lengths)


@pytest.mark.parametrize(
    "ignored", ["cell", "hidden_size", "num_layers", "bidirectional", "pooling", "dropout"]
)
def test_a_field_that_does_nothing_is_named(ignored, capsys):
    class Partly(Ignorant):
        def settings(self, config):
            return change(config, **{ignored: getattr(self.FIXED, ignored)})

    check("hw1-build", build=Partly)  # an honest model, of which experiments with the field would be none
    said = capsys.readouterr().out
    assert said.count("! config.") == 1 and "✗" not in said
    assert f"! config.{ignored}: " in said and f"gives the same model as {ignored}=" in said


def test_a_pooling_that_is_not_written_is_named_with_its_error(capsys):
    class One(OverPads):
        def __init__(self, config, words, classes):
            super().__init__(config, words, classes)
            self.way = {"max": masked_max, "mean": masked_mean}[config.pooling]

        def forward(self, ids, lengths):
            outputs, _ = self.rnn(self.embedding(ids), lengths)
            return self.head(self.way(outputs, mask_from_lengths(lengths, ids.shape[1])))

    check("hw2-build", build=One)
    said = capsys.readouterr().out
    assert "! config.pooling: with pooling='last' it does not run: 'last'." in said
    assert "num_layers=2 gives the same model as num_layers=1." in said


def test_a_softmax_at_the_end_is_found(capsys):
    class Shares(Ignorant):
        def settings(self, config):
            return config

        def forward(self, ids, lengths):
            return super().forward(ids, lengths).softmax(dim=1)

    with pytest.raises(CheckFailed, match="1 of the lines"):
        check("hw2-build", build=Shares)
    assert "✗ logits, no probabilities\n  each row is positive and sums to 1" in capsys.readouterr().out


def test_what_is_not_written_is_no_failure():
    def build(*_):
        raise NotImplementedError("hw1-build")

    with pytest.raises(NotImplementedError):
        check("hw1-build", build=build)
    with pytest.raises(NotImplementedError):
        check("hw1-experiments", experiments={})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "exactly one field, got 0"),
        ({"cell": "gru", "epochs": 9}, "exactly one field, got 2"),
        ({"cell": "rnn"}, "in the baseline already"),
        ({"seed": 3}, "'seed' is no field"),
        ({"spelling": 9}, "'spelling' is not part of the homework"),
    ],
)
def test_an_experiment_is_one_change(changes, said):
    with pytest.raises(ValueError, match=said):
        one_change(Config(), changes)


def test_an_experiment_without_a_value_is_told_the_form(capsys):
    with pytest.raises(ValueError, match="as in {'cell': 'gru'}, got 'cell'"):
        one_change(Config(), "cell")
    for wrong in ([{"cell": "gru"}], {"cell": "gru", "dropout": 0.3}):
        with pytest.raises(CheckFailed):
            check("hw2-experiments", experiments=wrong, baseline=Config())
    said = capsys.readouterr().out
    assert "write {'a name': {'cell': 'gru'}, …}, got list." in said and "got 0.3" in said


def test_an_experiment_that_does_nothing_is_named_before_it_is_trained(capsys):
    experiments = {"a": {"cell": "gru"}, "b": {"word_dropout": 0.2}, "c": {"epochs": 2}}
    check("hw2-experiments", experiments=experiments, baseline=Config(), build=good)

    def deaf(config, words, classes):
        return good(change(config, word_dropout=0.0), words, classes)

    with pytest.raises(CheckFailed, match="1 of"):
        check("hw1-experiments", experiments=experiments, build=deaf)
    said = capsys.readouterr().out
    assert "✗ b: it changes the model" in said and "gives the same model as word_dropout=0.0" in said
    assert "✓ c: it changes the model" in said

    def unwritten(*_):
        raise NotImplementedError("hw1-build")

    check("hw1-experiments", experiments=experiments, build=unwritten)
    assert "it changes the model" not in capsys.readouterr().out


def test_an_experiment_is_not_packed_under_the_name_of_the_baseline(capsys):
    experiments = {"baseline": {"cell": "gru"}, "b": {"dropout": 0.3}}
    with pytest.raises(CheckFailed, match="1 of"):
        check("hw2-experiments", experiments=experiments, baseline=Config())
    assert "✗ baseline: a name of its own" in capsys.readouterr().out


def test_what_is_not_right_is_shown_without_the_way_through_the_package(shell, capsys):
    shell.user_ns |= {"check": check, "build": OverPads}
    shell.run_cell('check("hw1-build", build=build)')
    said = capsys.readouterr().out
    assert "CheckFailed: hw1-build: 4 of the lines above are not right yet." in said
    assert "checks.py" not in said and "Traceback" not in said


def test_one_change_is_made():
    assert one_change(Config(), {"cell": "gru"}) == Config(cell="gru")


@pytest.fixture(scope="module")
def result():
    parts = {part: make_reviews(60, seed=k) for k, part in enumerate(("train", "validation", "test"))}
    corpus = Corpus("reviews", "en", ("negative", "positive"), source=Source("generated", "a test"), **parts)
    config = Config(epochs=1, embedding_dim=8, hidden_size=6, min_count=1)
    return run_experiment(good, config, corpus, progress=False)


def notebook(folder, homework="hw1"):
    path = folder / "mine.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {"coursekit": {"homework": homework}}}))
    return path


def test_one_file_holds_all_that_is_handed_in(result, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    notebook(tmp_path)
    path = pack("hw1", result, {"again": result})
    assert path.name in capsys.readouterr().out
    with zipfile.ZipFile(path) as packed:
        weights = load(packed.read("weights.safetensors"))
        assert Config.from_dict(json.loads(packed.read("config.json"))) == result.config
        assert len(json.loads(packed.read("results.json"))["experiments"]["again"]["epochs"]) == 1
        assert json.loads(packed.read("vocabulary.json"))["words"][:2] == ["<pad>", "<unk>"]
    for name, value in result.model.state_dict().items():
        assert torch.equal(weights[name], value)


def test_a_model_of_a_stand_in_is_not_to_be_handed_in(result, tmp_path, capsys):
    assert (
        result.stand_in == "" and "stand_in" not in result.to_dict()
    )  # generated reviews stand in for nothing
    parts = {part: make_reviews(60, seed=k) for k, part in enumerate(("train", "validation", "test"))}
    source = Source("stand-in", "topics of BBC News")
    corpus = Corpus("bbc", "en", ("negative", "positive"), source=source, **parts)
    learned = run_experiment(good, result.config, corpus, progress=False)
    path = pack("hw1", learned, notebook=notebook(tmp_path), out=tmp_path / "x.zip")
    said = capsys.readouterr().out
    assert "Do not hand it in yet" in said and "a stand-in for the real data (topics of BBC News)" in said
    assert "COURSEKIT_DATA" in said and "Hand in this one file" not in said
    with zipfile.ZipFile(path) as packed:
        assert json.loads(packed.read("results.json"))["final"]["stand_in"] == "topics of BBC News"
    pack("hw1", result, notebook=notebook(tmp_path), out=tmp_path / "x.zip")
    said = capsys.readouterr().out
    assert "Hand in this one file." in said and "stand-in" not in said


def test_a_notebook_that_cannot_be_found_is_asked_for(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="0 notebooks in this folder belong to 'hw1'"):
        pack("hw1", result)
    notebook(tmp_path, "hw3")
    with pytest.raises(FileNotFoundError, match="0 notebooks"):
        pack("hw1", result)
    assert not list(tmp_path.glob("*.zip*"))


BUILT = "def build(config, words, classes):\n    return None"
STUB = 'def build(config, words, classes):\n    raise NotImplementedError("hw1-build")'
NAMED, EMPTY = (
    "EXPERIMENTS = {}\nEXPERIMENTS = {'a': {'cell': 'gru'}}",
    "EXPERIMENTS = {}  # name\n# your code here",
)


def with_tasks(folder, build, experiments):
    path = notebook(folder)
    cells = [
        {
            "cell_type": "code",
            "metadata": {"coursekit": {"task": task}},
            "source": source.splitlines(keepends=True),
        }
        for task, source in (("hw1-build", build), ("hw1-experiments", experiments))
    ]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cells": cells}))
    return path


def test_a_notebook_that_was_not_saved_is_refused(result, tmp_path, monkeypatch, capsys):
    import coursekit.homework.packing as packing

    out = tmp_path / "x.zip"
    with pytest.raises(ValueError, match="hw1-build, hw1-experiments are not written yet: save it first"):
        pack("hw1", result, notebook=with_tasks(tmp_path, STUB, EMPTY), out=out)
    monkeypatch.setattr(packing, "_executed", lambda: ["print(1)", NAMED])
    with pytest.raises(ValueError, match="hw1-experiments is not written yet"):
        pack("hw1", result, notebook=with_tasks(tmp_path, BUILT, EMPTY), out=out)
    assert not out.exists()
    monkeypatch.setattr(packing, "_executed", lambda: [EMPTY])  # left open on purpose
    assert pack("hw1", result, notebook=with_tasks(tmp_path, BUILT, EMPTY), out=out).exists()
    assert "not written in this notebook: hw1-experiments" in capsys.readouterr().out
    pack("hw1", result, notebook=with_tasks(tmp_path, BUILT, NAMED), out=out)
    assert "not written" not in capsys.readouterr().out


def test_too_large_a_file_is_not_left_behind(result, tmp_path, monkeypatch):
    import coursekit.homework.packing as packing

    monkeypatch.setattr(packing, "LARGEST_MIB", 0)
    with pytest.raises(ValueError, match="at most 0 are allowed"):
        pack("hw1", result, notebook=notebook(tmp_path), out=tmp_path / "x.zip")
    assert not list(tmp_path.glob("x.zip*"))


@pytest.fixture
def shell(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    import coursekit.homework.attempt as attempt

    made = InteractiveShell()
    monkeypatch.setattr(attempt, "get_ipython", lambda: made)
    monkeypatch.setattr(attempt, "_waiting", {})
    return made


def test_an_attempt_waits_for_what_is_not_written(shell, capsys):
    shell.user_ns["task"] = lambda: (_ for _ in ()).throw(NotImplementedError("hw1-build"))
    _attempt("", "model = task()")
    _attempt("", "print(model)")
    assert capsys.readouterr().out == "not written yet: hw1-build\n" * 2
    shell.user_ns["task"] = lambda: 7
    _attempt("", "model = task()")
    _attempt("", "print(model)")
    assert capsys.readouterr().out == "7\n"


def test_the_value_of_the_last_line_is_shown_as_in_any_cell(shell, capsys):
    _attempt("", "answer = 41\nanswer + 1")
    assert capsys.readouterr().out == "42\n"
    _attempt("", "None")
    _attempt("", "if answer:\n    answer")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("code", "error"), [("1 / 0", ZeroDivisionError), ("print(nowhere)", NameError)])
def test_other_errors_are_for_the_student_to_see(shell, code, error):
    with pytest.raises(error):
        _attempt("", code)


# homework 2: macro-F1 and letters


@pytest.fixture(scope="module")
def rare():
    parts = {part: make_reviews(60, seed=k) for k, part in enumerate(("train", "validation", "test"))}
    corpus = Corpus("reviews", "en", ("negative", "positive"), source=Source("generated", "a test"), **parts)
    config = Config(epochs=2, embedding_dim=8, hidden_size=6, min_count=1, monitor="macro_f1")
    return run_experiment(good, config, corpus, progress=False)


def test_a_run_that_is_judged_by_macro_f1_keeps_what_it_is_made_of(rare, result):
    matrix = confusion_matrix(rare.truth, rare.answers, 2)
    assert rare.macro_f1 == pytest.approx(macro_f1(matrix)) == rare.to_dict()["macro_f1"]
    assert rare.macro_f1 == max(epoch.validation_macro_f1 for epoch in rare.history.epochs)
    assert result.macro_f1 is None and result.truth == () and "macro_f1" not in result.to_dict()


def judged(rare, answers):
    truth = tuple(int(i % 12 == 0) for i in range(240))
    found = tuple(answers(i, label) for i, label in enumerate(truth))
    score = macro_f1(confusion_matrix(truth, found, 2))
    return replace(rare, truth=truth, answers=found, macro_f1=score)


def test_the_final_check_estimates_the_mark_with_an_interval(rare, capsys):
    most = judged(rare, lambda i, label: label if i % 36 else 0)
    check("hw2-final", final=most, thresholds={0.6: 1, 0.7: 2, 0.88: 3}, safe=0.05)
    said = capsys.readouterr().out
    assert (
        f"validation macro-F1 {most.macro_f1:.3f}, 95 % interval" in said
        and "20 of them of the rare class" in said
    )
    assert "mark for quality: 3; by the safe target, 2." in said and "✗" not in said


@pytest.mark.parametrize("label", [0, 1])
def test_a_constant_class_fails_the_final_check(rare, label, capsys):
    with pytest.raises(CheckFailed, match="hw2-final"):
        check("hw2-final", final=judged(rare, lambda i, truth: label), thresholds={0.7: 3})
    assert "always answering the largest class gives 0.478" in capsys.readouterr().out


def test_a_run_with_another_ruler_is_told_to_start_from_the_baseline(result, capsys):
    with pytest.raises(CheckFailed):
        check("hw2-final", final=result, thresholds={0.7: 3})
    assert "change(BASELINE, **FINAL)" in capsys.readouterr().out


def test_the_ruler_is_no_experiment():
    with pytest.raises(ValueError, match="'monitor' is the ruler of all runs"):
        one_change(Config(monitor="macro_f1"), {"monitor": "accuracy"})
    assert one_change(Config(monitor="macro_f1"), {"class_weights": True}).monitor == "macro_f1"


def test_homework_2_wants_a_gated_cell(capsys):
    with pytest.raises(CheckFailed, match="hw2-experiments: 1 of"):
        check(
            "hw2-experiments",
            experiments={"a": {"class_weights": True}, "b": {"dropout": 0.3}},
            baseline=Config(),
        )
    assert "✗ one of them is a GRU or an LSTM" in capsys.readouterr().out


def test_the_checks_of_homework_2_name_their_own_tasks(capsys):
    check("hw2-build", build=good)
    check(
        "hw2-experiments", experiments={"a": {"cell": "gru"}, "b": {"class_weights": True}}, baseline=Config()
    )
    with pytest.raises(NotImplementedError, match="hw2-experiments"):
        check("hw2-experiments", experiments={})
    with pytest.raises(NotImplementedError, match="hw2-questions"):
        check("hw2-questions", answers={}, questions=5)


@pytest.mark.parametrize("given", ["", "e", "ab", "abcd", None, 1, ["a"], "да"])
def test_letters_are_looked_at_for_their_form_only(given, capsys):
    answers = dict.fromkeys(("q1", "q2", "q3", "q4", "q5"), "a")
    check("hw2-questions", answers=answers, questions=5, letters="abcd")
    assert capsys.readouterr().out.count("✓") == 5
    with pytest.raises(CheckFailed, match="hw2-questions: 1 of the lines"):
        check("hw2-questions", answers=answers | {"q4": given}, questions=5, letters="abcd")
    assert "under 'q4'" in capsys.readouterr().out
