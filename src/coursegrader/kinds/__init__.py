"""Kinds of part: one file each. A file here with these names is a kind, and the rubric knows it by the file's name.

==================  =================================================================================================
``SETTINGS``        what the rubric must say for it, by section: ``{"smoke": {"rows", "epochs"}}``
``NEEDS_DATA``      whether the homework's data has to be there
``problems``        ``(points, options) -> str``: what is wrong with its lines in a rubric; empty if nothing is
``ask``             ``(part, request) -> Any``: add probes to what the submission is asked; what it returns is kept
``mark``            ``(part, evidence) -> Mark``: outside the sandbox, from what came back
``answer``          optional, ``(probe, names) -> (facts, tensors)``: runs inside the sandbox, beside the student's code
==================  =================================================================================================
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

KINDS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def kind_of(name: str) -> ModuleType:
    """Return the module of a kind."""
    return import_module(f"{__name__}.{name}")
