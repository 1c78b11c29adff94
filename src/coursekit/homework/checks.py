"""check(): feedback in the student's notebook, at once, on what can be seen there. It knows no key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import nn

from coursekit.homework.experiments import sweep_entry
from coursekit.homework.letters import read_letter
from coursekit.homework.model_checks import (
    build_lines,
    experiment_lines,
    final_lines,
    final_macro_f1_lines,
    gated_experiment_lines,
)
from coursekit.homework.pipeline import draw_case, run_step, step_laws
from coursekit.homework.readers import examine_reader, reader_laws
from coursekit.homework.written_out import Line, cell_lines, optimiser_lines, stack_lines
from coursekit.training import Config


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
    "hw1-build": build_lines,
    "hw1-experiments": experiment_lines,
    "hw1-final": final_lines,
    "hw2-build": build_lines,
    "hw2-experiments": gated_experiment_lines,
    "hw2-final": final_macro_f1_lines,
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
