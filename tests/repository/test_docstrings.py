"""Docstrings say what the code says."""

import importlib
import inspect
import pkgutil
import re
import types

import pytest

from tools.project import ROOT

PACKAGES = ("bookfigures", "coursegrader", "coursekit", "coursestudies")
MODULES = sorted(
    m.name
    for package in PACKAGES
    for m in pkgutil.walk_packages([str(ROOT / "src" / package)], f"{package}.")
    if "._" not in m.name
)
DOC = "X.\n\nParameters\n----------\n{} : int\n    It.\n"
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
        if names is not None and wanted is not None and names != [name for name in wanted if name in names]:
            found.append(f"{name}: documents {names}, takes {wanted}")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_documented_parameters_are_those_of_the_signature(name):
    assert problems(importlib.import_module(name)) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is_for(name):
    assert (importlib.import_module(name).__doc__ or "").strip()


def test_a_wrong_docstring_is_seen():
    text = "X.\n\nParameters\n----------\na, b : int\n    Both.\n*rest\n\nReturns\n-------\nint\n"
    assert documented(text, "Parameters") == ["a", "b", "rest"]
    assert documented("X.", "Parameters") is None


def test_an_entry_may_be_left_out_but_none_be_wrong():
    module = types.ModuleType("shown")
    exec(f'def right(a, b): """{DOC.format("b")}"""\ndef wrong(a): """{DOC.format("c")}"""', vars(module))
    for function in (module.right, module.wrong):
        function.__module__ = "shown"
    assert problems(module) == ["shown.wrong: documents ['c'], takes ['a']"]
