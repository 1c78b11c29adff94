"""LengthAwareRNN: a recurrent layer that reads each text to its own end and no further.

Letters: B batch, T time, D input size, H hidden size, L layers, K directions (1 or 2).

Two ways to the same numbers. *Packing* hands the network a layout without pads; cuDNN is fast at it, a CPU is not.
*Padded passes* run over the whole rectangle, which a CPU does fast, and then never look at a pad: the forward
direction has not reached the pads when it reads the last word, and the backward direction runs forward over texts
that are reversed inside their own lengths. Its price is the work on the pads: where most of a batch is padding, packing wins.

Left out: projections (``proj_size``) and handing in a start state; ``torch.nn`` has both.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from coursekit.batching import check_lengths, mask_from_lengths

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
PATHS = ("auto", "padded", "packed")
# On a CPU, pack if less than this share of a batch is real. Measured forward and backward on one thread with batch 96,
# D and H 100, T 256, one long text among short ones and exponential lengths: padded passes are faster above.
PACK_BELOW = {"rnn": 1 / 3, "lstm": 1 / 4, "gru": 1 / 4}


def check_finite_weights(module: nn.Module) -> None:
    """Raise ``FloatingPointError`` if a parameter holds NaN or infinity; the message names the first such one."""
    for name, weights in module.named_parameters():
        spoiled = int((~torch.isfinite(weights)).sum())
        if spoiled:
            raise FloatingPointError(
                f"the weights '{name}' of shape {tuple(weights.shape)} must be finite, got {spoiled} of "
                f"{weights.numel()} numbers NaN or infinite; load them again, or train with a lower rate."
            )


def last_valid(outputs: Tensor, lengths: Tensor) -> Tensor:
    """Pick from outputs (B, T, H) the one at each text's last real token, (B, H)."""
    return outputs[torch.arange(outputs.shape[0], device=outputs.device), lengths - 1]  # (B, H)


def reverse_within_lengths(x: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the real tokens of each text, (B, T, D), and leave its pads where they are. Twice gives ``x`` again."""
    steps = torch.arange(x.shape[1], device=x.device)  # (T,)
    mirrored = lengths[:, None] - 1 - steps  # (B, T)
    source = torch.where(mirrored >= 0, mirrored, steps)
    return x.gather(1, source[:, :, None].expand_as(x))


class LengthAwareRNN(nn.Module):
    """RNN, LSTM or GRU over padded batches, equal to packing; its weights are those of the torch module in ``rnn``.

    Raises ``ValueError`` if a choice is unknown, a size is below 1, or there is dropout with one layer (where it would
    do nothing).

    Parameters
    ----------
    dropout : float, default 0.0
        Between layers; it needs at least two of them.
    nonlinearity : {"tanh", "relu"}, default "tanh"
        For the RNN only.
    path : {"auto", "padded", "packed"}, default "auto"
        How to compute. ``auto`` packs on CUDA. On a CPU it runs padded passes, unless less than a quarter of the
        batch (for the plain RNN: a third) is real tokens; there packing was measured to be faster. On other devices
        it runs padded passes. So it does in training with ``state_dropout``.
    state_dropout : float, default 0.0
        Share of the hidden units that each step is not told of, in training: the same units at all steps, for all texts
        of a batch, drawn anew for every batch, layer and direction. A column of ``weight_hh`` set to zero hides a unit
        from the next step: Gal and Ghahramani (2016), "A theoretically grounded application of dropout in recurrent
        neural networks", section 4.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        nonlinearity: str = "tanh",
        path: str = "auto",
        state_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"'cell' must be one of {tuple(CELLS)}, got {cell!r}.")
        if path not in PATHS:
            raise ValueError(f"'path' must be one of {PATHS}, got {path!r}.")
        if min(input_size, hidden_size, num_layers) < 1:
            raise ValueError(
                "'input_size', 'hidden_size' and 'num_layers' must be at least 1, got "
                f"{input_size}, {hidden_size}, {num_layers}."
            )
        if dropout and num_layers == 1:
            raise ValueError(f"'dropout' acts between layers, got {dropout} with one layer; use 0.")
        if not 0 <= state_dropout < 1:
            raise ValueError(f"'state_dropout' must be at least 0 and below 1, got {state_dropout}.")
        if nonlinearity != "tanh" and cell != "rnn":
            raise ValueError(f"'nonlinearity' is for the cell 'rnn', got {nonlinearity!r} with {cell!r}.")
        extra = {"nonlinearity": nonlinearity} if cell == "rnn" else {}
        self.rnn = CELLS[cell](
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            bidirectional=bidirectional,
            dropout=dropout,
            **extra,
        )
        self.cell, self.path, self.state_dropout = cell, path, state_dropout

    @property
    def output_size(self) -> int:
        """Width of the outputs: K · H."""
        return self.rnn.hidden_size * (2 if self.rnn.bidirectional else 1)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Read a batch (B, T, D) by its lengths (B,), 1 to T, in any order; whatever stands in the pads is ignored.

        Returns the top layer at each token, (B, T, K·H), zero in the pads, and its state after the whole text, (B,
        K·H): the forward direction at the last word, the backward direction at the first. Raises ``TypeError`` or
        ``ValueError`` if shape, type, range or device does not fit, and on a CPU ``FloatingPointError`` if NaN comes
        out and the weights are the reason.
        """
        self._check(x, lengths)
        return self.read(x, lengths, mask_from_lengths(lengths, x.shape[1]))

    def read(self, x: Tensor, lengths: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Do what :meth:`forward` does, for a caller that has checked the lengths and made their mask (B, T)."""
        outputs, last = (
            self._packed(x, lengths) if self._packs(x, lengths) else self._padded(x, lengths, mask)
        )
        if not x.is_cuda and last.isnan().any():  # CUDA would have to wait for the answer
            check_finite_weights(self.rnn)
        return outputs, last

    def _check(self, x: Tensor, lengths: Tensor) -> None:
        """Refuse what would fail deep inside the kernel, or not fail and be wrong."""
        if not isinstance(x, Tensor):
            raise TypeError(f"'x' must be a tensor, got {type(x).__name__}; use torch.as_tensor(x).")
        if x.dim() != 3 or x.shape[2] != self.rnn.input_size:
            raise ValueError(
                f"'x' must have shape (batch, time, {self.rnn.input_size}), got {tuple(x.shape)}."
            )
        weights = self.rnn.weight_ih_l0
        if x.dtype != weights.dtype and not torch.is_autocast_enabled(x.device.type):
            raise TypeError(
                f"'x' of shape {tuple(x.shape)} must have the weights' dtype {weights.dtype}, got {x.dtype}; "
                f"use x.to({weights.dtype})."
            )
        if x.device != weights.device:
            raise ValueError(
                f"'x' of shape {tuple(x.shape)} must be on the weights' device ({weights.device}), got {x.device}; "
                "move one with .to(device)."
            )
        if isinstance(lengths, Tensor) and lengths.device != x.device:  # before their values are looked at
            raise ValueError(
                f"'lengths' of shape {tuple(lengths.shape)} must be on the device of 'x' ({x.device}), got "
                f"{lengths.device}; use lengths.to(x.device)."
            )
        check_lengths(lengths, x.shape[0], x.shape[1])

    def _packs(self, x: Tensor, lengths: Tensor) -> bool:
        """Choose the faster of the two ways; see ``path``."""
        if self._drops_state():
            return False
        if self.path != "auto":
            return self.path == "packed"
        if x.device.type != "cpu":
            return x.is_cuda
        return int(lengths.sum()) < PACK_BELOW[self.cell] * x.shape[0] * x.shape[1]

    def _packed(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        layout = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, state = self.rnn(layout)
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])  # (B, T, K·H)
        h = state[0] if isinstance(state, tuple) else state  # (L·K, B, H)
        top = h[-2:] if self.rnn.bidirectional else h[-1:]  # (K, B, H)
        return outputs, top.transpose(0, 1).flatten(1)

    def _padded(self, x: Tensor, lengths: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        pads = ~mask[:, :, None]  # (B, T, 1)
        x = x.masked_fill(pads, 0.0)  # junk in a pad must not reach a gradient either
        if not self.rnn.bidirectional and not self._drops_state():
            outputs = self.rnn(x)[0]  # (B, T, H)
            return outputs.masked_fill(pads, 0.0), last_valid(outputs, lengths)
        directions = 2 if self.rnn.bidirectional else 1
        for layer in range(self.rnn.num_layers):
            if layer:
                x = dropout(x, self.rnn.dropout, self.training)
            there = self._one_pass(x, directions * layer)  # (B, T, H)
            if directions == 1:
                x, last = there, last_valid(there, lengths)
                continue
            mirrored = self._one_pass(reverse_within_lengths(x, lengths), 2 * layer + 1)
            last = torch.cat([last_valid(there, lengths), last_valid(mirrored, lengths)], dim=1)
            x = torch.cat([there, reverse_within_lengths(mirrored, lengths)], dim=2)  # (B, T, 2·H)
        return x.masked_fill(pads, 0.0), last

    def _drops_state(self) -> bool:
        return self.training and self.state_dropout > 0

    def _one_pass(self, x: Tensor, which: int) -> Tensor:
        """Run one layer in one direction with the weights number ``which`` of the module."""
        start = x.new_zeros(1, x.shape[0], self.rnn.hidden_size)
        kernel = {
            "LSTM": torch.lstm,
            "GRU": torch.gru,
            "RNN_TANH": torch.rnn_tanh,
            "RNN_RELU": torch.rnn_relu,
        }
        weight_ih, weight_hh, *biases = self.rnn.all_weights[which]
        if self._drops_state():
            told = dropout(weight_hh.new_ones(self.rnn.hidden_size), self.state_dropout)  # (H,)
            weight_hh = weight_hh * told
        state = (start, start) if self.rnn.mode == "LSTM" else start
        weights = [weight_ih, weight_hh, *biases]
        return kernel[self.rnn.mode](x, state, weights, True, 1, 0.0, self.training, False, True)[0]
