"""Splits: validation comes out of train, nothing of the test set stays in train, and the test set is never touched."""

from __future__ import annotations

from coursekit.data.catalogue import DatasetSpec
from coursekit.data.corpus import Split, stratified_positions

TEST_SEED = 20_240_229  # a fixed part must not follow the reader's seed


def three_parts(
    parts: dict[str, Split], spec: DatasetSpec, *, seed: int, validation: float = 0.1
) -> tuple[dict[str, Split], list[str]]:
    """Make train, validation and test out of what was read, at least ``train``; and notes of what was dropped or cut.

    If there is no validation part, the seed decides which texts of train become one, ``validation`` of them all. Raises
    ``ValueError`` if this is not between 0 and 1, or a part would be left without a text.
    """
    if not 0 < validation < 1:
        raise ValueError(f"'validation' must lie between 0 and 1, got {validation}.")
    parts, notes = dict(parts), []
    if spec.deduplicate:
        train = parts["train"]
        first = {_key(text): i for i, text in reversed(list(enumerate(train.texts)))}
        parts["train"] = train.pick(sorted(first.values()))
        if n := len(train) - len(first):
            notes.append(f"{n:,} repeated texts dropped from train")
    if "test" not in parts:
        n = min(spec.test_rows, len(parts["train"]) // 5)
        parts["train"], parts["test"] = _cut(parts["train"], n, TEST_SEED)
        notes.append(f"{n:,} texts held out as a fixed test part")
    if "validation" in parts:
        _drop_shared(parts, "validation", "test", notes)
    _drop_shared(parts, "train", "test", notes)
    if "validation" not in parts:
        n = round(validation * len(parts["train"]))
        parts["train"], parts["validation"] = _cut(parts["train"], n, seed)
    _drop_shared(parts, "train", "validation", notes)
    for name, split in parts.items():
        if not len(split):
            raise ValueError(
                f"{spec.name}: part {name!r} is left without a text; there are too few to split."
            )
    return parts, notes


def _drop_shared(parts: dict[str, Split], name: str, other: str, notes: list[str]) -> None:
    """Drop from one part the texts that stand in another too, compared without case and white space."""
    held = {_key(text) for text in parts[other].texts}
    split = parts[name]
    parts[name] = split.pick([i for i, text in enumerate(split.texts) if _key(text) not in held])
    if n := len(split) - len(parts[name]):
        notes.append(f"{n:,} texts dropped from {name} because they stand in {other} too")


def _cut(split: Split, n: int, seed: int) -> tuple[Split, Split]:
    """Return (the rest, ``n`` texts), stratified."""
    if not 1 <= n < len(split):
        raise ValueError(f"{n} texts cannot be held out of {len(split)}; give more texts.")
    held = stratified_positions(split.labels, n, seed)
    return split.pick(sorted(set(range(len(split))).difference(held))), split.pick(held)


def _key(text: str) -> str:
    return " ".join(text.lower().split())
