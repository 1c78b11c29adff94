"""The ``coursekit`` command: parse, run, turn a reader's mistake into one line and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import coursekit
from coursekit.cli.data_commands import add_data_parser
from coursekit.cli.doctor import add_doctor_parser
from coursekit.cli.entries import installed_entries

# What a user can mend. Anything else is a fault of ours, and shows its traceback.
MISTAKES = (ValueError, LookupError, OSError, FloatingPointError)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser with all its commands."""
    parser = argparse.ArgumentParser(
        prog="coursekit", description="Tools of the course 'Reading one word at a time'."
    )
    parser.add_argument("--version", action="version", version=f"coursekit {coursekit.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_data_parser(commands)
    add_doctor_parser(commands)
    for entry in installed_entries("coursekit.commands"):
        entry.load()(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command: what stands behind ``coursekit``, or the process's own arguments.

    Returns 0 if it is done, 1 if a check failed, 2 if the request cannot be met and a line says why.
    """
    for stream in (
        sys.stdout,
        sys.stderr,
    ):  # a terminal with a code page of its country shows "?" for what it lacks
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = make_parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        print("coursekit: stopped; what was finished is kept.", file=sys.stderr)
        return 130
    except MISTAKES as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"coursekit: {text}", file=sys.stderr)
        return 2
