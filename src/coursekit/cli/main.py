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
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind ``coursekit``; the process's own arguments if left out.

    Returns
    -------
    int
        0: done. 1: a check failed. 2: the request cannot be met, and a line says why.
    """
    asked = make_parser().parse_args(arguments)
    try:
        return asked.run(asked) or 0
    except KeyboardInterrupt:
        print("coursekit: stopped; what was finished is kept.", file=sys.stderr)
        return 130
    except MISTAKES as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"coursekit: {text}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
