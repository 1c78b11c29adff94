"""Thresholds are what scikit-learn and a search by hand find; a front holds all that nothing beats, and no more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.stats import (
    best_threshold,
    confusion_matrix,
    macro_f1,
    pareto_front,
    precision,
    precision_recall,
    recall,
)

labelled = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), min_size=2, max_size=30
).filter(lambda rows: len({label for label, _ in rows}) == 2)


def judged(truth, scores, threshold):
    return confusion_matrix(truth, [int(score >= threshold) for score in scores], 2)


@given(labelled)
def test_each_point_of_the_curve_is_the_score_of_its_threshold(rows):
    truth, scores = zip(*rows, strict=True)
    for p, r, threshold in zip(*precision_recall(truth, scores), strict=True):
        matrix = judged(truth, scores, threshold)
        assert p == pytest.approx(precision(matrix)[1]) and r == pytest.approx(recall(matrix)[1])


@given(labelled)
def test_no_threshold_is_better_than_the_best(rows):
    truth, scores = zip(*rows, strict=True)
    threshold, best = best_threshold(truth, scores)
    assert best == pytest.approx(macro_f1(judged(truth, scores, threshold)))
    for other in np.linspace(-0.1, 1.1, 49):
        if any(
            score >= other for score in scores
        ):  # one that calls nothing positive is no threshold to choose
            assert macro_f1(judged(truth, scores, other)) <= best + 1e-12


@pytest.mark.parametrize(
    ("truth", "scores", "message"),
    [
        ([0, 1], [0.5], "equally many"),
        ([1, 1], [0.5, 0.6], "both 0 and 1"),
        ([0, 2], [0.5, 0.6], "both 0 and 1"),
        ([0, 1], [0.5, float("nan")], "finite"),
    ],
)
def test_what_has_no_threshold_is_refused(truth, scores, message):
    for function in (precision_recall, best_threshold):
        with pytest.raises(ValueError, match=message):
            function(truth, scores)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3), st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1
    )
)
def test_the_front_holds_what_nothing_beats(models):
    front = pareto_front(models)
    for name, (score, cost) in models.items():
        beaten = any(s >= score and c <= cost and (s, c) != (score, cost) for s, c in models.values())
        assert (name in front) != beaten
    assert [models[name][1] for name in front] == sorted(models[name][1] for name in front)


def test_a_model_without_a_score_is_refused_by_name():
    with pytest.raises(ValueError, match="for 'b'"):
        pareto_front({"a": (0.9, 1.0), "b": (float("nan"), 1.0)})


def test_a_threshold_between_neighbouring_floats_divides_them():
    low, high = 1.0, float(np.nextafter(1.0, 2.0))
    threshold, best = best_threshold([0, 1], [low, high])
    assert low < threshold <= high and best == 1.0
