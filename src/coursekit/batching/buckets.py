"""Buckets: put texts of like length into the same batch, so that few pads are computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler


class LengthBuckets(Sampler[list[int]]):
    """A batch sampler: shuffle, sort by length inside large pools, cut into batches, shuffle the batches.

    Each text comes exactly once in an epoch, and one batch may be smaller. The order depends on the seed and the number
    of the epoch only. ``pool`` is counted in batches: 1 means random batches; a pool as large as the data sorts
    everything.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, *, seed: int, pool: int = 50) -> None:
        if batch_size < 1 or pool < 1:
            raise ValueError(f"'batch_size' and 'pool' must be at least 1, got {batch_size} and {pool}.")
        self.lengths = np.asarray(lengths)
        self.batch_size, self.seed, self.pool = batch_size, seed, pool
        self.epoch = 0

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng([self.seed, self.epoch])
        self.epoch += 1
        order = random.permutation(len(self.lengths))
        pool_size = self.pool * self.batch_size
        pools = [order[i : i + pool_size] for i in range(0, len(order), pool_size)]
        if self.pool > 1:  # stable: texts of one length keep their shuffled order
            pools = [pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools]
        batches = [p[i : i + self.batch_size] for p in pools for i in range(0, len(p), self.batch_size)]
        for k in random.permutation(len(batches)):
            yield batches[k].tolist()


def share_of_pads(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Return the share of cells in padded batches that hold no token; a batch is given by the positions of its texts.

    >>> round(share_of_pads([1, 3], [[0, 1]]), 3)
    0.333
    """
    cells = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    real = sum(lengths[i] for batch in batches for i in batch)
    return 1 - real / cells if cells else 0.0
