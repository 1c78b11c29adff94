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
# **You get** reviews of films, a classifier that is complete except for its recurrent part, and a training run that went
# wrong. **You write** an RNN, an LSTM and a GRU from `nn.Parameter`, and the stack that lets any of them read texts in several layers. You
# train all three with four optimisers, compare them, and explain the run.
#
# **Time:** five to seven hours of your own: one evening for the cells and the stack, one for the training and the report. All runs of the notebook
# together take about three minutes on one CPU core. **Read first:** chapters [6](../06_lstm.ipynb) and
# [7](../07_gru_and_friends.ipynb), and [9](../09_training_well.ipynb) for the optimisers.
#
# | part | points |
# |---|---|
# | RNN cell equal to that of `torch.nn` | 1 |
# | LSTM cell equal to that of `torch.nn` | 1 |
# | GRU cell equal to that of `torch.nn` | 1 |
# | stack: layers, and texts of different lengths | 1 |
# | stack: start states | 1 |
# | all three cells trained, with four optimisers each | 2 |
# | report: the comparison, and the diagnosis of the deep network | 3 |
#
# Your cells and your stack are run with weights, shapes and inputs that you have not seen. Outputs, last states and all
# gradients must agree with PyTorch's to a millionth, in float64.
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
from dataclasses import replace

import torch
from torch import nn

from coursekit.homework import check, pack, run_experiment
from coursekit.nn import masked_mean
from coursekit.batching import Encoder
from coursekit.training import Config

# %% [markdown]
# ## The contract
#
# Letters as in the book: $B$ texts in a batch, $T$ steps, $D$ numbers in, $H$ hidden units, $L$ layers.
#
# **A cell makes one step.** It is made as `RNNStep(D, H)` and called as `cell(x_t, states)`. `x_t` has the shape $(B, D)$. `states` is a
# *tuple* of tensors of the shape $(B, H)$: one for the RNN and the GRU, `(h,)`, and two for the LSTM, `(h, c)`. The cell
# returns the new states, as a tuple of the same form. `STATES` says how many there are.
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
# its own. Small weights learn faster: PyTorch draws them between $-1/\sqrt{H}$ and $1/\sqrt{H}$.
#
# `torch.nn.RNN`, `LSTM`, `GRU`, their cells and `coursekit.cells` are what you are to write. While your cells are asked, all of them are switched
# off, and a method that was copied from `coursekit.cells` is recognised.
#
# The checks name what they compare: `outputs` is $h$ at every step, `last_0` the last $h$, `last_1` the last $c$, `start_0` and `start_1` what the
# states begin with; `grad_` in front means the gradient of it. `B`, `T`, `D` and `H` give the size of the case. Begin at the topmost ✗: where outputs are
# wrong, so are the gradients below. The first case, one text, one step, one unit, can be worked out by hand. A gradient of the shape `(0,)` says that `forward`
# never used this parameter.

# %% [markdown]
# ## HW3.1 RNN
#
# $$h_t = \tanh(W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh})$$

# %% coursekit={"task": "hw3-rnn", "role": "define"}
class RNNStep(nn.Module):
    """One step of a recurrent network with tanh, from parameters."""

    STATES = 1

    def __init__(self, input_size, hidden_size):
        super().__init__()
        ### BEGIN SOLUTION
        bound = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.zeros(hidden_size))
        self.bias_hh = nn.Parameter(torch.zeros(hidden_size))
        ### END SOLUTION

    def forward(self, x_t, states):
        """Read x_t (B, D) with the old state (h,), h of shape (B, H); return the new one as a tuple."""
        ### BEGIN SOLUTION
        (h,) = states
        return (torch.tanh(x_t @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh),)
        ### END SOLUTION


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-rnn", cell=RNNStep)

# %% [markdown]
# ## HW3.2 LSTM
#
# With $a = W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh}$ cut into the four blocks $a_i, a_f, a_g, a_o$:
#
# $$\begin{aligned}
# i &= \sigma(a_i) \\
# f &= \sigma(a_f) \\
# g &= \tanh(a_g) \\
# o &= \sigma(a_o) \\
# c_t &= f \odot c_{t-1} + i \odot g \\
# h_t &= o \odot \tanh(c_t)
# \end{aligned}$$

# %% coursekit={"task": "hw3-lstm", "role": "define"}
class LSTMStep(nn.Module):
    """One step of a long short-term memory, from parameters."""

    STATES = 2

    def __init__(self, input_size, hidden_size):
        super().__init__()
        ### BEGIN SOLUTION
        bound = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.zeros(4 * hidden_size))
        self.bias_hh = nn.Parameter(torch.zeros(4 * hidden_size))
        ### END SOLUTION

    def forward(self, x_t, states):
        """Read x_t (B, D) with the old states (h, c), each (B, H); return the new ones."""
        ### BEGIN SOLUTION
        h, c = states
        a = x_t @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh  # (B, 4·H)
        a_i, a_f, a_g, a_o = a.chunk(4, dim=1)  # each (B, H)
        c = torch.sigmoid(a_f) * c + torch.sigmoid(a_i) * torch.tanh(a_g)
        return torch.sigmoid(a_o) * torch.tanh(c), c
        ### END SOLUTION


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-lstm", cell=LSTMStep)

# %% [markdown]
# ## HW3.3 GRU
#
# PyTorch's variant: the reset gate acts *after* the product, and $z$ weighs the *old* state.
#
# $$\begin{aligned}
# r &= \sigma(W_{ir}\, x_t + b_{ir} + W_{hr}\, h_{t-1} + b_{hr}) \\
# z &= \sigma(W_{iz}\, x_t + b_{iz} + W_{hz}\, h_{t-1} + b_{hz}) \\
# n &= \tanh\big(W_{in}\, x_t + b_{in} \\
# &\qquad\quad + r \odot (W_{hn}\, h_{t-1} + b_{hn})\big) \\
# h_t &= (1 - z) \odot n + z \odot h_{t-1}
# \end{aligned}$$

# %% coursekit={"task": "hw3-gru", "role": "define"}
class GRUStep(nn.Module):
    """One step of a gated recurrent unit, from parameters."""

    STATES = 1

    def __init__(self, input_size, hidden_size):
        super().__init__()
        ### BEGIN SOLUTION
        bound = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(3 * hidden_size, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(3 * hidden_size, hidden_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.zeros(3 * hidden_size))
        self.bias_hh = nn.Parameter(torch.zeros(3 * hidden_size))
        ### END SOLUTION

    def forward(self, x_t, states):
        """Read x_t (B, D) with the old state (h,), h of shape (B, H); return the new one as a tuple."""
        ### BEGIN SOLUTION
        (h,) = states
        x_r, x_z, x_n = (x_t @ self.weight_ih.T + self.bias_ih).chunk(3, dim=1)  # each (B, H)
        h_r, h_z, h_n = (h @ self.weight_hh.T + self.bias_hh).chunk(3, dim=1)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        return ((1 - z) * torch.tanh(x_n + r * h_n) + z * h,)
        ### END SOLUTION


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-gru", cell=GRUStep)

# %% [markdown]
# ## HW3.4 The stack
#
# One class reads whole texts with any of your cells: `Stack(LSTMStep, D, H, L)` makes $L$ of them. It is called as `stack(x, lengths)` or `stack(x, lengths, start)`, and
# knows nothing of a cell but its `STATES`. It is tested with cells that you have not seen.
#
# - **Layers.** The first layer reads `x` of the shape $(B, T, D)$. Each other layer reads the outputs of the one below it. What a layer gives out at a step is
#   the first of its states, $h$.
# - **Lengths.** `lengths` of the shape $(B)$ says how many real steps each text has; they come unsorted. Behind the end of a text nothing happens any more: its states stay as they
#   are, and the outputs are 0.
# - **Start states.** `start` is a tuple with one tensor $(L, B, H)$ for each of the cell's states: every layer, text and state begins
#   with its own. Without `start`, all begin with zeros, in every call.
# - **It returns** the outputs of the top layer, $(B, T, H)$, and a tuple with one tensor $(L, B, H)$ for each state: the states after the last real step.
#
# An optimiser must find the parameters of all layers. A list hides them; `nn.ModuleList` does not. Zeros need the type of `x`:
# `x.new_zeros`.
#
# Of each case the check names the first thing that differs. If that is `grad_x` for texts of different lengths, the outputs are right already: look at
# the states behind the end.

# %% coursekit={"task": "hw3-stack", "role": "define"}
class Stack(nn.Module):
    """Layers of recurrent cells of one kind."""

    def __init__(self, make_cell, input_size, hidden_size, num_layers):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden_size = hidden_size
        widths = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(make_cell(width, hidden_size) for width in widths)
        ### END SOLUTION

    def forward(self, x, lengths, start=None):
        """Read x (B, T, D) with lengths (B,); return outputs (B, T, H) and a tuple of last states (L, B, H)."""
        ### BEGIN SOLUTION
        B, T, _ = x.shape
        real = (torch.arange(T, device=x.device) < lengths.to(x.device)[:, None])[:, :, None]  # (B, T, 1)
        n_states = self.layers[0].STATES
        if start is None:
            start = (x.new_zeros(len(self.layers), B, self.hidden_size),) * n_states
        lasts = []
        for k, cell in enumerate(self.layers):
            states, outputs = tuple(state[k] for state in start), []
            for t in range(T):
                new = cell(x[:, t], states)
                states = tuple(torch.where(real[:, t], a, b) for a, b in zip(new, states, strict=True))
                outputs.append(states[0])
            x = torch.stack(outputs, dim=1) * real  # (B, T, H), what the next layer reads
            lasts.append(states)
        return x, tuple(torch.stack(layers) for layers in zip(*lasts, strict=True))
        ### END SOLUTION


# %% coursekit={"role": "check"}
# %%attempt
check("hw3-stack", stack=Stack)

# %% [markdown]
# ## HW3.5 Three cells, four optimisers
#
# A classifier with *your* stack reads reviews of films and says whether they are good or bad. Cell and optimiser change; everything else is
# held fixed. A loop over steps in Python is slow, so there are few reviews, cut to their first and last words, and one layer.

# %% coursekit={"role": "data"}
reviews = ck.load("imdb", train=ck.budget(cpu=3_000, gpu=20_000, smoke=200))
print("classes:", ", ".join(reviews.label_names))

# %% coursekit={"role": "setup"}
COMMON = {
    "embedding_dim": 32,
    "hidden_size": 32,
    "pooling": "mean",
    "dropout": 0.0,
    "max_length": 60,
    "cut": "ends",
    "batch_size": 32,
    "epochs": 3,
    "schedule": "constant",
}


class Reader(nn.Module):
    """Embedding, your stack with one of your cells, mean over the real tokens, linear layer."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_dim)
        make_cell = {"rnn": RNNStep, "lstm": LSTMStep, "gru": GRUStep}[config.cell]
        self.stack = Stack(make_cell, config.embedding_dim, config.hidden_size, config.num_layers)
        self.head = nn.Linear(config.hidden_size, n_classes)

    def forward(self, ids, lengths):
        outputs, _ = self.stack(self.embedding(ids), lengths)  # (B, T, H)
        return self.head(masked_mean(outputs, ck.mask_from_lengths(lengths, ids.shape[1])))  # (B, C)


def build(config, vocabulary_size, n_classes):
    """Return the classifier; all runs differ in their cell and their optimiser only."""
    return Reader(config, vocabulary_size, n_classes)


# %% [markdown]
# Name the four optimisers `sgd`, `nag`, `adadelta` and `adam`, and choose a learning rate for each. `sgd` and `nag` also
# take a `momentum`; `nag` needs one. An entry looks like `"adam": {"optimiser": "adam", "learning_rate": 0.003}`. Each is run with all
# three cells. All runs clip their gradients at norm 1, as in chapter 9; AdaDelta is the first exercise there.
#
# You may name more than four, up to eight, for example the same optimiser with two rates. Does any of them stay at $\ln 2$?
#
# One point is for the runs: every cell with every optimiser. The other is for what came out: the best model of each cell goes into the file that you hand in, and has to
# get a share of test reviews right, RNN `0.605`, LSTM `0.615`, GRU `0.61`. That is half of the way from guessing to what the course's own cells reach with Adam. A
# validation accuracy `0.03` above is a safe target. The grader asks about real reviews. If the line under `ck.load` speaks of a stand-in, a model that you train
# on it knows few of their words and does not get this point: [Data, budgets and claims](../data_and_budgets.md) says how to reach the real ones.

# %% coursekit={"task": "hw3-optimisers", "role": "define"}
OPTIMISERS = {}  # name: {"optimiser": …, "learning_rate": …}
### BEGIN SOLUTION
OPTIMISERS = {
    "sgd": {"optimiser": "sgd", "learning_rate": 0.01},
    "nag": {"optimiser": "nag", "learning_rate": 0.1, "momentum": 0.9},
    "adadelta": {"optimiser": "adadelta", "learning_rate": 1.0},
    "adam": {"optimiser": "adam", "learning_rate": 3e-3},
}
### END SOLUTION

# %% coursekit={"role": "check"}
# %%attempt
check("hw3-optimisers", optimisers=OPTIMISERS)

# %% coursekit={"role": "train"}
# %%attempt
CELLS = ("rnn", "lstm", "gru")
runs = {}  # by cell and optimiser
for cell in CELLS:
    for name, changes in OPTIMISERS.items():
        config = Config.from_dict({**COMMON, "cell": cell, **changes})
        runs[cell, name] = run_experiment(build, config, reviews, seed=lesson.seed, progress=False)
        best = runs[cell, name].history.best
        print(f"{best.validation_accuracy:.3f} in epoch {best.epoch}  {cell} {name}")
results = runs  # all of them, or none

# %% [markdown]
# Each line gives the best validation accuracy of a run. The curves: what each optimiser does to the training loss, and to the validation accuracy, epoch by epoch.

# %% coursekit={"role": "train"}
# %%attempt
from coursekit.figures import charts, show

if not results:
    raise NotImplementedError("hw3-optimisers")


def curves_of(value):
    """For each cell the curve of every optimiser."""
    return {
        cell.upper(): {name: list(map(value, results[cell, name].history.epochs)) for name in OPTIMISERS}
        for cell in CELLS
    }


show(
    charts.curve_panels(
        curves_of(lambda epoch: epoch.train_loss), xlabel="epoch", ylabel="training loss", level=("ln 2", 0.6931)
    )
)

# %% coursekit={"role": "train"}
# %%attempt
if not results:
    raise NotImplementedError("hw3-optimisers")
show(
    charts.curve_panels(
        curves_of(lambda epoch: epoch.validation_accuracy),
        xlabel="epoch",
        ylabel="validation accuracy",
        level=("guessing", 0.5),
    )
)

# %% [markdown]
# The table: the best validation accuracy with its interval, and the seconds of the whole training.

# %% coursekit={"role": "train"}
# %%attempt
if not results:
    raise NotImplementedError("hw3-optimisers")
print("accuracy   95 % interval  seconds")
for (cell, name), result in results.items():
    low, high = ck.wilson(round(result.accuracy * result.n_validation), result.n_validation)
    print(f"{result.accuracy:8.3f}  {low:.3f} to {high:.3f}  {result.history.seconds:7.1f}  {cell} {name}")
chosen = {cell: max(OPTIMISERS, key=lambda name: results[cell, name].accuracy) for cell in CELLS}
print("best on validation:", ", ".join(f"{cell} {name}" for cell, name in chosen.items()))

# %% [markdown]
# ## HW3.6 A run that lied
#
# Somebody stacks 25 recurrent layers of width 8, trains them on these reviews with a tiny learning rate, and reports an
# accuracy near 1. The next cells repeat that run in small, with *your* stack. In its data, every label is 0: the code that made them compared with
# a word that the file no longer used. *Spread* is the standard deviation of the logits over the texts.

# %% coursekit={"role": "train"}
from coursekit.batching import collate
from coursekit.text import Vocabulary, tokenise

sample = reviews.train.take(ck.budget(cpu=200, gpu=200, smoke=40), 0)
words = Vocabulary.build([tokenise(text) for text in sample.texts], min_count=2)
batch = collate(Encoder(Config(max_length=40), words).encode(sample.texts))
true_labels = torch.tensor(sample.labels, dtype=torch.float32)


def deep_run(title, depth, labels, learning_rate, steps=ck.budget(cpu=40, gpu=40, smoke=2)):
    """Train a stack of narrow layers on one batch, and print what a report would quote."""
    torch.manual_seed(lesson.seed)
    embedding, head = nn.Embedding(len(words), 64), nn.Linear(8, 1)
    layers = Stack(RNNStep, 64, 8, depth)
    parameters = [p for m in (embedding, layers, head) for p in m.parameters()]
    for p in layers.parameters():  # as PyTorch starts them, whatever your own start is
        nn.init.uniform_(p, -(8**-0.5), 8**-0.5)
    for p in parameters:
        if p.dim() == 1:
            nn.init.zeros_(p)  # as in the report: biases start at zero
    optimiser = torch.optim.Adam(parameters, lr=learning_rate)
    for step in range(steps + 1):
        _, (h,) = layers(embedding(batch.ids), batch.lengths)  # (L, B, 8)
        logits = head(h[-1])[:, 0]  # (B,)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, labels)
        if step == 0:
            print(title)
        if step % 20 == 0:
            right = ((logits > 0) == (labels > 0)).float().mean()
            print(f"step {step:2}  loss {loss:.6f}  accuracy {right:.3f}  spread {logits.std():.1e}")
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


# %% coursekit={"role": "train"}
# %%attempt
deep_run("25 layers, every label 0, rate 1e-6", 25, torch.zeros_like(true_labels), 1e-6)
deep_run("25 layers, true labels, rate 1e-6", 25, true_labels, 1e-6)
deep_run("25 layers, true labels, rate 1e-2", 25, true_labels, 1e-2)
deep_run("2 layers, true labels, rate 1e-2", 2, true_labels, 1e-2)

# %% [markdown]
# ## HW3.7 Report
#
# Write below, in about a page:
#
# 1. Which optimiser was the best with each cell, in accuracy and in seconds, and how sure are you? Look at the curves, at the intervals, and at
#    what a choice of rates does. Is the order of the four the same with all three cells?
# 2. Why do the others lag? Take each of the slow ones: how long is its step, and what would have made it longer? Did one stay at $\ln 2$, and why?
# 3. The three cells with their best optimiser: what do accuracy and seconds say of RNN, LSTM and GRU? Which differences are larger than chance?
# 4. In the first deep run, what moved the accuracy, if the loss stayed at $\ln 2$? What do the labels have to do with it?
# 5. The second run has the true labels, and the third another rate as well. What held the second one back? How far does the
#    third get, compared with two layers at the same rate? Use the spread of the logits.
# 6. Name one check of one line that would have exposed the first run before it was reported.

# %% [markdown] coursekit={"task": "hw3-report", "role": "manual"}
# *Your report.*

# %% [markdown]
# ## Hand in
#
# Save the notebook, then run this cell. It writes one file, `hw3_submission.zip`, with the best model of each cell: hand that in.

# %% coursekit={"role": "pack"}
# %%attempt
if not results:
    raise NotImplementedError("hw3-optimisers")
best = max((results[cell, name] for cell, name in chosen.items()), key=lambda result: result.accuracy)
three = nn.ModuleDict({cell: results[cell, name].model for cell, name in chosen.items()})
named = {f"{cell} {name}": result for (cell, name), result in results.items()}
pack("hw3", replace(best, model=three), named)
