# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Homework 3 · Recurrent cells from parameters
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/homework/hw3_from_parameters.ipynb)
#
# **You get** reviews of films, a classifier that is complete except for its recurrent layer, and a training run that went
# wrong. **You write** the three recurrent layers from `nn.Parameter`, choose rates for four optimisers, and explain the run.
#
# **Time:** five to seven hours of your own. The whole notebook runs in about four minutes on two CPU cores. **Read first:**
# chapters [6](../06_lstm.ipynb) and [7](../07_gru_and_friends.ipynb).
#
# | part | points |
# |---|---|
# | RNN layer equal to `torch.nn.RNN` | 1 |
# | LSTM layer equal to `torch.nn.LSTM` | 2 |
# | GRU layer equal to `torch.nn.GRU` | 2 |
# | four optimisers compared, with rates of your choice | 2 |
# | report: the comparison, and the diagnosis of the deep network | 3 |
#
# Your layers are run with weights, shapes and inputs that you have not seen. Outputs, last states and all gradients must
# agree with PyTorch's to a millionth, in float64.
#
# > Fill in what raises `NotImplementedError` in a function or class, the cells marked `# your code here`, and the report. Leave the other cells as they are: the grader
# > takes its own copies of them. Cells that start with `%%attempt` wait until the task they need is written.

# %% coursekit={"role": "setup"}
import importlib.util

# On Colab the course's package is missing: install it once.
if importlib.util.find_spec("coursekit") is None:
    address = "https://github.com/coursekit/reading-one-word-at-a-time.git"
    get_ipython().run_line_magic("pip", f"install --quiet git+{address}")
    if importlib.util.find_spec("coursekit") is None:
        raise ImportError(f"pip could not fetch {address}: check the network, run this cell again.")

import coursekit as ck

if not hasattr(ck, "setup"):
    raise ImportError(f"{ck.__path__} is another coursekit: rename that folder, restart the kernel.")

lesson = ck.setup(chapter="hw3")

# %% coursekit={"role": "setup"}
import torch
from torch import nn

from coursekit.homework import check, pack, run_experiment
from coursekit.nn import last_valid, masked_mean
from coursekit.batching import Encoder
from coursekit.training import Config


# %% [markdown]
# ## The contract
#
# Letters as in the book: $B$ texts in a batch, $T$ steps, $D$ numbers in, $H$ hidden units. A layer is made by
# `RNNLayer(D, H)` and called with `x` of the shape $(B, T, D)$. It starts from zeros and returns two things:
#
# - the outputs $h_1 \dots h_T$, shape $(B, T, H)$;
# - the last state: $h_T$ of shape $(B, H)$; for the LSTM the pair $(h_T, c_T)$.
#
# It has four parameters, named and laid out as in PyTorch, with $G$ blocks of $H$ rows (1 for the RNN, 4 for the LSTM, 3 for
# the GRU):
#
# | name | shape |
# |---|---|
# | `weight_ih` | $(G \cdot H, D)$ |
# | `weight_hh` | $(G \cdot H, H)$ |
# | `bias_ih`, `bias_hh` | $(G \cdot H)$ |
#
# The order of the blocks is $i, f, g, o$ in the LSTM and $r, z, n$ in the GRU. Start the weights as you like; the grader sets
# its own. `torch.nn.RNN`, `LSTM`, `GRU`, their cells and `coursekit.cells` are what you are to write, so do not call them.

# %% [markdown]
# ## HW3.1 RNN
#
# $$h_t = \tanh(W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh})$$

# %% coursekit={"role": "define", "task": "hw3-rnn"}
class RNNLayer(nn.Module):
    """A recurrent layer with tanh, from parameters."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        raise NotImplementedError("hw3-rnn")

    def forward(self, x):
        """Read x (B, T, D); return the outputs (B, T, H) and the last state (B, H)."""
        raise NotImplementedError("hw3-rnn")


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-rnn", layer=RNNLayer)


# %% [markdown]
# ## HW3.2 LSTM
#
# With $a = W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh}$ cut into the four blocks $a_i, a_f, a_g, a_o$:
#
# $$i = \sigma(a_i), \quad f = \sigma(a_f), \quad g = \tanh(a_g), \quad o = \sigma(a_o)$$
#
# $$c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh(c_t)$$

# %% coursekit={"role": "define", "task": "hw3-lstm"}
class LSTMLayer(nn.Module):
    """A long short-term memory layer, from parameters."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        raise NotImplementedError("hw3-lstm")

    def forward(self, x):
        """Read x (B, T, D); return the outputs (B, T, H) and the last states (h, c), each (B, H)."""
        raise NotImplementedError("hw3-lstm")


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-lstm", layer=LSTMLayer)


# %% [markdown]
# ## HW3.3 GRU
#
# PyTorch's variant: the reset gate acts *after* the product, and $z$ weighs the *old* state.
#
# $$r = \sigma(W_{ir}\, x_t + b_{ir} + W_{hr}\, h_{t-1} + b_{hr}), \qquad z = \sigma(W_{iz}\, x_t + b_{iz} + W_{hz}\, h_{t-1} + b_{hz})$$
#
# $$n = \tanh\big(W_{in}\, x_t + b_{in} + r \odot (W_{hn}\, h_{t-1} + b_{hn})\big), \qquad h_t = (1 - z) \odot n + z \odot h_{t-1}$$

# %% coursekit={"role": "define", "task": "hw3-gru"}
class GRULayer(nn.Module):
    """A gated recurrent unit layer, from parameters."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        raise NotImplementedError("hw3-gru")

    def forward(self, x):
        """Read x (B, T, D); return the outputs (B, T, H) and the last state (B, H)."""
        raise NotImplementedError("hw3-gru")


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-gru", layer=GRULayer)

# %% [markdown]
# ## HW3.4 Four optimisers
#
# A classifier with *your* LSTM layer reads reviews of films and says whether they are good or bad. Everything but the
# optimiser is held fixed. A loop over steps in Python is slow, so there are few reviews, cut to their first and last words.

# %% coursekit={"role": "data"}
reviews = ck.load("imdb", train=ck.budget(cpu=3_000, gpu=20_000, smoke=200))
print(reviews)

# %% coursekit={"role": "setup"}
COMMON = {
    "cell": "lstm",
    "embedding_dim": 32,
    "hidden_size": 32,
    "pooling": "mean",
    "dropout": 0.0,
    "max_length": 80,
    "cut": "ends",
    "batch_size": 32,
    "epochs": 3,
    "schedule": "constant",
}


class Reader(nn.Module):
    """Embedding, your LSTM layer, mean over the real tokens, linear layer."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_dim)
        self.layer = LSTMLayer(config.embedding_dim, config.hidden_size)
        self.head = nn.Linear(config.hidden_size, n_classes)

    def forward(self, ids, lengths):
        outputs, _ = self.layer(self.embedding(ids))  # (B, T, H)
        return self.head(masked_mean(outputs, ck.mask_from_lengths(lengths, ids.shape[1])))  # (B, C)


def build(config, vocabulary_size, n_classes):
    """Return the classifier; all runs differ in their optimiser only."""
    return Reader(config, vocabulary_size, n_classes)


# %% [markdown]
# Name the four optimisers `sgd`, `nag`, `adadelta` and `adam`, and choose a learning rate for each. `sgd` and `nag` also
# take a `momentum`; `nag` needs one. An entry looks like `"adam": {"optimiser": "adam", "learning_rate": 3e-3}`.
# You may name more than four, for example the same optimiser with two rates. Does any of them stay at $\ln 2$?

# %% coursekit={"role": "define", "task": "hw3-optimisers"}
OPTIMISERS = {}  # name: {"optimiser": …, "learning_rate": …}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw3-optimisers", optimisers=OPTIMISERS)

# %% coursekit={"role": "train"}
# %%attempt
results = {}
for name, changes in OPTIMISERS.items():
    print(name)
    config = Config.from_dict({**COMMON, **changes})
    results[name] = run_experiment(build, config, reviews, seed=lesson.seed)
    print(results[name].history.table().round(4).to_string())

# %% coursekit={"role": "train"}
# %%attempt
from coursekit.figures import charts, show

if not results:
    raise NotImplementedError("hw3-optimisers")
show(
    charts.curves(
        {
            name: [epoch.train_loss for epoch in result.history.epochs]
            for name, result in results.items()
        },
        xlabel="epoch",
        ylabel="training loss",
        level=("ln 2", 0.6931),
    ),
    alt="Training loss of each optimiser after every epoch, with a line at ln 2.",
)

# %% [markdown]
# ## HW3.5 A run that lied
#
# Somebody stacks 25 recurrent layers of width 8, trains them on these reviews with a tiny learning rate, and reports an
# accuracy near 1. The next cells repeat that run in small. In its data, every label is 0: the code that made them compared with
# a word that the file no longer used.

# %% coursekit={"role": "train"}
from coursekit.batching import collate
from coursekit.text import Vocabulary, tokenise

sample = reviews.train.take(ck.budget(cpu=200, gpu=200, smoke=40), 0)
words = Vocabulary.build([tokenise(text) for text in sample.texts], min_count=2)
batch = collate(Encoder(Config(max_length=40), words).encode(sample.texts))
true_labels = torch.tensor(sample.labels, dtype=torch.float32)


def deep_run(depth, labels, learning_rate, steps=40):
    """Train a stack of narrow layers on one batch, and print what a report would quote."""
    torch.manual_seed(lesson.seed)
    embedding, head = nn.Embedding(len(words), 64), nn.Linear(8, 1)
    layers = nn.RNN(64, 8, depth, batch_first=True)
    parameters = [p for m in (embedding, layers, head) for p in m.parameters()]
    for p in parameters:
        if p.dim() == 1:
            nn.init.zeros_(p)  # as in the report: biases start at zero
    optimiser = torch.optim.Adam(parameters, lr=learning_rate)
    for step in range(steps + 1):
        outputs, _ = layers(embedding(batch.ids))  # (B, T, 8)
        logits = head(last_valid(outputs, batch.lengths))[:, 0]  # (B,)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, labels)
        if step % 20 == 0:
            right = ((logits > 0) == (labels > 0)).float().mean()
            print(f"step {step:3}  loss {loss:.6f}  accuracy {right:.3f}  spread of the logits {logits.std():.1e}")
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


print("25 layers, every label 0, rate 1e-6")
deep_run(25, torch.zeros_like(true_labels), 1e-6)
print("25 layers, true labels, rate 1e-6")
deep_run(25, true_labels, 1e-6)
print("25 layers, true labels, rate 1e-2")
deep_run(25, true_labels, 1e-2)
print("2 layers, true labels, rate 1e-2")
deep_run(2, true_labels, 1e-2)

# %% [markdown]
# ## HW3.6 Report
#
# Write below, in about a page:
#
# 1. Which optimiser was the best here, and how sure are you? Look at the rates you chose, at the curves, and at the number of
#    validation reviews. Did one stay at $\ln 2$, and why?
# 2. In the first deep run, what moved the accuracy, if the loss stayed at $\ln 2$? What do the labels have to do with it?
# 3. The second run has the true labels, and the third another rate as well. What held the second one back? How far does the
#    third get, compared with two layers at the same rate? Use the spread of the logits.
# 4. Name one check of one line that would have exposed the first run before it was reported.

# %% [markdown] coursekit={"role": "manual", "task": "hw3-report"}
# *Your report.*

# %% [markdown]
# ## Hand in
#
# Save the notebook, then run this cell. It writes one file.

# %% coursekit={"role": "pack"}
# %%attempt
best = max(results.values(), key=lambda result: result.accuracy, default=None)
if best is None:
    raise NotImplementedError("hw3-optimisers")
pack("hw3", best, results)
