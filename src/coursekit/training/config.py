"""TrainConfig: every choice of a training run, in one frozen record, and what is built from it.

Left out: schedules that restart, and the finer settings of each optimiser (the betas of Adam, the rho of AdaDelta);
``torch.optim`` has them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

OPTIMISERS = {
    "sgd": torch.optim.SGD,
    "nag": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "adadelta": torch.optim.Adadelta,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
FUSED = ("sgd", "nag", "adagrad", "adam", "adamw")  # torch has one kernel for all parameters of these
WITH_MOMENTUM = ("sgd", "nag", "rmsprop")
SCHEDULES = ("constant", "one_cycle", "step", "cosine", "plateau")
OWN_START = ("one_cycle", "plateau")  # schedules that take no warm-up
MONITORS = ("accuracy", "macro_f1")
SHORTEST_CYCLE = 8  # steps; torch divides by zero below


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
    optimiser: str = "adam"  # sgd, nag, adagrad, adadelta, rmsprop, adam or adamw
    schedule: str = "one_cycle"  # up over the first quarter, then down to almost nothing; or one of SCHEDULES
    warmup_steps: int = 0  # batches over which the rate climbs to its value; not with one_cycle and plateau
    decay_factor: float = 0.5  # what "step" and "plateau" multiply the rate with
    decay_epochs: int = (
        1  # "step": after so many epochs; "plateau": after so many more without a better score
    )
    weight_decay: float = 0.0  # on matrices that are no embedding; biases and word vectors are left alone
    momentum: float = 0.0  # sgd, nag and rmsprop
    class_weights: bool = False  # weigh a text by the rarity of its class
    monitor: str = "accuracy"  # on validation: what decides which epoch is the best; or macro_f1
    clip_norm: float | None = 1.0  # largest gradient norm; None switches clipping off
    label_smoothing: float = 0.0
    average_decay: float | None = None  # moving average of weights, for example 0.999; None: off
    patience: int | None = None  # stop after so many epochs without a better validation accuracy
    bucket_pool: int = 50  # batches per length bucket; 1 means random batches

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "bucket_pool", "decay_epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 1, got {getattr(self, name)}.")
        for name in ("learning_rate", "weight_decay", "momentum", "clip_norm"):
            if not math.isfinite(getattr(self, name) or 0.0):
                raise ValueError(f"'{name}' must be finite, got {getattr(self, name)}.")
        if self.momentum >= 1:
            raise ValueError(f"'momentum' must be below 1, or old steps never fade, got {self.momentum}.")
        if self.learning_rate <= 0:
            raise ValueError(f"'learning_rate' must be positive, got {self.learning_rate}.")
        for name in ("weight_decay", "momentum", "warmup_steps"):
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
        if self.momentum and self.optimiser not in WITH_MOMENTUM:
            raise ValueError(
                f"'momentum' is for {WITH_MOMENTUM}, got {self.momentum} with {self.optimiser!r}."
            )
        if self.optimiser == "nag" and not self.momentum:
            raise ValueError("'momentum' must be positive with 'nag', got 0; 0.9 is usual.")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"'schedule' must be one of {SCHEDULES}, got {self.schedule!r}.")
        if self.warmup_steps and self.schedule in OWN_START:
            raise ValueError(
                f"'warmup_steps' is not for the schedules {OWN_START}, got {self.warmup_steps} with {self.schedule!r}."
            )
        if not 0 < self.decay_factor < 1:
            raise ValueError(f"'decay_factor' must lie between 0 and 1, got {self.decay_factor}.")
        if self.monitor not in MONITORS:
            raise ValueError(f"'monitor' must be one of {MONITORS}, got {self.monitor!r}.")

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
        With the fused implementation where torch has one, which is several times faster on a CPU as well. If there is
        weight decay, the parameters stand in two groups, of which the second is not decayed.

    Notes
    -----
    SGD with momentum: Polyak (1964). NAG: Nesterov (1983). Adagrad: Duchi, Hazan and Singer (2011). AdaDelta: Zeiler
    (2012). RMSprop: Hinton's lecture 6e (2012). Adam: Kingma and Ba (2015). AdamW: Loshchilov and Hutter (2019).
    Chapter: 09.
    """
    settings: dict[str, object] = {"lr": config.learning_rate}
    if config.optimiser in FUSED:
        settings["fused"] = True
    if config.optimiser in WITH_MOMENTUM:
        settings["momentum"] = config.momentum
    if config.optimiser == "nag":
        settings["nesterov"] = True
    groups = [{"params": trained, "weight_decay": decay} for trained, decay in _groups(model, config)]
    return OPTIMISERS[config.optimiser](groups, **settings)


def _groups(model: nn.Module, config: TrainConfig) -> list[tuple[list[nn.Parameter], float]]:
    """Split the parameters into those that are decayed and those that are not."""
    trained = [p for p in model.parameters() if p.requires_grad]
    if not config.weight_decay:
        return [(trained, 0.0)]
    tables = {id(m.weight) for m in model.modules() if isinstance(m, (nn.Embedding, nn.EmbeddingBag))}
    decayed = [p for p in trained if p.dim() > 1 and id(p) not in tables]
    kept = {id(p) for p in decayed}
    return [(decayed, config.weight_decay), ([p for p in trained if id(p) not in kept], 0.0)]


def make_schedule(
    optimiser: torch.optim.Optimizer, config: TrainConfig, steps_per_epoch: int
) -> lr_scheduler.LRScheduler:
    """Build the schedule. It is stepped once a batch; only ``plateau`` is stepped once an epoch, with the score.

    Parameters
    ----------
    optimiser : Optimizer
    config : TrainConfig
    steps_per_epoch : int
        Batches in an epoch.

    Returns
    -------
    LRScheduler

    Notes
    -----
    One cycle: Smith and Topin (2018), "Super-convergence". Cosine: Loshchilov and Hutter (2017), "SGDR".
    Chapter: 09.
    """
    steps = config.epochs * steps_per_epoch
    if config.schedule == "one_cycle":
        return lr_scheduler.OneCycleLR(
            optimiser,
            config.learning_rate,
            total_steps=max(steps, SHORTEST_CYCLE),
            pct_start=0.25,
            cycle_momentum=False,
        )
    if config.schedule == "plateau":  # a score is better when it is larger
        patience = config.decay_epochs - 1
        return lr_scheduler.ReduceLROnPlateau(optimiser, "max", config.decay_factor, patience, threshold=0.0)
    if config.schedule == "step":
        main = lr_scheduler.StepLR(optimiser, config.decay_epochs * steps_per_epoch, config.decay_factor)
    elif config.schedule == "cosine":
        main = lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps - config.warmup_steps))
    else:
        main = lr_scheduler.ConstantLR(optimiser, factor=1.0, total_iters=0)
    if not config.warmup_steps:
        return main
    start = lr_scheduler.LinearLR(optimiser, 1 / config.warmup_steps, total_iters=config.warmup_steps - 1)
    return lr_scheduler.SequentialLR(optimiser, [start, main], [config.warmup_steps])


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
