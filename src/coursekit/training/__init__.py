"""Room 7, training: fit, evaluate, history, schedules, checkpoints.

Left out: mixed precision and several GPUs; ``accelerate`` has both.
"""

from coursekit.training.config import OPTIMISERS, SCHEDULES, TrainConfig
from coursekit.training.evaluation import Evaluation, evaluate
from coursekit.training.history import EpochRecord, History
from coursekit.training.loop import fit

__all__ = [
    "OPTIMISERS",
    "SCHEDULES",
    "EpochRecord",
    "Evaluation",
    "History",
    "TrainConfig",
    "evaluate",
    "fit",
]
