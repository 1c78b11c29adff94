"""A small homework 1 with lower thresholds, and the reference solution handed in; made once for all tests here."""

import os
from pathlib import Path

import pytest

from tools.trial_class.reference import solve
from tools.trial_class.small_course import make_small_course


@pytest.fixture(scope="session")
def small_course(tmp_path_factory):
    """A folder of homework sources that a test can afford: lower thresholds, smaller samples, a quick final model."""
    folder = make_small_course(tmp_path_factory.mktemp("solutions"))
    before = os.environ.get("COURSEKIT_SOLUTIONS")
    os.environ["COURSEKIT_SOLUTIONS"] = str(folder)
    yield folder
    if before is None:
        del os.environ["COURSEKIT_SOLUTIONS"]
    else:
        os.environ["COURSEKIT_SOLUTIONS"] = before


@pytest.fixture(scope="session")
def reference(small_course, tmp_path_factory) -> Path:
    """The packed reference solution of the small homework 1."""
    return solve("hw1", tmp_path_factory.mktemp("reference"))
