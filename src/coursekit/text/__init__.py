"""Text: clean, tokenise, count, and turn words into ids.

Left out: sentence splitting; NLTK's ``punkt_tab`` does it.
"""

import importlib
from typing import Any

from coursekit.text.cleaning import clean
from coursekit.text.emoticons import LabelGiver, emoticon_rule, label_givers, remove_emoticons
from coursekit.text.morphology import Lemmatiser, fold_yo, mixed_alphabets, normal_form, stems
from coursekit.text.negation import glue_negation
from coursekit.text.stopwords import carries_meaning, stop_words
from coursekit.text.subwords import BytePairs
from coursekit.text.tokens import coursework_tokens, tokenise
from coursekit.text.vocabulary import Vocabulary

# These two bring SciPy and scikit-learn with them, which take longer to load than the rest of the room.
_LATER = {
    "counts": ("BagOfWords", "TfIdf", "collisions", "column_and_sign", "hashed_counts", "ngrams"),
    "vectors": ("CountVectors", "count_neighbours", "ppmi", "svd_vectors"),
}
__all__ = [
    "BagOfWords",
    "BytePairs",
    "CountVectors",
    "LabelGiver",
    "Lemmatiser",
    "TfIdf",
    "Vocabulary",
    "carries_meaning",
    "clean",
    "collisions",
    "column_and_sign",
    "count_neighbours",
    "coursework_tokens",
    "emoticon_rule",
    "fold_yo",
    "glue_negation",
    "hashed_counts",
    "label_givers",
    "mixed_alphabets",
    "ngrams",
    "normal_form",
    "ppmi",
    "remove_emoticons",
    "stems",
    "stop_words",
    "svd_vectors",
    "tokenise",
]


def __getattr__(name: str) -> Any:
    """Import a name from its module when it is first asked for."""
    for module, names in _LATER.items():
        if name in names:
            value = getattr(importlib.import_module(f"coursekit.text.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'coursekit.text' has no attribute {name!r}")
