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
# # Homework 4 · The study
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/homework/hw4_the_study.ipynb)
#
# **You get** reviews of films, a training loop, and a helper that runs experiments. **You write** every step from a text to a
# batch, an LSTM and a GRU classifier, and a small study: which optimiser, how deep, how wide, how large an embedding?
#
# **Time:** six to eight hours of your own, an evening for each lab. All runs of the notebook together take about two minutes on one CPU
# core. **Read first:** chapters [3](../03_tokens_to_batches.ipynb), [8](../08_padding_and_packing.ipynb),
# [9](../09_training_well.ipynb) and [10](../10_scaling_and_evidence.ipynb); for the questions also
# [6](../06_lstm.ipynb), [7](../07_gru_and_friends.ipynb) and [13](../13_beyond_recurrence.ipynb).
#
# | part | points |
# |---|---|
# | ten questions, true or false | 30 |
# | **Lab 1.** a · split without leaks | 5 |
# | b · words, vocabulary | 2 + 3 |
# | c · data set | 5 |
# | d · batch with padding | 5 |
# | e · LSTM classifier | 10 |
# | f · a run that stays at $\ln 2$, explained | 5 |
# | g · GRU classifier | 10 |
# | **Lab 2.** a · optimisers, on both cells | 5 |
# | b · depth | 5 |
# | c · width | 5 |
# | d · embedding | 5 |
# | e · report | 5 |
# | **Bonus.** the GRU's curve · compound scaling · two directions | 5 + 5 + 5 |
#
# That makes 100 points without a bonus. No point hangs on a score: an experiment counts if it is correct, whatever comes out of it.
#
# > Fill in the functions and classes that raise `NotImplementedError`, the cells marked `# your code here`, and the texts. Leave the other cells as they are: the
# > grader takes its own copies of them. Cells that start with `%%attempt` wait until the task they need is written. Your functions are
# > called on cases that you have not seen; the checks under them look at the same laws.

# %% coursekit={"role": "setup"}
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

lesson = ck.setup(chapter="hw4")

# %% coursekit={"role": "setup"}
import random
import re
import textwrap
from collections import Counter
from dataclasses import replace

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

from coursekit.homework import check, pack, run_experiment
from coursekit.training import Config, change

# %% [markdown]
# ## HW4.1 Ten questions
#
# Is it true? Write `"t"` or `"f"` for each, the dictionary in full. You see which are right, and why, after grading.
#
# **q1.** In self-attention, each token is turned into three vectors: a query, a key and a value.
#
# **q2.** How much a token attends to another is the cosine of the angle between the query of the one and the key of the other.
#
# **q3.** After the softmax, the matrix of attention weights has to be normalised once more before it weighs the values.
#
# **q4.** The encoder of the Transformer learns auto-regressively: at each position it predicts the next token from those before it.
#
# **q5.** BERT and GPT are both made of the Transformer's decoder.
#
# **q6.** BERT was trained on two tasks: to fill in masked tokens, and to tell whether one sentence follows another.
#
# **q7.** In PyTorch's GRU, each number of the new state is a weighted mean of the old state and a candidate, and the two weights sum to 1.
#
# **q8.** Gradient clipping cures vanishing gradients.
#
# **q9.** The rows of a trained embedding may hold negative numbers.
#
# **q10.** In an LSTM, the new cell state is a weighted mean of the old one and a candidate, and the two weights sum to 1.
#
# With at least seven right answers, each of them gives three points; with fewer there are none. A coin gets about four points of the thirty.

# %% coursekit={"role": "define", "task": "hw4-questions"}
ANSWERS = {}  # "q1": "t", and so on
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw4-questions", answers=ANSWERS, questions=10, letters="tf")

# %% [markdown]
# ## Lab 1 · From texts to a classifier
#
# The published data has 50,000 reviews. Here you work with a part of its training reviews, so that every run takes seconds.
# All of them lie in one heap, and you divide it yourself. Write every step yourself: functions of `ck` that do one of them (`ck.tokenise`,
# `ck.encode`, `ck.collate`, `ck.prepare`) are not allowed.
#
# If the line under `ck.load` speaks of a stand-in, the reviews are made by a program: your steps and checks work the same, but your accuracies
# say nothing about real reviews. [Data, budgets and claims](../data_and_budgets.md) says how to reach those.

# %% coursekit={"role": "data"}
imdb = ck.load("imdb", train=ck.budget(cpu=4_000, gpu=20_000, smoke=400))
heap = imdb.train
print(f"{len(heap):,} reviews, {' and '.join(f'{n:,}' for n in heap.counts(2))} of the two classes")
print(textwrap.shorten(heap.texts[0], 200, placeholder=" …"))


# %% [markdown]
# ### a · Split
#
# Write `split_corpus`. It returns three lists of *positions*: train, validation and test, as 7 : 1 : 2.
#
# - Every position stands in exactly one list.
# - Each list has its share of each class. The files are sorted by class, so a cut without shuffling fails.
# - Texts that are equal, but for case and white space, stand in one list. Else a test text has been seen in training.
# - The seed alone decides: the same seed gives the same lists, another seed others. The global random state (`random.seed`,
#   `torch.manual_seed`) must not matter.

# %% coursekit={"role": "define", "task": "hw4-split"}
def split_corpus(texts, labels, seed):
    """Return the positions of the train, validation and test texts: three lists, as 7 : 1 : 2."""
    raise NotImplementedError("hw4-split")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-split", split_corpus=split_corpus)


# %% [markdown]
# ### b · Words and vocabulary
#
# `tokenise` turns a review into a list of words. `<br />` is a space. All is lower-case. A word is a run of letters (of any
# alphabet) and digits; an apostrophe (`'`) between two of them belongs to the word, as in `don't`. Everything else separates words. No word is left out:
# a list of stop words would delete "not".

# %% coursekit={"role": "define", "task": "hw4-tokenise"}
def tokenise(text):
    """Return the words of a review."""
    raise NotImplementedError("hw4-tokenise")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-tokenise", tokenise=tokenise)


# %% [markdown]
# `build_vocabulary` gets the word lists of *all* texts, the positions of the train part, and the least count. It returns a dictionary from word to id.
#
# - It counts in the train part only, and keeps the words seen there at least `min_count` times.
# - `"<pad>"` is 0 and `"<unk>"` is 1. From 2 on, the most frequent word comes first; of equally frequent ones, the first in the alphabet.
#
# `encode` turns a word list into ids. A word that is not in the vocabulary becomes 1; it is not dropped. An empty list becomes `[1]`.

# %% coursekit={"role": "define", "task": "hw4-vocabulary"}
def build_vocabulary(tokens, train, min_count):
    """Return {word: id}, from the word lists at the positions in `train`."""
    raise NotImplementedError("hw4-vocabulary")


def encode(words, vocabulary):
    """Return the ids of a list of words."""
    raise NotImplementedError("hw4-vocabulary")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-vocabulary", build_vocabulary=build_vocabulary, encode=encode)


# %% [markdown]
# ### c · Data set
#
# `dataset[i]` gives three things: the ids as a tensor (int64), cut after `max_length`; their number; the label. A list without ids
# becomes `[1]`. `len(dataset)` is the number of texts.

# %% coursekit={"role": "define", "task": "hw4-dataset"}
class ReviewDataset(Dataset):
    """Encoded reviews with their labels."""

    def __init__(self, id_lists, labels, max_length):
        raise NotImplementedError("hw4-dataset")

    def __len__(self):
        raise NotImplementedError("hw4-dataset")

    def __getitem__(self, i):
        """Return ids, length and label."""
        raise NotImplementedError("hw4-dataset")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-dataset", ReviewDataset=ReviewDataset)


# %% [markdown]
# ### d · Batch
#
# `collate` gets a list of such triples and returns three tensors (int64): ids of the shape (B, T), filled up with 0 to the longest
# text of the batch; lengths (B); labels (B). The order stays.

# %% coursekit={"role": "define", "task": "hw4-collate"}
def collate(items):
    """Return ids (B, T), lengths (B,) and labels (B,)."""
    raise NotImplementedError("hw4-collate")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-collate", collate=collate)

# %% [markdown]
# Your five steps together. Does the vocabulary look right, and how many words of a text does it not know?

# %% coursekit={"role": "setup"}
BASELINE = Config(
    cell="lstm",
    embedding_dim=32,
    hidden_size=32,
    pooling="last",
    dropout=0.2,
    min_count=3,
    max_length=60,
    cut="tail",
    batch_size=32,
    epochs=3,
    learning_rate=3e-3,
    schedule="constant",
)

# %% coursekit={"role": "train"}
# %%attempt
positions = split_corpus(heap.texts, heap.labels, lesson.seed)
train, validation, test = (heap.pick(part) for part in positions)
words = [tokenise(text) for text in heap.texts]
vocabulary = build_vocabulary(words, positions[0], BASELINE.min_count)
id_lists = [encode(row, vocabulary)[-BASELINE.max_length :] for row in words]  # the end of a review says most
datasets = [
    ReviewDataset([id_lists[i] for i in part], [heap.labels[i] for i in part], BASELINE.max_length)
    for part in positions
]
print(f"train {len(train):,}, validation {len(validation):,}, test {len(test):,}; {len(vocabulary):,} words")
unknown = [sum(i == 1 for i in ids) / len(ids) for ids in id_lists]
print(f"unknown words: {sum(unknown) / len(unknown):.1%}")


# %% [markdown]
# ### e · LSTM classifier
#
# Write the class. It is made as `LSTMClassifier(config, vocabulary_size, n_classes)`, called as `model(ids, lengths)`, and returns
# logits (B, C).
#
# 1. An embedding of size `config.embedding_dim`.
# 2. `nn.LSTM` with `config.hidden_size` and `config.num_layers`, over a *packed* sequence. Lengths come unsorted.
# 3. The state after the last real word, of the last layer. (Of a packed sequence, `h_n`, with the shape (layers, B, H), holds that state of every
#    layer.)
# 4. Dropout with `config.dropout`, and a linear layer.
#
# A text's logits must be those it has alone, to `1e-5`: in a long batch, and in a batch of another order. Every parameter must get a gradient.
# Layers that do packing for you (`ck.LengthAwareRNN`, `ck.TextClassifier`) give no mark here.

# %% coursekit={"role": "define", "task": "hw4-lstm"}
class LSTMClassifier(nn.Module):
    """Embedding, packed LSTM, last state, dropout, linear layer."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        raise NotImplementedError("hw4-lstm")

    def forward(self, ids, lengths):
        """Read ids (B, T) with lengths (B,); return logits (B, C)."""
        raise NotImplementedError("hw4-lstm")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-lstm", model=LSTMClassifier)


# %% [markdown]
# ### f · A run that stays at ln 2
#
# Before you believe a training loop, you look at a run whose end you can foretell. This one uses plain SGD, a small rate, and your
# data set, batches and model. Where does the loss start, and where does it stay? (Each printed loss is the mean over its epoch.)

# %% coursekit={"role": "setup"}
def train_by_hand(model, dataset, optimiser, epochs, collate):
    """Train with a loop that hides nothing; print and return the mean loss after each epoch."""
    order = torch.Generator().manual_seed(lesson.seed)
    loader = DataLoader(dataset, batch_size=32, shuffle=True, collate_fn=collate, generator=order)
    losses = []
    for epoch in range(1, epochs + 1):
        total = right = 0
        for ids, lengths, labels in loader:
            logits = model(ids, lengths)  # (B, C)
            loss = nn.functional.cross_entropy(logits, labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
            right += int((logits.argmax(dim=1) == labels).sum())
        losses.append(total / len(dataset))
        print(f"  epoch {epoch}: training loss {losses[-1]:.4f}, right {right / len(dataset):.3f}")
    return losses


def sanity(make, name):
    """Train once with plain SGD, and once with Adam, from the same start."""
    for optimiser, rate in ((torch.optim.SGD, 0.01), (torch.optim.Adam, 3e-3)):
        torch.manual_seed(lesson.seed)
        model = make(BASELINE, len(vocabulary), 2)
        print(f"{name}, {optimiser.__name__}, rate {rate}")
        train_by_hand(model, datasets[0], optimiser(model.parameters(), lr=rate), 2, collate)


# %% coursekit={"role": "train"}
# %%attempt
if not datasets:
    raise NotImplementedError("hw4-split")
sanity(LSTMClassifier, "LSTM")


# %% [markdown]
# In about ten lines: Why does the loss start near $\ln 2$, whatever the seed? Why does SGD stay there for two epochs, and Adam does not?
# Is the run with SGD a mistake in the model? Say how you would find out.

# %% [markdown] coursekit={"role": "manual", "task": "hw4-sanity"}
# *Your explanation.*

# %% [markdown]
# ### g · GRU classifier
#
# The same with `nn.GRU`. What does a GRU return as its state, and what does it not have?

# %% coursekit={"role": "define", "task": "hw4-gru"}
class GRUClassifier(nn.Module):
    """Embedding, packed GRU, last state, dropout, linear layer."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        raise NotImplementedError("hw4-gru")

    def forward(self, ids, lengths):
        """Read ids (B, T) with lengths (B,); return logits (B, C)."""
        raise NotImplementedError("hw4-gru")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-gru", model=GRUClassifier)

# %% coursekit={"role": "train"}
# %%attempt
if not datasets:
    raise NotImplementedError("hw4-split")
sanity(GRUClassifier, "GRU")


# %% [markdown]
# ## Lab 2 · The study
#
# From here on, one locked helper trains: `run_experiment`. It prepares the texts of *your* split in the way of the course, and keeps the epoch
# that is best on validation. The test part stays closed until the end.
#
# Everything is compared with `BASELINE`. Every experiment has a name of its own. An experiment changes **exactly one** field of it; only those of
# the bonus on compound scaling change more.

# %% coursekit={"role": "setup"}
def build(config, vocabulary_size, n_classes):
    """Return your model for a configuration."""
    one_way = {"lstm": LSTMClassifier, "gru": GRUClassifier}
    return (TwoWayLSTM if config.bidirectional else one_way[config.cell])(config, vocabulary_size, n_classes)


results = {}  # every run, by name


def run(name, config):
    """Run one experiment, keep it, and print what came out."""
    if name in results and results[name].config != config:
        print(f"{name!r} was the name of another run, which is lost: give every experiment a name of its own.")
    result = results[name] = run_experiment(build, config, study, seed=lesson.seed, progress=False)
    n, best = sum(p.numel() for p in result.model.parameters()), result.history.best
    low, high = ck.wilson(round(result.accuracy * result.n_validation), result.n_validation)
    print(f"{name}: validation {result.accuracy:.3f} ({low:.3f} to {high:.3f})")
    print(
        f"  epoch {best.epoch}, loss {best.validation_loss:.3f}, {n:,} parameters, {result.history.seconds:.0f} s"
    )


# %% coursekit={"role": "train"}
# %%attempt
study = replace(imdb, train=train, validation=validation, test=test)
GRU_BASELINE = change(BASELINE, cell="gru")
run("LSTM baseline", BASELINE)
run("GRU baseline", GRU_BASELINE)

# %% [markdown]
# ### a · Optimisers
#
# The baseline uses Adam. Name an experiment with `adagrad` and one with `rmsprop`, for example `"rmsprop": {"optimiser": "rmsprop"}`. The rate stays.
# Each is run with the LSTM and with the GRU.

# %% coursekit={"role": "define", "task": "hw4-optimisers"}
OPTIMISERS = {}  # name: {"optimiser": …}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw4-optimisers", experiments=OPTIMISERS, baseline=BASELINE)

# %% coursekit={"role": "train"}
# %%attempt
for name, changes in OPTIMISERS.items():
    run(f"LSTM {name}", change(BASELINE, **changes))
    run(f"GRU {name}", change(GRU_BASELINE, **changes))

# %% [markdown]
# ### b · Depth
#
# Two other numbers of layers (`num_layers`), for example 2 and 3.

# %% coursekit={"role": "define", "task": "hw4-depth"}
DEPTH = {}  # name: {"num_layers": …}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw4-depth", experiments=DEPTH, baseline=BASELINE)

# %% [markdown]
# ### c · Width
#
# Two other widths (`hidden_size`), between 4 and 128: one below the baseline's, one above.

# %% coursekit={"role": "define", "task": "hw4-width"}
WIDTH = {}  # name: {"hidden_size": …}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw4-width", experiments=WIDTH, baseline=BASELINE)

# %% [markdown]
# ### d · Embedding
#
# Two other sizes of the embedding (`embedding_dim`), between 1 and 256. What does a single number for each word still tell?

# %% coursekit={"role": "define", "task": "hw4-embedding"}
EMBEDDING = {}  # name: {"embedding_dim": …}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw4-embedding", experiments=EMBEDDING, baseline=BASELINE)

# %% coursekit={"role": "train"}
# %%attempt
if not study or not (DEPTH or WIDTH or EMBEDDING):
    raise NotImplementedError("hw4-depth")
for name, changes in (*DEPTH.items(), *WIDTH.items(), *EMBEDDING.items()):
    run(name, change(BASELINE, **changes))

# %% [markdown]
# ### Bonus · Compound scaling
#
# Four to twelve trials. Each changes at least two of `embedding_dim`, `hidden_size` and `num_layers` together. The cell below ranks them
# on validation. (To think about, without points: why not on the test part, and why not by accuracy per parameter?)

# %% coursekit={"role": "define", "task": "hw4-compound"}
COMPOUND = {}  # name: {field: value, another field: value}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw4-compound", experiments=COMPOUND, baseline=BASELINE)

# %% coursekit={"role": "train"}
# %%attempt
if not study or not COMPOUND:
    raise NotImplementedError("hw4-compound")
for name, changes in COMPOUND.items():
    run(name, change(BASELINE, **changes))
ranked = sorted(COMPOUND, key=lambda name: -results[name].accuracy)
print("ranked on validation:")
for name in ranked:
    print(f"{results[name].accuracy:.3f}  {name}")


# %% [markdown]
# ### Bonus · Two directions
#
# An LSTM that reads each text from both ends. Its answer must rest on the state of *both* directions after each has read the whole text.
# Half of a bidirectional output at the last word has read one word only: with such a model, some parameters never get a gradient.

# %% coursekit={"role": "define", "task": "hw4-two-ways"}
class TwoWayLSTM(nn.Module):
    """Embedding, packed LSTM in two directions, both last states, dropout, linear layer."""

    def __init__(self, config, vocabulary_size, n_classes):
        super().__init__()
        raise NotImplementedError("hw4-two-ways")

    def forward(self, ids, lengths):
        """Read ids (B, T) with lengths (B,); return logits (B, C)."""
        raise NotImplementedError("hw4-two-ways")


# %% coursekit={"role": "check"}
# %%attempt
check("hw4-two-ways", model=TwoWayLSTM)

# %% coursekit={"role": "train"}
# %%attempt
if not study:
    raise NotImplementedError("hw4-split")
run("two directions", change(BASELINE, bidirectional=True))

# %% [markdown]
# ### Bonus · The GRU's curve
#
# What do the two losses of the GRU say, epoch by epoch? The cell trains it for eight epochs and draws them.

# %% coursekit={"role": "train"}
# %%attempt
from coursekit.figures import charts, show

if not study:
    raise NotImplementedError("hw4-split")
run("GRU, 8 epochs", change(GRU_BASELINE, epochs=8))
epochs = results["GRU, 8 epochs"].history.epochs
print(results["GRU, 8 epochs"].history.table().round(4).to_string())
show(
    charts.curves(
        {
            "training": [epoch.train_loss for epoch in epochs],
            "validation": [epoch.validation_loss for epoch in epochs],
        },
        xlabel="epoch",
        ylabel="loss",
        level=("ln 2", 0.6931),
    )
)

# %% [markdown]
# Where do the two curves part, and which epoch would you keep: by validation loss, or by validation accuracy? Would
# training longer help? Four or five sentences.

# %% [markdown] coursekit={"role": "manual", "task": "hw4-curve"}
# *Your reading of the curve.*

# %% [markdown]
# ### The test part, once
#
# The model that is best on validation answers the test part. It is looked at once, at the end, and nothing is chosen by it.

# %% coursekit={"role": "train"}
# %%attempt
if not results:
    raise NotImplementedError("hw4-lstm")
chosen = max(results, key=lambda name: results[name].accuracy)
final = results[chosen]
found = ck.evaluate(final.model, ck.prepare(study, final.config).test)
low, high = ck.wilson(found.correct, found.n)
print(f"{chosen}: {found.correct:,} of {found.n:,} test reviews")
print(f"{found.accuracy:.3f} (95 % interval {low:.3f} to {high:.3f})")

# %% [markdown]
# ### e · Report
#
# In about a page:
#
# 1. Which optimiser was the best on each cell, and by how much? Look at the intervals and at the number of validation reviews. All optimisers had the same
#    rate: is that fair? What would you have to run before you call one of them the best?
# 2. GRU or LSTM: compare quality, parameters and seconds.
# 3. What did depth, width and the size of the embedding do? Which differences are larger than chance?
# 4. The best of all your runs has one accuracy on validation and another on test. Why do you expect the second to be lower?
# 5. To discuss, without a right answer: "GPT and BERT are both zero-shot learners." What speaks for it, what against?

# %% [markdown] coursekit={"role": "manual", "task": "hw4-report"}
# *Your report.*

# %% [markdown]
# ## Hand in
#
# Save the notebook, then run this cell. It writes one file, `hw4_submission.zip`: hand that in.

# %% coursekit={"role": "pack"}
# %%attempt
if not results:
    raise NotImplementedError("hw4-lstm")
pack("hw4", final, results)
