"""load(): the one call by which a chapter gets its texts.

It looks in the campus mirror, then in what an earlier run kept from the hub, then on the hub, then at the stand-in,
and says in one line when it had to take the last.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from coursekit.data.bbc import read_bbc
from coursekit.data.catalogue import DatasetSpec, spec_of
from coursekit.data.corpus import Corpus, Source, Split
from coursekit.data.hub import hub_reachable, read_hub, remember_hub
from coursekit.data.messages import read_messages
from coursekit.data.mirror import is_partial, mirror_dir, read_manifest, read_mirror, write_mirror
from coursekit.data.rare import read_rare_news
from coursekit.data.reviews import make_reviews
from coursekit.data.splits import TEST_SEED, three_parts
from coursekit.data.tables import DataError
from coursekit.runtime import files

FIXED = {  # corpora with fixed parts, read from what is installed
    "bbc_news": (read_bbc, "BBC News, title and first paragraph"),
    "ru_messages": (read_messages, "Russian messages written for this course"),
    "rare_news": (read_rare_news, "BBC News with one topic made rare, no tweets"),
}
REVIEW_ROWS = {"train": 8_000, "validation": 1_000, "test": 2_000}
Parts = dict[str, Split]
Say = Callable[[str], None]


def load(name: str, *, train: int | None = None, seed: int = 0, quiet: bool = False) -> Corpus:
    """Load a corpus of the course, cut into train, validation and test.

    Its ``source`` says where it came from, its ``notes`` what was dropped or cut. The official test set is never
    edited, and the test part of generated reviews is always the same.

    Parameters
    ----------
    name : str
        A key of ``coursekit.data.CATALOGUE``.
    train : int, optional
        Keep so many training texts (stratified), or all there are if they are fewer. Generated reviews are made in
        this number.
    seed : int, default 0
        Decides which texts become validation, a tenth of train where no part is published, and which are kept.

    Raises
    ------
    ValueError
        If the name is unknown, ``train`` is below 1, or (as ``DataError``) a data file is damaged.
    FileNotFoundError
        If ``COURSEKIT_DATA`` names a folder that is not there.
    LookupError
        If no source has the data and there is no stand-in. A hub that breaks off in the middle counts as out of reach.
    """
    spec = spec_of(name)
    if train is not None and train < 1:
        raise ValueError(f"'train' must be at least 1, got {train}.")
    say: Say = (lambda line: None) if quiet else print
    official = _read_real(spec, say)
    if official is None:
        return _stand_in(spec, train, seed, say)
    raw, source = official
    parts, notes = three_parts(raw, spec, seed=seed)
    if source.partial:
        notes.insert(0, f"partial: {_rows(raw)} of {sum(spec.rows.values()):,} official texts")
    _shorten(parts, train, seed, notes)
    say(f"{name}: {source}; {_rows(parts)}")
    return _corpus(spec, parts, source, notes)


def read_official(name: str) -> Parts:
    """Read the parts as they were published, unedited; raise ``LookupError`` if only a stand-in could be had."""
    spec = spec_of(name)
    official = _read_real(spec, lambda line: None)
    if official is None:
        raise _out_of_reach(spec)
    return official[0]


def _read_real(spec: DatasetSpec, say: Say) -> tuple[Parts, Source] | None:
    """Look in the mirror, in the cache and on the hub, in this order."""
    if not spec.rows:
        return None
    mirror = mirror_dir()
    if mirror is not None:
        parts = read_mirror(mirror, spec)
        if parts is not None:
            return parts, Source("mirror", mirror.name, is_partial(spec, parts))
        say(f"{spec.name}: the campus mirror has no folder for it; looking further.")
    if spec.hub is None:
        return None
    cache, revision = cache_of(spec), f"at revision {spec.revision[:12]}"
    if is_kept(spec):
        try:
            return read_mirror(cache, spec), Source("cache", f"kept from the hub {revision}")
        except DataError as error:
            message = f"{error} It is a copy kept from the hub: delete {cache} to read it anew."
            raise DataError(message) from error
    if not hub_reachable():
        return None
    try:
        parts = read_hub(spec)
    except (ConnectionError, TimeoutError) as error:
        remember_hub(False)
        say(f"{spec.name}: the hub broke off ({error}); looking further.")
        return None
    try:
        write_mirror(cache, spec.name, parts, force=True)
    except OSError as error:
        say(f"{spec.name}: no copy could be kept ({error}).")
    return parts, Source("hub", f"{spec.hub} {revision}")


def cache_of(spec: DatasetSpec) -> Path:
    """Return the folder, laid out like a mirror, where data from the hub is kept: one for each revision."""
    return files.cache_dir() / "data" / spec.revision[:12]


def is_kept(spec: DatasetSpec) -> bool:
    """Tell whether an earlier run kept the whole data set; a run that was killed half way did not."""
    return spec.name in read_manifest(cache_of(spec))


def _stand_in(spec: DatasetSpec, train: int | None, seed: int, say: Say) -> Corpus:
    if spec.stand_in is None:
        raise _out_of_reach(spec)
    actual, notes = spec_of(spec.stand_in), []
    if actual.name == "reviews":
        parts = _review_parts(train or REVIEW_ROWS["train"], seed)
        detail = "reviews in which word order decides"
    else:
        read, detail = FIXED[actual.name]
        parts = read()
        _shorten(parts, train, seed, notes)
    lead = spec.name if actual is spec else f"{spec.name} is out of reach, so here is a stand-in"
    say(f"{lead}: {detail}; {_rows(parts)}")
    kind = "generated" if spec.name == "reviews" else "stand-in"
    return _corpus(actual, parts, Source(kind, detail), notes)


def _review_parts(train: int, seed: int) -> Parts:
    """Make three parts without a common text. The test part is always the same, so that scores can be compared."""
    for_validation, for_train = np.random.SeedSequence(seed).generate_state(2).tolist()
    test = make_reviews(REVIEW_ROWS["test"], seed=TEST_SEED)
    validation = make_reviews(REVIEW_ROWS["validation"], seed=for_validation, avoid=test.texts)
    made = make_reviews(train, seed=for_train, avoid=test.texts + validation.texts)
    return {"train": made, "validation": validation, "test": test}


def _corpus(spec: DatasetSpec, parts: Parts, source: Source, notes: list[str]) -> Corpus:
    about = {"source": source, "card": spec.card, "notes": tuple(notes)}
    return Corpus(spec.name, spec.language, spec.label_names, **parts, **about)


def _shorten(parts: Parts, train: int | None, seed: int, notes: list[str]) -> None:
    split = parts["train"]
    if train is not None and train < len(split):
        parts["train"] = split.take(train, seed)
        notes.append(f"{train:,} of {len(split):,} training texts kept")


def _out_of_reach(spec: DatasetSpec) -> LookupError:
    hub = f"connect to the hub ({spec.hub})" if spec.hub else spec.where
    return LookupError(
        f"{spec.name} is out of reach and has no stand-in; set COURSEKIT_DATA to a campus mirror that has it, or {hub}."
    )


def _rows(parts: Parts) -> str:
    names = [name for name in ("train", "validation", "test") if name in parts]
    return ", ".join(f"{name} {len(parts[name]):,}" for name in names)
