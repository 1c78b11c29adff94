"""Config: one experiment in one flat, frozen record, so that two experiments can be compared field by field.

It joins how a text becomes ids (``TextConfig``), what the model is made of (``ModelConfig``) and how it is trained
(``TrainConfig``). The defaults are the baseline of homework 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from coursekit.batching import TextConfig
from coursekit.nn import ModelConfig
from coursekit.runtime.settings import Settings
from coursekit.training.optimisers import OPTIMISERS, SCHEDULES, WITH_MOMENTUM

OWN_START = ("one_cycle", "plateau")  # schedules that take no warm-up
MONITORS = ("accuracy", "macro_f1")
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True, repr=False)
class TrainConfig(Settings):
    """How a model is trained."""

    epochs: int = 3
    batch_size: int = 64
    learning_rate: float = 3e-3  # the peak, with one_cycle
    optimiser: str = "adam"  # a key of OPTIMISERS
    schedule: str = (
        "one_cycle"  # up over the first quarter, then down to almost nothing; or another of SCHEDULES
    )
    warmup_steps: int = 0  # batches over which the rate climbs to its value; not with one_cycle and plateau
    decay_factor: float = 0.5  # what "step" and "plateau" multiply the rate with
    decay_epochs: int = 1  # "step": after so many; "plateau": after so many more without a better score
    weight_decay: float = 0.0  # on matrices that are no embedding; biases and word vectors are left alone
    momentum: float = 0.0  # sgd, nag and rmsprop
    clip_norm: float | None = 1.0  # largest gradient norm; None switches clipping off
    class_weights: bool = False  # weigh a text by the rarity of its class
    monitor: str = "accuracy"  # what decides on validation which epoch is the best; or macro_f1
    label_smoothing: float = 0.0
    average_decay: float | None = None  # moving average of weights, for example 0.999; None: off
    patience: int | None = None  # stop after so many epochs without a better validation score
    bucket_pool: int = 50  # batches per length bucket; 1 means random batches
    precision: str = "float32"  # of products in training; bfloat16 is faster where the processor has it

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "epochs", "batch_size", "bucket_pool", "decay_epochs", "patience")
        self.at_least(0, "weight_decay", "momentum", "warmup_steps")
        for name in ("learning_rate", "weight_decay", "momentum", "clip_norm"):
            if not math.isfinite(getattr(self, name) or 0.0):
                raise ValueError(f"'{name}' must be finite, got {getattr(self, name)}.")
        for name in ("learning_rate", "clip_norm"):
            if getattr(self, name) is not None and getattr(self, name) <= 0:
                raise ValueError(f"'{name}' must be positive, got {getattr(self, name)}.")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"'label_smoothing' must be at least 0 and below 1, got {self.label_smoothing}.")
        if self.average_decay is not None and not 0 < self.average_decay < 1:
            raise ValueError(
                f"'average_decay' must lie between 0 and 1 or be None, got {self.average_decay}."
            )
        if not 0 < self.decay_factor < 1:
            raise ValueError(f"'decay_factor' must lie between 0 and 1, got {self.decay_factor}.")
        self.one_of(tuple(OPTIMISERS), "optimiser")
        self.one_of(tuple(SCHEDULES), "schedule")
        self.one_of(MONITORS, "monitor")
        self.one_of(PRECISIONS, "precision")
        self._check_pairs_of_choices()

    def _check_pairs_of_choices(self) -> None:
        """Refuse what the chosen optimiser or schedule would ignore."""
        if self.momentum >= 1:
            raise ValueError(f"'momentum' must be below 1, or old steps never fade, got {self.momentum}.")
        if self.momentum and self.optimiser not in WITH_MOMENTUM:
            raise ValueError(
                f"'momentum' is for {WITH_MOMENTUM}, got {self.momentum} with {self.optimiser!r}."
            )
        if self.optimiser == "nag" and not self.momentum:
            raise ValueError("'momentum' must be positive with 'nag', got 0; 0.9 is usual.")
        if self.warmup_steps and self.schedule in OWN_START:
            raise ValueError(
                f"'warmup_steps' is not for the schedules {OWN_START}, got {self.warmup_steps} with {self.schedule!r}."
            )


@dataclass(frozen=True, repr=False)
class Config(TrainConfig, ModelConfig, TextConfig):
    """One experiment: how texts are prepared, what the model is made of, how it is trained.

    >>> from coursekit.runtime.settings import diff
    >>> diff(Config(), Config(cell="gru"))
    {'cell': ('rnn', 'gru')}
    """
