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
from coursekit.lesson.installation import installation_problems
from coursekit.runtime import budget_name, device, seed_everything, versions


@dataclass(frozen=True)
class Lesson:
    """What a chapter needs to know about this run."""

    chapter: str  # two digits, or the name of a homework or page
    seed: int  # 0, or what COURSEKIT_SEED says
    device: torch.device

    def __str__(self) -> str:
        version = versions()
        data = "campus mirror" if os.environ.get("COURSEKIT_DATA") else "hub if it answers, else stand-ins"
        return (
            f"Chapter {self.chapter} · {self.device} · budget {budget_name()} · seed {self.seed} · data: {data} · "
            f"coursekit {version['coursekit']}, torch {version['torch']}, Python {version['python']}"
        )


def setup(chapter: str) -> Lesson:
    """Seed everything, switch on ``%%gpu``, set the figure style, and print a line about this run.

    Another line names each package that is missing or does not fit. ``COURSEKIT_SEED`` sets the seed.
    """
    seed = os.environ.get("COURSEKIT_SEED", "0")
    if not seed.isdecimal():
        raise ValueError(
            f"COURSEKIT_SEED must be a whole number, zero or more, got {seed!r}; unset it for 0."
        )
    seed_everything(int(seed))
    # Two messages that a reader can do nothing about.
    warnings.filterwarnings("ignore", message=r".*IProgress not found.*")
    logging.getLogger("datasets").setLevel(logging.ERROR)
    use_style()
    register_gpu_magic()
    start_chapter(chapter)
    lesson = Lesson(chapter, int(seed), device())
    print(lesson, *installation_problems(), sep="\n")
    return lesson
