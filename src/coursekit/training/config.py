"""TrainConfig: every choice of a training run, in one frozen record, and what is built from it.

Left out: schedules that restart; ``torch.optim.lr_scheduler`` has them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

OPTIMISERS = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
SHORTEST_CYCLE = 8  # steps; torch divides by zero below
SCHEDULES = ("constant", "one_cycle")


@dataclass(frozen=True)
class TrainConfig:
    """How a model is trained. Frozen: a new run is a new configuration.

    Raises
    ------
    ValueError
        If a value is out of range; the message names the field.

    Notes
    -----
    Chapter: 04, 09.
    """

    epochs: int = 4
    batch_size: int = 64
    learning_rate: float = 3e-3  # the peak, with one_cycle
    optimiser: str = "adam"
    schedule: str = "one_cycle"  # up over the first quarter, then down to almost nothing
    weight_decay: float = 0.0
    momentum: float = 0.0  # sgd only
    clip_norm: float | None = 1.0  # largest gradient norm; None switches clipping off
    label_smoothing: float = 0.0
    average_decay: float | None = None  # moving average of weights, for example 0.999; None: off
    patience: int | None = None  # stop after so many epochs without a better validation accuracy
    bucket_pool: int = 50  # batches per length bucket; 1 means random batches

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "bucket_pool"):
            if getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 1, got {getattr(self, name)}.")
        if self.learning_rate <= 0:
            raise ValueError(f"'learning_rate' must be positive, got {self.learning_rate}.")
        for name in ("weight_decay", "momentum"):
            if getattr(self, name) < 0:
                raise ValueError(f"'{name}' must be zero or more, got {getattr(self, name)}.")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"'label_smoothing' must be at least 0 and below 1, got {self.label_smoothing}.")
        if self.average_decay is not None and not 0 < self.average_decay < 1:
            raise ValueError(
                f"'average_decay' must lie between 0 and 1 or be None, got {self.average_decay}."
            )
        for name in ("clip_norm", "patience"):
            if getattr(self, name) is not None and getattr(self, name) <= 0:
                raise ValueError(f"'{name}' must be positive or None, got {getattr(self, name)}.")
        if self.optimiser not in OPTIMISERS:
            raise ValueError(f"'optimiser' must be one of {tuple(OPTIMISERS)}, got {self.optimiser!r}.")
        if self.momentum and self.optimiser != "sgd":
            raise ValueError(f"'momentum' is for 'sgd', got {self.momentum} with {self.optimiser!r}.")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"'schedule' must be one of {SCHEDULES}, got {self.schedule!r}.")

    def __repr__(self) -> str:
        """Show only what differs from the defaults."""
        shown = [f for f in fields(self) if getattr(self, f.name) != f.default]
        return f"TrainConfig({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in shown)})"


def make_optimiser(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Build the optimiser named in the configuration.

    Parameters
    ----------
    model : Module
    config : TrainConfig

    Returns
    -------
    Optimizer
        With the fused implementation, which is several times faster on a CPU as well.

    Notes
    -----
    Chapter: 09.
    """
    settings = {"lr": config.learning_rate, "weight_decay": config.weight_decay, "fused": True}
    if config.optimiser == "sgd":
        settings["momentum"] = config.momentum
    trained = [p for p in model.parameters() if p.requires_grad]
    return OPTIMISERS[config.optimiser](trained, **settings)


def make_schedule(
    optimiser: torch.optim.Optimizer, config: TrainConfig, steps: int
) -> lr_scheduler.LRScheduler:
    """Build the schedule, which is stepped once a batch.

    Parameters
    ----------
    optimiser : Optimizer
    config : TrainConfig
    steps : int
        Batches in the whole run.

    Returns
    -------
    LRScheduler

    Notes
    -----
    One cycle: Smith and Topin (2018), "Super-convergence". Chapter: 09.
    """
    if config.schedule == "constant":
        return lr_scheduler.ConstantLR(optimiser, factor=1.0, total_iters=0)
    return lr_scheduler.OneCycleLR(
        optimiser,
        config.learning_rate,
        total_steps=max(steps, SHORTEST_CYCLE),
        pct_start=0.25,
        cycle_momentum=False,
    )


def make_average(model: nn.Module, config: TrainConfig) -> AveragedModel | None:
    """Build the moving average of the weights, if the configuration asks for one.

    Parameters
    ----------
    model : Module
    config : TrainConfig

    Returns
    -------
    AveragedModel or None

    Notes
    -----
    Chapter: 09.
    """
    if config.average_decay is None:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))
