"""Published coursework A's pipeline on AG News, rebuilt from its description, as the opponent in a benchmark.

Each text is cleaned, tokenised and looked up again every time it is drawn; batches are random; the maximum over time
runs over the pads too. These are the faults the benchmark measures: nothing here is to be imitated.

Left out: its looks at the test set in the middle of an epoch.
"""

from __future__ import annotations

import string
from collections.abc import Sequence

import torch
from nltk.tokenize import NLTKWordTokenizer
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

SPECIALS = ("<unk>", "<bos>", "<eos>", "<pad>")
MAX_LENGTH = 256
_TOKENISER = NLTKWordTokenizer()


def words_of(text: str) -> list[str]:
    """Lower-case, strip punctuation, tokenise by NLTK's rules."""
    return _TOKENISER.tokenize(text.lower().translate(str.maketrans("", "", string.punctuation)))


def word_to_id(texts: Sequence[str], min_count: int = 26) -> dict[str, int]:
    """Number the words seen more than 25 times."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in words_of(text):
            counts[word] = counts.get(word, 0) + 1
    kept = sorted(word for word, n in counts.items() if n >= min_count)
    return {word: i for i, word in enumerate([*SPECIALS, *kept])}


class LateDataset(Dataset):
    """Tokenises a text each time it is asked for."""

    def __init__(self, texts: Sequence[str], labels: Sequence[int], ids: dict[str, int]) -> None:
        self.texts, self.labels, self.ids = texts, labels, ids

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> tuple[list[int], int]:
        ids = [self.ids.get(word, self.ids["<unk>"]) for word in words_of(self.texts[i])]
        return [self.ids["<bos>"], *ids, self.ids["<eos>"]], self.labels[i]

    def collate(self, items: list[tuple[list[int], int]]) -> tuple[Tensor, Tensor]:
        """Pad to the longest text of the batch and cut at 256."""
        longest = min(max(len(ids) for ids, _ in items), MAX_LENGTH)
        pad = self.ids["<pad>"]
        rows = [(ids + [pad] * (longest - len(ids)))[:longest] for ids, _ in items]
        return torch.tensor(rows), torch.tensor([label for _, label in items])  # (B, T), (B,)


def loader(dataset: LateDataset, batch_size: int, *, shuffle: bool, seed: int = 0) -> DataLoader:
    """Random batches, or the order of the data set."""
    random = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=shuffle, collate_fn=dataset.collate, generator=random)


class CourseworkRNN(nn.Module):
    """Embedding(256), one-layer RNN(256), maximum over time, tanh, Linear, dropout, tanh, Linear."""

    def __init__(self, vocabulary_size: int, n_classes: int, size: int = 256) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, size)
        self.rnn = nn.RNN(size, size, batch_first=True)
        self.linear = nn.Linear(size, size)
        self.head = nn.Linear(size, n_classes)
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits of shape (B, C)."""
        outputs, _ = self.rnn(self.embedding(ids))  # (B, T, H)
        pooled = outputs.max(dim=1).values.tanh()  # (B, H), pads included
        return self.head(self.dropout(self.linear(pooled)).tanh())
