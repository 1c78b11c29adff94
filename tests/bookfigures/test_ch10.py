"""Every model has its name, the front is a line, a threshold lies on its curve."""

import pytest

from bookfigures import ch10

MODELS = {"small": (0.9, 1.0), "large": (0.92, 9.0), "bad": (0.8, 9.0)}


def cost_figure():
    return ch10.score_against_cost(MODELS, ["small", "large"], xlabel="s", ylabel="accuracy")


def recall_figure():
    return ch10.precision_against_recall(
        {"plain": ([0.5, 1.0], [1.0, 0.5])}, {"plain": (1.0, 0.5)}, share=0.07
    )


def test_the_line_runs_through_the_front_alone_and_each_model_has_its_name():
    (axis,) = cost_figure().axes
    assert axis.lines[0].get_xydata().tolist() == [[1.0, 0.9], [9.0, 0.92]]
    assert {text.get_text() for text in axis.texts} == set(MODELS)


def test_a_threshold_is_marked_on_its_curve():
    (axis,) = recall_figure().axes
    assert axis.lines[1].get_xydata().tolist() == [[0.5, 1.0]]
    assert axis.lines[1].get_color() == axis.lines[0].get_color()


def test_a_cost_of_nothing_has_no_place_on_the_axis():
    with pytest.raises(ValueError, match="above 0"):
        ch10.score_against_cost({"a": (1, 0)}, ["a"], xlabel="x", ylabel="y")


def test_models_too_close_to_be_named_are_refused():
    with pytest.raises(ValueError, match="no room for the name"):
        ch10.score_against_cost({f"model {k}": (0.5, 1.0) for k in range(25)}, [], xlabel="x", ylabel="y")
