"""Plans: what each sweep compares, in one place; :mod:`coursestudies.plan` says what a plan is."""

from __future__ import annotations

from collections.abc import Mapping

from coursekit.training import Config, change
from coursestudies.ladders import LADDERS
from coursestudies.plan import Arm, Plan

RECURRENT = Config(
    marks=True,
    cell="lstm",
    bidirectional=True,
    pooling="mean+max",
    word_dropout=0.2,
    embedding_dropout=0.4,
    dropout=0.5,
    label_smoothing=0.05,
    average_decay=0.99,
)
NO_CELL = Config(
    marks=True,
    cell="none",
    embedding_dim=256,
    pooling="mean+max",
    word_dropout=0.2,
    embedding_dropout=0.2,
    dropout=0.3,
    label_smoothing=0.05,
    average_decay=0.99,
    epochs=4,
)
LIGHT = {"word_dropout": 0.1, "embedding_dropout": 0.2, "dropout": 0.3}
HEAVY = {"word_dropout": 0.3, "embedding_dropout": 0.5, "dropout": 0.6}
WIDE = change(RECURRENT, **HEAVY, embedding_dim=256, hidden_size=192, learning_rate=2e-3)
LONG = {"max_length": 400, "cut": "ends", "min_count": 5}
TWEETS = {"min_count": 2, "max_length": 64}
SPELLED = {**TWEETS, "spelling": 50_000}


def _headline(
    task: str,
    what: str,
    recurrent: Mapping[str, Config],
    pooling: Mapping[str, Config],
    beside: tuple[str, float] | None = None,
) -> Plan:
    return Plan(
        what,
        {"recurrent": Arm(task, recurrent, beside), "pooling": Arm(task, pooling)},
        varied="a recurrent network, or the word vectors pooled without one",
        tuned="the candidates named, on validation with the first seed; then all were trained again on train and validation",
        fixed="split, vocabulary rule, optimiser",
        refit=True,
    )


def _compare(task: str, what: str, arms: Mapping[str, Config], varied: str, train_texts: int) -> Plan:
    return Plan(
        what,
        {name: Arm(task, {name: config}) for name, config in arms.items()},
        tested=False,
        train_texts=train_texts,
        varied=varied,
    )


PLAIN = Config(
    marks=True,
    cell="lstm",
    dropout=0.3,
    word_dropout=0.1,
    embedding_dropout=0.2,
    epochs=3,
    pooling="mean+max",
)
OPTIMISER_SETTINGS = {
    "sgd": {"optimiser": "sgd", "learning_rate": 0.01},
    "momentum": {"optimiser": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    "nag": {"optimiser": "nag", "learning_rate": 0.1, "momentum": 0.9},
    "adagrad": {"optimiser": "adagrad", "learning_rate": 0.01},
    "adadelta": {"optimiser": "adadelta", "learning_rate": 1.0},
    "rmsprop": {"optimiser": "rmsprop", "learning_rate": 1e-3},
    "adam": {"optimiser": "adam", "learning_rate": 1e-3},
    "adamw": {"optimiser": "adamw", "learning_rate": 1e-3, "weight_decay": 0.01},
}
SHORT_REVIEWS = change(
    PLAIN,
    max_length=128,
    cut="ends",
    min_count=5,
    schedule="constant",
    embedding_dim=64,
    hidden_size=64,
    epochs=4,
)
HOMEWORK_3 = Config(
    embedding_dim=32,
    hidden_size=32,
    pooling="mean",
    dropout=0.0,
    max_length=60,
    cut="ends",
    batch_size=32,
    epochs=3,
    learning_rate=3e-3,
    schedule="constant",
)

PLANS = {
    "headline-agnews": _headline(
        "ag_news",
        "The best recurrent model of this course on AG News, beside one that only pools.",
        {
            "wide, 3 epochs": WIDE,
            "128, 3 epochs": RECURRENT,
            "128, spelled, 4 epochs": change(RECURRENT, spelling=50_000, epochs=4),
        },
        {"wide": NO_CELL},
    ),
    "headline-imdb": _headline(
        "imdb",
        "The best recurrent model of this course on IMDB, beside one that only pools.",
        {
            "128, 3 epochs": change(RECURRENT, **LONG),
            "128, heavy dropout, 4 epochs": change(RECURRENT, **LONG, **HEAVY, epochs=4),
            "96 over vectors of 256, 3 epochs": change(WIDE, **LONG, hidden_size=96),
        },
        {"wide": change(NO_CELL, **LONG)},
        beside=("words", 30.0),
    ),
    "headline-rutweets": _headline(
        "ru_tweets",
        "The best recurrent model of this course on Russian tweets without emoticons, beside one that only pools.",
        {
            "spelled, 4 epochs": change(RECURRENT, **SPELLED, epochs=4),
            "spelled, heavy dropout, 3 epochs": change(RECURRENT, **SPELLED, **HEAVY, epochs=3),
            "words, 3 epochs": change(RECURRENT, **TWEETS),
        },
        {"spelled": change(NO_CELL, **SPELLED), "words": change(NO_CELL, **TWEETS)},
        beside=("letters", 3.0),
    ),
    "headline-hate": _headline(
        "hate_tweets",
        "The best recurrent model of this course on tweets with hate speech, beside one that only pools.",
        {
            "spelled, 4 epochs": change(RECURRENT, **SPELLED, epochs=4),
            "spelled, light dropout, 4 epochs": change(RECURRENT, **SPELLED, **LIGHT, epochs=4),
            "spelled, 6 epochs": change(RECURRENT, **SPELLED, epochs=6),
        },
        {"spelled": change(NO_CELL, **SPELLED, epochs=6)},
    ),
    "hw2-reference": Plan(
        "The reference model of homework 2, words without their spelling: five seeds, for the thresholds of its rubric.",
        {
            "reference": Arm(
                "hate_tweets",
                {
                    "light dropout": change(RECURRENT, **TWEETS, **LIGHT, epochs=4),
                    "heavy dropout": change(RECURRENT, **TWEETS, epochs=4),
                    "light dropout, no smoothing": change(
                        RECURRENT, **TWEETS, **LIGHT, label_smoothing=0.0, epochs=4
                    ),
                },
                hidden=True,
            ),
            "baseline": Arm("hate_tweets", {"as released": Config(**TWEETS)}),
        },
        varied="the seed; the reference beside the baseline that students get",
        tuned="of the reference, the candidates named, on validation with the first seed",
        seeds=(0, 1, 2, 3, 4),
    ),
    "hw3-reference": Plan(
        "The three cells of homework 3 with Adam, on its 3,000 reviews: five seeds, for the thresholds of its rubric.",
        {
            cell: Arm("imdb", {"as released": change(HOMEWORK_3, cell=cell)})
            for cell in ("rnn", "lstm", "gru")
        },
        train_texts=3_000,
        varied="the cell, and the seed",
        seeds=(0, 1, 2, 3, 4),
    ),
    "optimisers-imdb": _compare(
        "imdb",
        "Eight optimisers, LSTM and GRU, on 6,000 reviews cut to 128 words: the curve of the training loss.",
        {
            f"{cell} {name}": change(SHORT_REVIEWS, cell=cell, **settings)
            for cell in ("lstm", "gru")
            for name, settings in OPTIMISER_SETTINGS.items()
        },
        "optimiser and cell",
        6_000,
    ),
    "optimisers-imdb-rnn": _compare(
        "imdb",
        "Four optimisers and the plain RNN, and Adagrad at Adam's rate, on the reviews of optimisers-imdb.",
        {
            f"rnn {name}": change(SHORT_REVIEWS, cell="rnn", **OPTIMISER_SETTINGS[name])
            for name in ("sgd", "nag", "adadelta", "adam")
        }
        | {
            f"{cell} adagrad at .001": change(
                SHORT_REVIEWS, cell=cell, **OPTIMISER_SETTINGS["adagrad"] | {"learning_rate": 1e-3}
            )
            for cell in ("lstm", "gru")
        },
        "optimiser, and once its rate",
        6_000,
    ),
    "cells-agnews": _compare(
        "ag_news",
        "RNN, LSTM and GRU, each with three poolings, on 20,000 news texts.",
        {
            f"{cell} {pooling}": change(PLAIN, cell=cell, pooling=pooling, epochs=2)
            for cell in ("rnn", "lstm", "gru")
            for pooling in ("mean", "max", "last")
        },
        "cell and pooling",
        20_000,
    ),
    "directions": Plan(
        "One direction against two, done right: with the same width of the state, and with the same output width.",
        {
            f"{task} {name}": Arm(task, {name: config})
            for task, base in (
                ("ag_news", change(PLAIN, epochs=2)),
                ("imdb", change(SHORT_REVIEWS, schedule="one_cycle", epochs=3)),
            )
            for name, config in {
                "one direction": base,
                "one direction, twice as wide": change(base, hidden_size=2 * base.hidden_size),
                "two directions": change(base, bidirectional=True),
            }.items()
        },
        tested=False,
        train_texts=12_000,
        varied="directions",
    ),
    "shuffled-words": Plan(
        "Trained and validated on texts as they are, and on the same texts with their words shuffled.",
        {
            f"{task} {name}": Arm(f"{task}{suffix}", {name: config})
            for task, config in (
                ("ag_news", change(PLAIN, bidirectional=True, epochs=2)),
                ("imdb", change(SHORT_REVIEWS, schedule="one_cycle", bidirectional=True, epochs=3)),
            )
            for name, suffix in (("in order", ""), ("shuffled", "-shuffled"))
        },
        tested=False,
        train_texts=20_000,
        varied="the order of the words",
    ),
    "state-dropout": _compare(
        "imdb",
        "Dropout of the state handed to the next step, and other places for dropout, on 6,000 reviews.",
        {
            "no dropout": change(
                SHORT_REVIEWS, dropout=0.0, word_dropout=0.0, embedding_dropout=0.0, schedule="one_cycle"
            ),
            **{
                f"{name} {share}": change(
                    SHORT_REVIEWS,
                    **{
                        "dropout": 0.0,
                        "word_dropout": 0.0,
                        "embedding_dropout": 0.0,
                        "schedule": "one_cycle",
                        name: share,
                    },
                )
                for name in ("state_dropout", "embedding_dropout", "word_dropout", "dropout")
                for share in (0.25, 0.5)
            },
        },
        "where dropout acts, and how much",
        6_000,
    ),
    "precision-agnews": _compare(
        "ag_news",
        "Products in float32 and in bfloat16, on 20,000 news texts.",
        {
            f"{cell}, {precision}": change(PLAIN, cell=cell, epochs=2, precision=precision)
            for cell in ("rnn", "lstm")
            for precision in ("float32", "bfloat16")
        },
        "the precision of the products in training",
        20_000,
    ),
    **LADDERS,
}
