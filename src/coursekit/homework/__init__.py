"""Homework: what a student calls in a homework notebook: run, check, pack. Marks are given elsewhere, by the grader."""

from coursekit.homework.attempt import register_attempt_magic
from coursekit.homework.checks import CheckFailed, check
from coursekit.homework.experiments import Result, one_change, run_experiment
from coursekit.homework.packing import pack

register_attempt_magic()  # a homework notebook imports this room before its first %%attempt cell

__all__ = ["CheckFailed", "Result", "check", "one_change", "pack", "run_experiment"]
