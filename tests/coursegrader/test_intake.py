"""The door: whatever lies in a folder of submissions is read or named, costs little, and stops nobody else."""

import io
import json
import os
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from coursegrader import engine
from coursegrader.evidence import Mark
from coursegrader.folder import grade_folder
from coursegrader.grades import Graded, Settings
from coursegrader.intake import UnreadableError, checksum, read_submission
from coursegrader.jobs import _read_steps, _read_tensors, remove_tree
from coursegrader.listing import list_submissions, moodle_identifier
from coursegrader.packed import read_model, read_results
from coursekit.cli import main
from coursekit.data import Corpus, Source, Split
from tools.project import ROOT

MIB = 2**20
MOODLE = "Иванова Анна_{}_assignsubmission_file_"


def notebook(*sources, **fields):
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources or ("x = 1",)]
    return json.dumps(
        {"cells": cells, "metadata": {"coursekit": {"homework": "hw1"}}, "nbformat": 4} | fields
    )


def zipped(members, method=zipfile.ZIP_DEFLATED):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


def sources_of(path):
    return [cell.source for cell in read_submission(path).cells]


@pytest.fixture
def sources(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))


@pytest.fixture
def submissions(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


@pytest.fixture
def graded(monkeypatch, sources, submissions, tmp_path):
    """Grade the folder without a sandbox: what a notebook says is taken for its marks."""
    news = Split(("text",), (0,))
    corpus = Corpus(
        "ag_news", "en", ("a", "b"), news, news, news, source=Source("mirror", "made up"), card="x"
    )
    monkeypatch.setattr(engine, "load", lambda name, quiet: corpus)
    engine._corpus.cache_clear()

    def marked(submission, aligned, homework, corpus, settings):
        text = "\n".join(cell.source for cell in submission.cells)
        if "break the grader" in text:
            raise ArithmeticError("ours")
        measured = {"said": [float("nan")]} if "no number" in text else {}
        marks = [
            Mark.of(part, 0, text[:50], status="not written", measured=measured) for part in homework.parts
        ]
        seen = {"flags": (), "code": {}, "broken_definitions": [], "results": {}, "corpus": corpus}
        evidence = type("Seen", (), seen)()
        evidence.outcome = type("Out", (), {"ended": type("End", (), {"backend": "none"})()})()
        return evidence, marks

    monkeypatch.setattr(engine, "_ask_and_mark", marked)
    yield lambda: grade_folder(submissions, "hw1", tmp_path / "out", Settings(), progress=False)
    engine._corpus.cache_clear()


def test_no_file_stops_the_class(graded, submissions):
    """Every kind of file that ever stopped a run, and two honest ones around them."""
    (submissions / "a first.ipynb").write_text(notebook())
    (submissions / "z last.ipynb").write_text(notebook())
    (submissions / "broken.ipynb").write_text(notebook("break the grader"))
    (submissions / "no number.ipynb").write_text(notebook("no number"))
    (submissions / "half an emoji.ipynb").write_text(notebook("good \ud83c"))
    (submissions / "null.ipynb").write_text(notebook(metadata=None))
    os.mkfifo(submissions / "pipe.ipynb")
    (submissions / "folder.ipynb").mkdir()
    (submissions / "dead.ipynb").symlink_to("nowhere")
    (submissions / "loop.ipynb").symlink_to("loop.ipynb")
    with (submissions / "hole.ipynb").open("wb") as handle:
        handle.truncate(8 * 2**40)
    with open(os.fsencode(submissions) + "/Петров.ipynb".encode("cp1251"), "w") as handle:
        handle.write(notebook())
    (submissions / "deep.ipynb").write_text("[" * 100_000)
    (submissions / "digits.ipynb").write_text('{"cells": ' + "1" * 10_000 + "}")
    found = {one.name: (one.status, str(one.reason)) for one in graded()}
    good = ["a first.ipynb", "half an emoji.ipynb", "z last.ipynb", "Петров.ipynb"]
    assert sorted(name for name, (status, _) in found.items() if status == "ok") == good
    assert {found.pop(name)[0] for name in ("broken.ipynb", "no number.ipynb")} == {"failed"}
    assert found.pop("null.ipynb")[0] == "foreign"  # read, and no cell of the homework is in it
    assert (
        found.pop("dead.ipynb")[1] == found.pop("loop.ipynb")[1] == "the file cannot be read: it is a link."
    )
    assert "a folder" in found["folder.ipynb"][1] and "a pipe" in found["pipe.ipynb"][1]
    assert {found[name][0] for name in found.keys() - set(good)} == {"unreadable"}
    assert all(reason for name, (_, reason) in found.items() if name not in good)


def test_folders_nested_beyond_all_paths_are_a_row(graded, submissions):
    (submissions / "good.ipynb").write_text(notebook())
    here = os.getcwd()
    os.chdir(submissions)
    try:
        for _ in range(30):
            os.mkdir("n" * 200)
            os.chdir("n" * 200)
        Path("x.ipynb").write_text(notebook())
    finally:
        os.chdir(here)
    found = graded()
    assert [one.status for one in found] == ["ok", "unreadable"] and "too long" in str(found[1].reason)


def test_a_thousand_small_folders_are_walked(submissions):
    here = os.getcwd()
    os.chdir(submissions)
    try:
        for _ in range(1_200):
            os.mkdir("n")
            os.chdir("n")
        Path("hw1.ipynb").write_text(notebook())
    finally:
        os.chdir(here)
    (path,) = list_submissions(submissions).names
    assert path.name == "hw1.ipynb" and sources_of(path) == ["x = 1"]
    remove_tree(submissions)


def test_sixty_folders_of_moodle_are_sixty_names(graded, submissions):
    for number in range(60):
        own = submissions / MOODLE.format(1000 + number)
        own.mkdir()
        (own / "hw1_submission.zip").write_bytes(zipped({"hw1.ipynb": notebook()}))  # all alike
    found = graded()
    assert len({one.name for one in found}) == len({one.paper for one in found}) == 60
    assert found[7].name == f"{MOODLE.format(1007)}/hw1_submission.zip"
    assert str(moodle_identifier(found[7].name)) == "Participant 1007"
    assert (
        str(moodle_identifier("Ivan_77_assignsubmission_file_hw1.zip")) == "Participant 77"
    )  # without folders
    assert moodle_identifier("hw1_1007.zip") == ""


def test_an_unpacked_submission_is_one_submission(submissions):
    own = submissions / "student" / "hw1_submission"
    own.mkdir(parents=True)
    members = {"hw1.ipynb": notebook(), "weights.safetensors": b"w", "config.json": b"c"}
    for name, content in members.items():
        (own / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in (
        "desktop.ini",
        "notes.txt",
        ".ipynb_checkpoints/hw1-checkpoint.ipynb",
        "__MACOSX/._hw1.ipynb",
    ):
        (own / name).parent.mkdir(exist_ok=True)
        (own / name).write_text("x")
    listed = list_submissions(submissions)
    assert list(listed.names.values()) == ["student/hw1_submission/hw1.ipynb"]
    (path,) = listed.names
    made = read_submission(path)
    assert made.attachments == {"weights.safetensors": b"w", "config.json": b"c"} and "unpacked" in str(
        made.notes[0]
    )
    assert len(listed.skipped) == 4 and "desktop.ini" in str(listed.what_is_skipped)
    assert str(listed.what_is_skipped).count("\n") == 0
    before = checksum(path)
    (own / "weights.safetensors").write_bytes(b"other")
    assert checksum(path) != before


def test_a_heap_of_files_is_not_one_submission(submissions):
    for name in ("a.ipynb", "b.ipynb", "essay.pdf"):
        (submissions / name).write_text(notebook())
    (submissions / "config.json").write_text("{}")
    assert list(list_submissions(submissions).names.values()) == [
        "a.ipynb",
        "b.ipynb",
        "config.json",
        "essay.pdf",
    ]
    (submissions / "essay.pdf").write_bytes(b"%PDF-1.7")
    assert not read_submission(submissions / "a.ipynb").attachments
    with pytest.raises(UnreadableError, match="a PDF file"):
        read_submission(submissions / "essay.pdf")


def test_a_student_without_a_submission_has_a_row(submissions):
    for name in (
        "one/essay.docx",
        "two/a.csv",
        "two/b.csv",
        "two/deep/c.csv",
        "three/w.rar",
        "three/readme.txt",
    ):
        (submissions / name).parent.mkdir(parents=True, exist_ok=True)
        (submissions / name).write_bytes(b"Rar!\x1a\x07")
    assert list(list_submissions(submissions).names.values()) == ["one/essay.docx", "three/w.rar", "two"]
    with pytest.raises(UnreadableError, match="a RAR archive"):
        read_submission(submissions / "three/w.rar")
    with pytest.raises(UnreadableError, match="a folder without a submission"):
        read_submission(submissions / "two")


def test_names_that_look_alike_stay_apart(submissions):
    for raw in (b"\x98.ipynb", b"\x98\x98.ipynb", "Ё.ipynb".encode("cp1251"), "Ё.ipynb".encode()):
        with open(os.fsencode(submissions) + b"/" + raw, "w") as handle:
            handle.write(notebook())
    names = list(list_submissions(submissions).names.values())
    assert len(set(names)) == 4 and {"Ё.ipynb", "Ё.ipynb (2)"} <= set(names)
    assert all(name.encode() for name in names)


@pytest.mark.parametrize(
    "members",
    [
        {"hw1.IPYNB": notebook()},
        {"work\\hw1.ipynb": notebook(), "work\\": b"", "work\\config.json": b"c"},
        {
            "a/hw1.ipynb": notebook(),
            "a/.ipynb_checkpoints/hw1-checkpoint.ipynb": notebook("old"),
            "a/config.json": b"c",
        },
        {
            "hw1.ipynb": notebook(),
            "__MACOSX/._hw1.ipynb": b"x",
            "desktop.ini": b"x",
            "data/big.csv": b"1" * 9,
        },
        {"hw1.ipynb": notebook(), "config.json": b"c", "old/config.json": b"d", "old/data/config.json": b"e"},
        {"submission.zip": zipped({"hw1.ipynb": notebook(), "config.json": b"c"})},
    ],
    ids=["capitals", "backslashes", "a checkpoint", "strays", "one beside the notebook", "a zip in a zip"],
)
def test_zip_files_as_people_make_them_are_read(members, tmp_path):
    path = tmp_path / "hw1_submission.zip"
    path.write_bytes(zipped(members))
    assert sources_of(path) == ["x = 1"]
    assert read_submission(path).attachments.get("config.json", b"c") == b"c"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (zipped({str(k): b"" for k in range(60_000)}), "60,000 files"),
        (zipped({"a.zip": zipped({"hw1.ipynb": "{}"}), "b.zip": b"x"}), "2 zip files"),
        (zipped({"a.zip": zipped({"b.zip": zipped({"hw1.ipynb": "{}"})})}), "one notebook, got 0"),
        (zipped({"hw1.ipynb": "{}"}, zipfile.ZIP_LZMA), "packed by a method"),
        (zipped({"hw1.ipynb": notebook(), "weights.safetensors": bytes(65 * MIB)}), "larger than 64 MiB"),
        (zipped({"hw1.ipynb": notebook()}).replace(b"x\x9c", b"\0\0")[:-30], "damaged"),
        (zipped({}), "empty"),
    ],
    ids=["thousands", "many zips", "three deep", "lzma", "a large member", "cut", "nothing in it"],
)
def test_zip_files_that_cannot_be_read_say_why(raw, reason, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(raw)
    with pytest.raises(UnreadableError, match=reason):
        read_submission(path)


def test_a_damaged_stream_is_unreadable(tmp_path):
    raw = bytearray(zipped({"hw1.ipynb": notebook(*map(str, range(200)))}))
    raw[60:90] = bytes(30)
    (tmp_path / "a.zip").write_bytes(raw)
    with pytest.raises(UnreadableError, match="damaged"):
        read_submission(tmp_path / "a.zip")


MEASURE = """
import resource, sys
from coursegrader import notebooks
notebooks.MEMORY = 400 * 2**20
from coursegrader.intake import read_submission
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try: read_submission(sys.argv[1]); said = "read"
except ValueError as error: said = str(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, said)
"""


def test_a_small_zip_that_grows_does_not_eat_the_grader(tmp_path):
    """Half a megabyte of zip, 150 MB of JSON, 3.4 GB of objects: they are made in another process, which may not grow."""
    many = "{}," * 50_000_000
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"hw1.ipynb": f'{{"cells": [{many}0]}}'}))
    assert path.stat().st_size < MIB
    done = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True)
    kib, said = done.stdout.split(maxsplit=1)
    assert int(kib) < 700 * 1024, f"{int(kib) // 1024} MiB"
    assert said.startswith("reading it takes more than 0.4 GiB"), said


def test_eighty_megabytes_of_outputs_are_read(tmp_path):
    made = json.loads(notebook())
    made["cells"][0]["outputs"] = [{"output_type": "stream", "text": "ё" * 40_000_000}]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    assert sources_of(path) == ["x = 1"]


def test_what_a_submission_packs_is_small_before_it_is_parsed():
    bomb = b'{"words": [' + b"[]," * 4_000_000 + b"0]}"
    assert read_results({"results.json": bomb}) == {}
    with pytest.raises(ValueError, match="cannot be read"):
        read_model({"weights.safetensors": b"", "config.json": b"{}", "vocabulary.json": bomb})
    with pytest.raises(ValueError) as wrong:
        half = b'{"cell": "\\ud83c"}'
        read_model(
            {
                "weights.safetensors": b"",
                "config.json": half,
                "vocabulary.json": b'{"words": [], "counts": []}',
            }
        )
    assert str(wrong.value).encode()


def test_what_comes_back_from_student_code_is_text_and_small(tmp_path):
    steps = [{"id": "a", "status": "ok", "facts": {"value": {"lstm \ud83c": {"cell": "\udcff"}}}}]
    (tmp_path / "report.json").write_text(json.dumps(steps))
    assert json.dumps(_read_steps(tmp_path / "report.json"), ensure_ascii=False).encode()
    header = (
        b"{"
        + b",".join(b'"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}' % k for k in range(100_000))
        + b"}"
    )
    (tmp_path / "answer-a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _read_tensors(tmp_path, [{"id": "a"}]) == {}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_result_that_no_json_holds_is_no_mark(graded, submissions, tmp_path):
    (submissions / "a.ipynb").write_text(notebook("no number"))
    (one,) = graded()
    assert one.status == "failed" and not one.counts
    (kept,) = (p for p in (tmp_path / "out" / "finished").glob("*.json") if p.name != "order.json")
    assert Graded.from_dict(json.loads(kept.read_text())).status == "failed"


def refused(capsys, submissions, tmp_path):
    """Grade from the command line; it must refuse in one line, and write nothing."""
    (submissions / "a.ipynb").write_text(notebook())
    out = tmp_path / "grades"
    engine._corpus.cache_clear()
    assert main(["homework", "grade", "hw1", str(submissions), "--out", str(out)]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.startswith("coursekit: ") and not out.exists()
    return said.err


def test_no_mirror_means_no_marks(capsys, sources, submissions, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    said = refused(capsys, submissions, tmp_path)
    assert "stand-in" in said and "COURSEKIT_DATA" in said and "--practice" in said


def test_a_mirror_that_is_not_there_means_no_marks(capsys, sources, submissions, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "gone"))
    assert "COURSEKIT_DATA" in refused(capsys, submissions, tmp_path)


def test_a_damaged_mirror_means_no_marks(capsys, sources, submissions, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror"
    (mirror / "ag_news").mkdir(parents=True)
    (mirror / "ag_news" / "train.csv").write_text("text,label\na,0\n")
    (mirror / "ag_news" / "test.csv").write_text("text,label\na,17\n")
    monkeypatch.setenv("COURSEKIT_DATA", str(mirror))
    assert "ag_news" in refused(capsys, submissions, tmp_path)


def test_the_data_is_loaded_once(graded, submissions, monkeypatch):
    loaded, real = [], engine.load
    monkeypatch.setattr(engine, "load", lambda name, quiet: loaded.append(name) or real(name, quiet))
    for name in "abc":
        (submissions / f"{name}.ipynb").write_text(notebook())
    assert len(graded()) == 3 and loaded == ["ag_news"]
