"""Room 2, text: clean, tokenise, count, and turn words into ids.

Left out: sentence splitting; NLTK's ``punkt_tab`` does it.
"""

from coursekit.text.cleaning import clean
from coursekit.text.counts import BagOfWords, TfIdf, collisions, column_and_sign, hashed_counts, ngrams
from coursekit.text.emoticons import LabelGiver, emoticon_rule, label_givers, remove_emoticons
from coursekit.text.morphology import Lemmatiser, fold_yo, mixed_alphabets, normal_form, stems
from coursekit.text.negation import glue_negation
from coursekit.text.stopwords import carries_meaning, stop_words
from coursekit.text.subwords import BytePairs
from coursekit.text.tokens import coursework_tokens, tokenise
from coursekit.text.vectors import CountVectors, count_neighbours, ppmi, svd_vectors
from coursekit.text.vocabulary import Vocabulary

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
