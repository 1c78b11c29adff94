"""coursekit: the small package that the chapters of *Reading one word at a time* import.

``import coursekit as ck`` costs nothing: each name below is looked up in its room on first use. A record of
claims can therefore name the modules that a chapter really uses.

The rooms, in the order in which one may import another: runtime, text, data, batching, cells, nn, training,
stats, checks, records, figures, lesson, homework, cli. The drawings of single chapters are in ``bookfigures``, the teacher's
grader in ``coursegrader``, the long runs behind ``data/results`` in ``coursestudies``.

Left out: everything that scikit-learn, torch, datasets, scipy or Jupyter already do well.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_ROOM_OF_NAME = {
    "budget": "runtime",
    "device": "runtime",
    "generator": "runtime",
    "seed_everything": "runtime",
    "Vocabulary": "text",
    "tokenise": "text",
    "from_table": "data",
    "load": "data",
    "make_reviews": "data",
    "Corpus": "data",
    "Split": "data",
    "TextDataset": "batching",
    "collate": "batching",
    "encode": "batching",
    "prepare": "batching",
    "make_loader": "batching",
    "mask_from_lengths": "batching",
    "Config": "training",
    "LengthAwareRNN": "nn",
    "TextClassifier": "nn",
    "evaluate": "training",
    "fit": "training",
    "wilson": "stats",
    "check_shape": "lesson",
    "claim": "lesson",
    "setup": "lesson",
    "source": "lesson",
}
_ROOMS = {
    "runtime", "text", "data", "batching", "cells", "nn", "training", "stats", "checks", "records", "figures",
    "lesson", "homework", "cli",
}  # fmt: skip
__all__ = sorted({*_ROOM_OF_NAME, *_ROOMS, "__version__"})


def __getattr__(name: str) -> Any:
    """Import a room, or a name from its room, when it is first asked for."""
    if name in _ROOM_OF_NAME:
        value = getattr(importlib.import_module(f"coursekit.{_ROOM_OF_NAME[name]}"), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"coursekit.{name}")
    else:
        raise AttributeError(f"module 'coursekit' has no attribute {name!r}; it has {__all__}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
