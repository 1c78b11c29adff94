"""Pooling: from one vector a word to one vector a text, without asking the pads.

Letters: B batch, T time, H size of a vector.
"""

from __future__ import annotations

from torch import Tensor, cat


def masked_mean(outputs: Tensor, mask: Tensor) -> Tensor:
    """Average outputs (B, T, H) over the real tokens only, to (B, H).

    The mask (B, T) is True where a token is real, at least once in every row:
    :func:`coursekit.batching.mask_from_lengths`.
    """
    pads = ~mask[:, :, None]  # (B, T, 1)
    return outputs.masked_fill(pads, 0.0).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def masked_max(outputs: Tensor, mask: Tensor) -> Tensor:
    """Take the largest value of each feature over the real tokens only; shapes are those of :func:`masked_mean`."""
    pads = ~mask[:, :, None]  # (B, T, 1)
    return outputs.masked_fill(pads, float("-inf")).max(dim=1).values


# From the outputs (B, T, H), the state after the whole text (B, H) and the mask (B, T) to one vector a text (B, H).
POOLINGS = {
    "mean": lambda outputs, last, mask: masked_mean(outputs, mask),
    "max": lambda outputs, last, mask: masked_max(outputs, mask),
    "last": lambda outputs, last, mask: last,
}


def pool(outputs: Tensor, last: Tensor, mask: Tensor, how: str) -> Tensor:
    """Pool in one of :data:`POOLINGS`, or in several joined by ``+`` whose results are concatenated: (B, n·H)."""
    return cat([POOLINGS[way](outputs, last, mask) for way in ways_of(how)], dim=1)


def ways_of(how: str) -> list[str]:
    """Return the poolings named in ``how``; raise ``ValueError`` if one is unknown or named twice."""
    ways = how.split("+")
    if not set(ways) <= set(POOLINGS) or len(set(ways)) < len(ways):
        raise ValueError(f"'pooling' must join some of {tuple(POOLINGS)} by '+', each once, got {how!r}.")
    return ways
