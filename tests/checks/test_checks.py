"""Checks pass on the reference models, say clearly what they cannot check, and tell pads, dropout and batch norm apart."""

import os
import re
from dataclasses import replace

import pytest
import torch
from torch import nn

import coursekit as ck
from coursekit import checks
from coursekit.nn import masked_mean

REFERENCES = {
    "rnn max": {"cell": "rnn", "pooling": "max"},
    "lstm mean+max, two directions": {"cell": "lstm", "pooling": "mean+max", "bidirectional": True},
    "gru last, two layers": {"cell": "gru", "pooling": "last", "num_layers": 2},
}
REVIEWS = ck.load("reviews", train=200, quiet=True)


def config_of(**how):
    return ck.Config(embedding_dim=32, hidden_size=32, min_count=2, max_length=64, **how)


CONFIG = config_of(cell="gru", dropout=0.5)
DATA = ck.prepare(REVIEWS, CONFIG)
LOADER = ck.make_loader(DATA.train, 32)
MODEL = ck.TextClassifier(CONFIG, **DATA.sizes)
MODEL_CHECKS = {
    "first_loss": lambda model, batches: checks.first_loss(model, batches, 2),
    "overfits_one_batch": checks.overfits_one_batch,
    "padding_law": checks.padding_law,
    "order_sensitivity": checks.order_sensitivity,
    "gradients": checks.gradients,
}
EACH = pytest.mark.parametrize("check", MODEL_CHECKS.values(), ids=MODEL_CHECKS)


def false_alarms(name, seed):
    """Run all checks on the reference models; return what did not pass."""
    found, corpus = [], ck.load(name, train=400, seed=seed, quiet=True)
    for model_name, how in REFERENCES.items():
        config = config_of(**how)
        torch.manual_seed(seed)
        model = ck.TextClassifier(config, **ck.prepare(corpus, config).sizes)
        found += [(name, seed, model_name, f) for f in checks.run_all(model, corpus) if not f]
    return found


@pytest.mark.parametrize("seed", range(5))
def test_no_false_alarm_on_stand_ins(seed, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert false_alarms("ag_news", seed) + false_alarms("imdb", seed) == []


@pytest.mark.skipif(
    not os.environ.get("COURSEKIT_DATA"), reason="COURSEKIT_DATA is not set: no real data here"
)
@pytest.mark.parametrize("seed", range(5))
def test_no_false_alarm_on_real_data(seed):
    assert false_alarms("ag_news", seed) + false_alarms("imdb", seed) == []


def test_a_real_run_raises_no_alarm():
    config = config_of(cell="gru", epochs=4, schedule="one_cycle", learning_rate=1e-2)
    model = ck.TextClassifier(config, **DATA.sizes)
    history = ck.fit(model, DATA.train, DATA.validation, config, seed=0, progress=False)
    outcome = ck.evaluate(model, DATA.test)
    findings = [
        checks.best_epoch(history, history.best.epoch),
        checks.accuracy_fits_loss(history, 2),
        checks.gap_varies(history, "train_loss", "validation_loss"),
        checks.rate_acts(history),
        checks.answers_vary(outcome.predictions, outcome.labels),
        checks.possible_score(outcome.accuracy, outcome.n),
        checks.report_numbers(f"validation {history.best.validation_accuracy:.1%}, loss "
                              f"{history.epochs[-1].train_loss:.3f}", history),
        checks.same_twice(lambda: ck.evaluate(model, DATA.test).logits),
    ]  # fmt: skip
    assert [f for f in findings if not f] == []


def test_run_all_prints_one_table(capsys):
    findings = checks.run_all(MODEL, REVIEWS)
    printed = capsys.readouterr().out
    assert all(findings) and f"{len(findings)} of {len(findings)} checks passed" in printed
    assert MODEL.training and next(MODEL.parameters()).grad is None  # the model is as it was


def test_run_all_shows_what_could_not_run(capsys):
    class Other(nn.Module):
        def forward(self, ids):
            return ids

    findings = checks.run_all(Other(), REVIEWS, CONFIG)
    assert not any(f for f in findings if f.check in MODEL_CHECKS)
    assert "could not run: a model must be called as model(ids, lengths)" in capsys.readouterr().out
    with pytest.raises(ValueError, match="'config' must say"):
        checks.run_all(Other(), REVIEWS)


@EACH
def test_another_signature_is_an_error(check):
    class Other(nn.Module):
        def forward(self, ids):
            return ids

    with pytest.raises(TypeError, match=r"called as model\(ids, lengths\)"):
        check(Other(), LOADER)
    with pytest.raises(TypeError, match="must be a torch.nn.Module"):
        check(lambda ids, lengths: ids, LOADER)


@EACH
def test_an_empty_loader_is_an_error(check):
    with pytest.raises(ValueError, match="at least one batch, got none"):
        check(MODEL, [])
    with pytest.raises(TypeError, match="ids, lengths and labels"):
        check(MODEL, [DATA.train])


@EACH
def test_nan_logits_are_an_error(check):
    model = ck.TextClassifier(CONFIG, **DATA.sizes)
    with torch.no_grad():
        model.head.bias[0] = float("nan")
    with pytest.raises(FloatingPointError, match="logits must be finite"):
        check(model, LOADER)


def test_fewer_outputs_than_classes_never_pass():
    batch = ck.collate(DATA.train.id_lists[:16], [0, 1, 2, 3] * 4)
    assert "labels go up to 3" in repr(checks.first_loss(MODEL, batch, 4))
    with pytest.raises(ValueError, match="a class for every label"):
        checks.gradients(MODEL, batch)


def test_one_class_only_never_passes():
    batch = next(iter(LOADER))
    alike = ck.collate(DATA.train.id_lists[:16], [1] * 16)
    with pytest.raises(ValueError, match="at least 2"):
        checks.first_loss(MODEL, batch, 1)
    with pytest.raises(ValueError, match="two classes"):
        checks.overfits_one_batch(MODEL, alike)
    assert not checks.label_balance([1] * 16, 2)
    assert not checks.answers_vary([1] * 16, [0, 1] * 8)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: checks.label_balance([], 2),
        lambda: checks.answers_vary([], []),
        lambda: checks.readable([]),
        lambda: checks.best_epoch([], 1),
        lambda: checks.best_epoch([{"loss": 1.0}], 1),
        lambda: checks.best_epoch([{"validation_accuracy": 0.5}], 2),
        lambda: checks.rate_acts([{"learning_rate": 1.0}]),
        lambda: checks.gap_varies([{"a": 1.0, "b": 2.0}] * 2, "a", "b"),
        lambda: checks.report_numbers("no number", [{"a": 1.0}]),
        lambda: checks.possible_score(0.5, 0),
        lambda: checks.prefers_smallest(lambda s, n: s, [0.5], [10]),
        lambda: checks.both_directions(MODEL, LOADER),
        lambda: checks.stable_across_processes(lambda: 1),
    ],
)
def test_nothing_to_check_is_an_error(ask):
    with pytest.raises(ValueError, match="must|got"):
        ask()


def test_nan_in_a_log_is_an_error():
    with pytest.raises(FloatingPointError, match="must hold finite numbers"):
        checks.best_epoch([{"validation_loss": 1.0}, {"validation_loss": float("nan")}], 1, "validation_loss")


class Bag(nn.Module):
    """A mean of word vectors, with one fault at a time."""

    def __init__(self, fault):
        super().__init__()
        self.embedding = nn.Embedding(DATA.sizes["vocabulary_size"], 8)
        self.head, self.fault, self.norm = nn.Linear(8, 2), fault, nn.BatchNorm1d(8)

    def forward(self, ids, lengths):
        x = self.embedding(ids)
        mask = ck.mask_from_lengths(lengths, ids.shape[1])[:, :, None]
        x = x.mean(dim=1) if self.fault == "pads" else (x * mask).sum(dim=1) / lengths[:, None]
        if self.fault == "dropout":
            x = nn.functional.dropout(x)
        if self.fault == "mates":
            x = x - x.mean(dim=0)
        return self.head(self.norm(x) if self.fault == "batch norm" else x)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("pads", "reads pads"),
        ("dropout", "self.training"),
        ("mates", "mixes the texts"),
        ("batch norm", "in training"),
    ],
)
def test_the_padding_law_tells_its_breakers_apart(fault, said):
    torch.manual_seed(0)
    finding = checks.padding_law(Bag(fault), LOADER)
    assert not finding and said in repr(finding)
    assert checks.padding_law(Bag("none"), LOADER)


class Misused(nn.Module):
    """A mean of word vectors over the right words, and a layer or a mask that is used wrongly."""

    def __init__(self, fault):
        super().__init__()
        self.embedding = nn.Embedding(DATA.sizes["vocabulary_size"], 8)
        self.head, self.fault, self.drop = nn.Linear(8, 2), fault, nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(8, track_running_stats=fault != "no stored statistics")

    def forward(self, ids, lengths):
        mask = ids != 0 if self.fault == "ids" else ck.mask_from_lengths(lengths, ids.shape[1])
        x = (self.embedding(ids) * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        if self.fault == "norm left in training":
            self.norm.train()
        if self.fault == "dropout left in training":
            return self.head(self.drop.train()(x))
        return self.head(x if self.fault == "ids" else self.norm(x))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ids", "by nothing when the pads are 0.* made of the ids .*mask_from_lengths"),
        ("dropout left in training", "dropout that does not ask self.training"),
        ("norm left in training", "batch normalisation that is in training mode in evaluation too"),
        ("no stored statistics", "batch normalisation that is in training mode in evaluation too"),
    ],
)
def test_a_layer_that_is_misused_is_told_from_pads_that_are_read(fault, said):
    torch.manual_seed(0)
    finding = checks.padding_law(Misused(fault), LOADER)
    assert not finding and re.search(said, repr(finding), re.DOTALL), finding


def test_a_bag_of_words_has_no_order_and_a_detached_one_no_gradient():
    assert not checks.order_sensitivity(Bag("none"), LOADER)
    assert "norm" in repr(checks.gradients(Bag("none"), LOADER))


def test_a_deep_narrow_stack_learns_nothing_by_heart():
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.head = nn.Embedding(DATA.sizes["vocabulary_size"], 8), nn.Linear(8, 2)
            self.rnn = nn.LSTM(8, 8, num_layers=25, batch_first=True)

        def forward(self, ids, lengths):
            return self.head(self.rnn(self.embedding(ids))[0][torch.arange(len(ids)), lengths - 1])

    assert not checks.overfits_one_batch(Stack(), LOADER, steps=20)


def test_a_run_without_its_seed_is_seen():
    torch.manual_seed(0)
    assert not checks.same_twice(lambda: torch.rand(2))
    assert checks.same_twice(lambda: {"a": [torch.rand(2, generator=ck.generator(0))]})


class SortedBack(nn.Module):
    """Reads texts sorted by length, and puts them back by ``order`` in place of its inverse."""

    def __init__(self, mended):
        super().__init__()
        self.model, self.mended = ck.TextClassifier(CONFIG, **DATA.sizes), mended

    def forward(self, ids, lengths):
        order = lengths.argsort(descending=True, stable=True)
        return self.model(ids[order], lengths[order])[order.argsort() if self.mended else order]


class RandomUnknown(nn.Module):
    """Draws the vector of an unknown word anew in each call."""

    def __init__(self, mended):
        super().__init__()
        self.embedding, self.head, self.mended = (
            nn.Embedding(DATA.sizes["vocabulary_size"], 4),
            nn.Linear(4, 2),
            mended,
        )

    def forward(self, ids, lengths):
        x = self.embedding(ids)
        if not self.mended:
            x = torch.where((ids == ck.Vocabulary.unk)[:, :, None], torch.randn_like(x), x)
        return self.head(masked_mean(x, ck.mask_from_lengths(lengths, ids.shape[1])))


@pytest.mark.parametrize(("broken", "cause"), [(SortedBack, "argsort"), (RandomUnknown, "dropout")])
def test_the_law_is_asked_with_other_lengths_and_with_unknown_words(broken, cause):
    assert checks.padding_law(broken(mended=True), LOADER)
    found = checks.padding_law(broken(mended=False), LOADER)
    assert not found and cause in found.cause


def test_what_is_frozen_on_purpose_is_named_and_passes():
    model = ck.TextClassifier(CONFIG, **DATA.sizes)
    model.embedding.requires_grad_(False)
    found = checks.gradients(model, LOADER)
    assert found and "frozen embedding.weight" in found.seen


class AttentionPooling(nn.Module):
    """A softmax over the steps, which cancels the bias of its scores."""

    def __init__(self):
        super().__init__()
        self.embedding, self.score = nn.Embedding(DATA.sizes["vocabulary_size"], 4), nn.Linear(4, 1)
        self.head = nn.Linear(4, 2)

    def forward(self, ids, lengths):
        x = self.embedding(ids)
        pads = ~ck.mask_from_lengths(lengths, ids.shape[1])
        weights = self.score(x)[:, :, 0].masked_fill(pads, -torch.inf).softmax(dim=1)
        return self.head((weights[:, :, None] * x).sum(dim=1))


@pytest.mark.parametrize("seed", range(5))
def test_a_bias_that_a_softmax_cancels_is_no_fault(seed):
    torch.manual_seed(seed)
    assert checks.gradients(AttentionPooling(), LOADER)


def test_a_softmax_before_the_loss_is_named():
    model = nn.Sequential()
    model.inside = ck.TextClassifier(CONFIG, **DATA.sizes)
    model.forward = lambda ids, lengths: model.inside(ids, lengths).softmax(dim=1)
    found = checks.overfits_one_batch(model, LOADER, steps=3)
    assert not found and "softmax" in found.cause


def plateau_log(scores, mode):
    optimiser = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=1e-3)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, mode=mode, factor=0.5, patience=1)
    log = []
    for score in scores:
        log.append({"validation_accuracy": score, "learning_rate": optimiser.param_groups[0]["lr"]})
        scheduler.step(score)
    return log


def test_a_plateau_schedule_is_judged_by_the_score_it_waits_for():
    rising = [0.6 + 0.01 * k for k in range(12)]
    assert checks.rate_acts(plateau_log(rising, "max"), by="validation_accuracy")
    found = checks.rate_acts(plateau_log(rising, "min"), by="validation_accuracy")
    assert not found and "mode" in found.cause
    assert "never stalled" in checks.rate_acts(plateau_log(rising, "max")).cause


def test_a_vocabulary_that_knows_test_words_is_found():
    train, test = [["good", "film"]], [["dull", "plot"]]
    assert checks.words_from_train(ck.Vocabulary.build(train).words, train)
    assert "dull" in checks.words_from_train(ck.Vocabulary.build(train + test).words, train).seen


STORY = "Oil prices fall as fears about supply ease in New York"
COPIES = {
    "tag": STORY.replace(" as ", "<br />as "),
    "source": f"Oil prices fall (Reuters) Reuters - {STORY[16:]}",
    "two words of source": f"Oil prices fall (PC World) PC World - {STORY[16:]}",
    "link": f"{STORY} http://example.org/a1",
    "name": f"@somebody {STORY}",
    "number": f"{STORY} 13",
    "mark": f"{STORY.upper()}!",
}


def split_by_hand(train, test):
    """A corpus of these texts, with none in validation that stands elsewhere."""
    ones = [1] * max(len(train), len(test))
    parts = {"train": train, "validation": ["a text that is nowhere else"], "test": test}
    return replace(REVIEWS, **{name: ck.Split(texts, ones[: len(texts)]) for name, texts in parts.items()})


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_with_other_trimmings_stands_in_two_parts(copied):
    found = checks.shared_texts(split_by_hand([copied], [STORY]))
    assert not found and found.seen.endswith("but for tags, names and numbers 0, 1, 0")


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (["The ending was dull for everybody there"], ["The ending was superb for everybody there"]),
        (["@a thank you all!"], ["@b thank you all"]),  # short texts are written independently
        ([STORY, *(f"{'x' * n} is a text of its own" for n in range(1, 100))],
         [f"{STORY} 2", *(f"{'y' * n} is a text of its own" for n in range(1, 100))]),  # one in a hundred
    ],
    ids=["another word", "short", "one in a hundred"],
)  # fmt: skip
def test_texts_that_differ_in_a_word_are_two(train, test):
    assert checks.shared_texts(split_by_hand(train, test))
    assert not checks.shared_texts(split_by_hand(train, [*test, train[0].upper()]))


def test_layers_in_a_plain_list_are_no_part_of_the_model():
    class InAList(nn.Module):
        def __init__(self, kept):
            super().__init__()
            self.embedding, self.head = nn.Embedding(DATA.sizes["vocabulary_size"], 8), nn.Linear(8, 2)
            self.layers = kept([nn.Linear(8, 8)])

        def forward(self, ids, lengths):
            return self.head(self.layers[0](self.embedding(ids)).mean(dim=1))

    assert "nn.ModuleList" in repr(checks.gradients(InAList(list), LOADER))
    assert checks.gradients(InAList(nn.ModuleList), LOADER)


@pytest.mark.parametrize(
    ("tests", "validations", "reported", "passes"),
    [
        (
            (None, None, 0.842, None),
            (0.7, 0.8, 0.9, 0.8),
            0.842,
            True,
        ),  # one look, at the epoch that was chosen
        ((0.731, 0.842, 0.838), None, 0.842, False),  # the best of three
        ((0.731, 0.842, 0.838), (0.7, 0.9, 0.8), 0.842, True),  # the best of three, and validation chose it
        ((0.731, 0.842, 0.838), (0.7, 0.8, 0.9), 0.842, False),
        ((0.731, 0.842, 0.838), (0.7, 0.8, 0.9), 0.838, True),
        ((0.731, 0.842, 0.838), (0.7, 0.8, 0.9), 0.861, False),  # no look at all
        ((0.731, 0.84199, 0.838), None, 0.842, False),  # rounded
    ],
)
def test_a_test_score_is_a_look_that_validation_chose(tests, validations, reported, passes):
    log = [{"test_accuracy": value} for value in tests]
    for row, value in zip(log, validations or (), strict=False):
        row["validation_accuracy"] = value
    assert bool(checks.chosen_without_test(log, reported)) is passes
