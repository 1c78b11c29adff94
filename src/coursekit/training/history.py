"""History: what happened in each epoch, and which one was the best."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import pandas as pd


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, counted from 1."""

    epoch: int
    train_loss: float  # mean over the epoch's texts of the loss that was minimised, dropout on
    validation_loss: float | None  # at the end of the epoch, dropout off; None where there was no validation
    validation_accuracy: float | None
    learning_rate: float  # at the end of the epoch
    seconds: float  # of training; evaluation is not in it
    validation_macro_f1: float | None = None  # where the best epoch is chosen by it

    @property
    def score(self) -> float | None:
        """What decides which epoch is the best: macro-F1 where it was asked for, else accuracy."""
        return self.validation_accuracy if self.validation_macro_f1 is None else self.validation_macro_f1


@dataclass
class History:
    """All epochs of a run."""

    epochs: list[EpochRecord] = field(default_factory=list)
    stopped_early: bool = False

    @property
    def best(self) -> EpochRecord:
        """The epoch with the highest score on validation; of equals, the first. Without validation, the last epoch."""
        if not self.epochs:
            raise ValueError("a history without epochs has no best one; train for at least one epoch.")
        if self.epochs[-1].score is None:
            return self.epochs[-1]
        return max(self.epochs, key=lambda record: (record.score, -record.epoch))

    @property
    def seconds(self) -> float:
        """Training time of all epochs together."""
        return sum(record.seconds for record in self.epochs)

    def table(self) -> pd.DataFrame:
        """Return one row for each epoch."""
        table = pd.DataFrame([asdict(record) for record in self.epochs]).set_index("epoch")
        return table.dropna(axis="columns", how="all")

    def to_dict(self) -> dict[str, object]:
        """Return plain numbers, ready for JSON."""
        return {"epochs": [asdict(r) for r in self.epochs], "stopped_early": self.stopped_early}
