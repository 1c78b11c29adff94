"""A chapter says at its top which package is missing or too old, and how to mend it."""

import sys
from importlib import metadata

import coursekit as ck
from coursekit.lesson.installation import installation_problems

module = sys.modules["coursekit.lesson.setup"]


def test_what_the_course_declares_is_here():
    assert installation_problems() == []


def test_missing_and_old_are_named_with_the_mend_and_extras_are_not_asked_for():
    version = metadata.version("numpy")
    asked = ["no-such-package>=2", f"numpy>{version}", "numpy>=1", 'no-other>=1; extra == "test"']
    missing, old = installation_problems(asked)
    assert (
        missing.startswith("no-such-package is missing")
        and "%pip install --upgrade 'no-such-package>=2'" in missing
    )
    assert old.startswith(f"numpy {version} does not fit, >{version} is wanted")


def test_the_first_cell_prints_them(monkeypatch, capsys):
    monkeypatch.setattr(module, "installation_problems", lambda: ["x is missing: install it."])
    ck.setup(chapter="00")
    assert "x is missing: install it." in capsys.readouterr().out
