"""The training loop: one epoch after another, validation after each, the best weights kept."""

from __future__ import annotations

import copy
import io
import math
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from coursekit.batching import TextDataset, make_loader
from coursekit.runtime import device as default_device
from coursekit.runtime import files
from coursekit.training.config import TrainConfig
from coursekit.training.evaluation import evaluate
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
    device: torch.device | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    stop_after: int | None = None,
) -> History:
    """Train a classifier and leave it with the weights of its best epoch.

    The best epoch is the one with the highest score on *validation*. No test set can be passed in.

    Parameters
    ----------
    model : Module
        Called as ``model(ids, lengths)``; it is trained in place.
    validation : TextDataset or None
        None: nothing is chosen any more, and the weights after the last epoch are kept. That is for training once again on
        all texts, when validation has decided everything.
    config : TrainConfig, optional
        The defaults if left out.
    seed : int
        Decides the batches and dropout.
    device : torch.device, optional
        CUDA where there is one, if left out.
    progress : bool, default True
        Show a line that moves.
    checkpoint : path, optional
        Where the weights of the best epoch so far are written, each time whole.
    stop_after : int, optional
        End after so many epochs, although the schedule of the rate is made for ``config.epochs``.

    Raises
    ------
    FloatingPointError
        If the loss is no longer a finite number, in training or on validation.
    ValueError
        If there is no validation, and the configuration needs it to stop early or to lower the rate; or if ``stop_after``
        is below 1.
    """
    config = config or TrainConfig()
    if validation is None and (config.patience is not None or config.schedule == "plateau"):
        raise ValueError(
            "'validation' must be given for 'patience' and for the schedule 'plateau', got None."
        )
    device = device or default_device()
    if stop_after is not None and stop_after < 1:
        raise ValueError(f"'stop_after' must be at least 1, got {stop_after}.")
    model.to(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        return _fit(model, train, validation, config, seed, device, progress, checkpoint, stop_after)


def _fit(model, train, validation, config, seed, device, progress, checkpoint, stop_after) -> History:
    loader = make_loader(train, config.batch_size, seed=seed, pool=config.bucket_pool)
    optimiser = make_optimiser(model, config)
    schedule = make_schedule(optimiser, config, len(loader))
    weights = balanced_weights(train.labels).to(device) if config.class_weights else None
    average = make_average(model, config)
    history, best_weights = History(), None
    epochs = min(config.epochs, stop_after or config.epochs)
    with ProgressLine(epochs * len(loader), progress) as line:
        for epoch in range(1, epochs + 1):
            start = time.perf_counter()
            train_loss = _train_epoch(
                model, loader, optimiser, schedule, average, config, weights, device, line
            )
            seconds = time.perf_counter() - start
            judged = average.module if average is not None else model
            rate = optimiser.param_groups[0]["lr"]
            record = _judge(judged, validation, config, device, epoch, train_loss, rate, seconds)
            history.epochs.append(record)
            if validation is not None:
                line.note = f"epoch {epoch}: validation {record.score:.4f}"
            if config.schedule == "plateau":
                schedule.step(record.score)
            if history.best.epoch == epoch:
                best_weights = copy.deepcopy(judged.state_dict())
                if checkpoint is not None:
                    save_weights(checkpoint, best_weights)
            if config.patience is not None and epoch - history.best.epoch >= config.patience:
                history.stopped_early = True
                break
    model.load_state_dict(best_weights)
    model.eval()
    return history


def _judge(model, validation, config, device, epoch, train_loss, rate, seconds) -> EpochRecord:
    """Look at the validation texts, if there are any."""
    if validation is None:
        return EpochRecord(epoch, train_loss, None, None, rate, seconds)
    found = evaluate(model, validation, device=device)
    if not math.isfinite(found.loss):  # the last step of an epoch can break what its loss did not show
        raise FloatingPointError(
            f"the validation loss is {found.loss} after epoch {epoch}; lower 'learning_rate' ({config.learning_rate})."
        )
    macro_f1 = found.macro_f1 if config.monitor == "macro_f1" else None
    return EpochRecord(epoch, train_loss, found.loss, found.accuracy, rate, seconds, macro_f1)


def _train_epoch(model, loader, optimiser, schedule, average, config, weights, device, line) -> float:
    """Return the mean loss per text."""
    model.train()
    total, n = 0.0, 0
    for batch in loader:
        batch = batch.to(device)
        logits = model(batch.ids, batch.lengths)  # (B, C)
        loss = cross_entropy(logits, batch.labels, weight=weights, label_smoothing=config.label_smoothing)
        value = loss.item()
        if not math.isfinite(value):
            raise FloatingPointError(
                f"the loss is {value} after {line.done} steps; lower 'learning_rate' "
                f"({config.learning_rate}) or set 'clip_norm' ({config.clip_norm})."
            )
        optimiser.zero_grad()
        loss.backward()
        if config.clip_norm is not None:
            clip_grad_norm_(model.parameters(), config.clip_norm)
        optimiser.step()
        if config.schedule != "plateau":
            schedule.step()
        if average is not None:
            average.update_parameters(model)
        total, n = total + value * len(batch), n + len(batch)
        line.step(f"loss {value:.3f}")
    return total / n


def balanced_weights(labels: Sequence[int]) -> torch.Tensor:
    """Return a weight for each class, inversely proportional to how many texts it has.

    Returns
    -------
    Tensor of shape (C,)
        Their mean over all texts is 1. A class without texts has the weight 0.

    Notes
    -----
    scikit-learn calls this rule "balanced".
    """
    counts = torch.bincount(torch.as_tensor(labels))
    return torch.where(counts > 0, len(labels) / ((counts > 0).sum() * counts.clamp(min=1)), 0.0)


def save_weights(path: str | Path, weights: dict[str, torch.Tensor]) -> Path:
    """Write a state dict, whole or not at all; read it with ``torch.load(path, weights_only=True)``."""
    buffer = io.BytesIO()
    torch.save(weights, buffer)
    return files.write_bytes(path, buffer.getvalue())
