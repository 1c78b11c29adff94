"""Mending: what honest notebooks hold beside definitions, and what breaks them here although it ran at home.

Magics, shell commands, questions to the keyboard and imports of what is not installed are taken out of an answer before
it runs; what an answer needs from cells of the student's own is put before it. Nothing is run to find out.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder

from IPython.core.inputtransformer2 import TransformerManager

from coursegrader.flags import HARMLESS, SHELL, parsed
from coursegrader.messages import Message, say

# calls that train, load or check: nothing that a definition needs
HEAVY = frozenset("run_experiment fit evaluate load prepare pack check input setup train system".split())


@dataclass(frozen=True)
class Statement:
    """One top-level statement that binds names."""

    binds: frozenset[str]
    source: str


def runnable(source: str) -> str:
    """The Python that IPython makes of a cell; empty if it is none."""
    return TransformerManager().transform_cell(HARMLESS.sub("", source)) if parsed(source) else ""


def mended(source: str) -> tuple[str, list[Message]]:
    """Take out of an answer what cannot run here and defines nothing; say what was taken out."""
    tree = parsed(source)
    if tree is None:
        return source, []
    cuts, notes, gone = [], [], set()
    for node in tree.body:
        if missing := _missing_modules(node):
            cuts.append((node, "pass"))
            gone |= bound_names([node])
            notes += [say("mending.import", name=name) for name in missing]
        elif isinstance(node, ast.Expr) and gone & {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
            cuts.append((node, "pass"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _is_magic(node.value):
            cuts.append((node, "pass"))
            notes.append(say("mending.shell"))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "input":
            cuts.append((node, '""'))
            notes.append(say("mending.input"))
    if not cuts:
        return (HARMLESS.sub("", source), []) if HARMLESS.search(source) else (source, [])
    return _cut(runnable(source), cuts), list(dict.fromkeys(notes))


def needed_from(extras: Sequence[str], answers: Sequence[str], known: Iterable[str]) -> list[list[str]]:
    """For each answer, the statements of other cells that bind names which it needs and nobody else binds, in order."""
    statements = [s for source in extras for s in defining_statements(source)]
    taken = set(known) | set(dir(builtins)) | {"get_ipython"}
    taken |= {name for source in answers for name in bound_names((parsed(source) or ast.Module([], [])).body)}
    found = []
    for answer in answers:
        wanted, chosen, waiting = free_names(answer) - taken, [], True
        while waiting:
            more = [i for i, s in enumerate(statements) if s.binds & wanted and i not in chosen]
            chosen += more
            waiting = bool(more)
            wanted |= {n for i in more for n in free_names(statements[i].source)} - taken
        taken |= {name for i in chosen for name in statements[i].binds}
        found.append([statements[i].source for i in sorted(chosen)])
    return found


def defining_statements(source: str) -> Iterator[Statement]:
    """The imports, functions, classes and plain values of a cell; what trains, loads, draws or prints is left out."""
    text = runnable(mended(source)[0])
    for node in ast.parse(text).body:
        binds, piece = frozenset(bound_names([node])), ast.get_source_segment(text, node) or ast.unparse(node)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            decorators = "".join(f"@{ast.unparse(d)}\n" for d in node.decorator_list)
            yield Statement(binds, decorators + piece)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield Statement(binds, piece)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Try)) and binds:
            calls = {n.func for n in ast.walk(node) if isinstance(n, ast.Call)}
            if {getattr(f, "attr", getattr(f, "id", "")) for f in calls} & HEAVY:
                continue
            if calls:  # a value that cannot be had here must not cost the answer
                indented = "\n".join(f"    {line}" for line in ast.unparse(node).splitlines())
                piece = f"try:\n{indented}\nexcept Exception:\n    pass"
            yield Statement(binds, piece)


def bound_names(body: Iterable[ast.stmt]) -> set[str]:
    """Names that statements bind at the top level, imports among them."""
    names = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
            names |= bound_names(inner)
        else:
            names |= {
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return names


def free_names(source: str) -> set[str]:
    """Names that code reads from outside itself, at the top level or from within its functions."""
    tree = parsed(source)
    if tree is None:
        return set()
    tables, names = [symtable.symtable(ast.unparse(tree), "cell", "exec")], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return names - bound_names(tree.body)


def _is_magic(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in SHELL
        and isinstance(value.func.value, ast.Call)
        and getattr(value.func.value.func, "id", "") == "get_ipython"
    )


def _missing_modules(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if not _installed(alias.name)]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [] if _installed(node.module) else [node.module]
    return []


@cache
def _installed(module: str) -> bool:
    """Whether a module can be imported here; nothing is imported to find out."""
    if module.split(".")[0] in sys.stdlib_module_names:
        return True
    path = None
    for depth in range(1, module.count(".") + 2):
        try:
            spec = PathFinder.find_spec(".".join(module.split(".")[:depth]), path)
        except (ImportError, ValueError, AttributeError):
            return False
        if spec is None:
            return False
        if spec.submodule_search_locations is None:
            return True  # a module may make others up as it loads
        path = list(spec.submodule_search_locations)
    return True


def _cut(text: str, cuts: Sequence[tuple[ast.AST, str]]) -> str:
    """Put something else in the place of some nodes, the last first; a cut inside another one is left out."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    spans = sorted(
        ((n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, new) for n, new in cuts), reverse=True
    )
    outer = [
        s for s in spans if not any(o[:2] <= s[:2] and s[2:4] <= o[2:4] and o[:4] != s[:4] for o in spans)
    ]
    for first, start, last, end, new in dict.fromkeys(outer):
        lines[first - 1 : last] = [lines[first - 1][:start] + new.encode() + lines[last - 1][end:]]
    return b"".join(lines).decode()
