"""What students and teachers read: one table, both languages whole, nothing said outside it, and no mark that depends on it."""

import ast
import csv
import io
import json
import re
import string
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace

import pytest

from coursegrader.by_hand import read_by_hand
from coursegrader.definition import load_homework
from coursegrader.evidence import Mark
from coursegrader.folder import grade_folder, read_graded, write_order
from coursegrader.grades import NO_MARK, Graded, Settings
from coursegrader.jobs import SAID_INSIDE, STATUSES
from coursegrader.messages import LANGUAGES, Message, in_words, say, table, what_said
from coursegrader.report import write_reports
from coursekit.cli import main
from coursekit.homework.experiments import one_change
from coursekit.homework.pipeline import STEPS, draw_case, step_laws
from coursekit.training import Config
from tools.project import ROOT
from tools.trial_class.attacks import Material
from tools.trial_class.reference import members_of, solved_notebook

SOURCE = ROOT / "src" / "coursegrader"
FILES = sorted(path for path in SOURCE.rglob("*.py"))
TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,:;.]? +(?:[^\W\d_]{2,}|\{)|\}[,:;.]? +[^\W\d_]{2,}")
# names that are the same in both languages: of files, formats, programs, options, functions, and columns
NAMES = frozenset(
    (
        "7z bubblewrap build by ck config count counts coursekit COURSEKIT cp1251 csv DATA dim dropout embedding "
        "encode force git grade gz hand hidden homework int64 JSON json layers len length linux Linux macro max min "
        "ModuleList monitor NaN nn num out pack pad part PDF points practice Python RAR setpriv size SOLUTIONS spelling torch "
        "unk unshare UTF util vocabulary words zip "
    ).split()
)


def fields_of(template: str) -> dict[str, str]:
    """The fields of a sentence; of each, how it is written if it is a number, or that it is a number with its noun."""
    parsed = [(name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name]
    return {name: "noun" if "|" in (spec or "") else spec or "" for name, spec in parsed}


@pytest.mark.parametrize("key", sorted(table()))
def test_both_languages_have_a_sentence_with_the_same_fields(key):
    english, russian = (fields_of(table()[key][language]) for language in LANGUAGES)
    assert set(english) == set(russian)
    for name in english:  # a number is written with as many digits
        kinds = {english[name], russian[name]} - {"noun", "", ","}
        assert len(kinds) <= 1, (name, kinds)
    forms = {
        language: [
            spec.removeprefix("=").count("|") + 1
            for _, _, spec, _ in string.Formatter().parse(table()[key][language])
            if spec and "|" in spec
        ]
        for language in LANGUAGES
    }
    assert set(forms["en"]) <= {2} and set(forms["ru"]) <= {3}


@pytest.mark.parametrize("key", sorted(table()))
def test_a_russian_sentence_is_russian(key):
    text = "".join(literal for literal, *_ in string.Formatter().parse(table()[key]["ru"]))
    assert set(re.findall(r"[A-Za-z]{2,}\d*|\d[a-df-z]+", text)) <= NAMES, text
    english = "".join(literal for literal, *_ in string.Formatter().parse(table()[key]["en"]))
    assert not re.search("[А-Яа-яЁё]", english)


@pytest.mark.parametrize(
    ("number", "russian", "english"),
    [
        (0, "0 баллов", "0 points"),
        (1, "1 балл", "1 point"),
        (2, "2 балла", "2 points"),
        (5, "5 баллов", "5 points"),
        (11, "11 баллов", "11 points"),
        (12, "12 баллов", "12 points"),
        (21, "21 балл", "21 points"),
        (104, "104 балла", "104 points"),
        (1.5, "1,5 балла", "1.5 points"),
        (2.0, "2 балла", "2 points"),
        (1_250, "1\u00a0250 баллов", "1,250 points"),
    ],
)
def test_a_number_stands_with_the_right_form_of_its_noun(number, russian, english):
    message = say("engine.held", points=number)
    assert russian in message.in_words("ru") and english in str(message)


def test_numbers_are_written_as_the_language_writes_them():
    made = say("pages.interval", low=0.9134, high=0.928)
    assert "91,3\u00a0% до 92,8\u00a0%" in made.in_words("ru") and "91.3% to 92.8%" in str(made)
    assert "1,2e-05" in say("quality.law", gap=1.23e-5).in_words("ru")
    assert "на ∞" in say("kinds.cell.differs", name="x", gap=float("inf"), number=1).in_words("ru")
    assert say("kinds.sweep.wanted", values=[]).in_words("ru") == "нужны значения: нет."
    listed = say("quality.points", reached="", wanted=[say("quality.threshold", least=0.8, points=1)] * 2)
    assert "0,8 — 1; 0,8 — 1" in listed.in_words("ru")


def test_a_message_survives_the_disk_and_one_without_its_sentence_does_not():
    inner = say("words.colon", name="а", said=say("engine.breaks", names=["b", "c"]))
    assert Message.from_dict(json.loads(json.dumps(inner.to_dict()))) == inner
    with pytest.raises(KeyError):
        Message.from_dict({"say": "nobody.says-this", "values": {}})


# ---- nothing is said outside the table


def tree_of(source: str) -> tuple[ast.Module, dict[ast.AST, ast.AST]]:
    """A program, and what stands above each of its nodes."""
    tree = ast.parse(source)
    return tree, {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def sentences_in(source: str) -> list[str]:
    """What is neither a name nor for developers and has two words in a row."""
    tree, parents = tree_of(source)
    found = [(node, text_of(node)) for node in ast.walk(tree)]
    rules = (is_no_sentence, is_a_name, is_for_developers)
    return [
        text
        for node, text in found
        if text is not None and TWO_WORDS.search(text) and not any(rule(node, parents) for rule in rules)
    ]


def above(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "id", "") or getattr(function, "attr", "")


def is_for_developers(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a text is for who writes a rubric or calls a function: errors about these, the log, ``--help``."""
    text, inside = text_of(node), list(above(node, parents))
    for outer in inside:
        if isinstance(
            outer, ast.Raise
        ):  # of a rubric; of ours, with its traceback; of an argument, by its name
            error = called(outer.exc)
            functions = [f for f in inside if isinstance(f, ast.FunctionDef)]
            arguments = {a.arg for f in functions for a in (*f.args.args, *f.args.kwonlyargs)}
            named = re.match(r"'(\w+|\{\})' must ", text)
            checked = named and (named[1] in arguments or functions[0].name == "__post_init__")
            return error in ("RubricError", "RuntimeError") or bool(checked)
        if isinstance(outer, ast.FunctionDef) and re.fullmatch(r"(\w+_)?problems?", outer.name):
            return True  # of a line in a rubric
        if isinstance(outer, ast.keyword) and outer.arg in ("help", "description"):
            return True
        if isinstance(outer, ast.Call) and ast.unparse(outer.func).startswith("log."):
            return True
    return False


def is_a_name(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a text with a space in it names a status, a figure or a column: what is looked up, and never read."""
    text, parent = text_of(node), parents[node]
    if f"status.{text.replace(' ', '-')}" in table() or f"by_hand.{text.replace(' ', '-')}" in table():
        return True
    if isinstance(parent, ast.Dict):
        return node in parent.keys
    if isinstance(parent, (ast.Subscript, ast.Compare)):
        return True
    if isinstance(parent, ast.Tuple):  # (a, b) of which each is looked up
        return isinstance(parents[parent], (ast.comprehension, ast.Compare))
    return called(parent) == "get"


def is_no_sentence(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Docstrings, pieces of files and programs (with line breaks, or for Python), lists of names that are split."""
    text, parent = text_of(node), parents[node]
    if isinstance(parent, (ast.Expr, ast.JoinedStr, ast.FormattedValue)) or "\n" in text:
        return True
    if isinstance(parent, ast.Attribute) and parent.attr == "split":
        return True
    if text.startswith("#"):
        return True
    return bool(re.fullmatch(r"(\{\})?raise \w+\(.*\)", text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_no_sentence_stands_outside_the_table(path):
    assert sentences_in(path.read_text(encoding="utf-8")) == []


def test_no_sentence_stands_in_a_template():
    for path in (SOURCE / "templates").iterdir():
        text = re.sub(r"\{[{%].*?[%}]\}|<style>.*?</style>|<[^>]*>", "", path.read_text(), flags=re.DOTALL)
        assert text.split() == [], path.name


def test_the_rules_find_a_sentence_that_is_smuggled_in():
    smuggled = """
def mark(part, evidence):
    reasons = [f"{part} is not good enough."]
    if part in ("a", "b"):
        raise ValueError("the file is not good")
    return Mark.of(part, 0, "marked by nobody", *reasons, status="by hand")
"""
    found = sentences_in(smuggled)
    assert sorted(found) == ["marked by nobody", "the file is not good", "{} is not good enough."]


def test_every_sentence_is_used_and_every_use_is_known():
    used, patterns = set(), []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if called(node) == "say" and node.args:
                given = {keyword.arg for keyword in node.keywords}
                keys = [n for n in ast.walk(node.args[0]) if text_of(n) and "." in text_of(n)]
                for key in filter(lambda n: isinstance(n, ast.Constant), keys):
                    if key.value in table():
                        assert set(fields_of(table()[key.value]["en"])) == given, (path.name, key.value)
                    else:
                        assert key.value.endswith("."), (path.name, node.lineno, key.value)
            text = text_of(node)
            if isinstance(node, ast.JoinedStr) and re.fullmatch(r"[a-z_]+\.\{\}", text):
                patterns.append(text.removesuffix("{}"))
            elif text in table():
                used.add(text)
    used |= set(re.findall(r'say\("([^"]+)"\)', "".join(p.read_text() for p in SOURCE.glob("templates/*"))))
    used |= {key for key in table() if key.startswith((*patterns, "homework."))}  # those are looked at below
    assert set(table()) == used


def test_every_status_has_its_words():
    ended = ("ok", "error", "killed", "timeout", "output", "memory", "disk")
    for status in {*STATUSES, *ended, *NO_MARK, "review", "by hand", "missing", "not reached"}:
        assert f"status.{status.replace(' ', '-')}" in table()
    assert {f"graded.{status}" for status in (*NO_MARK, "ok", "person", "incomplete")} <= set(table())
    assert set(SAID_INSIDE) <= set(table())


# ---- whole reports


@pytest.fixture
def homework(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    return load_homework("hw1")


def class_of(homework, language="") -> list[Graded]:
    """Two submissions: one held, with every kind of sentence; one that cannot be read."""
    doubts = [
        say("quality.ceiling", score=say("score.accuracy"), reached=0.9876),
        say("quality.few", rows=21),
    ]
    marks = [
        Mark.of(part, part.points, say("kinds.accuracy.right", right=1, number=2)) for part in homework.parts
    ]
    marks[3] = replace(marks[3], measured={"interval": [0.912, 0.9345]}).on_hold(*doubts)
    marks[4] = Mark.of(homework.parts[4], 0, say("kinds.manual.person"), status="by hand")
    held = Graded(
        name="7_assignsubmission_file_/1.zip",
        status="person",
        marks=marks,
        reason=say("engine.look"),
        notes=[say("alignment.found-again", task="1"), say("intake.cp1251")],
        flags=[say("flags.size", task="1", size=21_002)],
        texts={"2": "3"},
        code="\n".join(f"x{k} = y[{k}] + z({k})" for k in range(30)),
        backend="plain",
        key="1" * 24,
        paper="1" * 24,
        language=language,
    )
    lost = [Mark.of(part, 0, say("plain.empty"), status="unreadable") for part in homework.parts]
    return [
        held,
        replace(held, name="8", key="3" * 24, paper="3" * 24),
        Graded(
            name="9", status="unreadable", marks=lost, reason=say("plain.empty"), key="2" * 24, paper="2" * 24
        ),
    ]


def words_in(text: str, homework) -> set[str]:
    """Words of a report without tags, styles, and what belongs to the homework."""
    text = re.sub(r"<style>.*?</style>|<!.*?>|<[^>]*>", " ", text, flags=re.DOTALL)
    titles = [homework.title, *(part.title for part in homework.parts), *(part.id for part in homework.parts)]
    for own in (
        *sorted(titles, key=len, reverse=True),
        "_assignsubmission_file_",
        "by_hand",
        "feedback",
        ".html",
    ):
        text = text.replace(own, " ")
    text = re.sub(r"\b[0-9a-f]{12,24}\b", " ", text)  # keys
    return set(re.findall(r"[^\W\d]\w*", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_written_is_in_one_language(language, homework, tmp_path):
    write_reports(homework, class_of(homework), tmp_path, language=language)
    written = [path for path in tmp_path.rglob("*") if path.suffix in (".html", ".csv")]
    assert len(written) == 3 + 3 + 2
    for path in written:
        words = words_in(path.read_text(encoding="utf-8"), homework)
        cyrillic = {word for word in words if re.search("[А-Яа-яЁё]", word)}
        assert cyrillic or language == "en", path.name
        foreign = words - cyrillic if language == "ru" else cyrillic
        assert foreign <= NAMES, (path.name, foreign)
    for one in json.loads((tmp_path / "results.json").read_text(encoding="utf-8")):
        said = " ".join([one["output"], *(test["output"] for test in one["tests"])])
        assert bool(re.search("[А-Яа-я]", said)) == (language == "ru")


def test_marks_do_not_depend_on_the_language(homework, tmp_path):
    made = class_of(homework)
    for language in LANGUAGES:
        write_reports(homework, made, tmp_path / language, language=language)
    english, russian = (json.loads((tmp_path / n / "results.json").read_text("utf-8")) for n in LANGUAGES)
    for one, other in zip(english, russian, strict=True):
        assert one.get("score") == other.get("score")
        assert [t.get("score") for t in one["tests"]] == [t.get("score") for t in other["tests"]]
        assert [t["extra_data"] for t in one["tests"]] == [t["extra_data"] for t in other["tests"]]


def test_a_page_has_the_language_of_its_notebook_and_a_table_that_of_the_rubric(
    homework, tmp_path, monkeypatch
):
    made = class_of(homework, language="ru")
    write_reports(homework, made, tmp_path)
    ours, theirs = ((tmp_path / "feedback" / one.page).read_text("utf-8") for one in made[1:])
    assert 'lang="ru"' in ours and "Отчёт о проверке" in ours and 'lang="en"' in theirs
    assert (tmp_path / "gradebook.csv").read_text("utf-8").startswith("File,")
    write_reports(replace(homework, language="ru"), made, tmp_path, force=True)
    assert (tmp_path / "gradebook.csv").read_text("utf-8").startswith("Файл,")
    assert 'lang="ru"' in (tmp_path / "feedback" / made[2].page).read_text("utf-8")
    monkeypatch.setenv("COURSEKIT_LANGUAGE", "ru")
    write_reports(homework, made, tmp_path / "again")
    assert (tmp_path / "again" / "gradebook.csv").read_text("utf-8").startswith("Файл,")


def test_marks_that_were_filled_in_in_russian_are_read_and_stay(homework, tmp_path):
    made = class_of(homework)
    write_reports(homework, made, tmp_path, language="ru")
    path = tmp_path / "by_hand.csv"
    head, first, *others = csv.reader(io.StringIO(path.read_text("utf-8")))
    assert head == "ключ файл часть максимум отложено баллы страница причина".split()
    first[5] = "2,5"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=";").writerows([head, first, *others])
    before = path.read_bytes()
    assert read_by_hand(path, homework).marks == {"1" * 24: {"quality": 2.5}}
    for language in LANGUAGES:  # the same rows wait, whatever the heads are called
        write_reports(homework, made, tmp_path, language=language, force=True)
        assert path.read_bytes() == before


@pytest.mark.parametrize(("language", "said"), [("ru", "ждёт преподавателя"), ("en", "waits for a person")])
def test_the_command_speaks_both_languages(language, said, homework, tmp_path, capsys):
    made = class_of(homework)
    (tmp_path / "finished").mkdir()
    for one in made:
        (tmp_path / "finished" / f"{one.key}.json").write_text(json.dumps(one.to_dict()), "utf-8")
    write_order(tmp_path / "finished", load_homework("hw1"), [one.key for one in made])
    held = io.StringIO()
    with redirect_stdout(held):
        main(["homework", "report", "hw1", "--out", str(tmp_path), "--language", language])
    assert said in held.getvalue() and in_words(made[0].reason, language) in held.getvalue()
    assert bool(re.search("[А-Яа-я]", held.getvalue())) == (language == "ru")
    assert main(["homework", "report", "hw1", "--out", str(tmp_path / "no"), "--language", language]) == 2
    assert ("нет проверенных работ" in capsys.readouterr().err) == (language == "ru")


# ---- what the checks of the package say, which the grader repeats

CHECKED = [
    ROOT / "src/coursekit/homework" / f"{n}.py"
    for n in ("experiments", "readers", "batch_steps", "pipeline", "stacks")
]


def test_what_the_checks_say_is_in_the_table_and_nothing_else():
    english = {said["en"] for key, said in table().items() if key.startswith("homework.")}
    found = set()
    for path in CHECKED:
        tree, parents = tree_of(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            text, functions = (
                text_of(node),
                [n for n in above(node, parents) if isinstance(n, ast.FunctionDef)],
            )
            if text in english:
                found.add(text)
            elif text and functions and TWO_WORDS.search(text) and not is_no_sentence(node, parents):
                raise AssertionError(f"{path.name}, {node.lineno}: {text!r}")
    assert found == english


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_broken_law_is_said_in_russian(step):
    case = draw_case(step, 1)
    wrong = {"split": "first again other plain".split(), "vocabulary": "ids vocabulary".split()}
    broken = [
        dict.fromkeys(wrong.get(step, ()), [[0], [1], [2]]),
        [["x"]] * len(case.get("texts", [])),
        None,
        {},
    ]
    said = [one for given in broken for law in step_laws(step, case, given) for one in law if one]
    assert said
    for text in said:
        words = what_said(ValueError(text)).in_words("ru")
        assert re.search("[А-Яа-я]", words) and words != text


def test_errors_about_experiments_are_said_in_russian():
    for changes in ({}, {"cell": "gru", "epochs": 9}, {"cell": Config().cell}, {"monitor": "macro_f1"}):
        with pytest.raises(ValueError) as error:
            one_change(Config(), changes)
        said = what_said(error.value)
        assert isinstance(said, Message) and str(said) == str(error.value)
        assert re.search("[А-Яа-я]{4}", said.in_words("ru"))
    assert "полей 0: нет." in what_said(pytest.raises(ValueError, one_change, Config(), {}).value).in_words(
        "ru"
    )


# ---- real submissions


def quoted_in(value) -> Iterator[str]:
    """What a report quotes: texts among the values of its sentences."""
    if isinstance(value, Message):
        yield from quoted_in(list(value.values.values()))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from quoted_in(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.sandbox
def test_real_submissions_are_reported_in_one_language(reference, tmp_path):
    material = Material(solved_notebook("hw1"), members_of(reference), tmp_path, {})
    changed = {
        "good": lambda source: source,
        "breaks": lambda source: source.replace("return", "undefined_name\n    return", 1),
        "odd": lambda source: "import ctypes\nctypes.CDLL\n" + source,
    }
    folder = tmp_path / "submissions"
    folder.mkdir()
    for name, change in changed.items():
        (folder / f"{name}.zip").write_bytes(material.with_code("hw1-build", change))
    (folder / "torn.zip").write_bytes((folder / "good.zip").read_bytes()[:5_000])
    graded = grade_folder(folder, "hw1", tmp_path / "out", Settings(seed=5, practice=True), progress=False)
    assert graded == read_graded(tmp_path / "out", load_homework("hw1"))  # sentences and all
    homework = load_homework("hw1")
    quoted = [text for g in graded for said in (g.reason, *g.flags, *g.notes) for text in quoted_in(said)]
    quoted += [text for g in graded for m in g.marks for said in m.reasons for text in quoted_in(said)]
    names = {word for text in quoted for word in re.findall(r"[^\W\d]\w*", text)} | NAMES
    for language in LANGUAGES:
        out = tmp_path / language
        write_reports(homework, graded, out, language=language)
        for path in (*out.rglob("*.csv"), *(out / "feedback").iterdir()):
            words = words_in(path.read_text(encoding="utf-8"), homework) - {
                g.name.partition(".")[0] for g in graded
            }
            cyrillic = {word for word in words if re.search("[А-Яа-яЁё]", word)}
            foreign = cyrillic if language == "en" else words - cyrillic - names
            assert not foreign and words - foreign, (path.name, foreign)
