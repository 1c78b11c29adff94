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
# # 0 · Before you start
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/00_before_you_start.ipynb)
#
# **Do I know enough?** Ten questions tell you. The rest of this chapter repeats what the others take for granted.
#
# After it you will be able to
#
# 1. say which parts of PyTorch and of machine learning you should read up on, and where;
# 2. find five faults that raise no error: numbers that go to the wrong place, gradients that add up, dropout that
#    stays on, a softmax too many, a test set used for choosing;
# 3. read a learning curve, and say how far a score can be trusted.
#
# **You need** Python, and to have met gradient descent and PyTorch once. **Time:** ten minutes for the test, forty
# minutes for all of it, under a minute to run on a CPU.

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

lesson = ck.setup(chapter="00")

# %% [markdown]
# ## 0.1 Ten questions
#
# Answer each one in your head or on paper before you open the fold. Every answer ends with what to read if you missed
# it.
#
# **1.** What does `{w: len(w) for w in "to be or not to be".split()}` make?
#
# <details><summary>Answer</summary>
#
# A dictionary of four entries, `{'to': 2, 'be': 2, 'or': 2, 'not': 3}`. Each key occurs in it once.
#
# Missed it? The tutorial at [docs.python.org](https://docs.python.org/3/tutorial/), the parts on data structures and
# on classes.
#
# </details>
#
# **2.** `x` has the shape `(32, 20, 64)`: 32 texts, 20 steps, 64 numbers at each step. What are the shapes of `x[0]`,
# `x[:, -1]` and `x.mean(dim=1)`?
#
# <details><summary>Answer</summary>
#
# `(20, 64)`, one text. `(32, 64)`, the last step of every text. `(32, 64)`, the mean over the steps: the axis that
# you take the mean over is gone.
#
# Missed it? Section 0.3.
#
# </details>
#
# **3.** `a` has the shape `(32, 20)`. Which of these can be added to it: a tensor of shape `(32, 1)`, of shape
# `(32,)`, of shape `(20,)`?
#
# <details><summary>Answer</summary>
#
# The first and the third. Shapes are compared from the right, so `(32,)` meets the 20, and that is an error. `(20,)`
# is added to every row, `(32, 1)` to every column.
#
# Missed it? Section 0.3, which also shows where this goes wrong without an error.
#
# </details>
#
# **4.** `x` has the shape `(32, 20)`. Both `x.transpose(0, 1)` and `x.reshape(20, 32)` have the shape `(20, 32)`. Do
# they have the same contents?
#
# <details><summary>Answer</summary>
#
# The same numbers, in different places. `transpose` swaps the axes. `reshape` reads the numbers row by row, and starts new rows at other places.
#
# Missed it? Section 0.3.
#
# </details>
#
# **5.** The loss is $L = (w x - y)^2$. What is its derivative with respect to $w$, that is, when only $w$ changes?
#
# <details><summary>Answer</summary>
#
# $2\,(w x - y)\,x$, by the chain rule: the derivative of the square, times the derivative of what is inside it.
#
# Missed it? Repeat derivatives and the chain rule first, in any textbook on calculus. Chapters 4 and 5 are made of
# them.
#
# </details>
#
# **6.** What does `loss.backward()` do, and why does every training loop call `optimiser.zero_grad()`?
#
# <details><summary>Answer</summary>
#
# It computes the gradient of the loss with respect to every parameter, and *adds* it to what is in `.grad` already.
# `zero_grad` empties `.grad`, so that no gradient of an earlier batch is left in it.
#
# Missed it? Section 0.4.
#
# </details>
#
# **7.** A network with four classes gives the scores 0, 0, 0, 0. What are the probabilities, and what is the
# cross-entropy loss if the third class is right?
#
# <details><summary>Answer</summary>
#
# Each class has the probability $\frac14$. The loss is $-\ln \frac14 = \ln 4$, whichever class is right.
#
# Missed it? Section 0.5.
#
# </details>
#
# **8.** You try thirty settings and report the best accuracy on the test set. What is wrong?
#
# <details><summary>Answer</summary>
#
# You chose with the test set. The best of thirty was partly lucky on just these texts, so the number is too good.
# Choose on validation, and use the test set once, for the one you chose.
#
# Missed it? Section 0.6.
#
# </details>
#
# **9.** The loss on train goes on falling. The loss on validation falls, and then rises. What is it called, and which
# epoch do you keep?
#
# <details><summary>Answer</summary>
#
# Over-fitting. Keep the weights of the epoch that was best on validation. "Best" may mean the lowest loss or the
# highest accuracy; decide before you look. `ck.fit` of this book goes by accuracy, because that is what it reports.
#
# Missed it? Section 0.7.
#
# </details>
#
# **10.** One model is right on 90 of 100 test texts, another on 92 of 100 other texts. Is the second one better?
#
# <details><summary>Answer</summary>
#
# You cannot tell. With a hundred texts, luck alone moves the score by several texts either way.
#
# Missed it? Section 0.8.
#
# </details>
#
# **Nine or ten right:** read section 0.2, and go on to the next chapter. **Six to eight:** read section 0.2 and those
# you missed. **Fewer:** read everything here, also what "can wait", and run it. If questions 1 and 5 were new to you, this book comes too
# early.

# %% [markdown]
# ## 0.2 What you will see in every chapter
#
# **The first cell** sets the seeds of all random generators. On the same machine and versions, a second run gives the
# same numbers; only seconds differ. It prints the device, the budget (how large the trainings are), the seed, where data
# is looked for, and versions.
#
# **Claims.** The sentences that matter are checked while the chapter runs. `ck.claim` takes the sentence, a condition,
# and what was measured. Here, tosses of a coin:

# %%
import torch

own = ck.generator(lesson.seed)  # a random generator with a seed of its own
heads = int((torch.rand(1_000, generator=own) < 0.5).sum())
ck.claim(
    "of 1,000 tosses of a coin, between 450 and 550 are heads",
    450 <= heads <= 550,
    {"heads": heads},
)

# %% [markdown]
# A tick: the sentence holds in this run. A cross stops the notebook (in Colab it warns): either you changed something,
# or the book is wrong on your data. A claim about something random allows for luck, here fifty tosses: its *margin*.
#
# **Shapes.** Most faults in networks are faults of shape. `ck.check_shape` states the expected shape:

# %%
x = torch.zeros(32, 20, 64)
ck.check_shape(x, (32, 20, 64), "x")
try:
    ck.check_shape(x.mean(dim=1), (32, 20), "the mean over the steps")
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# **Data.** `ck.load` fetches texts with labels, and prints where they come from. We take AG News, short news items with
# a topic. If it is out of reach you get a *stand-in*, other texts that come with the course. The lesson is the same, the
# scores are not.

# %%
from textwrap import fill, shorten

news = ck.load(
    "ag_news",
    train=ck.budget(cpu=2_000, gpu=2_000, smoke=300),
    seed=lesson.seed,
)
C = len(news.label_names)  # classes
print(f"\n{C} topics: {', '.join(news.label_names)}")
first = shorten(news.train.texts[0], 60, placeholder=" …")
print(f"{news.label_names[news.train.labels[0]]}: {first}")

# %% [markdown]
# [Data, budgets and claims](data_and_budgets.md) explains `ck.budget`, cells marked `%%gpu`, and recorded results.
#
# **The published coursework.** Some examples come from public work on this subject: a teacher's lecture and four student
# reports, with code. The book calls them *the published coursework* and names nobody. Their mistakes are common ones.

# %% [markdown]
# ## 0.3 Tensors
#
# *Deeper: it can wait for a second reading.*
#
# A *tensor* is an array of numbers, and its *shape* says how many there are along each axis. In this book the axes come
# in one order: texts first, then steps, then features. Their sizes are called $B$ (a *batch* of texts), $T$ (time,
# the number of steps) and, for example, $H$.
#
# Take three texts of four steps, and write into each place which text and step it is.

# %%
x = torch.tensor(
    [
        [11, 12, 13, 14],  # text 1, steps 1 to 4
        [21, 22, 23, 24],
        [31, 32, 33, 34],
    ]
)
B, T = x.shape
for what, part in {
    "x[0], one text": x[0],
    "x[:, -1], the last step of each text": x[:, -1],
    "x.sum(dim=1), over the steps": x.sum(dim=1),
    "x.sum(dim=1, keepdim=True)": x.sum(dim=1, keepdim=True),
}.items():
    print(f"{what}\n  {str(tuple(part.shape)):6}  {part.tolist()}")

# %% [markdown]
# The axis you name is the axis that goes. With `keepdim=True` it stays, with size one.
#
# ### Types of numbers
#
# A tensor has one type of number, its `dtype`. Two matter here. Ids, labels and lengths are whole numbers, `int64`.
# A network computes with `float32`; some checks use the finer `float64`. Neither kind can go where the other is wanted:

# %%
from torch import nn

ids, real = torch.tensor([[1, 2]]), torch.tensor([[1.0, 2.0]])
print(ids.dtype, real.dtype, (ids / 2).dtype, ids.float().dtype)
for what, call in {
    "a linear layer of ids": lambda: nn.Linear(2, 1)(ids),
    "the mean of ids": lambda: ids.mean(),
    "word vectors of float numbers": lambda: nn.Embedding(5, 3)(real),
}.items():
    try:
        call()
    except RuntimeError as error:
        message = str(error).partition(" (while")[0]
        print(f"{what}:", fill(message, 40), sep="\n")

# %% [markdown]
# `.float()` and `.long()` convert. A NumPy array of real numbers is `float64` unless you say otherwise, one of whole
# numbers mostly `int64`. A tensor made from it has the same type.
#
# ### Broadcasting
#
# Two tensors of different shapes can be added or divided. Write the shapes below each other, *flush right*. Where one
# of them has a 1, or nothing, it is copied along that axis. Any other difference is an error. This is called
# *broadcasting*.
#
# Each text has a score at each step. We want to divide each row by the length of its text. The lengths have the shape `(B,)`. Will this do?

# %%
scores = torch.ones(3, 4)
lengths = torch.tensor([2.0, 1.0, 3.0])
try:
    scores / lengths
except RuntimeError as error:
    print("RuntimeError:", fill(str(error), 40), sep="\n")

# %% [markdown]
# Flush right, the three lengths meet the four steps, and you get an error. Now the same line, on a batch that happens to
# have as many texts as steps:

# %%
scores = torch.tensor([[6.0, 2.0, 0.0], [3.0, 0.0, 0.0], [3.0, 6.0, 9.0]])
wrong = scores / lengths  # (B, T) / (B,): runs
right = scores / lengths[:, None]  # (B, T) / (B, 1)
print(f"{'wrong':15}  right")
for rows in zip(wrong.tolist(), right.tolist(), strict=True):
    print(*rows, sep="  ")
ck.claim(
    "with as many texts as steps the wrong division runs, and gives other numbers",
    wrong.shape == right.shape and not torch.equal(wrong, right),
)
ck.claim(
    "divided by a column, each row adds up to the mean of its text",
    torch.equal(right.sum(dim=1), torch.tensor([4.0, 3.0, 6.0])),
)

# %%
from bookfigures import ch00
from coursekit.figures import show

show(ch00.broadcasting(scores.tolist(), lengths.tolist()))

# %% [markdown]
# Dotted cells are copies. `[:, None]` makes the column: it puts in an axis of size one.
#
# The same happens in a loss (exercise 2): check shapes before you subtract.
#
# ### Swapping two axes
#
# Some layers want time first: shape `(T, B)` in place of `(B, T)`. Two calls give that shape. Which one keeps each
# text together?

# %%
turned, poured = x.transpose(0, 1), x.reshape(T, B)
print("first column after")
print("transpose ", turned[:, 0].tolist())
print("reshape   ", poured[:, 0].tolist())
ck.claim(
    "both have the shape (T, B), and only transpose keeps a text in its column",
    turned.shape == poured.shape
    and torch.equal(turned[:, 0], x[0])
    and not torch.equal(poured[:, 0], x[0]),
)
show(ch00.turned(x.tolist()))

# %% [markdown]
# `transpose` swaps two axes. `reshape` reads the numbers row by row and starts new rows at other places. It is right for
# joining or splitting neighbouring axes, `(B, T, H)` to `(B * T, H)` and back. It never swaps two axes that are both
# longer than one, and raises no error.

# %% [markdown]
# ## 0.4 Modules and gradients
#
# *Deeper: it can wait for a second reading.*
#
# A network in PyTorch is an `nn.Module`. It owns *parameters*, the numbers that are learned, and its `forward` says
# what it does with an input. Here is the smallest one with something to learn, a straight line $\hat y = w x + b$:


# %%
class Line(nn.Module):
    """One number in, one number out."""

    def __init__(self):
        super().__init__()  # sets up the module's list of parameters
        self.w = nn.Parameter(torch.tensor(0.0))
        self.b = nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        return self.w * x + self.b


x = torch.tensor([1.0, 2.0, 3.0])
y = 2 * x + 1
line = Line()
loss = (line(x) - y).square().mean()
loss.backward()
values = {"loss": loss, "w.grad": line.w.grad, "b.grad": line.b.grad}
for name, value in values.items():
    print(f"{name:6} {value.item():8.3f}")

# %% [markdown]
# Where do the gradients come from? While `forward` runs, PyTorch records every operation in a *computation graph*.
# `backward` goes through the graph from the end to the start and applies the chain rule to each operation. This is
# *autograd*. By hand, with
# $L = \frac1N \sum_n (w x_n + b - y_n)^2$,
#
# $$\begin{aligned}
# \frac{\partial L}{\partial w} &= \frac1N \sum_n 2\,(w x_n + b - y_n)\,x_n, \\
# \frac{\partial L}{\partial b} &= \frac1N \sum_n 2\,(w x_n + b - y_n).
# \end{aligned}$$

# %%
with torch.no_grad():  # nothing in here is recorded for backward
    residual = line(x) - y
    by_hand = {
        "w": (2 * residual * x).mean().item(),
        "b": (2 * residual).mean().item(),
    }
ck.claim(
    "autograd's gradients are those of the formula, to 1e-5",
    abs(by_hand["w"] - line.w.grad.item()) < 1e-5
    and abs(by_hand["b"] - line.b.grad.item()) < 1e-5,
    by_hand,
)

# %% [markdown]
# A gradient points to where the loss grows, so learning takes a small step the other way, again and again. `backward`
# *adds* to `.grad`. What happens if nobody empties it?


# %%
def descend(clear, n_steps=300):
    """Fit the line; return the loss at every step."""
    line, course = Line(), []
    optimiser = torch.optim.SGD(line.parameters(), lr=0.1)
    for _ in range(n_steps):
        loss = (line(x) - y).square().mean()
        if clear:
            optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        course.append(loss.item())
    return course


forgotten, cleared = descend(clear=False), descend(clear=True)

# %%
from coursekit.figures import charts

show(
    charts.curves(
        {"with zero_grad": cleared[:100], "without": forgotten[:100]},
        xlabel="step",
        ylabel="loss",
        logy=True,
    )
)

# %%
ck.claim(
    "over the last fifty steps, the loss without zero_grad is at least 1,000 "
    "times as large",
    max(forgotten[-50:]) > 1_000 * max(cleared[-50:]),
    {"without": max(forgotten[-50:]), "with": max(cleared[-50:])},
)

# %% [markdown]
# Without `zero_grad` every step repeats the one before, plus its own gradient. The line overshoots, comes back, and overshoots again, without an error.
#
# ### Cutting the graph: `.detach()`
#
# A recurrent network carries a *state* from step to step, and sometimes from one batch to the next. The state of the
# last batch still belongs to that batch's graph. What happens at the second `backward`?


# %%
def two_batches(detach):
    """Carry a state over two batches; return the sum of gradients, or the error."""
    weight, state = nn.Parameter(torch.tensor(0.5)), torch.tensor(1.0)
    for value in (2.0, 3.0):  # one number for each batch
        state = torch.tanh(weight * state + value)
        loss = state.square()
        try:
            loss.backward()
        except RuntimeError as error:
            return f"RuntimeError: {shorten(str(error), 60, placeholder=' …')}"
        if detach:
            state = state.detach()  # the same number, without its graph
    return weight.grad.item()


carried, cut = two_batches(detach=False), two_batches(detach=True)
print(f"carried over as it is:\n  {carried}\ndetached:\n  {cut:.4f}")
ck.claim(
    "a state with its graph stops the second backward, a detached one does not",
    str(carried).startswith("RuntimeError") and cut > 0,
)

# %% [markdown]
# `.detach()` keeps the numbers and drops their history, so no gradient flows into the earlier batch. For a plot, store
# `loss.item()`, a Python number: a tensor would keep its graph.
#
# ### `train()` and `eval()`
#
# Some layers work differently in training. *Dropout* sets a random half of its inputs to zero (or another share), and
# scales up the rest. When you test, you want all of them. `model.train()` and `model.eval()` set this switch.

# %%
ck.seed_everything(lesson.seed)
layers = nn.Sequential(nn.Linear(50, 50), nn.Dropout(0.5))
row = torch.ones(1, 50)
layers.train()
in_training = (layers(row) - layers(row)).abs().max().item()  # two passes
layers.eval()
in_testing = (layers(row) - layers(row)).abs().max().item()
ck.claim(
    "in training two passes over one input differ; after eval() they are equal",
    in_training > 0 and in_testing == 0,
    {"largest difference in training": in_training, "after eval()": in_testing},
)
with torch.no_grad():
    without_graph = layers(row)
ck.claim(
    "eval() does not switch gradients off, and no_grad() does",
    layers(row).requires_grad and not without_graph.requires_grad,
)

# %% [markdown]
# `eval()` changes what layers do, `no_grad()` records no graph. To test a model you want both, and then `train()` again before you train
# on. Forget `eval()`, and you measure a network with half of its units missing, without an error.

# %% [markdown]
# ## 0.5 Softmax and cross-entropy
#
# *Deeper: it can wait for a second reading.*
#
# A classifier gives one score for each class, called a *logit*: $z_1, \dots, z_C$. The *softmax* turns them into
# probabilities:
#
# $$p_k = \frac{e^{z_k}}{e^{z_1} + \dots + e^{z_C}}$$
#
# They are positive and add up to one. Adding the same number to all logits changes nothing; only differences count.
# The *cross-entropy* loss of a text whose right class is $y$ is $-\ln p_y$, also called the *negative
# log-likelihood*. It is near zero for a sure and right answer, and has no upper limit for a sure and wrong one.

# %%
import math

from torch.nn.functional import cross_entropy

z = torch.tensor([[2.0, 0.0, 0.0, 0.0]])  # (1, C): one text, four classes
p = z.softmax(dim=1)
print("probabilities:", [round(v, 3) for v in p[0].tolist()])
print("right class   -ln p  PyTorch")
for y_true in (0, 1):
    loss = cross_entropy(z, torch.tensor([y_true])).item()
    print(f"{y_true:11}  {-p[0, y_true].log():6.4f}  {loss:7.4f}")

# %% [markdown]
# ### Where a loss starts
#
# What should the loss be *before* any training? Let us ask a network. This one is used to the end of the chapter. Its
# input says for each of $V$ words whether it occurs in the text: a *bag of words*
# ([chapter 2](02_bags_of_words.ipynb)).


# %%
class BagNetwork(nn.Module):
    """A row of zeros and ones in, one logit for each class out."""

    def __init__(self, n_words, n_classes, hidden_size=32):
        super().__init__()
        self.hidden = nn.Linear(n_words, hidden_size)
        self.head = nn.Linear(hidden_size, n_classes)

    def forward(self, x):  # (B, V)
        return self.head(torch.relu(self.hidden(x)))  # (B, C)


random_bags = (torch.rand(2_000, 500) < 0.04).float()  # about twenty words each
at_start = {}
print("classes   loss   ln C")
for n_classes in (2, 4, 10, 100):
    labels = torch.randint(n_classes, (2_000,))
    loss = cross_entropy(BagNetwork(500, n_classes)(random_bags), labels).item()
    at_start[n_classes] = loss
    print(f"{n_classes:7}  {loss:.3f}  {math.log(n_classes):.3f}")

# %%
ck.claim(
    "without training the loss is within .05 of ln C, for each number of classes",
    all(abs(loss - math.log(c)) < 0.05 for c, loss in at_start.items()),
    {f"{c} classes": loss for c, loss in at_start.items()},
)

# %% [markdown]
# Why? Fresh weights are small, so all logits are nearly equal, and the softmax gives every class about $1/C$. Then
# $-\ln p_y = \ln C$, the loss of a guess.
#
# So the first loss tests your code before any training. If it is far above $\ln C$, the network is sure of answers that
# it cannot know: look for weights or inputs on too large a scale.
#
# A fault that this test does not find is a softmax too many. PyTorch's `cross_entropy` takes *logits* and does the
# softmax itself. Many write one more into the network. How low can the loss get then, for an answer that could not be
# better?

# %%
sure = torch.tensor([[50.0, 0.0, 0.0, 0.0]])  # certain, and right
target = torch.tensor([0])
once = cross_entropy(sure, target).item()
twice = cross_entropy(sure.softmax(dim=1), target).item()
floor = math.log(1 + 3 / math.e)
ck.claim(
    "with two softmaxes a perfect answer over four classes costs ln(1 + 3/e)",
    abs(twice - floor) < 1e-6 and once < 1e-6,
    {"one softmax": once, "two": twice, "ln(1 + 3/e)": floor},
)

# %% [markdown]
# The second softmax sees numbers between 0 and 1, so its output never comes near 1. The network usually still learns,
# but its loss stays above this floor.

# %% [markdown]
# ## 0.6 Three parts, three jobs
#
# *Deeper: it can wait for a second reading.*
#
# | part | what it is for | how often you look |
# |---|---|---|
# | train | learning the weights | always |
# | validation | choosing: epoch, size, rate | after every run |
# | test | saying how good the chosen one is | once |
#
# Why three, and why once? Take two hundred "models" that know nothing at all: each one guesses for every text.
# Choose the best of them on a hundred texts, as if these were a test set, and then look at other texts. (We borrow them
# from train, so that our test part stays unseen.)

# %%
truth = torch.tensor(news.train.labels)
order = torch.randperm(len(truth), generator=ck.generator(lesson.seed))
hundred, others = truth[order[:100]], truth[order[100:]]

on_hundred = torch.randint(C, (200, 100)).eq(hundred).float().mean(dim=1)
on_others = torch.randint(C, (200, len(others))).eq(others).float().mean(dim=1)
chosen = int(on_hundred.argmax())
print(f"{1 / C:.3f}  guessing")
print(f"{on_hundred[chosen]:.3f}  the chosen one, on the 100")
print(f"{on_others[chosen]:.3f}  the chosen one, on {len(others):,} others")

# %%
ck.claim(
    "the best of 200 guessers beats guessing by .08 on the texts it was chosen "
    "on, and stays within .03 of guessing on others",
    on_hundred[chosen] > 1 / C + 0.08 and abs(on_others[chosen] - 1 / C) < 0.03,
    {
        "chosen on": on_hundred[chosen],
        "others": on_others[chosen],
        "guessing": 1 / C,
    },
)

# %% [markdown]
# The gain was luck, and luck does not carry over to new texts. Whatever you choose on a set of texts, settings or epochs,
# its score there is partly luck. So choose on validation, and expect its score to be a little too good.

# %% [markdown]
# ## 0.7 Reading a learning curve
#
# *Deeper: it can wait for a second reading.*
#
# A *learning curve* shows the loss on train and on validation after each *epoch*, one pass over the training texts.
# What does it look like when things go wrong? First, the texts as bags. `ck.tokenise` cuts a text into words (chapter
# 1), and a `Vocabulary` numbers the most frequent ones (chapter 3).


# %%
def bags(split, vocabulary):
    """One row for each text: 1 where a word occurs in it, 0 elsewhere."""
    rows = torch.zeros(len(split), len(vocabulary))  # (N, V)
    for row, text in zip(rows, split.texts, strict=True):
        row[vocabulary.encode(ck.tokenise(text))] = 1
    labels = torch.tensor(split.labels, device=lesson.device)  # CPU or GPU
    return rows.to(lesson.device), labels


words = [ck.tokenise(text) for text in news.train.texts]
ten_words = ck.Vocabulary.build(words, max_size=4 + 10)  # four are no words
many_words = ck.Vocabulary.build(words, max_size=2_000)
validation = news.validation.take(min(1_000, len(news.validation)), lesson.seed)
print("the ten words:", ", ".join(ten_words.words[4:]))

# %% [markdown]
# (On AG News itself, "39" and "s" are among the ten. [Section 1.2](01_text_to_tokens.ipynb) says where they come from.)
#
# Then the training loop. Its inner five lines (logits, loss, `zero_grad`, `backward`, `step`) come back wherever a network is trained,
# sometimes with a line more; `ck.fit` of the package runs them for you. (No dropout here, so no `train()` and `eval()`. Adam takes the place
# of SGD; [chapter 9](09_training_well.ipynb) explains it.)


# %%
def train_network(split, vocabulary, rate, epochs, seed=lesson.seed):
    """Train on a split; return the network and its losses after each epoch."""
    x, y = bags(split, vocabulary)
    x_val, y_val = bags(validation, vocabulary)
    ck.seed_everything(seed)
    order = ck.generator(seed)
    network = BagNetwork(len(vocabulary), C).to(lesson.device)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    on_train, on_validation = [], []
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(32):
            logits = network(x[rows])  # (32, C)
            loss = cross_entropy(logits, y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            on_train.append(cross_entropy(network(x), y).item())
            on_validation.append(cross_entropy(network(x_val), y_val).item())
    return network, (on_train, on_validation)


# %% [markdown]
# Three trainings. The first may see ten words only. The second may see about two thousand, but learns from two hundred texts, with a high rate.
# The third has all the texts you loaded, and a moderate rate.

# %%
epochs = ck.budget(cpu=15, gpu=15, smoke=2)
few_texts = news.train.take(200, lesson.seed)  # 200 of them, drawn with this seed
_, ten = train_network(news.train, ten_words, rate=3e-3, epochs=epochs)
_, few = train_network(few_texts, many_words, rate=3e-2, epochs=epochs)
_, full = train_network(news.train, many_words, rate=3e-3, epochs=epochs)
show(
    ch00.learning_curves(
        {"ten words": ten, "two hundred texts": few, "all words and texts": full},
        start=math.log(C),
    )
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "with ten words even the loss on train stays above .85 of ln C",
        ten[0][-1] > 0.85 * math.log(C),
        {"train": ten[0][-1], "validation": ten[1][-1], "ln C": math.log(C)},
    )
    ck.claim(
        "with 200 texts train falls below .01, and validation ends at least 15 % "
        "above its lowest point",
        few[0][-1] < 0.01 and few[1][-1] > 1.15 * min(few[1]),
        {"train": few[0][-1], "lowest": min(few[1]), "last": few[1][-1]},
    )
    ck.claim(
        "with all the texts, the lowest validation loss is at least a quarter "
        "below that with 200, and comes before the last epoch",
        min(full[1]) < 0.75 * min(few[1]) and min(full[1]) < full[1][-1],
        {
            "200 texts": min(few[1]),
            "all texts": min(full[1]),
            "all texts at the end": full[1][-1],
        },
    )
    ck.claim(
        "but the loss on train alone would put the run with 200 texts first",
        few[0][-1] < full[0][-1],
        {"200 texts": few[0][-1], "all texts": full[0][-1]},
    )

# %% [markdown]
# Read the pairs of curves like this.
#
# | train | validation | name | what to do |
# |---|---|---|---|
# | stays high | stays high, too | *under-fitting* | give it more to see, a larger network, more steps |
# | goes to zero | turns and rises | *over-fitting* | more texts, an earlier stop, dropout, weight decay ([chapter 9](09_training_well.ipynb)) |
# | falls | falls far, then flattens or turns | a good run | stop where validation is lowest |
#
# **Ten words** such as "the" and "to" say little about a topic. The loss on train falls a little. Validation stays near
# guessing: little of what was learned holds for other texts. **Two hundred texts** can be learned by heart. The network
# becomes sure of everything, and a sure and wrong answer costs a lot. **The third** learns its texts by heart too, as the
# gap between its curves shows. But before that it has learned much that holds for other texts: it *generalises*. The star
# marks the lowest validation loss; to stop there is *early stopping*. By its loss on train alone, the second run would win.
#
# > Varied: the words, the texts and the rate, at once. Held fixed: the network, the validation texts. So the figure shows
# > what faults look like, not which change caused them. One seed.

# %% [markdown]
# ## 0.8 How far to trust a score
#
# *Deeper: it can wait for a second reading.*
#
# A score is measured on some texts, by one training. Other texts, or another seed, would have given another score.
# How different?
#
# ### Luck with the texts
#
# Imagine a model that is right with a probability of exactly `0.85` on every text. Test it on 500 texts, then on 500 others, and so on, ten
# thousand times.
#
# An accuracy $a$ on $n$ texts has the *standard error* $\sqrt{a(1-a)/n}$. This is about its standard deviation over many such tests: how
# far it typically lies from its mean. In
# about 95 of 100 tests, $a$ lies within $q = 1.96$ standard errors of the true accuracy. Wilson (1927) collects all true accuracies $p$
# from which $a$ is no farther than that, with $p$ in place of $a$ in the root. They are a *95 % confidence interval*, and `ck.wilson`
# computes it:
#
# $$\frac{a + \dfrac{q^2}{2n} \pm q\,\sqrt{\dfrac{a(1-a)}{n} + \dfrac{q^2}{4n^2}}}{1 + q^2/n}$$

# %%
import numpy as np

true_accuracy, n = 0.85, 500
tests = np.random.default_rng(lesson.seed).binomial(n, true_accuracy, size=10_000)
interval = {correct: ck.wilson(correct, n) for correct in set(tests.tolist())}
low, high = interval[tests[0]]
print(f"first test: {tests[0]} of {n} right,\n  interval {low:.3f} to {high:.3f}")
holds = [
    interval[correct][0] <= true_accuracy <= interval[correct][1]
    for correct in tests
]
drawn = 60
print(f"{drawn - sum(holds[:drawn])} of the {drawn} drawn miss,")
print(f"  about {0.05 * drawn:.0f} are to be expected")
show(ch00.repeated_intervals(tests[:drawn].tolist(), n, true_accuracy))

# %%
share = sum(holds) / len(tests)
ck.claim(
    "of ten thousand 95 % intervals, between 94 and 96 % contain the true accuracy",
    0.94 <= share <= 0.96,
    {"share": share},
)

# %% [markdown]
# That is what "95 %" means: the method is right in about 95 of 100 tests; among sixty, luck may take more. You cannot tell whether yours is one of them.
#
# How many texts does a narrow interval need?

# %%
print("texts   from     to  width")
for n in (100, 400, 1_600, 6_400):
    low, high = ck.wilson(round(true_accuracy * n), n)
    print(f"{n:5,}  {low:.3f}  {high:.3f}  {high - low:.3f}")

# %% [markdown]
# Four times the texts halve the width. A difference of one point between two models shows nothing on a hundred texts.
# [Chapter 10](10_scaling_and_evidence.ipynb) has sharper tools for two models on the same texts.
#
# ### Luck with the seed
#
# The seed decides the first weights and the order of the texts. Train the third network of section 0.7 with five seeds,
# the first one that of the figure, and stop all at the epoch of its star.


# %%
def right_answers(network, split):
    """How many texts of a split the network gets right."""
    x, y = bags(split, many_words)
    with torch.no_grad():
        return int((network(x).argmax(dim=1) == y).sum())


stop = 1 + int(np.argmin(full[1]))
networks, correct = [], []
for seed in range(lesson.seed, lesson.seed + 5):
    network, _ = train_network(news.train, many_words, 3e-3, stop, seed)
    networks.append(network)
    correct.append(right_answers(network, validation))
    print(f"seed {seed}: {correct[-1] / len(validation):.3f}")
accuracies = np.array(correct) / len(validation)
over_seeds = accuracies.std(ddof=1)
from_texts = np.sqrt(accuracies[0] * (1 - accuracies[0]) / len(validation))
print(f"mean ± standard deviation: {accuracies.mean():.3f} ± {over_seeds:.3f}")
print(f"standard error, {len(validation):,} texts: {from_texts:.3f}")

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "here the doubt from the texts is larger than that from the seed",
        from_texts > over_seeds,
        {"texts": from_texts, "seeds": over_seeds},
    )

# %% [markdown]
# The ± tells how much another *seed* would change the score on these texts. The standard error tells how much other
# *texts* would change it for this network. A good report gives both. (On few texts a part of the ± is luck with the
# texts, too; section 10.1 says how much.)
#
# ### The test, once
#
# The number of epochs is chosen. Only now, the test part. We take the network of the first seed, because it is
# the first, not the best. Beside it stands the plainest baseline: always name the most frequent class.

# %%
n_test = len(news.test)
largest = max(news.test.counts(C))  # how many texts each class has
on_test = right_answers(networks[0], news.test)
low, high = ck.wilson(on_test, n_test)
show(
    charts.score_bars(
        {
            "the most frequent class": (largest, n_test),
            "bag network": (on_test, n_test),
        }
    )
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "on test the whole interval of the bag network lies .4 above the most "
        "frequent class",
        low > largest / n_test + 0.4,
        {
            "accuracy": on_test / n_test,
            "interval": (low, high),
            "baseline": largest / n_test,
        },
    )

# %% [markdown]
# > Varied: nothing. Tuned: the number of epochs, on validation. Held fixed: words, texts, size and rate. One network,
# > tested once.

# %% [markdown]
# ## What you can do now
#
# 1. You know which sections and which books to come back to.
# 2. You can tell by their signs five faults that raise no error.
# 3. You can read a learning curve, and put an interval and a spread beside a score.
#
# **Remember**
#
# - Shapes are compared from the right. For one number per text, write `[:, None]`. Swap axes with `transpose`.
# - Test with `eval()` and `no_grad()`; carry a state with `.detach()`.
# - Before training, the loss is about $\ln C$. `cross_entropy` takes logits.
# - Learn from train, choose with validation, look at test once.
# - A score needs a baseline, an interval for the texts, and a spread over seeds.

# %% [markdown]
# ## Check yourself
#
# **1.** Your network ends in a softmax, and the loss is `cross_entropy`. What do you see? (a) An error. (b) A first loss far above $\ln
# C$. (c) A loss that falls, and stops above a floor.
#
# <details><summary>Answer</summary>
#
# (c), the floor of section 0.5: the second softmax sees numbers between 0 and 1, and can never be sure. Not (a): probabilities have the
# same shape as logits. Not (b): nearly equal probabilities make nearly equal logits, so the first loss is about $\ln C$, and that test
# finds nothing.
#
# </details>
#
# **2.** You forget `zero_grad`. What does `step` use? (a) The gradient of the last batch. (b) The sum of all gradients so far. (c)
# Nothing: the second `backward` fails.
#
# <details><summary>Answer</summary>
#
# (b): `backward` adds to `.grad`. (a) would need it to overwrite. (c) happens when the same graph is gone through twice, as with the
# carried state of section 0.4; here each batch builds a graph of its own.
#
# </details>
#
# **3.** The best of 200 guessers at four equally frequent classes has 37 of 100 texts right. And on new texts? (a) About `0.37`. (b) About
# `0.25`. (c) Less than `0.25`, since luck evens out.
#
# <details><summary>Answer</summary>
#
# (b): it guesses there as well. (a) takes the luck of the best of 200 for skill. (c) takes luck for something that is paid back; the
# new guesses know nothing of the old ones.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** `positions = torch.arange(T)` has the shape `(T,)`, and `lengths` has the shape `(B,)`. Make from them a
# *mask* of shape `(B, T)` that is True where a text still has a word. Use one comparison, no loop.
#
# <details><summary>Solution</summary>
#
# The lengths have to stand as a column, so that each row is compared with its own length. The mask comes back in chapter 3, the line itself
# in section 4.6.
#
# ```python
# B, T = 3, 5
# lengths = torch.tensor([2, 5, 1])
# mask = torch.arange(T) < lengths[:, None]
# ck.check_shape(mask, (B, T), "the mask")
# assert torch.equal(mask.sum(dim=1), lengths)
# print(mask.int())
# ```
#
# </details>
#
# **2.** Predictions have the shape `(B, 1)`, targets the shape `(B,)`. What squared error does a *perfect* prediction get?
#
# <details><summary>Solution</summary>
#
# The difference has the shape `(B, B)`: every prediction is compared with every target. A network trained like this
# learns to predict the mean of the targets.
#
# ```python
# targets = torch.tensor([1.0, 2.0, 3.0, 4.0])
# perfect = targets[:, None]  # (B, 1), equal to the targets
# differences = perfect - targets
# print(tuple(differences.shape), differences.square().mean().item())
# same_shape = perfect.squeeze(1) - targets
# print("with equal shapes:", same_shape.square().mean().item())
# ```
#
# </details>
#
# **3.** Shuffle the labels of the two hundred texts, and train again. What will the two curves do? Say it first.
#
# <details><summary>Solution</summary>
#
# The loss on train falls all the same: the network learns by heart which text has which label. The loss on validation
# starts near guessing and rises, because nothing that was learned holds for other texts. A low loss on train proves
# memory only.
#
# ```python
# from coursekit.data import Split
#
# shuffled = np.random.default_rng(0).permutation(few_texts.labels).tolist()
# nonsense = Split(few_texts.texts, tuple(shuffled))
# _, by_heart = train_network(nonsense, many_words, rate=3e-2, epochs=epochs)
# print(f"{by_heart[0][-1]:.3f}  train")
# print(f"{by_heart[1][-1]:.3f}  validation")
# print(f"{math.log(C):.3f}  guessing")
# ```
#
# </details>
#
# **4.** About how many test texts make an interval at an accuracy of `0.9` one point (`0.01`) wide? Estimate it from the widths of
# section 0.8 first.
#
# <details><summary>Solution</summary>
#
# Halving the width takes four times the texts. At `0.9` the interval is somewhat narrower than at `0.85`. The search
# doubles the number until the interval is narrow enough, then says between which two it lies.
#
# ```python
# n, width = 100, 1.0
# while width > 0.01:
#     n *= 2
#     low, high = ck.wilson(round(0.9 * n), n)
#     width = high - low
# print(f"between {n // 2:,} and {n:,} texts")
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - [Notation](notation.md) and [glossary](glossary.md): letters and words.
# - I. Goodfellow, Y. Bengio and A. Courville (2016), *Deep Learning*. The mathematics used here is in chapters 2 to 5.
# - A. Paszke and others (2019), *PyTorch: an imperative style, high-performance deep learning library*.
# - E. B. Wilson (1927), *Probable inference, the law of succession, and statistical inference*. The interval.
# - A. Karpathy (2019), *A recipe for training neural networks*. The first loss, and many other checks.
