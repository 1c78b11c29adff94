"""A number in prose equals its record, and no measured number stands there unmarked."""

import json

import pytest

from tools.marks import allowed_decimals, equals_as_shown, mark_problems, prose_files, prose_of, with_points
from tools.project import LANGUAGES, ROOT


def shown(path):
    return with_points(prose_of(path)) if path.parent.name in LANGUAGES else prose_of(path)


@pytest.mark.parametrize("path", prose_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_number_is_a_record_or_none(path):
    name = path.relative_to(ROOT).as_posix()
    allowed = allowed_decimals().get(name, frozenset())
    assert mark_problems(shown(path), name, allowed=allowed) == []


def test_the_list_of_exceptions_names_only_what_is_there():
    names = {path.relative_to(ROOT).as_posix(): shown(path) for path in prose_files()}
    for name, numbers in allowed_decimals().items():
        assert name in names and all(number in names[name] for number in numbers), name


@pytest.fixture
def records(tmp_path):
    (tmp_path / "study.json").write_text(json.dumps({"summary": {"accuracy": 0.91683, "texts": 11842}}))
    (tmp_path / "flat.json").write_text(json.dumps({"seconds": 41.26, "by": {"lstm": 0.5}, "who": "us"}))
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "We reach <!--r:study.accuracy-->0.917<!--/--> on average.",
        "We reach <!--r:study.accuracy-->91.7 %<!--/-->, or <!--r:study.accuracy-->92%<!--/-->.",
        "<!--r:study.texts-->11,842<!--/--> or <!--r:study.texts-->11\u202f842<!--/--> entries",
        "<!--r:flat.seconds-->41.3<!--/--> s; <!--r:flat.by.lstm-->0.50<!--/-->",
        "`0.917`, $p = 0.05$, $$x = 0.1$$, [a](https://x.org/1.5), Python 3.11, torch ≥ 2.2, release 1.0.0, HW1.2",
        "```python\nlr = 0.001\n```",
        "## 3.1 Words\n\nSee section 3.2.",
    ],
)
def test_right_numbers_pass(text, records):
    assert mark_problems(text, "page", folder=records) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!--r:study.accuracy-->0.918<!--/-->", "shows '0.918'"),
        ("<!--r:study.accuracy-->0.9<!--/--> <!--r:study.accuracy-->91.6 %<!--/-->", "shows '91.6 %'"),
        ("<!--r:study.accuracy-->91.7<!--/-->", "shows '91.7'"),
        ("<!--r:study.accuracy-->good<!--/-->", "shows 'good'"),
        ("<!--r:study.loss-->0.3<!--/-->", "no 'loss'"),
        ("<!--r:nothing.loss-->0.3<!--/-->", "no record nothing.json"),
        ("<!--r:flat.who-->0.3<!--/-->", "not a number"),
        ("<!--r:study.accuracy-->0.917", "not closed"),
        ("It reaches 0.917.", "0.917 is not marked"),
        ("It reaches 91.7 %.", "91.7 is not marked"),
        ("| 0.9 |", "0.9 is not marked"),
    ],
)
def test_wrong_numbers_fail(text, message, records):
    problems = mark_problems(text, "page", folder=records)
    assert any(message in problem for problem in problems), problems


def test_an_exception_holds_for_its_number_only(records):
    problems = mark_problems("0.5 and 0.6", "page", folder=records, allowed=frozenset({"0.5"}))
    assert problems == ["page: the decimal 0.6 is not marked"]


def test_a_decimal_comma_of_a_translated_page_is_read(records):
    text = with_points(
        "<!--r:study.accuracy-->0,917<!--/--> и <!--r:study.texts-->11\u202f842<!--/--> слов; 0,5"
    )
    assert mark_problems(text, "page", folder=records) == ["page: the decimal 0.5 is not marked"]


def test_rounding_is_as_shown():
    assert equals_as_shown("0.92", 0.915) and not equals_as_shown("0.92", 0.9149)
    assert equals_as_shown("-3", -2.6) and not equals_as_shown("3", -3)
