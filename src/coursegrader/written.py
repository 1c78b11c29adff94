"""What a cell writes down, worked out without running it: literals, and the few ways in which students put them together."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

MOST = 1_000  # of a sequence
INNER = "…"  # no name: it stands among the names inside a loop, in which there is no other
METHODS = {"split", "strip", "lower", "upper"}  # of a text
TOGETHER: dict[str, Callable[..., Any]] = {
    "dict": dict,
    "enumerate": lambda values, start=0: list(enumerate(values, start)),
    "list": list,
    "range": lambda *ends: list(range(*ends)[: MOST + 1]),
    "tuple": tuple,
    "zip": lambda *values: list(zip(*values, strict=False)),
}


def written(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression, with what was written down before under some names; ``ValueError`` if it is another kind."""
    match node:
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [written(item, names) for item in items]
        case ast.Dict(keys=keys, values=values) if all(keys):
            return {written(k, names): written(v, names) for k, v in zip(keys, values, strict=True)}
        case ast.JoinedStr(values=parts):
            return _short("".join(written(part, names) for part in parts))
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            shown = written(value, names)
            if not isinstance(shown, (str, int)):
                raise ValueError(type(shown).__name__)
            return str(shown)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _short(written(left, names) + written(right, names))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in TOGETHER:
            options = {k.arg: written(k.value, names) for k in keywords if k.arg}
            return _short(TOGETHER[name](*(written(arg, names) for arg in args), **options))
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args, keywords=[]) if name in METHODS:
            text, given = written(value, names), [written(arg, names) for arg in args]
            if not isinstance(text, str):
                raise ValueError(type(text).__name__)
            return _short(getattr(text, name)(*given))
        case ast.DictComp(key=key, value=value, generators=[loop]):
            return {written(key, each): written(value, each) for each in _rounds(loop, names)}
        case ast.ListComp(elt=item, generators=[loop]) | ast.GeneratorExp(elt=item, generators=[loop]):
            return [written(item, each) for each in _rounds(loop, names)]
    return ast.literal_eval(node)


def bound(target: ast.expr, value: Any) -> dict[str, Any]:
    """The names that an assignment binds, one or several at once; ``ValueError`` if it binds anything else."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if not isinstance(target, (ast.Tuple, ast.List)):
        raise ValueError(ast.unparse(target))
    pairs = zip(target.elts, value, strict=True)
    return {name: one for part, each in pairs for name, one in bound(part, each).items()}


def _rounds(loop: ast.comprehension, names: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if loop.ifs or loop.is_async or INNER in names:
        raise ValueError(ast.unparse(loop))
    for value in _short(written(loop.iter, names)):
        yield {**names, **bound(loop.target, value), INNER: True}


def _short(value: Any) -> Any:
    if isinstance(value, Iterable) and len(value) > MOST:
        raise ValueError(len(value))
    return value
