"""check(): feedback in the student's notebook, at once, on what can be seen there. It knows no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.homework.examine import (
    cell_case,
    logits_alone_and_together,
    parameters_without_gradient,
    random_batch,
    recurrent_modules,
    run_cell_case,
    torch_cell_case,
)
from coursekit.homework.experiments import Result, one_change
from coursekit.stats import bootstrap, confusion_matrix, macro_f1, wilson
from coursekit.training import Config

LAW = 1e-5  # largest difference of a text's logits, alone and among others
EQUAL = 1e-6  # largest difference from torch.nn, float64
SMALL = {"embedding_dim": 12, "hidden_size": 10, "dropout": 0.0}
N_WORDS, N_CLASSES = 50, 4


class CheckFailed(AssertionError):
    """An answer is written and not right yet; the lines above say where."""


def check(task: str, **answers: Any) -> None:
    """Look at one answer and print a line for each thing that was looked at.

    Parameters
    ----------
    task : str
        For example ``"hw1-build"``.
    **answers
        What the task asks for, by name.

    Raises
    ------
    NotImplementedError
        If the answer is not written yet; ``%%attempt`` turns it into one line.
    CheckFailed
        If something is not right yet.
    ValueError
        If the task is unknown.
    """
    if task not in CHECKS:
        raise ValueError(f"'task' must be one of {', '.join(CHECKS)}, got {task!r}.")
    failed = 0
    for text, good, hint in CHECKS[task](**answers):
        print(f"{'✓' if good else '✗'} {text}" + ("" if good or not hint else f"\n  {hint}"))
        failed += not good
    if failed:
        raise CheckFailed(
            f"{task}: {failed} of the lines above {'is' if failed == 1 else 'are'} not right yet."
        )


Line = tuple[str, bool, str]


def _build(build: Callable[[Config, int, int], nn.Module]) -> list[Line]:
    lines: list[Line] = []
    for cell in ("rnn", "gru", "lstm"):
        torch.manual_seed(0)
        config = Config.from_dict({**SMALL, "cell": cell})
        model = build(config, N_WORDS, N_CLASSES)
        lines.append(
            (
                f"{cell}: build returns a torch module",
                isinstance(model, nn.Module),
                f"got {type(model).__name__}.",
            )
        )
        if not isinstance(model, nn.Module):
            return lines
        ids, lengths = random_batch(N_WORDS, seed=1)
        alone, together = logits_alone_and_together(model, ids, lengths)
        good = tuple(together.shape) == (len(ids), N_CLASSES)
        lines.append(
            (
                f"{cell}: logits have the shape (B, C)",
                good,
                f"wanted {(len(ids), N_CLASSES)}, got {tuple(together.shape)}.",
            )
        )
        if not good:
            return lines
        gap = (alone - together).abs().max().item()
        lines.append((
            f"{cell}: a text's logits do not depend on its batch mates (largest difference {gap:.1e})",
            gap <= LAW,
            "the pads take part somewhere: in the recurrence, or in the pooling. See chapter 8.",
        ))  # fmt: skip
        idle = parameters_without_gradient(model, ids, lengths, N_CLASSES)
        idle = [name for name in idle if "embedding" not in name]
        lines.append(
            (
                f"{cell}: every parameter gets a gradient",
                not idle,
                f"built and never used: {', '.join(idle)}.",
            )
        )
        lines.append(
            (f"{cell}: there is a recurrent layer", bool(recurrent_modules(model)), "config.cell names it.")
        )
    return lines


def _experiments_of(task: str) -> Callable[..., list[Line]]:
    def look(experiments: Mapping[str, Mapping[str, Any]], baseline: Config | None = None) -> list[Line]:
        if not experiments:
            raise NotImplementedError(task)
        return _experiments(experiments, baseline or Config())

    return look


def _experiments(experiments: Mapping[str, Mapping[str, Any]], baseline: Config) -> list[Line]:
    lines: list[Line] = [(f"at least two experiments (got {len(experiments)})", len(experiments) >= 2, "")]
    seen: list[Config] = []
    for name, changes in experiments.items():
        try:
            config = one_change(baseline, changes)
        except ValueError as error:
            lines.append((f"{name}: one change", False, str(error)))
            continue
        lines.append((f"{name}: one change, {dict(changes)}", True, ""))
        lines.append(
            (
                f"{name}: not a repeat",
                config not in seen,
                "another experiment changes the same field to the same value.",
            )
        )
        seen.append(config)
    return lines


def _final(final: Result, thresholds: Mapping[float, int] | None = None, safe: float = 0.003) -> list[Line]:
    n = 5_000
    low, high = wilson(round(final.accuracy * n), n)
    points = max((p for t, p in (thresholds or {}).items() if final.accuracy >= t), default=0)
    surely = max((p for t, p in (thresholds or {}).items() if final.accuracy >= t + safe), default=0)
    print(
        f"validation accuracy {final.accuracy:.3f}; on {n:,} test texts expect {low:.3f} to {high:.3f}. "
        f"An estimate of the mark for quality: {points}" + ("" if surely == points else f", surely {surely}")
    )
    surely_more, _ = wilson(round(final.accuracy * final.n_validation), final.n_validation)
    hint = (
        f"the largest class alone gives {final.guessing:.3f}; train longer, or look at the curve of the loss."
    )
    return [("the model is trained and better than guessing", surely_more > final.guessing, hint)]


def _final_macro_f1(
    final: Result, thresholds: Mapping[float, int] | None = None, safe: float = 0.01
) -> list[Line]:
    if final.macro_f1 is None:
        said = "the baseline has monitor='macro_f1'; start from it: change(BASELINE, **FINAL)."
        return [("the best epoch was chosen by macro-F1", False, said)]
    truth, answers = np.array(final.truth), np.array(final.answers)
    classes = int(max(truth.max(), answers.max())) + 1

    def score(texts: np.ndarray) -> float:
        """Macro-F1 of some texts."""
        return macro_f1(confusion_matrix(truth[texts], answers[texts], classes))

    low, high = bootstrap(score, len(truth), seed=0, draws=1000)
    points = max((p for t, p in (thresholds or {}).items() if final.macro_f1 >= t), default=0)
    surely = max((p for t, p in (thresholds or {}).items() if final.macro_f1 >= t + safe), default=0)
    print(
        f"validation macro-F1 {final.macro_f1:.3f}, 95 % interval {low:.3f} to {high:.3f} ({len(truth):,} texts, "
        f"{int((truth == 1).sum())} of them of the rare class).\n"
        f"An estimate of the mark for quality: {points}; by the safe target, {surely}."
    )
    most = np.bincount(truth).argmax()
    constant = macro_f1(confusion_matrix(truth, np.full_like(truth, most), classes))
    hint = (
        f"always answering the largest class gives {constant:.3f}; look at how many texts your model takes for the rare "
        "class, train longer, or look at the curve of the loss."
    )
    return [
        (f"better than always answering the largest class ({constant:.3f})", low > constant, hint),
    ]


def _questions(answers: Mapping[str, str], questions: int, letters: str = "abcd") -> list[Line]:
    if not answers:
        raise NotImplementedError("hw2-questions")
    lines: list[Line] = []
    for number in range(1, questions + 1):
        given = answers.get(f"q{number}")
        good = isinstance(given, str) and len(given) == 1 and given in letters
        hint = f"write one of the letters {', '.join(letters)} under 'q{number}', got {given!r}."
        lines.append((f"q{number}: answered with a letter", good, hint))
    return lines


def _cell(kind: str) -> Callable[..., list[Line]]:
    def look(layer: Callable[[int, int], nn.Module]) -> list[Line]:
        lines: list[Line] = []
        for B, T, D, H in ((1, 1, 1, 1), (3, 5, 4, 2), (2, 7, 3, 6)):
            case = cell_case(kind, seed=B, B=B, T=T, D=D, H=H)
            wanted = torch_cell_case(kind, case)
            try:
                found = run_cell_case(layer(D, H), case)
            except (AttributeError, ValueError, TypeError) as error:
                return [*lines, (f"{kind}: runs for B={B}, T={T}, D={D}, H={H}", False, str(error))]
            for name, value in wanted.items():
                got = found.get(name, torch.zeros(0))
                same = got.shape == value.shape and bool((got - value).abs().max() <= EQUAL)
                lines.append((
                    f"{kind}, B={B} T={T} D={D} H={H}: {name} equals torch.nn",
                    same,
                    f"shape {tuple(got.shape)}, wanted {tuple(value.shape)}."
                    if got.shape != value.shape
                    else f"largest difference {(got - value).abs().max():.1e}.",
                ))  # fmt: skip
        return lines

    return look


def _optimisers(optimisers: Mapping[str, Mapping[str, Any]]) -> list[Line]:
    if not optimisers:
        raise NotImplementedError("hw3-optimisers")
    wanted = ("sgd", "nag", "adadelta", "adam")
    lines: list[Line] = []
    for name in wanted:
        there = name in optimisers and optimisers[name].get("optimiser", "adam") == name
        lines.append((f"{name} is among them", there, f"got {', '.join(optimisers)}."))
    for name, changes in optimisers.items():
        extra = set(changes) - {"optimiser", "learning_rate", "momentum"}
        lines.append(
            (
                f"{name}: only the optimiser and its rates differ",
                not extra,
                f"also changed: {', '.join(sorted(extra))}.",
            )
        )
        try:
            Config.from_dict(changes)
        except ValueError as error:
            lines.append((f"{name}: a legal configuration", False, str(error)))
    return lines


CHECKS: dict[str, Callable[..., list[Line]]] = {
    "hw1-build": _build,
    "hw1-experiments": _experiments_of("hw1-experiments"),
    "hw1-final": _final,
    "hw2-build": _build,
    "hw2-experiments": _experiments_of("hw2-experiments"),
    "hw2-final": _final_macro_f1,
    "hw2-questions": _questions,
    "hw3-rnn": _cell("rnn"),
    "hw3-lstm": _cell("lstm"),
    "hw3-gru": _cell("gru"),
    "hw3-optimisers": _optimisers,
}
