"""Claims: a sentence of the chapter, checked when the chapter runs."""

from __future__ import annotations

import json
import os
import sys
import warnings

_state = {"chapter": ""}


class ClaimFailed(AssertionError):
    """A sentence of the book does not hold in this run."""


def start_chapter(chapter: str) -> None:
    """Remember whose claims follow."""
    _state["chapter"] = chapter


def claim(text: str, condition: object, measured: object = "") -> None:
    """Check a sentence, and print it with a tick and what was measured, floats with four digits.

    Raises ``ClaimFailed`` if it does not hold. In Colab, or with ``COURSEKIT_STRICT=0``, a warning instead.
    """
    holds, shown = bool(condition), _show(measured)
    _log(text, holds, shown)
    print(f"{'✓' if holds else '✗'} {text}" + (f"  [{shown}]" if shown else ""))
    if holds:
        return
    message = f"claim failed: {text!r}, measured {shown or 'nothing'}."
    if os.environ.get("COURSEKIT_STRICT", "0" if "google.colab" in sys.modules else "1") != "0":
        raise ClaimFailed(message)
    warnings.warn(message, stacklevel=2)


def _show(measured: object) -> str:
    if isinstance(measured, dict):
        return "; ".join(f"{name}: {_show(value)}" for name, value in measured.items())
    if isinstance(measured, (list, tuple)):
        return ", ".join(_show(value) for value in measured)
    if hasattr(measured, "item") and getattr(measured, "ndim", 0) == 0:
        measured = measured.item()
    return f"{measured:.4g}" if isinstance(measured, float) else str(measured)


def _log(text: str, holds: bool, shown: str) -> None:
    """Append the claim as a line of JSON to the file that ``COURSEKIT_CLAIMS_LOG`` names."""
    path = os.environ.get("COURSEKIT_CLAIMS_LOG")
    if path:
        line = {"chapter": _state["chapter"], "claim": text, "holds": holds, "measured": shown}
        with open(path, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
