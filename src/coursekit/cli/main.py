"""The ``coursekit`` command: parse, run, turn a reader's mistake into one line and an exit code.

Left out: a configuration file; every choice is an argument or an environment variable.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import coursekit
from coursekit.cli.data_commands import add_data_parser
from coursekit.cli.doctor import add_doctor_parser
from coursekit.cli.homework_commands import add_homework_parser
from coursekit.cli.study_commands import add_study_parsers
from coursekit.studies.sweeps import StudyBusyError

MISTAKES = (ValueError, LookupError, OSError, TypeError, FloatingPointError, StudyBusyError)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser with all its commands.

    Notes
    -----
    Chapter: 00.
    """
    parser = argparse.ArgumentParser(
        prog="coursekit", description="Tools of the course 'Reading one word at a time'."
    )
    parser.add_argument("--version", action="version", version=f"coursekit {coursekit.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_data_parser(commands)
    add_doctor_parser(commands)
    add_study_parsers(commands)
    add_homework_parser(commands)
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

    Notes
    -----
    Chapter: 00.
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
