"""Datasets: encode each text once, hand out ids and a label.

Left out: corpora larger than memory; ``datasets`` streams them.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch.utils.data import DataLoader, Dataset

from coursekit.batching.buckets import LengthBuckets
from coursekit.batching.padding import Batch, collate
from coursekit.data.corpus import class_ids

CUTS = ("head", "tail", "ends")


def shorten(ids: list, room: int, cut: str) -> list:
    """Keep at most ``room`` items of a list: its head, its tail, or half from both ends."""
    if len(ids) <= room:
        return ids
    if cut == "head":
        return ids[:room]
    if cut == "tail":
        return ids[-room:]
    front = (room + 1) // 2
    return ids[:front] + ids[len(ids) - (room - front) :]


class TextDataset(Dataset):
    """Encoded texts with their labels, the class of each from 0.

    Raises ``ValueError`` if there is no text, the labels are not as many as the texts, or one is no whole number from
    0.
    """

    def __init__(self, id_lists: Sequence[list[int]], labels: Sequence[int]) -> None:
        if not len(id_lists):
            raise ValueError("'id_lists' must hold at least one text, got none.")
        if len(id_lists) != len(labels):
            raise ValueError(f"'labels' must be as many as the texts ({len(id_lists)}), got {len(labels)}.")
        self.id_lists = list(id_lists)
        self.labels = list(class_ids(labels))
        self.lengths = [len(ids) for ids in self.id_lists]

    def __len__(self) -> int:
        return len(self.id_lists)

    def __getitem__(self, i: int) -> tuple[list[int], int]:
        return self.id_lists[i], self.labels[i]


def make_loader(
    dataset: TextDataset, batch_size: int, *, seed: int = 0, shuffle: bool = True, pool: int = 50
) -> DataLoader:
    """Return an iterable of :class:`Batch`: in length buckets, or without ``shuffle`` in the order of the dataset."""
    if not shuffle:
        return DataLoader(dataset, batch_size=batch_size, collate_fn=_collate_items)
    buckets = LengthBuckets(dataset.lengths, batch_size, seed=seed, pool=pool)
    return DataLoader(dataset, batch_sampler=buckets, collate_fn=_collate_items)


def _collate_items(items: Sequence[tuple[list[int], int]]) -> Batch:
    return collate([ids for ids, _ in items], [label for _, label in items])
