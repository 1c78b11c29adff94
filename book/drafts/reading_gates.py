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
# # Draft: reading gates
#
# Two sections that stood in chapter 6 and become a part of chapter 12. This file runs by itself; it is in no table of contents.

# %%
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

import coursekit as ck
from bookfigures import ch06
from coursekit.data import Split, clean_label
from coursekit.data.reviews import NEGATIVE, POSITIVE
from coursekit.figures import charts, show
from coursekit.nn.gates import lstm_gate_values

lesson = ck.setup(chapter="06")
VERDICTS = {*POSITIVE, *NEGATIVE}


def open_forget_gate(lstm, by):
    """Add a number to the biases of the forget gates; return the module."""
    size = lstm.hidden_size
    with torch.no_grad():
        lstm.bias_ih_l0[size : 2 * size] += by  # order i, f, g, o
    return lstm


# %% [markdown]
# ## The gates of a trained network
#
# A picture of gates over a sentence looks convincing, whatever it shows. First we need a network that is worth looking at. In
# one half of the generated reviews of chapter 4 a negator ("nobody", "no one", "none of those") or an affirmer ("everybody",
# "everyone", "each of those") decides what "superb" or "dull" at the end means. It stands near the start, but two reviews of
# three begin with a sentence that says nothing, so it is seldom the first word. A few labels are wrong on purpose. We keep
# that half, and pool with `last`: the network has to answer from its last output, so what it knows about the negator must have
# come all the way.


# %%
def one_verdict(split):
    """Keep the reviews with a single word of judgement."""
    return split.pick(
        [
            i
            for i, text in enumerate(split.texts)
            if sum(word in VERDICTS for word in ck.tokenise(text)) == 1
        ]
    )


reviews = ck.load(
    "reviews", train=ck.budget(cpu=5_000, gpu=8_000, smoke=600), seed=lesson.seed
)
parts = ("train", "validation", "test")
reviews = replace(reviews, **{p: one_verdict(getattr(reviews, p)) for p in parts})
print(reviews.train.texts[0])


# %%
def train_reader(corpus, config):
    """Train an LSTM with open forget gates; return the prepared data, the model and its test score."""
    data = ck.prepare(corpus, config)
    ck.seed_everything(lesson.seed)
    model = ck.TextClassifier(config, **data.sizes)
    open_forget_gate(model.rnn.rnn, 2.0)
    ck.fit(
        model,
        data.train,
        data.validation,
        config,
        seed=lesson.seed,
        progress=False,
    )
    on_train, found = (ck.evaluate(model, part) for part in (data.train, data.test))
    shares = found.predictions.bincount(minlength=2) / found.n
    print(
        f"train {on_train.accuracy:.3f}, test {found.accuracy:.3f}; "
        f"answers on test: {shares[0]:.2f} negative, {shares[1]:.2f} positive"
    )
    return data, model, found


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
data, reader, evaluation = train_reader(reviews, REVIEWS)
vocabulary, test_reviews = data.encoder.vocabulary, reviews.test
ceiling = np.mean(
    [
        clean_label(text) == label
        for text, label in zip(test_reviews.texts, test_reviews.labels, strict=True)
    ]
)
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the network comes within .02 of the best possible score on these reviews",
        evaluation.accuracy > ceiling - 0.02,
        {
            "LSTM": evaluation.accuracy,
            "best possible": float(ceiling),
            "guessing": 0.5,
        },
    )

# %% [markdown]
# `nn.LSTM` keeps its gates to itself. `lstm_gate_values` reads the text once more with the formulae of chapter 6 and
# returns all of them. Check: its last output must lead to the same logits.
#
# For every review with "nobody" or "everybody" we also make its *twin*, in which that one word is exchanged.


# %%
@torch.no_grad()
def read(model, vocabulary, words):
    """Gates, memory and output over one text, each of shape (T, H)."""
    x = model.embedding(torch.tensor([vocabulary.encode(words)]))  # (1, T, E)
    values = lstm_gate_values(model.rnn.rnn, x)
    return {name: value[0].numpy() for name, value in values.items()}


FLIP = {"nobody": "everybody", "everybody": "nobody"}
N_PAIRS = ck.budget(cpu=100, gpu=150, smoke=30)
pairs = []  # reviews and their twins, which differ in that one word
for text in test_reviews.texts:
    tokens = ck.tokenise(text)
    if FLIP.keys() & set(tokens) and len(pairs) < N_PAIRS:
        pairs.append((tokens, [FLIP.get(word, word) for word in tokens]))

sentence, twin = min(
    (pair for pair in pairs if "nobody" in pair[0]), key=lambda p: len(p[0])
)
values = read(reader, vocabulary, sentence)
ids = torch.tensor([vocabulary.encode(sentence)])
with torch.no_grad():
    logits = reader(ids, torch.tensor([len(sentence)]))[0]
    by_gates = reader.head(torch.tensor(values["h"][-1]))
ck.claim(
    "the gates that we read lead to the model's own logits, to 1e-4",
    (logits - by_gates).abs().max().item() < 1e-4,
    {"largest difference": (logits - by_gates).abs().max().item()},
)

# %% [markdown]
# First the means over all units, and the mean size of the memory, $|c|$. Before you look: where would you expect the
# input gate
# to open?

# %%
show(
    ch06.word_heat_map(
        sentence,
        [
            (
                "gates, mean of all units",
                [values[name].mean(axis=1) for name in "fio"],
                ["f", "i", "o"],
                "gate",
            ),
            (
                "size of the memory, mean of all units",
                [np.abs(values["c"]).mean(axis=1)],
                ["|c|"],
                "size",
            ),
        ],
        numbers=True,
    ),
    alt="Heat map over the words of a review with nobody: forget, input "
    "and output gate, averaged over 32 units, and below it the mean size of the "
    "memory.",
)

# %%
size, into = (np.abs(values["c"]).mean(axis=1), values["i"].mean(axis=1))
print(f"mean |c|: from {size[0]:.1f} at the first word to {size.max():.1f} at most")
print(f"mean input gate: between {into.min():.2f} and {into.max():.2f}")

# %% [markdown]
# Two things can be read off. The memory grows from word to word, and the input gate never shuts: this network does not store
# one thing and wait, it keeps adding. And means say little, because 32 units do different things. So look for *the* unit. For each unit, compare the
# memory just before the verdict in reviews with "nobody" and in reviews with "everybody". Take the unit in which the two
# lie farthest apart, measured in standard deviations.
#
# The best of 32 is always good at something. So we choose it on the validation part, measure on the test part, and do
# the same with a network that was never trained.


# %%
def before_verdict(tokens):
    """Place of the last word before the verdict."""
    return next(t for t, word in enumerate(tokens) if word in VERDICTS) - 1


def memories_before_verdict(model, texts):
    """Memory before the verdict, (N, H), and whether the review says nobody, (N,)."""
    token_lists = [ck.tokenise(text) for text in texts]
    chosen = [tokens for tokens in token_lists if FLIP.keys() & set(tokens)]
    c = [
        read(model, vocabulary, tokens)["c"][before_verdict(tokens)]
        for tokens in chosen[:N_PAIRS]
    ]
    return np.array(c), np.array(
        ["nobody" in tokens for tokens in chosen[:N_PAIRS]]
    )


def best_unit(model):
    """Choose a unit and a threshold on validation; return all units, the most telling first, and its test accuracy."""
    c, nobody = memories_before_verdict(model, reviews.validation.texts)
    mean_n, mean_e = c[nobody].mean(axis=0), c[~nobody].mean(axis=0)
    spread = np.sqrt(c[nobody].var(axis=0) + c[~nobody].var(axis=0))
    apart = (mean_n - mean_e) / spread  # (H,)
    order = np.argsort(-np.abs(apart))
    unit, threshold = order[0], ((mean_n + mean_e) / 2)[order[0]]
    c, nobody = memories_before_verdict(model, test_reviews.texts)
    answers = (c[:, unit] > threshold) == (apart[unit] > 0)
    return order, float((answers == nobody).mean())


order, trained_score = best_unit(reader)
ck.seed_everything(lesson.seed)
untrained = ck.TextClassifier(REVIEWS, **data.sizes).eval()
open_forget_gate(untrained.rnn.rnn, 2.0)
_, untrained_score = best_unit(untrained)
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "one unit of the trained network tells nobody from everybody in at least .95 of "
        "fresh reviews, at least .1 more than the best unit of the untrained one",
        trained_score > 0.95 and trained_score > untrained_score + 0.1,
        {"trained": trained_score, "untrained": untrained_score},
    )

# %% [markdown]
# Here is that unit, over the same sentence and over its twin with "everybody".

# %%
unit, twin_values = order[0], read(reader, vocabulary, twin)
show(
    ch06.word_heat_map(
        [
            a if a == b else f"{a} / {b}"
            for a, b in zip(sentence, twin, strict=True)
        ],
        [
            (
                f"gates of unit {unit}, with nobody",
                [values[name][:, unit] for name in "fio"],
                ["f", "i", "o"],
                "gate",
            ),
            (
                f"memory of unit {unit}",
                [values["c"][:, unit], twin_values["c"][:, unit]],
                ["c, nobody", "c, everybody"],
                "signed",
            ),
        ],
        numbers=True,
    ),
    alt="Heat map of the chosen unit over a review with nobody and its twin with "
    "everybody: its forget, input and output gate, and its memory in both. The "
    "memories of the two reviews have different values before the verdict.",
)

# %% [markdown]
# And $f + i$, the weights that were said to sum to 1? Over all units and words of these reviews:

# %%
readings = [read(reader, vocabulary, tokens) for tokens, _ in pairs]
sums = np.concatenate([(found["f"] + found["i"]).ravel() for found in readings])
largest_c = max(np.abs(found["c"]).max() for found in readings)
near_one = float((np.abs(sums - 1) < 0.1).mean())
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "in the trained network f + i runs from below .5 to above 1.5, and lies within "
        ".1 of 1 in fewer than half of the cases; the memory goes beyond 1, as no mean of "
        "proposals could",
        sums.min() < 0.5 and sums.max() > 1.5 and near_one < 0.5 and largest_c > 1,
        {
            "least": float(sums.min()),
            "most": float(sums.max()),
            "mean": float(sums.mean()),
            "share near 1": near_one,
            "largest |c|": float(largest_c),
        },
    )

# %% [markdown]
# ### Does the unit matter?
#
# The unit *knows*. Does the network *use* it? A picture cannot tell; an intervention can. Stop just before the verdict,
# exchange memory and output of that unit with those of the twin, and read on. If the network relied on the unit, its
# answer would turn round. Then do the same with more units, from the most telling to the least, up to all 32. And the
# control: as many units drawn at random (the mean of five draws), and as many of the least telling ones.


# %%
@torch.no_grad()
def read_with_change(tokens, place, change):
    """Read up to a place, change h and c (each (1, 1, H)), read on, and answer."""
    x = reader.embedding(torch.tensor([vocabulary.encode(tokens)]))
    _, (h, c) = reader.rnn.rnn(x[:, : place + 1])
    h, c = change(h, c)
    _, (h, _) = reader.rnn.rnn(x[:, place + 1 :], (h, c))
    return int(reader.head(h[0, 0]).argmax())


def exchanged(tokens, other, units):
    """Answer after the units' h and c come from the reading of the twin."""
    place = before_verdict(tokens)

    def change(h, c):
        for state, name in ((h, "h"), (c, "c")):
            state[0, 0, units] = torch.tensor(other[name][place])[units]
        return h, c

    return read_with_change(tokens, place, change)


both = [(tokens, read(reader, vocabulary, other)) for tokens, other in pairs]
answers = [exchanged(tokens, other, []) for tokens, other in both]
draw = np.random.default_rng(lesson.seed)


def share_turned(units):
    """Share of the answers that turn round when these units are exchanged."""
    now = [exchanged(tokens, other, list(units)) for tokens, other in both]
    return float(np.mean(np.not_equal(now, answers)))


SIZES = (1, 2, 4, 8, 16, 32)
by_random = {
    n: [share_turned(draw.permutation(len(order))[:n]) for _ in range(5)]
    for n in SIZES
}
turned = pd.DataFrame(
    {
        "most telling": {n: share_turned(order[:n]) for n in SIZES},
        "random, mean": {n: np.mean(found) for n, found in by_random.items()},
        "random, highest": {n: max(found) for n, found in by_random.items()},
        "least telling": {n: share_turned(order[-n:]) for n in SIZES},
    }
).rename_axis("units exchanged")
turned.round(2)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "exchanging the most telling unit turns fewer than half of the answers, "
        "exchanging all 32 at least .95; eight telling units turn more than eight random ones",
        turned.loc[1, "most telling"] < 0.5
        and turned.loc[32, "most telling"] >= 0.95
        and turned.loc[8, "most telling"] > turned.loc[8, "random, highest"],
        turned.loc[8].to_dict(),
    )

# %% [markdown]
# A unit that tells the two cases apart is not the unit that decides. Many units hold the knowledge at once: some of the
# telling ones turn far more answers than as many random ones, and the least telling ones turn almost none. Whoever shows the
# one fine picture and says "here the network stores the negation" has shown something true and claimed something else.
#
# One more belief to test: "the memory is in $c$". Four words before the verdict, set $c$ to zero, or $h$, or both.

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
                read_with_change(tokens, before_verdict(tokens) - 3, change)
                == clean_label(" ".join(tokens))
                for tokens, _ in pairs
            ]
        )
    )
    for cut, change in CUTS.items()
}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "cutting both states four words before the verdict leaves less than .65; cutting "
        "either of them alone leaves more than .8",
        after_cut["both"] < 0.65 and min(after_cut["h"], after_cut["c"]) > 0.8,
        after_cut,
    )

# %% [markdown]
# Cut off from its memory, this network still answers most reviews from the single output that was left: the gates read
# $h$, and write the thing into $c$ again. So a memory can live in the loop through both. It need not rest quietly on
# the highway, however
# neatly the diagram suggests it.

# %% [markdown]
# ## In Russian, with less to learn from
#
# The generated reviews have two rules. Now the course's own Russian messages: short, about daily life, positive or
# negative, some of them ironic. There are fewer than a thousand to train on, and Russian words have many forms. How much of
# a new message has the training part seen more than once? What does an LSTM get out of it, beside counts of words?

# %%
from collections import Counter

from coursekit.stats import wilson
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

messages = ck.load("ru_messages", seed=lesson.seed)
MESSAGES = ck.Config(
    cell="lstm",
    embedding_dim=64,
    hidden_size=32,
    pooling="last",
    dropout=0.3,
    word_dropout=0.1,
    epochs=ck.budget(cpu=12, gpu=12, smoke=1),
    batch_size=32,
    learning_rate=1e-2,
    min_count=2,
)
ru_data, ru_reader, ru_evaluation = train_reader(messages, MESSAGES)
ru_vocabulary = ru_data.encoder.vocabulary

seen = Counter(w for text in messages.train.texts for w in ck.tokenise(text))
running = [w for text in messages.test.texts for w in ck.tokenise(text)]
print(
    "seen at most once in training: "
    f"{np.mean([seen[w] < 2 for w in running]):.1%} of the running words of the test, "
    f"{np.mean([seen[w] < 2 for w in set(running)]):.1%} of its distinct forms"
)

counts = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
counts.fit(messages.train.texts, messages.train.labels)
n_test = len(messages.test)
right_by_counts = round(
    counts.score(messages.test.texts, messages.test.labels) * n_test
)
show(
    charts.score_bars(
        {
            "counts of words": (right_by_counts, n_test),
            "LSTM": (ru_evaluation.correct, n_test),
        },
        chance=0.5,
    ),
    alt="Test accuracy on the Russian messages with intervals: counts of words and "
    "the LSTM, both above guessing and far below 1.",
)

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    low, high = wilson(ru_evaluation.correct, n_test)
    ck.claim(
        "the 95 % interval of the LSTM's accuracy on the messages lies above one half",
        low > 0.5,
        {"from": low, "to": high},
    )

# %% [markdown]
# It knows something, but little. To see what a picture of its gates is worth, we train a second network with the same settings
# on the same messages, but with the labels *shuffled*. There is nothing to learn in them, so no validation part can tell a
# good epoch; we keep the one that knows its own training labels best.

# %%
shuffled = np.random.default_rng(lesson.seed).permutation(messages.train.labels)
nonsense = Split(messages.train.texts, tuple(shuffled.tolist()))
_, blind_reader, blind_evaluation = train_reader(
    replace(messages, train=nonsense, validation=nonsense), MESSAGES
)
for name, found in (
    ("as they are", ru_evaluation),
    ("shuffled", blind_evaluation),
):
    print(f"labels {name}: {found.accuracy:.3f} of {found.n} messages")

# %% [markdown]
# Now both over the same message of the test part, *Дождь загнал нас в кино, и лучше бы мы промокли*: "The rain drove us into
# the cinema, and it would have been better to get wet." A complaint, in which no single word complains. Words in brackets are
# unknown to the vocabulary; the network sees one and the same vector for all of them.

# %%
wanted = "Дождь загнал нас в кино, и лучше бы мы промокли"
message = ck.tokenise(next(text for text in messages.test.texts if wanted in text))
columns = [
    f"({word})" if i == ru_vocabulary.unk else word
    for word, i in zip(message, ru_vocabulary.encode(message), strict=True)
]
gates_of = {
    "labels as they are": read(ru_reader, ru_vocabulary, message),
    "labels shuffled": read(blind_reader, ru_vocabulary, message),
}
show(
    ch06.word_heat_map(
        columns,
        [
            (
                f"{name}: gates, mean of all units",
                [found[gate].mean(axis=1) for gate in "fio"],
                ["f", "i", "o"],
                "gate",
            )
            for name, found in gates_of.items()
        ]
        + [
            (
                "size of the memory, mean of all units",
                [np.abs(found["c"]).mean(axis=1) for found in gates_of.values()],
                list(gates_of),
                "size",
            )
        ],
        numbers=True,
    ),
    alt="Heat maps over the words of a Russian message for two networks, one trained "
    "on the labels and one on shuffled labels: forget, input and output gates, "
    "averaged over units, and the size of the memory. Both show patterns from word "
    "to word.",
)


# %% [markdown]
# Could you tell which one knows Russian sentiment? Measure how lively the pictures are: the standard deviation, from word
# to word, of the mean gate, averaged over messages of the test part.


# %%
def liveliness(model):
    """Mean over gates and test messages of the spread from word to word."""
    spreads = [
        read(model, ru_vocabulary, ck.tokenise(text))[gate].mean(axis=1).std()
        for text in messages.test.texts[:N_PAIRS]
        for gate in "fio"
    ]
    return float(np.mean(spreads))


lively = {
    "as they are": liveliness(ru_reader),
    "shuffled": liveliness(blind_reader),
}
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "the network with shuffled labels is right on less than .6 of the test, and its "
        "gates move at least half as much from word to word",
        blind_evaluation.accuracy < 0.6
        and lively["shuffled"] > 0.5 * lively["as they are"],
        lively | {"accuracy, shuffled": blind_evaluation.accuracy},
    )

# %% [markdown]
# So what can be read from such pictures, and what not?
#
# | a picture can say | it cannot say |
# |---|---|
# | at this word, this unit kept, took in or showed so much | *what* it kept: the unit has no name |
# | an untrained or a blind network looks different here, if you show it beside it | that a pattern means anything, without such a control |
# | which units to test | that the network uses them: exchange them and see |
# | something about this sentence | something about sentences in general: count over many |
