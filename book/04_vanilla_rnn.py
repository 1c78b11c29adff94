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
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/04_vanilla_rnn.ipynb)
#
# **What does it mean to read in order?** A bag of words knows which words a text holds. It does not know which came
# first. This chapter builds the smallest network that does.
#
# After it you will be able to
#
# 1. write the recurrent step as a formula and as a line of NumPy, forward and backward, and prove both against PyTorch;
# 2. use one network in three ways: to name a topic, to tag each word, to write text;
# 3. say what its score means: beside guessing, beside a bag of words, beside the best possible score, over several seeds.
#
# **You need** Python, NumPy arrays, matrix products, and the chain rule. You also need batches, lengths and masks from
# [chapter 3](03_tokens_to_batches.ipynb). **Time:** an hour to read, under a minute to run on a CPU.

# %%
import importlib.util

# On Colab the course's package is missing: install it once.
if importlib.util.find_spec("coursekit") is None:
    address = "https://github.com/coursekit/reading-one-word-at-a-time.git"
    get_ipython().run_line_magic("pip", f"install --quiet git+{address}")

import coursekit as ck

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
    "the two reviews hold the same words, equally often, and have opposite labels",
    Counter(ck.tokenise(good)) == Counter(ck.tokenise(bad))
    and clean_label(good) != clean_label(bad),
)

# %% [markdown]
# `ck.claim` states a result and checks it: a tick with the measured value if it holds, an error if it does not. Every
# result in this book that matters is such a claim.
#
# You had no trouble: after "but" comes the verdict. A model that counts words sees the same counts twice. It must give
# both reviews the same answer, so it is wrong on one of them.
#
# The course has a whole corpus of such reviews. A program writes them, so we know the rules behind the labels. In half
# of them "but" or "although" decides which clause counts. In the other half somebody or *nobody* says that a thing was
# superb or dull, and the first word turns the last one round. A few labels are wrong on purpose, so no model can
# be expected to reach a perfect score. (`ck.budget` picks the number of reviews: fewer for a CPU, more for a GPU.)

# %%
reviews = ck.load(
    "reviews", train=ck.budget(cpu=6_000, gpu=20_000, smoke=600), seed=lesson.seed
)
for text, label in zip(
    reviews.train.texts[:4], reviews.train.labels[:4], strict=True
):
    print(f"{reviews.label_names[label]:8}  {text}")

# %% [markdown]
# How far do counts get? Here is the strongest simple baseline: counts of words *and of pairs of neighbouring words*,
# with a linear classifier, which learns one weight for each count. TF-IDF makes a word count less if many texts hold it
# ([chapter 2](02_bags_of_words.ipynb)). Guessing gives one half.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def count_words(corpus):
    """Fit TF-IDF and logistic regression on the training part."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=1000)
    )
    return model.fit(corpus.train.texts, corpus.train.labels)


counts_on_reviews = count_words(reviews).score(
    reviews.test.texts, reviews.test.labels
)
ck.claim(
    "counts of words and word pairs stay within .05 of guessing on these reviews",
    abs(counts_on_reviews - 0.5) < 0.05,
    {"accuracy": counts_on_reviews},
)

# %% [markdown]
# The baseline is not badly tuned. Each word, and each pair of neighbours, stands in good reviews as often as in bad ones.
# So no single count deserves a weight. Two counts *together* can give an answer away, "nobody" and "superb" for example,
# and section 4.6 trains a model that finds such combinations and still knows no order. But the two reviews above hold
# equal counts of everything. To tell them apart, a model has to remember what came when.

# %% [markdown]
# ## 4.2 A layer that hears itself
#
# How can a network remember? Start with a layer you know. It takes a vector $x$ and returns $h = \tanh(W_{xh}\,x + b_h)$.
# It has no past. Now let it hear its own last answer, through a second matrix. That is the whole idea.

# %%
from bookfigures import ch04
from coursekit.figures import charts, show

show(
    ch04.perceptron_to_recurrence(),
    alt="Three drawings. Left: a layer, input x leads to state h through the "
    "matrix W_xh. Middle: the same with time indices, and an arrow W_hh "
    "from the state back to itself. Right: the loop drawn as two copies, "
    "the state at step t-1 leads to the state at step t through W_hh.",
)

# %% [markdown]
# The formula says the same. At step $t$ the network mixes the word it reads, $x_t$, with what it kept, $h_{t-1}$:
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
# The matrices are the same at every step. So a text of any length needs no more parameters than a text of one word.
# Draw one copy for each step, and the network lies open:

# %%
show(
    ch04.unrolled(["nobody", "said", "it", "was", "dull"]),
    alt="The network unrolled over the words nobody, said, it, was, dull. "
    "Each word vector x_1 to x_5 enters a state h_1 to h_5 through W_xh, "
    "and each state passes to the next one through W_hh, starting from "
    "h_0.",
)

# %% [markdown]
# ## 4.3 The step in NumPy
#
# The formula becomes one line of code, with the same letters. A batch holds its vectors as rows, so $W\,x$ is written
# `x @ W.T`.

# %%
from coursekit.cells import RNNWeights, rnn_backward, rnn_forward, rnn_step

ck.source(rnn_step)

# %% [markdown]
# Reading a text is a loop over that line. We keep the state after every word, because later layers may want any of them.

# %%
ck.source(rnn_forward)

# %% [markdown]
# Is it right? PyTorch has the same network, tested by half the world. Give both the same weights and the same input, and
# compare. (PyTorch stores two biases where the formula has one. They are added, so we add them too.)

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
# To learn, the network needs the gradient of the loss with respect to every weight. The loss may depend on every state.
# The states depend on each other, so the gradient runs backwards through the picture above, from the last word to the first. This is
# called *back-propagation through time*. It is the chain rule, and nothing more.
#
# Write $\bar h_t$ for the gradient of the loss with respect to $h_t$, and $a_t$ for what stands inside the tanh. Two
# things flow into $\bar h_t$: what the layers above report at step $t$, written $\bar h_t^{\uparrow}$, and what comes
# back from the step after it. Since $\tanh' = 1 - \tanh^2$,
#
# $$\bar h_{t} = \bar h_t^{\uparrow} + W_{hh}^\top\,\bar a_{t+1}, \qquad \bar a_t = \bar h_t \odot (1 - h_t^2).$$
#
# Here $\odot$ multiplies two vectors element by element, and $h_t^2$ squares each element. After the last step $T$ there
# is no step to report back, so $\bar a_{T+1} = 0$. The inputs and the start get theirs through the same matrices:
#
# $$\bar x_t = W_{xh}^\top\,\bar a_t, \qquad \bar h_0 = W_{hh}^\top\,\bar a_1.$$
#
# Every step adds its share to the weights, because every step used them:
#
# $$\bar W_{xh} = \sum_t \bar a_t\,x_t^\top, \qquad \bar W_{hh} = \sum_t \bar a_t\,h_{t-1}^\top, \qquad
# \bar b_h = \sum_t \bar a_t.$$

# %%
ck.source(rnn_backward)

# %% [markdown]
# Read the loop next to the formulae. `d_h` carries what comes from the future. `d_h + d_states[:, t]` adds what comes
# from above. `d_a` goes through the tanh. The last line sends the gradient one step into the past.
#
# Is *that* right? Let PyTorch compute the same gradients for a random loss, and compare all five. (In use $h_0$ is zero.
# In this test it was drawn at random, so that its gradient is put to the test too.)

# %%
report = torch.randn(
    B, T, H, dtype=torch.float64
)  # a gradient for every state, as if from layers above
torch_states.backward(report)
d_weights, d_x, d_h_0 = rnn_backward(
    report.numpy(), x.detach().numpy(), h_0.detach().numpy(), states, weights
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
# From here on we use PyTorch's version, because it is fast. You have seen all that it does.
#
# ### A trap: two states from one network
#
# `nn.RNN` returns two things: the states at all steps, and the last state of every layer. A published notebook unpacks the
# second one into *two*, as if it came from another kind of network. It runs. Why?

# %%
two_layers = nn.RNN(D, H, num_layers=2, batch_first=True).double()
outputs, (h, c) = two_layers(x)  # runs, and h and c are not what they seem
_, last_states = two_layers(x)
ck.claim(
    "with two layers, 'h' and 'c' are the last states of layer 1 and layer 2",
    torch.equal(h, last_states[0]) and torch.equal(c, last_states[1]),
)
try:
    _, (h, c) = torch_rnn(x)
except ValueError as error:
    print(f"with one layer: ValueError: {error}")

# %% [markdown]
# A tensor unpacks along its first axis, and that axis counts layers. The code worked by accident, because there happened
# to be two of them. Check shapes before you trust names.

# %% [markdown]
# ## 4.5 Why tanh?
#
# The state goes through $W_{hh}$ again and again. If each pass makes it a little longer, where does it end? Take the
# plainest recurrent matrix, a multiple of the identity, and feed the network nothing after the first step.


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
show(
    charts.curves(
        sizes, xlabel="step", ylabel="length of the state", logy=True
    ),
    alt="Length of the state over 60 steps on a logarithmic scale. With gain "
    "0.8 both ReLU and tanh shrink towards zero. With gain 1.2 ReLU grows"
    " without end, while tanh settles near a constant.",
)

# %%
ck.claim(
    "with gain 1.2, ReLU's state grows beyond 10,000 in 60 steps and "
    "tanh's stays below the square root of H",
    sizes["ReLU, gain 1.2"][-1] > 1e4 and max(sizes["tanh, gain 1.2"]) < H**0.5,
    {"ReLU": sizes["ReLU, gain 1.2"][-1], "tanh": sizes["tanh, gain 1.2"][-1]},
)

# %% [markdown]
# Tanh holds every number between -1 and 1, so the state cannot run away. ReLU has no such bound. It *can* work, with a
# careful start and clipped gradients (Le, Jaitly and Hinton, 2015), but it gives no guarantee.
#
# Notice the other half of the picture. With a gain below one, both forget: the first word's trace shrinks at every step.
# Tanh does not help there. That is the subject of [chapter 5](05_why_rnns_forget.ipynb), and the reason for LSTM and GRU.

# %% [markdown]
# ## 4.6 Many to one: a classifier
#
# One network serves three kinds of task. They differ in where you put words in and where you take answers out.

# %%
show(
    ch04.task_shapes(),
    alt="Three unrolled networks of three steps. One to many: one input, and "
    "each output becomes the next input. Many to one: three inputs and a "
    "single output at the end. Many to many: an output above every input.",
)

# %% [markdown]
# A classifier is *many to one*: read all the words, then answer once. `ck.TextClassifier` looks the words up, runs the
# network, pools the states into one vector, and ends with a linear layer. We pool with the maximum over the real tokens
# ([chapter 8](08_padding_and_packing.ipynb) shows what goes wrong when pads take part).

# %%
from coursekit.batching import TextDataset


def prepare(corpus, min_count=1):
    """Build the vocabulary from train, and encode the three parts."""
    vocabulary = ck.Vocabulary.build(
        map(ck.tokenise, corpus.train.texts), min_count=min_count
    )
    parts = {
        part: TextDataset.from_split(
            getattr(corpus, part), vocabulary, max_length=64
        )
        for part in ("train", "validation", "test")
    }
    return vocabulary, parts


def train_rnn(corpus, vocabulary, parts, seed, epochs, pooling="max"):
    """Train a vanilla RNN; return it with the weights of its best epoch on validation."""
    ck.seed_everything(seed)
    config = ck.Config(
        cell="rnn",
        embedding_dim=32,
        hidden_size=64,
        pooling=pooling,
        dropout=0.0,
        epochs=epochs,
        batch_size=32,
        learning_rate=3e-3,
    )
    model = ck.TextClassifier(
        config,
        vocabulary_size=len(vocabulary),
        n_classes=len(corpus.label_names),
    )
    history = ck.fit(
        model,
        parts["train"],
        parts["validation"],
        config,
        seed=seed,
        progress=False,
    )
    return model, history


# %% [markdown]
# First the reviews that counting cannot read. Three seeds, so that you see the spread.

# %%
review_vocabulary, review_parts = prepare(reviews)
runs = []
for seed in range(lesson.seed, lesson.seed + 3):
    reader, history = train_rnn(
        reviews,
        review_vocabulary,
        review_parts,
        seed,
        epochs=ck.budget(cpu=5, gpu=5, smoke=1),
    )
    runs.append((ck.evaluate(reader, review_parts["test"]), history))
    print(
        f"seed {seed}: best epoch {history.best.epoch}, test accuracy {runs[-1][0].accuracy:.3f}"
    )

# %% [markdown]
# Is it order that the RNN uses, or does it only combine words better than a linear model? Train a network with the same
# vectors that cannot know the order: it takes the mean of the words' vectors, and puts a hidden layer on top.

# %%
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


ck.seed_everything(lesson.seed)
blind = OrderBlind(len(review_vocabulary), len(reviews.label_names))
ck.fit(
    blind,
    review_parts["train"],
    review_parts["validation"],
    ck.Config(
        epochs=ck.budget(cpu=12, gpu=12, smoke=1), batch_size=32, learning_rate=3e-3
    ),
    seed=lesson.seed,
    progress=False,
)
without_order = ck.evaluate(blind, review_parts["test"])

# %%
found = [evaluation.accuracy for evaluation, _ in runs]
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "at least two of three vanilla RNNs beat the network without order by .1 "
        "on these reviews",
        sum(accuracy > without_order.accuracy + 0.1 for accuracy in found) >= 2,
        {"RNN": found, "without order": without_order.accuracy},
    )

n_test = len(reviews.test)
ceiling = (
    sum(
        map(
            lambda t, y: clean_label(t) == y,
            reviews.test.texts,
            reviews.test.labels,
        )
    )
    / n_test
)
scores = {
    "word and pair counts": (round(counts_on_reviews * n_test), n_test),
    "words without order": (without_order.correct, n_test),
}
scores |= {
    f"RNN, seed {lesson.seed + k}": (e.correct, e.n)
    for k, (e, _) in enumerate(runs)
}
show(
    charts.score_bars(scores, chance=0.5, ceiling=ceiling),
    alt="Test accuracy on the generated reviews with intervals. Word and pair"
    " counts sit at guessing, one half. The network without order lies "
    "between. The vanilla RNNs reach far beyond both, most of them close "
    "to the best possible score.",
)

# %% [markdown]
# The model without order beats the linear one, because it combines words: it learns the "nobody" half of the reviews. On
# the "but" half it can only guess. The RNN goes past it, and the only thing it has more is order. The dotted line is the
# best that anyone can do, because some labels are wrong on purpose.
#
# > Varied: the model, and the RNN's seed. Tuned: nothing but the rate, once, on validation. Held fixed: vectors of 32,
# > 64 hidden units, batch 32. So this says that *an* RNN can learn these rules, not how well RNNs do on real reviews.
#
# Look at the course of one training. Nothing happens for a while, and then the network gets the point.

# %%
show(
    charts.curves(
        {
            f"seed {lesson.seed + k}": [e.validation_accuracy for e in h.epochs]
            for k, (_, h) in enumerate(runs)
        },
        xlabel="epoch",
        ylabel="validation accuracy",
        level=("guessing", 0.5),
    ),
    alt="Validation accuracy over the epochs for three seeds: near guessing "
    "in the first one or two epochs, then a steep rise within one epoch "
    "to a plateau near the best possible score.",
)

# %% [markdown]
# The plateau at the start is typical where two clues must be combined: each alone is worth nothing, so the first steps
# have no direction. A run that is stopped there looks like a model that cannot learn.
#
# Now real news. Here each word is a clue by itself: "goalkeeper" needs no context. Will reading in order help?

# %%
news = ck.load(
    "ag_news", train=ck.budget(cpu=3_000, gpu=30_000, smoke=300), seed=lesson.seed
)
news_vocabulary, news_parts = prepare(news, min_count=2)
majority = max(news.test.counts(len(news.label_names)))
by_counts = round(
    count_words(news).score(news.test.texts, news.test.labels) * len(news.test)
)
news_reader, news_history = train_rnn(
    news,
    news_vocabulary,
    news_parts,
    lesson.seed,
    epochs=ck.budget(cpu=8, gpu=5, smoke=1),
)
by_rnn = ck.evaluate(news_reader, news_parts["test"])
show(
    charts.score_bars(
        {
            "the largest class": (majority, len(news.test)),
            "word and pair counts": (by_counts, len(news.test)),
            "vanilla RNN": (by_rnn.correct, by_rnn.n),
        }
    ),
    alt="Test accuracy on news topics with intervals: always naming the "
    "largest class is far below; word and pair counts and the vanilla RNN"
    " are both high, and the RNN is not above the counts by more than the"
    " intervals.",
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "on news the RNN beats the largest class by .25",
        by_rnn.accuracy > majority / by_rnn.n + 0.25,
        {"RNN": by_rnn.accuracy, "largest class": majority / by_rnn.n},
    )
    ck.claim(
        "on news the RNN stays below the upper end of the counts' 95 % interval",
        by_rnn.accuracy < ck.wilson(by_counts, by_rnn.n)[1],
        {
            "RNN": by_rnn.accuracy,
            "counts": by_counts / by_rnn.n,
            "interval": ck.wilson(by_counts, by_rnn.n),
        },
    )

# %% [markdown]
# On topics, with a few thousand texts, counting is hard to beat. For each class it learns one weight for each word or pair,
# and nothing else. The RNN must learn what words mean *and* how to read, from the same texts. Say so when you compare: a
# recurrent network earns its cost where order matters, or where there is a lot of text.
#
# > Varied: the model. Tuned for each: nothing. Held fixed: the texts, cut to 64 words. One seed only; the intervals show
# > the doubt from the size of the test set, not from the seed.

# %% [markdown]
# ### A third corpus: Russian messages
#
# The course has its own messages in Russian. They are short, and many of them cannot be judged by a single word:
#
# > *Думал, что пожалею о покупке, а теперь не понимаю, как жил без неё.*
# > I thought I would regret buying it, and now I do not understand how I lived without it.
#
# "I will regret" (*пожалею*) and "not" (*не*) are here, and the message is happy. There are about a thousand texts to
# learn from. Which of the two models reads them better, and can so few texts tell?

# %%
messages = ck.load("ru_messages")
message_vocabulary, message_parts = prepare(messages)
n_messages = len(messages.test)
message_reader, _ = train_rnn(
    messages,
    message_vocabulary,
    message_parts,
    lesson.seed,
    epochs=ck.budget(cpu=6, gpu=6, smoke=1),
)
counting = count_words(messages)
by_reading = ck.evaluate(message_reader, message_parts["test"])
right_counts = counting.predict(messages.test.texts) == np.array(
    messages.test.labels
)
right_rnn = (by_reading.predictions == by_reading.labels).numpy()
unknown = message_vocabulary.unknown_rate(map(ck.tokenise, messages.test.texts))
print(
    f"{unknown:.0%} of the words in the test messages were never seen in training"
)
show(
    charts.score_bars(
        {
            "word and pair counts": (int(right_counts.sum()), n_messages),
            "vanilla RNN": (by_reading.correct, by_reading.n),
        },
        chance=0.5,
    ),
    alt="Test accuracy on the Russian messages with wide intervals, for word "
    "and pair counts and for the vanilla RNN, beside the line of guessing.",
)

# %% [markdown]
# Each bar has an interval: the range of true scores for which a test of this size could well have shown this one. They
# are wide. Both models read the *same* texts, so a fairer look counts only the texts on which they part: how often is
# the RNN alone right, and how often are the counts alone? If neither is better, this is like tossing a coin.

# %%
from scipy.stats import binomtest

low, high = ck.wilson(by_reading.correct, by_reading.n)
ck.claim(
    "on so few test messages the 95 % interval is wider than .08",
    high - low > 0.08,
    {"RNN": by_reading.accuracy, "interval": (low, high)},
)
ck.claim(
    "on these messages the RNN stays below the upper end of the counts' interval",
    by_reading.accuracy < ck.wilson(int(right_counts.sum()), n_messages)[1],
    {"RNN": by_reading.accuracy, "counts": float(right_counts.mean())},
)
rnn_alone = int((right_rnn & ~right_counts).sum())
counts_alone = int((right_counts & ~right_rnn).sum())
p = (
    binomtest(rnn_alone, rnn_alone + counts_alone).pvalue
    if rnn_alone + counts_alone
    else 1.0
)
print(
    f"only the RNN is right: {rnn_alone} texts; only the counts: {counts_alone} texts"
)
print(
    f"a fair coin splits at least this unevenly with probability {p:.2g}: "
    + (
        "we cannot tell which is better"
        if p > 0.05
        else "too uneven for luck alone (one seed)"
    )
)

# %% [markdown]
# Knowing the order does not help this network here. Why not? In Russian a word has many endings, so a large part of the test words are new to both models. And a
# thousand messages do not teach a network what words mean *and* how to read them. [Chapter 1](01_text_to_tokens.ipynb) brings the endings together;
# a larger corpus, or one seen before, has to do the rest.
#
# > Varied: the model. Tuned for each: nothing. Held fixed: everything else. One seed.

# %% [markdown]
# ## 4.7 Many to many: tag each word
#
# An answer for every word needs no pooling: put the linear layer on each state. As a task, mark "nobody", "no" (of "no
# one") or "none", and every word after it. A label for each token is cheap to make here, because the rule is known.

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


print(
    list(
        zip(
            ck.tokenise("I said that nobody in our row was bored"),
            tags_of(ck.tokenise("I said that nobody in our row was bored")),
            strict=True,
        )
    )
)


# %%
class Tagger(nn.Module):
    """Embedding, RNN, and a linear layer on every state."""

    def __init__(self, n_words, hidden_size=32):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 16)
        self.rnn = ck.LengthAwareRNN("rnn", 16, hidden_size)
        self.head = nn.Linear(hidden_size, 2)

    def forward(self, ids, lengths):
        states, _ = self.rnn(self.embedding(ids), lengths)  # (B, T, H)
        return self.head(states)  # (B, T, 2)


words_of = [ck.tokenise(text) for text in reviews.train.texts[:2_000]]
texts = [review_vocabulary.encode(words) for words in words_of]
tags = [tags_of(words) for words in words_of]
cut = len(texts) * 4 // 5
ck.seed_everything(lesson.seed)
tagger = Tagger(len(review_vocabulary))
optimiser = torch.optim.Adam(tagger.parameters(), lr=5e-3)
for _ in range(4):
    for i in range(0, cut, 32):
        batch, truth = (
            ck.collate(texts[i : min(i + 32, cut)]),
            ck.collate(tags[i : min(i + 32, cut)]).ids,
        )
        logits = tagger(batch.ids, batch.lengths)
        loss = cross_entropy(
            logits[batch.mask], truth[batch.mask]
        )  # real tokens only
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
ck.check_shape(logits, (*batch.ids.shape, 2), "logits")

# %% [markdown]
# The mask matters. `ck.collate` fills the rows of tags up with zeros, as it does with ids. `logits[batch.mask]` keeps the
# real tokens only. Without it the network would be praised for tagging pads.
#
# The baseline for a tagger is the best tag for each word by itself.

# %%
held, truth = ck.collate(texts[cut:]), ck.collate(tags[cut:]).ids
with torch.no_grad():
    right = (
        (tagger(held.ids, held.lengths).argmax(2) == truth)[held.mask]
        .float()
        .mean()
        .item()
    )

votes = {}
for ids, marks in zip(texts[:cut], tags[:cut], strict=True):
    for i, mark in zip(ids, marks, strict=True):
        votes.setdefault(i, Counter())[mark] += 1
own_best = sum(
    (votes[i].most_common(1)[0][0] if i in votes else 0) == mark
    for ids, marks in zip(texts[cut:], tags[cut:], strict=True)
    for i, mark in zip(ids, marks, strict=True)
) / int(held.mask.sum())
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the tagger is right on at least .97 of the words, and beats the best"
        " tag for each word by .05",
        right > 0.97 and right > own_best + 0.05,
        {"RNN": right, "each word alone": own_best},
    )

# %% [markdown]
# The word "was" is inside the scope in one review and outside in the next. Only a state that remembers can tell. If you
# want to know *where* a network keeps such a thing, wait for chapter 12.

# %% [markdown]
# ## 4.8 One to many: write
#
# The oldest task for this network is to predict the next symbol. It looks like something new, but it is classification:
# the classes are the symbols, and every text is full of labelled examples. After "goa" comes "l". No one has to label
# anything.
#
# We take letters, not words, so that there are few classes. The text is the news of section 4.6, in lower case.


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


train_ids, held_ids = (
    ids_of(train_stream),
    ids_of(stream_of(news.validation, 20_000)),
)
print(
    f"{len(train_ids):,} symbols to learn from, {len(symbols)} different ones: {''.join(symbols[:60])!r}"
)

# %% [markdown]
# How good is a guess? We measure *perplexity*, the exponential of the mean cross-entropy. A model with perplexity 10 is
# as unsure as if it chose among ten symbols, all equally likely. Two baselines come from counting. The first looks at no
# context: how often is each symbol? The second looks at one symbol back.


# %%
def perplexity_of_counts(order):
    """Perplexity of counts with ``order`` symbols of context, plus one each."""
    V = len(symbols)
    context = (
        torch.zeros(len(train_ids), dtype=torch.long) if order == 0 else train_ids
    )
    counts = torch.ones(V, V, dtype=torch.float64)
    counts.index_put_(
        (context[:-1], train_ids[1:]),
        torch.ones(len(train_ids) - 1, dtype=torch.float64),
        accumulate=True,
    )
    log_p = (counts / counts.sum(dim=1, keepdim=True)).log()
    before = torch.zeros_like(held_ids) if order == 0 else held_ids
    return (-log_p[before[:-1], held_ids[1:]].mean()).exp().item()


perplexity = {
    "no context": perplexity_of_counts(0),
    "one symbol back": perplexity_of_counts(1),
}
perplexity

# %% [markdown]
# Now the network. Its input at step $t$ is the symbol that really stands there, and its target is the next one. During
# training it never has to live with its own mistakes. This is called *teacher forcing*: the teacher puts the right symbol
# in front of the network at every step. It makes all steps trainable at once.


# %%
class CharModel(nn.Module):
    """Predicts the next symbol at every step."""

    def __init__(self, n_symbols, hidden_size=128, num_layers=1):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, 32)
        self.rnn = nn.RNN(32, hidden_size, num_layers, batch_first=True)
        self.head = nn.Linear(hidden_size, n_symbols)

    def forward(self, ids, h=None):
        states, h = self.rnn(self.embedding(ids), h)  # (B, T, H)
        return self.head(states), h  # (B, T, V)


def windows(ids, length=64):
    """Cut a stream into inputs and targets; a target is the symbol after its input."""
    n = (len(ids) - 1) // length * length
    return ids[:n].view(-1, length), ids[1 : n + 1].view(-1, length)


def held_out_perplexity(model):
    """Perplexity on text that was not trained on, read in one go."""
    with torch.no_grad():
        logits, _ = model(held_ids[None, :-1])
        return cross_entropy(logits[0], held_ids[1:]).exp().item()


# %%
def train_writer(num_layers=1, epochs=ck.budget(cpu=4, gpu=10, smoke=1)):
    """Train a character model; return it with its perplexity after each epoch."""
    ck.seed_everything(lesson.seed)
    model, order = (
        CharModel(len(symbols), num_layers=num_layers),
        ck.generator(lesson.seed),
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    inputs, targets = windows(train_ids)
    course = []
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs), generator=order).split(32):
            logits, _ = model(inputs[rows])
            loss = cross_entropy(
                logits.flatten(0, 1), targets[rows].flatten()
            )  # every step is an example
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        course.append(held_out_perplexity(model))
    return model, course


writer, course = train_writer()
show(
    charts.curves(
        {"RNN, one layer": course},
        xlabel="epoch",
        ylabel="perplexity on held-out text",
        level=("one symbol back", perplexity["one symbol back"]),
    ),
    alt="Perplexity of the character model on held-out text after each epoch:"
    " it falls below the line of the model that counts pairs of symbols, "
    "and goes on falling.",
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the RNN's perplexity is at most .8 of that of counting one symbol back",
        course[-1] < 0.8 * perplexity["one symbol back"],
        perplexity | {"RNN": course[-1]},
    )

# %% [markdown]
# ### Let it write
#
# To write, feed the network its own answer: draw a symbol from its distribution, put it in, draw the next. That is *one
# to many*. The *temperature* $\tau$ divides the logits before the softmax. Below one it sharpens the choice; above one it
# flattens it.


# %%
@torch.no_grad()
def write(model, start, n=180, temperature=0.8, seed=lesson.seed):
    """Continue a text, symbol by symbol."""
    random, text, h = ck.generator(seed), start, None
    ids = ids_of(start)[None]  # (1, T)
    for _ in range(n):
        logits, h = model(ids, h)  # the state h remembers everything so far
        p = (logits[0, -1] / temperature).softmax(dim=0)  # (V,)
        ids = torch.multinomial(p, 1, generator=random)[None]  # (1, 1)
        text += symbols[ids.item()]
    return text


for temperature in (0.3, 0.8, 1.2):
    print(
        f"temperature {temperature}:\n{write(writer, 'the ', temperature=temperature)}\n"
    )

# %% [markdown]
# At a low temperature it repeats its safest words. At a high one it invents words that do not exist. In between it writes
# things that look like news from a distance: word lengths, endings and small words are right, and nothing means anything.
# It learned from a text shorter than a novel.

# %%
with torch.no_grad():
    logits, _ = writer(held_ids[None, :500])
entropy = {
    temperature: torch.distributions.Categorical(logits=logits / temperature)
    .entropy()
    .mean()
    .item()
    for temperature in (0.3, 0.8, 1.2)
}
ck.claim(
    "the higher the temperature, the higher the mean entropy of the choice",
    entropy[0.3] < entropy[0.8] < entropy[1.2],
    entropy,
)

# %% [markdown]
# > In training the network always saw real text. In writing it sees its own, with its own mistakes, which it never met
# > before. This gap is known as *exposure bias* (Ranzato et al., 2016). At this size it is the smaller of its troubles.

# %% [markdown]
# ## 4.9 Layers
#
# The states of one layer are a sequence of vectors, just like words. So a second layer can read them.

# %%
show(
    ch04.stacked_layers(),
    alt="Two recurrent layers over four words. The states of layer 1 are the "
    "inputs of layer 2, and each layer passes its own state from step to "
    "step.",
)

# %%
deeper, deeper_course = train_writer(
    num_layers=2, epochs=ck.budget(cpu=1, gpu=10, smoke=1)
)
sizes = {
    model.rnn.num_layers: sum(p.numel() for p in model.rnn.parameters())
    for model in (writer, deeper)
}
print(f"parameters of the recurrent part, by layers: {sizes}")
print(
    f"perplexity after {len(deeper_course)} epochs: one layer {course[len(deeper_course) - 1]:.2f}, "
    f"two layers {deeper_course[-1]:.2f}"
)

# %% [markdown]
# Each layer has its own two matrices and its own biases. The second one reads states, which are longer than the vectors
# of letters, so it is the larger. Whether it pays is a question of data and time, and one run with one seed does not
# answer it. [Chapter 7](07_gru_and_friends.ipynb) stacks many narrow layers and looks at what goes wrong.

# %% [markdown]
# ## 4.10 The same, larger
#
# On a GPU you would give the network all the texts at hand. A cell that starts with `%%gpu` does so where there is one.
# Elsewhere it says what it would have done, and shows a record: a longer run, made once, with the machine that made it.

# %%
# %%gpu "train this RNN on all the AG News at hand; the record is of a stronger network" --record agnews-reference
full_news = ck.load("ag_news", seed=lesson.seed)
full_vocabulary, full_parts = prepare(full_news, min_count=3)
full_reader, full_history = train_rnn(
    full_news, full_vocabulary, full_parts, lesson.seed, epochs=3
)
print(full_history.table())
print(ck.evaluate(full_reader, full_parts["test"]))

# %% [markdown]
# > The recorded run reaches an accuracy of <!--r:agnews-reference.accuracy_mean-->0.917<!--/--> on real news (mean of
# > three seeds, standard deviation <!--r:agnews-reference.accuracy_sd-->0.002<!--/-->). Its cell is not the vanilla RNN of
# > this chapter but an LSTM that reads from both ends, which [chapter 6](06_lstm.ipynb) builds.

# %% [markdown]
# ## What you can do now
#
# 1. You read the recurrent step and its gradient as formula and as code, and saw both agree with PyTorch to the last digits.
# 2. You used one network to name a label, to tag each word, and to write.
# 3. You put each score beside guessing, beside models without order, and beside the best possible score, and you know
#    which of the comparisons rest on one seed.
#
# **Remember**
#
# - A recurrent network is a layer that also hears its last answer: $h_t = \tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)$.
# - The same weights serve every step; the gradient sums over the steps.
# - Predicting the next symbol is classification. Writing is drawing from it, again and again.
# - Where single words give the answer away, counting is hard to beat.

# %% [markdown]
# ## Check yourself
#
# **1.** A text gets twice as long. How many more parameters does the network need?
#
# <details><summary>Answer</summary>
#
# None. The matrices are shared by all steps. It needs more time, and in training more memory, because the states of all
# steps are kept for the way back.
#
# </details>
#
# **2.** Why does `d_W_hh` in the backward pass use `h_prev` and not `h`?
#
# <details><summary>Answer</summary>
#
# Because $W_{hh}$ was multiplied with $h_{t-1}$ at step $t$. The gradient of a product by one factor holds the other
# factor.
#
# </details>
#
# **3.** The training loss of a character model falls, but what it writes is poor. Name one reason that has nothing to do
# with the size of the network.
#
# <details><summary>Answer</summary>
#
# Training shows it real text only (teacher forcing). When it writes, it reads its own symbols, and small mistakes lead it
# to places it has never seen. The temperature can also be set badly.
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
# The network has to carry "nobody" over a dozen words to the very end, through a dozen tanh steps. In the time given it
# rarely learns to. With maximum pooling, a feature can be noted where it occurs. [Chapter 5](05_why_rnns_forget.ipynb) measures how the gradient
# fades with distance; [chapter 6](06_lstm.ipynb) mends it.
#
# ```python
# last_reader, last_history = train_rnn(reviews, review_vocabulary, review_parts, lesson.seed,
#                                       epochs=ck.budget(cpu=5, gpu=5, smoke=1), pooling="last")
# print(f"validation accuracy with the last state: {last_history.best.validation_accuracy:.3f}")
# ```
#
# </details>
#
# **3.** Let the temperature go to zero. What does the writer do, and what does the formula say?
#
# <details><summary>Solution</summary>
#
# The softmax puts all its weight on the largest logit, so the choice is no longer random. Since the state has finitely
# many digits and the choice is fixed, the text falls into a loop sooner or later.
#
# ```python
# print(write(writer, "the ", temperature=1e-4))
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - J. L. Elman (1990), *Finding structure in time*. The network of this chapter.
# - P. J. Werbos (1990), *Backpropagation through time: what it does and how to do it*.
# - A. Graves (2013), *Generating sequences with recurrent neural networks*. Writing, at length.
# - Q. V. Le, N. Jaitly and G. E. Hinton (2015), *A simple way to initialize recurrent networks of rectified linear units*.
# - M. Ranzato, S. Chopra, M. Auli and W. Zaremba (2016), *Sequence level training with recurrent neural networks*.
