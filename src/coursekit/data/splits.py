"""Splits: validation comes out of train, nothing of the test set stays in train, and the test set is never touched."""

from __future__ import annotations

from coursekit.data.catalogue import DatasetSpec
from coursekit.data.corpus import Split, stratified_positions

TEST_SEED = 20_240_229  # a fixed part must not follow the reader's seed


def three_parts(
    parts: dict[str, Split], spec: DatasetSpec, *, seed: int, validation: float
) -> tuple[dict[str, Split], list[str]]:
    """Make train, validation and test out of what was read.

    Parameters
    ----------
    parts : dict of str to Split
        At least ``train``.
    seed : int
        Decides which texts become validation.
    validation : float
        Share of train, between 0 and 1, if there is no validation part of its own.

    Returns
    -------
    parts : dict of str to Split
    notes : list of str
        What was dropped or cut.

    Raises
    ------
    ValueError
        If ``validation`` is not between 0 and 1, or a part would be left without a text.
    """
    if not 0 < validation < 1:
        raise ValueError(f"'validation' must lie between 0 and 1, got {validation}.")
    parts, notes = dict(parts), []
    train = parts["train"]
    if spec.deduplicate:
        train = _without_repeats(train)
        _note(notes, len(parts["train"]) - len(train), "repeated texts dropped from train")
    if "test" not in parts:
        train, parts["test"] = _cut(train, min(spec.test_rows, len(train) // 5), TEST_SEED)
        notes.append(f"{len(parts['test']):,} texts held out as a fixed test part")
    if "validation" in parts:
        own = parts["validation"]
        parts["validation"] = without_texts(own, parts["test"])
        _note(
            notes,
            len(own) - len(parts["validation"]),
            "texts dropped from validation because they stand in test too",
        )
    kept = without_texts(train, parts["test"])
    _note(notes, len(train) - len(kept), "texts dropped from train because they stand in test too")
    train = kept
    if "validation" not in parts:
        train, parts["validation"] = _cut(train, round(validation * len(train)), seed)
    kept = without_texts(train, parts["validation"])
    _note(notes, len(train) - len(kept), "texts dropped from train because they stand in validation too")
    parts["train"] = kept
    for name, split in parts.items():
        if not len(split):
            raise ValueError(
                f"{spec.name}: part {name!r} is left without a text; there are too few to split."
            )
    return parts, notes


def without_texts(split: Split, other: Split) -> Split:
    """Return the texts that do not stand in ``other``, compared without case and white space."""
    held = {_key(text) for text in other.texts}
    return split.pick([i for i, text in enumerate(split.texts) if _key(text) not in held])


def _without_repeats(split: Split) -> Split:
    first: dict[str, int] = {}
    for i, text in enumerate(split.texts):
        first.setdefault(_key(text), i)
    return split.pick(sorted(first.values()))


def _cut(split: Split, n: int, seed: int) -> tuple[Split, Split]:
    """Return (the rest, ``n`` texts), stratified."""
    if not 1 <= n < len(split):
        raise ValueError(f"{n} texts cannot be held out of {len(split)}; give more texts.")
    held = set(stratified_positions(split.labels, n, seed))
    return split.pick([i for i in range(len(split)) if i not in held]), split.pick(sorted(held))


def _key(text: str) -> str:
    return " ".join(text.lower().split())


def _note(notes: list[str], n: int, what: str) -> None:
    if n:
        notes.append(f"{n:,} {what}")
