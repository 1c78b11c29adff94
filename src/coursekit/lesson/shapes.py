"""check_shape: a chapter proves its shapes in the open.

Left out: named dimensions; see ``einops`` or ``jaxtyping``.
"""

from __future__ import annotations

from collections.abc import Sequence


def check_shape(array: object, shape: Sequence[int], name: str = "the array") -> None:
    """Print the shape of an array if it is the one expected, and raise ``ValueError`` with both shapes if not."""
    got = tuple(array.shape)
    if got != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, got {got}.")
    print(f"✓ {name} has shape {got}")
