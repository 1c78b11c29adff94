"""The bootstrap: close to what is known, and its intervals hold what they should about as often as they say."""

import time

import numpy as np
import pytest

from coursekit.stats import bootstrap, macro_f1, paired_bootstrap, wilson


def accuracy(truth, predicted):
    return float((truth == predicted).mean())


def simulated_runs(random, difficulty, seeds, *, spread=0.01, more=0.0):
    """Binary answers by training seed: each run is right on a text with the text's own probability, a little moved."""
    moved = difficulty + more + random.normal(0, spread, (seeds, 1))
    return (random.random((seeds, len(difficulty))) < moved).astype(int)  # the truth is 1 everywhere


def test_bootstrap_of_an_accuracy_is_close_to_wilson():
    right = np.arange(1000) < 900
    interval = bootstrap(lambda texts: right[texts].mean(), 1000, seed=0)
    assert interval == pytest.approx(wilson(900, 1000), abs=0.004)


def test_bootstrap_is_the_same_twice_and_wider_of_fewer_texts():
    values = np.random.default_rng(0).normal(size=50)
    twice = [bootstrap(lambda texts: values[texts].mean(), 50, seed=1) for _ in range(2)]
    few = bootstrap(lambda texts: values[texts[:5]].mean(), 50, seed=1)
    assert twice[0] == twice[1]
    assert few[0] < twice[0][0] < twice[0][1] < few[1]


def test_the_interval_of_two_equal_models_holds_zero_about_as_often_as_it_says():
    random, held, trials = np.random.default_rng(0), 0, 150
    for trial in range(trials):
        difficulty = random.beta(4, 0.6, 400)
        first, second = (simulated_runs(random, difficulty, 3, spread=0.03) for _ in range(2))
        _, low, high = paired_bootstrap(np.ones(400, int), first, second, accuracy, seed=trial, draws=150)
        held += low <= 0 <= high
    assert 0.92 <= held / trials <= 0.98


def test_a_planted_difference_is_noticed():
    random = np.random.default_rng(0)
    difficulty = random.beta(4, 0.6, 2000) - 0.06
    better = simulated_runs(random, difficulty, 3, spread=0.003, more=0.06)
    worse = simulated_runs(random, difficulty, 3, spread=0.003)
    difference, low, high = paired_bootstrap(np.ones(2000, int), better, worse, accuracy, seed=0)
    assert difference == pytest.approx(better.mean() - worse.mean())
    assert 0 < low < difference < high


def test_exchanged_models_differ_by_the_sign():
    random = np.random.default_rng(0)
    first, second = (simulated_runs(random, random.beta(4, 0.6, 500), seeds) for seeds in (3, 4))
    truth = np.ones(500, int)
    difference, low, high = paired_bootstrap(truth, first, second, accuracy, seed=0, draws=2000)
    back, back_low, back_high = paired_bootstrap(truth, second, first, accuracy, seed=1, draws=2000)
    assert back == -difference
    assert (back_low, back_high) == pytest.approx((-high, -low), abs=0.1 * (high - low))


def test_the_same_answers_twice_differ_only_by_the_seeds_that_were_drawn():
    answers = np.random.default_rng(0).integers(0, 3, (1, 200))
    assert paired_bootstrap(answers[0] * 0, answers, answers, accuracy, seed=0) == (0.0, 0.0, 0.0)


def test_texts_that_are_hard_for_both_models_do_not_widen_the_interval():
    truth = np.ones(400, int)
    hard = np.arange(400) % 2  # both models fail on every other text
    first, second = hard.copy(), hard.copy()
    first[1], second[3] = 0, 0
    _, low, high = paired_bootstrap(truth, [first], [second], accuracy, seed=0)
    assert high - low < 0.02  # two single accuracies of one half would each span a tenth


@pytest.mark.parametrize("score", [accuracy, macro_f1])
def test_twenty_thousand_texts_take_seconds(score):
    random = np.random.default_rng(0)
    truth, first, second = random.integers(0, 4, 20_000), *random.integers(0, 4, (2, 3, 20_000))
    start = time.process_time()
    paired_bootstrap(truth, first, second, score, seed=0, draws=100)
    assert time.process_time() - start < 3  # for a tenth of the draws


def test_macro_f1_is_a_score_too():
    truth = np.random.default_rng(0).integers(0, 2, 60)
    assert paired_bootstrap(truth, [truth], [1 - truth], macro_f1, seed=0, draws=20) == (1, 1, 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"first": [[0, 1]]}, "'first' must hold at least one run, each with an answer to the 3 texts"),
        ({"second": [[0, 1, 1], [0, 1]]}, r"'second'.*got runs of \[3, 2\]"),
        ({"first": [0, 1, 1]}, "'first'"),  # one run, not a list of runs
        ({"second": []}, "'second'"),
        ({"draws": 0}, "'draws'"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(change, named):
    call = {"truth": [0, 1, 1], "first": [[0, 1, 1]], "second": [[0, 1, 1]], "score": accuracy, "seed": 0}
    with pytest.raises(ValueError, match=named):
        paired_bootstrap(**call | change)


def test_bootstrap_refuses_by_name():
    with pytest.raises(ValueError, match="'n'"):
        bootstrap(lambda t: 0.0, 0, seed=0)
