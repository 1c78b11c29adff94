"""setup(): the one call at the top of every chapter."""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass

import torch

from coursekit.figures import use_style
from coursekit.lesson.claims import start_chapter
from coursekit.lesson.gpu import register_gpu_magic
from coursekit.runtime import budget_name, device, seed_everything, versions


@dataclass(frozen=True)
class Lesson:
    """What a chapter needs to know about this run.

    Attributes
    ----------
    chapter : str
        Two digits, or the name of a homework.
    seed : int
        0, or what ``COURSEKIT_SEED`` says.
    """

    chapter: str
    seed: int
    device: torch.device

    def __str__(self) -> str:
        found = versions()
        mirror = os.environ.get("COURSEKIT_DATA")
        data = "campus mirror" if mirror else "hub if it answers, else stand-ins"
        return (
            f"Chapter {self.chapter} · {self.device} · budget {budget_name()} · seed {self.seed} · data: {data} · "
            f"coursekit {found['coursekit']}, torch {found['torch']}, Python {found['python']}"
        )


def setup(chapter: str) -> Lesson:
    """Seed everything, choose a device, switch on ``%%gpu``, set the figure style, and print one line.

    Parameters
    ----------
    chapter : str
        Two digits, for example ``"03"``.

    Raises
    ------
    ValueError
        If ``COURSEKIT_SEED`` is not a whole number, zero or more.
    """
    text = os.environ.get("COURSEKIT_SEED", "0")
    if not text.isdecimal():
        raise ValueError(
            f"COURSEKIT_SEED must be a whole number, zero or more, got {text!r}; unset it for 0."
        )
    seed_everything(int(text))
    lesson = Lesson(chapter, int(text), device())
    _quiet_known_noise()
    use_style()
    register_gpu_magic()
    start_chapter(chapter)
    print(lesson)
    return lesson


def _quiet_known_noise() -> None:
    """Silence two named messages that a reader can do nothing about."""
    warnings.filterwarnings("ignore", message=r".*IProgress not found.*")
    logging.getLogger("datasets").setLevel(logging.ERROR)
