"""What only the real data can show. Run with ``COURSEKIT_DATA=folder make test-real``."""

import os
import string

import pytest
from nltk.tokenize import NLTKWordTokenizer

import coursekit as ck
from coursekit.data import CATALOGUE, read_official
from coursekit.text import Vocabulary


@pytest.fixture(autouse=True)
def mirror_named():
    if not os.environ.get("COURSEKIT_DATA"):
        pytest.skip("COURSEKIT_DATA is not set: the real data is not here")


@pytest.mark.parametrize("name", ["ag_news", "imdb", "ru_tweets", "hate_tweets"])
def test_the_real_corpus_loads_with_disjoint_parts(name):
    corpus = ck.load(name, quiet=True)
    assert corpus.source.kind == "mirror"
    train, validation, test = (set(s.texts) for s in (corpus.train, corpus.validation, corpus.test))
    assert not train & test and not validation & test and not train & validation
    assert all(corpus.test.counts(len(corpus.label_names)))


def test_the_official_test_part_is_not_edited():
    assert ck.load("ag_news", quiet=True).test == read_official("ag_news")["test"]


def test_the_coursework_recipe_gives_its_vocabulary_on_the_full_train_set():
    """Lower-case, strip punctuation, NLTK's rules; NLTK's sentence splitter would find one sentence."""
    train = read_official("ag_news")["train"]
    if len(train) < CATALOGUE["ag_news"].rows["train"]:
        pytest.skip(f"the full AG News is not here: this mirror has {len(train):,} of 120,000 training texts")
    tokenizer, marks = NLTKWordTokenizer(), str.maketrans("", "", string.punctuation)
    words = [tokenizer.tokenize(text.lower().translate(marks)) for text in train.texts]
    assert len(Vocabulary.build(words, min_count=26)) == 11_842
