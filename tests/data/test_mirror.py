"""A mirror is read if it is sound, and refused with a reason if it is not."""

import json
import os

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import coursekit as ck
from coursekit.cli import main
from coursekit.data import DataError, Split, check_mirror, read_official, write_mirror
from coursekit.runtime import files


def test_a_partial_mirror_is_read_and_says_so(news, capsys):
    corpus = ck.load("ag_news")
    assert corpus.source.kind == "mirror" and corpus.source.partial
    assert corpus.notes[0].startswith("partial: train 40, test 8 of 127,600")
    assert "partial" in capsys.readouterr().out
    assert (len(corpus.train), len(corpus.validation), len(corpus.test)) == (36, 4, 8)


def test_loading_is_quiet_when_asked(news, capsys):
    ck.load("ag_news", quiet=True)
    assert capsys.readouterr().out == ""


def test_fewer_training_texts_can_be_asked_for(news):
    corpus = ck.load("ag_news", train=8, quiet=True)
    assert corpus.train.counts(4) == [2, 2, 2, 2] and len(corpus.test) == 8


def test_zero_training_texts_are_refused(news):
    with pytest.raises(ValueError, match="'train' must be at least 1, got 0"):
        ck.load("ag_news", train=0)


def test_csv_is_read_like_parquet(put):
    put("imdb", "train", [f"film {i}" for i in range(20)], [i % 2 for i in range(20)], "csv")
    put("imdb", "test", ["good", "bad"], [1, 0], "csv")
    assert ck.load("imdb", quiet=True).test == Split(("good", "bad"), (1, 0))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_texts_that_look_like_numbers_or_gaps_stay_texts(put, suffix):
    odd = ["NA", "null", "None", "12", "1e5", 'a "quoted", text', "two\nlines"]
    put("imdb", "train", odd, [0, 1, 0, 1, 0, 1, 0], suffix)
    put("imdb", "test", ["7", "8"], [0, 1], suffix)
    parts = read_official("imdb")
    assert parts["train"].texts == tuple(odd) and parts["test"].texts == ("7", "8")


def test_a_csv_may_start_with_a_byte_order_mark(put, mirror):
    put("imdb", "train", ["a", "b"], [0, 1])
    (mirror / "imdb" / "test.csv").write_bytes("text,label\nчай,1\n".encode("utf-8-sig"))
    assert read_official("imdb")["test"] == Split(("чай",), (1,))


def test_a_validation_part_may_have_a_short_name(put):
    put("imdb", "train", [f"film {i}" for i in range(20)], [i % 2 for i in range(20)])
    put("imdb", "test", ["good", "bad"], [1, 0])
    put("imdb", "val", ["so so", "fine"], [0, 1], "csv")
    assert ck.load("imdb", quiet=True).validation == Split(("so so", "fine"), (0, 1))
    put("imdb", "validation", ["well"], [1])
    assert read_official("imdb")["validation"] == Split(("well",), (1,)), "the full name comes first"


def test_official_parts_come_unedited(put):
    put("imdb", "train", ["same", "same", "other"], [1, 1, 0])
    put("imdb", "test", ["same"], [1])
    assert read_official("imdb")["train"].texts == ("same", "same", "other")


def test_a_mirror_that_is_not_there_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match="COURSEKIT_DATA must name a folder"):
        ck.load("ag_news")


def test_a_mirror_without_the_data_set_says_so_and_the_stand_in_follows(mirror, capsys):
    assert ck.load("ag_news").source.kind == "stand-in"
    assert "the campus mirror has no folder" in capsys.readouterr().out


def test_a_missing_part_is_an_error(put):
    put("ag_news", "train", ["a"] * 8, [0] * 8)
    with pytest.raises(DataError, match="needs test.parquet or test.csv"):
        ck.load("ag_news")


def test_a_file_cut_short_is_an_error(news, mirror):
    path = mirror / "ag_news" / "train.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="train.parquet: cannot be read .* fetch it again"):
        ck.load("ag_news")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_the_same_kind_of_error(put, mirror, share):
    put("imdb", "test", ["a", "b"], [0, 1])
    whole = put("imdb", "train", [f"film {i}" for i in range(50)], [i % 2 for i in range(50)])
    whole.write_bytes(whole.read_bytes()[: int(share * whole.stat().st_size)])
    with pytest.raises(DataError, match="train.parquet"):
        read_official("imdb")


def test_a_text_file_cut_in_a_row_is_an_error(put, mirror):
    put("imdb", "test", ["a", "b"], [0, 1])
    (mirror / "imdb" / "train.csv").write_text("text,label\ngood,1\nba", encoding="utf-8")
    with pytest.raises(DataError, match="train.csv: column 'label' must hold a label in each row, row 1"):
        ck.load("imdb")
    (mirror / "imdb" / "train.csv").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="train.csv: cannot be read"):
        ck.load("imdb")


@pytest.mark.parametrize(
    ("texts", "labels", "reason"),
    [
        (
            ["a", "b"],
            pd.array([0, None], dtype="Int64"),
            "'label' must hold a label in each row, row 1 holds none",
        ),
        (["a", "b"], [0, 4], "labels must lie between 0 and 3, got 0 to 4"),
        (["a", "b"], [-1, 0], "labels must lie between 0 and 3, got -1 to 0"),
        (["a", "b"], ["0", "1"], "'label' must hold integers"),
        (["a", "b"], [0.5, 1.0], "'label' must hold integers"),
        (["a", None], [0, 1], "'text' must hold strings, row 1"),
        ([1, 2], [0, 1], "'text' must hold strings, row 0"),
        ([], [], "holds no text"),
    ],
)
def test_a_wrong_table_is_refused(news, put, texts, labels, reason):
    put("ag_news", "test", texts, labels)
    with pytest.raises(DataError, match=f"test.parquet.*{reason}"):
        ck.load("ag_news")


def test_a_wrong_schema_is_refused(news, mirror):
    pd.DataFrame({"body": ["a"], "label": [0]}).to_parquet(mirror / "ag_news" / "test.parquet")
    with pytest.raises(DataError, match=r"needs the columns 'text' and 'label', has \['body', 'label'\]"):
        ck.load("ag_news")


def test_bytes_that_are_not_utf8_are_refused(put, mirror):
    put("imdb", "train", ["a", "b"], [0, 1])
    (mirror / "imdb" / "test.csv").write_bytes("text,label\nчай,1\n".encode("cp1251"))
    with pytest.raises(DataError, match="test.csv: must be UTF-8, byte"):
        ck.load("imdb")


def test_rutweetcorp_is_read_from_its_two_files(mirror):
    folder = mirror / "ru_tweets"
    folder.mkdir()
    for name, word in (("positive", "хорошо"), ("negative", "плохо")):
        rows = [f'"{i}";"0";"x";"{word} {i}; да";"1"' for i in range(40)]
        (folder / f"{name}.csv").write_text("\n".join(rows), encoding="utf-8")
    parts = read_official("ru_tweets")
    assert parts["train"].texts[0] == "плохо 0; да" and parts["train"].counts(2) == [40, 40]
    corpus = ck.load("ru_tweets", quiet=True, train=10)
    assert corpus.source.partial and len(corpus.test) == 16


@pytest.mark.parametrize(("there", "missing"), [("positive", "negative"), ("negative", "positive")])
def test_rutweetcorp_without_one_of_its_files_is_an_error(mirror, there, missing):
    folder = mirror / "ru_tweets"
    folder.mkdir()
    (folder / f"{there}.csv").write_text('"1";"0";"x";"да";"1"', encoding="utf-8")
    with pytest.raises(DataError, match=f"{missing}.csv: missing"):
        read_official("ru_tweets")


def tweets(mirror, lines):
    folder = mirror / "ru_tweets"
    folder.mkdir()
    for stem in ("positive", "negative"):
        (folder / f"{stem}.csv").write_text("\n".join(lines), encoding="utf-8")


def test_rutweetcorp_with_too_few_columns_is_an_error(mirror):
    tweets(mirror, ["text,label", "да,1"])
    with pytest.raises(DataError, match="negative.csv: line 1 must have .*fourth column.* has 1 columns"):
        read_official("ru_tweets")


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_header_of_rutweetcorp_is_no_tweet(mirror, quote):
    rows = ["id;tdate;tname;ttext;ttype", "41;7;ann;да;1", "42;8;bob;нет;1"]
    tweets(mirror, [quote + row.replace(";", f"{quote};{quote}") + quote for row in rows])
    assert read_official("ru_tweets")["train"].texts == ("да", "нет") * 2


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            '"40";"7";"ann";"она сказала "да"";"1"',
            'она сказала "да"',
        ),  # not doubled: the field does not end here
        ('"40";"7";"ann";""да" и ушла";"1"', '"да" и ушла'),
        ('"40";"7";"ann";"да "";"1"', 'да "'),
        ('40;7;ann;"да и ушла;1', '"да и ушла'),
    ],
)
def test_a_stray_quotation_mark_swallows_no_tweet(mirror, line, text):
    quote = '"' if line.startswith('"') else ""
    rows = [quote + f"{i};7;x;привет {i};1".replace(";", f"{quote};{quote}") + quote for i in range(41, 90)]
    tweets(mirror, [line, *rows])
    train = read_official("ru_tweets")["train"]
    assert train.counts(2) == [50, 50] and train.texts[:2] == (text, "привет 41")


def test_a_tweet_may_hold_a_line_break_a_semicolon_and_doubled_marks(mirror):
    tweets(mirror, ['"40";"7";"ann";"да;', 'и ""нет""";"1"', '"41";"7";"ann";"ну";"1"'])
    assert read_official("ru_tweets")["train"].texts == ('да;\nи "нет"', "ну") * 2


def test_a_tweet_in_more_columns_than_the_first_is_refused_with_its_line(mirror):
    tweets(mirror, ["40;7;ann;да;1", "41;7;ann;да; и нет;1"])
    with pytest.raises(
        DataError, match="negative.csv: line 2 must have .* as many columns as the first.* has 6"
    ):
        read_official("ru_tweets")


@pytest.mark.parametrize("labels", [[1, 2, 3] * 9, [0, 1, 2] * 9])
def test_a_class_without_a_training_text_is_refused(put, labels, capsys):
    put("ag_news", "train", [f"story {i}" for i in range(27)], labels)
    put("ag_news", "test", ["a"] * 4, [0, 1, 2, 3])
    missing = ({0, 1, 2, 3} - set(labels)).pop()
    with pytest.raises(DataError, match=f"train.parquet: .* no text of label {missing} .*count from 0"):
        ck.load("ag_news")
    assert main(["data", "check"]) == 1 and "✗ ag_news" in capsys.readouterr().out


@pytest.mark.parametrize("bad", [1, 3])
def test_a_row_with_more_fields_than_the_header_is_refused_with_its_line(put, mirror, bad, capsys):
    path = put("imdb", "train", ["a", "b", "c", "d"], [0, 1, 0, 1], "csv")
    put("imdb", "test", ["a", "b"], [0, 1])
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[bad] = "good, and short,1"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match=f"train.csv: .*line {bad + 1}.* must stand in quotes"):
        ck.load("imdb")
    assert main(["data", "check"]) == 1 and "✗ imdb" in capsys.readouterr().out


def parts_of(n=12):
    whole = Split(tuple(f"t {i}" for i in range(n)), tuple(i % 4 for i in range(n)))
    return {"train": whole, "test": whole.pick(range(4))}


def test_what_fetch_writes_is_checked_and_served(news, mirror, tmp_path, monkeypatch, capsys):
    copy = tmp_path / "copy"
    assert main(["data", "fetch", str(copy), "ag_news", "--from", str(mirror)]) == 0
    assert main(["data", "check", "--dir", str(copy)]) == 0
    assert "checksums agree" in capsys.readouterr().out
    monkeypatch.setenv("COURSEKIT_DATA", str(copy))
    assert len(ck.load("ag_news", quiet=True).train) == 36


def test_fetching_again_changes_nothing_and_force_writes(news, mirror, tmp_path, capsys):
    copy = tmp_path / "copy"
    main(["data", "fetch", str(copy), "ag_news", "--from", str(mirror)])
    stamp = (copy / "manifest.json").read_bytes()
    assert main(["data", "fetch", str(copy), "ag_news", "--from", str(mirror)]) == 0
    assert "there already" in capsys.readouterr().out and (copy / "manifest.json").read_bytes() == stamp
    (copy / "ag_news" / "test.parquet").write_bytes(b"junk")
    assert main(["data", "fetch", str(copy), "ag_news", "--from", str(mirror)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["data", "fetch", str(copy), "ag_news", "--from", str(mirror), "--force"]) == 0
    assert main(["data", "check", "--dir", str(copy)]) == 0


def test_a_fetch_that_was_killed_is_taken_up_where_it_stopped(news, mirror, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    write = files.write_bytes
    command = ["data", "fetch", str(copy), "ag_news", "--from", str(mirror)]

    def killed(path, content):
        if path.name == "test.parquet":
            raise KeyboardInterrupt
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_bytes", killed)
        assert main(command) == 130
    first = (copy / "ag_news" / "train.parquet").stat()
    assert main(command) == 0
    assert (copy / "ag_news" / "train.parquet").stat().st_mtime_ns == first.st_mtime_ns
    assert [error for _, error, _ in check_mirror(copy)] == [None]


def test_what_a_killed_writer_left_is_swept_up_but_not_what_one_at_work_writes(tmp_path):
    folder = tmp_path / "ag_news"
    folder.mkdir()
    old, young = folder / ".test.parquet.a.part", folder / ".test.parquet.b.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    write_mirror(tmp_path, "ag_news", parts_of())
    assert not old.exists() and young.exists()
    assert next(check_mirror(tmp_path))[1] is None


def test_writing_beside_another_file_of_the_part_needs_force(put, mirror):
    put("ag_news", "train", ["a"], [0], "csv")
    with pytest.raises(FileExistsError, match="train.csv is there already; use --force"):
        write_mirror(mirror, "ag_news", parts_of())
    assert [p.name for p in mirror.rglob("*") if p.is_file()] == ["train.csv"]


def test_every_fault_of_a_data_set_is_told(put, mirror, capsys):
    put("ag_news", "train", ["a"], [9])
    put("ag_news", "test", [], [])
    assert main(["data", "check"]) == 1
    printed = capsys.readouterr().out
    assert printed.count("✗ ag_news") == 2 and "train.parquet" in printed and "test.parquet" in printed


def test_what_the_manifest_lists_must_be_there_and_nothing_else(tmp_path):
    write_mirror(tmp_path, "ag_news", parts_of())
    (tmp_path / "ag_news" / "test.parquet").rename(tmp_path / "ag_news" / "val.parquet")
    error = next(check_mirror(tmp_path))[1]
    assert "needs test.parquet" in error and "val.parquet: is not in manifest.json" in error
    for path in (tmp_path / "ag_news").iterdir():
        path.unlink()
    (tmp_path / "ag_news").rmdir()
    assert "no such folder" in next(check_mirror(tmp_path))[1]


def test_checking_nothing_is_an_error(mirror, monkeypatch, capsys):
    assert main(["data", "check"]) == 2 and "holds no data set" in capsys.readouterr().err
    assert main(["data", "check", "--dir", str(mirror / "gone")]) == 2
    assert main(["data", "check", "agnews"]) == 2 and "Did you mean" in capsys.readouterr().err
    monkeypatch.delenv("COURSEKIT_DATA")
    assert main(["data", "check"]) == 2 and "--dir" in capsys.readouterr().err


def test_fetching_what_cannot_be_had_is_one_line(tmp_path, capsys):
    assert main(["data", "fetch", str(tmp_path / "copy"), "ag_news"]) == 2
    assert "ag_news is out of reach" in capsys.readouterr().err and not (tmp_path / "copy").exists()
    assert main(["data", "fetch", str(tmp_path), "ag_news", "--from", str(tmp_path / "gone")]) == 2
    assert main(["data", "fetch", str(tmp_path), "ag_news", "--from", str(tmp_path)]) == 2


def test_a_changed_file_is_found_by_its_checksum(tmp_path, monkeypatch):
    write_mirror(tmp_path, "ag_news", parts_of())
    write_mirror(tmp_path / "other", "ag_news", {"test": parts_of()["test"].pick([0, 1, 2])})
    stolen = tmp_path / "other" / "ag_news" / "test.parquet"
    (tmp_path / "ag_news" / "test.parquet").write_bytes(stolen.read_bytes())
    assert "differs from manifest.json" in next(check_mirror(tmp_path))[1]
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(DataError, match="differs from manifest.json"):
        ck.load("ag_news")


def test_checking_an_unsound_mirror_ends_with_1_and_a_reason(news, put, capsys):
    put("imdb", "train", ["a"], [7])
    put("imdb", "test", ["a"], [0])
    assert main(["data", "check"]) == 1
    printed = capsys.readouterr().out
    assert "✓ ag_news" in printed and "✗ imdb" in printed and "between 0 and 1" in printed


def test_a_kill_in_the_middle_leaves_nothing_half_written(tmp_path, monkeypatch):
    write = files.write_bytes

    def killed(path, content):
        if path.name == "test.parquet":
            raise KeyboardInterrupt
        return write(path, content)

    monkeypatch.setattr(files, "write_bytes", killed)
    with pytest.raises(KeyboardInterrupt):
        write_mirror(tmp_path, "ag_news", parts_of())
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["train.parquet"]
    assert len(pd.read_parquet(tmp_path / "ag_news" / "train.parquet")) == 12


@pytest.mark.parametrize("content", ["{", "[]", '{"ag_news": 3}', '{"ag_news": {"train": {}}}'])
def test_a_damaged_manifest_is_an_error(news, mirror, content, capsys):
    (mirror / "manifest.json").write_text(content)
    with pytest.raises(DataError, match="manifest.json: must be the JSON"):
        ck.load("ag_news")
    assert main(["data", "check"]) == 1 and "manifest.json" in capsys.readouterr().out


def test_the_manifest_counts_rows_and_labels(tmp_path):
    write_mirror(tmp_path, "ag_news", parts_of())
    listed = json.loads((tmp_path / "manifest.json").read_text())["ag_news"]["train"]
    assert listed["rows"] == 12 and listed["labels"] == [3, 3, 3, 3]


def test_listing_names_every_data_set(news, capsys):
    assert main(["data", "list"]) == 0
    printed = capsys.readouterr().out
    assert "the campus mirror" in printed and "the stand-in reviews" in printed and "ru_tweets" in printed
