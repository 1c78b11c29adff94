"""Examinations of the way from texts to batches: split, words, vocabulary, data set, batch. Homework 4 writes these.

Every step has cases to draw, a run that hands one to the student's functions and returns plain data, and laws that the
data has to keep. ``check`` shows all laws on two cases; the grader draws others.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from coursekit.homework.batch_steps import (
    Case,
    Given,
    Laws,
    Names,
    collate_laws,
    dataset_laws,
    draw_id_lists,
    draw_items,
    run_collate,
    run_dataset,
    unless,
)
from coursekit.homework.said import sentence
from coursekit.text import tokenise

SHARES = (7, 1, 2)  # train, validation, test
PAD, UNK = "<pad>", "<unk>"
WORDS = [a + b for a in ("ba", "ce", "di", "fo", "gu", "ha") for b in ("l", "m", "n", "r", "s", "t", "v")]
SENTENCES = (
    "It's NOT good!<br /><br />Really.",
    "  A 10/10 film...  (don't miss it)  ",
    "",
    "so-so, 'quoted' words & rock'n'roll",
    "No.<br />Never!! café_noir 1st",
    "<br /><br />",
)


class Step(NamedTuple):
    """One step: its functions by name, and how it is examined."""

    names: tuple[str, ...]
    draw: Callable[[random.Random], Case]
    run: Callable[[Names, Case], Given]
    laws: Callable[[Case, Given], Laws]


def draw_case(step: str, seed: int) -> Case:
    """Draw a case of a step."""
    return STEPS[step].draw(random.Random(seed))


def run_step(step: str, names: Names, case: Case) -> Given:
    """Hand a case to the functions of a step, and return what they gave as plain data."""
    return STEPS[step].run(names, case)


def step_laws(step: str, case: Case, given: Given) -> list[tuple[str, str]]:
    """Return every law of a step with what is wrong about it; data of another form breaks the first one."""
    try:
        return list(STEPS[step].laws(case, given))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        wrong = sentence("it has not: {error}", error=str(error)[:200])
        return [(sentence("the result has the form that was asked for"), wrong)]


# split


def _draw_reviews(draw: random.Random) -> Case:
    """About 2,000 texts, sorted by label as the files are; a tenth stands twice or three times, written a little differently.

    A few of the second class stand in the first one, too.
    """
    texts, labels, once = [], [], []
    for label, n in enumerate((draw.randint(1_300, 1_500), draw.randint(380, 460))):
        rows = []  # a text, and whether it is the one of its copies that is named in "once"
        for k in range(n):
            text = " ".join(draw.choices(WORDS, k=6)) + f" {label} {k}"
            copies = draw.choice((1, 2)) if draw.random() < 0.1 else 0
            written = (text, text.upper(), f" {text}  ", text.replace(" ", "  ", 1))
            rows += [(text, True), *((draw.choice(written), False) for _ in range(copies))]
        rows += [(text, False) for text in draw.sample(texts, 8 * label)]
        draw.shuffle(rows)
        once += [len(texts) + i for i, (_, named) in enumerate(rows) if named]
        texts += [text for text, _ in rows]
        labels += [label] * len(rows)
    return {"texts": texts, "labels": labels, "once": once, "seed": draw.randint(0, 1_000)}


def _run_split(names: Names, case: Case) -> Given:
    """Split all texts with a seed, again, and with another one; and those that stand once."""
    texts, labels, seed = case["texts"], case["labels"], case["seed"]
    plain = [texts[i] for i in case["once"]], [labels[i] for i in case["once"]]
    asked = {
        "first": (texts, labels, seed),
        "again": (texts, labels, seed),
        "other": (texts, labels, seed + 1),
    }
    made = {}
    for name, (some, own, number) in (asked | {"plain": (*plain, seed)}).items():
        random.seed(name)  # a split that leans on the global state differs from call to call
        torch.manual_seed(len(made))
        made[name] = [[int(i) for i in part] for part in names["split_corpus"](list(some), list(own), number)]
    return made


def _split_laws(case: Case, given: Given) -> Laws:
    texts, once = case["texts"], [case["labels"][i] for i in case["once"]]
    parts, plain = given["first"], given["plain"]
    lost = [_not_once(parts, len(texts)), _not_once(plain, len(once))]
    yield sentence("every review stands in exactly one of three parts"), next(filter(None, lost), "")
    if any(lost):
        return
    off = max(
        _off(parts, len(texts)) / 2, _off(plain, len(once))
    )  # texts that repeat cannot be cut so finely
    sizes = str([len(part) for part in parts])
    yield (
        sentence("the sizes are as 7 : 1 : 2, to a hundredth of all"),
        unless(off <= len(once) / 100, sentence("{sizes} of {number}.", sizes=sizes, number=len(texts))),
    )
    whole, worst = Counter(once), 0.0
    for part, share in zip(plain, SHARES, strict=True):
        own = Counter(once[i] for i in part)
        worst = max(worst, *(abs(own[c] - whole[c] * share / sum(SHARES)) for c in whole))
    wrong = sentence("off by {worst:.0f} reviews of a class; draw class by class.", worst=worst)
    yield sentence("each part has its share of every class, to three reviews"), unless(worst <= 3, wrong)
    held = [{" ".join(texts[i].lower().split()) for i in part} for part in parts]
    shared = sum(len(held[a] & held[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    wrong = sentence("{shared} texts stand in two parts.", shared=shared)
    yield sentence("equal texts (but for case and white space) are in one part"), unless(not shared, wrong)
    seeded = [sorted(a) == sorted(b) for a, b in zip(parts, given["again"], strict=True)]
    moved = sorted(given["other"][0]) != sorted(parts[0])
    wrong = sentence("the same seed must give the same parts, another seed others.")
    yield sentence("the seed decides, and nothing else"), unless(all(seeded) and moved, wrong)


def _not_once(parts: Given, n: int) -> str:
    """What is wrong with parts that should hold each of ``n`` positions once; empty if nothing is."""
    found = [i for part in parts for i in part]
    if len(parts) == 3 and sorted(found) == list(range(n)):
        return ""
    said = "{parts} parts; {lost} reviews are in none, {often} too often."
    once = len(set(found))
    return sentence(said, parts=len(parts), lost=n - once, often=len(found) - once)


def _off(parts: Given, n: int) -> float:
    """By how many texts the worst part has another size than wanted."""
    return max(abs(len(part) - n * share / sum(SHARES)) for part, share in zip(parts, SHARES, strict=True))


# words


def _draw_sentences(draw: random.Random) -> Case:
    glue = (" ", ", ", "<br />", "! ", " - ", "'", "<br /><br />", "_", "…")
    made = ["".join(draw.choice(WORDS).capitalize() + draw.choice(glue) for _ in range(9)) for _ in range(20)]
    return {"texts": [*SENTENCES, *made]}


def words_wanted(text: str) -> list[str]:
    """Return the words of a review, as homework 4 defines them."""
    return tokenise(re.sub(r"<br ?/?>", " ", text))


def _run_tokenise(names: Names, case: Case) -> Given:
    return [list(map(str, names["tokenise"](text))) for text in case["texts"]]


def _tokenise_laws(case: Case, given: Given) -> Laws:
    wanted = [words_wanted(text) for text in case["texts"]]
    places = [
        i for i, (got, want) in enumerate(zip(given, wanted, strict=True)) if "".join(got) != "".join(want)
    ]
    yield (
        sentence("the letters are those of the words, lower-case, without tags and marks"),
        _shown(case, given, wanted, places),
    )
    places = [i for i, (got, want) in enumerate(zip(given, wanted, strict=True)) if list(got) != want]
    yield sentence("the words end where they should"), _shown(case, given, wanted, places)


def _shown(case: Case, given: Given, wanted: Sequence[list[str]], places: Sequence[int]) -> str:
    """The first text that went wrong, with what was wanted and what came."""
    if not places:
        return ""
    i = places[0]
    text, want, got = f"{case['texts'][i]!r:.60}", f"{wanted[i]!r:.90}", f"{given[i]!r:.90}"
    return sentence("{text}: wanted {wanted}, got {got}.", text=text, wanted=want, got=got)


# vocabulary


def _draw_tokens(draw: random.Random) -> Case:
    """Rows of words; some words stand in other parts only, some are rare in the train part and frequent elsewhere."""
    words = draw.sample(WORDS, len(WORDS))
    common, rare, elsewhere = words[:12], words[12:20], words[20:26]
    rows = [draw.choices(common, weights=range(1, 13), k=draw.randint(3, 9)) for _ in range(60)]
    positions = draw.sample(range(60), 60)
    train = sorted(positions[:42])
    for i in positions[42:]:
        rows[i] += draw.choices(rare + elsewhere, k=6)
    for word in rare:
        rows[train[draw.randrange(42)]].append(word)
    return {"tokens": rows, "train": train, "min_count": draw.randint(2, 4)}


def _run_vocabulary(names: Names, case: Case) -> Given:
    made = dict(
        names["build_vocabulary"](
            [list(row) for row in case["tokens"]], list(case["train"]), case["min_count"]
        )
    )
    vocabulary = {str(word): int(i) for word, i in made.items()}
    ids = [[int(i) for i in names["encode"](list(row), made)] for row in [*case["tokens"], []]]
    return {"vocabulary": vocabulary, "ids": ids}


def _vocabulary_laws(case: Case, given: Given) -> Laws:
    vocabulary, tokens = given["vocabulary"], case["tokens"]
    counts = Counter(word for i in case["train"] for word in tokens[i])
    wanted = sorted((w for w, n in counts.items() if n >= case["min_count"]), key=lambda w: (-counts[w], w))
    first = vocabulary.get(PAD) == 0 and vocabulary.get(UNK) == 1
    pads, unknown = repr(vocabulary.get(PAD)), repr(vocabulary.get(UNK))
    wrong = sentence("got {pads} and {unknown}.", pads=pads, unknown=unknown)
    yield sentence("<pad> is 0 and <unk> is 1"), unless(first, wrong)
    extra = sorted(set(vocabulary) - {PAD, UNK} - set(wanted))
    lacking = sorted(set(wanted) - set(vocabulary))
    said = "not frequent enough there: {extra}; missing: {lacking}."
    wrong = sentence(said, extra=extra[:5], lacking=lacking[:5])
    law = sentence("its words are those seen at least min_count times in the train part")
    yield law, unless(not extra and not lacking, wrong)
    in_order = sorted(vocabulary, key=vocabulary.get) == [PAD, UNK, *wanted]
    dense = sorted(vocabulary.values()) == list(range(len(vocabulary)))
    said = "ids run from 0 without a gap: the most frequent word first, of equals the first in the alphabet"
    yield sentence(said), unless(in_order and dense, sentence("another order, or gaps."))
    rows = [*tokens, []]
    short = sum(len(got) < len(row) for got, row in zip(given["ids"], rows, strict=True))
    lose = sentence("{number} texts lose words.", number=short)
    yield sentence("an unknown word becomes 1 and is not dropped"), unless(not short, lose)
    ids = [[vocabulary.get(word, 1) for word in row] or [1] for row in rows]
    wrong = sum(got != want for got, want in zip(given["ids"], ids, strict=True))
    differ = sentence("texts with other ids: {number}.", number=wrong)
    yield sentence("encode looks every word up; an empty text is one 1"), unless(not wrong, differ)


STEPS = {
    "split": Step(("split_corpus",), _draw_reviews, _run_split, _split_laws),
    "tokenise": Step(("tokenise",), _draw_sentences, _run_tokenise, _tokenise_laws),
    "vocabulary": Step(("build_vocabulary", "encode"), _draw_tokens, _run_vocabulary, _vocabulary_laws),
    "dataset": Step(("ReviewDataset",), draw_id_lists, run_dataset, dataset_laws),
    "collate": Step(("collate",), draw_items, run_collate, collate_laws),
}
