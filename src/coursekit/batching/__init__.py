"""Batching: from words to a padded tensor, with the lengths that say what is real.

Left out: loading in worker processes; ``torch.utils.data.DataLoader`` takes ``num_workers``.
"""

from coursekit.batching.buckets import LengthBuckets, share_of_pads
from coursekit.batching.datasets import CUTS, TextDataset, make_loader, shorten
from coursekit.batching.padding import Batch, check_lengths, collate, mask_from_lengths
from coursekit.batching.preparing import Encoder, Prepared, TextConfig, encode, prepare, tokens_of

__all__ = [
    "CUTS", "Batch", "Encoder", "LengthBuckets", "Prepared", "TextConfig", "TextDataset", "check_lengths",
    "collate", "encode", "make_loader", "mask_from_lengths", "prepare", "share_of_pads", "shorten", "tokens_of",
]  # fmt: skip
