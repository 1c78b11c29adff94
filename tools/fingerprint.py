"""Fingerprints of code by what it does: comments, docstrings and blank lines do not count.

Left out: reformatting; a line broken elsewhere counts as changed.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize
from pathlib import Path

from coursekit.runtime import files
from tools.project import ROOT


def bare_code(source: str) -> str:
    """Return Python source without docstrings, comments, blank lines and trailing blanks.

    Cut from the text rather than printed from the syntax tree, whose printed form differs between Python versions.
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node, clean=False) is not None:
                for row in range(node.body[0].lineno - 1, node.body[0].end_lineno):
                    lines[row] = ""
    return "\n".join(line.rstrip() for line in lines if line.strip())


def module_file(module: str, root: Path = ROOT) -> Path:
    """Return the source file of a module of coursekit.

    Raises
    ------
    FileNotFoundError
        If it is gone.
    """
    base = root / "src" / Path(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"no source for the module {module!r}")


def chapter_fingerprint(notebook: Path, modules: list[str], root: Path = ROOT) -> str:
    """Return a SHA-256 over what a chapter computes: its code cells, the modules it loaded, the shipped corpora.

    Parameters
    ----------
    notebook : Path
    modules : list of str
        Modules of coursekit that were loaded when the chapter ended.
    """
    digest = hashlib.sha256()
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            digest.update("".join(cell["source"]).encode() + b"\0")
    for module in sorted(modules):
        digest.update(
            f"{module}\0{bare_code(module_file(module, root).read_text(encoding='utf-8'))}\0".encode()
        )
    for path in sorted((root / "data").rglob("*")):
        inside = path.relative_to(root / "data").as_posix()
        if path.is_file() and not inside.startswith(("results/", "cards/")):
            digest.update(f"{inside}\0{files.sha256(path)}\0".encode())
    return digest.hexdigest()
