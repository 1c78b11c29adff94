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
# # The course in one evening
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/one_evening.ipynb) · [По-русски](ru/one_evening.ipynb)
#
# **What is all this about?** One data set, one small class, three layers: take Russian tweets, teach a network to tell a glad one
# from a sad one, and swap `nn.RNN` for `nn.LSTM` for `nn.GRU`. This page goes the whole way, from raw text to a comparison that
# you can trust. Most sections end with the chapter that shows what is only said here.
#
# After it you will be able to
#
# 1. turn raw tweets into batches of numbers, and say what each step may spoil;
# 2. write one class that takes an RNN, an LSTM or a GRU, and train it on texts of different lengths;
# 3. say which of them is better, or that your numbers do not tell.
#
# A published lecture goes the same way; [chapter 0](00_before_you_start.ipynb), section 0.2, says what the published coursework is. It
# stumbles at nearly every step, mostly without an error message. The page shows each fault where it belongs.
#
# **You need** Python, gradient descent and a little PyTorch (chapter 0 has a self-test). You need no Russian: the examples that matter have a gloss. **Time:** an evening to read, under a minute to run on a CPU.

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

lesson = ck.setup(chapter="evening")

# %% [markdown]
# The next cell holds the sentences that this page prints under its code, by name. You need not read it. A tick in front of a sentence says
# that it has just been checked, on the numbers in brackets.

# %% tags=["strings", "hide-input"]
say = {
    "source": "source: {source}; {train:,} texts to learn from, {test:,} to be tested on",
    "rule": "the rule is right on {right:.1%} of the training texts; {marked:.1%} contain a bracket",
    "rule claim": "where a text has a bracket, counting brackets is right in more than 95 of 100 cases",
    "lecture way": "the lecture's steps leave:",
    "our way": "our steps leave:",
    "lecture words": "the lecture's steps make words of an account, of a smiley and of “I” with “not”, and tie "
    "the sky to “when”",
    "our words": "our steps leave lemmas only, and the sky is on its own",
    "glued": "“не” is joined to the word after it, and a last “не” stays",
    "empty": "{n} test texts have no word left",
    "counts": "words + pairs, C = {C:g}",
    "most frequent": "more frequent answer",
    "leaky": "emoticons left in",
    "scores": "score  95 % interval",
    "leak claim": "with the emoticons left in, the score is higher by .02 or more",
    "same bag": "the two sentences are one bag of words",
    "step": "the loop over one line of NumPy equals nn.RNN to 1e-12",
    "relu": "a ReLU state falls at every step with the weight .8, and passes 10,000 with 1.2; tanh "
    "stays below 1",
    "h_n": "h_n holds one last state for each of the two layers",
    "layers": "what the lecture calls h and c are layers 1 and 2; with one layer or three, the line is an"
    " error",
    "unrolled alt": "The network unrolled over the words я, не, люблю, понедельники. Each word vector enters a "
    "state through W_xh, and each state passes to the next one through W_hh, from h_0 on.",
    "shape 1": "one to many: write a text",
    "shape 2": "many to one: judge a text",
    "shape 3": "many to many: tag each word",
    "shapes alt": "Three unrolled networks of three steps. One to many: one input, and each output is the "
    "next input. Many to one: three inputs, and all three states lead to one answer. Many to many: an answer "
    "above every input.",
    "27 classes": "27 time steps are taken for 27 classes: before training the loss is near ln 27",
    "two words": "the numbers of the two possible answers stay as they are when every word from the third on"
    " is changed",
    "distance": "steps back from the last word",
    "gradient": "size of the gradient\n(last word = 1)",
    "open": "LSTM with forget gate open",
    "fade alt": "The size of the gradient by the distance from the last word, on a logarithmic scale. RNN, "
    "LSTM and GRU as PyTorch starts them all fall by orders of magnitude. With a forget gate "
    "that starts open, the LSTM keeps the order of magnitude.",
    "fade": "25 steps back, the plain RNN has less than a millionth of its gradient left, the open LSTM"
    " more than a hundredth",
    "gate c": "the memory",
    "gate f": "how much of the\nold memory stays",
    "gate i": "how much\ngets in",
    "gate g": "what would\nget in",
    "gate o": "how much\nis shown",
    "lstm alt": "One step of the LSTM. The word and the old output enter four boxes: forget gate, input gate, "
    "candidate and output gate. Along the top runs the memory: it is multiplied by the forget gate, then the "
    "product of input gate and candidate is added. The new output is the tanh of the memory times the output "
    "gate.",
    "lstm step": "one step by these formulae equals nn.LSTM to 1e-12",
    "gru step": "one step by these formulae equals nn.GRU to 1e-12",
    "weights": "LSTM has 4 times, GRU 3 times the weights of the RNN layer",
    "cell 1": "RNN: 1 set of weights",
    "cell 2": "LSTM: 4 sets of weights",
    "cell 3": "GRU: 3 sets of weights",
    "mix": "mix",
    "cells alt": "Three small drawings. The RNN has one box with weights, tanh. The LSTM has four, f, i, g "
    "and o, and a memory along the top. The GRU has three, r, n and z, and mixes the old state "
    "with the candidate.",
    "dropout": "nn.LSTM with dropout=0.3 and one layer only warns, and drops nothing",
    "unknown": "{words:,} entries; {unknown:.0%} of the running words in the test texts are not among them",
    "padding": "packed, each text gets the same logits alone and beside longer ones, to 1e-5",
    "last column": "the last column of a padded batch gives some text another answer beside longer ones",
    "lengths": "lengths:",
    "runs": "layer  seed  train   test  “glad”",
    "learned": "every run is right on more of the training texts than the more frequent answer is, by .05",
    "broadcast": "the lecture's accuracy of this answer sheet is above 1",
    "threshold": "a logit of .5 means a probability of {p:.2f}; one half is the logit 0",
    "accuracy": "test accuracy",
    "linear": "counts",
    "live alt": "Test accuracy of RNN, LSTM and GRU, three seeds each as dots with a bar at their mean: RNN "
    "{RNN:.3f}, LSTM {LSTM:.3f}, GRU {GRU:.3f}. A dotted line marks the counts at {counts:.3f}.",
    "gaps": "difference  95 % interval",
    "one seed": "one seed",
    "mean": "mean",
    "record": "recorded on {train:,} tweets, tested on {test:,}",
    "record alt": "Recorded accuracy on test tweets: three seeds each of RNN, LSTM and GRU as dots with a bar at "
    "their mean: RNN {RNN:.3f}, LSTM {LSTM:.3f}, GRU {GRU:.3f}. A dotted line marks the counts at "
    "{counts:.3f}.",
    "no winner": "in the record, the intervals between the layers contain zero, and those against the counts"
    " lie below it",
}

# %% [markdown]
# ## 1. Labels that you can see
#
# RuTweetCorp is a corpus of Russian tweets, labelled glad or sad. If you have it (a campus mirror, or the two files of its
# author: [where they go](data_and_budgets.md)), this page reads it. If not, it reads short messages that were written for this course; the output says which. (`ck.load` finds the data, and `ck.budget` picks a size for this machine.) Look at the raw text first, always. (`mask` hides the names of accounts and all but the first letter of rude words, on the page
# only: otherwise tweets are as people write them.) The digit before a text is its label: 1 glad, 0 sad.

# %%
from coursekit.text import mask

corpus = ck.load(
    "ru_tweets", train=ck.budget(cpu=3_000, gpu=3_000, smoke=300), seed=lesson.seed
)
print(
    say["source"].format(
        source=corpus.source.kind, train=len(corpus.train), test=len(corpus.test)
    )
)
for text, label in zip(corpus.train.texts[:8], corpus.train.labels, strict=False):
    print(label, mask(text))

# %% [markdown]
# Nobody read the tweets of RuTweetCorp to label them: a program looked for emoticons (Rubtsova, 2015). A Russian smile is a closing
# bracket, sometimes `:D`. So a rule of one line, which knows no Russian, is hardly ever wrong where it sees a bracket:

# %%
def rule(text):
    return int(text.count(")") + text.count("D") > text.count("("))


texts, labels = corpus.train.texts, corpus.train.labels
right = [rule(text) == label for text, label in zip(texts, labels, strict=True)]
heard = [ok for ok, text in zip(right, texts, strict=True) if set("()") & set(text)]
share, marked = sum(right) / len(right), len(heard) / len(right)
print(say["rule"].format(right=share, marked=marked))
ck.claim(say["rule claim"], sum(heard) / len(heard) > 0.95, sum(heard) / len(heard))

# %% [markdown]
# A network that sees the brackets needs nothing but this rule, and may learn nothing about moods. That is *data leakage*. In the course's own messages
# an emoticon stands in a part only, and the rule has nothing to go by in the rest. → [Chapter 1](01_text_to_tokens.ipynb), section 1.7.

# %% [markdown]
# ## 2. From text to words
#
# The lecture joins the negation to its verb (so it hopes), strips the punctuation, and splits at spaces. Our steps differ. First goes
# what the service added: “RT”, accounts, links. Then the emoticons, while they can still be recognised; `remove_emoticons` is the package's
# list of faces, brackets without a partner, and emoji. Then we cut out the words, and `pymorphy3` looks up their *lemmas*, the forms
# of the dictionary. (The lecture's `pymorphy2` still imports, but its `MorphAnalyzer()` fails since Python 3.11; `pymorphy3` is its successor.) A word is looked up
# once: `@cache` remembers the answer.
#
# The tweet in this cell says: “I don't like it when the sky is grey”, with a broad smile.

# %%
import re
import string
from functools import cache

import pymorphy3

from coursekit.text import remove_emoticons

dictionary = pymorphy3.MorphAnalyzer()


@cache
def lemma(word):
    return dictionary.parse(word)[0].normal_form


def words_of(text):
    """The lemmas of a tweet, in order."""
    text = re.sub(r"\bRT\b|@\w+|https?://\S+", " ", text)
    text = remove_emoticons(text)
    return [lemma(word) for word in re.findall(r"[^\W_]+", text.lower())]


tweet = "RT @anna_k: Я не люблю, когда небо серое :D"
lecture = re.sub(r"\sне", "не", tweet)
lecture = lecture.translate(str.maketrans("", "", string.punctuation))
lecture = lecture.lower().split()
print(say["lecture way"], ", ".join(lecture), sep="\n")
print(say["our way"], ", ".join(words_of(tweet)), sep="\n")
ck.claim(say["lecture words"], {"annak", "d", "яне", "когданебо"} <= set(lecture))
ck.claim(
    say["our words"], words_of(tweet) == "я не любить когда небо серый".split()
)

# %% [markdown]
# The lecture's expression `"\sне"` removes the space *before* “не”. So “I” and “not” become one word, and so do “when” and “sky”,
# since “небо” (sky) begins with the same two letters. The account stays as a word, and of “:D” the letter “d” is left, which gives
# the label away as well as the smiley did.
#
# To join a negation to the word *after* it, work on words:

# %%
def glue(words):
    """Join “не” to the word after it."""
    glued = []
    for word in words:
        if glued and glued[-1] == "не":
            glued[-1] = f"не_{word}"
        else:
            glued.append(word)
    return glued


print(*glue(words_of(tweet)), sep=", ")
ck.claim(
    say["glued"],
    glue(["я", "не", "любить", "небо"]) == ["я", "не_любить", "небо"]
    and glue(["я", "не"]) == ["я", "не"],
)
parts = {name: getattr(corpus, name) for name in ("train", "validation", "test")}
words = {
    name: [words_of(text) for text in part.texts] for name, part in parts.items()
}
print(say["empty"].format(n=sum(not found for found in words["test"])))

# %% [markdown]
# Below we do *not* glue: a network that reads in order can take “не” as a word. And we drop no *stop words* (frequent ones, by a list), because the usual
# lists contain “не”, and even “хорошо” (good). → [Chapter 1](01_text_to_tokens.ipynb), sections 1.4 to 1.6.

# %% [markdown]
# ## 3. What we know: count the words
#
# The oldest way to turn a text into numbers is a column for every word. Three kinds of numbers are usual. *Counts*: how often the word
# $w$ occurs in the text $d$. *Hashing*: the same, but a hash function says which column a word gets, so no list is needed and some words
# share a column. *TF-IDF*: counts, weighted down for words that stand in many of the $N$ texts,
#
# $$\text{tf-idf}(w, d) = \text{tf}(w, d)\,\Bigl(\ln\frac{1 + N}{1 + \text{df}(w)} + 1\Bigr),$$
#
# where $\text{tf}$ is the count, damped in our code to $1 + \ln$ of it, and $\text{df}(w)$ is the number of texts that contain $w$. On top stands a linear classifier. This is the *baseline*: a number that a network
# has to beat before anyone should care. We count lemmas and pairs of neighbours, and choose `C` (a small one keeps the weights small) on validation. (Each text's vector is then
# divided by its Euclidean length.) `ck.wilson` gives the interval of a score.

# %%
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def counting(words):
    """Answers of a linear model of words and pairs on the test texts, and its C."""
    tfidf = TfidfVectorizer(
        analyzer=lambda w: [*w, *map(" ".join, pairwise(w))], sublinear_tf=True
    )
    train = tfidf.fit_transform(words["train"])
    models = [
        LogisticRegression(C=C, max_iter=1000).fit(train, parts["train"].labels)
        for C in (1, 10, 100)
    ]
    seen = tfidf.transform(words["validation"])
    known = parts["validation"].labels
    best = max(models, key=lambda model: model.score(seen, known))
    return best.predict(tfidf.transform(words["test"])), best.C


def report(name, answers):
    """Print a score with its 95 % interval, and return it."""
    correct, n = int((answers == truth).sum()), len(truth)
    low, high = ck.wilson(correct, n)
    print(f"{correct / n:.3f}  {low:.3f}  {high:.3f}  {name}")
    return correct / n


truth = np.array(parts["test"].labels)
by_counts, C = counting(words)
marked = {
    name: [re.findall(r"\w+|[^\w\s]", text.lower()) for text in part.texts]
    for name, part in parts.items()
}
most = np.bincount(parts["train"].labels).argmax()
print(say["scores"])
majority = report(say["most frequent"], np.full(len(truth), most))
counts = report(say["counts"].format(C=C), by_counts)
leaky = report(say["leaky"], counting(marked)[0])
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(say["leak claim"], leaky > counts + 0.02, leaky - counts)

# %% [markdown]
# The line “emoticons left in” has the score that you get for leaving the answer in the text. The line of words and pairs is what every score
# below has to be read beside.
# → [Chapter 2](02_bags_of_words.ipynb): hashing and its collisions, TF-IDF, and baselines done fairly.

# %% [markdown]
# ## 4. Why order?
#
# “Not bad, but good” and “not good, but bad”:

# %%
good, bad = "не плохо, а хорошо", "не хорошо, а плохо"
ck.claim(say["same bag"], sorted(words_of(good)) == sorted(words_of(bad)))

# %% [markdown]
# No count of single words (a *bag of words*: which ones, how often, in no order) can tell them apart. Pairs can, here, since the words are neighbours; a longer sentence defeats them. A
# mean of *word vectors* (learned numbers, one row for each word) is blind to order too. To read as you do is to take one word at a
# time, and keep notes.
#
# The same idea makes text. To guess the *next word*, as a *language model* does, is to classify, with the words of the vocabulary as classes; put the guess at the
# end of the text, and guess again. → [Chapter 4](04_vanilla_rnn.ipynb), section 4.9, does it with letters.

# %% [markdown]
# ## 5. The step
#
# A layer takes a vector $x$ and returns $\tanh(W_{xh}\,x + b)$. Let it also hear its own last answer, the *state*:
#
# $$h_t = \tanh(W_{xh}\,x_t + W_{hh}\,h_{t-1} + b).$$
#
# That is the whole *recurrent network*. The matrices are the same at every step, so one network reads texts of any length. (PyTorch keeps two
# biases and adds them.) The words in the drawing say: “I don't like Mondays”.

# %%
from bookfigures import ch04
from coursekit.figures import charts, show

show(ch04.unrolled(["я", "не", "люблю", "понедельники"]), alt=say["unrolled alt"])

# %%
import torch
from torch import nn

T, D, H = 6, 5, 4  # words, numbers in a word vector, numbers in a state
rnn = nn.RNN(D, H, batch_first=True).double()
W_xh, W_hh, b_x, b_h = (p.detach().numpy() for p in rnn.parameters())
x = torch.randn(1, T, D, dtype=torch.float64)
h = np.zeros(H)
for x_t in x[0].numpy():
    h = np.tanh(W_xh @ x_t + W_hh @ h + b_x + b_h)
ck.claim(say["step"], np.abs(h - rnn(x)[1].detach().numpy()).max() < 1e-12)

# %% [markdown]
# Why tanh? The lecture says that a ReLU is never negative, so signals could only grow. They can fall: it depends on the weight. What is true is
# that nothing bounds a ReLU state, and tanh keeps every number between -1 and 1.

# %%
def states(f, weight):
    """Sixty steps of one unit that reads nothing."""
    h = [0.5]
    for _ in range(60):
        h.append(f(weight * h[-1]))
    return np.array(h)


falls, grows = (states(lambda a: max(a, 0.0), weight) for weight in (0.8, 1.2))
ck.claim(
    say["relu"],
    np.all(np.diff(falls) < 0)
    and grows[-1] > 1e4
    and states(np.tanh, 1.2).max() < 1,
    {"ReLU (.8)": falls[-1], "ReLU (1.2)": grows[-1]},
)

# %% [markdown]
# → [Chapter 4](04_vanilla_rnn.ipynb): the way back, written out and checked.

# %% [markdown]
# ## 6. Layers
#
# The states of one layer can be the words of the next: `num_layers=2`. PyTorch returns two things: the states of the top layer at every
# step, and $h_n$, the last state of *each* layer.
#
# The lecture writes `out, (h, c) = nn.RNN(...)(x)`. A plain RNN has no $c$. The line runs only because there are two layers, and $h_n$ splits
# in two:

# %%
def fails(num_layers):
    """Whether the lecture's line is an error with so many layers."""
    try:
        _, (h, c) = nn.RNN(D, H, num_layers, batch_first=True).double()(x)
    except ValueError:
        return True
    return False


out, h_n = nn.RNN(D, H, num_layers=2, batch_first=True).double()(x)
h, c = h_n
ck.claim(say["h_n"], h_n.shape == (2, 1, H), tuple(h_n.shape))
ck.claim(
    say["layers"],
    torch.equal(c, out[:, -1]) and not torch.equal(h, c) and fails(1) and fails(3),
)

# %% [markdown]
# “More layers generalise better”, says the lecture. That is no law: depth is a knob, and it has to be measured.
# → [Chapter 10](10_scaling_and_evidence.ipynb), section 10.6.

# %% [markdown]
# ## 7. Three shapes of a task

# %%
titles = [say[f"shape {k}"] for k in (1, 2, 3)]
show(ch04.task_shapes(titles), alt=say["shapes alt"])

# %% [markdown]
# Judging a tweet is *many to one*: read all the words, answer once. (A translation has another length than its source: two networks, one
# reads, one writes.)
#
# The lecture's classifier puts `nn.Linear(H, 1)` on *every* state. It gives one number for each of the 27 words of its longest tweet.
# `CrossEntropyLoss` takes these for 27 classes, and the label, 0 or 1, picks the first word or the second. It trains without any error:

# %%
from torch.nn.functional import cross_entropy

B, length = 64, 27
reads_all = nn.RNN(D, H, num_layers=2, batch_first=True)
on_every_state = nn.Linear(H, 1)
x = torch.randn(B, length, D)
others = torch.cat([x[:, :2], torch.randn(B, length - 2, D)], dim=1)
with torch.no_grad():
    # (B, 27, 1) each
    logits, changed = (on_every_state(reads_all(v)[0]) for v in (x, others))
    loss = cross_entropy(logits, torch.randint(2, (B, 1))).item()
ck.claim(say["27 classes"], abs(loss - np.log(27)) < 0.3, [loss, float(np.log(27))])
ck.claim(say["two words"], torch.allclose(logits[:, :2], changed[:, :2], atol=1e-6))

# %% [markdown]
# A state at the second word has read two words. So the answer of this classifier rests on two words of a tweet, whatever its loss says. Ours, in
# section 12, reads the state after the *last* word. (The drawing makes its one answer of all states, as chapter 4 does.) → [Chapter 4](04_vanilla_rnn.ipynb), sections 4.6 to 4.9.

# %% [markdown]
# ## 8. Why the gradient fades
#
# To learn from the first word, the network needs the gradient of the loss with respect to it. It comes back through every step, and each
# step multiplies it by a matrix:
#
# $$\frac{\partial h_T}{\partial h_t} = \prod_{k=T}^{t+1} \operatorname{diag}(1 - h_k^2)\,W_{hh}.$$
#
# If these factors shrink a vector, the product shrinks it exponentially: the gradient *vanishes*. If they stretch it, it *explodes*; then we *clip* it, that is, shorten it.
# Clipping cures the second and not the first. Measure the gradient that reaches each word, with the weights PyTorch starts from, and for one
# LSTM whose forget gate starts open (section 9 is about gates):

# %%
def by_distance(net, steps=30):
    """Size of the last state's gradient for each word, from the last word back."""
    x = torch.randn(32, steps, 16, requires_grad=True)
    net(x)[0][:, -1].sum().backward()
    sizes = x.grad.norm(dim=2).mean(dim=0).flip(0)  # (steps,)
    return (sizes / sizes[0]).tolist()


ck.seed_everything(lesson.seed)
opened = nn.LSTM(16, 32, batch_first=True)
with torch.no_grad():
    # The biases of i, f, g, o are stacked: f is the second.
    opened.bias_hh_l0[32:64] = 4.0
fade = {
    "RNN": by_distance(nn.RNN(16, 32, batch_first=True)),
    "LSTM": by_distance(nn.LSTM(16, 32, batch_first=True)),
    say["open"]: by_distance(opened),
    "GRU": by_distance(nn.GRU(16, 32, batch_first=True)),
}
show(
    charts.curves(
        fade, x=range(30), xlabel=say["distance"], ylabel=say["gradient"], logy=True
    ),
    alt=say["fade alt"],
)

# %%
left = {name: sizes[25] for name, sizes in fade.items()}
ck.claim(say["fade"], left["RNN"] < 1e-6 and left[say["open"]] > 1e-2, left)

# %% [markdown]
# Gates alone do not save a gradient: as PyTorch starts them, they are half open, and half of half of half is little. They let the network
# *learn* to keep one, and a good start helps. → [Chapter 5](05_why_rnns_forget.ipynb) and section 6.10 of
# [chapter 6](06_lstm.ipynb).

# %% [markdown]
# ## 9. LSTM: gates
#
# > *Девочка, увидев парк, улыбнулась.* The girl (feminine), on seeing the park (masculine), smiled (feminine).
#
# A language model that writes the verb has to know gender and number of its *subject*, three words back, and must not be misled by the
# park. It would need a place where “feminine, singular” can lie untouched. The *long short-term memory* has one, the memory $c$:
#
# $$\begin{aligned}
# i, f, o &= \sigma(\dots), \\
# g &= \tanh(\dots), \\
# c_t &= f \odot c_{t-1} + i \odot g, \\
# h_t &= o \odot \tanh(c_t),
# \end{aligned}$$
#
# where each $\dots$ is $W_x\,x_t + W_h\,h_{t-1} + b$ with its own matrices, $\sigma(a) = 1/(1 + e^{-a})$ is the sigmoid, between 0 and 1, and $\odot$ multiplies elementwise.

# %%
from bookfigures import ch06

gates = {gate: say[f"gate {gate}"] for gate in "cfigo"}
show(ch06.lstm_cell(words=gates), alt=say["lstm alt"])

# %% [markdown]
# Read the gates at the words:
#
# - **input gate** $i$ and **candidate** $g$: at *Девочка*, “feminine, singular” is written into the memory; at *парк*, $i$ stays near zero;
# - **forget gate** $f$: it is near one while the subject must be kept, and near zero when a new subject comes;
# - **output gate** $o$: it opens just before the verb, whose form needs gender and number.
#
# This is a story about what a cell *can* do. Whether a trained one does is a question for measurement. The formulae are exact:

# %%
lstm = nn.LSTM(D, H, batch_first=True).double()
W_x, W_h, b_x, b_h = lstm.parameters()
x = torch.randn(1, 1, D, dtype=torch.float64)
h_0, c_0 = torch.randn(2, 1, H, dtype=torch.float64)
# (1, H) each
i, f, g, o = (x[:, 0] @ W_x.T + b_x + h_0 @ W_h.T + b_h).chunk(4, dim=1)
i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
c = f * c_0 + i * g
h = o * c.tanh()
_, (h_n, c_n) = lstm(x, (h_0[None], c_0[None]))  # here, h and c are two states
gap = torch.stack([h - h_n[0], c - c_n[0]]).abs().max().item()
ck.claim(say["lstm step"], gap < 1e-12, gap)

# %% [markdown]
# The lecture has no result for its LSTM: the cell that trains it stops with a `NameError`. → [Chapter 6](06_lstm.ipynb).

# %% [markdown]
# ## 10. GRU: fewer gates
#
# The *gated recurrent unit* merges forget and input gate into one, the *update gate* $z$, and has no memory besides its state:
#
# $$\begin{aligned}
# h_t &= (1 - z) \odot n + z \odot h_{t-1}, \\
# n &= \tanh\bigl(W_{xn}\,x_t + b_{xn} \\
# &\qquad {} + r \odot (W_{hn}\,h_{t-1} + b_{hn})\bigr),
# \end{aligned}$$
#
# with two gates, $r, z = \sigma(\dots)$: the *reset gate* $r$ says how much of the old state the candidate $n$ may look at. (The first paper lets $r$ act *before*
# the product with $W_{hn}$. With the same weights that is another function.)

# %%
from bookfigures import ch07

titles = [say[f"cell {k}"] for k in (1, 2, 3)]
show(ch07.three_cells(titles, say["mix"]), alt=say["cells alt"])

# %%
gru = nn.GRU(D, H, batch_first=True).double()
W_x, W_h, b_x, b_h = gru.parameters()
r_x, z_x, n_x = (x[:, 0] @ W_x.T + b_x).chunk(3, dim=1)
r_h, z_h, n_h = (h_0 @ W_h.T + b_h).chunk(3, dim=1)
r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
h = (1 - z) * (n_x + r * n_h).tanh() + z * h_0
gap = (h - gru(x, h_0[None])[1][0]).abs().max().item()
ck.claim(say["gru step"], gap < 1e-12, gap)
sizes = [sum(p.numel() for p in layer.parameters()) for layer in (rnn, lstm, gru)]
ck.claim(
    say["weights"], sizes[1] == 4 * sizes[0] and sizes[2] == 3 * sizes[0], sizes
)

# %% [markdown]
# → [Chapter 7](07_gru_and_friends.ipynb): the variants of the GRU, and speed and scores of all three.

# %% [markdown]
# ## 11. Four kinds of dropout
#
# *Dropout* sets a random share of numbers to zero in training, so that no single one decides. In a recurrent network it matters where:
#
# - **on word vectors**, or on whole words: no single word may decide;
# - **on the text's vector** (below, the last state), before the linear layer;
# - **between layers**: this is what `dropout=` of `nn.LSTM` does, so with one layer it does nothing but warn;
# - **on the state**, from step to step: *recurrent* dropout. A new draw at every step would wear the memory down, so it is drawn once for
#   a text and kept. PyTorch has no option for it; Keras has `recurrent_dropout`.

# %%
import warnings

with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    silent = nn.LSTM(D, H, batch_first=True, dropout=0.3).double().train()
ck.claim(
    say["dropout"], len(heard) == 1 and torch.equal(silent(x)[0], silent(x)[0])
)

# %% [markdown]
# → [Chapter 9](09_training_well.ipynb), section 9.7, measures dropout in four places.

# %% [markdown]
# ## 12. Texts of different lengths
#
# Now build the real thing. A *vocabulary* numbers the words of the training texts. What occurs there once becomes `<unk>`, *unknown*; so does
# a word of another part that it does not know, and an empty text, since a length of zero would break the network.
# The cell prints three short texts as ids, and their lengths.

# %%
from collections import Counter

from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

PAD, UNK = 0, 1
seen = Counter(word for found in words["train"] for word in found)
kept = sorted((w for w, n in seen.items() if n > 1), key=lambda w: (-seen[w], w))
word_id = {word: i for i, word in enumerate(kept, start=2)}


class Tweets(Dataset):
    """Word ids and a label for each text."""

    def __init__(self, token_lists, labels):
        self.ids = [
            [word_id.get(w, UNK) for w in found] or [UNK] for found in token_lists
        ]
        self.labels = labels

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return torch.tensor(self.ids[i]), self.labels[i]


def collate(pairs):
    """Texts of different lengths as a rectangle, with their lengths and labels."""
    ids, labels = zip(*pairs, strict=True)
    lengths = torch.tensor([len(row) for row in ids])
    padded = pad_sequence(ids, batch_first=True, padding_value=PAD)
    return padded, lengths, torch.tensor(labels)


data = {name: Tweets(words[name], part.labels) for name, part in parts.items()}
by_length = {len(pair[0]): pair for pair in data["train"]}
ids, lengths, _ = collate([by_length[n] for n in sorted(by_length)[1:4]])
for row in ids.tolist():
    print(*(f"{i:4}" for i in row))
print(say["lengths"], *lengths.tolist())

# %%
running = [word for found in words["test"] for word in found]
unknown = sum(word not in word_id for word in running) / len(running)
print(say["unknown"].format(words=len(word_id) + 2, unknown=unknown))

# %% [markdown]
# Here is the class. Which layer reads is an argument. `pack_padded_sequence` tells the layer where each text ends, so it skips *pads* (the
# filling zeros), and $h_n$ is the state after the last *word*. An LSTM returns its memory too; we need $h_n$ only.

# %%
class Reader(nn.Module):
    """Word vectors, a recurrent layer over the real words, a linear layer."""

    def __init__(
        self, layer, n_words, embedding_dim=32, hidden_size=32, dropout=0.3
    ):
        super().__init__()
        self.embedding = nn.Embedding(n_words, embedding_dim, padding_idx=PAD)
        self.rnn = layer(embedding_dim, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, 2)

    def forward(self, ids, lengths):
        x = self.dropout(self.embedding(ids))  # (B, T, E)
        packed = pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        _, last = self.rnn(packed)
        h_n = last[0] if isinstance(last, tuple) else last  # (1, B, H)
        return self.head(self.dropout(h_n[-1]))  # (B, 2)

# %% [markdown]
# Does it hold what packing promises? A text must get the same answer alone and beside longer ones. Test it before any training. For contrast,
# take the last *column* of the padded rectangle, as many notebooks do:

# %%
LAYERS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
batch = [data["test"][i] for i in range(32)]
ids, lengths, _ = collate(batch)


def last_column(model, ids):
    """The careless reading: the state after the last column, pads and all."""
    return model.head(model.rnn(model.embedding(ids))[0][:, -1])


packed_gaps, column_gaps = [], []
with torch.no_grad():
    for layer in LAYERS.values():
        model = Reader(layer, len(word_id) + 2).eval()
        together, careless = model(ids, lengths), last_column(model, ids)
        for k, pair in enumerate(batch):
            one, n, _ = collate([pair])
            packed_gaps.append((model(one, n)[0] - together[k]).abs().max().item())
            gap = (last_column(model, one)[0] - careless[k]).abs().max().item()
            column_gaps.append(gap)
ck.claim(say["padding"], max(packed_gaps) < 1e-5, max(packed_gaps))
ck.claim(say["last column"], max(column_gaps) > 1e-2, max(column_gaps))

# %% [markdown]
# (The lecture ends with a packed model too. It has five outputs for two classes, and is never run.) → [Chapter 3](03_tokens_to_batches.ipynb) on
# batches, [chapter 8](08_padding_and_packing.ipynb) on packing, and when it is slower than padding.

# %% [markdown]
# ## 13. Train, and look
#
# The loop is the usual one. After each epoch we look at validation, and keep the weights of the best epoch. The test texts are read once, at the end.

# %%
import copy


@torch.no_grad()
def answers_of(model, dataset):
    """The class of every text, in order."""
    model.eval()
    loader = DataLoader(dataset, batch_size=256, collate_fn=collate)
    found = [model(ids, lengths).argmax(dim=1) for ids, lengths, _ in loader]
    return torch.cat(found)


def accuracy(model, dataset):
    hits = answers_of(model, dataset) == torch.tensor(dataset.labels)
    return hits.float().mean().item()


def train(layer, seed, epochs=ck.budget(cpu=6, gpu=6, smoke=1)):
    """A Reader with the weights of its best epoch on validation."""
    ck.seed_everything(seed)
    model, best = Reader(layer, len(word_id) + 2), -1.0
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(
        data["train"], batch_size=32, shuffle=True, collate_fn=collate
    )
    for _ in range(epochs):
        model.train()
        for ids, lengths, labels in loader:
            loss = cross_entropy(model(ids, lengths), labels)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        score = accuracy(model, data["validation"])
        if score > best:
            best, weights = score, copy.deepcopy(model.state_dict())
    model.load_state_dict(weights)
    return model

# %% [markdown]
# Two things come before any score: did the model learn its *training* texts, and does it use both answers? One that always gives the same answer
# has a test score as well. Three seeds each, since a single run is partly luck.
# The last column is the share of test texts that are called glad.

# %%
SEEDS = range(lesson.seed, lesson.seed + 3)
tested, on_train = {name: [] for name in LAYERS}, []
print(say["runs"])
for name, layer in LAYERS.items():
    for seed in SEEDS:
        model = train(layer, seed)
        answers = answers_of(model, data["test"]).numpy()
        tested[name].append(answers)
        on_train.append(accuracy(model, data["train"]))
        on_test, glad = (answers == truth).mean(), answers.mean()
        print(f"{name:5}  {seed:4}  {on_train[-1]:.3f}  {on_test:.3f}  {glad:5.0%}")

# %%
share = max(np.bincount(parts["train"].labels)) / len(parts["train"])
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(say["learned"], min(on_train) > share + 0.05, min(on_train))

# %% [markdown]
# How the lecture computes its accuracy is worth a look. It compares answers of shape `[128, 27]` with labels of shape `[128, 1]`: PyTorch copies
# the column 27 times. It counts the hits, and divides by the number of *batches*. And it asks whether the raw logit is above .5.

# %%
# Every answer is 1, and right.
sheet, truths = torch.ones(128, 27), torch.ones(128, 1)
n_batches = 1
hits = sheet == truths
ck.claim(
    say["broadcast"],
    hits.shape == (128, 27) and hits.sum() / n_batches > 1,
    hits.sum() / n_batches,
)
print(say["threshold"].format(p=torch.tensor(0.5).sigmoid().item()))

# %% [markdown]
# ## 14. Which one is better?

# %%
accuracies = {
    name: [float((answers == truth).mean()) for answers in runs]
    for name, runs in tested.items()
}
means = {name: np.mean(scores) for name, scores in accuracies.items()}
show(
    charts.seed_dots(
        accuracies,
        xlabel=say["accuracy"],
        level=(say["linear"], counts),
        names=(say["one seed"], say["mean"]),
    ),
    alt=say["live alt"].format(counts=counts, **means),
)

# %% [markdown]
# Do not compare the dots by eye. All models read the *same* test texts, so ask for the interval of their *difference*: draw texts and seeds again,
# with replacement, a thousand times, and look at where the difference falls.

# %%
from itertools import combinations

from coursekit.stats import paired_bootstrap


def score(labels, answers):
    return float((labels == answers).mean())


models = tested | {say["linear"]: [by_counts]}
print(say["gaps"])
for first, second in combinations(models, 2):
    gap, low, high = paired_bootstrap(
        truth, models[first], models[second], score, seed=lesson.seed, draws=1_000
    )
    print(f"{gap:+10.3f}  {low:+.3f}  {high:+.3f}  {first} - {second}")

# %% [markdown]
# An interval that contains zero says: on these texts, with these seeds, we cannot tell the two apart.
#
# > Varied: the layer, and the seed. Tuned on validation: `C` of the counts, and which epoch of a network is kept. Held fixed: texts, lemmas,
# > sizes, rate, and PyTorch's way of drawing the start.
#
# What can this comparison show? The course's own messages have 279 test texts: a score on them is uncertain by about six points either way,
# and they were written to need irony and contrast. They show that the whole way can be gone, and name no winner. Three thousand tweets show more, since 4,000
# are tested on. But learning from so few is a matter of vocabulary: look at the share of unknown words above.
#
# If you read tweets, you may see the plain RNN fall behind here, and the counts ahead of all three layers, by intervals without zero.
# Before you believe it: the `C` of the counts was tuned, the networks share one rate that was tuned for none, and there are six intervals.
#
# So the comparison was run once on all the tweets of our mirror, a part of the corpus, with layers twice as wide. The class is the package's, which is the class above
# with more options; the rate of each layer was chosen on validation.

# %%
from coursekit.records import read_record

record = read_record("evening-tweets")
rows = record["provenance"]["data"]["ru_tweets-lemmas"]["rows"]
print(say["record"].format(train=rows["train"], test=rows["test"]))
recorded = {name: record.arm(name.lower()).scores for name in LAYERS}
level = (say["linear"], record.summary["cells_counts"]["mean"])
means = {name: np.mean(scores) for name, scores in recorded.items()}
show(
    charts.seed_dots(
        recorded,
        xlabel=say["accuracy"],
        level=level,
        names=(say["one seed"], say["mean"]),
    ),
    alt=say["record alt"].format(counts=level[1], **means),
)

# %%
shown = {name.lower(): name for name in LAYERS} | {"counts": say["linear"]}
gaps = {key: found for key, found in record.summary.items() if "_minus_" in key}
print(say["gaps"])
for key, found in gaps.items():
    pair = key.removeprefix("cells_").split("_minus_")
    name = " - ".join(shown[model] for model in pair)
    gap, low, high = (found[part] for part in ("difference", "low", "high"))
    print(f"{gap:+10.3f}  {low:+.3f}  {high:+.3f}  {name}")
ck.claim(
    say["no winner"],
    all(
        found["high"] < 0
        if key.endswith("counts")
        else found["low"] < 0 < found["high"]
        for key, found in gaps.items()
    ),
)

# %% [markdown]
# All three have learned: the loss on the training texts in the epochs that were kept
# is <!--r:evening-tweets.rnn_train_loss-->0.49<!--/--> (RNN), <!--r:evening-tweets.lstm_train_loss-->0.49<!--/--> (LSTM)
# and <!--r:evening-tweets.gru_train_loss-->0.51<!--/--> (GRU), where guessing has $\ln 2 \approx 0.69$. And all use both answers: “glad” is said
# to <!--r:evening-tweets.rnn_positive-->50 %<!--/-->, <!--r:evening-tweets.lstm_positive-->50 %<!--/-->
# and <!--r:evening-tweets.gru_positive-->51 %<!--/--> of the texts.
#
# Now the differences. Between the three layers every interval contains zero: on these tweets nobody can say which is better. A tweet is short, so there may be little to forget. The counts are ahead of each of the three, by an interval that does not contain zero; for the GRU it ends close to it,
# at <!--r:evening-tweets.summary.cells_gru_minus_counts.high-->-0.001<!--/-->, and it is one of six intervals.
#
# What these intervals do *not* say: that the three are equal (an interval around zero is no proof of that), that they are equal on long texts
# (in the record of [chapter 5](05_why_rnns_forget.ipynb), at 50 steps, LSTM and GRU learn the order of two marks with all three seeds, the RNN fully
# with one of them only), or that a network adds nothing to the counts. A larger one alone is not ahead of counts of letters either; the two
# together seem to be, though not after a correction for the number of comparisons: [chapter 10](10_scaling_and_evidence.ipynb), section 10.11.
#
# > Varied: the layer, and the seed. Tuned for each on validation: rate and epoch of the layers, `C` of the counts. Held fixed: texts, lemmas, widths,
# > dropout.

# %% [markdown]
# ## What you can do now
#
# 1. You turned raw tweets into batches: accounts, links and emoticons out first, then words, lemmas, ids, lengths.
# 2. You have one class for three layers, which gives a text the same answer in any company.
# 3. You put a baseline, three seeds and a paired interval beside a score, and can say what they do not tell.
#
# **Remember**
#
# - Look at the raw text. If a score is very good, look for the answer in the input.
# - A loss that falls proves nothing. Check shapes, and change an input that must matter.
# - The answer to a text must not depend on its batch mates.
# - Gates make it possible to keep something for long; short texts may not need it.
# - No score without a baseline beside it, and no winner without an interval of the difference.

# %% [markdown]
# ## Check yourself
#
# **1.** What is a recurrent network for, and what does the plain one do badly?
#
# <details><summary>Answer</summary>
#
# It reads a sequence in order and takes the words before into account. The plain one has trouble *learning* from words far back, since the
# gradient vanishes on the way.
#
# </details>
#
# **2.** What do LSTM and GRU solve?
#
# <details><summary>Answer</summary>
#
# The same problem, both: a state that is added to and gated, in place of one that is overwritten, lets a gradient through if the gates are open.
# The GRU does it with three sets of weights in place of four.
#
# </details>
#
# **3.** Which of the three is the most accurate?
#
# <details><summary>Answer</summary>
#
# There is no answer without data, sizes and a paired comparison. Whoever names one “on average” should say over what.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** Does the trained GRU use the order of the words? Shuffle the words of each test text, and compare.
#
# <details><summary>Solution</summary>
#
# If the two scores are close, what it learned sits in the words, and hardly in their order. (A fair test trains on shuffled words too:
# section 10.9 of [chapter 10](10_scaling_and_evidence.ipynb).)
#
# ```python
# random = np.random.default_rng(lesson.seed)
# shuffled = [list(random.permutation(found)) for found in words["test"]]
# model = train(nn.GRU, lesson.seed)
# for dataset in (data["test"], Tweets(shuffled, parts["test"].labels)):
#     print(f"{accuracy(model, dataset):.3f}")
# ```
#
# </details>
#
# **2.** Read the text in both directions. Which state has read the whole text from right to left?
#
# <details><summary>Solution</summary>
#
# For each direction, $h_n$ is the state after *its* last word; for the backward one that is the first word of the text. At the last word the
# backward direction has read one word only, so taking its output there wastes half of the network.
#
# ```python
# class BothWays(Reader):
#     def __init__(self, layer, n_words):
#         super().__init__(layer, n_words)
#         self.rnn = layer(32, 32, batch_first=True, bidirectional=True)
#         self.head = nn.Linear(64, 2)
#
#     def forward(self, ids, lengths):
#         x = self.dropout(self.embedding(ids))
#         packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
#         _, last = self.rnn(packed)
#         h_n = last[0] if isinstance(last, tuple) else last  # (2, B, H)
#         return self.head(self.dropout(torch.cat([h_n[0], h_n[1]], dim=1)))
#
# ids, lengths, _ = collate(batch)
# ck.check_shape(BothWays(nn.LSTM, len(word_id) + 2)(ids, lengths), (32, 2), "logits")
# ```
#
# </details>
#
# The lecture's own homework, a GRU or an LSTM on hate speech, stands in this book with everything around it:
# [homework 2](homework/hw2_hate_tweets.ipynb).

# %% [markdown]
# ## Further reading
#
# - S. Hochreiter and J. Schmidhuber (1997), *Long short-term memory*.
# - K. Cho and others (2014), *Learning phrase representations using RNN encoder–decoder for statistical machine translation*. Where the GRU
#   comes from.
# - C. Olah (2015), [*Understanding LSTM networks*](https://colah.github.io/posts/2015-08-Understanding-LSTMs/).
# - Y. Rubtsova (2015), *Constructing a corpus for sentiment classification training* (in Russian). Where RuTweetCorp comes from.
