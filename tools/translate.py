"""Translated chapters: ``book/ru/NAME.md`` holds a chapter's prose in another language, and its code stays where it is.

The file is a row of blocks, each below a comment of one line:

    <!-- cell 5e1f3c2a: The first English words -->     the translation of a Markdown cell
    <!-- say 5e1f3c2a: The first English words -->      the translation of a string in the code

The eight digits are a checksum of the English text, so a change there is seen. A string of the code (a claim, a label, a
printed line) is replaced wherever it stands; :mod:`tools.strings` says which ones have to be translated. What a drawing
says of itself is English: a block named by ``show(…)`` holds the alt text in its place. A chapter may also keep its
strings in a table ``say``, in the cell tagged ``strings``; then it is that table that is translated, and a block is named
by its key. Everything else in the code is the English chapter's.

A homework (``book/homework/NAME.ipynb``) is translated without its code and without the cells that a student fills in,
and keeps its metadata: the grader takes it as it takes the English one.

``python -m tools.translate ru NAME`` prints what is stale or missing, ready to be pasted; for a new file, all of it.
``make sync`` writes the notebook.

Left out: translating; somebody who speaks the language does that.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import re
import sys
from difflib import SequenceMatcher, get_close_matches

import nbformat

from tools.project import LANGUAGES, ROOT, english_of
from tools.strings import literal, replaced, strings_of

_HEAD = re.compile(r"^<!-- (cell|say) ([0-9a-f]{8}): (.*) -->\n", re.MULTILINE)
_COLAB = re.compile(r"^\[[^]\n]*Colab\]\(.*$", re.MULTILINE)
_CODE = re.compile(r"^```python\n.*?^```$", re.MULTILINE | re.DOTALL)


def checksum(text: str) -> str:
    """Return eight digits for an English text; the line of links does not count, since ``make sync`` writes it."""
    return hashlib.sha256(_COLAB.sub("", text).strip().encode()).hexdigest()[:8]


def blocks(prose: str) -> list[tuple[str, str, str, str]]:
    """Return the blocks of a translation: cell or say, checksum, key, text."""
    parts = _HEAD.split(prose)[1:]
    return [(*parts[i : i + 3], parts[i + 3].strip()) for i in range(0, len(parts), 4)]


def prose_cells(cells: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return the Markdown cells that are translated: all but those that a student fills in."""
    return [c for c in cells if c.cell_type == "markdown" and "task" not in c.metadata.get("coursekit", {})]


def table(cells: list[nbformat.NotebookNode]) -> dict[str, str]:
    """Return the table ``say`` of a chapter, empty if it has none."""
    tables = [cell.source for cell in cells if "strings" in cell.metadata.get("tags", [])]
    return ast.literal_eval(tables[0].partition("=")[2].strip()) if tables else {}


def sentences(cells: list[nbformat.NotebookNode]) -> dict[str, str]:
    """Return the strings of the code that have to be translated, by key; those of a homework stay."""
    if (found := table(cells)) or any("coursekit" in cell.metadata for cell in cells):
        return found
    for text in (text for cell in code_of(cells) for text, _, needed in strings_of(cell.source) if needed):
        size = 50
        while found.setdefault(first_words(text, size), text) != text:
            size += 10
    return found


def code_of(cells: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return the code cells."""
    return [cell for cell in cells if cell.cell_type == "code"]


def first_words(text: str, size: int = 50) -> str:
    """Return the beginning of a text on one line, to recognise it by."""
    return " ".join(_COLAB.sub("", text).split())[:size].strip()


def aligned(english: list[str], own: list[str]) -> list[tuple[int | None, int | None, bool]]:
    """Match English cells with translated ones by their checksums, in order: both places (or None), and whether stale."""
    pairs: list[tuple[int | None, int | None, bool]] = []
    for kind, a, end, b, last in SequenceMatcher(None, english, own, autojunk=False).get_opcodes():
        for k in range(max(end - a, last - b)):
            here = (a + k if a + k < end else None, b + k if b + k < last else None)
            pairs.append((*here, kind != "equal"))
    return pairs


def said_of(cells: list[nbformat.NotebookNode], prose: str) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Match strings with blocks: for each key the block's checksum and text, and the keys of blocks without a string.

    By key, and what is left by likeness of the first words: a mended sentence is stale, not lost. A block for a string
    that need not be translated is matched by its checksum.
    """
    say, said = (
        sentences(cells),
        {key: (digits, text) for kind, digits, key, text in blocks(prose) if kind == "say"},
    )
    found = {key: said.pop(key) for key in say if key in said}
    if table(cells):
        return found, list(said)
    optional = {checksum(text) for text in _texts(cells)}
    said = {key: block for key, block in said.items() if block[0] not in optional}
    for key in say:
        if key not in found and (near := get_close_matches(key, said, n=1)):
            found[key] = said.pop(near[0])
    return found, list(said)


def problems(cells: list[nbformat.NotebookNode], prose: str) -> list[str]:
    """Name every stale, missing and left-over piece of a translation, one sentence each.

    Parameters
    ----------
    cells : list
        Of the English notebook.
    prose : str
        The text of the translation.
    """
    english = [cell.source for cell in prose_cells(cells)]
    own = [block for block in blocks(prose) if block[0] == "cell"]
    found = []
    for here, there, stale in aligned([checksum(text) for text in english], [block[1] for block in own]):
        if there is None:
            found.append(f"missing: cell {checksum(english[here])}, {first_words(english[here])!r}")
        elif here is None:
            found.append(f"left over: cell {own[there][1]}, {own[there][2]!r}")
        elif stale:
            text = english[here]
            found.append(f"stale: cell {own[there][1]}, {first_words(text)!r}; it is {checksum(text)} now")
        elif _CODE.findall(english[here]) != _CODE.findall(own[there][3]):
            found.append(f"other code: cell {own[there][1]}, {own[there][2]!r}")
    say, (said, rest) = sentences(cells), said_of(cells, prose)
    found += [f"missing: say {key!r}" for key in say if key not in said]
    found += [f"left over: say {key!r}" for key in rest]
    now = {key: checksum(text) for key, text in say.items()}
    stale = [key for key in say if key in said and said[key][0] != now[key]]
    found += [f"stale: say {said[key][0]}, {key!r}; it is {now[key]} now" for key in stale]
    return found


def translated(cells: list[nbformat.NotebookNode], prose: str) -> list[nbformat.NotebookNode]:
    """Return the cells of an English notebook with the prose of a translation; what it lacks stays English."""
    cells = copy.deepcopy(cells)
    markdown = prose_cells(cells)
    own = [block for block in blocks(prose) if block[0] == "cell"]
    for here, there, _ in aligned([checksum(cell.source) for cell in markdown], [block[1] for block in own]):
        if here is not None and there is not None:
            markdown[here].source = own[there][3]
    english, (said, _) = sentences(cells), said_of(cells, prose)
    if table(cells):
        english |= {key: text for key, (_, text) in said.items()}
        (cell,) = [cell for cell in cells if "strings" in cell.metadata.get("tags", [])]
        lines = [f"    {json.dumps(key)}: {literal(text)}," for key, text in english.items()]
        cell.source = "\n".join(["say = {", *lines, "}"])
        return cells
    by_digits = {digits: text for kind, digits, _, text in blocks(prose) if kind == "say"}
    others = {text: by_digits[checksum(text)] for text in _texts(cells) if checksum(text) in by_digits}
    others |= {english[key]: text for key, (_, text) in said.items()}
    others = {text: _like(text, other) for text, other in others.items()}
    for cell in code_of(cells) if others else []:
        cell.source = replaced(cell.source, others)
    return cells


def _like(text: str, other: str) -> str:
    """The other string with the blanks and line ends that the first one begins and ends with."""
    before, after = (len(text) - len(bare) for bare in (text.lstrip(), text.rstrip()))
    return text[:before] + other + text[len(text) - after :]


def _texts(cells: list[nbformat.NotebookNode]) -> list[str]:
    return [
        text
        for cell in code_of(cells)
        if "coursekit" not in cell.metadata
        for text, *_ in strings_of(cell.source)
    ]


def to_translate(cells: list[nbformat.NotebookNode], prose: str) -> str:
    """Return blocks with the English text of everything that a translation lacks or has in an older form."""
    known = {(kind, digits) for kind, digits, _, _ in blocks(prose)}
    texts = [cell.source for cell in prose_cells(cells)]
    wanted = [("cell", first_words(text), text) for text in texts]
    wanted += [("say", key, text) for key, text in sentences(cells).items()]
    return "\n".join(
        f"<!-- {kind} {checksum(text)}: {key} -->\n{text}\n"
        for kind, key, text in wanted
        if (kind, checksum(text)) not in known
    )


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in LANGUAGES:
        sys.exit(f"python -m tools.translate LANGUAGE NAME, with a language of {sorted(LANGUAGES)}")
    page = ROOT / "book" / sys.argv[1] / f"{sys.argv[2]}.md"
    source = nbformat.read(english_of(page), as_version=4).cells
    print(to_translate(source, page.read_text(encoding="utf-8") if page.is_file() else ""))
