"""coursekit: the small package that the chapters of *Reading one word at a time* import.

``import coursekit as ck`` costs nothing: each name below is looked up in its room on first use. A record of
claims can therefore name the modules that a chapter really uses. The rooms stand in the order in which one may import another.

Drawings are in ``bookfigures``, the teacher's grader in ``coursegrader``, the long runs behind ``data/results`` in
``coursestudies``.

Left out: everything that scikit-learn, torch, datasets, scipy or Jupyter already do well.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "runtime": ("budget", "device", "generator", "seed_everything"),
    "text": ("Vocabulary", "tokenise"),
    "data": ("Corpus", "Split", "from_table", "load", "make_reviews"),
    "batching": ("TextDataset", "collate", "encode", "make_loader", "mask_from_lengths", "prepare"),
    "cells": (),
    "nn": ("LengthAwareRNN", "TextClassifier"),
    "training": ("Config", "evaluate", "fit"),
    "stats": ("wilson",),
    "checks": (),
    "records": (),
    "figures": (),
    "lesson": ("check_shape", "claim", "setup", "source"),
    "homework": (),
    "cli": (),
}
_ROOM_OF_NAME = {name: room for room, names in _NAMES.items() for name in names}
__all__ = sorted({*_ROOM_OF_NAME, *_NAMES, "__version__"})


def __getattr__(name: str) -> Any:
    """Import a room, or a name from its room, when it is first asked for."""
    if name in _ROOM_OF_NAME:
        value = getattr(importlib.import_module(f"coursekit.{_ROOM_OF_NAME[name]}"), name)
    elif name in _NAMES:
        value = importlib.import_module(f"coursekit.{name}")
    else:
        raise AttributeError(f"module 'coursekit' has no attribute {name!r}; it has {__all__}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
