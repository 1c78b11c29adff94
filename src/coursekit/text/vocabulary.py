"""Vocabulary: a numbered list of words, the same in every process.

Left out: counting a corpus that does not fit in memory; ``tokenizers`` and ``sentencepiece`` do that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from coursekit.text.guards import require_words

PAD, UNK, BOS, EOS = "<pad>", "<unk>", "<bos>", "<eos>"
SPECIALS = (PAD, UNK, BOS, EOS)


@dataclass(frozen=True)
class Vocabulary:
    """Words and their ids: specials first, then by frequency, then by word.

    Ties are broken by the word itself, so two processes that count the same texts agree on every id.

    >>> vocabulary = Vocabulary.build([["b", "a", "c"], ["a", "b"]], min_count=2)
    >>> vocabulary.words[4:], vocabulary.encode(["a", "c"])
    (('a', 'b'), [4, 1])
    """

    words: tuple[str, ...]  # words[i] has the id i
    counts: tuple[int, ...]  # how often each was seen in the training texts; 0 for specials
    ids: dict[str, int] = field(init=False, repr=False, compare=False)

    pad, unk, bos, eos = range(4)

    def __post_init__(self) -> None:
        if self.words[: len(SPECIALS)] != SPECIALS:
            raise ValueError(
                f"'words' must start with {SPECIALS}, got {self.words[: len(SPECIALS)]}; use Vocabulary.build."
            )
        object.__setattr__(self, "ids", {word: i for i, word in enumerate(self.words)})
        if len(self.ids) != len(self.words) or len(self.counts) != len(self.words):
            raise ValueError(
                f"'words' must be distinct and as many as 'counts', got {len(self.words)} words, "
                f"{len(self.ids)} of them distinct, and {len(self.counts)} counts."
            )

    @classmethod
    def build(
        cls, token_lists: Iterable[Sequence[str]], *, min_count: int = 1, max_size: int | None = None
    ) -> Vocabulary:
        """Count the words of the *training* texts and number those seen at least ``min_count`` times.

        At most ``max_size`` are kept, the specials included. Raises ``ValueError`` if ``min_count`` is below 1 or
        ``max_size`` leaves no room for the specials.
        """
        if min_count < 1:
            raise ValueError(f"'min_count' must be at least 1, got {min_count}.")
        if max_size is not None and max_size < len(SPECIALS):
            raise ValueError(f"'max_size' must be at least {len(SPECIALS)} (the specials), got {max_size}.")
        seen: Counter[str] = Counter()
        for tokens in token_lists:
            require_words(tokens)
            seen.update(tokens)
        for special in SPECIALS:
            seen.pop(special, None)
        kept = sorted((w for w, n in seen.items() if n >= min_count), key=lambda w: (-seen[w], w))
        if max_size is not None:
            kept = kept[: max_size - len(SPECIALS)]
        return cls(SPECIALS + tuple(kept), (0,) * len(SPECIALS) + tuple(seen[w] for w in kept))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self.ids

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return one id for each word; a word that is not listed becomes ``<unk>``."""
        require_words(tokens)
        ids, unk = self.ids, self.unk
        return [ids.get(word, unk) for word in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the words behind the ids; raise ``IndexError`` if an id is negative or past the end of the vocabulary."""
        words = []
        for i in map(int, ids):
            if not 0 <= i < len(self.words):
                raise IndexError(f"an id must be between 0 and {len(self.words) - 1}, got {i}.")
            words.append(self.words[i])
        return words

    def unknown_rate(self, token_lists: Iterable[Sequence[str]]) -> float:
        """Return the share of running words that are not listed (0 for no words at all)."""
        total = unknown = 0
        for tokens in token_lists:
            require_words(tokens)
            total += len(tokens)
            unknown += sum(word not in self.ids for word in tokens)
        return unknown / total if total else 0.0
