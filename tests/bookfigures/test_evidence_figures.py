"""Every model is a dot, the front is a line, and a curve has two equally long sides."""

import pytest

from bookfigures import ch10
from coursekit.figures import show

ALT = "A figure that a test draws, with what it says."
MODELS = {"small": (0.9, 1.0), "large": (0.92, 9.0), "bad": (0.8, 9.0)}


def cost_figure():
    return ch10.score_against_cost(MODELS, ["small", "large"], xlabel="s", ylabel="accuracy")


def recall_figure():
    return ch10.precision_against_recall(
        {"plain": ([0.5, 1.0], [1.0, 0.5])}, {"plain": (1.0, 0.5)}, share=0.07
    )


@pytest.mark.parametrize("figure", [cost_figure, recall_figure])
def test_drawn_twice_it_is_the_same_file(figure):
    assert show(figure(), alt=ALT).svg == show(figure(), alt=ALT).svg


def test_the_line_runs_through_the_front_alone_and_each_model_has_its_name():
    (axis,) = cost_figure().axes
    assert axis.lines[0].get_xydata().tolist() == [[1.0, 0.9], [9.0, 0.92]]
    assert {text.get_text() for text in axis.texts} == set(MODELS)


def test_a_threshold_is_marked_on_its_curve():
    (axis,) = recall_figure().axes
    assert axis.lines[1].get_xydata().tolist() == [[0.5, 1.0]]
    assert axis.lines[1].get_color() == axis.lines[0].get_color()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda f: f.score_against_cost({"a": (1, 1)}, ["b"], xlabel="x", ylabel="y"), "must name models"),
        (lambda f: f.score_against_cost({"a": (1, 0)}, ["a"], xlabel="x", ylabel="y"), "above 0"),
        (lambda f: f.precision_against_recall({"a": ([1], [])}, {}, share=0.1), "as many precisions"),
        (
            lambda f: f.precision_against_recall({"a": ([1], [1])}, {"b": (1, 1)}, share=0.1),
            "must name curves",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(ch10)
