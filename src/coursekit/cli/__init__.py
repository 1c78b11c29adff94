"""Cli: one ``coursekit`` command."""

from coursekit.cli.main import main

__all__ = ["main"]
