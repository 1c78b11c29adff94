"""prepare(): from a corpus to datasets of ids, in the one way that chapters, studies, homework and the grader share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from coursekit.batching.datasets import CUTS, TextDataset, shorten
from coursekit.data import Corpus
from coursekit.runtime.settings import Settings
from coursekit.text import Vocabulary, tokenise
from coursekit.text.guards import require_texts
from coursekit.text.spelling import spell


@dataclass(frozen=True, repr=False)
class TextConfig(Settings):
    """How a text becomes ids: words, vocabulary, cut, and what each word brings along besides its own id."""

    marks: bool = False  # keep punctuation marks as tokens of their own
    min_count: int = 3  # words seen less often become <unk>
    max_length: int = 256  # tokens; the rest of a text is cut off
    cut: str = "head"  # what is kept of a longer text: head, tail, or ends (half from each)
    spelling: int = 0  # buckets for the letter n-grams of words; 0: a word is its id alone

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "min_count", "max_length")
        self.at_least(0, "spelling")
        self.one_of(CUTS, "cut")


def tokens_of(text: str, config: TextConfig) -> list[str]:
    """Cut a text into its words, as a configuration says."""
    return tokenise(text, marks=config.marks)


@dataclass(frozen=True)
class Encoder:
    """What was learned from the training texts, and turns every text into ids."""

    config: TextConfig
    vocabulary: Vocabulary

    @classmethod
    def fit(cls, tokenised: Sequence[list[str]], config: TextConfig) -> Encoder:
        """Build the vocabulary from the words of the training texts."""
        return cls(config, Vocabulary.build(tokenised, min_count=config.min_count))

    def encode(self, texts: Iterable[str]) -> list[list]:
        """Return a list of ids for each text; see :meth:`encode_words`."""
        require_texts(texts)
        return [self.encode_words(tokens_of(text, self.config)) for text in texts]

    def encode_words(self, words: list[str]) -> list:
        """Return the ids of one text, cut as configured; a text without words becomes one ``<unk>``.

        With spelling a word is a tuple of ids (:func:`coursekit.text.spelling.spell`).
        """
        words = shorten(words, self.config.max_length, self.config.cut)
        if self.config.spelling:
            return spell(words, self.vocabulary, self.config.spelling) or [(Vocabulary.unk,)]
        return self.vocabulary.encode(words) or [Vocabulary.unk]


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
    if max_length < 1 + 2 * borders:
        raise ValueError(
            f"'max_length' must leave room for one word, got {max_length} with borders={borders}."
        )
    config = TextConfig(max_length=max_length - 2 * borders, cut=cut)
    encoded = Encoder(config, vocabulary).encode(texts)
    return [[vocabulary.bos, *ids, vocabulary.eos] for ids in encoded] if borders else encoded


@dataclass(frozen=True)
class Prepared:
    """A corpus as a model reads it."""

    corpus: Corpus
    encoder: Encoder
    train: TextDataset  # after a refit with the validation texts in it
    validation: TextDataset | None  # None after a refit: nothing is chosen any more

    @cached_property
    def test(self) -> TextDataset:
        """The test part, encoded when it is first asked for."""
        return TextDataset(self.encoder.encode(self.corpus.test.texts), self.corpus.test.labels)

    @property
    def sizes(self) -> dict[str, int]:
        """What a model must know of the data: ``TextClassifier(config, **prepared.sizes)``."""
        sizes = {"vocabulary_size": len(self.encoder.vocabulary), "n_classes": len(self.corpus.label_names)}
        if self.encoder.config.spelling:
            sizes["ngram_buckets"] = self.encoder.config.spelling
        return sizes


def prepare(corpus: Corpus, config: TextConfig, *, refit: bool = False) -> Prepared:
    """Build the vocabulary from the training texts, and encode training and validation with it.

    ``refit``, when everything is chosen, learns from the validation texts as well.

    >>> from coursekit.data import load
    >>> data = prepare(load("reviews", train=100, quiet=True), TextConfig(min_count=1))
    >>> len(data.train), data.sizes["n_classes"]
    (100, 2)
    """
    texts, labels = corpus.train.texts, corpus.train.labels
    if refit:
        texts, labels = (*texts, *corpus.validation.texts), (*labels, *corpus.validation.labels)
    tokenised = [tokens_of(text, config) for text in texts]
    encoder = Encoder.fit(tokenised, config)
    train = TextDataset([encoder.encode_words(words) for words in tokenised], labels)
    validation = None
    if not refit:
        validation = TextDataset(encoder.encode(corpus.validation.texts), corpus.validation.labels)
    return Prepared(corpus, encoder, train, validation)
