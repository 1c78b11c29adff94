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
# # 9 · Training well
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/09_training_well.ipynb)
#
# **Which knobs matter?** A network has an optimiser, a rate, a schedule, four places for dropout, and a moment to stop. This
# chapter shows what each knob does, and measures which of them were worth turning.
#
# After it you will be able to
#
# 1. say from a loss curve that the rate is too small or too large, and write the step of six optimisers from their formulae;
# 2. name four places where dropout can act, and say what each one hides;
# 3. stop at the right epoch and keep its weights, and find three classic mistakes: in a scheduler, in weight decay, in a checkpoint;
# 4. say which knobs were worth turning on the course's data, and by how much.
#
# **You need** the classifier of [chapter 4](04_vanilla_rnn.ipynb), the clipping of [chapter 5](05_why_rnns_forget.ipynb), the
# gated cells of chapters [6](06_lstm.ipynb) and [7](07_gru_and_friends.ipynb), and the reading of learning curves from
# [chapter 0](00_before_you_start.ipynb). **Time:** fifty minutes to read, under a minute to run on a CPU.

# %%
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

lesson = ck.setup(chapter="09")

# %% [markdown]
# ## 9.1 A loss that does not move
#
# You build a model, choose plain gradient descent with a rate that looks sensible, and watch. What if the loss stays where it
# was?

# %%
import math

from coursekit.batching import TextDataset
from coursekit.training import change

news = ck.load(
    "ag_news", train=ck.budget(cpu=1_200, gpu=4_000, smoke=160), seed=lesson.seed
)
MODEL = ck.Config(
    min_count=2,
    max_length=40,
    cell="gru",
    embedding_dim=48,
    hidden_size=48,
    pooling="mean",
    dropout=0.0,
)
data = ck.prepare(news, MODEL)
few = news.validation.take(min(400, len(news.validation)), lesson.seed)
train_set = data.train
validation_set = TextDataset(data.encoder.encode(few.texts), few.labels)
C = len(news.label_names)
print(f"{len(train_set):,} texts to train on, {len(validation_set)} to validate,")
print(f"{C} classes")
print(f"a model that knows nothing has the loss ln {C} = {math.log(C):.3f}")

# %% [markdown]
# All runs up to section 9.9 share one model, a small GRU, and one function that trains it. Only what is named changes.

# %%
EPOCHS = ck.budget(cpu=4, gpu=4, smoke=1)


def run(seed=lesson.seed, model=MODEL, **settings):
    """Train a fresh model; return it with its history."""
    ck.seed_everything(seed)
    settings = {
        "epochs": EPOCHS,
        "batch_size": 32,
        "schedule": "constant",
    } | settings
    config = change(model, **settings)
    net = ck.TextClassifier(config, **data.sizes)
    return net, ck.fit(
        net, train_set, validation_set, config, seed=seed, progress=False
    )


def losses(history):
    """Training loss of each epoch."""
    return [epoch.train_loss for epoch in history.epochs]


def printed(numbers):
    """Numbers with three decimals, on one line."""
    return " ".join(f"{number:.3f}" for number in numbers)


_, stuck = run(optimiser="sgd", learning_rate=0.01)
print("loss by epoch:", printed(losses(stuck)))

# %%
ck.claim(
    "after all epochs plain SGD with rate .01 is within .05 of the loss "
    "of a model that knows nothing",
    abs(losses(stuck)[-1] - math.log(C)) < 0.05,
    {"last loss": losses(stuck)[-1], f"ln {C}": math.log(C)},
)

# %% [markdown]
# Nothing is broken. Compare two lengths: that of the step, and that of the weights it is added to.

# %%
import torch

net, _ = run(optimiser="sgd", learning_rate=0.01, epochs=1)
batch = next(iter(ck.make_loader(train_set, 32, seed=lesson.seed)))
logits = net(batch.ids, batch.lengths)  # (B, C)
torch.nn.functional.cross_entropy(logits, batch.labels).backward()
print("length of the step / length of the weights")
for name, p in net.named_parameters():
    step = 0.01 * p.grad.norm() / p.detach().norm()
    print(f"{step:.1e}  {name}")

# %% [markdown]
# The shares differ by a factor of thousands. The bias of the last layer moves; the word vectors stand still, because each word has a
# small say in the answer and most words are not in the batch. Does a larger rate help?

# %%
by_rate = {}
for rate in (0.01, 0.1, 1.0, 10.0):
    _, history = run(optimiser="sgd", learning_rate=rate)
    by_rate[rate] = losses(history)
    print(f"rate {rate:5}: {printed(by_rate[rate])}")

_, pushed = run(optimiser="sgd", learning_rate=1.0, momentum=0.9)
print(f"momentum:   {printed(losses(pushed))}")

# %%
ck.claim(
    "at none of four rates does plain SGD get .3 below the loss of a model that "
    "knows nothing; with momentum it does",
    min(curve[-1] for curve in by_rate.values())
    > math.log(C) - 0.3
    > losses(pushed)[-1],
    {
        "plain": min(curve[-1] for curve in by_rate.values()),
        "momentum": losses(pushed)[-1],
    },
)

# %% [markdown]
# None of these four rates does it. At the first the word vectors stay where they are. The largest makes the last layer
# jump: a loss *far* above $\ln C$ means that the model is sure of wrong answers. One rate serves all parameters badly when their shares
# differ by thousands. Momentum does not change that, but it adds up steps that point the same way: with $\mu = 0.9$, up to ten of them.
# (All runs of this chapter clip their gradients at norm 1. The table of shares above is computed without clipping.)

# %% [markdown]
# ## 9.2 Six optimisers, from their formulae
#
# *Deeper: it can wait for a second reading.*
#
# Write $g_t$ for the gradient at step $t$, $\eta$ for the rate and $\theta$ for a parameter. Every optimiser below does the
# same to each number on its own.
#
# | name | what it keeps | step |
# |---|---|---|
# | SGD | nothing | $\theta \leftarrow \theta - \eta\, g_t$ |
# | momentum (Polyak, 1964) | $v_t = \mu v_{t-1} + g_t$ | $\theta \leftarrow \theta - \eta\, v_t$ |
# | NAG (Nesterov, 1983), as PyTorch writes it | the same $v_t$ | $\theta \leftarrow \theta - \eta\,(g_t + \mu v_t)$ |
# | Adagrad (Duchi et al., 2011) | $s_t = s_{t-1} + g_t^2$ | $\theta \leftarrow \theta - \eta\, g_t / (\sqrt{s_t} + \epsilon)$ |
# | RMSprop (Hinton, 2012) | $s_t = \alpha s_{t-1} + (1-\alpha) g_t^2$ | $\theta \leftarrow \theta - \eta\, g_t / (\sqrt{s_t} + \epsilon)$ |
# | Adam (Kingma and Ba, 2015) | $m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t$, $s_t = \beta_2 s_{t-1} + (1-\beta_2) g_t^2$ | $\theta \leftarrow \theta - \eta\, \hat m_t / (\sqrt{\hat s_t} + \epsilon)$ |
#
# with $\hat m_t = m_t / (1-\beta_1^t)$ and $\hat s_t = s_t / (1-\beta_2^t)$.
#
# - $v_t$ is a running sum of gradients, $m_t$ a running mean, and $s_t$ a sum or a running mean of their squares.
# - $\mu$, $\alpha$, $\beta_1$ and $\beta_2$ say how much of the old value is kept. Usual are `0.9`, `0.99`, `0.9` and `0.999`.
# - $\epsilon$ is tiny. It prevents a division by zero.
# - The hats undo that $m$ and $s$ start at zero. After one step $m_1 = 0.1\, g_1$; divided by $1 - 0.9$ it is $g_1$.
#
# The first three steps are large where the gradient is large. RMSprop and Adam divide by the gradient's usual size. So a parameter
# whose gradients are small moves as far as one whose gradients are large. Adagrad divides by the root of a
# *sum*, which only grows: its steps become shorter and shorter.
#
# Are these formulae what PyTorch does? Write them as code and compare, on forty steps down a valley.

# %%
import numpy as np


def sgd(g, state, t):
    """Return the step without the rate."""
    return g


def momentum(g, state, t, mu=0.9):
    state["v"] = mu * state.get("v", 0) + g
    return state["v"]


def nag(g, state, t, mu=0.9):
    state["v"] = mu * state.get("v", 0) + g
    return g + mu * state["v"]


def adagrad(g, state, t, eps=1e-10):
    state["s"] = state.get("s", 0) + g**2
    return g / (np.sqrt(state["s"]) + eps)


def rmsprop(g, state, t, alpha=0.99, eps=1e-8):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    return g / (np.sqrt(state["s"]) + eps)


def adam(g, state, t, b1=0.9, b2=0.999, eps=1e-8):
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["s"] = b2 * state.get("s", 0) + (1 - b2) * g**2
    m, s = state["m"] / (1 - b1**t), state["s"] / (1 - b2**t)
    return m / (np.sqrt(s) + eps)


# %%
from coursekit.training.optimisers import make_optimiser

OURS = {f.__name__: f for f in (sgd, momentum, nag, adagrad, rmsprop, adam)}
THEIRS = {
    name: {"optimiser": "sgd" if name == "momentum" else name} for name in OURS
}
for name in ("momentum", "nag"):
    THEIRS[name]["momentum"] = 0.9


def walk_ours(step, gradient, start, rate, steps):
    """Follow a gradient with one of the functions above."""
    theta, state, path = np.array(start), {}, [np.array(start)]
    for t in range(1, steps + 1):
        theta = theta - rate * step(gradient(theta), state, t)
        path.append(theta)
    return np.array(path)  # (steps + 1, 2)


def walk_theirs(settings, gradient, start, rate, steps):
    """Follow the same gradient with PyTorch's optimiser."""
    layer = torch.nn.Linear(2, 1, bias=False).double()
    layer.weight.data = torch.tensor([start], dtype=torch.float64)
    config = ck.Config(learning_rate=rate, schedule="constant", **settings)
    optimiser, path = make_optimiser(layer, config), [np.array(start)]
    for _ in range(steps):
        layer.weight.grad = torch.tensor(
            gradient(layer.weight.detach().numpy()[0])[None]
        )
        optimiser.step()
        path.append(layer.weight.detach().numpy()[0].copy())
    return np.array(path)


# %% [markdown]
# As a landscape take a valley, $(x^2 + 25\, y^2) / 2$: gentle along $x$, steep across. Its gradient is $(x, 25\, y)$.

# %%
STEEP, START = 25.0, (-4.0, 1.0)
RATES = {
    "sgd": 0.07,
    "momentum": 0.02,
    "nag": 0.02,
    "adagrad": 0.9,
    "rmsprop": 0.2,
    "adam": 0.4,
}


def valley(theta):
    """Gradient of (x² + 25 y²) / 2."""
    return np.array([theta[0], STEEP * theta[1]])


paths, gaps = {}, {}
print("largest difference from PyTorch, 40 steps")
for name, step in OURS.items():
    paths[name] = walk_ours(step, valley, START, RATES[name], 40)
    theirs = walk_theirs(THEIRS[name], valley, START, RATES[name], 40)
    gaps[name] = float(np.abs(paths[name] - theirs).max())
    print(f"{gaps[name]:.1e}  {name}")

# %%
ck.claim(
    "all six formulae give PyTorch's steps to 1e-9",
    max(gaps.values()) < 1e-9,
    {"largest difference": max(gaps.values())},
)

# %%
from bookfigures import ch09
from coursekit.figures import charts, show

show(
    ch09.paths_in_a_valley(
        {name: paths[name] for name in ("sgd", "momentum", "nag", "adam")}, STEEP
    )
)

# %% [markdown]
# Plain SGD jumps from wall to wall, because its steps are long where the valley is steep. Momentum overshoots. NAG swings less. Adam takes
# diagonal steps, because both directions count the same.
#
# ## 9.3 Which one, on reviews?
#
# *Deeper: it can wait for a second reading.*
#
# A valley is not a network. The course has run eight optimisers on 6,000 film reviews, for LSTM and GRU, three seeds each: the six of
# the table, AdaDelta, and AdamW (section 9.6). Varied: optimiser and cell.
# Held fixed: everything else. Reviews are cut to 128 words, gradients are clipped at norm 1, and the rate is constant. The rates are
# usual ones, not tuned: `0.01` for SGD and Adagrad, `0.1` for momentum and NAG, `1` for AdaDelta, `0.001` for RMSprop, Adam and AdamW.
# AdamW alone decays its weights, by `0.01`. Its curve lies on Adam's and is not drawn. The lower panels have
# their own scale.

# %%
from coursekit.records import read_record

record = read_record("optimisers-imdb")
by_cell = {"lstm": {}, "gru": {}}
for arm in record.arms:
    cell, optimiser = arm.split(" ", 1)
    by_cell[cell][optimiser] = record.arm(arm).curve("train_loss")

FAST, SLOW = (
    ("adagrad", "rmsprop", "adam", "adamw"),
    ("adadelta", "nag", "momentum", "sgd"),
)
show(
    ch09.bands(
        {
            f"{cell.upper()}, {group}": {
                name: curves[name] for name in names if name != "adamw"
            }
            for group, names in (("those that learn", FAST), ("the others", SLOW))
            for cell, curves in by_cell.items()
        },
        xlabel="epoch",
        ylabel="training loss",
        level=("ln 2", math.log(2)),
    )
)

# %%
from coursekit.figures.charts import seed_dots

ends = {
    f"{cell.upper()} {name}": record.arm(f"{cell} {name}").scores
    for cell, arms in by_cell.items()
    for name in arms
}
show(
    seed_dots(
        ends,
        xlabel="best validation accuracy",
        level=("guessing", 0.5),
    )
)

# %%
last_loss = {
    f"{cell.upper()} {name}": np.mean([curve[-1] for curve in curves])
    for cell, arms in by_cell.items()
    for name, curves in arms.items()
}
best_score = {arm: np.mean(scores) for arm, scores in ends.items()}
fast = [best_score[f"{cell} {name}"] for cell in ("LSTM", "GRU") for name in FAST]
print(f"{'':15} last loss  validation")
for arm in best_score:
    print(f"{arm:15} {last_loss[arm]:9.3f}  {best_score[arm]:10.3f}")

# %%
ck.claim(
    "in the record plain SGD ends within .02 of ln 2; Adagrad, RMSprop, Adam and "
    "AdamW are above .8 on validation with both cells, and less than .02 apart",
    max(abs(last_loss[f"{cell} sgd"] - math.log(2)) for cell in ("LSTM", "GRU"))
    < 0.02
    and min(fast) > 0.8
    and max(fast) - min(fast) < 0.02,
    {"SGD": last_loss["LSTM sgd"], "lowest": min(fast), "highest": max(fast)},
)

# %% [markdown]
# Three groups. Plain SGD never leaves $\ln 2$: after four epochs it knows nothing. Momentum, NAG and AdaDelta begin to get away in the
# last epochs, with the GRU by more, and how far depends on the seed: see their dots. The four others learn. Their
# scores lie no further apart than those of the seeds, though the loss falls faster with some.
#
# "SGD does not work" is not what this shows. At *these* rates, in *four* epochs, from *this* start, it does not get going.

# %% [markdown]
# ## 9.4 The rate
#
# With Adam a number moves by about the rate or less, as long as its gradients keep their size. At the first step you can see why: $\hat m_1
# / \sqrt{\hat s_1} =
# g_1 / |g_1|$, which is $1$ or $-1$. What does a rate that is too small look like, and one that is too large?

# %%
rates = {}
for rate in (1e-5, 1e-3, 1e-2, 1.0):
    _, history = run(learning_rate=rate)
    rates[f"rate {rate:g}"] = losses(history)

show(
    charts.curves(
        rates,
        xlabel="epoch",
        ylabel="training loss",
        level=(f"ln {C}", math.log(C)),
        logy=True,
    )
)

# %% [markdown]
# Both bad rates give a high curve. The small one keeps the loss near $\ln C$. The large one drives it far *above*: the model is
# confidently wrong.

# %%
small, fine, good, large = rates.values()
ck.claim(
    "the smallest rate ends within .1 of ln C, both middle ones at least .3 below "
    "it, the largest at least 1 above it",
    abs(small[-1] - math.log(C)) < 0.1
    and max(fine[-1], good[-1]) < math.log(C) - 0.3
    and large[-1] > math.log(C) + 1,
    {name: curve[-1] for name, curve in rates.items()},
)

# %% [markdown]
# ## 9.5 Schedules
#
# *Deeper: it can wait for a second reading.*
#
# Early on, large steps bring you near; later, small steps let you settle. A schedule changes the rate as you go. Five common
# ones, for 4 epochs of 50 batches:

# %%
from coursekit.training.optimisers import make_schedule

SCHEDULES = {
    "constant": {},
    "step": {"decay_factor": 0.5},
    "cosine": {},
    "constant, warm-up": {"schedule": "constant", "warmup_steps": 50},
    "one_cycle": {},
}


def rate_curve(name, settings, steps_per_epoch=50):
    """Return the rate of every step."""
    config = ck.Config(epochs=4, learning_rate=1.0, **{"schedule": name} | settings)
    optimiser = make_optimiser(torch.nn.Linear(1, 1), config)
    schedule = make_schedule(optimiser, config, steps_per_epoch)
    used = []
    for _ in range(4 * steps_per_epoch):
        used.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return used


show(
    charts.curves(
        {name: rate_curve(name, settings) for name, settings in SCHEDULES.items()},
        xlabel="step",
        ylabel="share of the largest rate",
    )
)

# %% [markdown]
# *Step* multiplies the rate by a factor after each epoch, here by one half. *Cosine* falls along half a cosine. *Warm-up* helps where the
# first gradients are wild, since Adam's averages know nothing yet. *One cycle* warms up to its top and falls to almost nothing. *Plateau*
# is not drawn: it waits
# until the score on validation stops getting better. It has a trap.
#
# ### A scheduler that never fired, or fired at once
#
# `ReduceLROnPlateau` lowers the rate when a number has not improved for some time. Improved means *fell*, unless you say
# otherwise: the default `mode="min"` is made for losses. What if you hand it an accuracy? Published coursework did so, with patience 10:
# ten steps may pass without a fall. Here is an accuracy that rises all the time, stepped once a batch.

# %%
from torch.optim.lr_scheduler import ReduceLROnPlateau


def rate_after(mode, steps, patience=10):
    """Step with a rising accuracy; return the rate after each step."""
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=5e-4)
    schedule = ReduceLROnPlateau(optimiser, mode=mode, patience=patience)
    seen = []
    for step in range(steps):
        schedule.step(0.5 + 0.005 * step)  # better every time
        seen.append(optimiser.param_groups[0]["lr"])
    return seen


print("rate after  5 steps  60 steps")
for mode in ("min", "max"):
    soon, late = rate_after(mode, 5)[-1], rate_after(mode, 60)[-1]
    print(f"mode={mode!r}  {soon:9.0e}  {late:8.0e}")

# %%
ck.claim(
    "with mode 'min' a rising accuracy cuts the rate below 1e-8 within 60 steps, "
    "or never within 5 epochs; with 'max' it stays",
    rate_after("min", 60)[-1] < 1e-8
    and rate_after("min", 5)[-1] == rate_after("max", 60)[-1] == 5e-4,
    {
        "after 60 steps with min": rate_after("min", 60)[-1],
        "after 5 steps with min": rate_after("min", 5)[-1],
    },
)

# %% [markdown]
# Stepped once a batch, it kills the training within sixty batches, while everything goes well. Stepped once an epoch, with patience
# 10 and five epochs, it can never act. One line would have told: print the rate.

# %% [markdown]
# ## 9.6 Weight decay
#
# *Deeper: it can wait for a second reading.*
#
# Large weights make a network sure of itself. Weight decay pulls every weight towards zero, a little at each step:
# $\theta \leftarrow \theta - \eta\,\lambda\,\theta$. For SGD that is the same as adding $\tfrac{\lambda}{2}\theta^2$ to the
# loss. For Adam it is not. Why?
#
# Adam divides the gradient by its usual size. If the pull is *in* the gradient, it is divided as well. How hard a weight is pulled then
# depends on its gradients. AdamW (Loshchilov and Hutter, 2019) keeps the pull outside. Take two kinds of weights, all equally large. The
# gradients of the second kind are a hundred times as large as those of the first, and all are noise around zero.


# %%
def pulled(kind, steps=200, rate=1e-3, decay=0.1):
    """Mean share of the weights that is gone, for small and for large gradients."""
    weights = torch.nn.Parameter(torch.ones(2, 1_000, dtype=torch.float64))
    optimiser = kind([weights], lr=rate, weight_decay=decay)
    noise = torch.Generator().manual_seed(lesson.seed)
    for _ in range(steps):
        g = torch.randn(2, 1_000, generator=noise, dtype=torch.float64)
        weights.grad = g * torch.tensor([[0.01], [1.0]])
        optimiser.step()
    return (1 - weights.detach()).mean(dim=1).tolist()


gone = {
    kind.__name__: pulled(kind) for kind in (torch.optim.Adam, torch.optim.AdamW)
}
asked = 1 - (1 - 1e-3 * 0.1) ** 200
print("share gone with  small  large gradients")
print(f"asked for        {asked:.3f}  {asked:.3f}")
for name, (with_small, with_large) in gone.items():
    print(f"{name:15}  {with_small:.3f}  {with_large:.3f}")

# %%
ck.claim(
    "AdamW takes what was asked for from both kinds (within .005); Adam takes more "
    "than five times as much where the gradients are small",
    max(abs(share - asked) for share in gone["AdamW"]) < 0.005
    and gone["Adam"][0] > 5 * asked,
    {name: list(shares) for name, shares in gone.items()} | {"asked for": asked},
)

# %% [markdown]
# You asked for a pull of $1 - (1 - \eta\lambda)^{200}$. AdamW gives it to both kinds. Adam gives it to the weights whose gradients are
# about 1, and many times as much to those with small gradients.

# %% [markdown]
# So choose AdamW when you decay. And leave out what should not be pulled: biases, and word vectors, which would fade whenever
# their word is *not* in the batch. `ck.Config(weight_decay=…)` does so.

# %% [markdown]
# ## 9.7 Four places for dropout
#
# *Deeper: it can wait for a second reading.*
#
# Dropout hides numbers at random while training, so that the network cannot rely on any one of them. Numbers that are kept are divided by
# $1 - p$, where $p$ is the share that is hidden: their mean stays the same. In evaluation nothing is hidden. With one recurrent layer
# it can act in four places.
#
# | setting | hides | one mask for |
# |---|---|---|
# | `word_dropout` | whole words: they are read as `<unk>` | a word at its place |
# | `embedding_dropout` | numbers of a word's vector | a number at its place |
# | `state_dropout` | numbers of $h_{t-1}$, where the gates and the candidate read them | **all steps of a batch** |
# | `dropout` | numbers of the pooled vector, before the last layer | a text |
#
# Why must the mask of the state be the same at all steps? If each step hid other numbers, little would be left of any of them after
# ten: a fact that must be carried would be wiped out. With one mask for all steps, some numbers are never handed on,
# and the others always are (Gal and Ghahramani, 2016).
#
# Count it for the plain RNN, where the state is all that is carried. With a share of one quarter hidden, how much of a number is still
# there after ten steps? (The memory of an LSTM is not hidden here, only what its gates hear of $h_{t-1}$. A fact in $c_t$ survives either
# way.)

# %%
generator = ck.generator(lesson.seed)
draws, share, steps = 4_000, 0.25, 10
fresh = (torch.rand(draws, steps, generator=generator) > share).all(dim=1)
fixed = torch.rand(draws, generator=generator) > share
print("share of the numbers that come through")
print(f"{fresh.double().mean():.3f}  a new mask at each step")
print(f"{fixed.double().mean():.3f}  one mask for all steps")
ck.claim(
    "after ten steps less than a tenth comes through fresh masks, and about three "
    "quarters through one mask (within .05)",
    fresh.double().mean() < 0.1 and abs(fixed.double().mean() - 0.75) < 0.05,
    {
        "fresh": fresh.double().mean().item(),
        "one mask": fixed.double().mean().item(),
    },
)

# %% [markdown]
# How can a kernel that runs all steps at once do that? By dropping *columns* of $W_{hh}$: if column $j$ is zero, no step hears
# of $h_j$. The course's layer does this, and the claim below compares it with a layer whose columns were set by hand. (Gal and
# Ghahramani draw a mask for each text. All texts of a batch share $W_{hh}$, so here they share a mask.)

# %%
from coursekit.nn import LengthAwareRNN

torch.manual_seed(lesson.seed)
layer = LengthAwareRNN("lstm", 3, 8, state_dropout=0.5).double().train()
x, lengths = torch.randn(2, 6, 3, dtype=torch.float64), torch.tensor([6, 4])
torch.manual_seed(1)
outputs, _ = layer(x, lengths)

torch.manual_seed(1)
mask = torch.nn.functional.dropout(torch.ones(8, dtype=torch.float64), 0.5)  # (H,)
by_hand = LengthAwareRNN("lstm", 3, 8).double()
by_hand.load_state_dict(layer.state_dict())
with torch.no_grad():
    by_hand.rnn.weight_hh_l0.mul_(mask)  # whole columns
print("factor for each column:", *(f"{factor:.0f}" for factor in mask))
gap = (outputs - by_hand(x, lengths)[0]).abs().max().item()
ck.claim(
    "both give the same outputs to 1e-12", gap < 1e-12, {"largest difference": gap}
)

# %% [markdown]
# Which place is worth it? Again a record: an LSTM on 6,000 reviews, one place at a time, two shares each, three seeds. Varied:
# place and share. Held fixed: everything else.

# %%
places = read_record("state-dropout")
arms = {}
for arm in places.arms:
    name = arm.replace("_", " ").replace("0.25", "¼").replace("0.5", "½")
    arms[name] = places.arm(arm).scores
show(seed_dots(arms, xlabel="best validation accuracy"))

# %%
from coursekit.stats import paired_seeds

print("against no dropout  interval")
for arm, scores in arms.items():
    if arm != "no dropout":
        gain, low, high = paired_seeds(scores, arms["no dropout"])
        place = arm.replace(" dropout", "")
        print(f"{place:11} {gain:+.4f}  {low:+.4f} to {high:+.4f}")

# %%
means = {arm: float(np.mean(scores)) for arm, scores in arms.items()}
ck.claim(
    "in the record no place and share is more than two points away from no dropout",
    max(abs(mean - means["no dropout"]) for mean in means.values()) < 0.02,
    means,
)

# %% [markdown]
# All intervals but one contain zero ([chapter 10](10_scaling_and_evidence.ipynb) explains them). The one that does not belongs to a
# quarter of the state. But you looked at eight intervals. Each misses in one of twenty cases by luck alone, so at least one of eight
# misses in about one case of three: $1 - 0.95^8 \approx 0.34$, if they were independent. With 6,000 reviews, four epochs and three seeds
# this record cannot rank the four places.

# %% [markdown]
# ## 9.8 When to stop, and what to keep
#
# Train a network without dropout for too long. The loss on the texts it learns from keeps falling. And the loss on others?

# %%
LONG = ck.budget(cpu=10, gpu=12, smoke=2)
net, history = run(learning_rate=3e-3, epochs=LONG)
show(
    charts.curves(
        {
            "training loss": losses(history),
            "validation loss": [e.validation_loss for e in history.epochs],
            "validation accuracy": [e.validation_accuracy for e in history.epochs],
        },
        xlabel="epoch",
        ylabel="loss or accuracy",
    )
)

# %%
validation_losses = [e.validation_loss for e in history.epochs]
lowest = min(range(len(validation_losses)), key=validation_losses.__getitem__) + 1
print(f"lowest validation loss after epoch {lowest}")
print(f"best accuracy after epoch {history.best.epoch}")
ck.claim(
    "the training loss falls from first to last epoch, and the last validation "
    "loss lies at least a fifth above the lowest",
    losses(history)[-1] < losses(history)[0]
    and validation_losses[-1] > 1.2 * min(validation_losses),
    {"lowest": min(validation_losses), "last": validation_losses[-1]},
)

# %% [markdown]
# The two curves part: the network has begun to learn its texts by heart. *Early stopping* ends the run when validation has not
# got better for some epochs (`patience`), and keeps the weights of the best epoch.
#
# Better in which number? The loss rises as soon as the model becomes too sure. The accuracy counts only right and wrong, and may still
# improve. `ck.fit` goes by the accuracy (`monitor` names it), the code below by the loss. Say which.
#
# Here is code from published coursework, in small. Can you see the fault?


# %%
def epochs_kept_as_published(losses_by_epoch):
    """Return the epochs whose weights were written, the last one winning."""
    best_valid_loss, kept = float("inf"), []
    for epoch, valid_loss in enumerate(losses_by_epoch, 1):
        if valid_loss < best_valid_loss:
            kept.append(epoch)
    return kept


def epochs_kept(losses_by_epoch):
    """The same, mended."""
    best_valid_loss, kept = float("inf"), []
    for epoch, valid_loss in enumerate(losses_by_epoch, 1):
        if valid_loss < best_valid_loss:
            best_valid_loss = valid_loss  # the line that was missing
            kept.append(epoch)
    return kept


print("published:", *epochs_kept_as_published(validation_losses))
print("mended:   ", *epochs_kept(validation_losses))
ck.claim(
    "the published code keeps the last epoch, the mended one that with the lowest "
    "loss",
    epochs_kept_as_published(validation_losses)[-1] == len(validation_losses)
    and epochs_kept(validation_losses)[-1] == lowest,
    {
        "published": epochs_kept_as_published(validation_losses)[-1],
        "mended": epochs_kept(validation_losses)[-1],
    },
)

# %% [markdown]
# `best_valid_loss` is compared and never updated, so every epoch is "the best". The check that finds it takes one line: after
# training, evaluate the weights you kept, and compare with the best number in the history. `ck.fit` leaves the model with the
# weights of its best epoch, so the two must agree.

# %%
again = ck.evaluate(net, validation_set).accuracy
ck.claim(
    "the weights that fit leaves behind have the best accuracy of the history",
    again == history.best.validation_accuracy,
    {"evaluated": again, "best in the history": history.best.validation_accuracy},
)

# %% [markdown]
# ## 9.9 Averaged weights
#
# *Deeper: it can wait for a second reading.*
#
# At a constant rate the weights never come to rest: each batch pushes them a little. A moving average of the weights,
# $\bar\theta_t = \gamma \bar\theta_{t-1} + (1-\gamma)\theta_t$, smooths that away, at the price of one more copy. Here $\gamma$ is
# `average_decay`. (Polyak and Juditsky, 1992, take the plain mean of all steps; the moving average forgets the start.) Training does
# not notice it: only what is evaluated and kept is the average.

# %%
_, smooth = run(learning_rate=3e-3, epochs=LONG, average_decay=0.95)
averaged = {"as they are": validation_losses}  # the run of the section before
averaged["averaged"] = [epoch.validation_loss for epoch in smooth.epochs]

show(
    charts.curves(averaged, xlabel="epoch", ylabel="validation loss of the weights")
)

# %%
ck.claim(
    "after the last epoch the averaged weights have a validation loss at least .01 "
    "below that of the others, and above their own lowest",
    averaged["averaged"][-1] < averaged["as they are"][-1] - 0.01
    and min(averaged["averaged"]) < averaged["averaged"][-1],
    {name: curve[-1] for name, curve in averaged.items()},
)

# %% [markdown]
# Is the averaged curve smoother here? Look. It ends lower, but an average does not cure over-fitting: both end above their lowest
# points. (One run each.)
#
# With a GPU the next cell trains the course's reference on all the news at hand: one cycle, three places for dropout, averaged weights,
# clipping, and *label smoothing* (a target a little below 1 for the right class). Elsewhere it shows the record of a larger one.

# %%
# %%gpu "train the course's reference classifier on every text of AG News at hand" --record headline-agnews
news_config = ck.Config(
    marks=True,
    cell="lstm",
    bidirectional=True,
    pooling="mean+max",
    word_dropout=0.2,
    embedding_dropout=0.4,
    dropout=0.5,
    label_smoothing=0.05,
    average_decay=0.99,
)
all_news = ck.prepare(ck.load("ag_news", seed=lesson.seed), news_config)
large = ck.TextClassifier(news_config, **all_news.sizes)
ck.fit(large, all_news.train, all_news.validation, news_config, seed=lesson.seed)
print(ck.evaluate(large, all_news.test))

# %% [markdown]
# ## 9.10 Deep and narrow
#
# *Deeper: it can wait for a second reading.*
#
# Gates carry things over many *steps*. Do they carry them through many *layers* too? A published report stacks 25 layers of 8 units, and
# its loss never moves. Look at such a stack before training: how long is the gradient that reaches each layer's weights? And then at
# one whose layers *add* their output to their input. That is a *residual connection*, or shortcut (He et al., 2016).


# %%
class Stack(torch.nn.Module):
    """Embedding, a pile of narrow LSTM layers, maximum over time, a linear head."""

    def __init__(self, n_layers, residual=False, width=8):
        super().__init__()
        self.embedding = torch.nn.Embedding(data.sizes["vocabulary_size"], width)
        self.layers = torch.nn.ModuleList(
            LengthAwareRNN("lstm", width, width) for _ in range(n_layers)
        )
        self.head = torch.nn.Linear(width, C)
        self.residual = residual

    def forward(self, ids, lengths):
        x = self.embedding(ids)  # (B, T, 8)
        for layer in self.layers:
            x = layer(x, lengths)[0] + (x if self.residual else 0)
        mask = ck.mask_from_lengths(lengths, ids.shape[1])
        return self.head(masked_max(x, mask))  # (B, C)


# %%
from coursekit.nn import masked_max


def gradient_by_layer(residual):
    """Norm of the gradient of each layer's weights for one batch at the start."""
    ck.seed_everything(lesson.seed)
    stack = Stack(25, residual).double()
    loss = torch.nn.functional.cross_entropy(
        stack(batch.ids, batch.lengths), batch.labels
    )
    loss.backward()
    return [
        torch.cat([p.grad.flatten() for p in layer.parameters()]).norm().item()
        for layer in stack.layers
    ]


norms = {
    "25 layers": gradient_by_layer(residual=False),
    "with residuals": gradient_by_layer(residual=True),
}
figure = charts.curves(
    norms,
    xlabel="layer (1 is next to the words)",
    ylabel="gradient norm",
    logy=True,
)
figure.axes[0].set_xticks([1, 5, 10, 15, 20, 25])
show(figure)


# %%
def deep_loss(n_layers, residual=False):
    """Train a stack for a few epochs; return the last training loss."""
    ck.seed_everything(lesson.seed)
    # The schedule is one cycle.
    config = change(MODEL, epochs=EPOCHS, batch_size=32, learning_rate=1e-2)
    history = ck.fit(
        Stack(n_layers, residual),
        train_set,
        validation_set,
        config,
        seed=lesson.seed,
        progress=False,
    )
    return losses(history)[-1]


stacks = {
    "no layer": deep_loss(0),
    "1 layer": deep_loss(1),
    "25 layers": deep_loss(25),
    "25 layers with residuals": deep_loss(25, residual=True),
}
print(f"last training loss (ln {C} is {math.log(C):.3f})")
for name, loss in stacks.items():
    print(f"{loss:.3f}  {name}")

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "in the plain stack the gradient at layer 1 is below a hundredth of that "
        "at the top, and the loss stays within .1 of ln C; 25 layers with "
        "residuals end at least .3 below it, and below no layer and one",
        norms["25 layers"][0] < 0.01 * norms["25 layers"][-1]
        and abs(stacks["25 layers"] - math.log(C)) < 0.1
        and stacks["25 layers with residuals"] < math.log(C) - 0.3
        and min(stacks, key=stacks.get) == "25 layers with residuals",
        stacks,
    )

# %% [markdown]
# Each layer hands on a part of the gradient, and the layers next to the words get almost none. Gates do not help: the roads that they keep
# open run along time, none along depth. A residual connection is such a road. On it the words reach the head past all layers, so
# compare the first row, which has no layers at all: in these steps the stack gets further, and so its layers learn.
#
# ## 9.11 What each knob was worth
#
# Some of the course's records tell, for fourteen changes: three seeds each, the best epoch on
# validation, differences taken seed by seed, and intervals for luck with the seed (section 9.7 and section 10.5 explain).

# %%
import pandas as pd

cells, sides = read_record("cells-agnews"), read_record("directions")
TURNED = [
    ("SGD → Adam", record, "lstm sgd", "lstm adam"),
    ("momentum → Adam", record, "lstm momentum", "lstm adam"),
    ("Adagrad → Adam", record, "lstm adagrad", "lstm adam"),
    ("RMSprop → Adam", record, "lstm rmsprop", "lstm adam"),
    ("Adam → AdamW", record, "lstm adam", "lstm adamw"),
    ("LSTM → GRU (Adam)", record, "lstm adam", "gru adam"),
    ("word dropout ¼", places, "no dropout", "word_dropout 0.25"),
    ("embedding dropout ¼", places, "no dropout", "embedding_dropout 0.25"),
    ("state dropout ¼", places, "no dropout", "state_dropout 0.25"),
    ("dropout at the head ¼", places, "no dropout", "dropout 0.25"),
    ("RNN: last → maximum", cells, "rnn last", "rnn max"),
    ("RNN → LSTM (maximum)", cells, "rnn max", "lstm max"),
    ("LSTM: last → maximum", cells, "lstm last", "lstm max"),
    ("one → two directions", sides, "imdb one direction", "imdb two directions"),
]
effects = {}
for knob, study, before, after in TURNED:
    gain = paired_seeds(study.arm(after).scores, study.arm(before).scores)
    effects[knob] = dict(zip(("effect", "low", "high"), gain, strict=True)) | {
        "data": study.arm(after).runs[0]["task"]
    }
table = pd.DataFrame(effects).T.sort_values("effect", ascending=False)
table.astype({"effect": float, "low": float, "high": float}).round(4)

# %%
LARGE = {"SGD → Adam", "momentum → Adam", "RNN: last → maximum"}
clear = [
    knob for knob, gain in effects.items() if gain["low"] > 0 or gain["high"] < 0
]
print("intervals without zero:", "; ".join(clear))
ck.claim(
    "in this table three effects are larger than ten points: Adam in place of SGD, "
    "Adam in place of momentum, and all states in place of the last one of a plain "
    "RNN; every other is below two points",
    min(effects[knob]["effect"] for knob in LARGE) > 0.1
    and max(abs(effects[knob]["effect"]) for knob in effects.keys() - LARGE) < 0.02,
    {knob: gain["effect"] for knob, gain in effects.items()},
)

# %% [markdown]
# First make it move; and if it is a plain RNN, let the classifier see all its states. (The first two rows are the worth of a rate that
# works: SGD and momentum had
# one untuned rate each.) What is left is small, and three seeds rank little of it. By luck alone about one such table in two would have an
# interval without zero, if its rows were independent: $1 - 0.95^{14} \approx 0.51$. (`Adam → AdamW` is a decay of `0.01`. Schedules: see
# [the ladders](ladders.ipynb); clipping and averaging have no record.)
#
# ## 9.12 A recipe to start from
#
# 1. Check that the loss starts at $\ln C$ and that the model can learn ten texts by heart.
# 2. Adam with clipping at norm 1 ([chapter 5](05_why_rnns_forget.ipynb)), one cycle whose top lies between `1e-3` and `1e-2` (start with
#    `3e-3`), few epochs. Try three rates on validation.
# 3. Look at both losses. If they part early, try dropout in one of its four places; if they stay together and high, add width.
# 4. Keep the epoch that is best on validation, and check that you kept it.
# 5. Only then turn one knob at a time, with three seeds, and write down what was held fixed.
#
# ## What you can do now
#
# 1. You can read a rate off a loss curve, and have compared six optimisers with their formulae step by step.
# 2. You can name four places for dropout, and say why the state needs one mask for all steps.
# 3. You saw a scheduler that never fired, a decay that hung on the gradients, and a best checkpoint that was the last.
# 4. You know which knobs were worth turning here.
#
# **Remember**
#
# - A loss at $\ln C$ means: nothing was learned yet. Look at the length of the steps.
# - Optimisers that divide by the gradient's size make the rate mean the same for all parameters; they do not choose it.
# - A scheduler and a checkpoint are code. Each has a check of one line.
# - Validation decides when to stop. The test set decides nothing.

# %% [markdown]
# ## Check yourself
#
# **1.** Four classes, plain SGD, a rate of `0.001`: the loss is flat at $\ln 4$. What do you try first? (a) Dropout. (b) Larger rates.
# (c) Clipping.
#
# <details><summary>Answer</summary>
#
# (b): the model knows nothing yet, most likely because the steps are too short. Go up by factors of ten; then momentum or Adam, as in
# section 9.1. If nothing helps, look for a bug: where every word is read as `<unk>`, the loss lies as still. (a) is for a model that
# learns its texts by heart, and this one has learned none. (c) shortens steps that are too short already.
#
# </details>
#
# **2.** A friend steps `ReduceLROnPlateau(optimiser)` with the validation accuracy, which rises for thirty epochs. What becomes of the
# rate? (a) It stays. (b) It is cut all the same. (c) It is cut when the accuracy stops rising.
#
# <details><summary>Answer</summary>
#
# (b): the default waits for a number that *falls*, and cuts once more than `patience` epochs in a row (ten, by default) brought no
# fall. (a) holds only for a run too short for that. (c) is what `mode="max"` would do.
#
# </details>
#
# **3.** Why is dropout of the state drawn once for all steps and not anew for each step?
#
# <details><summary>Answer</summary>
#
# What a state carries would be hit anew at each step, and after ten steps almost nothing would be left of it. With one mask, what is
# kept is kept to the end.
#
# </details>
#
# ## Exercises
#
# **1.** Write AdaDelta (Zeiler, 2012) as a function like those of section 9.2, and compare it with PyTorch over twenty steps. It keeps
# $s_t = \rho s_{t-1} + (1-\rho) g_t^2$ and $u_t = \rho u_{t-1} + (1-\rho) \Delta_t^2$, and its step is
# $\Delta_t = \sqrt{u_{t-1} + \epsilon} / \sqrt{s_t + \epsilon} \cdot g_t$ with $\rho = 0.9$, $\epsilon = 10^{-6}$ and a rate of 1.
#
# <details><summary>Solution</summary>
#
# ```python
# def adadelta(g, state, t, rho=0.9, eps=1e-6):
#     state["s"] = rho * state.get("s", 0) + (1 - rho) * g**2
#     delta = np.sqrt(state.get("u", 0) + eps) / np.sqrt(state["s"] + eps) * g
#     state["u"] = rho * state.get("u", 0) + (1 - rho) * delta**2
#     return delta
#
#
# ours = walk_ours(adadelta, valley, START, 1.0, 20)
# theirs = walk_theirs({"optimiser": "adadelta"}, valley, START, 1.0, 20)
# assert np.abs(ours - theirs).max() < 1e-9
# ```
#
# </details>
#
# **2.** How many epochs would the smallest rate of section 9.4 need to get as far as `1e-3` gets in four? Estimate it from how far Adam
# moves in a step. Then train for 16 epochs and look.
#
# <details><summary>Solution</summary>
#
# A number moves by about the rate in each step. With 1e-5 instead of 1e-3 you need about a hundred times as many steps: 400 epochs.
# Sixteen change little.
#
# ```python
# _, patient = run(learning_rate=1e-5, epochs=4 * EPOCHS)
# print(printed(losses(patient)))
# assert losses(patient)[-1] > math.log(C) - 0.3
# ```
#
# </details>
#
# ## Further reading
#
# - D. P. Kingma and J. Ba (2015), *Adam: a method for stochastic optimization*.
# - I. Loshchilov and F. Hutter (2019), *Decoupled weight decay regularization*.
# - Y. Gal and Z. Ghahramani (2016), *A theoretically grounded application of dropout in recurrent neural networks*.
# - S. Merity, N. Keskar and R. Socher (2018), *Regularizing and optimizing LSTM language models*.
