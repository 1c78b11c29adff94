"""Chapter pairs: ``book/NAME.py`` is the source, ``book/NAME.ipynb`` is made from it, without outputs.

``python -m tools.pairs`` (``make sync``) writes the standard setup cell, the Colab link and the links to translations
into each source, from the one address in ``pyproject.toml``, and that address into README, the citation, the homework's
sources and the teachers' pages; then its notebook and those of its translations
(:mod:`tools.translate`). The same sources give the same bytes: cell ids are drawn from what a cell says, not at random.

Left out: reading a notebook back into its source; edit the ``.py``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from coursegrader.notebooks import prose_digest
from coursekit.runtime import files
from tools.project import (
    LANGUAGES,
    ROOT,
    chapter_number,
    chapter_scripts,
    english_of,
    repository_address,
    translations,
)
from tools.translate import prose_cells, translated

SETUP_CELL = """\
import importlib.util

# On Colab the course's package is missing: install it once.
if importlib.util.find_spec("coursekit") is None:
    address = "{address}.git"
    get_ipython().run_line_magic("pip", f"install --quiet git+{{address}}")
    if importlib.util.find_spec("coursekit") is None:
        raise ImportError(f"pip could not fetch {{address}}: check the network, run this cell again.")

import coursekit as ck

if not hasattr(ck, "setup"):
    raise ImportError(f"{{ck.__path__}} is another coursekit: rename that folder, restart the kernel.")

lesson = ck.setup(chapter="{chapter}")
"""
COLAB_LINK = "[Open in Colab](https://colab.research.google.com/github/{slug}/blob/main/book/{name}.ipynb)"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LONGEST_CODE_LINE = 120
_COLAB = re.compile(r"(colab\.research\.google\.com/github/)[^/\s]+/[^/\s]+(/blob/)")
ADDRESSED = ("CITATION.cff", "README.md", "book/teachers/*.md", "solutions/*/hw*.py")
_ADDRESS = re.compile(
    r'(?P<before>repository-code: "|address = "|git\+)https://[^"\s]+?(?P<git>(\.git)?)(?=["\s])'
)
_OF_REPOSITORY = re.compile(r"https://[^/\s]+/[^/\s]+/[^/\s]+(?=/(?:actions|issues)\b)")
_LINK = re.compile(r"\[Open in Colab\]\([^)\n]*\)(?: · \[[^]\n]*\]\([^)\n]*\))*")
_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)


def standard_cells(script: str, *, name: str, address: str, languages: Sequence[str] = ()) -> str:
    """Return a chapter's source with the standard setup cell, the Colab link and links to translations put in.

    Parameters
    ----------
    script : str
        The text of a percent script.
    name : str
        Stem of its file, for example ``"03_tokens_to_batches"``.
    address : str
        Of the repository.
    languages : sequence of str
        Folders of the languages that the chapter is translated into.

    Raises
    ------
    ValueError
        If the source has no Colab link, or not exactly one cell that calls ``ck.setup``.
    """
    slug = address.removeprefix("https://github.com/")
    line = [COLAB_LINK.format(slug=slug, name=name)]
    line += [f"[{LANGUAGES[language]}]({language}/{name}.ipynb)" for language in languages]
    script, links = _LINK.subn(" · ".join(line), script)
    if not links:
        raise ValueError(f"book/{name}.py: the first cell needs a line '[Open in Colab](…)'.")
    starts = [match.end() for match in _CELL.finditer(script)]
    ends = [match.start() for match in _CELL.finditer(script)][1:] + [len(script)]
    setups = [
        (start, end) for start, end in zip(starts, ends, strict=True) if "ck.setup(" in script[start:end]
    ]
    if len(setups) != 1:
        raise ValueError(f"book/{name}.py: wanted one cell with ck.setup(…), got {len(setups)}.")
    start, end = setups[0]
    cell = SETUP_CELL.format(address=address, chapter=chapter_number(Path(name)))
    return script[:start] + cell + ("\n" if end < len(script) else "") + script[end:]


def addressed(text: str, address: str) -> str:
    """Return a text that cites the repository, installs from it, opens it in Colab or links into it, with its address put in."""
    slug = address.removeprefix("https://github.com/")
    text = _OF_REPOSITORY.sub(address, text)
    return _ADDRESS.sub(rf"\g<before>{address}\g<git>", _COLAB.sub(rf"\g<1>{slug}\g<2>", text))


def notebook_of(script: str, *, name: str) -> nbformat.NotebookNode:
    """Return the notebook that a percent script stands for, with ids drawn from the content of each cell."""
    return notebook_with(jupytext.reads(script, fmt="py:percent").cells, name=name)


def notebook_with(
    sources: list[nbformat.NotebookNode], *, name: str, metadata: dict[str, Any] | None = None
) -> nbformat.NotebookNode:
    """Return a notebook of some cells, without outputs and with ids drawn from the content of each cell."""
    seen: dict[str, int] = {}
    cells = []
    for cell in sources:
        content = f"{name}\0{cell.cell_type}\0{cell.source}"
        seen[content] = seen.get(content, 0) + 1
        cell_id = hashlib.sha256(f"{content}\0{seen[content]}".encode()).hexdigest()[:12]
        made: dict[str, Any] = {"cell_type": cell.cell_type, "id": cell_id, "metadata": dict(cell.metadata)}
        if cell.cell_type == "code":
            made |= {"execution_count": None, "outputs": []}
        cells.append(nbformat.from_dict(made | {"source": cell.source}))
    about = nbformat.from_dict(dict(metadata or METADATA))
    return nbformat.NotebookNode(nbformat=4, nbformat_minor=5, metadata=about, cells=cells)


def drift(script: str, notebook: str, *, name: str) -> list[str]:
    """Tell in which cells a notebook differs from its source; ids are not compared.

    Parameters
    ----------
    script, notebook : str
        The text of the two files.
    name : str
        Stem of the pair.

    Returns
    -------
    list of str
        One sentence for each difference, empty if there is none.
    """
    wanted = notebook_of(script, name=name).cells
    got = nbformat.from_dict(json.loads(notebook)).cells
    found = []
    if len(wanted) != len(got):
        found.append(f"{name}: the script has {len(wanted)} cells, the notebook {len(got)}")
    for number, (want, have) in enumerate(zip(wanted, got, strict=False), start=1):
        source = "".join(have.source)
        if (want.cell_type, want.source, want.metadata) != (have.cell_type, source, have.metadata):
            found.append(
                f"{name}, cell {number}: differs; it begins {source[:60]!r}, wanted {want.source[:60]!r}"
            )
        if have.get("outputs") or have.get("execution_count"):
            found.append(f"{name}, cell {number}: outputs are committed")
        if have.cell_type == "code":
            found += [
                f"{name}, cell {number}: a code line of {len(line)} characters: {line[:60]!r}"
                for line in source.splitlines()
                if len(line) > LONGEST_CODE_LINE
            ]
    return found


def sync(root: Path = ROOT) -> list[Path]:
    """Bring every pair up to date, and the address in other files; return the files that changed."""
    changed = []
    for path in with_address(root):
        before = path.read_text(encoding="utf-8")
        after = addressed(before, repository_address(root))
        if after != before:
            changed.append(files.write_text(path, after))
    for path in chapter_scripts(root):
        before = path.read_text(encoding="utf-8")
        script = standard_cells(
            before, name=path.stem, address=repository_address(root), languages=languages_of(path, root)
        )
        wanted = {path: script, path.with_suffix(".ipynb"): _written(notebook_of(script, name=path.stem))}
        for target, text in wanted.items():
            if not target.is_file() or target.read_text(encoding="utf-8") != text:
                changed.append(files.write_text(target, text))
    for prose in translations(root):
        target, text = prose.with_suffix(".ipynb"), translated_notebook(prose, root)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            changed.append(files.write_text(target, text))
    return changed


def with_address(root: Path = ROOT) -> list[Path]:
    """Return the files beside the chapters that hold the repository's address."""
    return sorted(path for pattern in ADDRESSED for path in root.glob(pattern))


def languages_of(path: Path, root: Path = ROOT) -> list[str]:
    """Return the folders of the languages that a chapter is translated into."""
    return [prose.parent.name for prose in translations(root) if prose.stem == path.stem]


def translated_notebook(prose: Path, root: Path = ROOT) -> str:
    """Return the text of a translated notebook, from its prose and the English notebook."""
    name, english = f"{prose.parent.name}/{prose.stem}", english_of(prose, root)
    slug = repository_address(root).removeprefix("https://github.com/")
    colab = COLAB_LINK.format(slug=slug, name=name).partition("](")[2]
    notebook = nbformat.read(english, as_version=4)
    cells = translated(notebook.cells, prose.read_text(encoding="utf-8"))
    back = english.relative_to(root / "book").as_posix()
    title = cells[0]
    title.source = re.sub(r"(\[[^]\n]*Colab\]\().*", rf"\g<1>{colab} · [In English](../{back})", title.source)
    if english.parent.name == "homework":  # so that the grader tells it from what a student wrote
        for cell in prose_cells(cells):
            cell.metadata["coursekit"] = {"prose": prose_digest(cell.source)}
        notebook.metadata["coursekit"]["language"] = prose.parent.name  # of the feedback on what is handed in
    return _written(notebook_with(cells, name=name, metadata=notebook.metadata))


def _written(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


if __name__ == "__main__":
    for written in sync():
        print(f"written: {written.relative_to(ROOT)}")
    print(f"{len(chapter_scripts())} pairs are in step.")
