r"""The gates of an LSTM over a text, by the written-out formulae, because ``torch.nn.LSTM`` keeps them to itself.

Letters: B batch, T time, D input size, H hidden size. Gate order i, f, g, o.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from coursekit.cells.weights import check_one_layer, check_texts


@torch.no_grad()
def lstm_gate_values(lstm: nn.LSTM, x: Tensor) -> dict[str, Tensor]:
    """Read texts (B, T, D) with a trained LSTM from zero states, and report every gate at every word, (B, T, H) each.

    They are ``i``, ``f``, ``g``, ``o``, the memory ``c`` and the output ``h`` after each word, equal to what the module
    itself gives; no gradient is kept. Raises ``TypeError`` or ``ValueError`` if the module is no LSTM, has more than
    one layer or direction, or no biases, or if ``x`` does not fit it.

    >>> values = lstm_gate_values(nn.LSTM(2, 3, batch_first=True), torch.zeros(1, 5, 2))
    >>> sorted(values), tuple(values["f"].shape)
    (['c', 'f', 'g', 'h', 'i', 'o'], (1, 5, 3))
    """
    check_one_layer(lstm, nn.LSTM, "lstm")
    if not isinstance(x, Tensor):
        raise TypeError(f"'x' must be a tensor, got {type(x).__name__}; use torch.as_tensor(x).")
    check_texts(x, lstm.input_size)
    a_x = linear(x, lstm.weight_ih_l0, lstm.bias_ih_l0 + lstm.bias_hh_l0)  # (B, T, 4 * H)
    h = c = x.new_zeros(x.shape[0], lstm.hidden_size)  # (B, H)
    found: dict[str, list[Tensor]] = {name: [] for name in "ifgoch"}
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = (a_x[:, t] + linear(h, lstm.weight_hh_l0)).chunk(4, dim=1)  # (B, H) each
        i, f, g, o = a_i.sigmoid(), a_f.sigmoid(), a_g.tanh(), a_o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        for name, value in zip(found, (i, f, g, o, c, h), strict=True):
            found[name].append(value)
    return {name: torch.stack(values, dim=1) for name, values in found.items()}
