"""Preparing: from raw texts to ids, as a configuration says.

Left out: lemmas and stop lists; chapter 1 shows what they cost and bring.
"""

from __future__ import annotations

from collections.abc import Sequence

from coursekit.batching import encode, shorten
from coursekit.studies.config import Config
from coursekit.text import Vocabulary, tokenise
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


def encode_texts(texts: Sequence[str], vocabulary: Vocabulary, config: Config) -> list[list]:
    """Turn texts into lists of ids as a configuration says: marks, cut; an empty text becomes one ``<unk>``.

    Parameters
    ----------
    texts : sequence of str
    vocabulary : Vocabulary
    config : Config

    Returns
    -------
    list of lists of int
        With spelling, of tuples of int: see :func:`coursekit.text.spelling.spell`.

    Notes
    -----
    Chapter: 03, homework.
    """
    if config.spelling:
        cut = [shorten(tokens_of(text, config), config.max_length, config.cut) for text in texts]
        return [spell(words, vocabulary, config.spelling) or [(Vocabulary.unk,)] for words in cut]
    return encode(
        texts,
        vocabulary,
        tokeniser=lambda text: tokens_of(text, config),
        max_length=config.max_length,
        cut=config.cut,
    )
