"""The tables: whose mark it is, no mark is no zero, and what a person wrote in any spreadsheet is read or refused, never lost."""

import csv
import io
import json
from dataclasses import replace

import pytest

from coursegrader.by_hand import HEAD, read_by_hand
from coursegrader.definition import load_homework
from coursegrader.evidence import Mark
from coursegrader.folder import write_order
from coursegrader.grades import Graded
from coursegrader.report import write_reports
from coursegrader.tables import table
from coursekit.cli import main
from tools.project import ROOT

TOTAL = "Assignment: Topics of the news (Real)"
STATUSES = ("review", "missing", "error", "timeout")
MOODLE = "Иванова Анна_{}_assignsubmission_file_/hw1_submission.zip"


@pytest.fixture(autouse=True)
def homework(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    return load_homework("hw1")


def graded(homework, name, status="ok", **statuses):
    """A submission with all points, but for the parts named here."""
    marks = []
    for part in homework.parts:
        said = statuses.get(part.id.replace("-", "_"), "by hand" if part.kind == "manual" else "ok")
        mark = (
            Mark.of(part, part.points, "fine")
            if said in ("ok", "review")
            else Mark.of(part, 0, said, status=said)
        )
        marks.append(mark.on_hold("a doubt") if said == "review" else mark)
    paper = name.encode().hex()[-24:].rjust(24, "0")
    flags = ["uses os"] if status == "person" else []
    return Graded(name=name, status=status, marks=marks, key=paper, paper=paper, flags=flags)


def lost(homework, name, status):
    marks = [Mark.of(part, 0, "half of it is missing", status=status) for part in homework.parts]
    paper = name.encode().hex()[-24:].rjust(24, "0")
    return Graded(
        name=name, status=status, marks=marks, reason="half of it is missing", key=paper, paper=paper
    )


def rows(path):
    return {row["File" if "File" in row else "key"]: row for row in listed(path)}


def listed(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_a_class_of_moodle_has_a_row_and_a_number_each(homework, tmp_path):
    text = "\n".join(f"total_{k} = other_{k}[{k}] + value({k}, {k + 1}) ** {k}" for k in range(20))
    made = [graded(homework, MOODLE.format(1000 + k)) for k in range(60)]
    own = [replace(g, code=f"x = {k}\n" * 30, paper=f"{k:02}" * 12) for k, g in enumerate(made)]
    for k in (3, 30, 55):  # the planted copies
        own[k] = replace(own[k], code=text)
    write_reports(homework, own, tmp_path)
    found = rows(tmp_path / "gradebook.csv")
    assert len(found) == 60 and len({row["Identifier"] for row in found.values()}) == 60
    assert found[MOODLE.format(1007)]["Identifier"] == "Participant 1007"
    pairs = {
        (row["first"], row["second"]) for row in listed(tmp_path / "similarity.csv") if row["kind"] == "code"
    }
    names = [MOODLE.format(1000 + k) for k in (3, 30, 55)]
    assert pairs == {(a, b) for a in names for b in names if a < b}
    assert len(list((tmp_path / "feedback").iterdir())) == 60
    assert {row["file"] for row in listed(tmp_path / "by_hand.csv")} == set(found)
    assert {
        one["file"] for one in json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    } == set(found)


def test_no_mark_is_an_empty_cell_and_never_zero(homework, tmp_path):
    class_ = [
        graded(homework, "a good.zip"),
        graded(homework, "b held.zip", "person", quality="review"),
        graded(
            homework,
            "c breaks.zip",
            "person",
            baseline="error",
            experiment_1="timeout",
            experiment_2="memory",
            quality="error",
        ),
        graded(
            homework,
            "d unfinished.ipynb",
            experiment_1="not written",
            experiment_2="not written",
            quality="missing",
        ),
        *(lost(homework, f"{status}.zip", status) for status in ("unreadable", "foreign", "failed")),
    ]
    write_reports(homework, class_, tmp_path)
    found = rows(tmp_path / "gradebook.csv")
    parts = [part.id for part in homework.parts]
    cells = {name: [row[part] for part in parts] + [row[TOTAL]] for name, row in found.items()}
    assert cells.pop("a good.zip") == [
        "1",
        "2",
        "2",
        "3",
        "",
        "8",
    ]  # the report waits as planned: points so far
    assert cells.pop("b held.zip") == ["1", "2", "2", "", "", ""]
    # what is not written is a zero and a mark; what is missing may come yet
    assert cells.pop("d unfinished.ipynb") == ["1", "0", "0", "", "", ""]
    assert set(map(tuple, cells.values())) == {("",) * 6}
    assert found["unreadable.zip"]["Waiting for a person"].split() == parts
    waiting = {(row["file"], row["part"]): row for row in listed(tmp_path / "by_hand.csv")}
    held = waiting["b held.zip", "quality"]
    assert (
        (held["on hold"], held["most"]) == ("3", "3")
        and "a doubt" in held["reason"]
        and "uses os" in held["reason"]
    )
    for name in ("c breaks.zip", "unreadable.zip", "foreign.zip", "failed.zip"):
        assert {part for file, part in waiting if file == name} == set(parts), name
    assert {part for file, part in waiting if file == "d unfinished.ipynb"} == {"quality", "report"}
    assert waiting["failed.zip", "quality"]["reason"] == "half of it is missing"
    scores = {one["file"]: one for one in json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))}
    assert "score" not in scores["failed.zip"] and "score" not in scores["failed.zip"]["tests"][0]
    assert scores["a good.zip"]["score"] == 8
    assert "score" not in scores["b held.zip"] and "score" not in scores["d unfinished.ipynb"]
    page = (tmp_path / "feedback" / class_[1].page).read_text(encoding="utf-8")
    assert "0 / 3" not in page and "2 / 2" in page


def test_the_screen_has_a_star_where_the_gradebook_has_an_empty_cell(homework, tmp_path, capsys):
    written = dict.fromkeys(("experiment_1", "baseline"), "not written")
    made = [graded(homework, f"{status}.zip", "person", quality=status, **written) for status in STATUSES]
    write_reports(homework, made, tmp_path)
    (tmp_path / "finished").mkdir()
    for one in made:
        (tmp_path / "finished" / f"{one.key}.json").write_text(json.dumps(one.to_dict()), "utf-8")
    write_order(tmp_path / "finished", load_homework("hw1"), [one.key for one in made])
    assert main(["homework", "report", "hw1", "--out", str(tmp_path)]) == 1
    shown = {
        line.split()[0]: line.split()[2:7] for line in capsys.readouterr().out.splitlines()[1 : 1 + len(made)]
    }
    waiting = {(row["file"], row["part"]) for row in listed(tmp_path / "by_hand.csv")}
    for name, row in rows(tmp_path / "gradebook.csv").items():
        for part, cell in zip(homework.parts, shown[name], strict=True):
            assert cell.endswith("*") == (not row[part.id]) == ((name, part.id) in waiting), (name, part.id)
    assert shown["missing.zip"] == ["0", "0", "2", "0*", "0*"]


def test_the_screen_gives_its_reasons_below_the_points_of_everybody(homework, tmp_path, capsys):
    made = [
        graded(homework, "a.zip"),
        lost(homework, "b.zip", "unreadable"),
        graded(homework, "long name.zip"),
    ]
    (tmp_path / "finished").mkdir()
    for one in made:
        (tmp_path / "finished" / f"{one.key}.json").write_text(json.dumps(one.to_dict()), "utf-8")
    write_order(tmp_path / "finished", load_homework("hw1"), [one.key for one in made])
    main(["homework", "report", "hw1", "--out", str(tmp_path)])
    head, *points, star, why = capsys.readouterr().out.splitlines()
    assert len({len(line) for line in (head, *points)}) == 1 and len(points) == 3
    assert star.startswith("*") and why == "b.zip  half of it is missing"


def test_a_person_can_mark_what_the_grader_could_not(homework, tmp_path):
    class_ = [lost(homework, "a.zip", "unreadable")]
    write_reports(homework, class_, tmp_path)
    path = tmp_path / "by_hand.csv"
    made = listed(path)
    for row, points in zip(made, ("1", "2", "0", "1,5", "2"), strict=True):
        row["points"] = points
    path.write_text(table(HEAD, [row.values() for row in made]), encoding="utf-8")
    write_reports(homework, class_, tmp_path, force=True)
    row = rows(tmp_path / "gradebook.csv")["a.zip"]
    assert (row[TOTAL], row["quality"], row["Waiting for a person"]) == ("6.5", "1.5", "")


def saved(homework, tmp_path, delimiter, encoding, points="1,5"):
    """A table of marks, filled in and saved by a spreadsheet; and the class."""
    class_ = [graded(homework, "Иванова.zip"), graded(homework, "Петров.zip")]
    write_reports(homework, class_, tmp_path)
    path = tmp_path / "by_hand.csv"
    made = listed(path)
    made[0]["points"] = points
    held = io.StringIO()
    writer = csv.writer(held, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([HEAD, *(row.values() for row in made)])
    path.write_bytes(held.getvalue().encode(encoding))
    return class_, path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_marks_are_read_from_any_spreadsheet(homework, tmp_path, delimiter, encoding):
    class_, path = saved(homework, tmp_path, delimiter, encoding)
    before = path.read_bytes()
    assert read_by_hand(path, homework).marks == {class_[0].paper: {"report": 1.5}}
    write_reports(homework, class_, tmp_path, force=True)
    found = rows(tmp_path / "gradebook.csv")
    assert (found["Иванова.zip"]["report"], found["Иванова.zip"][TOTAL]) == ("1.5", "9.5")
    assert found["Петров.zip"]["report"] == ""
    assert path.read_bytes() == before  # as the person saved it
    late = [*class_, graded(homework, "поздно.zip")]
    write_reports(homework, late, tmp_path, force=True)
    assert (tmp_path / "by_hand.csv.bak").read_bytes() == before
    assert read_by_hand(path, homework).marks == {class_[0].paper: {"report": 1.5}}


def handed_out(homework, tmp_path, *marks):
    """A class of two, and copies of its table, each with somebody's marks: ``(row, points)``."""
    class_ = [graded(homework, "Иванова.zip"), graded(homework, "Петров.zip")]
    write_reports(homework, class_, tmp_path)
    copies = []
    for number, (row, points) in enumerate(marks):
        made = listed(tmp_path / "by_hand.csv")
        made[row]["points"] = points
        copies.append(tmp_path / f"copy{number}.csv")
        copies[-1].write_text(table(HEAD, [row.values() for row in made]), encoding="utf-8")
    return class_, copies


def test_copies_that_several_people_filled_in_become_one_table(homework, tmp_path):
    class_, copies = handed_out(homework, tmp_path, (0, "1.5"), (1, "2"), (1, "2.0"))
    write_reports(homework, class_, tmp_path, force=True, copies=copies)
    given = {name: row["report"] for name, row in rows(tmp_path / "gradebook.csv").items()}
    assert given == {"Иванова.zip": "1.5", "Петров.zip": "2"}
    joined = read_by_hand(tmp_path / "by_hand.csv", homework)
    assert joined.marks == {class_[0].paper: {"report": 1.5}, class_[1].paper: {"report": 2}}


def test_people_who_disagree_are_named_and_nothing_is_written(homework, tmp_path, capsys):
    class_, copies = handed_out(homework, tmp_path, (0, "1.5"), (0, "1"))
    (tmp_path / "finished").mkdir()
    write_order(tmp_path / "finished", load_homework("hw1"), [])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    command = ["homework", "report", "hw1", "--out", str(tmp_path), "--marks"]
    assert main([*command, *map(str, copies)]) == 2
    wanted = f"copy1.csv gives 1 for 'report' of {class_[0].paper} (Иванова.zip), and copy0.csv gives 1.5; agree on one."
    assert capsys.readouterr().err == f"coursekit: {wanted}\n"
    assert main([*command, str(tmp_path / "nobody.csv")]) == 2
    assert "nobody.csv is not there" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"name,mark\nx,2\n", "no column 'key', 'part', 'points'"),
        (b"key;part;mark\nx;report;2\n", "no column 'points'"),
        (b"key,part,most,on hold,points\nx,report,2,,1,5\n", "row 2 has more cells"),
        (b"key,part,points\nx,rapport,2\n", "row 2: 'part' must be one of baseline"),
        (b"key,part,points\n,report,2\n", "row 2: 'part' must be"),
        (b"key,part,points\nx,report,two\n", "row 2: 'points' must be a number from 0 to 2, got 'two'"),
        (b"key,part,points\nx,report,nan\n", "row 2: 'points'"),
        (b"key,part,points\nx,report,01.\xec\xe0\xe9\n", "row 2: 'points'"),
        (b"key,part,points\n\nx,report,1\nx,report,2\n", "row 4: .* two different marks"),
        (b"PK\x03\x04\x00\x00 an xlsx", "no column"),
        (b"", "is empty"),
        (b"key,part,points\nx,report," + b"1" * 200_000, "no table"),
    ],
)
def test_what_is_not_understood_is_refused_and_stays(homework, tmp_path, capsys, content, wanted):
    out, submissions = tmp_path / "out", tmp_path / "submissions"
    write_reports(homework, [graded(homework, "a.zip")], out)
    (out / "finished").mkdir()
    write_order(out / "finished", load_homework("hw1"), [])
    (out / "by_hand.csv").write_bytes(content)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match=wanted):
        write_reports(homework, [graded(homework, "a.zip")], out, force=True)
    submissions.mkdir()
    (submissions / "a.ipynb").write_text("{}")
    for command in (["report", "hw1"], ["grade", "hw1", str(submissions), "--practice"]):
        assert main(["homework", *command, "--out", str(out)]) == 2
        said = capsys.readouterr().err
        assert said.startswith("coursekit: by_hand.csv") and said.count("\n") == 1
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_marks_that_belong_to_nobody_are_named_and_kept(homework, tmp_path, capsys):
    class_, path = saved(homework, tmp_path, ";", "cp1251")
    finished = tmp_path / "finished"
    finished.mkdir()
    (finished / f"{class_[1].key}.json").write_text(json.dumps(class_[1].to_dict()), encoding="utf-8")
    write_order(finished, load_homework("hw1"), [class_[1].key])
    assert main(["homework", "report", "hw1", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"the marks of {class_[0].paper} (Иванова.zip) belong to no file of this run" in said
    assert read_by_hand(path, homework).marks == {class_[0].paper: {"report": 1.5}}
    assert {"Иванова.zip", "Петров.zip"} == {
        row["file"] for row in csv.DictReader(io.StringIO(path.read_text("cp1251")), delimiter=";")
    }


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=evil()", "'=evil()"),
        ("a;=evil().zip", "a;'=evil().zip"),  # where ";" divides cells, one begins behind it
        (";=evil()", ";'=evil()"),
        ("\t@x", "\t'@x"),
        ("a\n+x", "a\n'+x"),
        ("-1 + x", "'-1 + x"),
        ("-1.5", "-1.5"),
        ("a = b; c", "a = b; c"),
    ],
)
def test_no_cell_is_a_formula_in_any_country(value, cell):
    assert list(csv.reader(io.StringIO(table(["x"], [[value]]))))[1] == [cell]


def test_a_reason_of_megabytes_is_cut_everywhere(homework, tmp_path):
    made = graded(homework, "a.zip", "person", quality="review")
    long = replace(made.marks[3], reasons=tuple(f"{k} " + "x" * 100_000 for k in range(500)))
    made = replace(made, marks=[*made.marks[:3], long, *made.marks[4:]], reason="y" * 3_000_000)
    write_reports(homework, [made], tmp_path)
    sizes = {path.name: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 60_000, sizes
    assert "and 480 more" in (tmp_path / "feedback" / made.page).read_text(encoding="utf-8")


def test_names_on_the_screen_are_one_line_and_distinct(homework, tmp_path, capsys):
    finished = tmp_path / "finished"
    finished.mkdir()
    names = [
        "a\n\x1b[31mok  8 8 8",
        *(f"{'Очень длинное имя ' * 2}{k}_9_assignsubmission_file_/hw1_submission.zip" for k in (1, 2)),
    ]
    made = [replace(graded(homework, name), key=f"{k:024}", paper=f"{k:024}") for k, name in enumerate(names)]
    for one in made:
        (finished / f"{one.key}.json").write_text(json.dumps(one.to_dict()), encoding="utf-8")
    write_order(finished, load_homework("hw1"), [one.key for one in made])
    main(["homework", "report", "hw1", "--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and "\x1b" not in "".join(lines)
    assert names[1] in lines[2] and names[2] in lines[3]
