"""Settings for every pytest run from here, ``pytest --nbmake book/`` above all, as anyone may type it.

Kernels that start at once never share a port, each takes one thread, a slow machine has time, and the hub is asked for
data only if HF_HUB_OFFLINE=0 says so.
"""

import functools
import os
import tempfile

import pytest
from nbmake import nb_run

from tools.kernels import kernel_settings

CELL_SECONDS = 1800
SOCKETS = tempfile.TemporaryDirectory()

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
nb_run.NotebookClient = functools.partial(nb_run.NotebookClient, config=kernel_settings(SOCKETS.name))


def pytest_configure(config: pytest.Config) -> None:
    """Give a cell of a notebook half an hour, unless the command line gives it more."""
    config.option.nbmake_timeout = max(config.option.nbmake_timeout, CELL_SECONDS)
