"""The grader's pieces, without a sandbox: alignment, flags, questions, thresholds, similarity, reports, release."""

import ast
import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from coursegrader.alignment import align
from coursegrader.by_hand import read_by_hand
from coursegrader.definition import cut_solution, load_homework
from coursegrader.evidence import Mark
from coursegrader.flags import code_flags, run_flags, used_names
from coursegrader.grades import Graded
from coursegrader.intake import Cell, read_submission
from coursegrader.jobs import defining_cells, remove_tree, sweep_abandoned
from coursegrader.kinds.accuracy import thresholds_in_texts
from coursegrader.mending import bound_names
from coursegrader.questions import make_questions
from coursegrader.release import notebook_of, release, solution_lines
from coursegrader.report import write_reports
from coursegrader.similarity import similar_pairs
from coursekit.batching import Encoder
from coursekit.text import Vocabulary, tokenise
from coursekit.training import Config
from tools.project import ROOT

STUBS = {"a": "def f(x):\n    raise NotImplementedError", "b": "# your code here\nNAMES = {}"}
KINDS = {"a": "code", "b": "code"}
DONE = {"a": "def f(x):\n    return x", "b": "NAMES = {'x': 1}"}


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))


def test_answers_are_found_by_id():
    cells = [Cell("code", DONE["b"], "b"), Cell("code", DONE["a"], "a")]
    assert align(STUBS, KINDS, cells).answers == DONE


def test_without_ids_answers_are_found_by_what_they_look_like():
    cells = [
        Cell("markdown", "text"),
        Cell("code", DONE["a"]),
        Cell("code", "print(1)"),
        Cell("code", DONE["b"]),
    ]
    found = align(STUBS, KINDS, cells)
    assert found.answers == DONE
    assert len(found.notes) == 2


def test_of_two_cells_with_one_id_the_changed_one_counts():
    found = align(STUBS, KINDS, [Cell("code", DONE["a"], "a"), Cell("code", STUBS["a"], "a")])
    assert found.answers["a"] == DONE["a"]
    assert "stands more than once; the changed one counts" in str(found.notes[0])


@pytest.mark.parametrize("ids", [("a", None), (None, None), ("b", None)])
def test_one_cell_may_answer_several_tasks(ids):
    both = f"{DONE['b']}\n\n\n{DONE['a']}"
    found = align(STUBS, KINDS, [Cell("code", both, ids[0]), Cell("code", "print(1)", ids[1])])
    assert found.answers == {"a": both, "b": both} and found.astray == ()
    assert "defines the same and counts" in str(found.notes[-1])


def test_a_cell_as_it_was_handed_out_gives_way_to_the_answer_beside_another_one():
    both = f"{DONE['a']}\n\n\n{DONE['b']}"
    found = align(STUBS, KINDS, [Cell("code", both, "a"), Cell("code", STUBS["b"], "b")])
    assert found.answers == {"a": both, "b": both}


@pytest.mark.parametrize(
    ("source", "astray"),
    [
        ("NAMES = {'x': 1", ("b",)),  # no Python
        ("for k in range(3):\n    NAMES[k] = {}", ("b",)),
        ("class NAMES(dict): pass\n)", ("b",)),
        ("NAMES = {}", ()),  # as it was handed out
        ("print(NAMES == {})", ()),
        ("# NAMES = 1\nrun(NAMES, seed=1)", ()),
    ],
)
def test_what_is_bound_somewhere_and_not_found_is_said(source, astray):
    cells = [Cell("code", DONE["a"], "a"), Cell("code", source, "own")]
    assert align(STUBS, KINDS, cells).astray == astray
    assert align(STUBS, KINDS, [Cell("code", f"{DONE['a']}\n{source}", "a")]).astray == astray
    assert align(STUBS, KINDS, [*cells, Cell("code", DONE["b"], "b")]).astray == ()


@pytest.mark.parametrize("depth", [4, 90])
def test_deep_nesting_costs_no_time(depth):
    nested = "".join(" " * k + "if True:\n" for k in range(depth))
    tries = "try:\n import a\nexcept ImportError:\n b = 1\nelse:\n c = 1\nfinally:\n d = 1\n"
    source = f"{tries}{nested}{' ' * depth}x = 1\n" + "if x:\n y = 1\n" + "elif x:\n z = 1\n" * 300
    assert bound_names(ast.parse(source).body) == set("abcdxyz")


def test_what_is_not_there_is_said():
    assert tuple(map(str, align(STUBS, KINDS, []).notes)) == ("a: not found", "b: not found")


def test_solutions_are_cut():
    source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n### BEGIN SOLUTION\nX = 1\n### END SOLUTION"
    assert cut_solution(source, "t") == 'def f():\n    raise NotImplementedError("t")\n# your code here'
    with pytest.raises(ValueError, match="without an end"):
        cut_solution("### BEGIN SOLUTION", "t")


def test_flags_name_what_is_odd_and_leave_honest_code_alone():
    honest = {"a": "import torch\nfrom torch import nn\nmodel = nn.LSTM(3, 4)"}
    assert code_flags(honest, blob_bytes=20_000, forbidden=["TextClassifier"]) == []
    odd = {
        "a": "import os\nos.kill(1, 9)\nx = ck.TextClassifier",
        "b": "T = '" + "ab12" * 600 + "'",
        "c": "!ls",
    }
    said = "\n".join(map(str, code_flags(odd, blob_bytes=20_000, forbidden=["TextClassifier"])))
    assert all(word in said for word in ("TextClassifier", "uses os", "data in the code", "shell command"))
    assert used_names("def (") == set()


@pytest.mark.parametrize("line", ["here = %pwd", "%%time", "files = !ls", "x = 1"])
def test_one_line_of_ipython_blinds_no_flag(line):
    flags = code_flags(
        {"a": f"{line}\nx = ck.TextClassifier"}, blob_bytes=20_000, forbidden=["TextClassifier"]
    )
    said = "\n".join(map(str, flags))
    assert "uses TextClassifier" in said
    assert ("shell command" in said) == (line in ("here = %pwd", "files = !ls"))


@pytest.mark.parametrize("source", ["def (\nos.kill(1, 9)", "%%time\nX = {'a': {}", "x = '\0'", "(" * 9_999])
def test_what_cannot_be_parsed_is_no_flag_and_does_not_run(source):
    assert code_flags({"a": source}, blob_bytes=20_000) == []
    run = {c["id"]: c["source"] for c in defining_cells(load_homework("hw1"), {"hw1-build": source})}
    with pytest.raises(SyntaxError):
        exec(run["hw1-build"])
    assert run["hw1-build"].startswith("raise SyntaxError(")
    assert code_flags({"a": '"""\n%d percent\n"""\nx = 1'}, blob_bytes=20_000) == []


def test_a_folder_nested_beyond_all_paths_is_removed(tmp_path):
    here = os.getcwd()
    (tmp_path / "job").mkdir()
    os.chdir(tmp_path / "job")
    try:
        for _ in range(1_500):
            os.mkdir("folder")
            os.chdir("folder")
        with open("file", "w", encoding="utf-8") as handle:
            handle.write("deep down")
    finally:
        os.chdir(here)
    remove_tree(tmp_path / "job")
    assert list(tmp_path.iterdir()) == []


def test_half_an_emoji_is_mended_where_it_enters(tmp_path):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "good \ud83c"}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    (cell,) = read_submission(tmp_path / "a.ipynb").cells
    assert cell.source == "good ?" and cell.source.encode()


def test_an_own_cell_is_told_from_the_teachers():
    cells = [Cell("code", "import torch"), Cell("code", "class Mine: pass"), Cell("code", DONE["a"], "a")]
    assert align(STUBS, KINDS, cells, ["import torch"]).extra == ("class Mine: pass",)


def test_readers_of_files_are_flagged_by_kind():
    for source in (
        "import pandas as p\nT = p.read_parquet(ROOT)",
        "from polars import scan_csv\nT = scan_csv(ROOT)",
        "import pathlib\nT = pathlib.Path('x').read_text()",
    ):
        (flag,) = code_flags({"a": source}, blob_bytes=20_000)
        assert "reads or writes files" in str(flag), flag
    own = "class A:\n    def f(self): return self.read_words() + read_words()"  # of a cell of their own
    assert code_flags({"a": own}, blob_bytes=20_000) == []


ASKING = """
import io, os
from coursegrader.sandboxes.asked_for import watch
found = watch()
import json, colorsys, torch
open("own.txt", "w").close()
for ask in (getattr(io, "op" + "en"), os.listdir):
    try:
        ask("/srv/elsewhere")
    except OSError:
        pass
print(found)
"""


def test_what_a_program_asks_for_outside_its_own_is_heard_under_any_name(tmp_path):
    done = subprocess.run([sys.executable, "-c", ASKING], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "['/srv/elsewhere']", done.stderr
    (said,) = run_flags([{"asked for": ["/srv/elsewhere"]}])
    assert "/srv/elsewhere" in str(said)


def test_thresholds_become_whole_texts():
    assert thresholds_in_texts({0.9: 1, 0.91: 2, 0.915: 3}, 7_600) == {6840: 1, 6916: 2, 6954: 3}
    assert thresholds_in_texts({0.9: 1, 0.91: 2, 0.915: 3}, 5_000) == {4500: 1, 4550: 2, 4575: 3}


def test_questions_find_their_way_back():
    texts = [f"text number {k} has some words in it" for k in range(40)]
    vocabulary = Vocabulary.build(map(tokenise, texts))
    asked = make_questions(texts, vocabulary, Config(), seed=3)
    rows = [asked.ids[i, : asked.lengths[i]].tolist() for i in range(len(asked.lengths))]
    wanted = Encoder(Config(), vocabulary).encode(texts)
    assert [rows[i] for i in asked.place["test"]] == wanted
    for kind in ("shortened", "shuffled", "twins"):
        for row, of in zip(asked.place[kind], asked.place[f"{kind}_of"], strict=True):
            length = len(wanted[of]) - (kind == "shortened")
            assert asked.lengths[row] == length
            if kind != "shortened":
                assert sorted(rows[row]) == sorted(wanted[of])
    for number, of in enumerate(asked.place["near_of"][::3]):
        copies = [rows[i] for i in asked.place["near"][3 * number : 3 * number + 3]]
        assert all(len(wanted[of]) * 0.6 <= len(copy) < len(wanted[of]) for copy in copies)
        assert set().union(*copies) == set(wanted[of])
    behind = [asked.ids[i, n:].numpy() for i, n in enumerate(asked.lengths.tolist())]
    assert np.concatenate(behind).min() >= 4  # junk, no padding


def test_copies_are_seen_through_other_names():
    code = "\n".join(f"value_{k} = function_{k}(value_{k - 1}, {k}) + other[{k}]" for k in range(12))
    renamed = code.replace("value", "x").replace("function", "g")
    own = "\n".join(f"for i in range({k}):\n    total -= table[i] ** {k}" for k in range(12))
    found = similar_pairs({"a": {"code": code}, "b": {"code": renamed}, "c": {"code": own}}, {})
    assert [(p.first, p.second) for p in found] == [("a", "b")]
    assert similar_pairs({"a": {"code": code}, "b": {"code": code}}, {"code": code}) == []


def graded(name="=evil().zip", key="k" * 24, points=3.0, text="<script>alert(1)</script>"):
    parts = load_homework("hw1").parts
    marks = [Mark(p.id, 0 if p.kind == "manual" else points and p.points, p.points,
                  "by hand" if p.kind == "manual" else "ok", ("<b>why</b>",)) for p in parts]  # fmt: skip
    return Graded(name=name, status="ok", marks=marks, key=key, paper=key, texts={"hw1-report": text})


def test_reports_escape_what_students_write(tmp_path):
    write_reports(load_homework("hw1"), [graded()], tmp_path)
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>" not in text and "<b>" not in text and "Content-Security-Policy" in text
    row = next(csv.DictReader(io.StringIO((tmp_path / "gradebook.csv").read_text(encoding="utf-8"))))
    assert row["File"] == "'=evil().zip"
    assert row["Assignment: Topics of the news (Real)"] == "8"
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))[0]["score"] == 8


def test_marks_by_hand_are_added_and_kept(tmp_path):
    homework = load_homework("hw1")
    write_reports(homework, [graded()], tmp_path, language="ru")
    table = tmp_path / "by_hand.csv"
    lines = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
    lines[1][5] = "1,5"
    with table.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(lines)
    write_reports(homework, [graded()], tmp_path, force=True)
    assert "9.5" in (tmp_path / "gradebook.csv").read_text(encoding="utf-8")
    assert read_by_hand(table, homework).marks == {"k" * 24: {"report": 1.5}}
    lines[1][5] = "7"
    with table.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(lines)
    with pytest.raises(ValueError, match="row 2: 'points' must be a number from 0 to 2"):
        read_by_hand(table, homework)


def test_marks_by_hand_stay_with_the_file_when_grader_or_class_change(tmp_path):
    homework = load_homework("hw1")
    two = [replace(graded(key=k * 24), paper=paper * 12) for k, paper in (("k", "aa"), ("l", "bb"))]
    write_reports(homework, two, tmp_path)
    table = tmp_path / "by_hand.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("report,2,,,", "report,2,,1.5,"), encoding="utf-8"
    )
    again = [replace(two[0], key="m" * 24)]  # another grader, and one file less
    for _ in range(2):
        write_reports(homework, again, tmp_path, force=True)
    assert read_by_hand(table, homework).marks == {p * 12: {"report": 1.5} for p in ("aa", "bb")}
    assert "9.5" in (tmp_path / "gradebook.csv").read_text(encoding="utf-8")
    write_reports(homework, two, tmp_path, force=True)
    assert (tmp_path / "gradebook.csv").read_text(encoding="utf-8").count("9.5") == 2
    kept = {path.name for path in tmp_path.glob("gradebook.csv.bak*")}
    assert kept == {"gradebook.csv.bak", "gradebook.csv.bak2"}


def test_a_late_file_adds_a_row_without_force(tmp_path):
    homework = load_homework("hw1")
    first, late = replace(graded("a.zip"), paper="a" * 24), replace(graded("b.zip", "l" * 24), paper="b" * 24)
    write_reports(homework, [first], tmp_path)
    write_reports(homework, [first, late], tmp_path)
    text = (tmp_path / "gradebook.csv").read_text(encoding="utf-8")
    assert "a.zip" in text and "b.zip" in text
    with pytest.raises(FileExistsError, match="--force"):
        write_reports(homework, [late], tmp_path)


@pytest.mark.parametrize("missing", ["flags", "limits", "smoke"])
def test_a_rubric_without_its_settings_is_refused_by_name(missing, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "solutions", tmp_path, dirs_exist_ok=True)
    rubric = tmp_path / "hw1_ag_news" / "rubric.yaml"
    kept = [
        line for line in rubric.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{missing}:")
    ]
    rubric.write_text("\n".join(kept), encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(tmp_path))
    with pytest.raises(ValueError, match=rf"{missing}\."):
        load_homework("hw1")


def test_folders_of_a_killed_grader_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (f"coursekit-job-{ended.pid}-x", f"coursekit-job-{os.getpid()}-y", "coursekit-job-z", "mine"):
        (tmp_path / name).mkdir()
    sweep_abandoned()
    assert {path.name for path in tmp_path.iterdir()} == {
        f"coursekit-job-{os.getpid()}-y",
        "coursekit-job-z",
        "mine",
    }


def test_an_edited_gradebook_is_not_replaced(tmp_path):
    homework = load_homework("hw1")
    write_reports(homework, [graded()], tmp_path)
    book = tmp_path / "gradebook.csv"
    book.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="--force"):
        write_reports(homework, [graded()], tmp_path)
    assert book.read_text(encoding="utf-8") == "mine"
    write_reports(homework, [graded()], tmp_path, force=True)
    assert (tmp_path / "gradebook.csv.bak").read_text(encoding="utf-8") == "mine"


def test_nothing_of_a_solution_is_released(tmp_path):
    homework = load_homework("hw1")
    hidden = solution_lines(homework)
    assert len(hidden) > 20
    for path in release(homework, tmp_path):
        text = path.read_text(encoding="utf-8")
        lines = json.loads(text)["cells"] if path.suffix == ".ipynb" else [{"source": text}]
        released = {line.strip() for cell in lines for line in cell["source"].splitlines()}
        assert hidden & released == set()
    cells = notebook_of(homework)["cells"]
    ids = [c["metadata"]["nbgrader"]["grade_id"] for c in cells if "nbgrader" in c["metadata"]]
    assert len(set(ids)) == len(ids) and {"hw1-build", "hw1-report"} <= set(ids)


def test_what_most_of_a_class_has_written_makes_nobody_alike():
    """A sentence of the task that was changed after the release stands in every notebook."""
    given = " ".join(f"word{i}" for i in range(40))
    own = {f"s{k}": {"markdown": given} for k in range(9)}
    own["a"] = own["b"] = {"markdown": given + " " + " ".join(f"mine{i}" for i in range(40))}
    assert [(p.first, p.second) for p in similar_pairs(own, {})] == [("a", "b")]
