"""Docstrings say what the code says."""

import ast
import importlib
import inspect
import pkgutil
import re

import pytest

import coursekit
from tools.project import ROOT

MODULES = sorted(
    m.name for m in pkgutil.walk_packages(coursekit.__path__, "coursekit.") if "._" not in m.name
)
SECTION = re.compile(
    r"^(Parameters|Attributes)\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}\n|\Z)", re.MULTILINE | re.DOTALL
)


def documented(text, section):
    """Names in a section of a NumPy docstring, None if it has no such section."""
    bodies = [body for name, body in SECTION.findall(inspect.cleandoc(text)) if name == section]
    if not bodies:
        return None
    heads = re.findall(r"^(\*{0,2}\w[\w, *]*?)(?: :.*)?$", bodies[0], re.MULTILINE)
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def documented_objects(module):
    """Public functions, methods and classes that a module defines, with what they must document."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield f"{module.__name__}.{name}", value.__doc__, parameters(value)
        elif inspect.isclass(value):
            wanted = parameters(value.__init__) if "__init__" in vars(value) else None
            yield f"{module.__name__}.{name}", value.__doc__, wanted
            for method, function in inspect.getmembers(value, inspect.isfunction):
                if not method.startswith("_") and method in vars(value):
                    yield f"{module.__name__}.{name}.{method}", function.__doc__, parameters(function)


def problems(module):
    found = []
    for name, text, wanted in documented_objects(module):
        if not text:
            found.append(f"{name}: no docstring")
            continue
        names = documented(text, "Parameters")
        if names is not None and wanted is not None and names != wanted:
            found.append(f"{name}: documents {names}, takes {wanted}")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_documented_parameters_are_those_of_the_signature(name):
    assert problems(importlib.import_module(name)) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src").rglob("*.py")), ids=lambda p: p.relative_to(ROOT / "src").as_posix()
)
def test_a_module_says_what_it_leaves_out(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert re.search(r"^Left out: ", text, re.MULTILINE), (
        f"{path.name}: the docstring needs a 'Left out:' line"
    )


def test_a_wrong_docstring_is_seen():
    text = "X.\n\nParameters\n----------\na, b : int\n    Both.\n*rest\n\nReturns\n-------\nint\n"
    assert documented(text, "Parameters") == ["a", "b", "rest"]
    assert documented("X.", "Parameters") is None
