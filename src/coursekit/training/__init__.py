"""Training: one configuration, fit, evaluate, history."""

from coursekit.runtime.settings import change, diff
from coursekit.training.config import Config, TrainConfig
from coursekit.training.evaluation import Evaluation, evaluate
from coursekit.training.history import EpochRecord, History
from coursekit.training.loop import fit
from coursekit.training.optimisers import OPTIMISERS, SCHEDULES

__all__ = [
    "OPTIMISERS", "SCHEDULES", "Config", "EpochRecord", "Evaluation", "History", "TrainConfig", "change",
    "diff", "evaluate", "fit",
]  # fmt: skip
