"""Grading: release homework, run what comes back in a sandbox, score it, report."""

from coursegrader.sandbox import Ended, Limits, backend, run

__all__ = ["Ended", "Limits", "backend", "run"]
