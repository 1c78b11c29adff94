"""Similarity: which two submissions share more than the task explains. For a person to look at, never a mark.

Runs of words are compared, with names of variables made alike in code, and without what the released notebook holds or
most of the class has written.
"""

from __future__ import annotations

import io
import itertools
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

RUN = {"code": 8, "markdown": 5}  # tokens in a run
LEAST_SHARE = 0.6
LEAST_RUNS = 12  # less is too short to say anything
LEAST_CLASS = 8  # so many at least must share a run, and half of all, before it is nobody's own
WORD = re.compile(r"\w+")
LONGEST = 200_000  # characters that are compared; nobody writes as much


class Pair(NamedTuple):
    """Two submissions that resemble each other."""

    first: str  # name: the path below the folder of submissions
    second: str
    kind: str  # code or markdown
    share: float  # of the shorter one's runs, how many the other has, too


def similar_pairs(submissions: Mapping[str, Mapping[str, str]], released: Mapping[str, str]) -> list[Pair]:
    """Return the pairs that share a large part of what the students wrote themselves, the most similar first.

    Submissions are given by name, each as the joined text of each kind, ``code`` and ``markdown``; what was released to
    everybody, by kind.
    """
    pairs = []
    for kind in RUN:
        given = set(runs(released.get(kind, ""), kind))
        own = {name: set(runs(parts.get(kind, ""), kind)) - given for name, parts in submissions.items()}
        having = Counter(itertools.chain.from_iterable(own.values()))
        common = {run for run, n in having.items() if n >= max(LEAST_CLASS, len(own) / 2)}
        own = {name: written - common for name, written in own.items()}
        own = {name: written for name, written in own.items() if len(written) >= LEAST_RUNS}
        for a, b in itertools.combinations(sorted(own), 2):
            share = len(own[a] & own[b]) / min(len(own[a]), len(own[b]))
            if share >= LEAST_SHARE:
                pairs.append(Pair(a, b, kind, share))
    return sorted(pairs, key=lambda pair: (-pair.share, pair.first, pair.second))


def runs(text: str, kind: str) -> Iterable[tuple[str, ...]]:
    """Return the runs of tokens in a text."""
    text = text[:LONGEST]
    tokens = _code_tokens(text) if kind == "code" else WORD.findall(text.casefold())
    return zip(*(tokens[i:] for i in range(RUN[kind])), strict=False)


def _code_tokens(source: str) -> list[str]:
    """Tokens of code with every name alike, so that renaming hides nothing; words if it is no code."""
    kept = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                kept.append(token.string if keyword.iskeyword(token.string) else "name")
            elif token.type in (tokenize.OP, tokenize.NUMBER, tokenize.STRING):
                kept.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return WORD.findall(source)
    return kept
