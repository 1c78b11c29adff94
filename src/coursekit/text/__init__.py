"""Room 2, text: clean, tokenise, count, and turn words into ids.

Left out: sentence splitting; NLTK's ``punkt_tab`` does it.
"""

from coursekit.text.cleaning import clean
from coursekit.text.subwords import BytePairs
from coursekit.text.tokens import coursework_tokens, tokenise
from coursekit.text.vectors import CountVectors, count_neighbours, ppmi, svd_vectors
from coursekit.text.vocabulary import Vocabulary

__all__ = [
    "BytePairs",
    "CountVectors",
    "Vocabulary",
    "clean",
    "count_neighbours",
    "coursework_tokens",
    "ppmi",
    "svd_vectors",
    "tokenise",
]
