"""The training loop: one epoch after another, validation after each, the best weights kept."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from coursekit.batching import Batch, TextDataset, collate, make_loader
from coursekit.training.config import TrainConfig
from coursekit.training.devices import on_device
from coursekit.training.evaluation import check_labels, evaluate
from coursekit.training.history import EpochRecord, History
from coursekit.training.optimisers import make_average, make_optimiser, make_schedule
from coursekit.training.progress import ProgressLine


def fit(
    model: nn.Module,
    train: TextDataset,
    validation: TextDataset | None,
    config: TrainConfig | None = None,
    *,
    seed: int,
    progress: bool = True,
    stop_after: int | None = None,
) -> History:
    """Train a classifier, called as ``model(ids, lengths)``, in place, and leave it with the weights of its best epoch.

    Training uses a GPU where there is one; the model is then moved back to where it was.

    The best epoch is the one with the highest score on *validation*; no test set can be passed in. Without validation
    nothing is chosen any more, and the weights after the last epoch are kept: that is for training once again on all
    texts, when validation has decided everything. The seed decides the batches and dropout. ``stop_after`` ends after
    so many epochs, although the schedule of the rate is made for ``config.epochs``.

    Raises ``FloatingPointError`` if the loss is no longer a finite number, in training or on validation, and
    ``ValueError`` if there is no validation, and the configuration needs it to stop early or to lower the rate; if
    ``stop_after`` is below 1; if the model has no logit for a label; or if it normalises over the batch, and one text
    is left over for the last.
    """
    config = config or TrainConfig()
    if validation is None and (config.patience is not None or config.schedule == "plateau"):
        raise ValueError(
            "'validation' must be given for 'patience' and for the schedule 'plateau', got None."
        )
    if stop_after is not None and stop_after < 1:
        raise ValueError(f"'stop_after' must be at least 1, got {stop_after}.")
    with on_device(model) as device:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            n_classes = _check_at_the_door(model, train, validation, config, device)
            torch.manual_seed(seed)
            training = _Training(model, train, config, seed, device, n_classes)
            history, best_weights = _run_epochs(training, validation, stop_after, progress)
        model.load_state_dict(best_weights)
    model.eval()
    return history


def _run_epochs(
    training: _Training, validation: TextDataset | None, stop_after: int | None, progress: bool
) -> tuple[History, dict[str, Tensor]]:
    """Train until the last epoch, or until patience ends; return what happened, and the weights of the best epoch."""
    config = training.config
    epochs = min(config.epochs, stop_after or config.epochs)
    history, best_weights = History(), {}
    with ProgressLine(epochs * len(training.loader), progress) as line:
        for epoch in range(1, epochs + 1):
            history.epochs.append(training.run_epoch(epoch, validation, line))
            if history.best.epoch == epoch:
                best_weights = copy.deepcopy(training.judged.state_dict())
            if config.patience is not None and epoch - history.best.epoch >= config.patience:
                history.stopped_early = True
                break
    return history, best_weights


@torch.no_grad()
def _check_at_the_door(
    model: nn.Module,
    train: TextDataset,
    validation: TextDataset | None,
    config: TrainConfig,
    device: torch.device,
) -> int:
    """Refuse what would fail in the middle of an epoch; return the number of classes, which the logits tell."""
    one = collate([max(train.id_lists, key=len)]).to(device)
    n_classes = model.eval()(one.ids, one.lengths).shape[1]
    for part in (train, validation):
        if part is not None:
            check_labels(part.labels, n_classes)
    mixing = any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules())
    if mixing and (len(train) - 1) % config.batch_size == 0:
        try:
            copy.deepcopy(model).train()(one.ids, one.lengths)
        except ValueError as error:
            raise ValueError(
                f"'batch_size' must not make a batch of one text, got {config.batch_size} for {len(train)} texts: batch "
                "normalisation finds no spread there to divide by; take another size, or layer normalisation."
            ) from error
    return n_classes


class _Training:
    """A model with everything that changes it: batches, loss, optimiser, schedule, moving average."""

    def __init__(
        self,
        model: nn.Module,
        train: TextDataset,
        config: TrainConfig,
        seed: int,
        device: torch.device,
        n_classes: int,
    ) -> None:
        self.model, self.config, self.device = model, config, device
        self.loader = make_loader(train, config.batch_size, seed=seed, pool=config.bucket_pool)
        self.optimiser = make_optimiser(model, config)
        self.schedule = make_schedule(self.optimiser, config, len(self.loader))
        self.average = make_average(model, config)
        weights = None
        if config.class_weights:
            weights = balanced_weights(train.labels, n_classes).to(next(model.parameters()))
        self.loss = nn.CrossEntropyLoss(weights, label_smoothing=config.label_smoothing)

    @property
    def judged(self) -> nn.Module:
        """What is evaluated and kept: the averaged model, if there is one."""
        return self.model if self.average is None else self.average.module

    def run_epoch(self, epoch: int, validation: TextDataset | None, line: ProgressLine) -> EpochRecord:
        """Train over all batches once, and look at the validation texts, if there are any."""
        start = time.perf_counter()
        self.model.train()
        total = n = 0
        for batch in self.loader:
            loss = self._step(batch.to(self.device), line)
            total, n = total + loss * len(batch), n + len(batch)
        facts = {
            "train_loss": total / n,
            "learning_rate": self.optimiser.param_groups[0]["lr"],
            "seconds": time.perf_counter() - start,
        }
        if validation is None:
            return EpochRecord(epoch, validation_loss=None, validation_accuracy=None, **facts)
        record = EpochRecord(epoch, **facts, **self._judge(epoch, validation))
        line.note = f"epoch {epoch}: validation {record.score:.4f}"
        if self.config.schedule == "plateau":
            self.schedule.step(record.score)
        return record

    def _step(self, batch: Batch, line: ProgressLine) -> float:
        """One step down the gradient of one batch; return its loss, the mean over its texts."""
        low = self.config.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):  # weights stay float32
            logits = self.model(batch.ids, batch.lengths)  # (B, C)
        loss = self.loss(logits.float() if low else logits, batch.labels)
        value = loss.item()
        if not math.isfinite(value):
            raise FloatingPointError(
                f"the loss is {value} after {line.done} steps; lower 'learning_rate' "
                f"({self.config.learning_rate}) or set 'clip_norm' ({self.config.clip_norm})."
            )
        self.optimiser.zero_grad()
        loss.backward()
        if self.config.clip_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.optimiser.step()
        if self.config.schedule != "plateau":
            self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.model)
        line.step(f"loss {value:.3f}")
        return value

    def _judge(self, epoch: int, validation: TextDataset) -> dict[str, float | None]:
        outcome = evaluate(self.judged, validation)
        if not math.isfinite(outcome.loss):  # the last step of an epoch can break what its loss did not show
            raise FloatingPointError(
                f"the validation loss is {outcome.loss} after epoch {epoch}; lower 'learning_rate' "
                f"({self.config.learning_rate})."
            )
        macro_f1 = outcome.macro_f1 if self.config.monitor == "macro_f1" else None
        return {
            "validation_loss": outcome.loss,
            "validation_accuracy": outcome.accuracy,
            "validation_macro_f1": macro_f1,
        }


def balanced_weights(labels: Sequence[int], n_classes: int = 0) -> torch.Tensor:
    """Return a weight for each class, inversely proportional to how many texts it has.

    Their mean over all texts is 1; a class without texts has the weight 0. scikit-learn calls this rule "balanced".
    """
    counts = torch.bincount(torch.as_tensor(labels), minlength=n_classes)
    return torch.where(counts > 0, len(labels) / ((counts > 0).sum() * counts.clamp(min=1)), 0.0)
