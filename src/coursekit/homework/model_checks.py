"""What homework 1 and 2 look at in a notebook: a model, experiments with it, and the best one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.homework.examine import (
    changes_the_model,
    logits_alone_and_together,
    parameters_without_gradient,
    random_batch,
    recurrent_modules,
)
from coursekit.homework.experiments import Build, Result, one_change
from coursekit.homework.readers import LAW
from coursekit.homework.written_out import Line
from coursekit.stats import bootstrap, confusion_matrix, macro_f1, wilson
from coursekit.training import Config, change, diff

SMALL = {"embedding_dim": 12, "hidden_size": 10, "dropout": 0.0}
USED = {  # fields that ``build`` may well use, and other values than those of a small baseline
    "cell": ("gru", "lstm"),
    "embedding_dim": (16,),
    "hidden_size": (14,),
    "num_layers": (2,),
    "bidirectional": (True,),
    "pooling": ("mean", "last", "mean+max"),
    "dropout": (0.5,),
}
LAWFUL = (  # what a small baseline leaves out, and the padding law speaks of as well
    {"dropout": 0.5, "embedding_dropout": 0.5, "word_dropout": 0.3},
    *({"pooling": pooling} for pooling in ("mean", "max", "last", "mean+max")),
    *({"bidirectional": True, "pooling": pooling} for pooling in ("last", "mean+max")),
)
DOES_NOT_RUN = (RuntimeError, ValueError, TypeError, LookupError, AttributeError)
N_WORDS, N_CLASSES = 50, 4
TEST_TEXTS = 5_000  # that an estimate of the mark speaks of

Thresholds = Mapping[float, int]


def build_lines(build: Build) -> Iterator[Line]:
    """Look at a model of each cell, and at the fields that it uses."""
    for cell in ("rnn", "gru", "lstm"):
        torch.manual_seed(0)
        model = build(Config.from_dict({**SMALL, "cell": cell}), N_WORDS, N_CLASSES)
        is_module = isinstance(model, nn.Module)
        yield f"{cell}: build returns a torch module", is_module, f"got {type(model).__name__}."
        if not is_module:
            return
        ids, lengths = random_batch(N_WORDS, seed=1)
        alone, together = logits_alone_and_together(model, ids, lengths)
        wanted, got = (len(ids), N_CLASSES), tuple(together.shape)
        yield f"{cell}: logits have the shape (B, C)", got == wanted, f"wanted {wanted}, got {got}."
        if got != wanted:
            return
        gap = (alone - together).abs().max().item()
        yield (
            f"{cell}: a text's logits do not depend on its batch mates (largest difference {gap:.1e})",
            gap <= LAW,
            "the pads take part somewhere: in the recurrence, or in the pooling. See chapter 8.",
        )
        own = not type(model).__module__.startswith("coursekit.nn")
        yield f"{cell}: the module is your own", own, f"ck.{type(model).__name__} gives no mark."
        idle = parameters_without_gradient(model, ids, lengths, N_CLASSES)
        idle = [name for name in idle if "embedding" not in name]
        yield (
            f"{cell}: every parameter gets a gradient",
            not idle,
            f"built and never used: {', '.join(idle)}.",
        )
        yield f"{cell}: there is a recurrent layer", bool(recurrent_modules(model)), "config.cell names it."
    shares = bool((together >= 0).all()) and torch.allclose(together.sum(dim=1), torch.ones(len(together)))
    hint = "each row is positive and sums to 1: end with the linear layer, for the loss takes the softmax itself."
    yield "logits, no probabilities", not shares, hint
    base = Config.from_dict(SMALL)
    wrong = next(filter(None, (_unlawful(build, change(base, **changes)) for changes in LAWFUL)), "")
    yield "the same holds with dropout, with every pooling and in two directions", not wrong, wrong
    for field, values in USED.items():
        wrong = " ".join(filter(None, (_of_no_use(build, base, field, value) for value in values)))
        if wrong:  # no fault: an honest model may leave a field out
            print(f"! config.{field}: {wrong} You may leave it so, but do not experiment with it.")
        else:
            yield f"config.{field} is used", True, ""


def _unlawful(build: Build, config: Config) -> str:
    """What is wrong with the logits that a configuration gives the same texts; empty if nothing is, or if it does not run."""
    torch.manual_seed(0)
    ids, lengths = random_batch(N_WORDS, seed=1)
    with suppress(*DOES_NOT_RUN):  # said below
        model = build(config, N_WORDS, N_CLASSES)
        alone, together = logits_alone_and_together(model, ids, lengths)
        with torch.no_grad():
            again = model(ids, lengths)
        of = ", ".join(
            f"{name}={value!r}" for name, (_, value) in diff(Config.from_dict(SMALL), config).items()
        )
        if not torch.equal(together, again):
            return f"with {of} it is random in evaluation mode: dropout must act in training only. See section 0.7."
        if (gap := (alone - together).abs().max().item()) > LAW:
            return f"with {of} a text's logits move by {gap:.1e} with its batch mates. See chapter 8."
    return ""


def _is_written(build: Build, config: Config) -> bool:
    try:
        build(config, N_WORDS, N_CLASSES)
    except NotImplementedError:  # its own check says so
        return False
    return True


def _of_no_use(build: Build, base: Config, field: str, value: Any) -> str:
    """What is wrong with a model where a field has another value; empty if the value makes another model."""
    try:
        config = change(base, **{field: value})
        ids, lengths = random_batch(N_WORDS, seed=1)
        wanted, got = (len(ids), N_CLASSES), tuple(build(config, N_WORDS, N_CLASSES)(ids, lengths).shape)
        if got != wanted:
            return f"with {field}={value!r} the logits have the shape {got}, wanted {wanted}."
        if changes_the_model(build, base, config, N_WORDS, N_CLASSES, seed=1):
            return ""
    except DOES_NOT_RUN as error:
        return f"with {field}={value!r} it does not run: {str(error).rstrip('.')}."
    return f"{field}={value!r} gives the same model as {field}={getattr(base, field)!r}."


def experiment_lines(
    experiments: Mapping[str, Mapping[str, Any]], baseline: Config | None = None, build: Build | None = None
) -> Iterator[Line]:
    """Look at experiments: one change each, none twice, and each makes another model."""
    if not isinstance(experiments, Mapping):
        hint = f"write {{'a name': {{'cell': 'gru'}}, …}}, got {type(experiments).__name__}."
        yield "the experiments are a dictionary", False, hint
        return
    yield f"at least two experiments (got {len(experiments)})", len(experiments) >= 2, ""
    base, seen = baseline or Config(), []
    for name, changes in experiments.items():
        try:
            config = one_change(base, changes)
        except ValueError as error:
            yield f"{name}: one change", False, str(error)
            continue
        yield f"{name}: one change, {dict(changes)}", True, ""
        hint = "another experiment changes the same field to the same value."
        yield f"{name}: not a repeat", config not in seen, hint
        seen.append(config)
        if build is not None and _is_written(build, base):
            wrong = _of_no_use(build, base, *next(iter(changes.items())))
            yield f"{name}: it changes the model, or how it is trained", not wrong, wrong
    if "baseline" in experiments:
        hint = "the baseline is packed under this name, and the experiment would be lost."
        yield "baseline: a name of its own", False, hint


def gated_experiment_lines(**given: Any) -> Iterator[Line]:
    """The same, and one of them is a GRU or an LSTM."""
    yield from experiment_lines(**given)
    if not isinstance(given["experiments"], Mapping):
        return
    named = [c for c in given["experiments"].values() if isinstance(c, Mapping)]
    cells = [changes.get("cell") for changes in named if len(changes) == 1]
    hint = "set 'cell' to gru or lstm in one experiment."
    yield "one of them is a GRU or an LSTM", bool({"gru", "lstm"} & set(cells)), hint


def _points(score: float, thresholds: Thresholds | None) -> int:
    return max((points for least, points in (thresholds or {}).items() if score >= least), default=0)


def _keeps_the_law(model: nn.Module, n_words: int) -> Line:
    ids, lengths = random_batch(n_words, seed=1)
    alone, together = logits_alone_and_together(model.cpu(), ids, lengths)
    gap = (alone - together).abs().max().item()
    hint = "with the padding law broken, quality gives no points. See chapter 8, and dropout in section 0.7."
    return (
        f"a text's logits do not depend on its batch mates (largest difference {gap:.1e})",
        gap <= LAW,
        hint,
    )


def final_lines(final: Result, thresholds: Thresholds | None = None, safe: float = 0.01) -> Iterator[Line]:
    """Look at the best model: it has learned, and the padding law holds; print what mark its accuracy promises."""
    low, high = wilson(round(final.accuracy * TEST_TEXTS), TEST_TEXTS)
    points, surely = (_points(final.accuracy - margin, thresholds) for margin in (0, safe))
    print(
        f"validation accuracy {final.accuracy:.4f}; on {TEST_TEXTS:,} test texts expect {low:.3f} to {high:.3f}. "
        f"An estimate of the mark for quality: {points}; by the safe target, {surely}."
    )
    yield _keeps_the_law(final.model, len(final.vocabulary))
    surely_more, _ = wilson(round(final.accuracy * final.n_validation), final.n_validation)
    hint = (
        f"the largest class alone gives {final.guessing:.3f}; train longer, or look at the curve of the loss."
    )
    yield "the model is trained and better than guessing", surely_more > final.guessing, hint


def final_macro_f1_lines(
    final: Result, thresholds: Thresholds | None = None, safe: float = 0.01
) -> Iterator[Line]:
    """The same, where macro-F1 is the ruler."""
    if final.macro_f1 is None:
        hint = "the baseline has monitor='macro_f1'; start from it: change(BASELINE, **FINAL)."
        yield "the best epoch was chosen by macro-F1", False, hint
        return
    truth, answers = np.array(final.truth), np.array(final.answers)
    classes = int(max(truth.max(), answers.max())) + 1

    def score(predicted: np.ndarray, texts: np.ndarray | slice) -> float:
        """Macro-F1 of some texts."""
        return macro_f1(confusion_matrix(truth[texts], predicted[texts], classes))

    low, high = bootstrap(lambda texts: score(answers, texts), len(truth), seed=0, draws=1000)
    points, surely = (_points(final.macro_f1 - margin, thresholds) for margin in (0, safe))
    print(
        f"validation macro-F1 {final.macro_f1:.3f}, 95 % interval {low:.3f} to {high:.3f} ({len(truth):,} texts, "
        f"{int((truth == 1).sum())} of them of the rare class).\n"
        f"An estimate of the mark for quality: {points}; by the safe target, {surely}."
    )
    yield _keeps_the_law(final.model, len(final.vocabulary))
    constant = score(np.full_like(truth, np.bincount(truth).argmax()), slice(None))
    hint = (
        f"always answering the largest class gives {constant:.3f}; look at how many texts your model takes for the rare "
        "class, train longer, or look at the curve of the loss."
    )
    yield f"better than always answering the largest class ({constant:.3f})", low > constant, hint
