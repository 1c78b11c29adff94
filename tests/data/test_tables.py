"""A reader's own texts become a corpus, and what is wrong with them is said with its place."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import coursekit as ck
from coursekit.data import DataError

TEXTS = [f"letter {i}, dear all" for i in range(60)]
WORDS = ["spam", "mail", "mail"] * 20


def test_a_table_becomes_a_corpus_with_named_labels():
    corpus = ck.from_table(pd.DataFrame({"body": TEXTS, "kind": WORDS}), text="body", label="kind")
    assert corpus.label_names == ("mail", "spam") and corpus.source.kind == "table"
    parts = (corpus.train, corpus.validation, corpus.test)
    assert [len(split) for split in parts] == [43, 5, 12]
    for split in parts:
        assert [WORDS[TEXTS.index(text)] for text in split.texts] == [
            corpus.label_names[label] for label in split.labels
        ]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_gives_the_same_as_its_table(tmp_path, suffix):
    frame = pd.DataFrame({"text": TEXTS, "label": WORDS})
    path = tmp_path / f"letters.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path, index=False)
    read, made = ck.from_table(path), ck.from_table(frame)
    assert (read.train, read.validation, read.test) == (made.train, made.validation, made.test)
    assert read.name == "letters"


def test_numbers_are_labels_too_and_are_named_by_themselves():
    stars = [1, 3, 5] * 20
    corpus = ck.from_table(pd.DataFrame({"text": TEXTS, "label": stars}))
    assert corpus.label_names == ("1", "3", "5") and set(corpus.train.labels) == {0, 1, 2}


def test_no_text_stands_twice_and_the_test_part_does_not_follow_the_seed():
    frame = pd.DataFrame({"text": TEXTS * 2, "label": WORDS * 2})
    first, second = ck.from_table(frame, seed=0), ck.from_table(frame, seed=1)
    assert first.test == second.test and first.validation != second.validation
    assert first.notes[0] == "60 repeated texts dropped from train"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": ["a", None] * 30}, "column 'text' must hold strings, row 1 holds"),
        ({"text": [1, 2] * 30}, "column 'text' must hold strings, row 0 holds 1"),
        ({"label": ["a", None] * 30}, "column 'label' must hold a label in each row, row 1 holds none"),
        ({"label": [0.5, 1.0] * 30}, r"must hold whole numbers or words only, holds \['float'\]"),
        ({"label": ["a", 1] * 30}, r"must hold whole numbers or words only, holds \['int', 'str'\]"),
        ({"label": ["a"] * 60}, "needs at least two different labels, has only 'a'"),
    ],
)
def test_a_bad_table_is_refused_at_the_door(changes, reason):
    with pytest.raises(DataError, match=f"the table: .*{reason}"):
        ck.from_table(pd.DataFrame({"text": TEXTS, "label": WORDS} | changes))


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(DataError, match=r"needs the columns 'text' and 'kind', has \['text', 'label'\]"):
        ck.from_table(pd.DataFrame({"text": TEXTS, "label": WORDS}), label="kind")


@pytest.mark.parametrize(("bad", "line"), [(1, 2), (4, 5)])
def test_a_text_with_a_comma_and_no_quotes_is_refused_with_file_and_line(tmp_path, bad, line):
    lines = ["text,label", *(f"letter {i},spam" for i in range(6))]
    lines[bad] = "dear all, hello,spam"
    path = tmp_path / "letters.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(
        DataError, match=f"letters.csv: .*line {line}.*a text with a comma must stand in quotes"
    ):
        ck.from_table(path)


def test_every_row_with_a_field_too_many_is_refused_as_well(tmp_path):
    path = tmp_path / "letters.csv"
    path.write_text("text,label\n" + "dear all, hello,spam\n" * 6, encoding="utf-8")
    with pytest.raises(DataError, match="line 2 must have 2 fields"):
        ck.from_table(path)


@pytest.mark.parametrize("name", ["letters.csv", Path("letters.csv"), pd.DataFrame({"text": ["a"]})])
def test_load_says_how_to_read_ones_own_texts(name):
    with pytest.raises(
        ValueError, match=r"read by ck\.from_table\(path_or_frame, text=COLUMN, label=COLUMN\)"
    ):
        ck.load(name)


def test_another_kind_of_file_goes_through_pandas(tmp_path):
    path = tmp_path / "letters.xlsx"
    with pytest.raises(DataError, match="must be a .csv or a .parquet file; read another with pandas"):
        ck.from_table(path)
    with pytest.raises(DataError, match="letters.csv: no such file"):
        ck.from_table(tmp_path / "letters.csv")
    semicolons = tmp_path / "ours.CSV"
    pd.DataFrame({"text": TEXTS, "label": WORDS}).to_csv(semicolons, index=False, sep=";")
    with pytest.raises(DataError, match=r"ours.CSV: .*pandas\.read_csv\(path, sep=…\)"):
        ck.from_table(semicolons)
    assert len(ck.from_table(pd.read_csv(semicolons, sep=";")).test) == 12


def test_the_recipe_on_the_page_runs(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "book" / "data_and_budgets.md").read_text(encoding="utf-8")
    recipe, parts = re.findall(r"```python\n(.*?)```", page.split("### Your own texts")[1], re.DOTALL)[:2]
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"body": TEXTS, "kind": WORDS}).to_csv("letters.csv", index=False)
    names = {"ck": ck, "test_texts": np.array(["a", "b"]), "test_labels": pd.Series([1, 0])}
    exec(recipe + parts, names)
    assert capsys.readouterr().out.startswith("('mail', 'spam') ")
    assert names["corpus"].test == ck.Split(("a", "b"), (1, 0))
