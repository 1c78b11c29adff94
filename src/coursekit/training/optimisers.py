"""What a configuration says becomes an optimiser, a schedule and a moving average.

Left out: schedules that restart, and the finer settings of each optimiser (the betas of Adam, the rho of AdaDelta);
``torch.optim`` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

if TYPE_CHECKING:
    from coursekit.training.config import TrainConfig

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
SHORTEST_CYCLE = 8  # steps; torch divides by zero below


def make_optimiser(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Build the optimiser named in the configuration, fused where torch can: several times faster, on a CPU as well.

    If there is weight decay, the parameters stand in two groups, of which the second is not decayed. SGD with momentum:
    Polyak (1964). NAG: Nesterov (1983). Adagrad: Duchi, Hazan and Singer (2011). AdaDelta: Zeiler (2012). RMSprop:
    Hinton's lecture 6e (2012). Adam: Kingma and Ba (2015). AdamW: Loshchilov and Hutter (2019).
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

    One cycle: Smith and Topin (2018), "Super-convergence". Cosine: Loshchilov and Hutter (2017), "SGDR".
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
    """Build the moving average of the weights, if the configuration asks for one."""
    if config.average_decay is None:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))
