"""The case files of chapter 11, part one: code for texts, scores, logs and reports that lied, written anew and small.

Nothing here is to be used. Scores are the published ones where a comment does not say otherwise. Models and training code stand
in :mod:`bookfigures.case_models`.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterable, Sequence

from coursekit.text import Vocabulary, tokenise

# Case 1: all labels are 0, and a drift of the logits tips every answer at once; the loss stays where it is. The gap
# of the accuracies and the first of them are published, the others are made up.
DRIFT = [
    {"test_loss": math.log(2), "test_accuracy": right, "train_accuracy": right - 0.0017, "learning_rate": 1e-9}
    for right in (0.476, 0.871, 0.982, 0.993, 0.999)
]  # fmt: skip


def labels_of(names: Iterable[object]) -> list[int]:
    """Case 1: the labels of this version are called 1 and 2, and none of them is 'pos'."""
    return [1 if name == "pos" else 0 for name in names]


def glue_negation_backwards(text: str) -> str:
    """Case 3: the expression removes the space *before* "не"."""
    return re.sub(r"\sне", "не", text)


def epochs_saved(losses: Sequence[float]) -> list[int]:
    """Case 5: the best loss so far is compared and never updated; return the epochs (from 1) that were saved."""
    best, saved = math.inf, []
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            saved.append(epoch)
    return saved


def encode_twice(text: str, vocabulary: Vocabulary) -> list[int]:
    """Case 6: the ids are looked up in the table of words once more."""
    ids = vocabulary.encode(tokenise(text)) or [vocabulary.unk]
    return vocabulary.encode(ids)


# Case 9: the ladder of coursework A: what each row changes against the row before it, and the best of its looks at the test set.
BASELINE = {
    "cell": "rnn", "num_layers": 1, "bidirectional": False, "head": "linear", "optimiser": "adam", "learning_rate": 1e-3,
    "weight_decay": 0.0, "schedule": "constant", "on_top": "nothing",
}  # fmt: skip
LADDER = [
    ("baseline", {}, 0.9040),
    ("AdamW", {"optimiser": "adamw", "learning_rate": 5e-4, "weight_decay": 0.01}, 0.9102),
    ("GRU", {"cell": "gru", "learning_rate": 1e-4}, 0.8998),
    ("two directions", {"bidirectional": True, "learning_rate": 5e-4}, 0.9114),
    ("two layers", {"num_layers": 2}, 0.9114),
    ("ReLU after linear", {"head": "relu"}, 0.9140),
    ("weight decay", {"weight_decay": 0.015}, 0.9086),
    ("plateau", {"schedule": "plateau"}, 0.9110),
    ("StepLR", {"schedule": "step", "learning_rate": 5e-3}, 0.8798),
    ("LSTM", {"cell": "lstm"}, 0.9202),
    ("LSTM and GRU", {"on_top": "gru"}, 0.9158),
]


def ladder_rows() -> list[tuple[str, dict, float]]:
    """Case 9: every row of the ladder with its whole configuration and its score."""
    rows, config = [], BASELINE
    for name, changed, score in LADDER:
        config = config | changed
        rows.append((name, config, score))
    return rows


def words_by_set(texts: Sequence[str]) -> list[str]:
    """Case 10: the place of a word, and so its id, is that in a set; the pad stands somewhere among them."""
    return list({"<pad>", *(word for text in texts for word in text.split())})


# Case 13: ten looks at the test set, of which the report quotes the best. The figures are made up.
TEN_LOOKS = [
    {"test_accuracy": accuracy}
    for accuracy in (0.8534, 0.8868, 0.8964, 0.9036, 0.9050, 0.9066, 0.9048, 0.9060, 0.9042, 0.9052)
]


def accuracy_per_parameter(score: float, size: float) -> float:
    """Case 15: a score over a size."""
    return score / size


def without_punctuation(text: str) -> str:
    """Case 16: ":D" becomes the word "d"."""
    return text.lower().translate(str.maketrans("", "", string.punctuation))


# Case 17: a plot's numbers, and a report that was typed.
PLOT = [
    {"model": "GRU, two layers, two directions", "test_accuracy": 0.9162},
    {"model": "GRU", "test_accuracy": 0.9116},
]
TYPED = "The GRU with mean pooling reaches 90.16 %, the one with two layers 91.62 %."


def without_smileys(text: str) -> str:
    """Case 19: of a smiley or a link, nothing is left."""
    return re.sub(r"https?://\S+|[:;=]-?[()D]+", "", text).strip()


# Case 21: what coursework B changed for its best model, and whom its report thanks.
CREDIT = {
    "before": {"cell": "gru", "num_layers": 2, "bidirectional": True, "dropout": 0.2},
    "after": {"cell": "lstm", "num_layers": 2, "bidirectional": False, "dropout": 0.05},
    "credited": {"bidirectional": True},
}

# Number, what happened, its kind, the checks that catch it, and the chapter that has the whole story (11: this one).
CASES = [
    (1, "99.9 % right, loss ln 2", "number", ("label_balance", "accuracy_fits_loss", "gap_varies", "rate_acts"), 9),
    (2, "a reader of two words", "shape", ("first_loss",), 11),
    (3, "a regex glues the wrong way", "text", ("glued_words",), 1),
    (4, "two states from an RNN", "idle layer", ("gradients",), 4),
    (5, "the best is always the last", "choice", ("best_epoch",), 9),
    (6, "texts encoded twice", "text", ("readable",), 11),
    (7, "an argument nobody reads", "idle argument", ("argument_matters",), 11),
    (8, "a scheduler never acts", "idle argument", ("rate_acts", "rate_acts"), 9),
    (9, "several changes at once", "comparison", ("one_change",), 11),
    (10, "a loss ignores a class", "number", ("loss_sees_classes", "stable_across_processes"), 11),
    (11, "pads that vote", "shape", ("padding_law",), 8),
    (12, "half a bidirectional model", "idle layer", ("both_directions",), 8),
    (13, "the test set chose the model", "choice", ("chosen_without_test",), 10),
    (14, "a mean of batch accuracies", "number", ("possible_score", "score_counts"), 11),
    (15, "a metric likes small models", "comparison", ("prefers_smallest",), 10),
    (16, "labels you can see", "text", ("label_symbols",), 1),
    (17, "typed numbers drift", "report", ("report_numbers",), 11),
    (18, "dropout in one layer", "idle argument", ("argument_matters",), 9),
    (19, "empty after cleaning", "text", ("readable",), 1),
    (20, "a layer is never called", "idle layer", ("gradients",), 11),
    (21, "credit to the wrong cause", "report", ("one_change",), 11),
    (22, "a broadcast counts too much", "number", ("score_counts", "possible_score"), 11),
]  # fmt: skip
