"""What holds for every drawing: it is the same file twice, says what its axes are, and no word lies on another."""

import functools
import importlib
import inspect
import itertools
import pkgutil
import re
from unittest import mock

import numpy as np
import pytest
from matplotlib.text import Text

import bookfigures
from bookfigures import ch00, ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch08, ch09, ch10, ch12, ch13, ladders
from coursekit.figures import charts, show

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.random((3, 6))
SIX = {"step 0": (0.842, 56_469), "step 1": (0.86, 120_000), "wider": (0.85, 64_661), "deeper": (0.83, 50_000),
       "longer": (0.84, 31_000), "step 2": (0.861, 320_000)}  # fmt: skip
NINE = {"rnn mean": (0.885, 23.4), "rnn max": (0.886, 22.6), "lstm last": (0.879, 62.9), "lstm mean": (0.888, 62.1),
        "lstm max": (0.890, 61.5), "gru last": (0.885, 57.1), "gru mean": (0.889, 55.2), "gru max": (0.891, 57.0)}  # fmt: skip
TEXTS = [["nobody", "sleeps"], ["oil", "prices", "fall", "again"], ["stop"]]
COMPANY = {"alone": [0.5, 0.6], "as trained": [0.8, 0.82], "long": [0.4, 0.3]}
CURVES = {
    name: ([0.1 + k / 50, 0.6, 0.8, 1.0], [1.0, 0.7, 0.6, 0.2])
    for k, name in enumerate(("as it is", "class weights", "resampled"))
}


def call(*arguments, **options):
    return arguments, options


# One call of every drawing, with the names and the sizes that its chapter has.
CALLS = {
    ch00.broadcasting: [call([[6, 2, 0], [3, 0, 0], [4, 1, 2]], [2, 1, 3])],
    ch00.turned: [call([["a1", "a2", "a3", "a4"], ["b1", "b2", "b3", "b4"], ["c1", "c2", "c3", "c4"]])],
    ch00.learning_curves: [
        call(
            {"ten words": ([1.6, 1.6], [1.6, 1.6]), "two hundred texts": ([1.5, 0.2], [1.4, 1.7])}, start=1.6
        )
    ],
    ch00.repeated_intervals: [call(RANDOM.binomial(500, 0.9, 60).tolist(), 500, 0.9)],
    ch01.step_rows: [
        call({"split": ["Не", "люблю)", "утро"], "negation": ["не_люблю", "утро"], "stop list": []})
    ],
    ch01.label_shares: [
        call(
            {
                "stripped": [
                    ("d", 90, 0.99),
                    ("dd", 95, 0.98),
                    ("я", 500, 0.5),
                    ("жаль", 60, 0.02),
                    ("увы", 66, 0.01),
                ],
                "removed first": [("я", 500, 0.5)],
            }
        )
    ],
    ch01.step_costs: [call({"split": (30000, 60, 100), "words": (20000, 66, 100)}, chance=0.5)],
    ch02.strongest_words: [
        call(
            {
                topic: [("entertainment", 3.0), ("match", 2.0)]
                for topic in ("business", "politics", "sports", "tech")
            }
        )
    ],
    ch02.hashing_curve: [call([16, 256, 4096, 16384], [0.5, 0.7, 0.8, 0.8], [1, 1, 0.9, 0.4], with_all=0.9)],
    ch02.confusion: [
        call(
            {"always no": np.array([[1193, 0], [7, 0]]), "counts": np.array([[90, 3], [2, 5]])}, ["no", "yes"]
        )
    ],
    ch03.unknown_rates: [
        call([100, 1000, 10000], {"on train": [0.4, 0.1, 0], "on validation": [0.4, 0.2, 0.1]})
    ],
    ch03.length_histogram: [call(RANDOM.poisson(40, 500).tolist(), cut=60)],
    ch03.padded_batches: [call({"random": [1, 5, 3, 9], "bucketed": [4, 5, 5, 5]})],
    ch03.row_lookup: [call(["<pad>", "<unk>", "the", "oil", "market", "rain"], 3)],
    ch03.batch_grid: [call([["oil", "prices", "fall", "again"], ["rain", *["<pad>"] * 3]], [4, 1])],
    ch04.perceptron_to_recurrence: [call()],
    ch04.unrolled: [call(["nobody", "said", "it", "was", "dull"])],
    ch04.stacked_layers: [call()],
    ch04.task_shapes: [
        call(),
        call(
            [
                "один ко многим:\nнаписать текст",
                "многие к одному:\nоценить текст",
                "многие ко многим:\nразметить каждое слово",
            ]
        ),
    ],
    ch05.way_back: [call(["keys", "to", "the", "cabinet", "were"])],
    ch05.by_distance: [
        call(
            {
                t: {f"radius {r}": [r**k for k in range(50)] for r in (0.8, 1.0, 1.2)}
                for t in ("tanh", "linear", "small")
            },
            ylabel="norm of the product",
        )
    ],
    ch05.scores_by_length: [
        call(
            {
                "order": {
                    "RNN": [[1.0, 0.9], [0.6, 0.5], [0.3, 0.2]],
                    "LSTM": [[1.0, 1.0], [0.9, 1.0], [0.8, 0.9]],
                }
            },
            [10, 50, 200],
            guessing={"order": 0.25},
        )
    ],
    ch06.lstm_cell: [
        call(),
        *(call(part) for part in ch06.PARTS),
        call(
            words={
                "c": "память",
                "f": "сколько старой\nпамяти остаётся",
                "i": "сколько\nвходит",
                "g": "что может\nвойти",
                "o": "сколько\nвидно",
            }
        ),
    ],
    ch06.word_heat_map: [
        call(
            ["Девочка", "пришла", "домой", "и", "сказала", "что"],
            [("gates", NOISE, ["f", "i", "o"], "gate"), ("memory", NOISE - 0.5, ["1", "2", "3"], "signed")],
        )
    ],
    ch07.gru_cell: [call()],
    ch07.three_cells: [
        call(),
        call(["RNN: 1 набор весов", "LSTM: 4 набора весов", "GRU: 3 набора весов"], "смесь"),
    ],
    ch07.seeds_by_task: [
        call(
            {
                "news": {"rnn": [0.85, 0.86], "gru": [0.87, 0.88]},
                "reviews": {"rnn": [0.95, 0.94], "gru": [0.9, 0.95]},
            },
            levels={"news": {"largest class": 0.25}, "reviews": {"guessing": 0.5, "best possible": 0.96}},
        )
    ],
    ch08.readers: [call(["oil", "prices", "fall"], 3)],
    ch08.law_curves: [
        call([0, 1, 16], {pad: {"last step": [0, 0.1, 0.9], "mean": [0, 0, 0]} for pad in ("<pad>", "junk")})
    ],
    ch08.reversals: [call(["oil", "prices", "fall"], 2)],
    ch08.packed_layout: [call(TEXTS, [4, 0, 8, 5, 1, 6, 7], [3, 2, 1, 1], [1, 0, 2])],
    ch08.company_scores: [
        call({way: {"careless": COMPANY, "mended": COMPANY} for way in ("last", "mean", "max")})
    ],
    ch08.speed_ratios: [call({"lstm, 2 layers": 3.0, "rnn": 0.9, "gru": 14.0})],
    ch09.paths_in_a_valley: [
        call({name: NOISE.T[:, :2] * 4 for name in ("sgd", "momentum", "nag", "adam")}, 25.0)
    ],
    ch09.bands: [
        call(
            {
                cell: {name: NOISE for name in ("adam", "adamw", "sgd", "nag", "rmsprop")}
                for cell in ("LSTM", "GRU")
            },
            xlabel="epoch",
            ylabel="training loss",
            level=("ln 2", 0.693),
        )
    ],
    ch10.score_against_cost: [
        call(SIX, ["longer", "step 0", "wider", "step 1", "step 2"], xlabel="parameters", ylabel="accuracy"),
        call(NINE, ["rnn max", "gru mean", "gru max"], xlabel="seconds of training", ylabel="accuracy"),
    ],
    ch10.precision_against_recall: [call(CURVES, {name: (0.8, 0.6) for name in CURVES}, share=0.07)],
    ladders.steps: [
        call(
            {"RNN": (0.01, 0.002, 0.018), "the same, rate 5e-3, steps of .5": (-0.01, -0.03, 0.01)},
            xlabel="difference",
        )
    ],
    ladders.rungs: [
        call(
            {
                "layers": {1: [0.8, 0.81], 4: [0.5, 0.8]},
                "width": {10: [0.8, 0.8], 100: [0.7, 0.9], 319: [0.6, 0.6]},
            },
            {"layers": {4: 0.5}, "width": {10: 0.87, 319: 0.58}},
            ylabel="accuracy",
        )
    ],
    ladders.convergence: [
        call({"RNN": [1.0, 0.5], "GRU": [0.9, 0.4]}, {"RNN": [0.5, 0.7], "GRU": [0.6, 0.8]}, score="accuracy")
    ],
    ch12.coloured_words: [
        call(
            {
                "trained": [(["в", "(кино)", "промокли"] * 6, [0.1, -0.2, 2.0] * 6)],
                "memory": [(TEXTS[1], [1, -1, 0, 3]), (TEXTS[2], [-2])],
            }
        )
    ],
    ch12.reliability: [
        call({t: [(0.55, 20, 40), (0.9, 60, 100)] for t in ("as trained", "temperature 3.6")})
    ],
    ch13.encoder_decoder: [call(["3", "мая", "2", "0", "2", "4"], ["2", "0", "2"])],
    ch13.attention_map: [call([*"2024-03-03", "end"], ["3", "марта", *"2024"], RANDOM.random((11, 6)))],
    ch13.masks: [call(["oil", "prices", "fall"], 2)],
    charts.score_bars: [
        call({"word and pair counts": (48, 100), "vanilla RNN": (93, 100)}, chance=0.5, ceiling=0.55),
        call({"one": (3, 4)}),
    ],
    charts.curves: [
        call({f"seed {k}": [k, 2, 3] for k in range(5)}, xlabel="x", ylabel="y", level=("guessing", 1.5)),
        call({"one": [1, 2, 3]}, xlabel="x", ylabel="y", logy=True),
    ],
    charts.curve_panels: [call({"a": {"x": [1, 2]}, "b": {"x": [2, 1]}}, xlabel="x", ylabel="y")],
    ch07.training_losses: [
        call(
            {f"GRU, variant {k}": list(1 / np.arange(1, 41) ** k) for k in range(1, 7)},
            every=4,
            level=("guessing, ln 4", 1.39),
        )
    ],
    charts.seed_dots: [
        call({"cells, last": [0.8, 0.9], "b": [0.7]}, xlabel="accuracy", level=("guessing", 0.5))
    ],
}
CASES = [(draw, made) for draw, calls in CALLS.items() for made in calls]
NAMES = [f"{draw.__module__.split('.')[-1]}.{draw.__name__}" for draw, _ in CASES]
every_case = pytest.mark.parametrize("case", range(len(CASES)), ids=NAMES)


@functools.cache
def figure_of(case):
    draw, (arguments, options) = CASES[case]
    return draw(*arguments, **options)


def test_every_public_drawing_has_a_case():
    modules = [
        importlib.import_module(f"bookfigures.{m.name}") for m in pkgutil.iter_modules(bookfigures.__path__)
    ]
    public = {
        value
        for module in [*modules, charts]
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    returned = {draw for draw in public if inspect.signature(draw).return_annotation == "Figure"}
    assert returned == set(CALLS)


@every_case
def test_drawn_twice_it_is_the_same_file_and_needs_no_font(case):
    shown = show(figure_of(case))
    assert shown == show(figure_of.__wrapped__(case))
    assert b"<text" not in shown.svg, "letters are drawn as paths"


@every_case
def test_a_drawing_says_in_sentences_what_it_shows(case):
    said = figure_of(case).get_label()
    assert (
        40 < len(said) < 1200
        and (said[0].isupper() or said[0].isdigit())
        and said.rstrip("”»)").endswith(".")
    )
    assert not re.search(r"\bnan\b|-0\.0*\b(?!\d)|np\.|\[\[|  |\n|(?<!_)\{", said), said


def smaller(value):
    """The same data with every number that is no count a third smaller."""
    if isinstance(value, np.ndarray):
        return value * 0.66 if value.dtype.kind == "f" else value
    if isinstance(value, float):
        return value * 0.66
    if isinstance(value, dict):
        return {key: smaller(one) for key, one in value.items()}
    return type(value)(map(smaller, value)) if isinstance(value, list | tuple) else value


@every_case
def test_other_numbers_give_other_words(case):
    draw, (arguments, options) = CASES[case]
    others = smaller(list(arguments)), smaller(options)
    if repr(others) != repr((list(arguments), options)):
        assert draw(*others[0], **others[1]).get_label() != figure_of(case).get_label()


@every_case
def test_an_axis_with_numbers_says_what_they_are(case):
    for axis in figure_of(case).axes:
        ticks = "".join(label.get_text() for label in axis.get_xticklabels())
        numbered = axis.axison and axis.lines and ticks and not any(map(str.isalpha, ticks))
        assert not numbered or axis.get_xlabel()


def overlaps(figure):
    """Pairs of words of a figure that lie on each other by more than a hair."""
    with mock.patch.object(Text, "draw", autospec=True) as draw:
        figure.draw_without_rendering()
    words = dict.fromkeys(call.args[0] for call in draw.mock_calls)
    rooms = [
        (word.get_text(), word.get_window_extent().padded(-1))
        for word in words
        if word.get_visible() and word.get_text().strip()
    ]
    return [(a, b) for (a, room), (b, other) in itertools.combinations(rooms, 2) if room.overlaps(other)]


@every_case
def test_no_word_lies_on_another(case):
    assert overlaps(figure_of(case)) == []


def test_words_on_each_other_are_seen():
    figure = charts.curves({"a": [1, 2]}, xlabel="x", ylabel="y")
    for word in ("first", "second"):
        figure.axes[0].text(1.5, 1.5, word)
    assert overlaps(figure) == [("first", "second")]
