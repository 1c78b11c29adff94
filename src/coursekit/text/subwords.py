"""Subwords: byte-pair encoding, small enough to read in one sitting.

The method is Sennrich, Haddow and Birch (2016), "Neural machine translation of rare words with subword units",
section 3.2. Characters that training never saw are written as bytes, so every text can be encoded and decoded.

Left out: speed (the ``tokenizers`` library) and the unigram model (``sentencepiece``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from coursekit.text.guards import require_texts

_PIECE = re.compile(r"\s?\S+|\s")
N_BYTES = 256

Pair = tuple[str, str]


@dataclass(frozen=True)
class BytePairs:
    """A list of merges, learned from counts, and what follows from it.

    Ids 0 to 255 are bytes, then come the characters seen in training (``alphabet``) and the merged symbols. Earlier
    merges are applied first.

    >>> pairs = BytePairs.learn(["low lower lowest"] * 3, n_merges=4)
    >>> pairs.pieces("lowly")
    ['low', 'l', 'y']
    >>> pairs.decode(pairs.encode("snow ☃"))
    'snow ☃'
    """

    alphabet: tuple[str, ...]
    merges: tuple[Pair, ...]
    _ranks: dict[Pair, int] = field(init=False, repr=False, compare=False)
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)
    _symbols: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        symbols = list(dict.fromkeys([*self.alphabet, *("".join(pair) for pair in self.merges)]))
        object.__setattr__(self, "_ranks", {pair: i for i, pair in enumerate(self.merges)})
        object.__setattr__(self, "_symbols", symbols)
        object.__setattr__(self, "_ids", {s: i for i, s in enumerate(symbols, start=N_BYTES)})

    @classmethod
    def learn(cls, texts: Iterable[str], n_merges: int) -> BytePairs:
        """Merge the most frequent pair of neighbours, ``n_merges`` times; fewer, if no pair occurs twice.

        Merges never cross the start of a word.
        """
        if n_merges < 0:
            raise ValueError(f"'n_merges' must be zero or more, got {n_merges}.")
        require_texts(texts)
        counts = Counter(piece for text in texts for piece in _PIECE.findall(text))
        words = [(list(piece), n) for piece, n in sorted(counts.items())]
        alphabet = tuple(sorted({symbol for symbols, _ in words for symbol in symbols}))
        pair_counts: Counter[Pair] = Counter()
        words_with: dict[Pair, set[int]] = {}
        for index, (symbols, n) in enumerate(words):
            for pair in pairwise(symbols):
                pair_counts[pair] += n
                words_with.setdefault(pair, set()).add(index)
        merges: list[Pair] = []
        while len(merges) < n_merges and pair_counts:
            best = min(pair_counts, key=lambda pair: (-pair_counts[pair], pair))
            if pair_counts[best] < 2:
                break
            merges.append(best)
            for index in words_with.pop(best):  # only the words that hold the pair change
                symbols, n = words[index]
                for pair in pairwise(symbols):
                    pair_counts[pair] -= n
                symbols[:] = _merge(symbols, best)
                for pair in pairwise(symbols):
                    pair_counts[pair] += n
                    words_with.setdefault(pair, set()).add(index)
            del pair_counts[best]
            pair_counts = +pair_counts if len(merges) % 100 == 0 else pair_counts
        return cls(alphabet, tuple(merges))

    def __len__(self) -> int:
        return N_BYTES + len(self._symbols)

    def pieces(self, text: str) -> list[str]:
        """Return the text cut into symbols; joined together they are the text."""
        return [symbol for piece in _PIECE.findall(text) for symbol in self._apply(piece)]

    def encode(self, text: str) -> list[int]:
        """Return the ids of the pieces; a character never seen becomes its UTF-8 bytes."""
        ids: list[int] = []
        for symbol in self.pieces(text):
            if symbol in self._ids:
                ids.append(self._ids[symbol])
            else:
                ids.extend(symbol.encode("utf-8", "surrogatepass"))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text behind the ids, the inverse of :meth:`encode`; raise ``IndexError`` if an id is out of range."""
        raw = bytearray()
        for i in ids:
            if not 0 <= i < len(self):
                raise IndexError(f"a subword id must be between 0 and {len(self) - 1}, got {i}.")
            raw += bytes([i]) if i < N_BYTES else self._symbols[i - N_BYTES].encode("utf-8", "surrogatepass")
        return raw.decode("utf-8", "surrogatepass")

    def _apply(self, piece: str) -> list[str]:
        symbols = list(piece)
        while len(symbols) > 1:
            best = min(pairwise(symbols), key=lambda pair: self._ranks.get(pair, len(self.merges)))
            if best not in self._ranks:
                break
            symbols = _merge(symbols, best)
        return symbols


def _merge(symbols: list[str], pair: Pair) -> list[str]:
    """Join each neighbouring ``pair``, from left to right. What was joined is longer than the first of the pair."""
    merged: list[str] = []
    for symbol in symbols:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged
