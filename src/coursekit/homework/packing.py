"""pack(): one file to hand in, with the notebook, the weights and the configuration.

Weights travel as safetensors, which hold numbers and nothing that could run.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn

from coursekit.homework.experiments import Result

LARGEST_MIB = 64


def pack(
    homework: str,
    final: Result,
    experiments: Mapping[str, Result] | None = None,
    *,
    notebook: str | Path | None = None,
    out: str | Path | None = None,
) -> Path:
    """Write one file to hand in.

    Parameters
    ----------
    homework : str
        For example ``"hw1"``.
    final : Result
        The model to be marked.
    experiments : mapping of str to Result, optional
        The others, by name: their configurations and histories go in, not their weights.
    notebook : path, optional
        This notebook's file. On Colab, and where the folder holds a single notebook of this homework, it is found.
    out : path, optional
        Default: ``HOMEWORK_submission.zip`` in the current folder. A file that is there is replaced when the new
        one is complete.

    Raises
    ------
    FileNotFoundError
        If the notebook cannot be found.
    ValueError
        If the file would be larger than 64 MiB.
    """
    path = Path(out or f"{homework}_submission.zip")
    results = {name: result.to_dict() for name, result in (experiments or {}).items()}
    members = {
        f"{homework}.ipynb": notebook_bytes(homework, notebook),
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
    print(f"written: {path.name}, {size:.1f} MiB. Hand in this one file.")
    return path


def weights_bytes(model: nn.Module) -> bytes:
    """Return the weights as a safetensors file."""
    return save(
        {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.state_dict().items()}
    )


def notebook_bytes(homework: str, notebook: str | Path | None) -> bytes:
    """Return this notebook as it was saved last; on Colab, as it is now.

    Raises
    ------
    FileNotFoundError
        If no notebook, or more than one, can be this one.
    """
    if notebook is None:
        from_colab = _colab_notebook()
        if from_colab is not None:
            return from_colab
        here = _notebooks_of(homework, sorted(Path.cwd().glob("*.ipynb")))
        if len(here) != 1:
            raise FileNotFoundError(
                f"{len(here)} notebooks in this folder belong to {homework!r}; name yours: notebook='my_file.ipynb'."
            )
        notebook = here[0]
    path = Path(notebook)
    if not path.is_file():
        raise FileNotFoundError(f"'notebook' must name a file, got {str(notebook)!r}, which is not there.")
    return path.read_bytes()


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
