"""Evaluation: count, never average over batches.

Left out: scores of one class; :mod:`coursekit.stats` reads them off the predictions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.batching import LengthBuckets, TextDataset, collate
from coursekit.training.devices import on_device


@dataclass(frozen=True)
class Evaluation:
    """What a model did on a data set."""

    loss: float  # mean cross-entropy of a text, natural logarithm
    correct: int
    n: int
    logits: Tensor = field(repr=False)  # (n, C), on the CPU, in the order of the data set
    labels: Tensor = field(repr=False)  # (n,)

    @property
    def accuracy(self) -> float:
        """Correct texts over all texts, a number k/n."""
        return self.correct / self.n

    @property
    def macro_f1(self) -> float:
        """Mean of the F1 of the classes; a class that nobody has or predicts counts as 0."""
        from sklearn.metrics import f1_score  # loaded when it is needed: it takes longer than the course

        how = {"labels": range(self.logits.shape[1]), "average": "macro", "zero_division": 0}
        return float(f1_score(self.labels, self.predictions, **how))

    @property
    def predictions(self) -> Tensor:
        """The class with the largest logit, shape (n,)."""
        return self.logits.argmax(dim=1)


def check_labels(labels: Sequence[int], n_classes: int) -> None:
    """Raise ``ValueError`` if a label is above ``n_classes - 1``, for which the model has no logit."""
    if max(labels) >= n_classes:
        mend = "give the model as many classes as there are labels (n_classes)"
        if min(labels) == 1:
            mend = "labels count from 0, so subtract 1 from each"
        raise ValueError(
            f"labels must lie between 0 and {n_classes - 1}, as the model has {n_classes} classes, got {min(labels)} to "
            f"{max(labels)}; {mend}."
        )


@torch.no_grad()
def evaluate(model: nn.Module, dataset: TextDataset, *, batch_size: int = 256) -> Evaluation:
    """Run the model over a data set, with dropout off, and put it back into the mode and onto the device it was in.

    Texts of like length share a batch; by the padding law this changes nothing but the time, and the logits stand in
    the order of the data set. Raises ``ValueError`` if the model has no logit for a label.
    """
    was_training = model.training
    model.eval()
    logits = None
    with on_device(model) as device:
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
