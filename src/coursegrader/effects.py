"""Inside the sandbox: switch off what a homework forbids, and measure what a part of a model does.

A search for names can be led astray. Below every name stands one kernel in torch's dispatcher, and one code object behind
every function of the package: what is changed there is changed under whatever name a student's code knows it.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.machinery import SourceFileLoader
from typing import Any

import torch
from torch import Tensor, nn

# operators of torch, and where the batch stands in what each of them returns
LAYERS = tuple(
    f"{name}.{way}" for name in ("lstm", "gru", "rnn_tanh", "rnn_relu") for way in ("input", "data")
)
STEPS = ("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
KERNELS = (*LAYERS, *STEPS)
KEYS = ("CPU", "AutogradCPU")
OF_TORCH = {"RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "RNNBase", "RNNCellBase"}
ROOMS = ("coursekit", "coursegrader")


@contextmanager
def kernels_replaced(make: Callable[[str], Callable[..., Any]]) -> Iterator[None]:
    """Put another function in the place of every recurrent kernel of torch: whoever calls one, calls it."""
    library = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is one already is the point
        for name in KERNELS:
            for key in KEYS:
                library.impl(name, make(name), key)
    try:
        yield
    finally:
        library._destroy()


def refusing(name: str) -> Callable[..., Any]:
    """A kernel that refuses, with a sentence that the grader knows by its key."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("jobs.kernel-off")

    return refuse


def silenced(name: str) -> Callable[..., Any]:
    """A kernel that answers zeros."""
    return _after(name, torch.zeros_like)


def of_others(name: str) -> Callable[..., Any]:
    """A kernel that gives each text what it computed of another one."""
    first = 0 if name.endswith("data") or name in STEPS else None
    return _after(name, lambda value, axis=0: value.roll(1, axis), first)


def _after(name: str, change: Callable[..., Tensor], first: int | None = 0) -> Callable[..., Any]:
    short, _, way = name.partition(".")
    kernel = getattr(getattr(torch.ops.aten, short), way or "default")

    def run(*args: Any, **kwargs: Any) -> Any:
        made = kernel.decompose(*args, **kwargs)
        if isinstance(made, Tensor):
            return change(made)
        if change is torch.zeros_like:
            return tuple(map(change, made))
        outputs = first if first is not None else (0 if args[-1] else 1)  # the last one: batch_first
        rest = 0 if name in STEPS else 1  # states stand as (layers, B, H), those of a step as (B, H)
        return tuple(change(value, outputs if k == 0 else rest) for k, value in enumerate(made))

    return run


@contextmanager
def switched_off(names: Sequence[str]) -> Iterator[None]:
    """Switch off what a homework forbids by name: kernels of torch, classes of the package, the room ``cells``."""
    functions = [f for name in names for f in _functions_of(name)]
    before = [(function, function.__code__) for function in functions]
    try:
        for function in functions:
            function.__code__ = _refuse.__code__
        if set(names) & OF_TORCH:
            with kernels_replaced(refusing):
                yield
        else:
            yield
    finally:
        for function, code in before:
            function.__code__ = code


def _refuse(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("jobs.package-off")


def _functions_of(name: str) -> Iterator[types.FunctionType]:
    """What has to be switched off for one name: the functions of a room, or the forward pass of a class."""
    for module in [m for n, m in sorted(sys.modules.items()) if n.startswith("coursekit.")]:
        if name == "cells" and module.__name__.startswith("coursekit.cells."):
            for value in vars(module).values():
                parts = vars(value).values() if isinstance(value, type) else (value,)
                yield from (f for f in parts if _can_refuse(f) and f.__module__ == module.__name__)
        value = vars(module).get(name)
        if isinstance(value, type) and value.__module__ == module.__name__ and issubclass(value, nn.Module):
            yield from filter(_can_refuse, [value.forward])


def _can_refuse(function: object) -> bool:
    return isinstance(function, types.FunctionType) and not function.__code__.co_freevars


def altered() -> list[str]:
    """Functions of the package and of the grader that are not what their files say: somebody has replaced them."""
    found = []
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name.partition(".")[0] not in ROOMS or not path or name == "__main__":
            continue
        for code in _written(name, path):
            if not code.co_name.startswith(("<", "__")):
                found += [f"{name}.{what}" for what in _differing(vars(module).get(code.co_name), code)]
    return found


@cache
def _written(name: str, path: str) -> list[types.CodeType]:
    """The functions and classes of a file, as they were written."""
    return [c for c in SourceFileLoader(name, path).get_code(name).co_consts if isinstance(c, types.CodeType)]


def _differing(live: object, code: types.CodeType) -> Iterator[str]:
    if isinstance(live, type):
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType) and not inner.co_name.startswith("<"):
                yield from (f"{code.co_name}.{n}" for n in _differing(vars(live).get(inner.co_name), inner))
        return
    for attribute in ("fget", "func", "__func__"):
        live = getattr(live, attribute, live)
    while hasattr(live, "__wrapped__"):
        live = live.__wrapped__
    if getattr(live, "__code__", None) != code:
        yield code.co_name


def facts_of(model: nn.Module) -> Mapping[str, Any]:
    """Classes of a model's modules and of those they descend from, and recurrent parameters that cannot train."""
    classes = sorted({c.__name__[:60] for module in model.modules() for c in type(module).__mro__})
    frozen = [
        f"{name}.{own}"
        for name, module in model.named_modules()
        if isinstance(module, (nn.RNNBase, nn.RNNCellBase))
        for own, value in module.named_parameters(recurse=False)
        if not value.requires_grad
    ]
    return {"classes": classes[:80], "frozen": frozen[:20]}
