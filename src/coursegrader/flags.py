"""Flags: what a person should look at. A flag takes no point away by itself; it puts a mark on hold.

A search for names is no defence: it shows a person where to look. What must not be done is switched off while a model is
asked, or its effect is measured: :mod:`coursegrader.effects`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

from coursegrader.messages import Message, say

# Modules that an answer has no reason to use, and what of them does no harm.
MODULES: dict[str, frozenset[str]] = {
    "os": frozenset("cpu_count environ getcwd getenv makedirs path sep".split()),
    "sys": frozenset("executable maxsize platform stdout stderr version version_info".split()),
    "gc": frozenset(("collect",)),
    "inspect": frozenset(("signature",)),
    **dict.fromkeys(
        "atexit builtins coursegrader ctypes importlib marshal multiprocessing pickle requests shutil signal socket "
        "subprocess threading urllib".split(),
        frozenset(),
    ),
}
# Ways around a running program: as a name, and behind any dot.
NAMES = frozenset("__builtins__ __import__ compile eval exec get_ipython globals".split())
INSIDE = frozenset(
    "__closure__ __code__ __globals__ __subclasses__ _getframe currentframe get_objects _C test_labels".split()
)
# Ways to a file.
FILES = frozenset(
    "fromfile genfromtxt load_file loadtxt memmap open safe_open save_file write_bytes write_text "
    "torch.load np.load numpy.load".split()
)
READER = re.compile(
    r".*\.(read|scan)_[a-z]+$"
)  # of pandas, polars, pyarrow, pathlib: read_csv, read_text, scan_csv
LIBRARIES = frozenset("ck coursekit nn torch".split())  # what the notebook's set-up imports
HARMLESS_TARGETS = ("torch.backends.",)
# what IPython turns magics and shell commands into
SHELL = {"run_line_magic", "run_cell_magic", "system", "getoutput"}
# cell magics that change nothing of what is defined
HARMLESS = re.compile(r"^%%(time|attempt|capture)\b[^\n]*$", re.MULTILINE)
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_BLOB = re.compile(r"[A-Za-z0-9+/=_\-]{2000,}")
MOST_CONSTANTS, LONGEST_TEXT, WIDEST_NUMBER = 400, 1_500, 256  # numbers and texts, characters, bits


@lru_cache(maxsize=128)  # of one submission, whose cells are looked at from many sides; nobody changes a tree
def parse(source: str) -> ast.Module:
    """Parse a cell as IPython would run it; one of ``UNREADABLE`` if it is no Python."""
    return ast.parse(TransformerManager().transform_cell(HARMLESS.sub("", source)))


def parsed(source: str) -> ast.Module | None:
    """Parse a cell as IPython would run it; None if it is no Python."""
    try:
        return parse(source)
    except UNREADABLE:
        return None


def used_names(source: str) -> set[str]:
    """Return every name that a source does not bind itself, every attribute (alone, and with the name before its dot)
    but those of ``self``, and every imported module."""
    tree = parsed(source) or ast.Module([], [])
    own, names = _own_names(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in own:
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            root = node.value.id if isinstance(node.value, ast.Name) else ""
            names |= {node.attr, f"{root}.{node.attr}"} if root != "self" else set()
        elif isinstance(node, ast.alias):
            names |= set(node.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= set(node.module.split("."))
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def code_flags(
    answers: Mapping[str, str], *, blob_bytes: int, forbidden: Sequence[str] = ()
) -> list[Message]:
    """Return one sentence for everything in the code that a person should look at."""
    flags = []
    for task, source in answers.items():
        size, tree, names = len(source.encode()), parsed(source), used_names(source)
        if size > blob_bytes or _BLOB.search(source):
            flags.append(say("flags.size", task=task, size=size))
        flags += [say("flags.forbidden", task=task, name=name) for name in sorted(names & set(forbidden))]
        if tree is None:  # it is not run
            continue
        if odd := sorted(set(_ways_around(tree))):
            flags.append(say("flags.around", task=task, names=odd))
        if names & SHELL:
            flags.append(say("flags.shell", task=task))
        if reads := sorted(name for name in names if name in FILES or READER.match(name)):
            flags.append(say("flags.files", task=task, names=reads))
        flags += [say("flags.changes", task=task, name=name) for name in sorted(set(_changed(tree)))]
        if what := _table(tree):
            flags.append(say("flags.table", task=task, what=what))
    return flags


def run_flags(facts: Iterable[object], forbidden: Sequence[str] = ()) -> list[Message]:
    """Return one sentence for everything that the probes found in the running program."""
    found: dict[str, set[str]] = {"classes": set(), "altered": set(), "asked for": set()}
    for fact in facts:
        for key, names in found.items():
            listed = fact.get(key) if isinstance(fact, dict) else None
            names |= {str(name)[:80] for name in listed} if isinstance(listed, list) else set()
    held = sorted(found["classes"] & set(forbidden))
    flags = [say("flags.holds", name=name) for name in held]
    if found["altered"]:
        flags.append(say("flags.replaces", names=sorted(found["altered"])[:5]))
    if found["asked for"]:
        flags.append(say("flags.asked-for", names=sorted(found["asked for"])[:5]))
    return flags


def _own_names(tree: ast.Module) -> set[str]:
    """Names that a source binds itself, other than by importing."""
    own = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            own.add(node.id)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own.add(node.name)
    return own - NAMES


def _imports(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """The name that each import binds, its top module, and what is taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], alias.name.split(".")[0], ""
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, node.module.split(".")[0], alias.name


def _ways_around(tree: ast.Module) -> Iterator[str]:
    """What an answer has no reason to use; a module that is imported and left alone is not named."""
    watched = {}
    for bound, module, taken in _imports(tree):
        if module == "coursegrader" or (taken and module in MODULES and taken not in MODULES[module]):
            yield module
        elif module in MODULES and not taken:
            watched[bound] = module
    roots = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module = watched.get(getattr(node.value, "id", ""))
            if module and node.attr not in MODULES[module]:
                yield module
            if node.attr in INSIDE or (node.attr == "__dict__" and getattr(node.value, "id", "") != "self"):
                yield node.attr
            if node.attr in ("modules", "meta_path") and module == "sys":
                yield "sys"
        elif isinstance(node, ast.Name):
            if node.id in NAMES | INSIDE:
                yield node.id
            elif node.id in watched and id(node) not in roots:
                yield watched[node.id]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("setattr", "delattr", "vars"):
            first = getattr(node.args[0], "id", "") if node.args else ""
            if not first or first in _libraries(tree):
                yield node.func.id


def _libraries(tree: ast.Module) -> set[str]:
    return LIBRARIES | {bound for bound, _, _ in _imports(tree)}


def _changed(tree: ast.Module) -> Iterator[str]:
    """Attributes of something imported that a source sets or deletes."""
    libraries = _libraries(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            name = ast.unparse(node)
            if name.split(".")[0] in libraries and not name.startswith(HARMLESS_TARGETS):
                yield name[:80]


def _table(tree: ast.Module) -> Message | None:
    """A long text, a long number or very many of them; None if there is none."""
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in remarks
    ]
    if any(isinstance(value, (str, bytes)) and len(value) > LONGEST_TEXT for value in found):
        return say("flags.long-text")
    if any(isinstance(value, int) and value.bit_length() > WIDEST_NUMBER for value in found):
        return say("flags.long-number")
    return say("flags.constants", number=len(found)) if len(found) > MOST_CONSTANTS else None
