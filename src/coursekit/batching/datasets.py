"""Datasets: encode each text once, hand out ids and a label.

Left out: corpora larger than memory; ``datasets`` streams them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch.utils.data import DataLoader, Dataset

from coursekit.batching.buckets import LengthBuckets
from coursekit.batching.padding import Batch, collate
from coursekit.data.corpus import class_ids
from coursekit.text import Vocabulary, tokenise
from coursekit.text.guards import require_texts

CUTS = ("head", "tail", "ends")


def encode(
    texts: Iterable[str],
    vocabulary: Vocabulary,
    *,
    max_length: int = 256,
    cut: str = "head",
    borders: bool = False,
) -> list[list[int]]:
    """Turn texts into lists of ids, none of them empty: a text without words becomes one ``<unk>``.

    Longer texts are cut to ``max_length``: their start is kept ("head"), their end ("tail"), or half of each ("ends").
    With ``borders``, ``<bos>`` stands before each text and ``<eos>`` behind it, and both count. Raises ``ValueError``
    if ``max_length`` leaves no room for a word, or ``cut`` is unknown.
    """
    require_texts(texts)
    room = max_length - 2 * borders
    if room < 1:
        raise ValueError(
            f"'max_length' must leave room for one word, got {max_length} with borders={borders}."
        )
    if cut not in CUTS:
        raise ValueError(f"'cut' must be one of {CUTS}, got {cut!r}.")
    encoded = []
    for text in texts:
        ids = shorten(vocabulary.encode(tokenise(text)), room, cut) or [vocabulary.unk]
        encoded.append([vocabulary.bos, *ids, vocabulary.eos] if borders else ids)
    return encoded


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
    """Encoded texts (:func:`encode`) with their labels, the class of each from 0.

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
    """Return an iterable of :class:`Batch`: in length buckets, or without ``shuffle`` in the order of the dataset.

    The seed decides the order of every epoch; see :class:`LengthBuckets`, also for ``pool``.
    """
    if not shuffle:
        return DataLoader(dataset, batch_size=batch_size, collate_fn=_collate_items)
    buckets = LengthBuckets(dataset.lengths, batch_size, seed=seed, pool=pool)
    return DataLoader(dataset, batch_sampler=buckets, collate_fn=_collate_items)


def _collate_items(items: Sequence[tuple[list[int], int]]) -> Batch:
    return collate([ids for ids, _ in items], [label for _, label in items])
