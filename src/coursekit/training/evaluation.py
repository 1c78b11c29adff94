"""Evaluation: count, never average over batches.

Left out: scores of one class; :mod:`coursekit.stats` reads them off the predictions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.batching import LengthBuckets, TextDataset
from coursekit.batching.padding import collate


@dataclass(frozen=True)
class Evaluation:
    """What a model did on a data set.

    Attributes
    ----------
    loss : float
        Mean cross-entropy per text, natural logarithm.
    correct, n : int
        Texts classified rightly, and all texts.
    logits : Tensor of shape (n, C), on the CPU
        In the order of the data set.
    labels : Tensor of shape (n,)
    """

    loss: float
    correct: int
    n: int
    logits: Tensor = field(repr=False)
    labels: Tensor = field(repr=False)

    @property
    def accuracy(self) -> float:
        """Correct texts over all texts, a number k/n."""
        return self.correct / self.n

    @property
    def macro_f1(self) -> float:
        """Mean of the F1 of the classes; a class that nobody has or predicts counts as 0."""
        from sklearn.metrics import (
            f1_score,
        )  # loaded when it is needed: it takes longer than most of the course

        classes = range(self.logits.shape[1])
        return float(
            f1_score(self.labels, self.predictions, labels=classes, average="macro", zero_division=0)
        )

    @property
    def predictions(self) -> Tensor:
        """The class with the largest logit, shape (n,)."""
        return self.logits.argmax(dim=1)


def check_labels(labels: Sequence[int], n_classes: int) -> None:
    """Refuse labels for which a model has no logit.

    Raises
    ------
    ValueError
        If one is above ``n_classes - 1``.
    """
    if max(labels) >= n_classes:
        mend = "give the model as many classes as there are labels (n_classes)"
        if min(labels) == 1:
            mend = "labels count from 0, so subtract 1 from each"
        raise ValueError(
            f"labels must lie between 0 and {n_classes - 1}, as the model has {n_classes} classes, got {min(labels)} to "
            f"{max(labels)}; {mend}."
        )


@torch.no_grad()
def evaluate(
    model: nn.Module, dataset: TextDataset, *, batch_size: int = 256, device: torch.device | None = None
) -> Evaluation:
    """Run the model over a data set, with dropout off, and put it back into the mode it was in.

    Parameters
    ----------
    model : Module
        Called as ``model(ids, lengths)``.
    batch_size : int, default 256
        Texts of like length share a batch; by the padding law this changes nothing but the time.
    device : torch.device, optional
        Where the model is, if not where its parameters are.

    Returns
    -------
    Evaluation
        In the order of the data set.

    Raises
    ------
    ValueError
        If the model has no logit for a label.
    """
    device = device or next(model.parameters()).device
    was_training = model.training
    model.eval()
    logits = None
    for positions in LengthBuckets(dataset.lengths, batch_size, seed=0, pool=10**6):
        batch = collate([dataset.id_lists[i] for i in positions]).to(device)
        part = model(batch.ids, batch.lengths).float().cpu()  # (B, C)
        if logits is None:
            check_labels(dataset.labels, part.shape[1])
            logits = part.new_empty(len(dataset), part.shape[1])
        logits[positions] = part
    model.train(was_training)
    labels = torch.tensor(dataset.labels)
    loss = cross_entropy(logits, labels).item()
    return Evaluation(loss, int((logits.argmax(dim=1) == labels).sum()), len(dataset), logits, labels)
