"""A plan: what a study compares, what it may choose among, and what it holds fixed.

A plan has arms. An arm with several candidates is chosen on validation with the first seed; then every seed trains the
chosen one, and where the plan is tested, each of these runs looks at the test part once. An arm with one candidate has
nothing to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coursekit.training import Config


@dataclass(frozen=True)
class Arm:
    """What is compared under one name.

    Attributes
    ----------
    task : str
        A key of :data:`coursestudies.tasks.TASKS`.
    beside : (str, float) or None
        Features and strength of a linear model that answers together with the network.
    """

    task: str
    candidates: Mapping[str, Config]
    beside: tuple[str, float] | None = None


@dataclass(frozen=True)
class Plan:
    """A study made of many trials.

    Attributes
    ----------
    what : str
        One sentence.
    tested : bool
        Whether the chosen runs are tested; otherwise validation is all there is.
    refit : bool
        Whether the final runs learn from the validation texts as well, once everything is chosen, the number of epochs
        included.
    train_texts : int or None
        Train on so many texts only; None takes all.
    varied, tuned, fixed : str
        What the comparison is about, what was chosen on validation, and what was held fixed.
    seeds : tuple of int
        Where none are asked for.
    """

    what: str
    arms: Mapping[str, Arm]
    tested: bool = True
    train_texts: int | None = None
    varied: str = ""
    tuned: str = "nothing"
    fixed: str = field(default="everything else")
    seeds: tuple[int, ...] = (0, 1, 2)
    refit: bool = False

    def __post_init__(self) -> None:
        for name, arm in self.arms.items():
            if arm.beside is not None and not self.refit:
                raise ValueError(
                    f"'beside' of the arm {name!r} needs 'refit': its share is chosen on validation first."
                )
