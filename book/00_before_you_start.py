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
# **Do I know enough?** Ten questions tell you. Then this chapter repeats what the others take for granted, and shows
# how the book works.
#
# After it you will be able to
#
# 1. say which parts of PyTorch and of machine learning you should read up on, and where;
# 2. find four faults that raise no error: numbers that go to the wrong place, gradients that pile up, a softmax too
#    many, a test set used for choosing;
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

import coursekit as ck

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
# A dictionary of four entries, `{'to': 2, 'be': 2, 'or': 2, 'not': 3}`. Each key stands in it once.
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
# Missed it? Section 0.3. It holds a trap for those who got it right, too.
#
# </details>
#
# **4.** `x` has the shape `(32, 20)`. Both `x.transpose(0, 1)` and `x.reshape(20, 32)` have the shape `(20, 32)`. Do
# they hold the same?
#
# <details><summary>Answer</summary>
#
# The same numbers, at different places. `transpose` swaps the axes. `reshape` keeps the numbers in the order in which
# they are stored, and breaks the line elsewhere.
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
# **6.** What does `loss.backward()` do, and why does `optimiser.zero_grad()` stand in every training loop?
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
# Over-fitting. Keep the weights of the epoch at which the validation loss was lowest.
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
# you missed. **Fewer:** read everything here, and run it. If questions 1 and 5 were new to you, this book comes too
# early.

# %% [markdown]
# ## 0.2 How this book works
#
# Every chapter begins with the cell above. `ck.setup` sets the seed of every random generator, so that a second run
# gives the same numbers. It looks for a GPU, and prints one line. The line names the *seed*, the *device*, the
# *budget* and the place where the *data* is looked for, and the versions. What it found is in `lesson`:

# %%
print("seed:  ", lesson.seed)
print("device:", lesson.device)

# %% [markdown]
# ### Claims
#
# How do you know that a sentence in a book is true? Here, the sentences that matter are checked while the chapter
# runs. `ck.claim` takes the sentence, a condition, and what was measured:

# %%
text = "reading one word at a time"
n_words, n_letters = len(text.split()), sum(letter.isalpha() for letter in text)
ck.claim(
    "a text has more letters than words",
    n_letters > n_words,
    {"letters": n_letters, "words": n_words},
)

# %% [markdown]
# A tick: it holds. What does it look like when a sentence is false? Let us claim the opposite. Normally a failed
# claim is an error and stops the notebook. In Colab, where your data or your machine may be others than ours, it is a
# warning and you go on. The variable `COURSEKIT_STRICT` decides, so this cell can try both.

# %%
import os
import warnings
from unittest import mock


def false_claim(strict):
    """Claim something false; return what happened, as text."""
    setting = mock.patch.dict(os.environ, {"COURSEKIT_STRICT": strict})
    with setting, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        os.environ.pop("COURSEKIT_CLAIMS_LOG", None)  # false on purpose: no record
        try:
            ck.claim(
                "a text has more words than letters",
                n_words > n_letters,
                {"words": n_words, "letters": n_letters},
            )
        except AssertionError as error:
            return f"error:   {error}"
    return f"warning: {heard[0].message}"


strictly = false_claim(strict="1")
print(strictly, "\n")
in_colab = false_claim(strict="0")
print(in_colab)

# %%
ck.claim(
    "a failed claim stops the notebook, and in Colab it warns",
    strictly.startswith("error") and in_colab.startswith("warning"),
)

# %% [markdown]
# So when you see a cross in Colab, do not go past it. Either you changed something, or the book is wrong on your
# data.
#
# A claim about something random says how large the difference is that it asks for, its *margin*. All claims of the
# book are run with three seeds and on two sources of data before a page is published.
#
# ### Shapes
#
# Most faults in this subject are faults of shape. `ck.check_shape` says in the open which shape a chapter expects:

# %%
import torch

x = torch.zeros(32, 20, 64)
ck.check_shape(x, (32, 20, 64), "x")
try:
    ck.check_shape(x.mean(dim=1), (32, 20), "the mean over the steps")
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ### Budgets
#
# The chapters run on a laptop in a minute. With a GPU they can do more in the same time. `ck.budget` picks one of
# several values, by the machine:

# %%
print(
    "sizes are those for",
    ck.budget(cpu="a laptop", gpu="a GPU", smoke="a test of the code"),
)

# %% [markdown]
# The third value is for tests that only ask whether the code still runs. So small a training proves nothing. That is
# why some claims stand behind `if ck.budget(cpu=True, gpu=True, smoke=False):`, which leaves them out in such a test.
# You can choose yourself, by setting the variable `COURSEKIT_BUDGET` to `smoke`, `cpu` or `full` before the setup
# cell.
#
# ### Data
#
# `ck.load` fetches texts with labels. We take AG News, short news items with a topic, and use it to the end of this
# chapter.

# %%
news = ck.load(
    "ag_news",
    train=ck.budget(cpu=2_000, gpu=2_000, smoke=300),
    seed=lesson.seed,
)
C = len(news.label_names)  # classes
print(f"\n{C} topics: {', '.join(news.label_names)}")
print(f"{news.label_names[news.train.labels[0]]}: {news.train.texts[0]}")

# %% [markdown]
# Which texts did you get? That depends on what can be reached. The call looks in a folder that your course may serve
# (the *mirror*), then on the Hugging Face hub. If neither answers, it takes a *stand-in*: other texts, which come
# with the course. It always says which, here and in `.source`:

# %%
print("asked for:", "ag_news")
print("got:      ", news.name)
print("source:   ", news.source)
print("kind:     ", news.source.kind)
print("partial:  ", news.source.partial)
for note in news.notes:
    print("note:     ", note)

# %% [markdown]
# If `kind` is `mirror`, `hub` or `cache`, the texts are real AG News. *Partial* means that a mirror holds only some
# of them. If it is `stand-in`, you see the same lesson on other texts. Its scores are not scores on AG News, so do
# not compare them with anyone's. [Data, budgets and claims](data_and_budgets.md) tells the rest.
#
# ### Records, and the cells for a GPU
#
# Some results take longer than a minute. They were made once, and are kept in the folder `data/results` as a
# *record*: the figures, the date, the machine, the seeds. Here is one, of the network that chapters 3 and 4 end with:

# %%
from coursekit.records import read_record

record = read_record("agnews-reference")
print(record["what"])
print("seeds:   ", record["provenance"]["seeds"])
print("minutes: ", round(record["provenance"]["seconds"] / 60, 1))
print("accuracy:", round(record["summary"]["accuracy_mean"], 3))

# %% [markdown]
# When the text itself names such a figure, it carries a mark that you do not see on the page. In the source, the
# number stands between the mark's two halves, and a test compares it with the record. This one is marked: the
# accuracy is <!--r:agnews-reference.accuracy_mean-->0.917<!--/-->.
#
# A cell that starts with `%%gpu` runs only where there is a GPU. Elsewhere it says what it would have done, and shows
# a record in its place. You will meet one in section 0.9. Nothing after such a cell needs what it makes.
#
# Last, two small helpers. `ck.source(f)` shows the code of a function of the package, so that you can read what you
# call. `show(figure, alt="…")` shows a figure, and its `alt` text says in words what is to be seen in it.

# %% [markdown]
# ## 0.3 Tensors
#
# A *tensor* is a box of numbers, and its *shape* says how many there are along each axis. In this book the axes come
# in one order: texts first, then steps, then features. Their sizes are called $B$ (a *batch* of texts), $T$ (time,
# the number of steps) and, for example, $H$.
#
# To see where numbers go, take three texts of four steps, and write into each place which text and which step it is.

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
    print(f"{what:38} shape {str(tuple(part.shape)):7} {part.tolist()}")

# %% [markdown]
# The axis you name is the axis that goes. With `keepdim=True` it stays, with size one.
#
# ### Broadcasting
#
# Two tensors of different shapes can be added or divided. Write the shapes below each other, *flush right*. Where one
# of them has a 1, or nothing, it is copied along that axis. Any other difference is an error. This is called
# *broadcasting*.
#
# An example that you will need. Each text has a score at each step; after the end of a text the scores are zero. We
# want to divide each row by the length of its text. The lengths have the shape `(B,)`. Will this do?

# %%
scores = torch.ones(3, 4)
lengths = torch.tensor([2.0, 1.0, 3.0])
try:
    scores / lengths
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown]
# Flush right, the three lengths meet the four steps. The error is a help. Now the same line, on a batch that happens
# to have as many texts as steps:

# %%
scores = torch.tensor([[6.0, 2.0, 0.0], [3.0, 0.0, 0.0], [3.0, 6.0, 9.0]])
wrong = scores / lengths  # (B, T) / (B,): runs
right = scores / lengths[:, None]  # (B, T) / (B, 1)
print("wrong:", wrong.tolist())
print("right:", right.tolist())
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

show(
    ch00.broadcasting(scores.tolist(), lengths.tolist()),
    alt="Two divisions of a table of three by three, one colour for each text. "
    "Above, the lengths stand as a column and are copied to the right, so "
    "each row is divided by its own length. Below, the lengths stand as a "
    "row and are copied downwards, so each column is divided by the length "
    "of some text.",
)

# %% [markdown]
# Dotted cells are copies. Above, each row meets its own length. Below, text 1 is divided by the lengths of three
# texts. `[:, None]` makes the column: it puts in an axis of size one.
#
# The same trap waits in a loss. A network gives predictions of shape `(B, 1)`, and the targets have the shape `(B,)`.
# What is the error of a *perfect* prediction?

# %%
targets = torch.tensor([1.0, 2.0, 3.0, 4.0])
perfect = targets[:, None]  # (B, 1), equal to the targets
differences = perfect - targets
print("shape of the differences:", tuple(differences.shape))
ck.claim(
    "(B, 1) minus (B,) is (B, B), so a perfect prediction gets a loss above 1",
    tuple(differences.shape) == (4, 4) and differences.square().mean() > 1,
    {
        "loss": differences.square().mean(),
        "with equal shapes": (perfect.squeeze(1) - targets).square().mean(),
    },
)

# %% [markdown]
# Every prediction was compared with every target. A network trained like this learns to predict the mean. Check
# shapes before you subtract.
#
# ### Turning a tensor
#
# Some layers want time first: shape `(T, B)` in place of `(B, T)`. Two calls give that shape. Which one keeps each
# text together?

# %%
turned, poured = x.transpose(0, 1), x.reshape(T, B)
print("first column after transpose:", turned[:, 0].tolist())
print("first column after reshape:  ", poured[:, 0].tolist())
ck.claim(
    "both have the shape (T, B), and only transpose keeps a text in its column",
    turned.shape == poured.shape
    and torch.equal(turned[:, 0], x[0])
    and not torch.equal(poured[:, 0], x[0]),
)
show(
    ch00.turned(x.tolist()),
    alt="A table of three texts with four steps, one colour for each text. "
    "Transposed, each text is a column of its own colour. Reshaped, the "
    "numbers run on in lines of three, and every column mixes two or three "
    "texts.",
)

# %% [markdown]
# `transpose` swaps two axes. `reshape` reads the numbers line by line and breaks the lines elsewhere. It is right for
# joining or splitting neighbouring axes, `(B, T, H)` to `(B * T, H)` and back. To swap axes, it is always wrong, and
# never an error.

# %% [markdown]
# ## 0.4 Modules and gradients
#
# A network in PyTorch is an `nn.Module`. It owns *parameters*, the numbers that are learned, and its `forward` says
# what it does with an input. Here is the smallest one with something to learn, a straight line $\hat y = w x + b$:

# %%
from torch import nn


class Line(nn.Module):
    """One number in, one number out."""

    def __init__(self):
        super().__init__()  # sets up the module's list of parameters
        self.w = nn.Parameter(torch.tensor(0.0))
        self.b = nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        return self.w * x + self.b


x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([3.0, 5.0, 7.0])  # y = 2x + 1
line = Line()
loss = (line(x) - y).square().mean()
loss.backward()
print(
    "loss:",
    loss.item(),
    " w.grad:",
    line.w.grad.item(),
    " b.grad:",
    line.b.grad.item(),
)

# %% [markdown]
# Where do the gradients come from? While `forward` runs, PyTorch notes every operation. `backward` walks through the
# notes from the end to the start and applies the chain rule to each. This is *autograd*. By hand, with
# $L = \frac1N \sum_n (w x_n + b - y_n)^2$,
#
# $$\frac{\partial L}{\partial w} = \frac1N \sum_n 2\,(w x_n + b - y_n)\,x_n, \qquad
# \frac{\partial L}{\partial b} = \frac1N \sum_n 2\,(w x_n + b - y_n).$$

# %%
with torch.no_grad():  # nothing in here is noted for backward
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
# *adds* to `.grad`. What happens to the line if nobody empties it?


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
    ),
    alt="Loss over a hundred steps on a logarithmic scale. With zero_grad it "
    "falls steadily. Without, it swings up and down and does not come to "
    "rest.",
)

# %%
ck.claim(
    "over the last fifty steps, the loss without zero_grad is at least 1,000 "
    "times as large",
    max(forgotten[-50:]) > 1_000 * max(cleared[-50:]),
    {"without": max(forgotten[-50:]), "with": max(cleared[-50:])},
)

# %% [markdown]
# Without `zero_grad` every step repeats all the steps before it. The line overshoots, comes back, and overshoots
# again. There is no error message, only a loss that will not settle.
#
# One more silent fault. A module finds its parameters by looking at its attributes. What if the layers hide in a
# plain list?


# %%
class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(8, 8), nn.Linear(8, 2)]  # a plain list


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 2)])


found = {
    module.__name__: sum(p.numel() for p in module().parameters())
    for module in (Hidden, Listed)
}
ck.claim(
    "layers in a plain list are not found, so an optimiser would never train them",
    found["Hidden"] == 0 and found["Listed"] == (8 * 8 + 8) + (8 * 2 + 2),
    found,
)

# %% [markdown]
# Count the parameters of a new module once. It takes a line.

# %% [markdown]
# ## 0.5 Softmax and cross-entropy
#
# A classifier gives one score for each class, called a *logit*: $z_1, \dots, z_C$. The *softmax* turns them into
# probabilities:
#
# $$p_k = \frac{e^{z_k}}{e^{z_1} + \dots + e^{z_C}}$$
#
# They are positive and add up to one. Adding the same number to all logits changes nothing; only differences count.
# The *cross-entropy* loss of a text whose right class is $y$ is $-\ln p_y$. It is zero for a sure and right answer,
# and has no upper limit for a sure and wrong one.

# %%
from torch.nn.functional import cross_entropy

z = torch.tensor([[2.0, 0.0, 0.0, 0.0]])  # (1, C): one text, four classes
p = z.softmax(dim=1)
print("probabilities:", [round(v, 3) for v in p[0].tolist()])
for y_true in (0, 1):
    loss = cross_entropy(z, torch.tensor([y_true])).item()
    print(
        f"right class {y_true}: -ln p = {-p[0, y_true].log():.4f}, PyTorch: {loss:.4f}"
    )

# %% [markdown]
# ### Where a loss starts
#
# What should the loss be *before* any training? Let us ask a network. This one is used to the end of the chapter. Its
# input says for each of $V$ words whether it occurs in the text: a *bag of words*, which [chapter 2](02_bags_of_words.ipynb) looks into.


# %%
class BagNetwork(nn.Module):
    """A row of zeros and ones in, one logit for each class out."""

    def __init__(self, n_words, n_classes, hidden_size=32):
        super().__init__()
        self.hidden = nn.Linear(n_words, hidden_size)
        self.head = nn.Linear(hidden_size, n_classes)

    def forward(self, x):  # (B, V)
        return self.head(torch.relu(self.hidden(x)))  # (B, C)


import math

random_bags = (torch.rand(2_000, 500) < 0.04).float()  # about twenty words each
at_start = {}
for n_classes in (2, 4, 10, 100):
    labels = torch.randint(n_classes, (2_000,))
    loss = cross_entropy(BagNetwork(500, n_classes)(random_bags), labels).item()
    at_start[n_classes] = loss
    print(
        f"{n_classes:3} classes: loss {loss:.3f}, ln C = {math.log(n_classes):.3f}"
    )

# %%
ck.claim(
    "without training the loss is within .05 of ln C, for each number of classes",
    all(abs(loss - math.log(c)) < 0.05 for c, loss in at_start.items()),
    {f"C = {c}": loss for c, loss in at_start.items()},
)

# %% [markdown]
# Why? Fresh weights are small, so all logits are nearly equal, and the softmax gives every class about $1/C$. Then
# $-\ln p_y = \ln C$. That is the loss of someone who guesses and knows it.
#
# So the first loss is a free test of your code. Two faults that it finds, or that you should recognise. First,
# weights that start too large:

# %%
loud = BagNetwork(500, 4)
with torch.no_grad():
    loud.head.weight *= 100
labels = torch.randint(4, (2_000,))
loud_loss = cross_entropy(loud(random_bags), labels).item()
ck.claim(
    "with a head a hundred times too large the first loss is at least twice ln C",
    loud_loss > 2 * math.log(4),
    {"loss": loud_loss, "ln C": math.log(4)},
)

# %% [markdown]
# Such a network is sure of itself and knows nothing: worse than a guess. Second, a softmax too many. PyTorch's
# `cross_entropy` takes *logits* and does the softmax itself. Many write one more into the network. How low can the
# loss get then, for an answer that could not be better?

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
# The second softmax sees numbers between 0 and 1, so it can never become sure. The network usually still learns, and
# its loss hangs at a height for which the data gets the blame.

# %% [markdown]
# ## 0.6 Three parts, three jobs
#
# | part | what it is for | how often you look |
# |---|---|---|
# | train | learning the weights | always |
# | validation | choosing: epoch, size, rate | after every run |
# | test | saying how good the chosen one is | once |
#
# Why three, and why once? Take two hundred "models" that know nothing at all: each one rolls a die for every text.
# Let us choose the best of them on a hundred texts, as if these were a test set, and then look at texts it was not
# chosen on. (We borrow them from train, so that our test part stays unseen.)

# %%
truth = torch.tensor(news.train.labels)
order = torch.randperm(len(truth), generator=ck.generator(lesson.seed))
hundred, others = truth[order[:100]], truth[order[100:]]

on_hundred = torch.randint(C, (200, 100)).eq(hundred).float().mean(dim=1)  # (200,)
on_others = torch.randint(C, (200, len(others))).eq(others).float().mean(dim=1)
chosen = int(on_hundred.argmax())
print(f"guessing:                    {1 / C:.3f}")
print(f"the chosen one, on the 100:  {on_hundred[chosen]:.3f}")
print(f"the chosen one, on {len(others):,} others: {on_others[chosen]:.3f}")

# %%
ck.claim(
    "the best of 200 guessers beats guessing by .06 on the texts it was chosen on, "
    "and stays within .05 of guessing on others",
    on_hundred[chosen] > 1 / C + 0.06 and abs(on_others[chosen] - 1 / C) < 0.05,
    {
        "chosen on": on_hundred[chosen],
        "others": on_others[chosen],
        "guessing": 1 / C,
    },
)

# %% [markdown]
# The gain was luck, and luck does not move to new texts. Real models differ in more than luck, but every choice made
# on a set of texts picks up some. It does not matter whether you choose among guessers, settings or epochs. So choose
# on validation, expect its score to be a little too good, and keep the test texts for the end.

# %% [markdown]
# ## 0.7 Reading a learning curve
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
    return rows.to(lesson.device), torch.tensor(split.labels, device=lesson.device)


words = [ck.tokenise(text) for text in news.train.texts]
ten_words = ck.Vocabulary.build(words, max_size=4 + 10)  # four entries are special
many_words = ck.Vocabulary.build(words, max_size=2_000)
validation = news.validation.take(min(1_000, len(news.validation)), lesson.seed)
print("the ten words:", ", ".join(ten_words.words[4:]))

# %% [markdown]
# Then the training loop. Its inner five lines (logits, loss, `zero_grad`, `backward`, `step`) are the same in
# every chapter, even where `ck.fit` of the package runs them for you.


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
# Three trainings of this network. The first may see ten words only. The second may see two thousand words, but learns
# from two hundred texts, with a high learning rate. The third has all the texts you loaded, and a moderate rate.

# %%
epochs = ck.budget(cpu=15, gpu=15, smoke=2)
few_texts = news.train.take(200, lesson.seed)
_, ten = train_network(news.train, ten_words, rate=3e-3, epochs=epochs)
_, few = train_network(few_texts, many_words, rate=3e-2, epochs=epochs)
_, full = train_network(news.train, many_words, rate=1e-3, epochs=epochs)
show(
    ch00.learning_curves(
        {"ten words": ten, "two hundred texts": few, "all words and texts": full},
        start=math.log(C),
    ),
    alt="Three panels with the loss on train and on validation. With ten words "
    "both stay near the line of guessing. With two hundred texts the loss "
    "on train drops to zero at once, while validation turns and rises. With "
    "all words and texts both fall far below guessing, and validation ends "
    "or turns well above train.",
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
        "with all the texts, the lowest validation loss is at least a quarter below "
        "that with 200",
        min(full[1]) < 0.75 * min(few[1]),
        {"200 texts": min(few[1]), "all": min(full[1])},
    )
    ck.claim(
        "but the loss on train alone would put the run with 200 texts first",
        few[0][-1] < full[0][-1],
        {"200 texts": few[0][-1], "all": full[0][-1]},
    )

# %% [markdown]
# Read the pairs of curves like this.
#
# | train | validation | name | what to do |
# |---|---|---|---|
# | stays high | about as high | *under-fitting* | give it more to see, a larger network, more steps |
# | goes to zero | turns and rises | *over-fitting* | more texts, an earlier stop, dropout, weight decay |
# | falls | falls, then flattens | a good run | stop at the star |
#
# **Ten words** such as "the" and "to" do not tell a topic. No amount of training helps, and the loss on train says
# so. **Two hundred texts** can be learned by heart. The network becomes sure of everything, right or wrong, and each
# sure and wrong answer costs a lot. **The third** learns by heart too, in time; the gap between its curves shows it.
# But before that it has learned a good deal that holds for other texts. The star is where you would stop: *early
# stopping*.
#
# By its loss on train alone, the second run would win. That loss measures memory.
#
# > Varied: the words, the texts and the rate, at once, so that each fault shows within fifteen epochs. Held fixed:
# > the network, the validation texts. So the figure shows what faults look like, not which of the changes caused
# > them. One seed.

# %% [markdown]
# ## 0.8 How far to trust a score
#
# A score is measured on some texts, by one training. Other texts, or another seed, would have given another score.
# How different?
#
# ### Luck with the texts
#
# Imagine a model that is right with a probability of exactly `0.85` on every text. Test it on 500 texts. Then on 500
# others, and so on, ten thousand times. In life you see only one of these tests. `ck.wilson` computes from one test a
# range that should hold the true accuracy: the *95 % interval* (Wilson, 1927).

# %%
import numpy as np

true_accuracy, n = 0.85, 500
tests = np.random.default_rng(lesson.seed).binomial(n, true_accuracy, size=10_000)
interval = {correct: ck.wilson(correct, n) for correct in set(tests.tolist())}
low, high = interval[tests[0]]
print(f"one test: {tests[0]} of {n} right, interval {low:.3f} to {high:.3f}")
show(
    ch00.repeated_intervals(tests[:60].tolist(), n, true_accuracy),
    alt="Intervals of sixty tests of one model as vertical lines. Almost all "
    "cross the line of the true accuracy. The few that miss it are dashed "
    "and end in crosses.",
)

# %%
holds = [
    interval[correct][0] <= true_accuracy <= interval[correct][1]
    for correct in tests
]
share = sum(holds) / len(tests)
ck.claim(
    "of ten thousand 95 % intervals, between 94 and 96 % hold the true accuracy",
    0.94 <= share <= 0.96,
    {"share": share},
)

# %% [markdown]
# That is what "95 %" means: the method is right in 95 of 100 tests. Whether it is right in *yours*, nobody tells you.
#
# How many texts does a narrow interval need?

# %%
widths = {}
for n in (100, 400, 1_600, 6_400):
    low, high = ck.wilson(round(true_accuracy * n), n)
    widths[n] = high - low
    print(f"{n:5,} texts: {low:.3f} to {high:.3f}, width {widths[n]:.3f}")
ratios = [widths[4 * n] / widths[n] for n in (100, 400, 1_600)]
ck.claim(
    "four times the texts halve the width (a ratio of .48 to .52)",
    all(0.48 < ratio < 0.52 for ratio in ratios),
    {"ratios": ratios},
)

# %% [markdown]
# So a difference of one point between two models means nothing on a hundred texts. Chapter 10 has sharper tools for
# two models on the same texts.
#
# ### Luck with the seed
#
# The seed decides the first weights and the order of the texts. Train the third network of section 0.7 with five
# seeds, each up to the epoch with the star, and judge all of them on the same validation texts.


# %%
def right_answers(network, split):
    """How many texts of a split the network gets right."""
    x, y = bags(split, many_words)
    with torch.no_grad():
        return int((network(x).argmax(dim=1) == y).sum())


stop = 1 + int(np.argmin(full[1]))
networks, correct = [], []
for seed in range(lesson.seed, lesson.seed + 5):
    network, _ = train_network(news.train, many_words, 1e-3, stop, seed)
    networks.append(network)
    correct.append(right_answers(network, validation))
    print(f"seed {seed}: {correct[-1] / len(validation):.3f}")
accuracies = np.array(correct) / len(validation)
low, high = ck.wilson(correct[0], len(validation))
print(
    f"mean {accuracies.mean():.3f} ± {accuracies.std(ddof=1):.3f} (standard deviation over seeds)"
)
print(
    f"interval of the first one, from {len(validation):,} texts: {low:.3f} to {high:.3f}"
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "here the interval from the texts is wider than the spread of the five seeds",
        high - low > accuracies.max() - accuracies.min(),
        {
            "interval": high - low,
            "best minus worst seed": accuracies.max() - accuracies.min(),
        },
    )

# %% [markdown]
# The two doubts are different. The ± tells how much another *seed* would change the score on these texts. The
# interval tells how much other *texts* would change it for this network. Neither contains the other, so a good report
# gives both. With a large test set and a network that is hard to train, the seeds can be the larger part.
#
# ### The test, once
#
# Epochs and rate are chosen. Now, and only now, the test part. We take the network of the first seed, because it is
# the first, not because it is the best. Beside it stands the plainest baseline: always name the most frequent class.

# %%
n_test = len(news.test)
largest = max(news.test.counts(C))
on_test = right_answers(networks[0], news.test)
low, high = ck.wilson(on_test, n_test)
show(
    charts.score_bars(
        {
            "the most frequent class": (largest, n_test),
            "bag network": (on_test, n_test),
        }
    ),
    alt="Test accuracy with intervals: the bag network lies far above always "
    "naming the most frequent class.",
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
# > tested once. The network does not know the order of the words. How much that costs is what this book is about.

# %% [markdown]
# ## 0.9 The same, larger
#
# Here is the `%%gpu` cell of this chapter. Its first line says what it does, and which record is shown where there is
# no GPU. The record is of a stronger network that reads in order, so do not take the difference for the effect of
# more texts.

# %%
# %%gpu "train the bag network on 20,000 news texts; the record is of a stronger network" --record agnews-reference
more_news = ck.load("ag_news", train=20_000, seed=lesson.seed)
larger, _ = train_network(more_news.train, many_words, rate=1e-3, epochs=3)
print(
    f"bag network: {right_answers(larger, more_news.validation)} of {len(more_news.validation)}"
)

# %% [markdown]
# ## What you can do now
#
# 1. You answered ten questions, and know which sections and which books to come back to.
# 2. You saw four faults that raise no error, and what gives each away: a shape, a loss that will not settle, a floor
#    under the loss, a score that does not move to new texts.
# 3. You read three learning curves, and put an interval and a spread beside a score.
#
# **Remember**
#
# - Shapes are compared from the right. For one number per text, write `[:, None]`. Swap axes with `transpose`.
# - Before training, the loss is about $\ln C$. `cross_entropy` takes logits.
# - Learn from train, choose with validation, look at test once.
# - Train falls and validation rises: over-fitting. Both stay high: under-fitting.
# - A score needs a baseline, an interval for the texts, and a spread over seeds.

# %% [markdown]
# ## Check yourself
#
# **1.** You train a classifier with ten classes. The very first loss is about 9. Is that a problem?
#
# <details><summary>Answer</summary>
#
# Yes. It should be near $\ln 10$, a little over 2. A loss of 9 means that the untrained network is sure of wrong
# answers. Look for weights or inputs on too large a scale.
#
# </details>
#
# **2.** A friend reports "accuracy ± spread over five seeds" on a test set of 100 texts. The spread is tiny. What is
# missing?
#
# <details><summary>Answer</summary>
#
# The doubt from the texts. All five seeds were judged on the same hundred texts, so the spread cannot show it. The
# interval for a hundred texts is wide.
#
# </details>
#
# **3.** Your chapter prints `kind: stand-in`, and your neighbour's prints `kind: mirror`. Your accuracy is higher. Is
# your model better?
#
# <details><summary>Answer</summary>
#
# You cannot compare them. The two were trained and tested on different texts, with different numbers of classes even.
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
# The lengths have to stand as a column, so that each row is compared with its own length. This line comes back in
# chapter 3.
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
# **2.** Shuffle the labels of the two hundred texts, so that they have nothing to do with the texts, and train again.
# What will the two curves do? Say it first, then run it.
#
# <details><summary>Solution</summary>
#
# The loss on train falls all the same: the network learns by heart which text has which label. The loss on validation
# starts near guessing and rises, because nothing that was learned holds for other texts. A low loss on train proves
# memory.
#
# ```python
# from coursekit.data import Split
#
# shuffled = np.random.default_rng(0).permutation(few_texts.labels).tolist()
# nonsense = Split(few_texts.texts, tuple(shuffled))
# _, by_heart = train_network(nonsense, many_words, rate=3e-2, epochs=epochs)
# print(f"train {by_heart[0][-1]:.3f}, validation {by_heart[1][-1]:.3f}, guessing {math.log(C):.3f}")
# ```
#
# </details>
#
# **3.** About how many test texts do you need for an interval of one point at an accuracy of `0.9`, that is, a width
# of `0.01`? Estimate it from the widths in section 0.8 first.
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
# - [Notation](notation.md) and [glossary](glossary.md): letters and words, the latter in English and Russian.
# - I. Goodfellow, Y. Bengio and A. Courville (2016), *Deep Learning*. Chapters 2 to 5 hold the mathematics used here.
# - A. Paszke and others (2019), *PyTorch: an imperative style, high-performance deep learning library*.
# - E. B. Wilson (1927), *Probable inference, the law of succession, and statistical inference*. The interval.
# - A. Karpathy (2019), *A recipe for training neural networks*. The first loss, and many other checks.
