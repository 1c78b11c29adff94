"""Pooling: from one vector a word to one vector a text, without asking the pads.

Letters: B batch, T time, H size of a vector.

Left out: attention pooling; chapter 13 builds it.
"""

from __future__ import annotations

from torch import Tensor, cat

from coursekit.batching import mask_from_lengths

POOLINGS = ("mean", "max", "last")


def masked_mean(outputs: Tensor, lengths: Tensor) -> Tensor:
    """Average over the real tokens only.

    Parameters
    ----------
    outputs : Tensor of shape (B, T, H)
    lengths : Tensor of shape (B,), int64

    Returns
    -------
    Tensor of shape (B, H)

    Raises
    ------
    TypeError, ValueError
        If the lengths do not fit the outputs.

    Notes
    -----
    Chapter: 08.
    """
    pads = ~mask_from_lengths(lengths, outputs.shape[1])[:, :, None]
    return outputs.masked_fill(pads, 0.0).sum(dim=1) / lengths[:, None]


def masked_max(outputs: Tensor, lengths: Tensor) -> Tensor:
    """Take the largest value of each feature over the real tokens only.

    Parameters
    ----------
    outputs : Tensor of shape (B, T, H)
    lengths : Tensor of shape (B,), int64

    Returns
    -------
    Tensor of shape (B, H)

    Raises
    ------
    TypeError, ValueError
        If the lengths do not fit the outputs.

    Notes
    -----
    Chapter: 08.
    """
    pads = ~mask_from_lengths(lengths, outputs.shape[1])[:, :, None]
    return outputs.masked_fill(pads, float("-inf")).max(dim=1).values


def pool(outputs: Tensor, last: Tensor, lengths: Tensor, how: str) -> Tensor:
    """Pool in one way, or in several whose results are concatenated.

    Parameters
    ----------
    outputs : Tensor of shape (B, T, H)
    last : Tensor of shape (B, H)
        The state after the whole text.
    lengths : Tensor of shape (B,), int64
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

    Notes
    -----
    Chapter: 04, 08.
    """
    found = {"mean": masked_mean, "max": masked_max, "last": lambda outputs, lengths: last}
    return cat([found[way](outputs, lengths) for way in ways_of(how)], dim=1)


def ways_of(how: str) -> list[str]:
    """Return the poolings named in ``how``.

    Raises
    ------
    ValueError
        If one is unknown or named twice.

    Notes
    -----
    Chapter: none.
    """
    ways = how.split("+")
    if not set(ways) <= set(POOLINGS) or len(set(ways)) < len(ways):
        raise ValueError(f"'pooling' must join some of {POOLINGS} by '+', each once, got {how!r}.")
    return ways
