"""Settings for ``pytest --nbmake book/``: kernels that start at once never share a port."""

import functools
import tempfile

from nbmake import nb_run

from tools.kernels import kernel_settings

SOCKETS = tempfile.TemporaryDirectory()
nb_run.NotebookClient = functools.partial(nb_run.NotebookClient, config=kernel_settings(SOCKETS.name))
