"""Training: the same twice, the best epoch kept, early stopping, averaged weights, honest counting."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.batching import TextDataset
from coursekit.nn import ModelConfig, TextClassifier
from coursekit.training import OPTIMISERS, EpochRecord, History, TrainConfig, evaluate, fit, loop
from coursekit.training.optimisers import WITH_MOMENTUM


def data(n=60, seed=0):
    """Class 1 if the text holds word 5."""
    random = torch.Generator().manual_seed(seed)
    texts = [
        torch.randint(4, 12, (int(torch.randint(1, 9, (1,), generator=random)),), generator=random).tolist()
        for _ in range(n)
    ]
    return TextDataset(texts, [int(5 in text) for text in texts])


def model(seed=0, cell="gru", **changes):
    torch.manual_seed(seed)
    return TextClassifier(
        ModelConfig(
            cell=cell, embedding_dim=6, hidden_size=6, **{"pooling": "mean+max", "dropout": 0.0} | changes
        ),
        vocabulary_size=12,
        n_classes=2,
    )


TRAIN, VALIDATION = data(200), data(80, seed=1)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(["rnn", "lstm", "gru"]), st.integers(1, 2), st.booleans(), st.integers(0, 9))
def test_the_same_seed_gives_the_same_weights_and_history(cell, layers, both, seed):
    runs = []
    for _ in range(2):
        torch.manual_seed(torch.seed() % 1000)  # the state of the world must not matter
        net = model(seed, cell, num_layers=layers, bidirectional=both, dropout=0.2, word_dropout=0.1)
        history = fit(
            net, TRAIN, VALIDATION, TrainConfig(epochs=1, average_decay=0.9), seed=seed, progress=False
        )
        runs.append((history.epochs[0].train_loss, history.epochs[0].validation_loss, net.state_dict()))
    assert runs[0][:2] == runs[1][:2]
    assert all(torch.equal(a, b) for a, b in zip(runs[0][2].values(), runs[1][2].values(), strict=True))


def test_another_seed_gives_another_run():
    losses = {
        fit(model(), TRAIN, VALIDATION, TrainConfig(epochs=1), seed=s, progress=False).epochs[0].train_loss
        for s in (0, 1)
    }
    assert len(losses) == 2


def test_training_leaves_the_global_random_state_alone():
    torch.manual_seed(0)
    wanted = torch.rand(1)
    net = model()
    torch.manual_seed(0)
    fit(net, TRAIN, VALIDATION, TrainConfig(epochs=1), seed=3, progress=False)
    assert torch.equal(torch.rand(1), wanted)


def test_it_learns():
    net = model(pooling="max")
    history = fit(
        net,
        TRAIN,
        VALIDATION,
        TrainConfig(epochs=15, learning_rate=0.02, batch_size=16),
        seed=0,
        progress=False,
    )
    assert history.best.validation_accuracy > 0.95


@pytest.fixture
def scripted(monkeypatch):
    """Let validation accuracies follow a script, while the weights change for real."""

    def play(accuracies):
        left = iter(accuracies)

        def judged(net, dataset, **how):
            found = evaluate(net, dataset, **how)
            n = found.n
            return type(found)(found.loss, round(next(left) * n), n, found.logits, found.labels)

        monkeypatch.setattr(loop, "evaluate", judged)

    return play


def test_the_weights_kept_are_those_of_the_truly_best_epoch_not_the_last(scripted):
    scripted([0.5, 0.9, 0.7, 0.6])
    net, early = model(), model()
    history = fit(net, TRAIN, VALIDATION, TrainConfig(epochs=4), seed=0, progress=False)
    assert history.best.epoch == 2
    scripted([0.5, 0.9])
    fit(early, TRAIN, VALIDATION, TrainConfig(epochs=4), seed=0, progress=False, stop_after=2)
    assert all(torch.equal(early.state_dict()[k], v) for k, v in net.state_dict().items())


def test_patience_ends_the_run(scripted):
    scripted([0.5, 0.8, 0.7, 0.8, 0.9])
    history = fit(model(), TRAIN, VALIDATION, TrainConfig(epochs=5, patience=2), seed=0, progress=False)
    assert history.stopped_early and len(history.epochs) == 4 and history.best.epoch == 2


def test_a_run_without_patience_goes_to_the_end(scripted):
    scripted([0.9, 0.1, 0.1])
    history = fit(model(), TRAIN, VALIDATION, TrainConfig(epochs=3), seed=0, progress=False)
    assert not history.stopped_early and len(history.epochs) == 3


def test_averaged_weights_are_the_ones_kept():
    plain, averaged = model(), model()
    setting = {"epochs": 1, "learning_rate": 0.02, "schedule": "constant"}
    fit(plain, TRAIN, VALIDATION, TrainConfig(**setting), seed=0, progress=False)
    fit(averaged, TRAIN, VALIDATION, TrainConfig(**setting, average_decay=0.99), seed=0, progress=False)
    start = model().head.weight
    assert (averaged.head.weight - start).norm() < (plain.head.weight - start).norm()


def test_a_loss_that_is_no_number_stops_with_advice():
    net = model()
    with torch.no_grad():
        net.head.weight.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="the loss is nan after 0 steps; lower 'learning_rate'"):
        fit(net, TRAIN, VALIDATION, TrainConfig(epochs=1), seed=0, progress=False)


@given(st.integers(1, 64))
@settings(deadline=None, max_examples=15)
def test_accuracy_is_a_count_whatever_the_batch(batch_size):
    net = model()
    found, whole = (
        evaluate(net, VALIDATION, batch_size=batch_size),
        evaluate(net, VALIDATION, batch_size=10**6),
    )
    assert found.correct == whole.correct == (found.predictions == found.labels).sum().item()
    assert found.accuracy == found.correct / 80 and found.loss == pytest.approx(whole.loss, abs=1e-6)
    assert found.labels.tolist() == VALIDATION.labels


def test_a_validation_loss_that_is_no_number_stops_too(monkeypatch):
    """The last step of an epoch may break the weights after its loss was seen."""
    net = model()
    honest = loop.evaluate

    def after_the_last_step(judged, *args, **kwargs):
        with torch.no_grad():
            judged.head.bias.fill_(float("nan"))
        return honest(judged, *args, **kwargs)

    monkeypatch.setattr(loop, "evaluate", after_the_last_step)
    with pytest.raises(FloatingPointError, match="the validation loss is nan after epoch 1"):
        fit(net, TRAIN, VALIDATION, TrainConfig(epochs=1), seed=0, progress=False)


def test_evaluation_puts_the_model_back_into_its_mode():
    net = model(dropout=0.5).train()
    evaluate(net, VALIDATION)
    assert net.training


def test_the_best_of_equals_is_the_first():
    history = History([EpochRecord(e, 1.0, 1.0, 0.8, 0.1, 2.0) for e in (1, 2)])
    assert history.best.epoch == 1 and history.seconds == 4.0 and list(history.table().index) == [1, 2]


def test_a_history_without_epochs_has_no_best():
    with pytest.raises(ValueError, match="without epochs"):
        _ = History().best


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"epochs": 0}, "'epochs'"),
        ({"learning_rate": 0}, "'learning_rate' must be positive"),
        ({"label_smoothing": 1.0}, "'label_smoothing'"),
        ({"average_decay": 1.0}, "'average_decay'"),
        ({"clip_norm": 0}, "'clip_norm'"),
        ({"patience": 0}, "'patience'"),
        ({"optimiser": "sdg"}, "'optimiser' must be one of"),
        ({"momentum": 0.9}, "'momentum' is for"),
        ({"schedule": "linear"}, "'schedule' must be one of"),
        ({"weight_decay": -1}, "'weight_decay'"),
        ({"bucket_pool": 0}, "'bucket_pool'"),
    ],
)
def test_impossible_settings_are_refused(changes, reason):
    with pytest.raises(ValueError, match=reason):
        TrainConfig(**changes)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_runs(name):
    momentum = {"momentum": 0.9} if name in WITH_MOMENTUM else {}
    config = TrainConfig(epochs=1, optimiser=name, weight_decay=0.1, **momentum)
    assert fit(model(), TRAIN, VALIDATION, config, seed=0, progress=False).epochs


def test_a_configuration_shows_what_differs():
    assert repr(TrainConfig(epochs=2)) == "TrainConfig(epochs=2)"


def test_without_validation_the_last_weights_stay():
    ends = []
    for validation in (VALIDATION, None):
        net = model()
        history = fit(
            net, TRAIN, validation, TrainConfig(epochs=3, learning_rate=0.02), seed=0, progress=False
        )
        ends.append((history, net.state_dict()))
    (judged, best), (unjudged, last) = ends
    same = all(torch.equal(a, b) for a, b in zip(best.values(), last.values(), strict=True))
    assert same == (judged.best.epoch == 3)
    assert unjudged.best.epoch == 3 and unjudged.best.score is None
    assert [e.train_loss for e in unjudged.epochs] == [e.train_loss for e in judged.epochs]
    assert "validation_loss" not in unjudged.table().columns


@pytest.mark.parametrize("settings_", [{"patience": 1}, {"schedule": "plateau"}])
def test_what_waits_for_validation_needs_some(settings_):
    with pytest.raises(ValueError, match="'validation' must be given"):
        fit(model(), TRAIN, None, TrainConfig(**settings_), seed=0, progress=False)


def test_it_can_end_in_the_middle_of_its_schedule():
    config = TrainConfig(epochs=4, learning_rate=0.02)
    whole = fit(model(), TRAIN, VALIDATION, config, seed=0, progress=False)
    part = fit(model(), TRAIN, VALIDATION, config, seed=0, progress=False, stop_after=2)
    assert [e.train_loss for e in part.epochs] == [e.train_loss for e in whole.epochs[:2]]
    with pytest.raises(ValueError, match="'stop_after' must be at least 1"):
        fit(model(), TRAIN, VALIDATION, config, seed=0, progress=False, stop_after=0)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_products_in_bfloat16_train_to_about_the_same_loss_and_leave_float32(cell):
    losses = {}
    for precision in ("float32", "bfloat16"):
        trained = model(cell=cell, bidirectional=True)
        config = TrainConfig(epochs=3, batch_size=16, precision=precision)
        losses[precision] = [e.train_loss for e in fit(trained, data(), data(seed=1), config, seed=0).epochs]
        assert {p.dtype for p in trained.parameters()} == {torch.float32}
        assert evaluate(trained, data(seed=1)).logits.dtype == torch.float32
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.02)
    assert losses["bfloat16"] != losses["float32"]


@pytest.mark.parametrize("use", ["train", "validation", "evaluate"])
def test_labels_that_count_from_one_are_refused_before_the_first_step(use):
    shifted = TextDataset(TRAIN.id_lists, [label + 1 for label in TRAIN.labels])
    net = model()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(ValueError, match="labels must lie between 0 and 1, .* got 1 to 2; .* subtract 1"):
        if use == "evaluate":
            evaluate(net, shifted)
        else:
            parts = (shifted, VALIDATION) if use == "train" else (TRAIN, shifted)
            fit(net, *parts, TrainConfig(epochs=1), seed=0, progress=False)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def wider(n_classes):
    net = model()
    net.head = nn.Linear(net.head.in_features, n_classes)
    return net


@pytest.mark.parametrize("make", [lambda: wider(4), lambda: model().double()], ids=["absent", "float64"])
def test_class_weights_fit_the_model(make):
    config = TrainConfig(epochs=1, class_weights=True)
    assert fit(make(), TRAIN, VALIDATION, config, seed=0, progress=False).best.epoch == 1


class Normalised(TextClassifier):
    """Batch normalisation before the last layer."""

    def __init__(self):
        torch.manual_seed(0)
        config = ModelConfig(cell="none", embedding_dim=4, pooling="mean")
        super().__init__(config, vocabulary_size=12, n_classes=2)
        self.head = nn.Sequential(nn.BatchNorm1d(4), self.head)


@pytest.mark.parametrize("batch_size", [1, 199])
def test_batch_normalisation_is_not_left_alone_with_one_text(batch_size):
    net, config = Normalised(), TrainConfig(epochs=1, batch_size=batch_size)
    with pytest.raises(ValueError, match=f"'batch_size' must not make a batch of one text, got {batch_size}"):
        fit(net, TRAIN, VALIDATION, config, seed=0, progress=False)
    assert net.head[0].num_batches_tracked == 0
    fit(
        net, TRAIN, VALIDATION, TrainConfig(epochs=1, batch_size=66), seed=0, progress=False
    )  # two are left over


def test_a_model_comes_back_to_the_device_it_was_on(monkeypatch):
    """A reader hands it a batch on the CPU next, on a machine with a GPU as well."""
    moved = []

    class Watched(TextClassifier):
        def to(self, device):
            moved.append(str(device))
            return self

    monkeypatch.setattr("coursekit.training.devices.default_device", lambda: torch.device("cpu:0"))
    watched = Watched(
        ModelConfig(cell="gru", embedding_dim=6, hidden_size=6), vocabulary_size=12, n_classes=2
    )
    for use in (
        lambda: fit(watched, TRAIN, VALIDATION, TrainConfig(epochs=1), seed=0, progress=False),
        lambda: evaluate(watched, VALIDATION),
    ):
        use()
        assert (moved[0], moved[-1]) == ("cpu:0", "cpu")
        moved.clear()
