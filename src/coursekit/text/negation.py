"""Negation: tie "not" to the word that it turns round.

A model that counts words sees "good" in "not good". Gluing the two makes a word of its own of them, an old trick for
opinions (Das and Chen, 2001; Pang, Lee and Vaithyanathan, 2002).
"""

from __future__ import annotations

from collections.abc import Iterable

from coursekit.text.guards import require_words

NEGATORS = frozenset({"не", "ни", "not"})
CONTRACTIONS = ("n't", "n’t")


def glue_negation(tokens: Iterable[str]) -> list[str]:
    """Join "не", "ни", "not" and "n't" with the word *after* it; case is kept.

    A negation at the end of the text stays alone. "don't", "like" becomes "do", "not_like", as if NLTK had cut the
    contraction. Only whole words negate: "небо" (sky) and "note" are left as they are.

    >>> glue_negation(["я", "не", "люблю", "небо"])
    ['я', 'не_люблю', 'небо']
    >>> glue_negation(["i", "don't", "like", "it", "not"])
    ['i', 'do', 'not_like', 'it', 'not']
    """
    require_words(tokens)
    glued: list[str] = []
    waiting: list[str] = []  # negations whose word is still to come
    for token in tokens:
        if token.lower() in NEGATORS:
            waiting.append(token)
            continue
        contracted = token.lower().endswith(CONTRACTIONS)
        word = token[:-3] if contracted else token
        if word:
            glued.append("_".join([*waiting, word]))
            waiting = []
        if contracted:
            waiting.append("not")
    if waiting:
        glued.append("_".join(waiting))
    return glued
