"""Cells: RNN, LSTM and GRU written out, to be read beside their formulae.

``numpy_rnn``, ``numpy_lstm`` and ``numpy_gru`` hold the passes forward and backward, ``torch_cells`` the modules from
``nn.Parameter``, ``gradient_flow`` what becomes of a gradient on its way through time.

Left out: speed; ``torch.nn`` has the same numbers from one kernel.
"""

from coursekit.cells.gradient_flow import (
    gradient_by_distance,
    jacobian_products,
    orthogonal,
    scale_to_radius,
    spectral_radius,
    step_jacobians,
)
from coursekit.cells.numpy_gru import GRUWeights, gru_backward, gru_forward, gru_gates, gru_step
from coursekit.cells.numpy_lstm import LSTMWeights, lstm_backward, lstm_forward, lstm_gates, lstm_step
from coursekit.cells.numpy_rnn import RNNWeights, rnn_backward, rnn_forward, rnn_step
from coursekit.cells.torch_cells import GRU, LSTM, RNN

__all__ = [
    "GRU", "LSTM", "RNN", "GRUWeights", "LSTMWeights", "RNNWeights", "gradient_by_distance", "gru_backward",
    "gru_forward", "gru_gates", "gru_step", "jacobian_products", "lstm_backward", "lstm_forward", "lstm_gates",
    "lstm_step", "orthogonal", "rnn_backward", "rnn_forward", "rnn_step", "scale_to_radius", "spectral_radius",
    "step_jacobians",
]  # fmt: skip
