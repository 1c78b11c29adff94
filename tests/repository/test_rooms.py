"""The rooms of the package are imported in one direction only."""

import pytest

from tools.rooms import ROOMS, imported_rooms, order_problems


def test_no_room_imports_a_later_one():
    assert order_problems() == []


@pytest.mark.parametrize(
    ("source", "rooms"),
    [
        ("import coursekit.plots", {"plots"}),
        ("from coursekit.plots.style import use_style", {"plots"}),
        ("from coursekit import plots", {"plots"}),
        ("from ..plots import show", {"plots"}),
        ("from . import tables", {"data"}),
        ("def late():\n    from coursekit.nn import TextClassifier", {"nn"}),
        ("import importlib\nimportlib.import_module('coursekit.training.loop')", {"training"}),
        ("import coursekit as ck", {ROOMS[-1]}),
        ("import torch", set()),
    ],
)
def test_every_way_to_import_is_seen(source, rooms):
    assert imported_rooms(source, "coursekit.data") == rooms


def test_a_wrong_import_is_reported(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "tokens.py").write_text("def f():\n    from coursekit.nn import x\n")
    (tmp_path / "attic").mkdir()
    (tmp_path / "attic" / "old.py").write_text("")
    (tmp_path / "loose.py").write_text("")
    assert [problem.partition(":")[0] for problem in order_problems(tmp_path)] == [
        "attic/old.py",
        "loose.py",
        "text/tokens.py",
    ]
