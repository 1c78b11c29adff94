"""Nn: recurrent layers that know where a text ends, and the classifier built on them."""

from coursekit.nn.classifier import ModelConfig, TextClassifier
from coursekit.nn.pooling import POOLINGS, masked_max, masked_mean, pool
from coursekit.nn.recurrent import CELLS, LengthAwareRNN, last_valid, reverse_within_lengths

__all__ = [
    "CELLS", "POOLINGS", "ModelConfig", "LengthAwareRNN", "TextClassifier", "last_valid", "masked_max",
    "masked_mean", "pool", "reverse_within_lengths",
]  # fmt: skip
