"""Emoticons: take smileys and emoji out of a text, and find the words that give a label away.

RuTweetCorp was labelled by its emoticons (Rubtsova, 2013), so a model that sees them reads the answer. They must go
before the punctuation does: afterwards ":D" is the word "d".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coursekit.text.guards import require_text

# Kept as they stand: addresses, with brackets in pairs, and names of accounts ("@to_over" holds no "o_o").
_ADDRESS = re.compile(r"((?:https?://|www\.)(?:[^\s()]|\([^\s()]*\))+|(?<!\w)@\w+)", re.IGNORECASE)

# No alternative repeats one class right after another that overlaps with it, and each that repeats can begin at one
# place of a run only. So the time grows with the length of the text and not with its square.
_FACE = re.compile(
    r"""
      [:;=][-~_^'’"*.oо]{0,3}(?:[()<>|/\\*]+|[\[\]{}]+(?!\w))            # :-) =( :'( ;-/ :|
    | [:;=][-~^'’]?(?i:(?P<mouth>[dдpрзсcoо])(?P=mouth)*)(?!\w)          # :D =P :з :с
    | (?<!\d)[:;](?:3+|0+)(?!\w)                                         # :3, but not 12:30
    | (?<!\d)%[-~]?[()|]+                                                # %), but not (50%)
    | (?<!\w)[xXхХ]+[-'’]?[dDдД]+(?!\w)                                  # xD XD хД хдд
    | (?<!\w)(?:[DД]+|[cсCС])['’-]?[:=;](?![\w/])                        # D: с:
    | (?<!\w)(?:[oо]{1,3}[OО]{1,3}|[OОoо0][_]{1,5}[OОoо0]|[OОoо]\.{1,3}[OОoо])(?!\w)  # оО O_o о.О
    | \^(?:[-_.,~oо]{0,5}\^)+ | (?P<eye>[*@~=;])[-_.,oо]{1,5}(?P=eye) | >[-_.]{1,5}< | -_{1,5}- | \.__?\.  # ^_^ *_* >_< -_-
    | (?<!\w)(?:[TТт]_{1,5}[TТт]|[xXхХ]_{1,5}[xXхХ]|[uU]_{1,5}[uU])(?!\w)              # T_T х_х
    | (?<!\d)<[/\\]?3+(?!\w)                                             # <3 </3
    """,
    re.VERBOSE,
)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b55\u231a-\u23ff\u3030\u303d\u3297\u3299]"
    "[\U0001f000-\U0001faff\u2600-\u27bf\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f\u2640\u2642]*"
    "|[0-9#*]\ufe0f?\u20e3|[\u00a9\u00ae\u2000-\u25ff]\ufe0f"
)
# The brackets share their keys with 9 and 0, so a row of them holds digits where Shift was let go: ((99( ))0)
_SHIFT_LET_GO = re.compile(r"(?<![(9])\((?:\(+9|9+\()[(9]*(?!\d)|(?<![)0])\)(?:\)+0|0+\))[)0]*(?!\d)")
_BRACKET = re.compile(r"[()]")
_LONE = "\0"  # stands for a bracket without a partner while its eyes are looked for
_LONE_FACE = re.compile(r"(?:(?<!\w)[xXхХ])?[-'’]?\0+")


class LabelGiver(NamedTuple):
    """A word that gives the label away: of the ``texts`` that hold it, the part ``share`` has this label."""

    word: str
    label: int
    texts: int
    share: float


def remove_emoticons(text: str) -> str:
    """Take smileys, Russian lone brackets and emoji out of a text, before its punctuation is touched.

    A bracket stays if it is one of a pair around words: "(see below)". Where a mark may be either, it goes: "1) first"
    loses its bracket, "answer:с" its last letter. White space is folded.

    >>> remove_emoticons("Ура) сдала xD (с третьего раза) :-))")
    'Ура сдала (с третьего раза)'
    >>> remove_emoticons("жаль((( http://t.co/D :D 👍🏽")
    'жаль http://t.co/D'
    """
    require_text(text)
    pieces = _ADDRESS.split(text)  # what stands between addresses, and every second piece an address
    pieces[::2] = map(_without_faces, pieces[::2])
    return " ".join("".join(pieces).split())


def label_givers(
    token_lists: Iterable[Sequence[str]], labels: Sequence[int], *, min_count: int = 50, share: float = 0.95
) -> list[LabelGiver]:
    """List the words of ``min_count`` texts or more of which more than ``share`` have one label, the most frequent first.

    After cleaning, the list should hold nothing but words that carry the meaning. Raises ``ValueError`` if there are
    not as many labels as texts, or ``share`` is not between 0 and 1.

    >>> label_givers([["d", "я"], ["d"], ["я"]], [1, 1, 0], min_count=2)
    [LabelGiver(word='d', label=1, texts=2, share=1.0)]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"'share' must lie between 0 and 1, got {share}.")
    words = [set(tokens) for tokens in token_lists]
    if len(words) != len(labels):
        raise ValueError(f"'labels' must be as many as the texts, got {len(labels)} for {len(words)} texts.")
    texts = Counter(word for held in words for word in held)
    pairs = Counter((word, label) for held, label in zip(words, labels, strict=True) for word in held)
    givers = [
        LabelGiver(word, label, texts[word], n / texts[word])
        for (word, label), n in pairs.items()
        if texts[word] >= min_count and n / texts[word] > share
    ]
    return sorted(givers, key=lambda giver: (-giver.texts, giver.word))


def _without_faces(text: str) -> str:
    """Blank emoji, faces with eyes, then the brackets that are left without a partner."""
    text = _SHIFT_LET_GO.sub(lambda row: 2 * row[0][0], text.replace(_LONE, " "))
    text = _FACE.sub(" ", _EMOJI.sub(" ", text))
    marks = list(text)
    for i in _lone_brackets(text):
        marks[i] = _LONE
    return _LONE_FACE.sub(" ", "".join(marks))


def _lone_brackets(text: str) -> list[int]:
    """Return the places of brackets that do not stand in a pair around words."""
    places = [match.start() for match in _BRACKET.finditer(text)]
    opened: list[int] = []
    paired: set[int] = set()
    for k, i in enumerate(places):
        before, after = text[i - 1 : i] or " ", text[i + 1 : i + 2] or " "
        if text[i] == ")":
            if opened and not before.isspace() and (before not in "()" or i - 1 in paired):
                paired |= {opened.pop(), i}
        elif before.isalnum():  # "word(s)" and "f(x)" are pairs, "жаль(но ладно)" is not
            end = places[k + 1] if k + 1 < len(places) else i
            if text[end] == ")" and len(text[i + 1 : end].split(maxsplit=1)) == 1 and not after.isspace():
                opened.append(i)
        elif after not in "()" and not after.isspace():
            opened.append(i)
    return [i for i in places if i not in paired]
