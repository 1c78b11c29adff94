# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Draft: deep stacks, places of dropout, a loss of ln 2
#
# Three sections that stood in chapter 7 and go to chapter 9. This file runs by itself; it is in no table of contents.

# %%
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import coursekit as ck
from bookfigures import ch07
from coursekit.data.reviews import NEGATIVE, POSITIVE
from coursekit.figures import charts, show

lesson = ck.setup(chapter="07")
CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
VERDICTS = set(POSITIVE + NEGATIVE)
reviews = ck.load(
    "reviews", train=ck.budget(cpu=2_000, gpu=2_000, smoke=900), seed=lesson.seed
)


def n_verdicts(text):
    """How many words of judgement a generated review contains: one or two."""
    return sum(word in VERDICTS for word in ck.tokenise(text))


# %% [markdown]
# ## Deep and narrow
#
# Gates carry things over many *steps*. Do they carry them through many *layers* too? A published report stacks 25 layers of
# 8 units, and its loss never moves. Build such a stack from PyTorch's layers, as they are initialised by default, and look
# at it before any training.


# %%
class Stack(nn.Module):
    """Embedding, narrow recurrent layers on top of each other, a linear head."""

    def __init__(
        self, cell, n_layers, n_words, width=8, n_classes=2, shortcut=False
    ):
        super().__init__()
        self.embedding = nn.Embedding(n_words, width)
        self.layers = nn.ModuleList(
            CELLS[cell](width, width, batch_first=True) for _ in range(n_layers)
        )
        self.head = nn.Linear(width, n_classes)
        self.shortcut = shortcut

    def states(self, ids):
        """Return the output of every layer, each of shape (B, T, width)."""
        x, found = self.embedding(ids), []
        for layer in self.layers:
            x = layer(x)[0] + (x if self.shortcut else 0)
            found.append(x)
        return found

    def forward(self, ids):
        return self.head(self.states(ids)[-1].max(dim=1).values)  # (B, n_classes)


# %% [markdown]
# The task is as easy as tasks come: does a review have one clause or two? A single word, "but" or "although", gives it
# away. (All texts are cut to their last 16 words, so there are no pads to think about, and there are as many of one kind as
# of the other.)

# %%
n_words_each = 16
words_of = [ck.tokenise(text) for text in reviews.train.texts[:2_000]]
long = [i for i, words in enumerate(words_of) if len(words) >= n_words_each]
by_kind = [
    [i for i in long if n_verdicts(reviews.train.texts[i]) == kind]
    for kind in (1, 2)
]
kept = sorted(by_kind[0][: len(by_kind[1])] + by_kind[1][: len(by_kind[0])])
easy_vocabulary = ck.Vocabulary.build(words_of)
easy_ids = torch.tensor(
    [easy_vocabulary.encode(words_of[i][-n_words_each:]) for i in kept]
)
easy_labels = torch.tensor([n_verdicts(reviews.train.texts[i]) - 1 for i in kept])
print(easy_ids.shape, "share of two clauses:", easy_labels.float().mean().item())

# %% [markdown]
# Two measurements. On the way up: how different are two texts, still, after each layer? Take the standard deviation over
# the texts of each number in the last state, and average. On the way down: how long is the gradient that reaches each
# layer's weights? (In double precision, so that small numbers are not lost to rounding.)


# %%
def look_at(cell, n_layers=25, shortcut=False, n_texts=100):
    """Spread of the texts after each layer, gradient norm of each layer."""
    ck.seed_everything(lesson.seed)
    stack = Stack(cell, n_layers, len(easy_vocabulary), shortcut=shortcut).double()
    ids, labels = easy_ids[:n_texts], easy_labels[:n_texts]
    cross_entropy(stack(ids), labels).backward()
    with torch.no_grad():
        spread = [s[:, -1].std(dim=0).mean().item() for s in stack.states(ids)]
    norms = [
        torch.cat([p.grad.flatten() for p in layer.parameters()]).norm().item()
        for layer in stack.layers
    ]
    return {"spread": spread, "norms": norms}


deep = {cell.upper(): look_at(cell) for cell in CELLS}
show(
    charts.curves(
        {name: found["spread"] for name, found in deep.items()},
        xlabel="layer, 1 next to the words",
        ylabel="spread between texts",
        logy=True,
    ),
    alt="Standard deviation between texts of the state after each of 25 layers, "
    "on a logarithmic scale, for RNN, LSTM and GRU. All three fall in almost "
    "straight lines by many powers of ten; the LSTM falls fastest.",
)

# %%
show(
    charts.curves(
        {name: found["norms"] for name, found in deep.items()},
        xlabel="layer, 1 next to the words",
        ylabel="gradient norm of the layer's weights",
        logy=True,
    ),
    alt="Gradient norm of the weights of each of 25 layers on a logarithmic "
    "scale. It is largest in the top layer and falls by many powers of ten "
    "towards the layers next to the words; the LSTM falls furthest.",
)

# %%
fall = {
    name: {
        "spread": found["spread"][-1] / found["spread"][0],
        "gradient": found["norms"][0] / found["norms"][-1],
    }
    for name, found in deep.items()
}
ck.claim(
    "in all three stacks the texts' spread at the top is below a thousandth of that "
    "after layer 1, and the gradient at layer 1 below a hundredth of that at the top",
    all(f["spread"] < 1e-3 and f["gradient"] < 1e-2 for f in fall.values()),
    fall,
)
ck.claim(
    "the LSTM loses the most on both ways",
    all(
        fall["LSTM"][way] < min(fall["RNN"][way], fall["GRU"][way])
        for way in ("spread", "gradient")
    ),
)

# %% [markdown]
# Upwards, each layer squeezes its input a little more, until the top says the same about every text. Downwards, each
# layer hands on a part of the gradient, and the layers that could tell "but" from "music" get almost none. Gates do not
# help. They make it worse: at the start a gate is near one half, and an LSTM's output passes through an output gate and
# a second tanh. The roads that the gates keep open run along time. Nothing runs along depth.
#
# Does it train? Give one layer and 25 layers the same forty steps. And a third network: 25 layers, each of which *adds* its
# output to its input. That is a *shortcut* or *residual connection*, a road along depth (He et al., 2016).


# %%
def train_stack(n_layers, shortcut=False, cell="lstm"):
    """Train on the easy task; return the loss of every step."""
    ck.seed_everything(lesson.seed)
    stack = Stack(cell, n_layers, len(easy_vocabulary), shortcut=shortcut)
    optimiser = torch.optim.Adam(stack.parameters(), lr=1e-2, fused=True)
    losses, order = [], ck.generator(lesson.seed)
    while len(losses) < ck.budget(cpu=40, gpu=40, smoke=4):
        for rows in torch.randperm(len(easy_ids), generator=order).split(100):
            loss = cross_entropy(stack(easy_ids[rows]), easy_labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return losses[: ck.budget(cpu=40, gpu=40, smoke=4)]


stack_losses = {
    "1 layer": train_stack(1),
    "25 layers": train_stack(25),
    "25 layers with shortcuts": train_stack(25, shortcut=True),
}
show(
    charts.training_losses(stack_losses, level=("ln 2", np.log(2))),
    alt="Training loss of three LSTM stacks of width 8 over forty steps. One "
    "layer falls steadily. 25 layers stay on the dotted line at ln 2. 25 "
    "layers with shortcuts fall to almost zero.",
)

# %%
last_ten = {
    name: float(np.mean(losses[-10:])) for name, losses in stack_losses.items()
}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "over the last ten steps the plain deep stack is within .03 of ln 2, one layer "
        "below .4, and the deep stack with shortcuts below .2",
        abs(last_ten["25 layers"] - np.log(2)) < 0.03
        and last_ten["1 layer"] < 0.4
        and last_ten["25 layers with shortcuts"] < 0.2,
        last_ten,
    )

# %% [markdown]
# The number $\ln 2$ is worth knowing by heart. It is the loss of a model that gives both classes one half, whatever it
# reads. A loss that sits there says: no text makes a difference.
#
# > Varied: depth and shortcuts. Tuned: nothing. Held fixed: the LSTM, width 8, rate, forty steps, one seed.

# %% [markdown]
# ### Where dropout goes
#
# A stack has one more switch: *dropout*. In training it sets random numbers of a vector to zero, so that no unit can rely on
# another one. At which places?

# %%
show(
    ch07.dropout_places(),
    alt="Two layers over three steps. Crosses mark four places: 1 on the arrows "
    "from words to layer 1, 2 between the layers, 3 between the last state and "
    "the head, 4 on the arrows along time within a layer.",
)

# %% [markdown]
# Place 1 thins the word vectors, place 3 what the head sees. Zaremba, Sutskever and Vinyals (2014) use dropout at all places
# but the fourth: on every connection that is *not* recurrent. `dropout=` of PyTorch's layers is place 2 alone; the others
# you write yourself. Place 4 is the delicate one. With new random zeros at each step hardly anything survives many steps, so
# there the *same* zeros have to be used at every step of a text (Gal and Ghahramani, 2016).
#
# A published notebook gives `dropout` to a network with one layer. What is there to drop between?

# %%
import warnings


def two_passes(n_layers):
    """Largest difference of two passes in training mode, and what PyTorch says."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        layer = nn.LSTM(8, 8, n_layers, dropout=0.5, batch_first=True).train()
    x = torch.randn(4, 6, 8)
    return (layer(x)[0] - layer(x)[0]).abs().max().item(), len(said)


(one_gap, one_said), (two_gap, two_said) = two_passes(1), two_passes(2)
ck.claim(
    "with one layer 'dropout' changes nothing and PyTorch only warns; with two "
    "layers two passes differ",
    one_gap == 0 and one_said == 1 and two_gap > 1e-3 and two_said == 0,
    {"one layer": one_gap, "two layers": two_gap},
)

# %% [markdown]
# ## An exhibit: everything right, at a loss of ln 2
#
# The report with the 25 layers did not say that its networks stalled. It says that they reach an accuracy of over 99 %,
# all three cells, on film reviews. Its learning rates are unusual: `1e-7`, `1e-10` and `1e-9`. Here is a small copy of
# its LSTM: weights as PyTorch draws them, all biases zero, the published rate, and our reviews with their real labels, positive or
# negative. Data sets store such labels in many ways; the library behind the report once gave `"pos"` and `"neg"`, and
# later `2` for positive and `1` for negative.

# %%
truth = [reviews.train.labels[i] for i in kept[:200]]  # 0 negative, 1 positive
raw_labels = [2 if label else 1 for label in truth]  # as the library gives them
labels = [1 if label == "pos" else 0 for label in raw_labels]  # as the report reads


def run_exhibit(labels, rate, n_steps=12):
    """Train the report's stack; return loss and accuracy before each step."""
    ck.seed_everything(lesson.seed)
    stack, rows = Stack("lstm", 25, len(easy_vocabulary)), []
    for name, parameter in stack.named_parameters():
        if "bias" in name:
            nn.init.zeros_(parameter)
    optimiser = torch.optim.Adam(stack.parameters(), lr=rate)
    target = torch.tensor(labels)
    for step in range(n_steps):
        logits = stack(easy_ids[: len(labels)])  # (B, 2)
        loss = cross_entropy(logits, target)
        accuracy = (logits.argmax(dim=1) == target).float().mean().item()
        rows.append((step, logits.abs().max().item(), loss.item(), accuracy))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    columns = ["step", "largest logit", "loss", "accuracy"]
    return pd.DataFrame(rows, columns=columns).set_index("step")


reported = run_exhibit(labels, rate=1e-10)
reported.iloc[[0, 1, 2, 3, 5, 11]].round({"loss": 6, "accuracy": 3})

# %% [markdown]
# Every text is right after a few steps. Look at the loss beside it. To six digits it is $\ln 2$, from the first step to the
# last. A network that is as unsure as a coin about every text cannot be right about every text, unless the texts have
# nothing to do with it. What are the labels?

# %%
from collections import Counter

print("labels that were trained on:", Counter(labels))
print("labels that the library gave:", Counter(raw_labels))
print("labels in truth:             ", Counter(truth))

# %% [markdown]
# There is one class. The line `1 if label == "pos" else 0` met 1 and 2, which are never equal to `"pos"`, and it did not
# complain. The rest follows. After 25 layers the logits of all texts lie within a hair of zero. Each step moves the bias
# of the head by the learning rate, always the same way. A drift of `1e-10` is enough to tip every text to the one class
# there is, and far too little to move the loss: look at the column of the largest logit.

# %%
repaired = run_exhibit(truth, rate=1e-10)
larger = run_exhibit(labels, rate=1e-2)
majority = max(Counter(truth).values()) / len(truth)
ck.claim(
    "with labels that are all 0 the accuracy is 1 while the loss is ln 2 to 1e-6",
    reported["accuracy"].iloc[-1] == 1.0
    and abs(reported["loss"].iloc[-1] - np.log(2)) < 1e-6,
    {"accuracy": reported["accuracy"].iloc[-1], "loss": reported["loss"].iloc[-1]},
)
ck.claim(
    "with the true labels the same run ends no more than .03 above the larger class",
    repaired["accuracy"].iloc[-1] < majority + 0.03,
    {"accuracy": repaired["accuracy"].iloc[-1], "larger class": majority},
)
ck.claim(
    "at a rate of 1e-2 the wrong labels give accuracy 1 and a falling loss, below .6",
    larger["accuracy"].iloc[-1] == 1.0 and larger["loss"].iloc[-1] < 0.6,
    {"loss": larger["loss"].iloc[-1]},
)

# %% [markdown]
# The last line is the dangerous one. At an ordinary rate nothing would look odd: a small loss and perfect scores, from
# labels without information. Three habits catch it. Count the labels after every conversion. Make a conversion fail on a
# value it does not know, with `{"neg": 0, "pos": 1}[label]` in place of `else`. And read accuracy and loss together:
# they must tell one story.

# %% [markdown]
# For the further reading of the chapter that takes these sections:
#
# - W. Zaremba, I. Sutskever and O. Vinyals (2014), *Recurrent neural network regularization*. Dropout on all connections that
#   are not recurrent.
# - Y. Gal and Z. Ghahramani (2016), *A theoretically grounded application of dropout in recurrent neural networks*. Along time.
# - K. He, X. Zhang, S. Ren and J. Sun (2016), *Deep residual learning for image recognition*. Shortcuts along depth.
