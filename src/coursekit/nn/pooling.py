"""Pooling: from one vector a word to one vector a text, without asking the pads.

Letters: B batch, T time, H size of a vector.
"""

from __future__ import annotations

from torch import Tensor, cat

POOLINGS = ("mean", "max", "last")


def masked_mean(outputs: Tensor, mask: Tensor) -> Tensor:
    """Average over the real tokens only.

    Parameters
    ----------
    outputs : Tensor of shape (B, T, H)
    mask : Tensor of shape (B, T), bool
        True where a token is real, at least once in every row: :func:`coursekit.batching.mask_from_lengths`.

    Returns
    -------
    Tensor of shape (B, H)
    """
    pads = ~mask[:, :, None]  # (B, T, 1)
    return outputs.masked_fill(pads, 0.0).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def masked_max(outputs: Tensor, mask: Tensor) -> Tensor:
    """Take the largest value of each feature over the real tokens only.

    Parameters
    ----------
    outputs : Tensor of shape (B, T, H)
    mask : Tensor of shape (B, T), bool
        True where a token is real, at least once in every row: :func:`coursekit.batching.mask_from_lengths`.

    Returns
    -------
    Tensor of shape (B, H)
    """
    pads = ~mask[:, :, None]  # (B, T, 1)
    return outputs.masked_fill(pads, float("-inf")).max(dim=1).values


def pool(outputs: Tensor, last: Tensor, mask: Tensor, how: str) -> Tensor:
    """Pool in one way, or in several whose results are concatenated.

    Parameters
    ----------
    outputs : Tensor of shape (B, T, H)
    last : Tensor of shape (B, H)
        The state after the whole text.
    mask : Tensor of shape (B, T), bool
    how : str
        ``mean``, ``max``, ``last``, or several joined by ``+``, for example ``mean+max``.

    Returns
    -------
    Tensor of shape (B, n·H)
        n is the number of ways.

    Raises
    ------
    ValueError
        If a way is unknown.
    """
    found = {"mean": masked_mean, "max": masked_max, "last": lambda outputs, mask: last}
    return cat([found[way](outputs, mask) for way in ways_of(how)], dim=1)


def ways_of(how: str) -> list[str]:
    """Return the poolings named in ``how``.

    Raises
    ------
    ValueError
        If one is unknown or named twice.
    """
    ways = how.split("+")
    if not set(ways) <= set(POOLINGS) or len(set(ways)) < len(ways):
        raise ValueError(f"'pooling' must join some of {POOLINGS} by '+', each once, got {how!r}.")
    return ways
