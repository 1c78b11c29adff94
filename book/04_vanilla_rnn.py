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
# # 4 · The vanilla RNN
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/04_vanilla_rnn.ipynb) · [По-русски](ru/04_vanilla_rnn.ipynb)
#
# **What does it mean to read in order?** A bag of words knows which words a text contains. It does not know which came
# first. This chapter builds the smallest network that does.
#
# After it you will be able to
#
# 1. write the recurrent step as a formula and as a line of NumPy, forward and backward, and check both against PyTorch;
# 2. use one network in three ways: to name a class, to tag each word, to write text;
# 3. say what its score means: whether it learned at all, and how it stands beside guessing, beside a bag of words, and
#    beside itself without the order of the words.
#
# **You need** Python, NumPy arrays, matrix products, and the chain rule for numbers; the baseline of
# [chapter 2](02_bags_of_words.ipynb), with its intervals; batches, lengths, masks, embeddings and a first training from
# [chapter 3](03_tokens_to_batches.ipynb). **Time:** an hour to read, about a minute to run on a CPU.

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

lesson = ck.setup(chapter="04")

# %% [markdown]
# ## 4.1 Two reviews, one bag
#
# Which of these two reviews is a good one?

# %%
from collections import Counter

from coursekit.data import clean_label

good = "The ending was dull as far as it went, but in the end the music was superb."
bad = "The music was superb as far as it went, but in the end the ending was dull."
for review in (good, bad):
    print(f"{'positive' if clean_label(review) else 'negative'}: {review}")

ck.claim(
    "the two reviews contain the same words, equally often, and have opposite labels",
    Counter(ck.tokenise(good)) == Counter(ck.tokenise(bad))
    and clean_label(good) != clean_label(bad),
)

# %% [markdown]
# After "but" comes the verdict. A model that counts words sees the same counts twice, gives both reviews the same
# answer, and is wrong on one of them.
#
# A program writes a whole corpus of such reviews, so the rules behind the labels are known. Half of them have two
# clauses that disagree, and the word between them ("but", "yet", "although", "even though") decides which one is the
# verdict. The other half say that everybody, or
# *nobody*, found a thing superb or dull; "nobody" turns the verdict round from several words away. Two in three open
# with a sentence that says nothing. A few labels are wrong on purpose: no model can be expected to reach a perfect
# score.

# %%
reviews = ck.load(
    "reviews", train=ck.budget(cpu=6_000, gpu=20_000, smoke=600), seed=lesson.seed
)
for text, label in zip(
    reviews.train.texts[:4], reviews.train.labels[:4], strict=True
):
    print(f"{reviews.label_names[label]}: {text}")

# %% [markdown]
# How far do counts get? The baseline is that of [chapter 2](02_bags_of_words.ipynb), by its rule: TF-IDF of words *and
# of pairs of neighbouring words*, a linear classifier, and what can be chosen is chosen on validation. Here that is `C`
# and whether large counts are damped.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def right_by_counts(corpus):
    """For each test text, whether the best linear model on validation is right; best of 2 x 3 settings."""
    best_score = -1.0
    for sublinear in (False, True):
        features = TfidfVectorizer(
            tokenizer=ck.tokenise,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 2),
            sublinear_tf=sublinear,
        )
        train = features.fit_transform(corpus.train.texts)
        validation = features.transform(corpus.validation.texts)
        test = features.transform(corpus.test.texts)
        for C in (1.0, 10.0, 100.0):
            linear = LogisticRegression(C=C, max_iter=1000).fit(train, corpus.train.labels)
            score = linear.score(validation, corpus.validation.labels)
            if score > best_score:
                best_score, chosen = score, f"C={C:g}, sublinear={sublinear}"
                right = linear.predict(test) == corpus.test.labels
    print(f"counts: chosen {chosen}\nvalidation {best_score:.3f}, test {right.mean():.3f}")
    return right


counts_on_reviews = right_by_counts(reviews)
ck.claim(
    "counts of words and word pairs stay within .05 of guessing on these reviews",
    abs(counts_on_reviews.mean() - 0.5) < 0.05,
    {"accuracy": counts_on_reviews.mean()},
)

# %% [markdown]
# Each word, and each pair of neighbours, is as frequent in good reviews as in bad ones, so no single count deserves a
# weight. Two counts *together* can give an answer away, "nobody" and "superb" for example. The two reviews above need
# more: a model has to remember what came when.

# %% [markdown]
# ## 4.2 A layer that hears itself
#
# Start with a layer you know. It takes a vector $x$ and returns $h = \tanh(W_{xh}\,x + b_h)$. It has no past. Now let
# it hear its own last answer, through a second matrix. That is the whole idea.

# %%
from bookfigures import ch04
from coursekit.figures import charts, show

show(ch04.perceptron_to_recurrence())

# %% [markdown]
# At step $t$ the network mixes the word it reads, $x_t$, with what it kept, $h_{t-1}$:
#
# $$h_t = \tanh(W_{xh}\,x_t + W_{hh}\,h_{t-1} + b_h)$$
#
# | letter | meaning | shape |
# |---|---|---|
# | $x_t$ | vector of the word at step $t$ | $D$ |
# | $h_t$ | state after reading it; $h_0$ is zero | $H$ |
# | $W_{xh}$ | what a word does to the state | $H \times D$ |
# | $W_{hh}$ | what the old state does to the new one | $H \times H$ |
# | $b_h$ | bias | $H$ |
#
# The matrices are the same at every step, whatever the length of the text. Draw one copy for each step, and the network
# is *unrolled*:

# %%
show(ch04.unrolled(["nobody", "said", "it", "was", "dull"]))

# %% [markdown]
# ## 4.3 The step in NumPy
#
# The formula becomes one line of code, with the same letters. A batch holds its vectors as rows, so $W\,x$ is written
# `x @ W.T`.

# %%
from coursekit.cells import RNNWeights, rnn_backward, rnn_forward, rnn_step

ck.source(rnn_step)

# %% [markdown]
# Reading a text is a loop over that line.

# %%
ck.source(rnn_forward)

# %% [markdown]
# PyTorch has the same network. Give both the same weights and the same input, and compare. (PyTorch's two biases
# are added, so we add them too.)

# %%
import numpy as np
import torch
from torch import nn

B, T, D, H = 3, 6, 5, 4  # batch, time, input size, hidden size
torch_rnn = nn.RNN(D, H, batch_first=True).double()
weights = RNNWeights.from_torch(torch_rnn)

x = torch.randn(B, T, D, dtype=torch.float64, requires_grad=True)
h_0 = torch.randn(B, H, dtype=torch.float64, requires_grad=True)
torch_states, torch_last = torch_rnn(x, h_0[None])  # torch wants (layers, B, H)
states = rnn_forward(x.detach().numpy(), h_0.detach().numpy(), weights)
ck.check_shape(states, (B, T, H), "states")

gap = np.abs(states - torch_states.detach().numpy()).max()
ck.claim(
    "our forward pass equals nn.RNN to 1e-12",
    gap < 1e-12,
    {"largest difference": float(gap)},
)

# %% [markdown]
# ## 4.4 The way back
#
# *Deeper: it can wait for a second reading.*
#
# To learn, the network needs the gradient of the loss with respect to every weight. The gradient runs backwards through
# the picture above, from the last word to the first: *back-propagation through time*. It is the chain rule, and nothing
# more.
#
# Begin with one unit and two words, so that every letter is a number:
#
# $$\begin{aligned}
# a_1 &=u\,x_1 + w\,h_0 + b\\
# h_1 &=\tanh(a_1)\\
# a_2 &=u\,x_2 + w\,h_1 + b\\
# h_2 &=\tanh(a_2)
# \end{aligned}$$
#
# The loss $L$ looks at $h_2$. Write $\bar v$ for $\partial L / \partial v$, and remember $\tanh' = 1 - \tanh^2$. Step by
# step, from the end:
#
# $$\begin{aligned}
# \bar a_2 &=\bar h_2\,(1 - h_2^2)\\
# \bar h_1 &=w\,\bar a_2\\
# \bar a_1 &=\bar h_1\,(1 - h_1^2)
# \end{aligned}$$
#
# And the weight? It was used twice. In $a_2$ it is multiplied by $h_1$, in $a_1$ by $h_0$. Both uses change the loss, so
# their shares add up: $\bar w = \bar a_2\,h_1 + \bar a_1\,h_0$.

# %%
x_1, x_2, start, u, b = 0.5, -1.0, 0.3, 0.8, 0.1
w = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
h_1 = torch.tanh(u * x_1 + w * start + b)
h_2 = torch.tanh(u * x_2 + w * h_1 + b)
h_2.backward()  # the loss is h_2 itself, so its own gradient is 1

d_a_2 = 1.0 * (1 - h_2**2)
d_a_1 = w * d_a_2 * (1 - h_1**2)
by_hand = (d_a_2 * h_1 + d_a_1 * start).item()
ck.claim(
    "for one unit and two words, the gradient by hand equals autograd's",
    abs(by_hand - w.grad.item()) < 1e-12,
    {"by hand": by_hand, "autograd": w.grad.item()},
)

# %% [markdown]
# Now $H$ units. Unit $i$ hears unit $j$ of the step before through one number $W_{ij}$ of $W_{hh}$:
# $a_{t+1,i} = \dots + \sum_j W_{ij}\,h_{t,j}$. So $h_{t,j}$ reaches the loss through *every* unit $i$ of the next step, with
# the factor $W_{ij}$, and perhaps directly, through the layers above; call that share $\bar h^{\uparrow}_{t,j}$. The shares
# add up:
#
# $$\begin{aligned}
# \bar h_{t,j} &=\bar h^{\uparrow}_{t,j} + \sum_i W_{ij}\,\bar a_{t+1,i}\\
# \bar a_{t,i} &=\bar h_{t,i}\,(1 - h_{t,i}^2)\\
# \bar W_{ij} &=\sum_t \bar a_{t,i}\,h_{t-1,j}
# \end{aligned}$$
#
# A sum over the *first* index of a matrix is a product with the transposed matrix, and numbers $p_i\,q_j$ in row $i$ and
# column $j$ are the matrix $p\,q^\top$. In vectors, with $\odot$ for element by element:
#
# $$\begin{aligned}
# \bar h_t &=\bar h_t^{\uparrow} + W_{hh}^\top\,\bar a_{t+1}\\
# \bar a_t &=\bar h_t \odot (1 - h_t^2)\\
# \bar W_{hh} &=\sum_t \bar a_t\,h_{t-1}^\top
# \end{aligned}$$
#
# After the last step nothing comes back, so $\bar a_{T+1} = 0$. By the same reasoning
#
# $$\begin{aligned}
# \bar x_t &=W_{xh}^\top\,\bar a_t\\
# \bar h_0 &=W_{hh}^\top\,\bar a_1\\
# \bar W_{xh} &=\sum_t \bar a_t\,x_t^\top\\
# \bar b_h &=\sum_t \bar a_t
# \end{aligned}$$

# %%
ck.source(rnn_backward)

# %% [markdown]
# Check it against PyTorch with a random gradient for every state. ($h_0$ was drawn at random, so that its gradient is
# checked too.)

# %%
d_states = torch.randn(B, T, H, dtype=torch.float64)  # as if from layers above
torch_states.backward(d_states)
d_weights, d_x, d_h_0 = rnn_backward(
    d_states.numpy(), x.detach().numpy(), h_0.detach().numpy(), states, weights
)
pairs = {
    "W_xh": (d_weights.W_xh, torch_rnn.weight_ih_l0.grad),
    "W_hh": (d_weights.W_hh, torch_rnn.weight_hh_l0.grad),
    "b_h": (d_weights.b_h, torch_rnn.bias_ih_l0.grad),
    "x": (d_x, x.grad),
    "h_0": (d_h_0, h_0.grad),
}
gaps = {
    name: float(np.abs(ours - theirs.numpy()).max())
    for name, (ours, theirs) in pairs.items()
}
ck.claim(
    "our backward pass equals autograd to 1e-10, for weights, inputs and start",
    max(gaps.values()) < 1e-10,
    gaps,
)

# %% [markdown]
# ## 4.5 Why tanh?
#
# *Deeper: it can wait for a second reading.*
#
# The state goes through $W_{hh}$ again and again. Where does it end? Take the plainest recurrent matrix, a multiple of
# the identity, and feed the network nothing after the first step.

# %%
def state_sizes(activation, gain, n_steps=60):
    """Length of the state after each step; W_hh is gain times the identity."""
    h = torch.full((H,), 0.5, dtype=torch.float64)
    sizes = []
    for _ in range(n_steps):
        h = activation(gain * h)
        sizes.append(h.norm().item())
    return sizes


sizes = {
    f"{name}, gain {gain}": state_sizes(activation, gain)
    for name, activation in (("ReLU", torch.relu), ("tanh", torch.tanh))
    for gain in (0.8, 1.2)
}
show(charts.curves(sizes, xlabel="step", ylabel="length of the state", logy=True))

# %%
ck.claim(
    "with gain 1.2, ReLU's state grows beyond 10,000 in 60 steps and "
    "tanh's settles: its last step changes it by less than 1e-6",
    sizes["ReLU, gain 1.2"][-1] > 1e4
    and abs(np.diff(sizes["tanh, gain 1.2"])[-1]) < 1e-6,
    {
        "ReLU": format(sizes["ReLU, gain 1.2"][-1], ",.0f"),
        "tanh": sizes["tanh, gain 1.2"][-1],
    },
)
ck.claim(
    "with gain .8, ReLU's state shrinks at every step, to less than a thousandth",
    np.all(np.diff(sizes["ReLU, gain 0.8"]) < 0)
    and sizes["ReLU, gain 0.8"][-1] < 1e-3 * sizes["ReLU, gain 0.8"][0],
    {"first step": sizes["ReLU, gain 0.8"][0], "last": sizes["ReLU, gain 0.8"][-1]},
)

# %% [markdown]
# Tanh holds every number between -1 and 1, so the state cannot run away. So would $1 / (1 + e^{-a})$, the logistic function. But
# tanh is centred at zero, and there its slope is 1, not ¼: near zero it hands on a state, and a gradient, as it is.
#
# Lectures often say: ReLU, $\max(0, a)$, is never negative, so signals could only grow from step to step. That is
# false, as the falling ReLU curve shows: what a step does to the state depends on the *weights*. What is true: nothing
# bounds its state. With a careful start it works (Le, Jaitly and Hinton, 2015).
#
# With a gain below one, both forget, and their two curves nearly coincide. That is the subject of [chapter 5](05_why_rnns_forget.ipynb).

# %% [markdown]
# ## 4.6 Many to one: a classifier
#
# One network serves three kinds of task. They differ in where you put words in and where you take answers out.

# %%
show(ch04.task_shapes())

# %% [markdown]
# A classifier is *many to one*: read all the words, then answer once. Here it is in full: look the words up, read them,
# take the maximum of each unit over the real words (*pooling*), then a linear layer. [Chapters 6](06_lstm.ipynb) and
# [7](07_gru_and_friends.ipynb) open LSTM and GRU.

# %%
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Classifier(nn.Module):
    """Embedding, recurrent layer, maximum over the real words, linear layer."""

    def __init__(self, cell, n_words, n_classes, embedding_dim=32, hidden_size=64):
        super().__init__()
        self.embedding = nn.Embedding(n_words, embedding_dim, padding_idx=0)
        self.rnn = LAYERS[cell](embedding_dim, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, n_classes)

    def forward(self, ids, lengths):
        x = self.embedding(ids)  # (B, T, E)
        states, _ = self.rnn(x)  # (B, T, H)
        real = torch.arange(ids.shape[1]) < lengths[:, None]  # (B, T)
        states = states.masked_fill(~real[:, :, None], -torch.inf)  # no pad can win
        text = states.max(dim=1).values  # (B, H)
        return self.head(text)  # (B, C)

# %% [markdown]
# `ck.TextClassifier` is the same with more options (directions, other poolings, dropout), and `ck.Config` names them.
# `ck.prepare` builds the vocabulary from the training texts and encodes all parts, as in
# [chapter 3](03_tokens_to_batches.ipynb). Give both models the same weights: do they give the same answers to a batch of
# texts of different lengths?

# %%
from coursekit.training import change

config = ck.Config(
    embedding_dim=32,
    hidden_size=64,
    dropout=0.0,
    min_count=1,
    epochs=ck.budget(cpu=6, gpu=6, smoke=1),
    batch_size=64,
    learning_rate=4e-3,
)
data = ck.prepare(reviews, config)
batch = ck.collate(data.test.id_lists[:32])
gaps = {}
for cell in LAYERS:
    packaged = ck.TextClassifier(change(config, cell=cell), **data.sizes).eval()
    ours = Classifier(cell, len(data.encoder.vocabulary), len(reviews.label_names))
    tensors = packaged.state_dict().values()
    ours.load_state_dict(dict(zip(ours.state_dict(), tensors, strict=True)))
    with torch.no_grad():
        gap = ours(batch.ids, batch.lengths) - packaged(batch.ids, batch.lengths)
    gaps[cell] = gap.abs().max().item()
ck.claim(
    "our classifier equals the package's to 1e-5, for RNN, LSTM and GRU",
    max(gaps.values()) < 1e-5,
    gaps,
)

# %% [markdown]
# Train it on the reviews, with three seeds. Before you explain a score, look at two things: did the model learn its
# *training* texts, and does it use *all* its answers? A model that names one class for every text has a test accuracy
# as well, and it means nothing.

# %%
def train(data, config, seed):
    """Train a classifier; it is left with the weights of its best epoch on validation."""
    ck.seed_everything(seed)
    model = ck.TextClassifier(config, **data.sizes)
    history = ck.fit(
        model, data.train, data.validation, config, seed=seed, progress=False
    )
    return model, history


HEAD = """\
             accuracy      answer's share
             train   test   least   most"""


def look(name, model, data):
    """Print accuracies, and the shares of the rarest and the most frequent answer on test; return that test."""
    on_train, on_test = ck.evaluate(model, data.train), ck.evaluate(model, data.test)
    n_answers = len(data.corpus.label_names)
    shares = on_test.predictions.bincount(minlength=n_answers) / on_test.n
    print(
        f"{name:11}  {on_train.accuracy:.3f}  {on_test.accuracy:.3f}"
        f"  {shares.min():6.0%}  {shares.max():5.0%}"
    )
    return on_test


SEEDS = range(lesson.seed, lesson.seed + 3)
models, histories, by_seed = {}, {}, {}
print(HEAD)
for seed in SEEDS:
    models[seed], histories[f"seed {seed}"] = train(data, config, seed)
    by_seed[f"RNN, seed {seed}"] = look(f"RNN, seed {seed}", models[seed], data)
ceiling = np.mean(np.array([*map(clean_label, reviews.test.texts)]) == reviews.test.labels)
print(f"best possible on test: {ceiling:.3f}, since the other labels are wrong on purpose")

# %% [markdown]
# Runs that print the same numbers are no mistake: they have learned all the rules, and miss only the wrong labels.
#
# Is it order that the RNN uses? Two controls. The first combines words and cannot know their order: a hidden layer on
# the mean of their vectors. The second is *the same trained RNNs*, with the words of each test review shuffled.

# %%
from dataclasses import replace

from coursekit.data import Split
from coursekit.nn import masked_mean


class OrderBlind(nn.Module):
    """Mean of the words' vectors, one hidden layer: combines words, knows no order."""

    def __init__(self, n_words, n_classes, hidden_size=64):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 32)
        self.hidden = nn.Linear(32, hidden_size)
        self.head = nn.Linear(hidden_size, n_classes)

    def forward(self, ids, lengths):
        mask = ck.mask_from_lengths(lengths, ids.shape[1])
        text = masked_mean(self.embedding(ids), mask)  # (B, 32)
        return self.head(torch.relu(self.hidden(text)))  # (B, n_classes)


def shuffled(split, seed):
    """The same texts, the words of each in random order."""
    random = np.random.default_rng(seed)
    texts = (" ".join(random.permutation(ck.tokenise(t))) for t in split.texts)
    return Split(tuple(texts), split.labels)


ck.seed_everything(lesson.seed)
blind = OrderBlind(len(data.encoder.vocabulary), len(reviews.label_names))
longer = change(config, epochs=ck.budget(cpu=12, gpu=12, smoke=1))
ck.fit(
    blind, data.train, data.validation, longer, seed=lesson.seed, progress=False
)
print(HEAD)
without_order = look("no order", blind, data)

mixed = replace(reviews, test=shuffled(reviews.test, lesson.seed))
mixed_test = ck.prepare(mixed, config).test
on_shuffled = {
    f"RNN, seed {seed}, shuffled": ck.evaluate(model, mixed_test)
    for seed, model in models.items()
}

# %%
accuracies = [evaluation.accuracy for evaluation in by_seed.values()]
of_shuffled = [evaluation.accuracy for evaluation in on_shuffled.values()]
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "at least two of three RNNs beat the model without order by .1, and lose .2 or "
        "more when the words are shuffled",
        sum(
            accuracy > max(without_order.accuracy + 0.1, mixed_up + 0.2)
            for accuracy, mixed_up in zip(accuracies, of_shuffled, strict=True)
        )
        >= 2,
        {"RNN": accuracies, "shuffled": of_shuffled, "without order": without_order.accuracy},
    )

n_test = len(reviews.test)
scores = {
    "word and pair counts": (int(counts_on_reviews.sum()), n_test),
    "words without order": (without_order.correct, n_test),
} | {name: (e.correct, e.n) for name, e in (on_shuffled | by_seed).items()}
show(charts.score_bars(scores, chance=0.5, ceiling=float(ceiling)))

# %% [markdown]
# The model without order beats the linear one, because it combines words: it can learn the "nobody" half of the reviews.
# On the half with two clauses it can only guess. With the words shuffled, the same RNNs, with the same weights, fall
# below what they reach in order. So it is order that they use. The dotted line is the best score to be expected.
#
# > Varied: the model, the order of the words, the seed of the RNN. Tuned on validation: the counts, the epoch that is
# > kept; the rate, once. The model without order trains twelve epochs, the RNNs six. Held fixed: vectors of 32, 64 hidden
# > units. So this says that *an* RNN can learn these rules, no more.
#
# How did the three trainings go?

# %%
show(
    charts.curves(
        {
            name: [e.validation_accuracy for e in history.epochs]
            for name, history in histories.items()
        },
        xlabel="epoch",
        ylabel="validation accuracy",
        level=("guessing", 0.5),
    )
)

# %% [markdown]
# A flat stretch at the start, where a run has one, is typical of two clues that must be combined: each alone is worth
# nothing. A run that is stopped there looks like a model that cannot learn.

# %% [markdown]
# ## 4.7 Where order is not the point
#
# *Deeper: it can wait for a second reading.*
#
# In news each word is a clue by itself: "goalkeeper" needs no context.

# %%
news = ck.load(
    "ag_news", train=ck.budget(cpu=2_000, gpu=30_000, smoke=300), seed=lesson.seed
)
news_config = change(
    config,
    min_count=2,
    max_length=64,
    batch_size=32,
    learning_rate=3e-3,
    epochs=ck.budget(cpu=8, gpu=5, smoke=1),
)
counts_on_news = right_by_counts(news)
news_data = ck.prepare(news, news_config)
news_by_seed = {}
print(HEAD)
for seed in SEEDS:
    news_model, _ = train(news_data, news_config, seed)
    news_by_seed[f"RNN, seed {seed}"] = look(f"RNN, seed {seed}", news_model, news_data)

n_news = len(news.test)
majority = max(news.test.counts(len(news.label_names)))
show(
    charts.score_bars(
        {
            "the largest class": (majority, n_news),
            "word and pair counts": (int(counts_on_news.sum()), n_news),
        }
        | {name: (e.correct, e.n) for name, e in news_by_seed.items()}
    )
)

# %%
news_accuracies = [e.accuracy for e in news_by_seed.values()]
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "on news each RNN beats the largest class by .25, and none reaches the counts",
        min(news_accuracies) > majority / n_news + 0.25
        and max(news_accuracies) < counts_on_news.mean(),
        {"RNN": news_accuracies, "counts": counts_on_news.mean()},
    )

# %% [markdown]
# All three RNNs have learned their training texts, and on new ones counting is ahead. It learns a weight for each word
# or pair, and nothing else. The RNN must learn what words mean *and* how to read, from the same texts. It earns its
# cost where order matters, or where there is a lot of text: [chapter 2](02_bags_of_words.ipynb) has the records with
# all the news at hand.
#
# > Varied: the model, the seed. Tuned on validation: the counts, the RNN's epoch. Held fixed: the
# > texts, cut to 64 words for the RNN.

# %% [markdown]
# ### Messages in Russian
#
# With a campus mirror these are tweets; without one, messages written for this course, many of which cannot be judged
# by a single word:
#
# > *Не пожалел ни рубля: палатка выдержала град, ветер и трёх подростков.*
# > Not a rouble regretted: the tent stood up to hail, wind and three teenagers.
#
# Emoticons go first: they give the label away ([chapter 1](01_text_to_tokens.ipynb)). The first RNN gives every training
# word a vector. The second gives one only to words that occur twice (`min_count`), and reads all others as `<unk>`. The
# rate of each is chosen on validation.

# %%
from coursekit.text.emoticons import remove_emoticons


def without_emoticons(split):
    """The same texts without smileys and emoji."""
    return Split(tuple(map(remove_emoticons, split.texts)), split.labels)


messages = ck.load(
    "ru_tweets", train=ck.budget(cpu=2_000, gpu=30_000, smoke=300), seed=lesson.seed
)
parts = ("train", "validation", "test")
messages = replace(
    messages, **{part: without_emoticons(getattr(messages, part)) for part in parts}
)
counts_on_messages = right_by_counts(messages)

message_config = change(
    config,
    pooling="mean",
    dropout=0.2,
    max_length=64,
    batch_size=32,
    epochs=ck.budget(cpu=6, gpu=6, smoke=1),
)
message_readers = {}
print("min_count   rate  mean validation accuracy")
for min_count in (1, 2):
    message_data = ck.prepare(messages, change(message_config, min_count=min_count))
    best_mean = -1.0
    for rate in (1e-3, 3e-3):
        candidate = change(message_config, min_count=min_count, learning_rate=rate)
        trained = [train(message_data, candidate, seed) for seed in SEEDS]
        mean = np.mean([history.best.validation_accuracy for _, history in trained])
        print(f"{min_count:9}  {rate:5g}  {mean:24.3f}")
        if mean > best_mean:
            best_mean = mean
            message_readers[min_count] = message_data, [model for model, _ in trained]

# %% [markdown]
# Now look at all six.

# %%
readings = {}
print(HEAD)
for min_count, (message_data, models) in message_readers.items():
    print(f"min_count {min_count}:")
    readings[min_count] = [
        look(f"seed {seed}", model, message_data)
        for seed, model in zip(SEEDS, models, strict=True)
    ]
vocabulary = message_readers[1][0].encoder.vocabulary
unknown = vocabulary.unknown_rate(map(ck.tokenise, messages.test.texts))
in_train = sum(ids.count(ck.Vocabulary.unk) for ids in message_readers[1][0].train.id_lists)
print(f"{unknown:.0%} of the words in the test texts were never seen in training")
print(f"min_count 1: <unk> occurs {in_train} times in the training texts")

# %%
mean_test = {k: np.mean([e.accuracy for e in runs]) for k, runs in readings.items()}
lean = {  # how far the share of one answer is from one half
    k: np.mean([abs(e.predictions.double().mean().item() - 0.5) for e in runs])
    for k, runs in readings.items()
}
for k, mean in mean_test.items():
    print(f"min_count {k}: mean test accuracy {mean:.3f}")
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "with min_count 1 the answers lean further to one side than with 2, mean of three seeds",
        lean[1] > lean[2] + 0.03,
        {f"min_count={k}": v for k, v in lean.items()},
    )

# %% [markdown]
# With `min_count` 1 the answers lean further to one side, on average. A likely reason is in the vocabulary. About a third
# of the test words are new, so each of them is read as `<unk>`, and in training `<unk>` never occurs: its vector is still
# the random one of the start, and can push every text the same way. With `min_count` 2 every word seen once trains that
# vector. (The two may differ in their rate as well, so this is not proved.) Whatever validation says, we go on with 2
# because its `<unk>` is trained, not because of a test score.
#
# Is it as good as the counts? Both models read the *same* test texts, so look only at those where one is right and the
# other wrong. If neither is better, these split like tosses of a coin, and `p` is how often a coin splits at least this
# unevenly. This is the *paired sign test*, also called McNemar's exact test
# ([chapter 10](10_scaling_and_evidence.ipynb)).

# %%
from coursekit.stats import mcnemar

n_messages = len(messages.test)
tests = {}
print("      right alone\nseed  RNN  counts       p")
for seed, reading in zip(SEEDS, readings[2], strict=True):
    right = (reading.predictions == reading.labels).numpy()
    test = tests[seed] = mcnemar(right, counts_on_messages)
    verdict = "too uneven" if test.p_value < 0.05 else "can be luck"
    print(f"{seed:4}{test.only_first:5}{test.only_second:8}{test.p_value:8.2g}  {verdict}")
show(
    charts.score_bars(
        {"word and pair counts": (int(counts_on_messages.sum()), n_messages)}
        | {
            f"RNN, seed {seed}": (reading.correct, reading.n)
            for seed, reading in zip(SEEDS, readings[2], strict=True)
        },
        chance=0.5,
    )
)

# %%
ck.claim(
    "on these messages no RNN is ahead of the counts by more than luck can do",
    all(test.only_first <= test.only_second or test.p_value >= 0.05 for test in tests.values()),
    {f"p of seed {seed}": test.p_value for seed, test in tests.items()},
)

# %% [markdown]
# Reading in order shows no gain here: no row that is too uneven has the RNN ahead. (Three seeds are three
# looks at the same texts: a single small `p` is weak evidence.)
#
# > Varied: the model, `min_count`, the seed. Tuned for each on validation: rate, epoch, `C`, damping. Held fixed: 64 units, mean
# > pooling, dropout `0.2`.

# %% [markdown]
# ## 4.8 Many to many: tag each word
#
# *Deeper: it can wait for a second reading.*
#
# An answer for every word needs no pooling: put the linear layer on each state. As a task, mark "nobody", "no" (of "no
# one") or "none", and every word after it. The labels cost nothing, because the rule is known.

# %%
from torch.nn.functional import cross_entropy

NEGATORS = {"nobody", "no", "none"}


def tags_of(words):
    """1 from the negator on, 0 before it."""
    tags, seen = [], 0
    for word in words:
        seen = seen or int(word in NEGATORS)
        tags.append(seen)
    return tags


example = ck.tokenise("I said that nobody in our row was bored")
print(*example)
print(*(str(tag).ljust(len(word)) for word, tag in zip(example, tags_of(example), strict=True)))

# %%
class Tagger(nn.Module):
    """Embedding, RNN, and a linear layer on every state."""

    def __init__(self, n_words, hidden_size=32):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 16)
        self.rnn = nn.RNN(16, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 2)

    def forward(self, ids):
        states, _ = self.rnn(self.embedding(ids))  # (B, T, H)
        return self.head(states)  # (B, T, 2)


words_of = [ck.tokenise(text) for text in reviews.train.texts[:2_000]]
texts = [data.encoder.vocabulary.encode(words) for words in words_of]
tags = [tags_of(words) for words in words_of]
cut = len(texts) * 4 // 5
ck.seed_everything(lesson.seed)
tagger = Tagger(len(data.encoder.vocabulary))
optimiser = torch.optim.Adam(tagger.parameters(), lr=5e-3)
for _ in range(4):
    for i in range(0, cut, 32):
        batch = ck.collate(texts[i : min(i + 32, cut)])
        truth = ck.collate(tags[i : min(i + 32, cut)]).ids
        logits = tagger(batch.ids)
        loss = cross_entropy(logits[batch.mask], truth[batch.mask])  # real tokens only
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
ck.check_shape(logits, (*batch.ids.shape, 2), "logits")

# %% [markdown]
# `logits[batch.mask]` keeps the real tokens only; without it the network would be praised for tagging pads. The
# baseline for a tagger is the most frequent tag of each word by itself.

# %%
test_batch, truth = ck.collate(texts[cut:]), ck.collate(tags[cut:]).ids
with torch.no_grad():
    hits = tagger(test_batch.ids).argmax(2) == truth  # (B, T)
right = hits[test_batch.mask].float().mean().item()

votes = {}
for ids, marks in zip(texts[:cut], tags[:cut], strict=True):
    for i, mark in zip(ids, marks, strict=True):
        votes.setdefault(i, Counter())[mark] += 1
own_best = sum(
    (votes[i].most_common(1)[0][0] if i in votes else 0) == mark
    for ids, marks in zip(texts[cut:], tags[cut:], strict=True)
    for i, mark in zip(ids, marks, strict=True)
) / int(test_batch.mask.sum())
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the tagger is right on at least .97 of the words, and beats the most frequent"
        " tag of each word by .05",
        right > 0.97 and right > own_best + 0.05,
        {"RNN": right, "each word alone": own_best},
    )

# %% [markdown]
# The word "was" is marked in one review and not in the next; only a state that remembers can tell.

# %% [markdown]
# ## 4.9 One to many: write
#
# *Deeper: it can wait for a second reading.*
#
# To predict the next symbol is classification: the classes are the symbols, and every text is full of labelled
# examples.
#
# The symbols here are characters. The text is the news of section 4.7, in lower case.

# %%
def stream_of(split, n_symbols):
    """All texts, one after another, lower-case, cut to a number of symbols."""
    return "\n".join(text.lower() for text in split.texts)[:n_symbols]


train_stream = stream_of(
    news.train, ck.budget(cpu=120_000, gpu=2_000_000, smoke=20_000)
)
symbols = sorted(symbol for symbol, n in Counter(train_stream).items() if n >= 20)
symbol_id = {symbol: i for i, symbol in enumerate(symbols)}


def ids_of(stream):
    """Ids of the symbols that are listed; rare ones are left out."""
    return torch.tensor(
        [symbol_id[symbol] for symbol in stream if symbol in symbol_id]
    )


train_ids = ids_of(train_stream)
heldout_ids = ids_of(stream_of(news.validation, 20_000))
print(f"{len(train_ids):,} symbols to learn from\n{len(symbols)} different ones:")
for i in range(0, len(symbols), 30):
    print(repr("".join(symbols[i : i + 30])))

# %% [markdown]
# How good is a guess? *Perplexity* is the exponential of the mean cross-entropy. A model with perplexity 10 is as
# unsure as if it chose among ten equally likely symbols. Three baselines come from counting. The first looks at no
# context: how often is each symbol? The second is the *bigram*: how often does each symbol follow this one? The third counts up to *five*
# symbols in a row. The more different symbols have followed a context, the more it trusts the next shorter one (Witten and Bell, 1991).

# %%
V = len(symbols)
pair_counts = torch.ones(V, V, dtype=torch.float64)  # none starts at zero
once = torch.ones(len(train_ids) - 1, dtype=torch.float64)
pair_counts.index_put_((train_ids[:-1], train_ids[1:]), once, accumulate=True)


def log_shares(counts):
    """Each row as logarithms of shares: the probabilities of the next symbol."""
    return (counts / counts.sum(dim=1, keepdim=True)).log()


single_counts = pair_counts.sum(dim=0, keepdim=True).expand(V, V)
log_p = {"no context": log_shares(single_counts), "bigram": log_shares(pair_counts)}
perplexity = {
    name: (-table[heldout_ids[:-1], heldout_ids[1:]].mean()).exp().item()
    for name, table in log_p.items()
}


def five_in_a_row(train, heldout, n=5):
    """Perplexity of counts of 1 to n symbols in a row, each mixed with the next shorter ones."""
    follows = {}  # what followed each context, and how often
    for i in range(n, len(train)):
        for k in range(n):
            follows.setdefault(tuple(train[i - k : i]), Counter())[train[i]] += 1
    log_sum = 0.0
    for i in range(n, len(heldout)):
        p = 1 / V
        for k in range(n):
            if seen := follows.get(tuple(heldout[i - k : i])):
                p = (seen[heldout[i]] + len(seen) * p) / (seen.total() + len(seen))
        log_sum += np.log(p)
    return float(np.exp(-log_sum / (len(heldout) - n)))


perplexity["five in a row"] = five_in_a_row(train_ids.tolist(), heldout_ids.tolist())
for name, value in perplexity.items():
    print(f"{value:5.2f}: {name}")

# %% [markdown]
# Now the network. Its input at step $t$ is the symbol that really stands there, and its target is the next one. This is
# called *teacher forcing*, and it makes all steps trainable at once.
#
# The text is one long stream. It is cut into windows of 64 symbols, and each begins with a state of zero. So the
# gradient, and here the memory too, ends at the start of the window: *truncated back-propagation through time*. (The
# usual form hands the last state of one window to the next, and cuts only the gradient.) The held-out text is read in one
# go: the step is the same at every position, so it may be longer than a window.

# %%
class CharModel(nn.Module):
    """Predicts the next symbol at every step."""

    def __init__(self, n_symbols, hidden_size=128):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, 32)
        self.rnn = nn.RNN(32, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, n_symbols)

    def forward(self, ids, h=None):
        states, h = self.rnn(self.embedding(ids), h)  # (B, T, H)
        return self.head(states), h  # (B, T, V)


def windows(ids, length=64):
    """Cut a stream into inputs and targets; a target is the symbol after its input."""
    n = (len(ids) - 1) // length * length
    return ids[:n].view(-1, length), ids[1 : n + 1].view(-1, length)


def heldout_perplexity(model):
    """Perplexity on text that was not trained on, read in one go."""
    with torch.no_grad():
        logits, _ = model(heldout_ids[None, :-1])
        return cross_entropy(logits[0], heldout_ids[1:]).exp().item()


ck.seed_everything(lesson.seed)
writer, order = CharModel(V), ck.generator(lesson.seed)
optimiser = torch.optim.Adam(writer.parameters(), lr=3e-3)
inputs, targets = windows(train_ids)
by_epoch = []
for _ in range(ck.budget(cpu=4, gpu=10, smoke=1)):
    for rows in torch.randperm(len(inputs), generator=order).split(32):
        logits, _ = writer(inputs[rows])  # every step is an example
        loss = cross_entropy(logits.flatten(0, 1), targets[rows].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    by_epoch.append(heldout_perplexity(writer))
perplexity["RNN"] = by_epoch[-1]
show(
    charts.curves(
        {"RNN": by_epoch},
        xlabel="epoch",
        ylabel="perplexity on held-out text",
        level=("the bigram", perplexity["bigram"]),
    )
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the RNN's perplexity is at most .8 of the bigram's",
        perplexity["RNN"] < 0.8 * perplexity["bigram"],
        perplexity,
    )
print("lowest perplexity:", min(perplexity, key=perplexity.get))

# %% [markdown]
# The RNN beats the bigram. On the little text that a CPU gets it does not beat the counts of five symbols in a row.
#
# ### Let it write
#
# To write, feed the network its own answer: draw a symbol from its distribution, put it in, draw the next. That is *one
# to many*. The *temperature* $\tau$ divides the logits $z$: $\operatorname{softmax}(z / \tau)$. Below one it sharpens the choice, above one
# it flattens it. The bigram writes the same way, from its table. With each sample stands the share of its words that
# occur in the training text.

# %%
def bigram(ids, h=None):
    """The table of pairs, called like the network; it needs no state."""
    return log_p["bigram"][ids], None  # (1, T, V)


@torch.no_grad()
def write(model, start="the ", n=1_500, temperature=1.0, seed=lesson.seed):
    """Continue a text, symbol by symbol."""
    random, text, h = ck.generator(seed), start, None
    ids = ids_of(start)[None]  # (1, T)
    for _ in range(n):
        logits, h = model(ids, h)  # the state h has read everything so far
        p = (logits[0, -1] / temperature).softmax(dim=0)  # (V,)
        ids = torch.multinomial(p, 1, generator=random)[None]  # (1, 1)
        text += symbols[ids.item()]
    return text


training_words = set(train_stream.split())
real_words, samples = {}, []
for name, model, temperature in (
    ("bigram", bigram, 1.0),
    ("RNN at temperature 1", writer, 1.0),
    ("RNN at temperature 0.3", writer, 0.3),
):
    sample = write(model, temperature=temperature)
    real_words[name] = np.mean([word in training_words for word in sample.split()])
    samples.append(f"{name}, {real_words[name]:.0%} known words:\n{sample[:180]}")
print("\n\n".join(samples))

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the RNN writes more known words than the bigram, and more still at temperature .3",
        real_words["bigram"]
        < real_words["RNN at temperature 1"]
        < real_words["RNN at temperature 0.3"],
        real_words,
    )

# %% [markdown]
# Under a third of the RNN's words at temperature 1 occur in the training text, more than of the bigram's. At a low
# temperature it keeps to its safest words, comes back to them again and again, and still invents some.
#
# > In training the network always saw real text, in writing it sees its own mistakes. This gap is known as *exposure
# > bias* (Ranzato et al., 2016).

# %% [markdown]
# ## 4.10 Layers
#
# *Deeper: it can wait for a second reading.*
#
# The states of one layer are a sequence of vectors, so a second layer can read them.

# %%
show(ch04.stacked_layers())

# %%
print("layers  parameters")
for num_layers in (1, 2, 3):
    rnn = nn.RNN(32, 128, num_layers)
    print(f"{num_layers:6}  {sum(p.numel() for p in rnn.parameters()):10,}")

# %% [markdown]
# From the second layer on, the inputs are states, which are longer here than the vectors of the symbols, so these layers
# are larger than the first. [Section 9.10](09_training_well.ipynb) trains stacks of many layers.

# %% [markdown]
# ## What you can do now
#
# 1. You wrote the recurrent step and its gradient, and checked both against PyTorch to ten digits.
# 2. You used one network to name a class, to tag words, and to write.
# 3. You looked at training accuracy and answers before you believed a score, and put it beside guessing and counts.
#
# **Remember**
#
# - A recurrent network is a layer that also hears its last answer: $h_t = \tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)$.
# - The same weights serve every step; the gradient sums over the steps.
# - A model that has not learned its training texts, or names one class only, explains nothing.
# - Predicting the next symbol is classification. Writing is drawing from it.
# - Where a few words in a row give the answer away, counting is hard to beat.

# %% [markdown]
# ## Check yourself
#
# **1.** A text gets twice as long. How many more parameters does the network need? (a) Twice as many. (b) A bias for each step. (c)
# None.
#
# <details><summary>Answer</summary>
#
# (c): all steps share the matrices and the bias, against (a) and (b). It needs more time, and in training more memory, because the
# states of all steps are kept for the way back.
#
# </details>
#
# **2.** Why does `d["W_hh"]` in the backward pass use `h_prev` and not `h`?
#
# <details><summary>Answer</summary>
#
# Because $W_{hh}$ was multiplied with $h_{t-1}$ at step $t$. The derivative of a product with respect to one factor is the other
# factor.
#
# </details>
#
# **3.** The training loss of a character model falls, but what it writes is poor. Name one reason that has nothing to do with the size
# of the network.
#
# <details><summary>Answer</summary>
#
# Training shows it real text only (teacher forcing). When it writes, it reads its own symbols, and small mistakes lead it to places it
# has never seen. The temperature can also be set badly.
#
# </details>
#
# **4.** What is a recurrent layer for? (a) Higher scores on any text. (b) Using what came before. (c) Faster training.
#
# <details><summary>Answer</summary>
#
# (b): its state carries the context to each word. Not (a): on news, where each word is a clue by itself, counting is ahead
# (section 4.7). Not (c): a step has to wait for the one before it.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** Count the parameters of `nn.RNN(D, H)` by hand, and check your formula for three sizes.
#
# <details><summary>Solution</summary>
#
# $H D$ for $W_{xh}$, $H^2$ for $W_{hh}$, and two biases of $H$ in PyTorch.
#
# ```python
# for D_, H_ in ((1, 1), (5, 4), (32, 64)):
#     n = sum(p.numel() for p in nn.RNN(D_, H_).parameters())
#     assert n == H_ * D_ + H_ * H_ + 2 * H_
#     print(D_, H_, n)
# ```
#
# </details>
#
# **2.** Pool with `last` in place of `max` on the generated reviews. What happens, and why?
#
# <details><summary>Solution</summary>
#
# The network has to carry "nobody" over a dozen words to the very end, through a dozen tanh steps. With maximum pooling, a
# feature can be noted where it occurs. Compare the accuracy on *train* as well: is the rule not learned, or not kept?
# (In our runs the accuracy is near guessing on train, too: in six epochs the rule is not learned.)
# [Chapter 5](05_why_rnns_forget.ipynb) measures how the gradient fades with distance.
#
# ```python
# last_config = change(config, pooling="last")
# last_reader, last_history = train(data, last_config, lesson.seed)
# print([f"{epoch.validation_accuracy:.2f}" for epoch in last_history.epochs])
# print(HEAD)
# look("last state", last_reader, data)
# ```
#
# </details>
#
# **3.** Let the temperature go to zero. What does the writer do, and what does the formula say?
#
# <details><summary>Solution</summary>
#
# The softmax puts all its weight on the largest logit, so the choice is no longer random. A number in the computer has
# finitely many digits, so there are finitely many states, and the text falls into a loop sooner or later.
#
# ```python
# print(write(writer, n=180, temperature=1e-4))
# ```
#
# </details>
#
# **4.** The lecture of the published coursework has `outputs, (h, c) = rnn(x)`, with an `nn.RNN` of two layers,
# as if it were an LSTM. It runs. Why, and what are `h` and `c`?
#
# <details><summary>Solution</summary>
#
# `nn.RNN` returns the states at all steps, and the last state of every *layer*. A tensor unpacks along its first axis,
# here the layers, and there happened to be two. Check shapes before you trust names.
#
# ```python
# two_layers = nn.RNN(D, H, num_layers=2, batch_first=True).double()
# outputs, (h, c) = two_layers(x)
# _, last_states = two_layers(x)
# assert torch.equal(h, last_states[0]) and torch.equal(c, last_states[1])
# try:
#     _, (h, c) = torch_rnn(x)
# except ValueError as error:
#     print(f"with one layer: ValueError: {error}")
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - J. L. Elman (1990), *Finding structure in time*. The network of this chapter.
# - P. J. Werbos (1990), *Backpropagation through time: what it does and how to do it*.
# - I. H. Witten and T. C. Bell (1991), *The zero-frequency problem*. How to mix long counts with short ones.
# - A. Graves (2013), *Generating sequences with recurrent neural networks*.
# - Q. V. Le, N. Jaitly and G. E. Hinton (2015), *A simple way to initialize recurrent networks of rectified linear units*.
# - M. Ranzato, S. Chopra, M. Auli and W. Zaremba (2016), *Sequence level training with recurrent neural networks*.
