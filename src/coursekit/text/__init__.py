"""Text: clean, tokenise, count, and turn words into ids.

What takes a text refuses anything but a string, with a ``TypeError``; what takes words refuses a single string.

Left out: sentence splitting; NLTK's ``punkt_tab`` does it.
"""

import importlib
from typing import Any

# A name is imported when it is first asked for: a chapter that tokenises loads no SciPy and no dictionary.
_NAMES = {
    "cleaning": ("clean",),
    "counts": ("BagOfWords", "TfIdf", "collisions", "column_and_sign", "hashed_counts"),
    "emoticons": ("label_givers", "remove_emoticons"),
    "masking": ("mask",),
    "morphology": ("Lemmatiser", "fold_yo", "mixed_alphabets", "normal_form", "stems"),
    "negation": ("glue_negation",),
    "stopwords": ("stop_words",),
    "subwords": ("BytePairs",),
    "tokens": ("tokenise",),
    "vectors": ("CountVectors",),
    "vocabulary": ("Vocabulary",),
}
_MODULE_OF_NAME = {name: module for module, names in _NAMES.items() for name in names}
__all__ = sorted(_MODULE_OF_NAME)


def __getattr__(name: str) -> Any:
    """Import a name from its module."""
    if name not in _MODULE_OF_NAME:
        raise AttributeError(f"module 'coursekit.text' has no attribute {name!r}; it has {__all__}")
    return getattr(importlib.import_module(f"coursekit.text.{_MODULE_OF_NAME[name]}"), name)
