"""Room 5, cells: recurrent cells written out, to be read beside their formulae.

Left out: LSTM and GRU, which come with their chapters.
"""

from coursekit.cells.numpy_rnn import RNNWeights, rnn_backward, rnn_forward, rnn_step

__all__ = ["RNNWeights", "rnn_backward", "rnn_forward", "rnn_step"]
