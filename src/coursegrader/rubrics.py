"""Rubrics: what is wrong with one, said before anybody is graded by it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from coursekit.training import Config

QUALITY = ("accuracy", "macro_f1")  # kinds that ask the submitted model


def check_settings(rubric: Mapping[str, Any], kinds: set[str], where: str) -> None:
    """Name every setting that grading would miss.

    Parameters
    ----------
    kinds : set of str
        Of its parts.
    where : str
        The file, for the message.

    Raises
    ------
    ValueError
        If a setting is missing, or the baseline is no configuration.
    """
    wanted = {"flags": {"blob_bytes"}, "limits": {"artefact_seconds", "cell_seconds", "memory_mib"}}
    if kinds & {"baseline", "experiment", "configurations"}:
        wanted["smoke"] = {"rows", "epochs"} | ({"accuracy"} if "baseline" in kinds else set())
    if kinds & set(QUALITY):
        wanted["flags"] |= {"ceiling", "drop", "retrain_gap"}
        wanted["limits"] |= {"full_seconds"}
    missing = [
        f"{part}.{key}" for part, keys in wanted.items() for key in sorted(keys - set(rubric.get(part, {})))
    ]
    if missing:
        raise ValueError(f"{where}: {', '.join(missing)} missing.")
    try:
        Config.from_dict(rubric.get("baseline", {}))
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{where}: 'baseline' is no configuration: {error}") from None


def part_problem(kind: str, points: int, options: Mapping[str, Any]) -> str:
    """Say what is wrong with the options of a part; empty if nothing is."""
    if kind in QUALITY:
        return _thresholds_problem(options.get("thresholds"), points)
    return _questions_problem(options) if kind == "questions" else ""


def _thresholds_problem(thresholds: Any, points: int) -> str:
    """Say what is wrong with the thresholds of a part; empty if nothing is."""
    if not isinstance(thresholds, Mapping) or not thresholds:
        return "'thresholds' must give points by least score."
    for least in thresholds:
        try:
            legal = not isinstance(least, bool) and 0 < Fraction(str(least)) <= 1
        except ValueError:
            legal = False
        if not legal:
            return f"a threshold must be a number above 0 and at most 1, got {least!r}."
    in_order = [thresholds[least] for least in sorted(thresholds, key=lambda least: Fraction(str(least)))]
    if in_order != sorted(set(in_order)):
        return f"a higher threshold must give more points, got {dict(thresholds)}."
    if in_order[-1] != points:
        return f"the highest threshold must give its {points} points, got {in_order[-1]}."
    return ""


def _questions_problem(options: Mapping[str, Any]) -> str:
    """Say what is wrong with the questions of a part; empty if nothing is."""
    for name in ("task", "name", "letters"):
        if not isinstance(options.get(name), str) or not options[name]:
            return f"'{name}' is missing."
    letters, questions, least = options["letters"], options.get("questions"), options.get("least")
    if not isinstance(questions, Mapping) or not questions:
        return "'questions' must give, for each question, its 'key' and 'why'."
    for question, wanted in questions.items():
        if not isinstance(wanted, Mapping) or set(wanted) != {"key", "why"}:
            return f"question {question!r} needs 'key' and 'why', and nothing else."
        if not isinstance(wanted["key"], str) or len(wanted["key"]) != 1 or wanted["key"] not in letters:
            return f"the key of {question!r} must be one of the letters {letters!r}, got {wanted['key']!r}."
        if not isinstance(wanted["why"], str) or not wanted["why"].strip():
            return f"{question!r} needs an explanation under 'why'."
    if isinstance(least, bool) or not isinstance(least, int) or not 0 <= least <= len(questions):
        return f"'least' must be a whole number from 0 to {len(questions)}, got {least!r}."
    return ""
