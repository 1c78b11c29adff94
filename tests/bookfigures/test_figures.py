"""Every figure carries alternative text, is drawn twice alike, and needs no font of the reader's."""

import pytest

from bookfigures import ch03, ch04
from coursekit.figures import charts, new_figure, show

FIGURES = {
    "perceptron": ch04.perceptron_to_recurrence,
    "unrolled": lambda: ch04.unrolled(["я", "не", "сплю"]),
    "stacked": ch04.stacked_layers,
    "tasks": ch04.task_shapes,
    "scores": lambda: charts.score_bars({"a": (3, 4), "b": (1, 4)}, chance=0.5, ceiling=0.9),
    "curves": lambda: charts.curves({"a": [1, 2], "b": [2, 1]}, xlabel="x", ylabel="y", level=("z", 1.5)),
    "unknown": lambda: ch03.unknown_rates([10, 100], {"on train": [0.5, 0.1]}),
    "lengths": lambda: ch03.length_histogram([1, 2, 3, 3], cut=2),
    "batches": lambda: ch03.padded_batches({"random": [1, 5], "bucketed": [4, 5]}),
    "lookup": lambda: ch03.row_lookup(["a", "b"], 1),
    "grid": lambda: ch03.batch_grid([["a", "<pad>"]], [1]),
}
ALT = "A figure that a test draws, with what it says."


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_image_with_its_text_and_the_same_twice(name):
    shown = show(FIGURES[name](), alt=ALT)
    assert f'alt="{ALT}"' in shown._repr_html_() and "<img" in shown._repr_html_()
    assert b"<text" not in shown.svg, "letters are drawn as paths"
    assert shown.svg == show(FIGURES[name](), alt=ALT).svg


def test_alternative_text_must_say_something():
    with pytest.raises(ValueError, match="'alt' must say what the figure shows"):
        show(new_figure()[0], alt="plot")


def test_alternative_text_is_escaped():
    assert (
        '"><script>' not in show(new_figure()[0], alt='a long enough text "><script> to escape')._repr_html_()
    )


def test_a_caption_stands_below():
    assert (
        "<figcaption>One line.</figcaption>"
        in show(new_figure()[0], alt=ALT, caption="One line.")._repr_html_()
    )


def test_no_score_is_no_figure():
    with pytest.raises(ValueError, match="at least one score"):
        charts.score_bars({})


def test_the_last_bit_of_a_coordinate_does_not_change_the_file():
    def drawn(left):
        figure, axis = new_figure()
        axis.imshow([[0.0, 1.0]], aspect="auto")
        axis.plot([0, 1], [0, 1], marker="o")
        axis.set_position([left, 0.1, 0.8, 0.8])
        figure.set_layout_engine("none")
        return show(figure, alt="A figure that a test draws, with what it says.").svg

    assert drawn(0.1) == drawn(0.1 + 1e-15)
