"""A plan: what a study compares, what it may choose among, and what it holds fixed.

A plan has arms. An arm with several candidates is chosen on validation with the first seed; then every seed trains the
chosen one, and where the plan is tested, each of these runs looks at the test part once. An arm with one candidate has
nothing to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coursekit.training import Config


@dataclass(frozen=True)
class Arm:
    """What is compared under one name."""

    task: str  # a key of coursestudies.tasks.TASKS
    candidates: Mapping[str, Config]
    # features and strength of a linear model that answers together with the network
    beside: tuple[str, float] | None = None
    hidden: bool = False  # a homework's reference model: the record that ships leaves its configurations out


@dataclass(frozen=True)
class Plan:
    """A study made of many trials."""

    what: str  # one sentence
    arms: Mapping[str, Arm]
    tested: bool = True  # the chosen runs are tested; otherwise validation is all there is
    train_texts: int | None = None  # train on so many texts only; None takes all
    varied: str = ""  # what the comparison is about
    tuned: str = "nothing"  # what was chosen on validation
    fixed: str = "everything else"  # what was held fixed
    seeds: tuple[int, ...] = (0, 1, 2)  # where none are asked for
    # once everything is chosen, the number of epochs included, the final runs learn from the validation texts as well
    refit: bool = False

    def __post_init__(self) -> None:
        for name, arm in self.arms.items():
            if arm.beside is not None and not self.refit:
                raise ValueError(
                    f"'beside' of the arm {name!r} needs 'refit': its share is chosen on validation first."
                )
