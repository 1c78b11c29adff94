"""%%gpu: a cell that runs where CUDA is there, and elsewhere shows what a larger run found."""

from __future__ import annotations

import argparse
import os
import shlex

import torch
from IPython import get_ipython
from IPython.display import HTML, display

from coursekit.records import read_record, record_table


def register_gpu_magic() -> None:
    """Make ``%%gpu`` known to the running notebook; outside IPython this does nothing."""
    shell = get_ipython()
    if shell is not None:
        shell.register_magic_function(_gpu, magic_kind="cell", magic_name="gpu")


def _gpu(line: str, body: str) -> None:
    """``%%gpu "what the cell does" --record NAME``: run the body on a GPU, or show the record."""
    parser = argparse.ArgumentParser(prog="%%gpu", exit_on_error=False)
    parser.add_argument("what", help="what the cell does, in one sentence")
    parser.add_argument("--record", required=True, help="name of a recorded result in data/results")
    cell = parser.parse_args(shlex.split(line))
    if torch.cuda.is_available() or os.environ.get("COURSEKIT_FAKE_GPU") == "1":  # the second is for tests
        get_ipython().run_cell(body).raise_error()
        return
    print(f"No GPU here, so this cell is not run. On one it would {cell.what}. A recorded run instead:")
    display(HTML(record_table(read_record(cell.record))))
