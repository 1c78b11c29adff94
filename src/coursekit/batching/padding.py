"""Padding: one truth, the lengths; one mask, True where a token is real.

Letters: B batch, T time.

Left out: nested (ragged) tensors; see ``torch.nested``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from coursekit.data.corpus import class_ids
from coursekit.text import Vocabulary


def check_lengths(lengths: Tensor, batch: int, time: int) -> None:
    """Refuse lengths that do not describe a batch of shape (batch, time): 1 to T for each row, unsorted if you like.

    Raises ``TypeError`` if ``lengths`` is not an int64 tensor, and ``ValueError`` if its shape is not (B,), or a length
    is below 1 or above T.
    """
    if not isinstance(lengths, Tensor) or lengths.dtype != torch.int64:
        got = lengths.dtype if isinstance(lengths, Tensor) else type(lengths).__name__
        mend = "use torch.as_tensor(lengths, dtype=torch.int64)"
        raise TypeError(f"'lengths' must be an int64 tensor, got {got}; {mend}.")
    if lengths.shape != (batch,):
        raise ValueError(
            f"'lengths' must have shape ({batch},), one for each row, got {tuple(lengths.shape)}."
        )
    if batch and not 1 <= int(lengths.min()) <= int(lengths.max()) <= time:
        raise ValueError(
            f"'lengths' must lie between 1 and {time} (the time axis), got {int(lengths.min())} to "
            f"{int(lengths.max())}; encode() turns an empty text into one <unk>."
        )


def mask_from_lengths(lengths: Tensor, time: int) -> Tensor:
    """Return the mask of a batch, (B, T) bool: True where a token is real, by lengths (B,).

    Nothing is checked here: a model checks its lengths once, at the door (:func:`check_lengths`).

    >>> mask_from_lengths(torch.tensor([1, 3]), 3).int().tolist()
    [[1, 0, 0], [1, 1, 1]]
    """
    return torch.arange(time, device=lengths.device) < lengths[:, None]  # (B, T)


@dataclass(frozen=True)
class Batch:
    """A padded batch."""

    ids: Tensor  # (B, T), int64
    lengths: Tensor  # (B,), int64
    labels: Tensor | None = None  # (B,), int64

    @property
    def mask(self) -> Tensor:
        """Tensor of shape (B, T), bool: True where a token is real."""
        return mask_from_lengths(self.lengths, self.ids.shape[1])

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on another device."""
        labels = None if self.labels is None else self.labels.to(device)
        return replace(self, ids=self.ids.to(device), lengths=self.lengths.to(device), labels=labels)

    def __len__(self) -> int:
        return self.ids.shape[0]


def collate(id_lists: Sequence[Sequence[int]], labels: Sequence[int] | None = None) -> Batch:
    """Stack texts of different lengths into one rectangle as long as the longest, filled up with the pad id 0.

    A word may also be a tuple of ids (its own and those of its spelling). Raises ``ValueError`` if there is no text, a
    text is empty, the labels are not as many as the texts, or one is no whole number from 0.

    >>> collate([[5], [6, 7, 8]]).ids.tolist()
    [[5, 0, 0], [6, 7, 8]]
    """
    if not id_lists:
        raise ValueError("'id_lists' must hold at least one text, got none.")
    lengths = [len(ids) for ids in id_lists]
    if min(lengths) == 0:
        raise ValueError(
            f"'id_lists' must hold no empty text, got one at position {lengths.index(0)}; "
            "encode() turns an empty text into one <unk>."
        )
    if labels is not None and len(labels) != len(id_lists):
        raise ValueError(f"'labels' must be as many as the texts ({len(id_lists)}), got {len(labels)}.")
    pad = Vocabulary.pad
    if isinstance(id_lists[0][0], tuple):
        id_lists, pad = _same_width(id_lists, pad)
    longest = max(lengths)
    rows = [[*ids, *[pad] * (longest - len(ids))] for ids in id_lists]
    return Batch(
        torch.tensor(rows),  # (B, T), or (B, T, M) where a word is a tuple of M ids
        torch.tensor(lengths),  # (B,)
        None if labels is None else torch.tensor(class_ids(labels)),
    )


def _same_width(id_lists, pad):
    """Fill every word's tuple up to the longest; return the texts and a word that is all padding."""
    width = max(len(word) for ids in id_lists for word in ids)
    filled = [[(*word, *[pad] * (width - len(word))) for word in ids] for ids in id_lists]
    return filled, (pad,) * width
