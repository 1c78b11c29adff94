"""No reference model ships to students: final configurations are compared with everything that does, by what they mean."""

import ast
import json

import pytest

from coursegrader.definition import homework_names, load_homework
from coursekit.training import Config
from coursestudies.plans import PLANS
from tools.project import ROOT

FIELDS = set(Config().to_dict())
LEAST = 3  # fields that make a dictionary or a call a configuration


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))


def finals():
    """The final configuration of every homework that has one: what it names, and all of it."""
    named = {}
    for name in homework_names():
        homework = load_homework(name)
        for cell in homework.cells:
            if cell.task == f"{name}-final":
                exec(cell.source, scope := {})
                named[name] = scope["FINAL"], Config.from_dict(homework.baseline | scope["FINAL"])
    assert set(named) >= {"hw1", "hw2"}
    return named


def is_the_same(values, named, whole):
    """Whether a configuration is a final one: equal in meaning, or in every field that both name."""
    known = {key: value for key, value in values.items() if key in FIELDS}
    both = set(known) & set(named)
    alike = (
        len(both) >= LEAST and all(known[key] == named[key] for key in both) and len(both) >= len(named) - 2
    )
    try:
        return alike or Config.from_dict(known) == whole
    except (ValueError, TypeError):
        return alike


def configurations(path, text):
    """Everything in a file that looks like a configuration: in JSON, in notebooks, in Python."""
    if path.endswith((".json", ".ipynb")):
        try:
            yield from _in_json(json.loads(text))
        except ValueError:
            return
    elif path.endswith(".py"):
        yield from _in_python(text)


def _in_json(value):
    if isinstance(value, list):
        for item in value:
            yield from _in_json(item)
    elif isinstance(value, dict):
        if value.get("cell_type") == "code":
            source = value.get("source", "")
            yield from _in_python(source if isinstance(source, str) else "".join(source))
        if len(FIELDS & set(value)) >= LEAST:
            yield value
        for item in value.values():
            yield from _in_json(item)


def _in_python(text):
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a cell with a magic
        return
    for node in ast.walk(tree):
        pairs = []
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            pairs = [
                (getattr(key, "value", None), value)
                for key, value in zip(node.keys, node.values, strict=True)
            ]
        values = {name: value.value for name, value in pairs if isinstance(value, ast.Constant)}
        if len(FIELDS & set(values)) >= LEAST:
            yield values


def leaked(files):
    """Names of files that hold a final configuration, of those given as pairs of name and text."""
    wanted = finals()
    return sorted(
        {
            f"{path}: {name}"
            for path, text in files
            for values in configurations(path, text)
            for name, (named, whole) in wanted.items()
            if is_the_same(values, named, whole)
        }
    )


def test_a_leak_would_be_found():
    for named, whole in finals().values():
        call = f"Config({', '.join(f'{key}={value!r}' for key, value in named.items())})"
        cells = [{"cell_type": "code", "source": f"x = {named!r}"}]
        shown = {
            "a.json": json.dumps({"runs": [{"config": whole.to_dict()}]}),
            "b.py": f"PLAN = {call}",
            "c.ipynb": json.dumps({"cells": cells}),
        }
        assert len(leaked(shown.items())) >= 3
    assert leaked([("d.py", "Config(cell='rnn', epochs=2, dropout=0.1)")]) == []


def test_no_record_that_ships_holds_a_final_configuration():
    paths = sorted((ROOT / "data").rglob("*.json"))
    assert len(paths) > 10
    assert leaked((str(path), path.read_text(encoding="utf-8")) for path in paths) == []


def test_no_source_that_ships_holds_a_final_configuration():
    paths = [
        path
        for folder in ("src", "book", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ]
    texts = ((str(p), p.read_text(encoding="utf-8")) for p in paths if p.suffix in (".py", ".ipynb", ".json"))
    assert leaked(texts) == []


def test_no_plan_and_no_default_is_a_final_configuration():
    plans = [
        (f"{plan}.json", json.dumps(config.to_dict()))
        for plan, found in PLANS.items()
        for arm in found.arms.values()
        for config in arm.candidates.values()
    ]
    assert len(plans) > 10
    assert leaked([*plans, ("default.json", json.dumps(Config().to_dict()))]) == []
