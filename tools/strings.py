"""Strings in code that a reader gets to see: which there are, and the same code with other ones in their place.

A string is known by its text; of an f-string that is the text with its fields, ``"seed {seed}"``. What has to be
translated is what holds two words in a row, and what labels a picture. Docstrings, comments and the setup cell are not
looked at: the code of a translated page is the English one. A drawing brings its alt text, in English; so ``show(…)``
without one is found as well, known by its code, and what takes its place becomes its ``alt``.

Left out: telling a name from a word. ``"bigram"`` may be a key, so a single word is replaced only if somebody asks.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping

LABELS = {"alt", "xlabel", "ylabel", "title", "level"}
TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,:;]? +(?:[A-Za-z]{2,}|\{)|\}[,:;]? +[A-Za-z]{2,}")
_PIECE = re.compile(r"""([a-zA-Z]*)("{3}|'{3}|"|')((?:\\.|(?!\2).)*)\2""", re.DOTALL)
_MAGIC = re.compile(r"^[%!].*", re.MULTILINE)
_FIELD = re.compile(r"\{[^{}]*\}")
Found = ast.Constant | ast.JoinedStr | ast.Call


def strings_of(source: str) -> Iterator[tuple[str, Found, bool]]:
    """Yield every string of some code, docstrings left out: its text, its place, whether it has to be translated.

    A figure that is shown with the words it brings is one as well; its text is the call.
    """
    if "ck.setup(" in source:
        return
    tree = _parsed(source)
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {
        id(part) for node in joined for part in ast.walk(node) if part is not node
    }  # how a field is shown, too
    nodes = [node for node in ast.walk(tree) if _is_string(node) and id(node) not in inside]
    labels = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in LABELS
        for part in ast.walk(node.value)
    }
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in filter(_is_mute, ast.walk(tree)):
        yield " ".join(ast.get_source_segment(_plain(source), node).split()), node, True
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        text = _text(node, source)
        if id(node) not in silent and re.search("[A-Za-z]", _FIELD.sub("", text)):
            yield text, node, id(node) in labels or bool(TWO_WORDS.search(text))


def replaced(source: str, others: Mapping[str, str]) -> str:
    """Return code with other strings in place of those that stand in a table.

    Raises
    ------
    SyntaxError
        If what comes out is no code, for example because a field of an f-string is damaged.
    """
    lines = [line.encode() for line in source.split("\n")]
    found = [(*_span(node), text, node) for text, node, _ in strings_of(source) if text in others]
    for (first, start), (last, end), text, node in sorted(found, key=lambda one: one[0], reverse=True):
        before, after = lines[first][:start], lines[last][end:]
        prefix, gap = "f" if isinstance(node, ast.JoinedStr) else "", " " * len(before.decode())
        if isinstance(node, ast.Call):
            gap = " " * node.args[0].col_offset
            new = f",\n{gap}alt=" + literal(others[text], "", "\n" + gap, room=100 - len(gap))
        else:
            new = literal(others[text], prefix, "\n" + gap, room=100 - len(gap))
        lines[first : last + 1] = (before + new.encode() + after).split(b"\n")
    changed = b"\n".join(lines).decode()
    _parsed(changed)
    return changed


def literal(text: str, prefix: str = "", between: str = "\n    ", *, room: int = 100) -> str:
    """A string as Python writes it, in several pieces if it is long; a field is not cut."""
    whole = _FIELD.sub(lambda field: field[0].replace(" ", "\0"), text)
    pieces = textwrap.wrap(
        whole,
        room,
        drop_whitespace=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    pieces = pieces if len(text) > min(80, room) else [whole]
    return between.join(prefix + json.dumps(piece.replace("\0", " "), ensure_ascii=False) for piece in pieces)


def shape(source: str) -> str:
    """What code does, as text, whatever its strings say; the fields of an f-string count, in any order."""

    class Blank(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "alt"]
            return self.generic_visit(node)

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
            fields = sorted(ast.dump(part) for part in node.values if isinstance(part, ast.FormattedValue))
            return ast.Constant("".join(fields))

        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant("") if isinstance(node.value, str) else node

    return ast.dump(Blank().visit(_parsed(source)))


def _parsed(source: str) -> ast.Module:
    """The tree of a cell's code; a line for IPython, such as ``%%gpu``, is no code."""
    return ast.parse(_plain(source))


def _plain(source: str) -> str:
    return _MAGIC.sub("", source)


def _is_mute(node: ast.AST) -> bool:
    """Whether a figure is shown with the words that it brings."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "show"
        and len(node.args) == 1
        and not node.keywords
    )


def _span(node: Found) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where something new takes its place: line and byte; of a call, behind its argument."""
    end = node.args[0] if isinstance(node, ast.Call) else node
    last = (end.end_lineno - 1, end.end_col_offset)
    return (last, last) if isinstance(node, ast.Call) else ((node.lineno - 1, node.col_offset), last)


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _text(node: Found, source: str) -> str:
    if isinstance(node, ast.Constant):
        return node.value
    texts = []  # fields as they are written: printed from the tree, they differ between versions of Python
    for prefix, _, body in _PIECE.findall(ast.get_source_segment(source, node)):
        text = ast.literal_eval(f'"""{body}"""') if "\\" in body else body
        texts.append(text if "f" in prefix.lower() else text.replace("{", "{{").replace("}", "}}"))
    return "".join(texts)
