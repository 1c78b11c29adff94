"""Room 15, cli: one ``coursekit`` command.

Left out: shell completion.
"""

from coursekit.cli.main import main

__all__ = ["main"]
