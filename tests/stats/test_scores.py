"""Scores from a confusion matrix: small sums by hand, scikit-learn as the judge, and the rule for empty classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from coursekit.stats.scores import accuracy, confusion_matrix, f1, macro_f1, precision, recall


@st.composite
def answers(draw):
    """Classes, true ids and predicted ids; often a class is missing from one of them or from both."""
    n_classes = draw(st.integers(2, 5))
    ids = st.integers(0, n_classes - 1)
    pairs = draw(st.lists(st.tuples(ids, ids), min_size=1, max_size=30))
    return n_classes, *zip(*pairs, strict=True)


@given(answers())
def test_every_score_is_that_of_scikit_learn(case):
    n_classes, truth, predicted = case
    labels = list(range(n_classes))
    matrix = confusion_matrix(truth, predicted, n_classes)
    assert matrix.tolist() == metrics.confusion_matrix(truth, predicted, labels=labels).tolist()
    assert accuracy(matrix) == pytest.approx(metrics.accuracy_score(truth, predicted), abs=1e-12)
    theirs = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    for ours, wanted in zip((precision, recall, f1), theirs, strict=False):
        np.testing.assert_allclose(ours(matrix), wanted, atol=1e-12)
    macro = metrics.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0)
    assert macro_f1(matrix) == pytest.approx(macro, abs=1e-12)
    assert macro_f1(truth, predicted, n_classes) == macro_f1(matrix)
    of_those_that_occur = metrics.f1_score(truth, predicted, average="macro", zero_division=0)
    assert macro_f1(truth, predicted) == pytest.approx(of_those_that_occur, abs=1e-12)


@given(answers())
def test_f1_is_the_harmonic_mean(case):
    matrix = confusion_matrix(case[1], case[2], case[0])
    for p, r, f in zip(precision(matrix), recall(matrix), f1(matrix), strict=True):
        assert f == pytest.approx(2 * p * r / (p + r) if p + r else 0, abs=1e-12)


def test_a_sum_by_hand():
    matrix = np.array([[90, 3], [5, 2]])  # 93 ordinary texts, 7 rare ones
    assert accuracy(matrix) == 92 / 100
    assert precision(matrix).tolist() == [90 / 95, 2 / 5]
    assert recall(matrix).tolist() == [90 / 93, 2 / 7]
    assert f1(matrix).tolist() == [180 / (95 + 93), 4 / (5 + 7)]
    assert macro_f1(matrix) == pytest.approx((180 / 188 + 4 / 12) / 2)


def test_the_constant_answer_is_accurate_and_finds_nothing():
    matrix = confusion_matrix([0] * 93 + [1] * 7, [0] * 100, 2)
    assert accuracy(matrix) == 0.93
    assert precision(matrix)[1] == recall(matrix)[1] == f1(matrix)[1] == 0
    assert macro_f1(matrix) < 0.5


def test_a_class_that_nobody_has_counts_as_a_zero():
    assert macro_f1(confusion_matrix([0, 1], [0, 1], 2)) == 1
    assert macro_f1([0, 1], [0, 1], 4) == (1 + 1 + 0 + 0) / 4
    assert macro_f1([0, 3], [0, 3]) == 1  # left out, only the classes that occur count


@given(answers(), st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(case, random):
    n_classes, truth, predicted = case
    order = random.sample(range(len(truth)), len(truth))
    shuffled = confusion_matrix([truth[i] for i in order], [predicted[i] for i in order], n_classes)
    assert np.array_equal(shuffled, confusion_matrix(truth, predicted, n_classes))


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([0, 1], [0], "equally many"),
        ([], [], "at least one"),
        ([[0, 1]], [[0, 1]], "shapes"),
        ([0, 2], [0, 1], "from 0 to 1"),
        ([0, 1], [0, -1], "from 0 to 1"),
        ([0, 1], [0, 0.5], "whole numbers"),
    ],
)
def test_what_is_no_pair_of_answers_is_refused(truth, predicted, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrix(truth, predicted, 2)


def test_yes_and_no_are_ids_of_two_classes():
    matrix = confusion_matrix([0, 1, 1], np.array([0.2, 0.9, 0.4]) >= 0.5, 2)
    assert matrix.tolist() == [[1, 0], [1, 1]]
