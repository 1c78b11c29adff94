"""check(): feedback in the student's notebook, at once, on what can be seen there. It knows no key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.homework.examine import EQUAL as EQUAL  # the grader compares with the same
from coursekit.homework.examine import (
    changes_the_model,
    logits_alone_and_together,
    parameters_without_gradient,
    random_batch,
    recurrent_modules,
)
from coursekit.homework.experiments import Build, Result, one_change, sweep_entry
from coursekit.homework.letters import read_letter
from coursekit.homework.pipeline import draw_case, run_step, step_laws
from coursekit.homework.readers import LAW, examine_reader, reader_laws
from coursekit.homework.written_out import Line, cell_lines, optimiser_lines, stack_lines
from coursekit.stats import bootstrap, confusion_matrix, macro_f1, wilson
from coursekit.training import Config, change

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
N_WORDS, N_CLASSES = 50, 4
TEST_TEXTS = 5_000  # that an estimate of the mark speaks of

Thresholds = Mapping[float, int]


class CheckFailed(AssertionError):
    """An answer is written and not right yet; the lines above say where."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: one line, for the way through the package tells a student nothing."""
        return [f"{type(self).__name__}: {self}"]


def check(task: str, **answers: Any) -> None:
    """Look at one answer, to a task such as ``"hw1-build"``, and print a line for each thing that was looked at.

    Raises ``NotImplementedError`` if the answer is not written yet, which ``%%attempt`` turns into one line;
    ``CheckFailed`` if something is not right yet; and ``ValueError`` if the task is unknown.
    """
    if task not in CHECKS:
        raise ValueError(f"'task' must be one of {', '.join(CHECKS)}, got {task!r}.")
    if any(value == {} for value in answers.values()):  # a dictionary as it was handed out
        raise NotImplementedError(task)
    failed = 0
    for text, good, hint in CHECKS[task](**answers):
        print(f"{'✓' if good else '✗'} {text}" + ("" if good or not hint else f"\n  {hint}"))
        failed += not good
    if failed:
        are = "is" if failed == 1 else "are"
        raise CheckFailed(f"{task}: {failed} of the lines above {are} not right yet.")


def _build(build: Build) -> Iterator[Line]:
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
    for field, values in USED.items():
        wrong = " ".join(filter(None, (_of_no_use(build, base, field, value) for value in values)))
        if wrong:  # no fault: an honest model may leave a field out
            print(f"! config.{field}: {wrong} You may leave it so, but do not experiment with it.")
        else:
            yield f"config.{field} is used", True, ""


def _is_written(build: Build, config: Config) -> bool:
    try:
        build(config, N_WORDS, N_CLASSES)
    except NotImplementedError:  # its own check says so
        return False
    return True


def _of_no_use(build: Build, base: Config, field: str, value: Any) -> str:
    """What is wrong with a model where a field has another value; empty if the value makes another model."""
    try:
        if changes_the_model(build, base, change(base, **{field: value}), N_WORDS, N_CLASSES, seed=1):
            return ""
    except (RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        return f"with {field}={value!r} it does not run: {error}."
    return f"{field}={value!r} gives the same model as {field}={getattr(base, field)!r}."


def _experiments(
    experiments: Mapping[str, Mapping[str, Any]], baseline: Config | None = None, build: Build | None = None
) -> Iterator[Line]:
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


def _experiments_with_gates(**given: Any) -> Iterator[Line]:
    yield from _experiments(**given)
    if not isinstance(given["experiments"], Mapping):
        return
    named = [c for c in given["experiments"].values() if isinstance(c, Mapping)]
    cells = [changes.get("cell") for changes in named if len(changes) == 1]
    hint = "set 'cell' to gru or lstm in one experiment."
    yield "one of them is a GRU or an LSTM", bool({"gru", "lstm"} & set(cells)), hint


def _points(score: float, thresholds: Thresholds | None) -> int:
    return max((points for least, points in (thresholds or {}).items() if score >= least), default=0)


def _final(final: Result, thresholds: Thresholds | None = None, safe: float = 0.005) -> Iterator[Line]:
    low, high = wilson(round(final.accuracy * TEST_TEXTS), TEST_TEXTS)
    points, surely = (_points(final.accuracy - margin, thresholds) for margin in (0, safe))
    print(
        f"validation accuracy {final.accuracy:.3f}; on {TEST_TEXTS:,} test texts expect {low:.3f} to {high:.3f}. "
        f"An estimate of the mark for quality: {points}" + ("" if surely == points else f", surely {surely}")
    )
    surely_more, _ = wilson(round(final.accuracy * final.n_validation), final.n_validation)
    hint = (
        f"the largest class alone gives {final.guessing:.3f}; train longer, or look at the curve of the loss."
    )
    yield "the model is trained and better than guessing", surely_more > final.guessing, hint


def _final_macro_f1(
    final: Result, thresholds: Thresholds | None = None, safe: float = 0.01
) -> Iterator[Line]:
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
    constant = score(np.full_like(truth, np.bincount(truth).argmax()), slice(None))
    hint = (
        f"always answering the largest class gives {constant:.3f}; look at how many texts your model takes for the rare "
        "class, train longer, or look at the curve of the loss."
    )
    yield f"better than always answering the largest class ({constant:.3f})", low > constant, hint


def _questions(answers: Mapping[str, str], questions: int, letters: str = "abcd") -> Iterator[Line]:
    for number in range(1, questions + 1):
        given = answers.get(f"q{number}")
        good = (read_letter(given) or "?") in letters
        hint = f"write one of the letters {', '.join(letters)} under 'q{number}', got {given!r}."
        yield f"q{number}: answered with a letter", good, hint


def _step(step: str) -> Callable[..., Iterator[Line]]:
    def look(**functions: Callable[..., Any]) -> Iterator[Line]:
        found: dict[str, str] = {}  # what is wrong with each law, in the first case that breaks it
        for seed in (1, 2):
            case = draw_case(step, seed)
            for law, wrong in step_laws(step, case, run_step(step, functions, case)):
                found[law] = found.get(law) or wrong
        yield from ((law, not wrong, wrong) for law, wrong in found.items())

    return look


def _reader(cell: str, directions: int = 1) -> Callable[..., Iterator[Line]]:
    def look(model: Callable[[Config, int, int], nn.Module]) -> Iterator[Line]:
        facts, tensors = examine_reader(model, cell, directions, seed=1)
        yield from (
            (law, not wrong, wrong) for law, wrong, _ in reader_laws(facts, tensors, cell, directions)
        )

    return look


def _sweep(
    *fields: str, least: int = 2, most: int | None = None, together: bool = False, values: tuple = ()
) -> Callable[..., Iterator[Line]]:
    def look(experiments: Mapping[str, Mapping[str, Any]], baseline: Config) -> Iterator[Line]:
        good: list[Config] = []
        for name, changes in experiments.items():
            try:
                config = sweep_entry(baseline, changes, fields, together=together)
            except ValueError as error:
                yield f"{name}: {changes}", False, str(error)
                continue
            hint = "another entry says the same."
            yield f"{name}: {changes}", config not in good, hint
            good.append(config)
        yield f"at least {least} of them (got {len(good)})", len(good) >= least, ""
        if most is not None:
            yield f"at most {most} of them (got {len(experiments)})", len(experiments) <= most, ""
        lacking = set(values) - {getattr(config, fields[0]) for config in good}
        if values:
            yield f"{', '.join(values)} are there", not lacking, f"missing: {', '.join(sorted(lacking))}."

    return look


CHECKS: dict[str, Callable[..., Iterator[Line]]] = {
    "hw1-build": _build,
    "hw1-experiments": _experiments,
    "hw1-final": _final,
    "hw2-build": _build,
    "hw2-experiments": _experiments_with_gates,
    "hw2-final": _final_macro_f1,
    "hw2-questions": _questions,
    "hw3-rnn": cell_lines("rnn"),
    "hw3-lstm": cell_lines("lstm"),
    "hw3-gru": cell_lines("gru"),
    "hw3-stack": stack_lines,
    "hw3-optimisers": optimiser_lines,
    "hw4-questions": _questions,
    "hw4-split": _step("split"),
    "hw4-tokenise": _step("tokenise"),
    "hw4-vocabulary": _step("vocabulary"),
    "hw4-dataset": _step("dataset"),
    "hw4-collate": _step("collate"),
    "hw4-lstm": _reader("lstm"),
    "hw4-gru": _reader("gru"),
    "hw4-two-ways": _reader("lstm", directions=2),
    "hw4-optimisers": _sweep("optimiser", values=("adagrad", "rmsprop")),
    "hw4-depth": _sweep("num_layers"),
    "hw4-width": _sweep("hidden_size"),
    "hw4-embedding": _sweep("embedding_dim"),
    "hw4-compound": _sweep("embedding_dim", "hidden_size", "num_layers", least=4, most=12, together=True),
}
