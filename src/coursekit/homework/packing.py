"""pack(): one file to hand in, with the notebook, the weights and the configuration.

Weights travel as safetensors, which hold numbers and nothing that could run.
"""

from __future__ import annotations

import ast
import json
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from IPython import get_ipython
from safetensors.torch import save
from torch import nn

from coursekit.homework.attempt import assigned_names
from coursekit.homework.experiments import Result, trained_on_a_stand_in

LARGEST_MIB = 64
AS_HANDED_OUT = re.compile(r"\*[^*\n]+\*")  # "*Your report.*", in any language


def pack(
    homework: str,
    final: Result,
    experiments: Mapping[str, Result] | None = None,
    *,
    notebook: str | Path | None = None,
    out: str | Path | None = None,
) -> Path:
    """Write one file to hand in: the notebook, the weights of the ``final`` model to be marked, and all configurations.

    Raises ``FileNotFoundError`` if the notebook cannot be found, and ``ValueError`` if the notebook was not saved since
    its tasks were written, or the file would be larger than 64 MiB.

    Parameters
    ----------
    homework : str
        For example ``"hw1"``.
    experiments : mapping of str to Result, optional
        The others, by name: their configurations and histories go in, not their weights.
    notebook : path, optional
        This notebook's file. On Colab, and where the folder holds a single notebook of this homework, it is found.
    out : path, optional
        Default: ``HOMEWORK_submission.zip`` in the current folder. A file that is there is replaced when the new
        one is complete.
    """
    path, saved = Path(out or f"{homework}_submission.zip"), notebook_bytes(homework, notebook)
    refuse_unsaved(saved)
    results = {name: result.to_dict() for name, result in (experiments or {}).items()}
    members = {
        f"{homework}.ipynb": saved,
        "weights.safetensors": weights_bytes(final.model),
        "vocabulary.json": _json(
            {"words": list(final.vocabulary.words), "counts": list(final.vocabulary.counts)}
        ),
        "config.json": _json(final.config.to_dict()),
        "results.json": _json({"final": final.to_dict(), "experiments": results}),
    }
    part = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    size = part.stat().st_size / 2**20
    if size > LARGEST_MIB:
        part.unlink()
        raise ValueError(
            f"the submission would have {size:.0f} MiB, at most {LARGEST_MIB} are allowed; choose a larger min_count, "
            "a smaller model, or clear the notebook's outputs."
        )
    os.replace(part, path)
    if said := trained_on_a_stand_in(final.stand_in):
        print(f"written: {path.name}, {size:.1f} MiB. Do not hand it in yet: {said}")
    else:
        print(f"written: {path.name}, {size:.1f} MiB. Hand in this one file.")
    return path


def weights_bytes(model: nn.Module) -> bytes:
    """Return the weights as a safetensors file."""
    return save(
        {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.state_dict().items()}
    )


def notebook_bytes(homework: str, notebook: str | Path | None) -> bytes:
    """Return this notebook as it was saved last; on Colab, as it is now."""
    if notebook is None:
        from_colab = _colab_notebook()
        if from_colab is not None:
            return from_colab
        here = _notebooks_of(homework, sorted(Path.cwd().glob("*.ipynb")))
        if len(here) != 1:
            raise FileNotFoundError(
                f"{len(here)} notebooks in this folder belong to {homework!r}; name yours: notebook='my_file.ipynb'. Where a "
                "service keeps the notebook to itself, download it, put it into this folder, and name it."
            )
        notebook = here[0]
    path = Path(notebook)
    if not path.is_file():
        raise FileNotFoundError(f"'notebook' must name a file, got {str(notebook)!r}, which is not there.")
    return path.read_bytes()


def refuse_unsaved(saved: bytes) -> None:
    """Raise ``ValueError`` if tasks that were run here are not written in the saved notebook; name those left open.

    A model that was trained needs a task that was written: if none is, in the file, then the file is an old one.
    """
    tasks = _sources_of_tasks(saved, "code")
    stubs = {task: source for task, source in tasks.items() if is_stub(source, task)}
    unsaved = [
        task for task in stubs if len(stubs) == len(tasks) or _was_run(task, assigned_names(stubs[task]))
    ]
    if unsaved:
        raise ValueError(
            f"in the saved notebook {', '.join(unsaved)} {'is' if len(unsaved) == 1 else 'are'} not written yet: save it "
            "first (Ctrl+S, or ⌘S), then run this cell again. If another file is yours, name it: notebook='my_file.ipynb'."
        )
    texts = [
        task
        for task, text in _sources_of_tasks(saved, "markdown").items()
        if AS_HANDED_OUT.fullmatch(text.strip())
    ]
    for task in (*stubs, *texts):
        print(f"not written in this notebook: {task}")


def is_stub(source: str, task: str) -> bool:
    """Whether the code of a task is as it was handed out: it raises by the task's name, or its dictionary is empty."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False  # something was written
    raised = [node.exc for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.Raise) and node.exc]
    if any(ast.unparse(exc) == f"NotImplementedError({task!r})" for exc in raised):
        return True
    values = [node.value for node in body if isinstance(node, ast.Assign)]
    return bool(values) and len(values) == len(body) and all(ast.unparse(value) == "{}" for value in values)


def _sources_of_tasks(saved: bytes, kind: str) -> dict[str, str]:
    """What the cell of every task holds, by name; empty where the metadata was lost."""
    try:
        cells = json.loads(saved)["cells"]
        tasks = [(c["metadata"].get("coursekit", {}).get("task"), c) for c in cells if c["cell_type"] == kind]
        return {task: "".join(cell["source"]) for task, cell in tasks if task}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _was_run(task: str, names: set[str]) -> bool:
    """Whether a cell that was run here binds the names of a task, and is no stub."""
    return any(names <= assigned_names(cell) and not is_stub(cell, task) for cell in _executed())


def _executed() -> list[str]:
    """The code of the cells that were run in this session."""
    shell = get_ipython()
    return [str(source) for source in shell.user_ns.get("In", [])] if shell is not None else []


def _notebooks_of(homework: str, paths: Sequence[Path]) -> list[Path]:
    kept = []
    for path in paths:
        try:
            metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
        except (ValueError, AttributeError):  # another file that happens to end in .ipynb
            continue
        if metadata.get("coursekit", {}).get("homework") == homework:
            kept.append(path)
    return kept


def _colab_notebook() -> bytes | None:
    try:
        from google.colab import _message
    except ImportError:
        return None
    return _json(_message.blocking_request("get_ipynb", timeout_sec=60)["ipynb"])


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
