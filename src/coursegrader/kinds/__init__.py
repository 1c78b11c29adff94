"""Kinds of part: one file each. A file here with these names is a kind, and the rubric knows it by the file's name.

==================  =================================================================================================
``mark``            ``(part, evidence) -> Mark``: outside the sandbox, from what came back; the one that every kind needs
``SETTINGS``        what the rubric must say for it, by section: ``{"smoke": {"rows", "epochs"}}``
``OPTIONS``         what its line in the rubric must say, with the type: ``{"task": str}``
``NEEDS_DATA``      whether the homework's data has to be there
``SCORE``           of a kind that asks the submitted model: the figure that a retrain has to confirm
``problems``        ``(points, options) -> str``: what else is wrong with its line in a rubric; empty if nothing is
``ask``             ``(part, request) -> Any``: add probes to what the submission is asked; what it returns is kept
``answer``          ``(probe, names) -> (facts, tensors)``: runs inside the sandbox, beside the student's code
==================  =================================================================================================
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from coursekit.training import Config

KINDS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
DEFAULTS: dict[str, Any] = {
    "SETTINGS": {},
    "OPTIONS": {},
    "NEEDS_DATA": False,
    "SCORE": None,
    "problems": lambda points, options: "",
    "ask": lambda part, request: None,
}


@cache
def kind_of(name: str) -> SimpleNamespace:
    """Return what the module of a kind says, with the defaults of what it leaves out."""
    return SimpleNamespace(**DEFAULTS | vars(import_module(f"{__name__}.{name}")))


def configuration_problem(name: str, values: Any) -> str:
    """What is wrong with a configuration in a rubric; empty if nothing is."""
    try:
        Config.from_dict(values)
    except (ValueError, TypeError, AttributeError) as error:
        return f"'{name}' is no configuration: {error}"
    return ""
