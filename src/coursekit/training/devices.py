"""A model is computed with where that is fast, and is given back where it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from coursekit.runtime import device as default_device


@contextmanager
def on_device(model: nn.Module) -> Iterator[torch.device]:
    """Move a model to the device to compute on, and back in the end: a batch on the CPU can be handed to it next.

    A model that is on a GPU already stays there.
    """
    home, device = next(model.parameters()).device, default_device()
    if home.type != "cpu":
        device = home
    model.to(device)
    try:
        yield device
    finally:
        model.to(home)
