"""The published ladders again, one change at a time: each row says which row it starts from and what it changes.

Rows of coursework A and B on AG News, of E on IMDB. The published reports changed two or three things a row; what each
of their rows says beside ours stands in ``data/results/published.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coursekit.training import Config, change
from coursestudies.plan import Arm, Plan

# name: (the row it starts from, what it changes)
Rows = Mapping[str, tuple[str | None, dict[str, Any]]]

NEWS_START = Config(
    embedding_dim=96,
    hidden_size=96,
    head_activation="tanh",
    learning_rate=1e-3,
    schedule="constant",
    clip_norm=None,
    min_count=5,
    epochs=4,
)
NEWS: Rows = {
    "RNN, max": (None, {}),
    "RNN": ("RNN, max", {"pooling": "mean"}),
    "RNN, twice the epochs": ("RNN", {"epochs": 8}),
    "RNN, AdamW": ("RNN", {"optimiser": "adamw", "weight_decay": 0.01}),
    "RNN, rate 5e-4": ("RNN", {"learning_rate": 5e-4}),
    "RNN, dropout .15": ("RNN", {"dropout": 0.15}),
    "GRU": ("RNN", {"cell": "gru"}),
    "GRU, rate 1e-4": ("GRU", {"learning_rate": 1e-4}),
    "GRU, dropout .05": ("GRU", {"dropout": 0.05}),
    "BiGRU": ("GRU", {"bidirectional": True}),
    "BiGRU, rate 5e-4": ("BiGRU", {"learning_rate": 5e-4}),
    "BiGRU, 2 layers": ("BiGRU", {"num_layers": 2}),
    "BiGRU, 2 layers, dropout .2": ("BiGRU, 2 layers", {"dropout": 0.2}),
    "BiGRU, 2 layers, ReLU": ("BiGRU, 2 layers", {"head_activation": "relu"}),
    "the same, AdamW": ("BiGRU, 2 layers, ReLU", {"optimiser": "adamw", "weight_decay": 0.015}),
    "the same, plateau": ("BiGRU, 2 layers, ReLU", {"schedule": "plateau"}),
    "the same, rate 5e-3": ("BiGRU, 2 layers, ReLU", {"learning_rate": 5e-3}),
    "the same, rate 5e-3, steps of .5": ("the same, rate 5e-3", {"schedule": "step"}),
    "its LSTM": ("the same, rate 5e-3, steps of .5", {"cell": "lstm"}),
    "its LSTM, steps of .8": ("its LSTM", {"decay_factor": 0.8}),
    "GRU, max": ("RNN, max", {"cell": "gru"}),
    "BiGRU, max": ("GRU, max", {"bidirectional": True}),
    "BiGRU, 2 layers, max": ("BiGRU, max", {"num_layers": 2}),
    "LSTM, max": ("RNN, max", {"cell": "lstm"}),
    "LSTM, 2 layers, max": ("LSTM, max", {"num_layers": 2}),
    "LSTM": ("RNN", {"cell": "lstm"}),
    "LSTM, 2 layers": ("LSTM", {"num_layers": 2}),
}

REVIEWS_START = Config(
    marks=True,
    cell="lstm",
    embedding_dim=32,
    hidden_size=100,
    pooling="mean+max",
    max_length=128,
    cut="ends",
    min_count=5,
    dropout=0.0,
    epochs=3,
    precision="bfloat16",
)
WIDTHS = (10, 20, 150, 200, 260, 285, 319)
EMBEDDINGS = (1, 2, 8, 64, 128, 188, 256)
REVIEWS: Rows = {
    "LSTM": (None, {}),
    "GRU": ("LSTM", {"cell": "gru"}),
    **{f"LSTM, {n} layers": ("LSTM", {"num_layers": n}) for n in (2, 3, 4)},
    **{f"LSTM, width {n}": ("LSTM", {"hidden_size": n}) for n in WIDTHS},
    **{f"LSTM, vectors of {n}": ("LSTM", {"embedding_dim": n}) for n in EMBEDDINGS},
    "LSTM, two directions": ("LSTM", {"bidirectional": True}),
    "GRU, two directions": ("GRU", {"bidirectional": True}),
}
# E's compound trials: vectors, width and depth together; dropout is its own choice here, not tied to the size
COMPOUND = {
    f"vectors of {embedding}, width {width}, {layers} layer{'s' * (layers > 1)}, dropout {dropout}": change(
        REVIEWS_START, embedding_dim=embedding, hidden_size=width, num_layers=layers, dropout=dropout
    )
    for embedding, width in ((16, 64), (32, 128), (64, 192))
    for layers in (1, 2)
    for dropout in (0.0, 0.3)
}
# which of them the record chose on validation; E then changed its cell and its directions
COMPOUND_BEST = "vectors of 64, width 192, 2 layers, dropout 0.0"
FROM_COMPOUND: Rows = {
    "the compound GRU": ("compound", {"cell": "gru"}),
    "the compound LSTM, two directions": ("compound", {"bidirectional": True}),
    "the compound GRU, two directions": ("the compound GRU", {"bidirectional": True}),
}


def configs(start: Config, rows: Rows) -> dict[str, Config]:
    """Return the configuration of every row: its parent's, or ``start`` if that is no row, with its one change."""
    made: dict[str, Config] = {}
    for name, (parent, changes) in rows.items():
        made[name] = change(made.get(parent, start), **changes)
    return made


def _arms(task: str, start: Config, rows: Rows) -> dict[str, Arm]:
    return {name: Arm(task, {name: config}) for name, config in configs(start, rows).items()}


def _ladder(task: str, what: str, start: Config, rows: Rows, train_texts: int, **arms: Arm) -> Plan:
    return Plan(
        what,
        _arms(task, start, rows) | arms,
        tested=False,
        train_texts=train_texts,
        varied="one thing a row, from the row it starts at",
        tuned="nothing; of compound trials, the best on validation with the first seed"
        if arms
        else "nothing",
    )


LADDERS = {
    "ladder-agnews": _ladder(
        "ag_news",
        "The ladders of coursework A and B on 12,000 news texts, one change a row.",
        NEWS_START,
        NEWS,
        12_000,
    ),
    "ladder-imdb": _ladder(
        "imdb",
        "The study of coursework E on 4,000 reviews cut to 128 words: depth, width, vectors, directions, compound trials.",
        REVIEWS_START,
        REVIEWS,
        4_000,
        compound=Arm("imdb", COMPOUND),
        **_arms("imdb", COMPOUND[COMPOUND_BEST], FROM_COMPOUND),
    ),
}
