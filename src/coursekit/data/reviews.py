"""Generated reviews in which word order decides, with a known best possible accuracy.

Two kinds, half and half. *One clause*: "nobody who came with us would say that the ending was superb". The label is
the polarity of the last word, turned round if the review starts with a negator, which stands far away from it. *Two
clauses*: "the music was superb as far as it went, but in the end the ending was dull". The clauses disagree, and the
joining word decides which of them is the verdict: with "but" the second, with "although" the first.

In both kinds the label is an exclusive or of two things that are each independent of it, and no two neighbouring
words hold both. So counts of words and of word pairs are at chance, whatever their weights. A known share of the
labels is turned round (noise), so no model can be expected to do better than one minus that share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from coursekit.data.corpus import Split

NOISE = 0.04
POSITIVE = (
    "superb", "wonderful", "charming", "brilliant", "delightful", "gripping", "touching", "fresh", "witty", "splendid",
)  # fmt: skip
NEGATIVE = (
    "dull", "awful", "clumsy", "boring", "dreadful", "tedious", "shallow", "stale", "bland", "hopeless",
)  # fmt: skip
THINGS = (
    "plot", "acting", "music", "ending", "camera work", "dialogue", "pacing", "cast", "opening", "script",
    "humour", "story", "sound", "lighting", "editing", "second half", "leading role", "final scene",
)  # fmt: skip
AFFIRMERS = ("everybody", "everyone", "each of those")
NEGATORS = ("nobody", "no one", "none of those")
WITNESSES = (
    "who came with us", "who sat near me", "who stayed to the end", "in our row", "at the early showing",
    "who paid for a ticket", "in the club on Friday", "who wrote to us about it",
)  # fmt: skip
SAYINGS = ("would say that", "would claim that", "felt that", "told me that", "went home thinking that")
AFTER_FIRST = (
    "as far as it went", "for most of the time", "in its own way", "when you look back", "from where we sat",
    "on the first evening",
)  # fmt: skip
BEFORE_SECOND = (
    "in the end", "when all is said", "on the whole", "to be fair", "for what it is worth", "if you ask me",
)  # fmt: skip
SECOND_WINS = ("but", "yet")
FIRST_WINS = ("although", "even though")
OPENERS = (
    "", "", "", "We went on a Tuesday.", "A friend lent me the disc.", "I had read about it before.",
    "It ran for two hours.", "This was our third visit.", "The hall was half full.",
)  # fmt: skip


def make_reviews(size: int, *, seed: int, noise: float = NOISE, avoid: Iterable[str] = ()) -> Split:
    """Generate reviews, all different and none in ``avoid``, with as many of one label as of the other before noise.

    Noise turns round exactly this share of the labels, to the nearest review; the best possible accuracy is one minus
    it. Raises ``ValueError`` if ``size`` is below 1 or above 200,000, or ``noise`` is not between 0 and 0.5.
    """
    if not 1 <= size <= 200_000:
        raise ValueError(f"'size' must lie between 1 and 200,000, got {size}.")
    if not 0 <= noise < 0.5:
        raise ValueError(f"'noise' must be at least 0 and below 0.5, got {noise}.")
    random = np.random.default_rng(seed)
    seen = set(avoid)
    texts: list[str] = []
    labels: list[int] = []
    while len(texts) < size:
        label = len(texts) % 2
        text = _one_clause(random, label) if random.random() < 0.5 else _two_clauses(random, label)
        if text not in seen:
            seen.add(text)
            texts.append(text)
            labels.append(label)
    order = random.permutation(size)
    wrong = set(random.permutation(size)[: round(noise * size)].tolist())
    return Split(tuple(texts[i] for i in order), tuple(labels[i] ^ (i in wrong) for i in order.tolist()))


def clean_label(text: str) -> int:
    """Read a generated review, and no other text, by the rules: its label before noise, 0 negative, 1 positive."""
    words = re.findall(r"[a-z]+", text.lower())
    verdicts = [int(word in POSITIVE) for word in words if word in POSITIVE or word in NEGATIVE]
    if len(verdicts) == 1:
        return verdicts[0] ^ any(re.search(rf"\b{negator}\b", text.lower()) for negator in NEGATORS)
    if len(verdicts) != 2:
        raise ValueError(f"'text' must be a generated review with one or two verdicts, got {text!r}.")
    return verdicts[1] if any(word in SECOND_WINS for word in words) else verdicts[0]


def _one_clause(random: np.random.Generator, label: int) -> str:
    negated = int(random.integers(2))
    start = _pick(random, NEGATORS if negated else AFFIRMERS)
    verdict = _pick(random, POSITIVE if label ^ negated else NEGATIVE)
    words = f"{start} {_pick(random, WITNESSES)} {_pick(random, SAYINGS)} the {_pick(random, THINGS)} was {verdict}"
    return _finish(random, words)


def _two_clauses(random: np.random.Generator, label: int) -> str:
    second_wins = int(random.integers(2))
    first_polarity = label ^ second_wins
    first, second = (_pick(random, POSITIVE if p else NEGATIVE) for p in (first_polarity, 1 - first_polarity))
    joint = _pick(random, SECOND_WINS if second_wins else FIRST_WINS)
    things = random.choice(len(THINGS), size=2, replace=False)
    words = (
        f"the {THINGS[things[0]]} was {first} {_pick(random, AFTER_FIRST)}, {joint} {_pick(random, BEFORE_SECOND)} "
        f"the {THINGS[things[1]]} was {second}"
    )
    return _finish(random, words)


def _finish(random: np.random.Generator, words: str) -> str:
    return f"{_pick(random, OPENERS)} {words[0].upper()}{words[1:]}.".strip()


def _pick(random: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[random.integers(len(choices))]
