"""Files are written whole or not at all."""

import json
import os

import pytest

from coursekit.runtime import files


def test_a_written_file_reads_back_and_leaves_no_neighbour(tmp_path):
    path = files.write_text(tmp_path / "deep" / "note.txt", "чайка\n")
    assert path.read_text(encoding="utf-8") == "чайка\n"
    assert [p.name for p in path.parent.iterdir()] == ["note.txt"]


def test_a_failing_disk_leaves_the_old_file_and_no_neighbour(tmp_path, monkeypatch):
    path = files.write_text(tmp_path / "note.txt", "old")

    def full_disk(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["note.txt"]


def test_nan_is_not_json_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "r.json", {"accuracy": float("nan")})
    assert not list(tmp_path.iterdir())


def test_json_keeps_cyrillic_readable(tmp_path):
    text = files.write_json(tmp_path / "r.json", {"слово": 1}).read_text(encoding="utf-8")
    assert "слово" in text and json.loads(text) == {"слово": 1}


def test_sha256_of_the_empty_file(tmp_path):
    empty = files.write_bytes(tmp_path / "empty", b"")
    assert files.sha256(empty).startswith("e3b0c44298fc1c14")


def test_the_cache_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path))
    assert files.cache_dir() == tmp_path
    monkeypatch.delenv("COURSEKIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert files.cache_dir() == tmp_path / "coursekit"


def test_the_data_folder_holds_the_results():
    assert (files.data_dir() / "results").is_dir()


def test_a_missing_data_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PACKAGE", tmp_path / "src" / "coursekit")
    with pytest.raises(FileNotFoundError, match="install the package again"):
        files.data_dir()


def test_a_file_is_put_aside_under_the_first_free_name(tmp_path):
    path = tmp_path / "record.json"
    assert files.put_aside(path) is None
    for name in ("record.json.bak", "record.json.bak2"):
        path.write_text(name)
        assert files.put_aside(path) == tmp_path / name and (tmp_path / name).read_text() == name
    assert not path.exists()
