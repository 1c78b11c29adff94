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
# # 12 · Reading a model
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/12_reading_a_model.ipynb)
#
# **What did it learn?** A score says how often a network is right. It does not say why, when it fails, or whom that hurts.
#
# After this chapter you will be able to
#
# 1. ask a trained network about a sentence of your own, and read its worst errors;
# 2. draw what a word, a gate or a unit does, and test the picture with a control in which there is nothing to find;
# 3. measure how far a network's certainty can be trusted, and say what it must not be used for.
#
# **You need** the LSTM and its gates from [chapter 6](06_lstm.ipynb), and intervals from
# [chapter 10](10_scaling_and_evidence.ipynb). **Time:** an hour to read, under a minute to run on a CPU.
#
# *Deeper: it can wait for a second reading.*
#
# > Section 12.7 is about hate speech. It quotes none.

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

lesson = ck.setup(chapter="12")

# %% [markdown]
# ## 12.1 A sentence of your own
#
# Before you ask a network anything, ask whether it has learned. The function below trains one, and prints its accuracy on
# train and on test and how often it gives each answer.

# %%
from dataclasses import replace

import numpy as np
import torch

from coursekit.training import change


def at_most(corpus, validation=1_000, test=2_000):
    """Keep so many texts to choose with and to test on, to save time."""
    sizes = {"validation": validation, "test": test}
    parts = {
        part: getattr(corpus, part).take(
            min(n, len(getattr(corpus, part))), lesson.seed
        )
        for part, n in sizes.items()
    }
    return replace(corpus, **parts)


def train(corpus, config, start=None):
    """Train a classifier, print what it learned; return data, model, test result."""
    data = ck.prepare(corpus, config)
    ck.seed_everything(lesson.seed)
    model = ck.TextClassifier(config, **data.sizes)
    if start is not None:
        start(model)
    ck.fit(
        model,
        data.train,
        data.validation,
        config,
        seed=lesson.seed,
        progress=False,
    )
    on_train, found = (ck.evaluate(model, part) for part in (data.train, data.test))
    shares = found.predictions.bincount(minlength=len(corpus.label_names)) / found.n
    answers = zip(corpus.label_names, shares.tolist(), strict=True)
    print(f"accuracy: train {on_train.accuracy:.3f}, test {found.accuracy:.3f}")
    print("  answers:", ", ".join(f"{name} {share:.0%}" for name, share in answers))
    return data, model.eval(), found


# %% [markdown]
# Two networks: one sorts English news by topic, one tells good from bad in Russian messages.

# %%
NEWS = ck.Config(
    cell="lstm",
    embedding_dim=48,
    hidden_size=48,
    pooling="mean",
    dropout=0.3,
    word_dropout=0.1,
    epochs=ck.budget(cpu=6, gpu=6, smoke=1),
    batch_size=32,
    learning_rate=5e-3,
    min_count=2,
    max_length=40,
)
RUSSIAN = change(
    NEWS,
    embedding_dim=64,
    hidden_size=32,
    pooling="last",
    epochs=ck.budget(cpu=8, gpu=8, smoke=1),
    learning_rate=1e-2,
)
news = at_most(
    ck.load(
        "ag_news",
        train=ck.budget(cpu=3_000, gpu=20_000, smoke=160),
        seed=lesson.seed,
    )
)
messages = at_most(
    ck.load(
        "ru_tweets",
        train=ck.budget(cpu=6_000, gpu=30_000, smoke=160),
        seed=lesson.seed,
    )
)
data, model, result = train(news, NEWS)
ru_data, ru_model, ru_result = train(messages, RUSSIAN)

# %% [markdown]
# Now your sentence. It has to be cut and encoded exactly as the training texts were, and once. So ask the encoder that
# `prepare` fitted. Words that it does not know stand in brackets: the network reads one and the same vector for all of them.


# %%
def known_words(text, data):
    """The words of a text, with those unknown to the vocabulary in brackets."""
    vocabulary = data.encoder.vocabulary
    words = ck.tokenise(text)[: data.encoder.config.max_length]
    return [word if word in vocabulary else f"({word})" for word in words]


@torch.no_grad()
def chances(texts, data, model):
    """Probability of each class for texts as a reader types them: (N, C)."""
    batch = ck.collate(data.encoder.encode(texts))
    return model(batch.ids, batch.lengths).softmax(dim=1)


def ask(text, data, model, label_names):
    """Print what the network reads and what it answers."""
    p, classes = chances([text], data, model)[0].topk(2)
    best, second = (label_names[k] for k in classes)
    print(" ".join(known_words(text, data)))
    print(f"  {best} {p[0]:.2f}, then {second} {p[1]:.2f}")


for sentence in (
    "The striker scored twice and the team won the final",  # write your own here
    "Shares fell after the company warned of lower profits",
    "Мне очень понравился этот фильм",
):
    ask(sentence, data, model, news.label_names)
for sentence in (
    "Спасибо, отличный день!",
    "Мне грустно, опять всё сломалось",
    "The striker scored twice",
):
    ask(sentence, ru_data, ru_model, messages.label_names)

# %% [markdown]
# Is the first answer right? A network can be wrong in English, too. Then look at the sentences in the wrong language. The
# network knows few of their words or none, and answers all the same. It has no way to
# say "I cannot read this".
#
# ### Encoded twice
#
# One published notebook asks its network about new reviews, and looks the *ids* up in the table of words once more. The number 17 is
# no word. A second common fault is to cut new texts by another rule, for example at spaces only.

# %%
from coursekit.batching import TextDataset

vocabulary = data.encoder.vocabulary
ENCODINGS = {
    "as in training": lambda text: data.encoder.encode([text])[0],
    "cut at spaces": lambda text: vocabulary.encode(text.split()[:40]),
    "encoded twice": lambda text: vocabulary.encode(data.encoder.encode([text])[0]),
}
by_encoding, unknown = {}, {}
print("unknown  accuracy")
for name, encode in ENCODINGS.items():
    id_lists = [encode(text) for text in news.test.texts]
    by_encoding[name] = ck.evaluate(model, TextDataset(id_lists, news.test.labels))
    unknown[name] = np.mean([i == vocabulary.unk for ids in id_lists for i in ids])
    print(f"{unknown[name]:7.1%}  {by_encoding[name].accuracy:8.3f}  {name}")

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "encoded twice, every word is unknown and the accuracy is at least .3 "
        "lower; cut at spaces it is lower, too",
        unknown["encoded twice"] == 1
        and by_encoding["encoded twice"].accuracy < result.accuracy - 0.3
        and by_encoding["cut at spaces"].accuracy < result.accuracy,
        {name: found.accuracy for name, found in by_encoding.items()},
    )

# %% [markdown]
# Nothing crashes. So test your own pipeline the cheap way: send a few test texts through it, and compare the logits with those of
# `evaluate`.
#
# ## 12.2 The worst errors, by hand
#
# Sort the test texts by their loss, and read those at the top. It is a quarter of an hour well spent. (If you mean to change
# the model afterwards, read *validation* texts: a test text that you have acted on tests no more. `mask` hides
# rude words and the names of accounts on this page; the network reads the texts as they are.)

# %%
import textwrap

from torch.nn.functional import cross_entropy

from coursekit.text.masking import mask

losses = cross_entropy(result.logits, result.labels, reduction="none")
worst = losses.argsort(descending=True)[:6].tolist()
probabilities = result.logits.softmax(dim=1)
for i in worst:
    answer, label = result.predictions[i], result.labels[i]
    print(
        f"labelled {news.label_names[label]}, answered {news.label_names[answer]} "
        f"({probabilities[i, answer]:.2f}):"
    )
    print(textwrap.shorten(mask(news.test.texts[i]), 180, placeholder=" …"), "\n")

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    sure = probabilities[worst].max(dim=1).values.min().item()
    ck.claim(
        "in each of its six worst errors the network gives its wrong answer at "
        "least .8",
        sure > 0.8,
        {"least": sure},
    )

# %% [markdown]
# Keep a tally, with one line for each text: *the label is wrong* · *two answers are right* · *the words that matter are
# unknown or cut off* · *one word led it astray* · *no idea*. Most of these lines ask for a cure of their own: better labels, another
# question, more
# vocabulary, more data. The score by itself asks for none.
#
# ## 12.3 Which words?
#
# *One word led it astray*: which one? Two simple methods of *attribution* give every word a number.
#
# **Occlusion.** Read the text again with word $t$ as `<unk>`. How much of the answer's logit is lost?
#
# **Gradient × input.** Let $x_t$ be the vector of word $t$ and $s$ the answer's logit. Take $x_t \cdot \partial s / \partial x_t$. It
# estimates how far $s$ would fall if $x_t$ became zero, as if $s$ were linear. (To get at the vectors, the code hangs a *hook* on the
# embedding: a function that PyTorch calls with what the layer has computed.)


# %%
def occlusion(model, ids, k):
    """What the logit of class k loses when each word is read as <unk>: (T,)."""
    hidden = [[*ids[:t], vocabulary.unk, *ids[t + 1 :]] for t in range(len(ids))]
    batch = ck.collate([ids, *hidden])
    with torch.no_grad():
        logits = model(batch.ids, batch.lengths)[:, k]  # (1 + T,)
    return (logits[0] - logits[1:]).numpy()


def gradient_times_input(model, ids, k):
    """Each word's vector times the gradient of the logit of class k: (T,)."""
    kept = []

    def keep(module, given, x):
        x.retain_grad()
        kept.append(x)  # (1, T, E)

    hook = model.embedding.register_forward_hook(keep)
    model(torch.tensor([ids]), torch.tensor([len(ids)]))[0, k].backward()
    hook.remove()
    return (kept[0] * kept[0].grad).sum(dim=2)[0].detach().numpy()


# %% [markdown]
# First a network for which the right answer is known. Without a cell, the mean of the word vectors goes straight into the linear
# layer: $s = w \cdot \frac{1}{T}\sum_t x_t + b$. Here gradient × input must add up to $s - b$. Occlusion must give exactly zero where a word
# is unknown already, and hiding several words must cost the sum of their numbers. And pads must count for nothing, in the LSTM too.

# %%
_, linear, _ = train(
    news, change(NEWS, cell="none", dropout=0.0, learning_rate=2e-2)
)

ids = next(ids for ids in data.test.id_lists if vocabulary.unk in ids)
with torch.no_grad():
    s = linear(torch.tensor([ids]), torch.tensor([len(ids)]))[0]  # (C,)
k = int(s.argmax())
by_gradient = gradient_times_input(linear, ids, k)
by_occlusion = occlusion(linear, ids, k)
of_unknown = by_occlusion[np.array(ids) == vocabulary.unk]

ranked = np.argsort(-by_occlusion)
hidden = [  # the n strongest words unknown, for n = 0, 1, ...
    [vocabulary.unk if t in ranked[:n] else i for t, i in enumerate(ids)]
    for n in range(len(ids) + 1)
]
batch = ck.collate(hidden)
with torch.no_grad():
    falling = linear(batch.ids, batch.lengths)[:, k].numpy()
expected = falling[0] - np.concatenate([[0], by_occlusion[ranked].cumsum()])
ck.claim(
    "without a cell gradient × input adds up to the logit less its bias, hiding n "
    "words costs the sum of their occlusions (both to 1e-4), so the logit falls as "
    "long as these are above 0, and an unknown word gets exactly 0",
    abs(by_gradient.sum() - (s[k] - linear.head.bias[k]).item()) < 1e-4
    and np.abs(falling - expected).max() < 1e-4
    and (np.diff(falling)[by_occlusion[ranked] > 1e-4] < 0).all()
    and not of_unknown.any(),
    {
        "sum": float(by_gradient.sum()),
        "logit less bias": (s[k] - linear.head.bias[k]).item(),
        "largest gap of a sum": float(np.abs(falling - expected).max()),
        "unknown words": len(of_unknown),
    },
)

# %%
padded = torch.tensor([ids + [vocabulary.pad] * 5])
with torch.no_grad():
    other = padded.clone()
    other[0, len(ids) :] = 7  # other words in the place of pads
    change_of_pads = (
        model(padded, torch.tensor([len(ids)]))
        - model(other, torch.tensor([len(ids)]))
    ).abs()
ck.claim(
    "for the LSTM, replacing pads changes nothing at all",
    change_of_pads.max().item() == 0,
    {"change": change_of_pads.max().item()},
)

# %% [markdown]
# For the LSTM no such sum holds. So what would a wrong picture look like? We need networks whose pictures *must not* explain
# anything: one with the same settings that was never trained, and one trained on the same news with *shuffled labels* (Adebayo and
# others, 2018). With shuffled labels there is nothing to learn; the texts can only be learned by heart.

# %%
from coursekit.data import Split

shuffled = np.random.default_rng(lesson.seed).permutation(news.train.labels)
nonsense = Split(news.train.texts, tuple(shuffled.tolist()))
_, blind, blind_result = train(
    replace(news, train=nonsense, validation=nonsense),
    change(
        NEWS,
        dropout=0.0,
        word_dropout=0.0,
        epochs=ck.budget(cpu=12, gpu=12, smoke=1),
    ),
)
ck.seed_everything(lesson.seed)
untrained = ck.TextClassifier(NEWS, **data.sizes).eval()
NETWORKS = {
    "trained": model,
    "shuffled labels": blind,
    "never trained": untrained,
}

# %% [markdown]
# One test text, the same class, three networks. Orange speaks for the class, purple with a line below speaks against it. Each panel is scaled
# to its own largest value, in brackets.

# %%
from bookfigures import ch12
from coursekit.figures import show

SHORT = [
    i
    for i, ids in enumerate(data.test.id_lists)
    if 12 <= len(ids) <= 30 and result.predictions[i] == result.labels[i]
]
place = SHORT[0]
ids, k = data.test.id_lists[place], int(result.labels[place])
words = known_words(news.test.texts[place], data)
panels = {
    f"{name}, occlusion, {news.label_names[k]}": [(words, occlusion(net, ids, k))]
    for name, net in NETWORKS.items()
}
show(ch12.coloured_words(panels))

# %% [markdown]
# Cover the titles. Could you tell which network knows the news? A picture with strong words in it looks like an explanation, whatever
# made it.
#
# So test the numbers. Let *any* network rank the words of a text. Then hide the first words of that ranking from the **trained**
# network, and see how much of its answer's probability is left. A ranking that knows what the trained network looks at must beat a
# random one. The rankings of the two controls must stay near it.

# %%
N_TEXTS = ck.budget(cpu=120, gpu=200, smoke=20)
texts = data.test.id_lists[:N_TEXTS]
answers = result.predictions[:N_TEXTS].tolist()
random = np.random.default_rng(lesson.seed)
values = {
    "occlusion": (occlusion, model),
    "gradient × input": (gradient_times_input, model),
    "shuffled labels": (occlusion, blind),
    "never trained": (occlusion, untrained),
}
values = {
    name: [method(net, ids, k) for ids, k in zip(texts, answers, strict=True)]
    for name, (method, net) in values.items()
}
values["random"] = [random.random(len(ids)) for ids in texts]


def left_after_hiding(n, scores):
    """Mean probability of the first answers when the n top words are unknown."""
    rows = []
    for ids, score in zip(texts, scores, strict=True):
        hide = set(np.argsort(-score)[:n].tolist())
        rows.append([vocabulary.unk if t in hide else i for t, i in enumerate(ids)])
    batch = ck.collate(rows)
    with torch.no_grad():
        p = model(batch.ids, batch.lengths).softmax(dim=1)
    return p[torch.arange(len(rows)), torch.tensor(answers)].mean().item()


HIDDEN = [0, 1, 2, 4, 8]
left = {
    name: [left_after_hiding(n, scores) for n in HIDDEN]
    for name, scores in values.items()
}

# %%
from coursekit.figures import charts

show(
    charts.curves(left, x=HIDDEN, xlabel="words hidden", ylabel="probability left")
)

# %%
size = {
    name: float(np.mean([np.abs(v).mean() for v in scores]))
    for name, scores in values.items()
}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "hiding four words by occlusion or gradient × input leaves at least .15 "
        "less than hiding random ones; by the controls less than .12 less",
        max(left["occlusion"][3], left["gradient × input"][3])
        < left["random"][3] - 0.15
        and min(
            left["shuffled labels"][3],
            left["never trained"][3],
        )
        > left["random"][3] - 0.12,
        {name: p[3] for name, p in left.items()},
    )
    ck.claim(
        "the numbers of the network with shuffled labels are at least half as "
        "large as those of the trained one, and it is right on fewer than .4 of the "
        "test texts",
        size["shuffled labels"] > 0.5 * size["occlusion"]
        and blind_result.accuracy < 0.4,
        {
            "trained": size["occlusion"],
            "shuffled": size["shuffled labels"],
        },
    )

# %% [markdown]
# Both methods pass. (Occlusion could hardly fail: the test hides words as it does. Gradient × input could.) The controls stay near the random
# curve. That says: these words matter *to this network*. It does not say that they
# should. (Attention weights, of [chapter 13](13_beyond_recurrence.ipynb), are read as explanations, too. Jain and Wallace,
# 2019, found quite different weights that lead to the same answers.)
#
# > Varied: labels, training, the cell. Nonsense has to be learned by heart, so it got more epochs and no dropout; the network without a cell
# > got a higher rate, and word dropout alone. Tuned: the epoch, on validation (for nonsense, on its training texts). Held fixed: texts and sizes. Compare the test
# > scores as well: on topics the network without a cell is ahead here, with no order at all, as counts were
# > ([chapter 7](07_gru_and_friends.ipynb)). A good picture of the LSTM is no reason to prefer it.

# %% [markdown]
# ## 12.4 Inside: gates and units
#
# Words go in and logits come out. What happens between? We need a task whose rule we know. In one half of the generated reviews of
# [chapter 4](04_vanilla_rnn.ipynb), a word like "nobody", "no one" or "everybody" near the start decides what "superb" or "dull" at the end
# means. We keep that
# half, and read the *last* output: what the network knows of the negator must have come all the way. The forget gates start open, as in
# chapter 6.

# %%
from coursekit.data import clean_label
from coursekit.data.reviews import NEGATIVE, POSITIVE

VERDICTS = {*POSITIVE, *NEGATIVE}


def one_verdict(split):
    """Keep the reviews with a single word of judgement."""
    counts = [
        sum(word in VERDICTS for word in ck.tokenise(text)) for text in split.texts
    ]
    return split.pick([i for i, n in enumerate(counts) if n == 1])


def open_forget_gates(model):
    """Add 2 to the biases of the forget gates; the order is i, f, g, o."""
    lstm = model.rnn.rnn
    with torch.no_grad():
        lstm.bias_ih_l0[lstm.hidden_size : 2 * lstm.hidden_size] += 2.0


reviews = ck.load(
    "reviews", train=ck.budget(cpu=5_000, gpu=8_000, smoke=600), seed=lesson.seed
)
parts = ("train", "validation", "test")
reviews = replace(reviews, **{p: one_verdict(getattr(reviews, p)) for p in parts})
REVIEWS = ck.Config(
    cell="lstm",
    embedding_dim=32,
    hidden_size=32,
    pooling="last",
    dropout=0.0,
    epochs=ck.budget(cpu=8, gpu=8, smoke=1),
    batch_size=32,
    learning_rate=1e-2,
    min_count=1,
)
review_data, reader, review_result = train(reviews, REVIEWS, open_forget_gates)
is_clean = np.equal(
    [clean_label(t) for t in reviews.test.texts], reviews.test.labels
)
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the network comes within .02 of the best possible score on these reviews",
        review_result.accuracy > is_clean.mean() - 0.02,
        {"LSTM": review_result.accuracy, "best possible": is_clean.mean()},
    )

# %% [markdown]
# `nn.LSTM` keeps its gates to itself. `lstm_gate_values` reads the text once more with the formulae of chapter 6. For the first
# reviews with "nobody" or "everybody" (a hundred, on a GPU 150) we make a *twin* each, in which that one word is exchanged.

# %%
from coursekit.nn.gates import lstm_gate_values


@torch.no_grad()
def read(net, words, vocabulary=review_data.encoder.vocabulary):
    """Gates, memory and output over one text, each of shape (T, H)."""
    x = net.embedding(torch.tensor([vocabulary.encode(words)]))  # (1, T, E)
    found = lstm_gate_values(net.rnn.rnn, x)
    return {name: value[0].numpy() for name, value in found.items()}


FLIP = {"nobody": "everybody", "everybody": "nobody"}
N_PAIRS = ck.budget(cpu=100, gpu=150, smoke=30)


def with_negator(split):
    """The first reviews of a split that say nobody or everybody, as lists of words."""
    word_lists = [ck.tokenise(text) for text in split.texts]
    return [words for words in word_lists if FLIP.keys() & set(words)][:N_PAIRS]


pairs = [
    (words, [FLIP.get(word, word) for word in words])
    for words in with_negator(reviews.test)
]
sentence, twin = min(
    (pair for pair in pairs if "nobody" in pair[0]), key=lambda pair: len(pair[0])
)
gates = read(reader, sentence)
batch = ck.collate([review_data.encoder.vocabulary.encode(sentence)])
with torch.no_grad():
    gap = reader.head(torch.tensor(gates["h"][-1])) - reader(
        batch.ids, batch.lengths
    )
ck.claim(
    "the gates that we read lead to the network's own logits, to 1e-4",
    gap.abs().max().item() < 1e-4,
    {"largest difference": gap.abs().max().item()},
)

# %% [markdown]
# Which unit knows about the negator? For each, compare the memory just before the verdict in reviews with "nobody" and with
# "everybody", and take the unit in which the two lie farthest apart, relative to their spread. But the best of 32 is always good at
# something. So choose it on
# validation, measure it on test, and do the same with a network that was never trained.


# %%
def before_verdict(words):
    """Place of the last word before the verdict."""
    return next(t for t, word in enumerate(words) if word in VERDICTS) - 1


def memories(net, split):
    """Memory before the verdict, (N, H), and whether the review says nobody, (N,)."""
    chosen = with_negator(split)
    c = [read(net, words)["c"][before_verdict(words)] for words in chosen]
    return np.array(c), np.array(["nobody" in words for words in chosen])


def best_unit(net):
    """Choose unit and threshold on validation; return all units, best first, and
    what is right on test."""
    c, nobody = memories(net, reviews.validation)
    there, gone = c[nobody], c[~nobody]
    spread = np.sqrt(there.var(axis=0) + gone.var(axis=0))
    apart = (there.mean(axis=0) - gone.mean(axis=0)) / spread  # (H,)
    order = np.argsort(-np.abs(apart))
    unit = order[0]
    threshold = (there.mean(axis=0) + gone.mean(axis=0))[unit] / 2
    c, nobody = memories(net, reviews.test)
    return order, ((c[:, unit] > threshold) == (apart[unit] > 0)) == nobody


order, right = best_unit(reader)
ck.seed_everything(lesson.seed)
raw_reader = ck.TextClassifier(REVIEWS, **review_data.sizes).eval()
open_forget_gates(raw_reader)
_, raw_right = best_unit(raw_reader)
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "one unit of the trained network tells nobody from everybody in at least "
        ".95 of fresh reviews, at least .1 more than the best unit of the untrained "
        "one",
        right.mean() > 0.95 and right.mean() > raw_right.mean() + 0.1,
        {"trained": right.mean(), "untrained": raw_right.mean()},
    )

# %%
unit, twin_gates = order[0], read(reader, twin)
GATES = {"f": "forget gate", "i": "input gate", "o": "output gate"}
panels = {
    f"unit {unit}, {name}": [(sentence, gates[letter][:, unit])]
    for letter, name in GATES.items()
}
panels["its memory, with nobody"] = [(sentence, gates["c"][:, unit])]
panels["its memory, with everybody"] = [(twin, twin_gates["c"][:, unit])]
show(ch12.coloured_words(panels))

# %% [markdown]
# One sentence is an anecdote. Look at the same unit over a whole page (Karpathy and others, 2015): reviews with "nobody" and "everybody", each
# read from a state of zero.

# %%
page = [words for words, _ in pairs[:14]]
on_page = [read(reader, words)["c"][:, unit] for words in page]
show(
    ch12.coloured_words(
        {f"memory of unit {unit}": list(zip(page, on_page, strict=True))}
    )
)

# %% [markdown]
# ### Does the network use it?
#
# The unit *knows*. Does the network *use* it? Only an intervention can tell. Stop just before the verdict, exchange memory and output of
# that unit with those of the twin, and read on. If the network relied on this unit alone, its answer would turn round. Then exchange more units,
# from the *most* telling down. The controls: as many drawn at *random* (mean and *luckiest* of five), and as many of
# the *least* telling.


# %%
@torch.no_grad()
def read_with_change(words, place, change):
    """Read up to a place, change h and c (each (1, 1, H)), read on, and answer."""
    ids = review_data.encoder.vocabulary.encode(words)
    x = reader.embedding(torch.tensor([ids]))
    _, (h, c) = reader.rnn.rnn(x[:, : place + 1])
    _, (h, _) = reader.rnn.rnn(x[:, place + 1 :], change(h, c))
    return int(reader.head(h[0, 0]).argmax())


def exchanged(words, other, units):
    """Answer after the units' h and c come from the reading of the twin."""
    place = before_verdict(words)

    def change(h, c):
        h[0, 0, units] = torch.tensor(other["h"][place])[units]
        c[0, 0, units] = torch.tensor(other["c"][place])[units]
        return h, c

    return read_with_change(words, place, change)


both = [(words, read(reader, other)) for words, other in pairs]
as_read = [exchanged(words, other, []) for words, other in both]


def share_turned(units):
    """Share of the answers that turn round when these units are exchanged."""
    now = [exchanged(words, other, list(units)) for words, other in both]
    return float(np.mean(np.not_equal(now, as_read)))


# %%
import pandas as pd

SIZES = (1, 2, 4, 8, 16, 32)
draw = np.random.default_rng(lesson.seed)
by_random = {
    n: [share_turned(draw.permutation(len(order))[:n]) for _ in range(5)]
    for n in SIZES
}
turned = pd.DataFrame(
    {
        "most": {n: share_turned(order[:n]) for n in SIZES},
        "random": {n: np.mean(found) for n, found in by_random.items()},
        "luckiest": {n: max(found) for n, found in by_random.items()},
        "least": {n: share_turned(order[-n:]) for n in SIZES},
    }
).rename_axis(columns="units")
turned.map("{:.2f}".format)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "exchanging the most telling unit turns fewer than half of the answers, "
        "exchanging all 32 at least .95; eight telling units turn more than the "
        "luckiest of five draws of eight",
        turned.loc[1, "most"] < 0.5
        and turned.loc[32, "most"] >= 0.95
        and turned.loc[8, "most"] > turned.loc[8, "luckiest"],
        {
            "one": turned.loc[1, "most"],
            "all": turned.loc[32, "most"],
            "eight": turned.loc[8, "most"],
            "luckiest eight": turned.loc[8, "luckiest"],
        },
    )

# %% [markdown]
# A unit that tells the two cases apart need not decide alone. Several hold the knowledge at once. Whoever shows the one fine picture
# and says "here the network stores the negation" has shown something true and claimed something else.
#
# One more belief: "the memory is in $c$". Four words before the verdict, set $c$ to zero, or $h$, or both.

# %%
CUTS = {
    "nothing": lambda h, c: (h, c),
    "h": lambda h, c: (0 * h, c),
    "c": lambda h, c: (h, 0 * c),
    "both": lambda h, c: (0 * h, 0 * c),
}
after_cut = {
    cut: float(
        np.mean(
            [
                read_with_change(words, before_verdict(words) - 3, change)
                == clean_label(" ".join(words))
                for words, _ in pairs
            ]
        )
    )
    for cut, change in CUTS.items()
}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "cutting both states four words before the verdict leaves less than .65; "
        "cutting either of them alone leaves more than .8",
        after_cut["both"] < 0.65 and min(after_cut["h"], after_cut["c"]) > 0.8,
        after_cut,
    )

# %% [markdown]
# Without its memory the network still answers nearly all reviews rightly, from the output $h$ alone. That is possible, since the gates read
# $h$ and can write it into $c$ again.
#
# And the control for pictures of gates? Measure how lively they are: the standard deviation, from word to word, of the mean gate. Here are
# the news networks of section 12.3.


# %%
def liveliness(net):
    """Mean over gates and texts of the spread of the mean gate from word to word."""
    spreads = []
    for ids in texts:
        with torch.no_grad():
            found = lstm_gate_values(
                net.rnn.rnn, net.embedding(torch.tensor([ids]))
            )
        spreads += [found[g][0].mean(dim=1).std().item() for g in "fio"]
    return float(np.mean(spreads))


lively = {name: liveliness(net) for name, net in NETWORKS.items()}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the gates of the network with shuffled labels move at least half as much "
        "from word to word as those of the trained one",
        lively["shuffled labels"] > 0.5 * lively["trained"],
        lively,
    )

# %% [markdown]
# The untrained gates hardly move, so this control is told apart. The gates trained on nonsense move about as much as the trained ones, or more.
#
# | a picture can say | it cannot say |
# |---|---|
# | at this word, this unit kept or took in so much | *what* it kept: the unit has no name |
# | which units or words to test | that the network uses them: hide or exchange them, and see |
# | something about this sentence | something about sentences: count over many |

# %% [markdown]
# ## 12.5 Failures with a rate
#
# "It fails on irony" is an anecdote, too. Give the failure a rate and an interval.
#
# **Negation.** The reader of reviews knows "nobody" from training. Does it know negation? A pair counts as right if *both* its texts are
# answered rightly. First the twins; then reviews with "everybody" beside three rewritings that turn the verdict round.

# %%
REWRITE = {
    "not one person": lambda text: text.replace("everybody", "not one person"),
    "hardly anybody": lambda text: text.replace("everybody", "hardly anybody"),
    "was not": lambda text: " was not ".join(text.rsplit(" was ", 1)),
}


def answers_of(texts, data, net):
    """The class of every text."""
    return chances(texts, data, net).argmax(dim=1).numpy()


first = [" ".join(words) for words, _ in pairs]
truth = np.array([clean_label(text) for text in first])
is_right = answers_of(first, review_data, reader) == truth
twins = answers_of([" ".join(other) for _, other in pairs], review_data, reader)
rates = {"nobody (in training)": (is_right & (twins != truth), len(first))}
affirmed = np.array(["everybody" in text for text in first])
for name, rewrite in REWRITE.items():
    rewritten = [rewrite(text) for text in first]
    turned_round = answers_of(rewritten, review_data, reader) != truth
    rates[name] = (is_right & turned_round & affirmed, affirmed.sum())

# %% [markdown]
# For Russian, twenty pairs written by hand. Add your own.

# %%
RU_PAIRS = """
Мне понравился фильм | Мне не понравился фильм
Я люблю понедельник | Я не люблю понедельник
Это хорошо | Это не хорошо
Я рада | Я не рада
Сегодня весело | Сегодня не весело
Обед был вкусный | Обед был не вкусный
Мне нравится новая работа | Мне не нравится новая работа
День удался | День не удался
Мы довольны | Мы не довольны
Спасибо, помогло | Спасибо, не помогло
Я счастлива | Я не счастлива
Поезд пришёл вовремя | Поезд не пришёл вовремя
Подарок понравился | Подарок не понравился
Он меня понимает | Он меня не понимает
Советую этот магазин | Не советую этот магазин
Всё получилось | Ничего не получилось
Экзамен сдал | Экзамен не сдал
Телефон работает | Телефон не работает
Мне повезло | Мне не повезло
Я хочу на работу | Я не хочу на работу
"""
ru_pairs = [line.split(" | ") for line in RU_PAIRS.strip().splitlines()]
plain, negated = (
    answers_of(list(side), ru_data, ru_model)
    for side in zip(*ru_pairs, strict=True)
)
rates["Russian pairs"] = ((plain == 1) & (negated == 0), len(ru_pairs))

# %% [markdown]
# **Irony.** In the course's own messages those in which the words say the opposite are marked. If the network learned
# from these messages, only their test part counts; if it learned from tweets, all of them are new.

# %%
from coursekit.data.messages import messages_table

table = messages_table()
if messages.source.kind == "stand-in":
    table = table[table["part"] == "test"]
is_right = answers_of(list(table["text"]), ru_data, ru_model) == table["label"]
for name, mark in (("plain messages", 0), ("ironic messages", 1)):
    chosen = is_right[table["irony"] == mark].to_numpy()
    rates[name] = (chosen, len(chosen))
show(
    charts.score_bars(
        {name: (int(found.sum()), int(n)) for name, (found, n) in rates.items()}
    )
)

# %%
limits = {
    name: ck.wilson(int(found.sum()), int(n)) for name, (found, n) in rates.items()
}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the interval of the pairs with nobody lies above .85; those of 'was not' "
        "and of the Russian pairs end below .7",
        limits["nobody (in training)"][0] > 0.85
        and max(limits["was not"][1], limits["Russian pairs"][1]) < 0.7,
        {name: list(limits[name]) for name in limits},
    )

# %% [markdown]
# The network did not learn negation. It learned what "nobody" does in its training texts. "Not" is an unknown word to it. Where "not one
# person" goes well all the same, ask why: the network knows "one" from "no one". If you need a form, collect texts with it, and keep pairs
# apart to test with.
#
# The Russian network is weak to begin with. If it were right on each side with the probability $a$ of its test score, independently, it
# would be right on $a^2$ of the pairs. Fewer right pairs than that are a sign that it often gives both sides the same answer.
#
# And irony? Compare the last two intervals. For the network that learned from real tweets they lie apart, with each of three seeds, once by a hair. Where
# they overlap, that alone
# decides nothing ([chapter 10](10_scaling_and_evidence.ipynb)): ask for more ironic messages.

# %% [markdown]
# ## 12.6 How sure is it?
#
# A network that says "positive, 90 %" a hundred times should be right about ninety times. If so, it is *calibrated*. Put the test texts into
# bins by the probability of the answer, and compare it with the share of right answers. A bin with few texts has a wide interval, so draw
# it.

# %%
EDGES = np.linspace(1 / len(messages.label_names), 1, 7)


def in_bins(logits, labels, edges=EDGES):
    """For each bin that has texts: mean probability of the answers, right ones,
    texts."""
    p, answer = logits.softmax(dim=1).max(dim=1)
    p, right = p.numpy(), (answer == labels).numpy()
    bins = np.digitize(p, edges[1:-1])
    return [
        (float(p[here].mean()), int(right[here].sum()), int(here.sum()))
        for here in (bins == b for b in np.unique(bins))
    ]


def calibration_error(logits, labels, edges=EDGES):
    """Mean gap of probability and accuracy, weighted by the texts of a bin."""
    bins = in_bins(logits, labels, edges)
    return sum(abs(n * p - k) for p, k, n in bins) / sum(n for *_, n in bins)


# %% [markdown]
# The usual repair is *temperature scaling* (Guo and others, 2017): divide all logits by one number $\tau$ before the softmax, as in
# [chapter 4](04_vanilla_rnn.ipynb). Choose $\tau$ on **validation**, by the smallest cross-entropy. The answers stay as they are: the
# largest logit
# stays the largest.

# %%
on_validation = ck.evaluate(ru_model, ru_data.validation)


def loss_at(temperature, found):
    """Cross-entropy of a result whose logits are divided by a temperature."""
    return cross_entropy(found.logits / temperature, found.labels).item()


temperature = min(
    np.geomspace(0.5, 10, 100), key=lambda t: loss_at(t, on_validation)
)
scaled = ru_result.logits / temperature
reliability = {
    "as trained": in_bins(ru_result.logits, ru_result.labels),
    f"temperature {temperature:.1f}": in_bins(scaled, ru_result.labels),
}
print(
    f"temperature {temperature:.2f}, chosen on {on_validation.n} validation texts"
)
print("on test            as trained  scaled")
for name, measure in (
    ("cross-entropy", cross_entropy),
    ("calibration error", calibration_error),
):
    before, after = (
        float(measure(logits, ru_result.labels))
        for logits in (ru_result.logits, scaled)
    )
    print(f"{name:17}  {before:10.3f}  {after:6.3f}")
show(ch12.reliability(reliability))

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    errors = [
        calibration_error(logits, ru_result.labels)
        for logits in (ru_result.logits, scaled)
    ]
    ck.claim(
        "with the temperature the cross-entropy on test falls, and no answer "
        "changes; where it lies above 1.3, the calibration error falls as well",
        loss_at(temperature, ru_result) < ru_result.loss
        and (temperature <= 1.3 or errors[1] < errors[0])
        and torch.equal(scaled.argmax(dim=1), ru_result.predictions),
        {
            "temperature": temperature,
            "calibration error": errors[0],
            "scaled": errors[1],
        },
    )

# %% [markdown]
# A temperature above one says that the network was too sure; one below one, too modest. In most of our runs it was too sure; once, on real
# tweets, there was hardly anything to mend. In training, probabilities near one lower the loss, so a network learns to give them. Its accuracy
# would never have told you. One number mends much of it, on texts like those it was chosen on. On others, such as a sentence in the wrong
# language, nothing is promised.

# %% [markdown]
# ## 12.7 Whom does it hurt?
#
# [Homework 2](homework/hw2_hate_tweets.ipynb) trains a detector of hate speech; the course's best is that of
# [section 10.11](10_scaling_and_evidence.ipynb). Suppose that somebody wants to run it. What does its record say about people?
#
# The record holds the answers to 4,000 test tweets, and two scores. Together they determine how many were right and wrong in each class.

# %%
from coursekit.records import read_record
from coursekit.stats import macro_f1

run = read_record("headline-hate").arm("recurrent").runs[0]["test"]
n, correct, called = run["n"], run["correct"], run["predicted"].count("1")


def matrix_with(hits):
    """The confusion matrix if so many of the called tweets are rightly called."""
    missed = n - correct - (called - hits)
    return np.array([[correct - hits, called - hits], [missed, hits]])


possible = [
    matrix_with(hits) for hits in range(called + 1) if matrix_with(hits).min() >= 0
]
counts = min(possible, key=lambda m: abs(macro_f1(m) - run["macro_f1"]))
(quiet, accused), (missed, hits) = counts
found_share, accused_share = hits / (missed + hits), accused / (quiet + accused)
print(f"called hate: {called}, of which {accused} are not labelled so")
print(f"overlooked: {missed}")
ck.claim(
    "one matrix gives the recorded macro-F1, to 1e-9",
    abs(macro_f1(counts) - run["macro_f1"]) < 1e-9,
    {"accuracy": run["accuracy"], "macro-F1": run["macro_f1"]},
)

# %% [markdown]
# In this collection seven tweets in a hundred are labelled as hate. On a real service it may be one in a thousand. Keep both
# shares of errors as they are, and count.

# %%
wrong_share = {}
print("of 100,000 posts, called hate rightly or wrongly,")
print("and the share of those accused who are innocent\n")
print("1 in   accuracy  right  wrong  innocent")
for one_in in (14, 100, 1_000):
    hate = 100_000 / one_in
    true_calls, false_calls = found_share * hate, accused_share * (100_000 - hate)
    wrong_share[one_in] = false_calls / (true_calls + false_calls)
    right_share = 1 - (hate - true_calls + false_calls) / 100_000
    print(
        f"{one_in:<5,}  {right_share:8.3f}  {true_calls:5,.0f}  "
        f"{false_calls:5,.0f}  {wrong_share[one_in]:8.0%}"
    )
ck.claim(
    "where one post in a thousand is hate, at least nine in ten accused posts are "
    "innocent",
    wrong_share[1_000] > 0.9,
    {f"1 in {one_in:,} posts": share for one_in, share in wrong_share.items()},
)

# %% [markdown]
# The accuracy even rises from line to line. And *who* are the accused? Models learn that the **name of a group** is a sign of abuse, where
# such names stand more often in abusive training texts than in others (Dixon and others, 2018, on comments from Wikipedia). Test it with
# harmless sentences that
# differ in one word. (This needs the tweets. On the stand-in, which is news, the cell says so and stops.)

# %%
GROUPS = (
    "black white muslim jewish gay christian asian african mexican immigrant"
).split()
OTHERS = "old young tall new tired norwegian italian happy busy quiet".split()
HARMLESS = (
    "my neighbour is {}",
    "i am {} and i love my job",
    "we had dinner with {} friends today",
    "a {} family moved in next door",
    "happy birthday to my {} cousin",
    "the {} teacher was very kind",
    "two {} students won the prize",
    "my {} doctor called this morning",
)
tweets = ck.load(
    "hate_tweets",
    train=ck.budget(cpu=5_000, gpu=20_000, smoke=160),
    seed=lesson.seed,
)
if tweets.source.kind == "stand-in":
    print("no tweets here: nothing to measure")
else:
    tweets = at_most(tweets)
    hate_config = change(
        NEWS,
        cell="gru",
        pooling="mean+max",
        dropout=0.2,
        epochs=ck.budget(cpu=4, gpu=4, smoke=1),
        monitor="macro_f1",
    )
    hate_data, detector, detected = train(tweets, hate_config)
    means = {}
    for name, terms in (("groups", GROUPS), ("others", OTHERS)):
        texts_of = [s.format(term) for s in HARMLESS for term in terms]
        means[name] = chances(texts_of, hate_data, detector)[:, 1].mean().item()
    ck.claim(
        "harmless sentences with the name of a group get at least twice the "
        "probability of hate that others get",
        means["groups"] > 2 * means["others"],
        means | {"macro-F1": detected.macro_f1},
    )

# %% [markdown]
# **Annotation.** Labels are opinions. Davidson and others (2019) trained classifiers on five collections of tweets: each called tweets in
# African American English abusive more often than others. Sap and others (2019) found it already in the labels, and found that annotators
# who were told that a tweet was in this dialect called it offensive less often. A model trained on such labels passes the judgement on,
# and a test set with the same labels *cannot show it*: a higher macro-F1 may mean more of the same fault.
#
# **Context.** The same words are an insult from one person, a joke among friends, or a quotation in a complaint. The text alone
# does not say which. People who report what was done to them quote it, and are called hateful for it.
#
# **Calibration.** Temperature scaling makes probabilities agree with the *labels*. Whatever is wrong with the labels stays.
#
# So a model like these two must not delete posts, block or report people, or rank them, without a person who
# looks. It must not be used on a language, a dialect or a platform on which its errors were not counted, *by group*. Before anybody uses it
# at all, ask:
#
# - Who labelled the texts, by which rules, and how often did they disagree?
# - How often is it wrong for each group of people who write there? Did you ask them?
# - What happens to a person who is wrongly accused, and who hears the appeal?
# - What happens if you build nothing?
#
# Write the answers down and publish them with the model, as a *model card*. "We do not know" is an answer. It usually means: do not deploy.

# %% [markdown]
# ## What you can do now
#
# 1. You asked networks about your own sentences, saw what a second encoding does, and read the worst errors.
# 2. You drew words, gates and units, and beside each picture a control. You hid words and exchanged units to see what is used.
# 3. You drew reliability with intervals, mended it by one number from validation, and know what no number mends.
#
# **Remember**
#
# - First the score and the answers, then the interpretation.
# - A picture without a control explains nothing. A network with shuffled labels draws fine pictures, too.
# - To know is not to use: hide, exchange, cut.
# - A failure has a rate and an interval.
# - A test set with biased labels cannot show the bias.

# %% [markdown]
# ## Check yourself
#
# **1.** A network gives an answer with probability `0.98` to a text none of whose words it knows. What follows? (a) It is broken. (b) It
# guesses the topic from the word order. (c) Nothing about what the text says.
#
# <details><summary>Answer</summary>
#
# (c). It sees a row of identical vectors; only their number differs. Not (a): it computes what it was trained to compute, and softmax
# always adds up to one. Not (b): the order of identical vectors is no information.
#
# </details>
#
# **2.** Occlusion shows "match" as the strongest word for Sports. A network trained on shuffled labels also has strong words. What does
# the control say? (a) Occlusion is useless. (b) Strong words alone prove nothing; whether hiding them matters to the trained network must
# be tested. (c) The trained network has not learned anything.
#
# <details><summary>Answer</summary>
#
# (b). Not (a): hiding the words that occlusion names took away far more probability than hiding random ones. Not (c): its test score says
# that it learned; the control is about pictures.
#
# </details>
#
# **3.** A unit tells "nobody" from "everybody" in all reviews. You set it to zero, and no answer changes. Why? (a) Other units hold the
# same knowledge. (b) The unit was chosen wrongly. (c) The network does not use the negator.
#
# <details><summary>Answer</summary>
#
# (a). Not (b): it was chosen on validation and is right on test. Not (c): exchanging all units turns the answers, so the negator is used.
#
# </details>
#
# **4.** You choose the temperature on the test set. What is wrong with that? (a) The accuracy gets too high. (b) The calibration error that
# you report is too low. (c) Nothing, since no answer changes.
#
# <details><summary>Answer</summary>
#
# (b). The number is fitted to the very texts it is judged on. Not (a): dividing by a positive number changes no answer. Not (c): the
# answers are not what you report; the probabilities are.
#
# </details>
#
# **5.** Your new detector has a better macro-F1 on the same test tweets. Is it fairer to people who write in a dialect? (a) Yes, fewer
# errors are fewer errors for everybody. (b) Yes, macro-F1 weighs the groups equally. (c) The score cannot say.
#
# <details><summary>Answer</summary>
#
# (c). Not (a): errors can move from one group to another, and if the labels are biased, agreeing with them more often is not being right
# more often. Not (b): macro-F1 weighs *classes* equally, not groups of people.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** *Gradient × input* multiplies two things. Rank the words by the length of the gradient alone. Does it still beat a random order?
#
# <details><summary>Solution</summary>
#
# The length of the gradient says how *sensitive* the logit is to a word's vector. It has no sign: a word that speaks against the class ranks
# as high as one that speaks for it. On the stand-ins with seed 0 it is little better than a random order, and far from *gradient × input*.
#
# ```python
# def gradient_length(net, ids, k):
#     """Length of the gradient of the logit of class k at each word: (T,)."""
#     kept = []
#
#     def keep(module, given, x):
#         x.retain_grad()
#         kept.append(x)
#
#     hook = net.embedding.register_forward_hook(keep)
#     net(torch.tensor([ids]), torch.tensor([len(ids)]))[0, k].backward()
#     hook.remove()
#     return kept[0].grad.norm(dim=2)[0].numpy()
#
# lengths_only = [gradient_length(model, ids, k) for ids, k in zip(texts, answers, strict=True)]
# for name, scores in (("gradient length", lengths_only), ("random", values["random"])):
#     print(name, [round(left_after_hiding(n, scores), 2) for n in HIDDEN])
# print("gradient × input", [round(p, 2) for p in left["gradient × input"]])
# ```
#
# </details>
#
# **2.** Is the memory of an LSTM a weighted mean, with $f + i = 1$? Measure $f + i$ over all units and words of the reviews.
#
# <details><summary>Solution</summary>
#
# No: $f + i$ runs from far below one to far above it, and the memory goes beyond 1, as no mean of candidates between $-1$ and $1$ could.
#
# ```python
# readings = [read(reader, words) for words, _ in pairs]
# sums = np.concatenate([(found["f"] + found["i"]).ravel() for found in readings])
# print(f"f + i from {sums.min():.2f} to {sums.max():.2f}; within .1 of 1: {(np.abs(sums - 1) < 0.1).mean():.2f}")
# print(f"largest |c|: {max(np.abs(found['c']).max() for found in readings):.1f}")
# ```
#
# </details>
#
# **3.** A perfectly calibrated model would still have a calibration error above zero on so few texts. How large? And how does it depend on the
# number of bins?
#
# <details><summary>Solution</summary>
#
# Let the scaled network be right *by construction*: draw each label from its own probabilities. What is left is luck with the texts. With
# more bins there are fewer texts in each, and the error grows. So an error means nothing without the number of bins and of texts.
#
# ```python
# dice = torch.Generator().manual_seed(lesson.seed)
# for n_bins in (3, 6, 12, 24):
#     edges = np.linspace(1 / len(messages.label_names), 1, n_bins + 1)
#     by_luck = []
#     for _ in range(50):
#         drawn = torch.multinomial(scaled.softmax(dim=1), 1, generator=dice)[:, 0]
#         by_luck.append(calibration_error(scaled, drawn, edges))
#     measured = calibration_error(scaled, ru_result.labels, edges)
#     print(f"{n_bins:2} bins: measured {measured:.3f}, perfectly calibrated {np.mean(by_luck):.3f}")
# ```
#
# </details>
#
# **4.** Read the page of section 12.4 as *one* text, without a fresh state for each review. What becomes of the unit's memory?
#
# <details><summary>Solution</summary>
#
# The network never saw a second review behind the first, so nothing taught it to forget one. Compare the memory before the
# verdicts: what a review leaves behind is still there when the next begins.
#
# ```python
# def sides(c_of_reviews):
#     """Memory of the unit before each verdict."""
#     return np.array([c[before_verdict(w)] for w, c in zip(page, c_of_reviews, strict=True)])
#
# whole = read(reader, [word for words in page for word in words])["c"][:, unit]
# ends_at = np.cumsum([len(words) for words in page])
# in_one_go = np.split(whole, ends_at[:-1])
# says_nobody = np.array(["nobody" in words for words in page])
# for name, found in (("fresh state each", on_page), ("in one go", in_one_go)):
#     c = sides(found)
#     print(f"{name}: nobody {c[says_nobody].mean():.2f}, everybody {c[~says_nobody].mean():.2f}")
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - J. Adebayo and others (2018), *Sanity checks for saliency maps*. The controls of section 12.3.
# - S. Jain and B. C. Wallace (2019), *Attention is not explanation*.
# - A. Karpathy, J. Johnson and L. Fei-Fei (2015), *Visualizing and understanding recurrent networks*. Units over pages of text.
# - C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017), *On calibration of modern neural networks*.
# - L. Dixon and others (2018), *Measuring and mitigating unintended bias in text classification*.
# - T. Davidson, D. Bhattacharya and I. Weber (2019), *Racial bias in hate speech and abusive language detection datasets*.
# - M. Sap and others (2019), *The risk of racial bias in hate speech detection*.
# - M. Mitchell and others (2019), *Model cards for model reporting*.
