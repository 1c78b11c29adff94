"""A part that a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark

SETTINGS: dict[str, set[str]] = {}
NEEDS_DATA = False


def problems(points: int, options: Mapping[str, Any]) -> str:
    """Nothing to get wrong."""
    return ""


def ask(part: Part, request: Request) -> None:
    """Nothing runs."""


def mark(part: Part, evidence: Evidence) -> Mark:
    """Wait for a person."""
    return Mark.of(part, 0, "marked by a person.", status="by hand")
