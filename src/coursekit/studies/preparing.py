"""Preparing: from raw texts to ids, as a configuration says.

Left out: lemmas and stop lists; chapter 1 shows what they cost and bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coursekit.batching import encode, shorten
from coursekit.studies.config import Config
from coursekit.text import Vocabulary, tokenise
from coursekit.text.pairs import encode_with_pairs, neighbours
from coursekit.text.spelling import spell


def tokens_of(text: str, config: Config) -> list[str]:
    """Cut a text into its words.

    Parameters
    ----------
    text : str
    config : Config

    Returns
    -------
    list of str

    Notes
    -----
    Chapter: 01.
    """
    return tokenise(text, marks=config.marks)


def pairs_of(texts: Iterable[str], config: Config) -> Vocabulary | None:
    """List the pairs of neighbouring words in the training texts, as a configuration says.

    Parameters
    ----------
    texts : iterable of str
    config : Config

    Returns
    -------
    Vocabulary or None
        None if the configuration wants no pairs.

    Notes
    -----
    Chapter: 10.
    """
    if not config.pairs:
        return None
    return Vocabulary.build((neighbours(tokens_of(text, config)) for text in texts), min_count=config.pairs)


def encode_texts(
    texts: Sequence[str], vocabulary: Vocabulary, config: Config, pairs: Vocabulary | None = None
) -> list[list]:
    """Turn texts into lists of ids as a configuration says: marks, cut; an empty text becomes one ``<unk>``.

    Parameters
    ----------
    texts : sequence of str
    vocabulary : Vocabulary
    config : Config
    pairs : Vocabulary, optional
        Of pairs of neighbouring words, where the configuration wants them: see :func:`pairs_of`.

    Returns
    -------
    list of lists of int
        With spelling, of tuples of int: see :func:`coursekit.text.spelling.spell`; with pairs, see
        :func:`coursekit.text.pairs.encode_with_pairs`.

    Raises
    ------
    ValueError
        If the configuration wants pairs and there is no vocabulary of them, or the other way round.

    Notes
    -----
    Chapter: 03, homework.
    """
    if bool(config.pairs) != (pairs is not None):
        raise ValueError(
            f"'pairs' must be given if the configuration wants pairs, and only then: {config.pairs=}."
        )
    if config.spelling or pairs:
        cut = [shorten(tokens_of(text, config), config.max_length, config.cut) for text in texts]
        if pairs:
            return [
                encode_with_pairs(words, vocabulary, pairs) or [(Vocabulary.unk, Vocabulary.pad)]
                for words in cut
            ]
        return [spell(words, vocabulary, config.spelling) or [(Vocabulary.unk,)] for words in cut]
    return encode(
        texts,
        vocabulary,
        tokeniser=lambda text: tokens_of(text, config),
        max_length=config.max_length,
        cut=config.cut,
    )
