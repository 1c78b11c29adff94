"""Negation: tie "not" to the word that it turns round.

A model that counts words sees "good" in "not good". Gluing the two makes a word of its own of them, an old trick for
opinions (Das and Chen, 2001; Pang, Lee and Vaithyanathan, 2002).
"""

from __future__ import annotations

from collections.abc import Iterable

NEGATORS = frozenset({"не", "ни", "not"})
_CONTRACTIONS = ("n't", "n’t")


def glue_negation(tokens: Iterable[str], *, joint: str = "_") -> list[str]:
    """Join "не", "ни", "not" and "n't" with the word *after* it.

    Parameters
    ----------
    tokens : iterable of str
        Words in their order, from :func:`coursekit.text.tokenise` or another tokeniser. Case is kept.
    joint : str, default "_"
        Stands between the two.

    Returns
    -------
    list of str
        "не", "люблю" has become "не_люблю". A negation at the end of the text stays alone. "don't", "like" becomes
        "do", "not_like", as if NLTK had cut the contraction.

    Raises
    ------
    TypeError
        If ``tokens`` is a string, whose items are letters and not words.

    Notes
    -----
    Only whole words negate: "небо" (sky) and "note" are left as they are.

    Examples
    --------
    >>> glue_negation(["я", "не", "люблю", "небо"])
    ['я', 'не_люблю', 'небо']
    >>> glue_negation(["i", "don't", "like", "it", "not"])
    ['i', 'do', 'not_like', 'it', 'not']
    """
    if isinstance(tokens, str):
        raise TypeError("'tokens' must be a list of words, got one string; tokenise the text first.")
    glued: list[str] = []
    waiting: list[str] = []  # negations whose word is still to come
    for token in tokens:
        lower = token.lower()
        if lower in NEGATORS:
            waiting.append(token)
        elif lower.endswith(_CONTRACTIONS):
            verb = token[:-3]
            if verb:
                glued.append(joint.join([*waiting, verb]))
                waiting = []
            waiting.append("not")
        else:
            glued.append(joint.join([*waiting, token]))
            waiting = []
    if waiting:
        glued.append(joint.join(waiting))
    return glued
