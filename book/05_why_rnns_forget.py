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
# # 5 · Why RNNs forget
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/05_why_rnns_forget.ipynb)
#
# **Where does the gradient go?** In chapter 4 the network read fifteen words and learned what came first. With a hundred
# words between a clue and its use, the same network learns nothing. It is not too small. What it would have to learn from
# does not arrive.
#
# After this chapter you will be able to
#
# 1. write the gradient over many steps as a product of matrices, and say from their size whether it fades or explodes;
# 2. clip a gradient in two ways, and say what clipping cannot do;
# 3. measure, for any network and any task, how far back it can learn from.
#
# **You need** the recurrent step and its way back from [chapter 4](04_vanilla_rnn.ipynb), matrix products, and the idea of
# an eigenvalue: a number $\lambda$ with $W v = \lambda v$ for some vector $v$, which $W$ only stretches. **Time:** an hour
# to read, under a minute to run on a CPU.

# %%
import importlib.util

# On Colab the course's package is missing: install it once.
if importlib.util.find_spec("coursekit") is None:
    address = "https://github.com/coursekit/reading-one-word-at-a-time.git"
    get_ipython().run_line_magic("pip", f"install --quiet git+{address}")

import coursekit as ck

lesson = ck.setup(chapter="05")

# %% [markdown]
# ## 5.1 A clue at the start, an answer at the end
#
# Which word fills the gap?
#
# > The **keys** to the old cabinet in the corner of the cellar ___ lost.
# >
# > **Девочка**, которую мы вчера видели у входа в старый парк, ___. (*The girl whom we saw at the entrance to the old park
# > yesterday …*)
#
# In English it is "were", because of "keys", eleven words earlier. "Cellar", "corner" and "cabinet" stand nearer, and they
# are singular. In Russian a verb in the past tense agrees in gender: "улыбалась" (*was smiling*, feminine), because of
# "девочка", ten words earlier, and not "улыбался" because of "парк".
#
# A network that reads word by word must carry one fact, plural or feminine, over ten steps. Can the vanilla RNN *do* that?
# A suitable $W_{hh}$ can. The question of this chapter is another one: can it *learn* to?
#
# Learning means that an error at the gap changes what the network does at "keys". The error has to travel back along the
# states, and at each step it passes one more factor.

# %%
from coursekit.plots import gradient_figures, score_figures, show

show(
    gradient_figures.way_back(["keys", "to", "the", "cabinet", "were"]),
    alt="An unrolled network over the words keys, to, the, cabinet, were, with "
    "the loss after the last state. Arrows above lead back from the loss to "
    "the last state and from each state to the one before it. Each arrow "
    "carries the factor by which a state changes with the one before.",
)

# %% [markdown]
# ## 5.2 One step back
#
# If the state $h_{t-1}$ moves a little, how does $h_t$ move? That is a matrix, the *Jacobian*: its entry in row $i$ and
# column $j$ says how the $i$-th number of $h_t$ changes with the $j$-th number of $h_{t-1}$. The step is
# $h_t = \tanh(a_t)$ with $a_t = W_{xh}\,x_t + W_{hh}\,h_{t-1} + b_h$. The chain rule gives
#
# $$\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\,W_{hh}.$$
#
# $\mathrm{diag}(v)$ is the matrix with $v$ on its diagonal and zeros elsewhere. Multiplying by it from the left scales row
# $i$ by $v_i$. So the code scales rows, for all steps at once:

# %%
from coursekit.cells import (
    RNNWeights,
    jacobian_products,
    orthogonal,
    rnn_forward,
    scale_to_radius,
    spectral_radius,
    step_jacobians,
)

ck.source(step_jacobians)

# %% [markdown]
# And over many steps? The last state depends on the one before, which depends on the one before that. The chain rule
# multiplies:
#
# $$\frac{\partial h_T}{\partial h_t} = \frac{\partial h_T}{\partial h_{T-1}}\,
# \frac{\partial h_{T-1}}{\partial h_{T-2}} \cdots \frac{\partial h_{t+1}}{\partial h_t}.$$
#
# One factor for each step between. This is back-propagation through time, written in one line.

# %%
ck.source(jacobian_products)

# %% [markdown]
# Is that right? Let PyTorch differentiate the last state with respect to the first one, and compare.

# %%
import numpy as np
import torch
from torch import nn

T, D, H = 8, 5, 6  # time, input size, hidden size
random = np.random.default_rng(lesson.seed)
weights = RNNWeights.draw(D, H, seed=lesson.seed)
x, h_0 = random.normal(size=(1, T, D)), random.normal(size=(1, H))
states = rnn_forward(x, h_0, weights)[0]  # (T, H)
products = jacobian_products(step_jacobians(states, weights.W_hh))
ck.check_shape(products, (T + 1, H, H), "products")


def last_state(h):
    """The same network in PyTorch, from the start state to the last one."""
    W_xh, W_hh, b_h = map(torch.tensor, (weights.W_xh, weights.W_hh, weights.b_h))
    for x_t in torch.tensor(x[0]):
        h = torch.tanh(W_xh @ x_t + W_hh @ h + b_h)
    return h


by_torch = torch.autograd.functional.jacobian(last_state, torch.tensor(h_0[0]))
gap = np.abs(products[-1] - by_torch.numpy()).max()
largest = by_torch.abs().max().item()
ck.claim(
    "the product of eight Jacobians equals autograd to nine digits",
    gap < 1e-9 * largest,
    {"largest difference": float(gap), "largest entry": largest},
)

# %% [markdown]
# ## 5.3 What a product of many matrices does
#
# Take the simplest case first. Let the states be zero, so that $1 - h_t^2$ is 1 everywhere, and every factor is the same
# matrix $W_{hh}$. The product over $k$ steps is $W_{hh}^k$. A power grows or shrinks like that of a number, and the number
# is the *spectral radius* $\rho$: the largest absolute value of an eigenvalue.
#
# To see it in its purest form, let $W_{hh}$ be $\rho$ times an *orthogonal* matrix. That is a matrix which turns and
# mirrors vectors and never changes their length. Then every vector is stretched by exactly $\rho$ at each step, and by
# $\rho^k$ over $k$ steps. The size of a matrix is measured by its *norm*, the largest factor by which it stretches a vector.

# %%
H, STEPS = 64, 60
RADII = (0.8, 1.0, 1.2)


def product_norms(W_hh, input_size):
    """Norm of the product of Jacobians, 0 to 60 steps back, for one random text.

    input_size says how strongly words move the state; with 0 the state stays zero.
    """
    draw = np.random.default_rng(lesson.seed)
    W_xh = input_size * draw.normal(size=(H, 8)) / 8**0.5
    x = draw.normal(size=(1, STEPS, 8))
    states = rnn_forward(x, np.zeros((1, H)), RNNWeights(W_xh, W_hh, np.zeros(H)))[
        0
    ]
    products = jacobian_products(step_jacobians(states, W_hh))
    return np.linalg.norm(products, ord=2, axis=(1, 2))


turning = {rho: rho * orthogonal(H, seed=lesson.seed) for rho in RADII}
still = {rho: product_norms(W, input_size=0.0) for rho, W in turning.items()}
powers = {rho: rho ** np.arange(STEPS + 1) for rho in RADII}
ck.claim(
    "with states at zero, the gradient over k steps is exactly the k-th power of the radius",
    all(np.allclose(still[rho], powers[rho], rtol=1e-9) for rho in RADII),
    {f"radius {rho}, 60 steps": still[rho][-1] for rho in RADII},
)

# %% [markdown]
# Look at the three numbers. A radius of `0.8` does not sound small, and of the gradient sixty words back about a millionth
# is left. A radius of `1.2` does not sound large either.
#
# Now let the network read. Words move the state away from zero, and there tanh is flatter: its slope $1 - h_t^2$ is below
# one. Which way will the curves move?

# %%
panels = {
    "no words: states stay at zero": still,
    "words that move it a little": {
        rho: product_norms(W, input_size=0.1) for rho, W in turning.items()
    },
    "words that move it a lot": {
        rho: product_norms(W, input_size=1.0) for rho, W in turning.items()
    },
}
show(
    gradient_figures.by_distance(
        {
            title: {f"radius {rho}": curve for rho, curve in curves.items()}
            for title, curves in panels.items()
        },
        ylabel="norm of the product",
    ),
    alt="Three panels of the norm of the product of Jacobians against steps "
    "back, logarithmic, each for the spectral radii 0.8, 1.0 and 1.2. "
    "Without words: straight lines, falling, level and rising. With words "
    "that move the state a little, all three lie lower. With words that "
    "move it a lot, all three fall steeply.",
)

# %%
little, lot = (panels[title] for title in list(panels)[1:])
ck.claim(
    "words only lower the gradient: with strong ones even radius 1.2 keeps less "
    "than a hundredth after 60 steps",
    all((little[rho] <= still[rho] * (1 + 1e-9)).all() for rho in RADII)
    and lot[1.2][-1] < 0.01,
    {"radius 1.2, strong words, 60 steps": lot[1.2][-1]},
)

# %% [markdown]
# The slope of tanh is never above one, so it can only take away. For any states and any matrix,
#
# $$\left\| \frac{\partial h_T}{\partial h_t} \right\| \le \prod_{s=t+1}^{T} \left\| \mathrm{diag}(1 - h_s^2)\,W_{hh} \right\|
# \le \| W_{hh} \|^{\,T-t}.$$
#
# So a norm of $W_{hh}$ below one *guarantees* that the gradient fades, at least as fast as a power. A radius above one does
# not guarantee that it grows: what the words do matters as well.
#
# > For an orthogonal matrix times $\rho$, norm and radius are the same. For others the norm is larger. Then a product can
# > grow for some steps before it fades. Exercise 2 shows it.

# %% [markdown]
# ## 5.4 What the layer starts with
#
# Which radius does a network have before training? PyTorch draws every weight of an `nn.RNN` evenly between
# $-1/\sqrt{H}$ and $1/\sqrt{H}$. Measure it.

# %%
drawn = [
    spectral_radius(RNNWeights.draw(8, size, seed=lesson.seed + k).W_hh)
    for size in (32, 64, 128, 256)
    for k in range(5)
]
ck.claim(
    "drawn that way, W_hh has a radius between .45 and .75 for every size",
    0.45 < min(drawn) and max(drawn) < 0.75,
    {"smallest": min(drawn), "largest": max(drawn)},
)

# %% [markdown]
# The size hardly matters: the radius is near $1/\sqrt 3$. So a fresh RNN forgets, before it has seen a text, by more than
# a third at each step. A start with an *orthogonal* $W_{hh}$ has radius 1 (Saxe, McClelland and Ganguli, 2014). Compare
# both with LSTM and GRU, two cells that the next chapters open. They are boxes here: they read a word, and they keep a
# state. The LSTM has a setting called the *forget bias*, which chapter 6 explains; we take it along.
#
# What do we measure? Send a gradient of length one into the last state, and see how much of it arrives at the input $k$
# steps before. This works for any network:

# %%
from coursekit.cells import gradient_by_distance

ck.source(gradient_by_distance)

# %%
READ = {"RNN": nn.RNN, "RNN, orthogonal start": nn.RNN, "LSTM": nn.LSTM}
READ |= {"LSTM, forget bias 2": nn.LSTM, "GRU": nn.GRU}


def fresh(name):
    """A fresh layer by name, in double precision."""
    layer = READ[name](16, H, batch_first=True).double()
    if "orthogonal" in name:
        nn.init.orthogonal_(layer.weight_hh_l0)
    if "bias" in name:
        with torch.no_grad():
            layer.bias_ih_l0[H : 2 * H] = 2.0  # order i, f, g, o
    return layer


inputs = torch.randn(16, 61, 16, dtype=torch.float64)  # (B, T, D)
arriving = {}
for name in READ:
    layer = fresh(name)
    norms = gradient_by_distance(
        lambda x, layer=layer: layer(x)[0], inputs, seed=lesson.seed
    )
    arriving[name] = norms / norms[0]
show(
    gradient_figures.by_distance(
        {"share of the gradient that arrives": arriving},
        ylabel="share",
        floor=1e-18,
    ),
    alt="Share of a gradient that arrives at an input against steps back, for "
    "five fresh layers, logarithmic. The RNN falls fastest, below a millionth "
    "of a millionth at fifty steps. LSTM and GRU fall almost as fast. The "
    "RNN with an orthogonal start keeps about a ten-thousandth. The LSTM "
    "with a forget bias of 2 stays above a hundredth.",
)

# %%
far = {name: float(share[50]) for name, share in arriving.items()}
ck.claim(
    "over 50 steps the plain start keeps less than 1e-9, the orthogonal start more "
    "than 1e-6, and the LSTM with forget bias 2 more than 1e-3",
    far["RNN"] < 1e-9
    and far["RNN, orthogonal start"] > 1e-6
    and far["LSTM, forget bias 2"] > 1e-3,
    far,
)

# %% [markdown]
# Two things are worth noting. A gated cell is no cure by itself: with its default start the LSTM forgets nearly as fast as
# the RNN. And with the right start it keeps a part of the gradient that an optimiser can use. Why, is the matter of
# [chapter 6](06_lstm.ipynb).

# %% [markdown]
# ## 5.5 When it explodes
#
# The other side of the power is growth. Take a radius of `1.5` and small inputs, so that tanh does not flatten much. How
# long is the gradient, from one batch to the next? The task is the *adding problem*: each step brings a number and a mark,
# two of the steps are marked, and the answer is the sum of their numbers.

# %%
from torch.nn.functional import mse_loss

from coursekit.data import adding_problem

inputs, targets = adding_problem(2, 10, seed=lesson.seed)
for row, target in zip(inputs, targets, strict=True):
    cells = (f"{v:.2f}{'*' if mark else ''}" for v, mark in row.tolist())
    print(*cells, f"-> {target:.2f}")

# %%


class Adder(nn.Module):
    """An RNN with a given spectral radius that answers with one number."""

    def __init__(self, radius, seed):
        super().__init__()
        ck.seed_everything(seed)
        self.rnn, self.head = nn.RNN(2, 32, batch_first=True), nn.Linear(32, 1)
        with torch.no_grad():
            start = scale_to_radius(orthogonal(32, seed=seed), radius)
            self.rnn.weight_hh_l0.copy_(torch.tensor(start))
            self.rnn.weight_ih_l0 *= 0.05  # small inputs
            self.rnn.bias_ih_l0.zero_()
            self.rnn.bias_hh_l0.zero_()

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])[:, 0]  # (B,)


def gradient_of(model, seed, length=60):
    """Gradient on one batch, as one long vector."""
    x, y = adding_problem(16, length, seed=seed)
    model.zero_grad()
    mse_loss(model(x), y).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()])


lengths_of = {
    radius: np.array(
        [
            gradient_of(Adder(radius, lesson.seed), seed=k).norm().item()
            for k in range(40)
        ]
    )
    for radius in (0.8, 1.5)
}
for radius, norms in lengths_of.items():
    print(
        f"radius {radius}: median {np.median(norms):.3g}, largest {norms.max():.3g}"
    )

# %%
ratio = np.median(lengths_of[1.5]) / np.median(lengths_of[0.8])
ck.claim(
    "with radius 1.5 the gradient is at least ten times as long as with 0.8",
    ratio > 10,
    {"times as long": ratio},
)

# %% [markdown]
# An optimiser multiplies this by its rate and takes the step. How does one step end that is a hundred times too long? Not
# near the point where the slope was measured. The remedy is to shorten it: *clipping*. There are two ways.
#
# - *By norm*: if the whole gradient $g$ is longer than a limit $c$, scale it to that length, $g \leftarrow g\,c / \|g\|$.
# - *By value*: cut every single number to the range from $-c$ to $c$.
#
# What becomes of the direction? Compare with the cosine, which is 1 for equal directions and 0 for a right angle.

# %%
from torch.nn.functional import cosine_similarity
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def clipped(clip, limit):
    """The gradient of one batch after clipping, and its cosine with the original."""
    model = Adder(1.5, lesson.seed)
    before = gradient_of(model, seed=3).clone()
    clip(model.parameters(), limit)
    after = torch.cat([p.grad.flatten() for p in model.parameters()])
    return after.norm().item(), cosine_similarity(before, after, dim=0).item()


by_norm, by_value = clipped(clip_grad_norm_, 1.0), clipped(clip_grad_value_, 0.05)
ck.claim(
    "clipping by norm keeps the direction to 1e-5; clipping by value turns it, "
    "to a cosine below .95",
    by_norm[1] > 1 - 1e-5 and by_value[1] < 0.95,
    {"by norm": by_norm[1], "by value": by_value[1]},
)

# %% [markdown]
# Clipping by value is not wrong, but it goes somewhere else. By norm is the usual choice, and this course's `ck.fit` uses
# it. What does it change in training? Take plain gradient descent, once with and once without.


# %%
def descend(limit, steps=ck.budget(cpu=60, gpu=60, smoke=10)):
    """Plain gradient descent from radius 1.5; return the loss of every step."""
    model, losses = Adder(1.5, lesson.seed), []
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(steps):
        x, y = adding_problem(32, 60, seed=step)
        loss = mse_loss(model(x), y)
        optimiser.zero_grad()
        loss.backward()
        if limit is not None:
            clip_grad_norm_(model.parameters(), limit)
        optimiser.step()
        losses.append(loss.item())
    return losses


runs = {"not clipped": descend(None), "clipped to length 1": descend(1.0)}
finite = {name: np.isfinite(losses).sum() for name, losses in runs.items()}
print("steps with a finite loss:", {name: int(n) for name, n in finite.items()})
show(
    score_figures.curves(
        {name: np.clip(losses, None, 1e6) for name, losses in runs.items()},
        xlabel="step",
        ylabel="squared error, cut at 1e6",
        level=("always 1", 1 / 6),
        logy=True,
    ),
    alt="Squared error over sixty steps of gradient descent, logarithmic. "
    "Without clipping it shoots up within a few steps and leaves the picture. "
    "With clipping it comes down to about the dotted line of the answer that "
    "is always 1, and stays.",
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "without clipping the loss passes 1,000; with it, the last ten steps have a "
        "mean below .4",
        not max(runs["not clipped"]) < 1_000
        and np.mean(runs["clipped to length 1"][-10:]) < 0.4,
        {"clipped, last ten": float(np.mean(runs["clipped to length 1"][-10:]))},
    )

# %% [markdown]
# Clipped, the loss settles. Look at *where*: near the line of a model that always answers 1, the mean of all sums. It did
# not explode, and it did not learn.

# %% [markdown]
# ## 5.6 What clipping cannot do
#
# "Gradient clipping cures vanishing gradients." A published quiz offers this sentence as true or false. Test it.
#
# The gradient of every weight is a sum over steps, and each step's part contains $\bar a_t$, the gradient that has come
# back to that step ([chapter 4](04_vanilla_rnn.ipynb)). The last step adds a large part, the first step a tiny one. How
# large $\bar a_t$ is can be read off at the input, since $\bar x_t = W_{xh}^\top \bar a_t$. Scale the whole gradient, as
# clipping does, and ask which share the distant steps have.

# %%
from coursekit.cells import rnn_backward

draw = np.random.default_rng(lesson.seed)
T = 60
default = RNNWeights.draw(8, H, seed=lesson.seed)  # as torch draws
x, h_0 = draw.normal(size=(1, T, 8)), np.zeros((1, H))
states = rnn_forward(x, h_0, default)
report = np.zeros_like(states)
report[:, -1] = draw.normal(size=(1, H))  # the loss looks at the last state only


def distant_share(scale):
    """Share of the gradient's length that comes from steps more than 30 back."""
    parts = []
    for steps in (slice(0, T - 30), slice(0, T)):
        _, d_x, _ = rnn_backward(scale * report, x, h_0, states, default)
        parts.append(np.linalg.norm(d_x[0, steps]))
    return parts[0] / parts[1]


shrunk, grown = 0.01, 1e6
ck.claim(
    "whether the gradient is scaled down or up, the steps more than 30 back "
    "have the same share of it, less than 1e-4",
    np.isclose(distant_share(shrunk), distant_share(1.0), rtol=1e-9)
    and np.isclose(distant_share(grown), distant_share(1.0), rtol=1e-9)
    and distant_share(1.0) < 1e-4,
    {"share": distant_share(1.0)},
)

# %% [markdown]
# False, then. Clipping scales the whole, and the share of the distant words stays what it was. It stops explosions and does
# nothing against fading. Making the rate larger does not help either: the near words are then learned too fast before the
# far ones are learned at all. What is missing has to be changed *in the network*: in its start, or in its cell.

# %% [markdown]
# ## 5.7 What can be learned, then?
#
# So far we have looked at gradients before training. Do they decide what is learned? Train. The task is *temporal order*
# (Hochreiter and Schmidhuber, 1997): a row of distractors with two marks in it, each X or Y, one near the start and one
# after the middle. At the end, say which came first and which second. Guessing is right once in four.

# %%
from coursekit.data import temporal_order
from coursekit.data.memory_tasks import ORDERS, SYMBOLS

ids, labels = temporal_order(3, 20, seed=lesson.seed)
for row, label in zip(ids, labels, strict=True):
    print("".join(SYMBOLS[i] for i in row), "->", ORDERS[label])

# %% [markdown]
# Three cells get the same number of steps: the RNN with an orthogonal start, the LSTM with a forget bias of 2, and the GRU.
# The same code also made the record below.

# %%
from coursekit.studies import memory_by_length

ck.source(memory_by_length.train)

# %%
LENGTHS = (10, 50)
SEEDS = range(lesson.seed, lesson.seed + 3)
n_steps = ck.budget(cpu=300, gpu=600, smoke=5)
NAMES = {
    "rnn": "RNN, orthogonal start",
    "lstm": "LSTM, forget bias 2",
    "gru": "GRU",
}
scores = {
    NAMES[cell]: [
        [
            memory_by_length.train("order", cell, length, seed, steps=n_steps)[
                "score"
            ]
            for seed in SEEDS
        ]
        for length in LENGTHS
    ]
    for cell in NAMES
}
show(
    gradient_figures.scores_by_length(
        {"temporal order, accuracy": scores},
        LENGTHS,
        guessing={"temporal order, accuracy": 0.25},
    ),
    alt="Accuracy on temporal order for sequences of 10 and 50 steps, a dot for "
    "each of three seeds. At 10 steps all three cells are at one. At 50 the "
    "RNN falls towards guessing, while LSTM and GRU stay high.",
)

# %%
mean = {name: [float(np.mean(s)) for s in found] for name, found in scores.items()}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "at 10 steps all three cells learn the order (mean above .95)",
        min(found[0] for found in mean.values()) > 0.95,
        {name: found[0] for name, found in mean.items()},
    )
    ck.claim(
        "at 50 steps LSTM and GRU beat the RNN by .2 or more on average",
        min(mean[NAMES["lstm"]][1], mean[NAMES["gru"]][1])
        > mean[NAMES["rnn"]][1] + 0.2,
        {name: found[1] for name, found in mean.items()},
    )

# %% [markdown]
# Nothing in the task became harder but the distance. Here is the larger picture, from a record: two tasks, five lengths,
# more steps. On the right, the adding problem: lower is better, and the dotted line is the error of always answering 1.

# %%
from coursekit.studies import read_record

record = read_record("memory-by-length")


def recorded(task):
    """Scores of all seeds, by cell and length."""
    return {
        NAMES[cell]: [
            [
                r["score"]
                for r in record["runs"]
                if (r["task"], r["cell"], r["length"]) == (task, cell, length)
            ]
            for length in memory_by_length.LENGTHS
        ]
        for cell in NAMES
    }


panels = {
    "temporal order, accuracy": recorded("order"),
    "adding problem, squared error": recorded("adding"),
}
show(
    gradient_figures.scores_by_length(
        panels,
        memory_by_length.LENGTHS,
        guessing={
            "temporal order, accuracy": 1 / 4,
            "adding problem, squared error": 1 / 6,
        },
    ),
    alt="Two panels over sequence lengths from 10 to 200, three seeds each. "
    "Left, accuracy on temporal order: at 50 steps the RNN is the first to fall, "
    "at 100 the LSTM alone is above guessing, at 200 no cell is. Right, squared "
    "error on the adding problem: at 50 steps RNN and LSTM are at the error of "
    "always answering 1, and the GRU is still near zero.",
)

# %% [markdown]
# > Varied: the cell, the length, the seed. Tuned: nothing. Held fixed: 64 units, steps, rate, clipping. With more steps
# > each curve would move to the right. So this says what is learned *quickly*, not what can be represented.
#
# At 50 steps the RNN still names <!--r:memory-by-length.order_rnn_50_mean-->0.70<!--/--> of the orders rightly, the mean of
# three seeds that fare very differently. At 100 it guesses (<!--r:memory-by-length.order_rnn_100_mean-->0.25<!--/-->), the GRU
# with it (<!--r:memory-by-length.order_gru_100_mean-->0.27<!--/-->), and the LSTM is at
# <!--r:memory-by-length.order_lstm_100_mean-->0.67<!--/-->. On the adding problem it is the GRU that goes furthest. So gates
# move the limit; they do not remove it. And no ranking of LSTM and GRU follows: each wins one of the two tasks.
#
# The RNN is not too small to hold two symbols. It is not told about them.

# %% [markdown]
# ## 5.8 The same, larger
#
# A cell that starts with `%%gpu` runs where there is a GPU. Elsewhere it says what it would have done, and shows the record.

# %%
# %%gpu "train all three cells on sequences of 200 steps" --record memory-by-length
for cell in ("rnn", "lstm", "gru"):
    long_run = memory_by_length.train("order", cell, 200, lesson.seed)
    print(cell, long_run["score"])

# %% [markdown]
# ## What you can do now
#
# 1. You wrote the gradient over many steps as a product of Jacobians, autograd agreed, and you saw a radius decide between
#    fading and explosion.
# 2. You clipped by norm and by value, and showed that neither brings back what has faded.
# 3. You measured how much of a gradient arrives how far back, for five layers, and what that means for learning.
#
# **Remember**
#
# - One factor $\mathrm{diag}(1 - h_t^2)\,W_{hh}$ for each step back. Tanh can only take away.
# - Below a norm of one the gradient fades like a power. Above, it may explode.
# - Clip by norm: the direction stays. It does nothing against fading.
# - PyTorch's default start forgets more than a third at each step. An orthogonal start helps; a gate that stays open helps more.
# - A model that does not learn from far back is not told about it. Measure before you make it larger.

# %% [markdown]
# ## Check yourself
#
# **1.** A recurrent matrix has norm `0.9`. At most how much of a gradient is left after 20 steps, and after 50?
#
# <details><summary>Answer</summary>
#
# At most $0.9^{20} \approx 0.12$ and $0.9^{50} \approx 0.005$, and less if the states are far from zero.
#
# </details>
#
# **2.** A friend's loss suddenly jumps up and then stays high. Yours comes down a little and then lies still. Whom does clipping
# help?
#
# <details><summary>Answer</summary>
#
# The friend, probably: a jump looks like one step that was much too long. A loss that lies still may come from a gradient
# that has faded, and clipping cannot bring that back.
#
# </details>
#
# **3.** With radius `1.2` and strong words, the gradient faded all the same. Where did it go?
#
# <details><summary>Answer</summary>
#
# Into the slope of tanh. Strong words drive the states towards -1 and 1, where $1 - h_t^2$ is near zero. Each Jacobian is
# $W_{hh}$ with its rows scaled by those slopes.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** Replace tanh by ReLU in the product: the slope is 1 or 0. With radius 1 and strong words, does the gradient fade?
#
# <details><summary>Solution</summary>
#
# Yes, here it does. About half of the slopes are zero at each step, and each zero removes a row. It does not saturate, but
# units that are off pass nothing.
#
# ```python
# draw = np.random.default_rng(lesson.seed)
# W_hh, h, product = turning[1.0], np.zeros(H), np.eye(H)
# for _ in range(STEPS):
#     a = W_hh @ h + draw.normal(size=H)
#     h = np.maximum(a, 0)
#     product = (a > 0)[:, None] * W_hh @ product
# print("norm after 60 steps:", np.linalg.norm(product, 2))
# ```
#
# </details>
#
# **2.** A matrix that is not orthogonal can stretch first and shrink later. Scale a random matrix to radius `0.95` and draw the
# norm of its powers.
#
# <details><summary>Solution</summary>
#
# The norm rises above one for some steps, though the radius is below one. In the long run the radius wins. This is one more
# reason to start with an orthogonal matrix: there is nothing between its norm and its radius.
#
# ```python
# some = scale_to_radius(np.random.default_rng(lesson.seed).normal(size=(H, H)), 0.95)
# norms = product_norms(some, input_size=0.0)
# print("radius", round(spectral_radius(some), 3), "norm", round(np.linalg.norm(some, 2), 3))
# print("largest norm of a power:", norms.max(), "after", norms.argmax(), "steps; after 60:", norms[-1])
# ```
#
# </details>
#
# **3.** Does an orthogonal start make the RNN learn sooner, or did it only look so? Train it on 25 steps with both starts.
#
# <details><summary>Solution</summary>
#
# Take the reader apart and put the default start back. Look at all three seeds before you answer.
#
# ```python
# class DefaultStart(memory_by_length.Reader):
#     def __init__(self, *sizes):
#         super().__init__(*sizes)
#         self.rnn.reset_parameters()
#
# kept = memory_by_length.Reader
# for name, kind in (("orthogonal", kept), ("default", DefaultStart)):
#     memory_by_length.Reader = kind
#     found = [memory_by_length.train("order", "rnn", 25, seed, steps=n_steps)["score"] for seed in SEEDS]
#     print(f"{name:10}", *(f"{score:.2f}" for score in found))
# memory_by_length.Reader = kept
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - S. Hochreiter (1991), *Untersuchungen zu dynamischen neuronalen Netzen* (in German). The first analysis.
# - Y. Bengio, P. Simard and P. Frasconi (1994), *Learning long-term dependencies with gradient descent is difficult*.
# - R. Pascanu, T. Mikolov and Y. Bengio (2013), *On the difficulty of training recurrent neural networks*. Jacobians,
#   clipping by norm.
# - A. M. Saxe, J. L. McClelland and S. Ganguli (2014), *Exact solutions to the nonlinear dynamics of learning in deep linear
#   neural networks*. The orthogonal start.
# - Q. V. Le, N. Jaitly and G. E. Hinton (2015), *A simple way to initialize recurrent networks of rectified linear units*.
# - S. Hochreiter and J. Schmidhuber (1997), *Long short-term memory*. Both tasks of this chapter come from there.
