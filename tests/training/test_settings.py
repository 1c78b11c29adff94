"""What a TrainConfig says is what happens: optimisers, schedules, decay groups, class weights, the monitored score."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import nn

from coursekit.batching import TextDataset
from coursekit.nn import ModelConfig, TextClassifier
from coursekit.training import OPTIMISERS, TrainConfig, evaluate, fit
from coursekit.training.loop import balanced_weights
from coursekit.training.optimisers import make_optimiser, make_schedule

# At one rate the steps of two optimisers differ in size by orders of magnitude.
RATES = (0.01, 0.1, 0.5, 3.0)


def data(n, seed, share=0.5):
    """Class 1 if the text holds word 5."""
    random = np.random.default_rng(seed)
    labels = (random.random(n) < share).astype(int).tolist()
    texts = [random.integers(6, 12, random.integers(1, 9)).tolist() for _ in range(n)]
    return TextDataset([t + [5] * y for t, y in zip(texts, labels, strict=True)], labels)


def model():
    torch.manual_seed(0)
    return TextClassifier(
        ModelConfig(cell="gru", embedding_dim=6, hidden_size=6, pooling="mean+max", dropout=0.0),
        vocabulary_size=12,
        n_classes=2,
    )


def rates(config, steps_per_epoch, scores=()):
    """The rate that each step of a run uses."""
    optimiser = make_optimiser(nn.Linear(1, 1), config)
    schedule = make_schedule(optimiser, config, steps_per_epoch)
    used = []
    for step in range(config.epochs * steps_per_epoch):
        used.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if config.schedule != "plateau":
            schedule.step()
        elif (step + 1) % steps_per_epoch == 0:
            schedule.step(scores[step // steps_per_epoch])
    return used


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_learns_at_one_of_the_rates(name):
    momentum = 0.9 if name == "nag" else 0.0
    base = dict(epochs=8, batch_size=16, optimiser=name, schedule="constant", momentum=momentum)
    scores = []
    for rate in RATES:
        config = TrainConfig(learning_rate=rate, **base)
        history = fit(model(), data(400, 0), data(100, 1), config, seed=0, progress=False)
        scores.append(history.best.validation_accuracy)
        if scores[-1] > 0.95:
            break
    assert scores[-1] > 0.95, dict(zip(RATES, scores, strict=False))


def test_nesterov_looks_ahead():
    momentum = dict(learning_rate=0.1, momentum=0.9)
    weights = {}
    for name in ("sgd", "nag"):
        parameter = nn.Linear(1, 1, bias=False)
        nn.init.ones_(parameter.weight)
        optimiser = make_optimiser(parameter, TrainConfig(optimiser=name, **momentum))
        for _ in range(2):
            parameter.weight.grad = torch.ones(1, 1)
            optimiser.step()
        weights[name] = parameter.weight.item()
    # v1 = 1, v2 = 1.9; plain: 1 - .1 (1 + 1.9); NAG adds .9 v to each step's gradient: 1 - .1 (1.9 + 2.71)
    assert weights == pytest.approx({"sgd": 0.71, "nag": 0.539})


def test_the_rate_follows_the_schedule():
    base = dict(epochs=4, learning_rate=1.0)
    assert rates(TrainConfig(schedule="constant", **base), 2) == [1.0] * 8
    assert rates(TrainConfig(schedule="step", **base), 2) == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]
    cosine = rates(TrainConfig(schedule="cosine", **base), 5)
    assert cosine == pytest.approx([(1 + np.cos(np.pi * t / 20)) / 2 for t in range(20)])
    cycle = rates(TrainConfig(schedule="one_cycle", **base), 10)
    assert max(cycle) == pytest.approx(1.0) and 8 <= np.argmax(cycle) <= 10 and cycle[-1] < 0.01


def test_warm_up_climbs_in_equal_steps_and_then_hands_over():
    found = rates(TrainConfig(epochs=2, learning_rate=1.0, schedule="constant", warmup_steps=4), 4)
    assert found == pytest.approx([0.25, 0.5, 0.75, 1.0, 1, 1, 1, 1])


def test_a_plateau_is_left_only_when_the_score_stops_rising():
    config = TrainConfig(epochs=5, learning_rate=1.0, schedule="plateau", decay_factor=0.1)
    found = rates(config, 1, scores=[0.5, 0.6, 0.7, 0.7, 0.8])
    assert found == pytest.approx(
        [1, 1, 1, 1, 0.1]
    )  # not at a rise (the mistake of mode="min"), but at the tie


def test_weight_decay_spares_biases_and_word_vectors():
    net = model()
    optimiser = make_optimiser(net, TrainConfig(optimiser="adamw", weight_decay=0.1))
    decayed, spared = ({id(p) for p in group["params"]} for group in optimiser.param_groups)
    names = {name for name, p in net.named_parameters() if id(p) in decayed}
    assert names == {"rnn.rnn.weight_ih_l0", "rnn.rnn.weight_hh_l0", "head.weight"}
    assert len(decayed) + len(spared) == len(list(net.parameters()))
    assert [group["weight_decay"] for group in optimiser.param_groups] == [0.1, 0.0]


def test_class_weights_are_scikit_learns():
    labels = [0] * 90 + [1] * 10
    wanted = compute_class_weight("balanced", classes=np.array([0, 1]), y=labels)
    assert balanced_weights(labels).numpy() == pytest.approx(wanted)


def test_class_weights_find_more_of_the_rare_class():
    train, validation = data(600, 0, share=0.06), data(600, 1, share=0.06)
    found = []
    for weighted in (False, True):
        config = TrainConfig(epochs=1, learning_rate=0.003, class_weights=weighted)
        net = model()
        fit(net, train, validation, config, seed=0, progress=False)
        predicted = evaluate(net, validation).predictions
        found.append(int(predicted.sum()))
    assert found[1] > found[0]


def test_the_monitored_score_chooses_the_epoch():
    config = TrainConfig(epochs=3, learning_rate=0.01, monitor="macro_f1")
    train, validation = data(300, 0, share=0.1), data(200, 1, share=0.1)
    net = model()
    history = fit(net, train, validation, config, seed=0, progress=False)
    scores = [epoch.validation_macro_f1 for epoch in history.epochs]
    assert history.best.score == max(scores) == evaluate(net, validation).macro_f1
    assert "validation_macro_f1" in history.table()


def test_without_it_there_is_no_empty_column():
    history = fit(model(), data(40, 0), data(20, 1), TrainConfig(epochs=1), seed=0, progress=False)
    assert "validation_macro_f1" not in history.table()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"optimiser": "nag"}, "'momentum'"),
        ({"momentum": 0.9}, "'momentum'"),
        ({"momentum": 1.0, "optimiser": "sgd"}, "'momentum'"),
        ({"learning_rate": float("nan")}, "'learning_rate'"),
        ({"clip_norm": float("inf")}, "'clip_norm'"),
        ({"warmup_steps": 10}, "'warmup_steps'"),
        ({"warmup_steps": 10, "schedule": "plateau"}, "'warmup_steps'"),
        ({"warmup_steps": -1, "schedule": "step"}, "'warmup_steps'"),
        ({"decay_factor": 1.0}, "'decay_factor'"),
        ({"decay_epochs": 0}, "'decay_epochs'"),
        ({"monitor": "loss"}, "'monitor'"),
        ({"schedule": "triangle"}, "'schedule'"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(changes, named):
    with pytest.raises(ValueError, match=named):
        TrainConfig(**changes)
