"""Checks of texts, labels and vocabularies: what goes wrong before any model is built."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import combinations, pairwise

from coursekit.checks.findings import Finding, require_some
from coursekit.data import Corpus
from coursekit.text import Vocabulary, clean, label_givers, tokenise
from coursekit.text.negation import NEGATORS

# What may change while a text stays the same: a link, an @name, and the source, "(Reuters) Reuters - " or "(AP)".
_TRIMMINGS = re.compile(
    r"(?:https?://|www\.)\S+|@\w+|\([A-Z][\w. ]*\)|\b[A-Z][\w.]*(?: [A-Z][\w.]*)? [-–—]{1,2} "
)
_NO_LETTERS = re.compile(r"[\W\d_]+")

# Calls a function that comes by its name, and prints what it returns.
_ELSEWHERE = """
import importlib, pickle, sys
module, name, arguments = pickle.load(sys.stdin.buffer)
function = importlib.import_module(module)
for part in name.split("."):
    function = getattr(function, part)
print(repr(function(*arguments)))
"""


def label_balance(labels: Iterable[int], n_classes: int) -> Finding:
    """Every label is a class, and every class has texts."""
    counts = Counter(map(int, require_some("labels", labels)))
    seen = ", ".join(f"class {label}: {n:,}" for label, n in sorted(counts.items()))
    missing = sorted(set(range(n_classes)) - counts.keys())
    foreign = sorted(counts.keys() - set(range(n_classes)))
    if missing or foreign:
        seen += f"; wanted texts in each of {n_classes} classes from 0"
    cause = "labels that were read or compared in another spelling ('pos', 1, 2), or a file sorted by label"
    return Finding("label_balance", not missing and not foreign, seen, cause, 2)


def answers_vary(predictions: Iterable[int], labels: Iterable[int]) -> Finding:
    """A model does not say the same of every text."""
    predictions, labels = (
        list(map(int, require_some(name, values)))
        for name, values in (("predictions", predictions), ("labels", labels))
    )
    answer, n = Counter(predictions).most_common(1)[0]
    share = n / len(predictions)
    seen = f"the most frequent answer is class {answer}, {share:.1%} of {len(predictions):,}"
    cause = "the model has collapsed to the largest class, or it reads something else than it was trained on"
    return Finding("answers_vary", share < 1 or len(set(labels)) == 1, seen, cause, 10)


def readable(id_lists: Iterable[Sequence], unk: int = Vocabulary.unk, *, most: float = 0.5) -> Finding:
    """No text is empty, and most words are known: at most the part ``most`` is ``<unk>``."""
    id_lists = require_some("id_lists", id_lists)
    empty = sum(not len(ids) for ids in id_lists)
    first = [word[0] if isinstance(word, tuple) else word for ids in id_lists for word in ids]
    share = first.count(unk) / max(1, len(first))
    seen = f"{empty} of {len(id_lists):,} texts are empty, {share:.1%} of the words are unknown"
    if empty:
        return Finding("readable", False, seen, "cleaning left nothing; keep such a text as one <unk>", 1)
    cause = "another vocabulary or tokeniser than in training, or ids that were encoded a second time"
    return Finding("readable", share <= most, seen, cause, 3)


def glued_words(
    clean: Callable[[str], str], texts: Iterable[str], *, may_join: Collection[str] = NEGATORS
) -> Finding:
    """Cleaning makes no new word of two neighbours, unless the first is one that may join the next."""
    glued: Counter[str] = Counter()
    for text in require_some("texts", texts):
        words = tokenise(text)
        made = {a + b: a for a, b in pairwise(words)}
        glued.update(
            word
            for word in tokenise(clean(text))
            if word in made and word not in words and made[word] not in may_join
        )
    found = ", ".join(word for word, _ in glued.most_common(4))
    seen = f"{len(glued)} words that no text holds" + (f": {found}" if found else "")
    cause = "a replacement that removes the space, or a mark between two words, without putting one back"
    return Finding("glued_words", not glued, seen, cause, 1)


def label_symbols(
    token_lists: Iterable[Sequence[str]], labels: Sequence[int], *, min_count: int | None = None
) -> Finding:
    """No frequent token without a word's letters (a mark, or one letter repeated) stands in one label only.

    A token is frequent if ``min_count`` texts hold it; a 700th of all and at least ten, if left out.
    """
    token_lists = require_some("token_lists", token_lists)
    often = min_count or max(10, len(token_lists) // 700)
    givers = [g for g in label_givers(token_lists, labels, min_count=often) if _is_symbol(g.word)]
    found = ", ".join(f"{g.word!r} in {g.texts:,} texts, {g.share:.1%} label {g.label}" for g in givers[:3])
    seen = f"{len(givers)} symbols give a label away" + (f": {found}" if found else "")
    cause = "labels made from symbols that are still there; remove emoticons before the punctuation"
    return Finding("label_symbols", not givers, seen, cause, 1)


def shared_texts(corpus: Corpus, *, most: float = 0.02) -> Finding:
    """No text stands in two of the three parts, case and white space aside, and few do so but for their trimmings.

    Pieces of one text that overlap are different texts here: cut texts into pieces after the split.

    Parameters
    ----------
    most : float, default 0.02
        Share of the smaller part that may stand in the other with other markup, links, @names, numbers or sources
        ("(Reuters) Reuters - "): known by heart, so many lift an accuracy of 0.9 by 0.002. Texts below five words are
        left out: people write those independently.
    """
    names = ("train", "validation", "test")
    same, alike = (
        {name: set(map(key, getattr(corpus, name).texts)) for name in names}
        for key in (lambda text: " ".join(text.lower().split()), _untrimmed)
    )
    pairs = list(combinations(names, 2))
    exact = [len(same[a] & same[b]) for a, b in pairs]
    near = [len((alike[a] & alike[b]) - {""}) for a, b in pairs]
    leaks = any(n > most * min(len(same[a]), len(same[b])) for n, (a, b) in zip(near, pairs, strict=True))
    seen = ", ".join(f"{n} in {a} and {b}" for n, (a, b) in zip(exact, pairs, strict=True))
    if any(near):
        seen += f"; but for tags, names and numbers {', '.join(map(str, near))}"
    cause = "repeated texts, split before they were removed"
    return Finding("shared_texts", not any(exact) and not leaks, seen, cause, 3)


def words_from_train(words: Iterable[str], token_lists: Iterable[Sequence[str]]) -> Finding:
    """Every word of a vocabulary, the specials aside, stands in a training text."""
    known = {word for tokens in require_some("token_lists", token_lists) for word in tokens}
    foreign = [
        word for word in words if word not in known and not (word.startswith("<") and word.endswith(">"))
    ]
    seen = f"{len(foreign):,} words stand in no training text" + (
        f": {', '.join(foreign[:4])}" if foreign else ""
    )
    cause = "a vocabulary that was counted on validation or test texts too"
    return Finding("words_from_train", not foreign, seen, cause, 3)


def stable_across_processes(function: Callable, *arguments: object) -> Finding:
    """A function of a module, not of this notebook, gives the same in two processes that hash strings differently."""
    if function.__module__ == "__main__" or "<" in function.__qualname__:
        raise ValueError(
            f"'function' must stand in a module, got {function.__qualname__} of this notebook: put it into a file."
        )
    call = pickle.dumps((function.__module__, function.__qualname__, arguments))
    paths = os.pathsep.join(filter(None, sys.path))
    answers = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-c", _ELSEWHERE], input=call, capture_output=True, env=environment
        )
        if done.returncode:
            raise RuntimeError(
                f"{function.__qualname__} failed in a new process: {done.stderr.decode()[-300:]}"
            )
        answers.append(done.stdout.decode())
    same = answers[0] == answers[1]
    seen = f"{function.__qualname__} gives {'the same' if same else 'two different answers'} in two processes"
    return Finding(
        "stable_across_processes", same, seen, "the order of a set; sort by count, then by word", 3
    )


def _untrimmed(text: str) -> str:
    """Return the words of a text without digits, sources, links and @names; nothing if there are fewer than five."""
    words = _NO_LETTERS.sub(" ", _TRIMMINGS.sub(" ", clean(text)).lower()).split()
    return " ".join(words) if len(words) >= 5 else ""


def _is_symbol(token: str) -> bool:
    """True for a token without letters and digits, or of one letter repeated ("d", "ddd")."""
    return not any(map(str.isalnum, token)) or (token.isalpha() and len(set(token)) == 1)
