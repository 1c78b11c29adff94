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
# # 3 · From tokens to batches
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/03_tokens_to_batches.ipynb)
#
# **How does text become a tensor?** A network multiplies numbers. This chapter turns news texts into rectangles of
# numbers, and keeps count of what is lost on the way.
#
# After it you will be able to
#
# 1. build a vocabulary that is the same in every process, and choose its size by an argument;
# 2. write a Dataset and a collate function: padded batches with lengths and a mask, and little padding;
# 3. explain an embedding as rows of a matrix, and start it from counts.
#
# **You need** Python, PyTorch tensors (indexing, shapes, matrix products), and from section 3.8 on gradients and training ([chapter
# 0](00_before_you_start.ipynb)) and the linear baseline ([chapter 2](02_bags_of_words.ipynb)). **Time:** fifty minutes to read, under a
# minute to run on a CPU.

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

lesson = ck.setup(chapter="03")

# %% [markdown]
# ## 3.1 Texts and tokens
#
# *Deeper: it can wait for a second reading.*
#
# Our texts are short news items with a topic. You learn from the part `train`, you choose with `validation`, and you look
# at `test` once, at the end.

# %%
news = ck.load(
    "ag_news", train=ck.budget(cpu=6_000, gpu=6_000, smoke=400), seed=lesson.seed
)
print("topics:", ", ".join(news.label_names))
for text, label in zip(news.train.texts[:3], news.train.labels[:3], strict=True):
    print(f"\n{news.label_names[label]}: {text}")

# %% [markdown]
# What is the unit? We take words: runs of letters and digits, in lower case, with apostrophes kept inside
# ([chapter 1](01_text_to_tokens.ipynb) gives the reasons).

# %%
train_words = [ck.tokenise(text) for text in news.train.texts]
validation_words = [ck.tokenise(text) for text in news.validation.texts]
print(train_words[0][:6])

# %% [markdown]
# ## 3.2 A vocabulary that stays the same
#
# A network needs a number for each word. Any numbering will do, as long as it never changes: the weights learned for word
# 17 are useless if 17 means another word tomorrow.
#
# One of the reports in the published coursework (section 0.2) collects its words in a `set` and numbers them in the order of
# the set. Do the same in two fresh Python processes. Python draws a new seed for the hashes of strings in every process.
# (Here the two seeds are set by hand, so that every run of this page shows the same two orders.)

# %%
import subprocess
import sys

RECIPE = """
words = 'oil prices fall as markets wait'.split()
ids = {w: i for i, w in enumerate(set(words))}
print(*ids)
"""


def fresh_process(code, hash_seed):
    """Run code in a new Python with its own seed for the hashes of strings."""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.strip()


monday, tuesday = fresh_process(RECIPE, 1), fresh_process(RECIPE, 2)
print("id  Monday   Tuesday")
for i, (first, second) in enumerate(zip(monday.split(), tuesday.split(), strict=True)):
    print(f"{i:2}  {first:7}  {second}")

# %% [markdown]
# A model saved on Monday reads nonsense on Tuesday, without an error. The fix is an order that depends on the texts alone:
# by frequency, and equally frequent words by the alphabet.

# %%
vocabulary = ck.Vocabulary.build(train_words)
print(f"{len(vocabulary):,} entries, the first ones:\n{', '.join(vocabulary.words[:12])}")

again = ck.Vocabulary.build(reversed(train_words))
ck.claim(
    "the vocabulary does not depend on the order of the texts",
    vocabulary == again,
    {"entries": f"{len(vocabulary):,}"},
)

# %% [markdown]
# Four entries come before all words. Each has a job.
#
# | id | entry | job |
# |---|---|---|
# | 0 | `<pad>` | fills a batch up to a rectangle; no model should read it |
# | 1 | `<unk>` | replaces every word that is not listed |
# | 2 | `<bos>` | beginning of sequence |
# | 3 | `<eos>` | end of sequence |
#
# Keep the first two apart. If one id does both jobs, "nothing here" and "a word I do not know" look the same to the
# network, and a mask (section 3.6) built from the ids hides real words.
#
# The last two are for models that *write* sentences. The first word needs something before it, `<bos>`, and the model must
# be able to say that it has finished, `<eos>`. A classifier needs neither, because the lengths say where a text begins and
# ends. So the book leaves them out; `ck.encode(…, borders=True)` adds them, as the published coursework does.

# %% [markdown]
# ## 3.3 How large?
#
# *Deeper: it can wait for a second reading.*
#
# Every entry costs a row of numbers that must be learned. A word seen once in training has one text to learn its row from.
# So we drop rare words. The price is the *unknown rate*, also called the out-of-vocabulary rate: the share of running words in
# *new* text that become `<unk>`.
#
# We measure it on validation, with vocabularies built from train. Measured on train, the full vocabulary would look
# perfect, because it has seen exactly those words.

# %%
cuts = [20, 10, 5, 3, 2, 1]
sized = {cut: ck.Vocabulary.build(train_words, min_count=cut) for cut in cuts}
sizes = [len(sized[cut]) for cut in cuts]
on_train = [sized[cut].unknown_rate(train_words) for cut in cuts]
on_validation = [sized[cut].unknown_rate(validation_words) for cut in cuts]
print("seen at               unknown words")
print("  least  entries   train  validation")
for cut, size, seen, new in zip(
    cuts, sizes, on_train, on_validation, strict=True
):
    print(f"{cut:7}  {size:7,}  {seen:6.1%}  {new:10.1%}")

# %%
from bookfigures import ch03
from coursekit.figures import show

show(
    ch03.unknown_rates(
        sizes, {"on train": on_train, "on validation": on_validation}
    )
)

# %%
ck.claim(
    "even the full vocabulary leaves more than 3 % of new text unknown",
    on_validation[-1] > 0.03,
    {"train": on_train[-1], "validation": on_validation[-1]},
)
MIN_COUNT = 2
rows_saved = 1 - len(sized[2]) / len(sized[1])
price = on_validation[-2] - on_validation[-1]
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "dropping the words seen once saves at least a third of the rows, and makes at "
        "most one word in fifteen of new text unknown in addition",
        rows_saved > 1 / 3 and price < 1 / 15,
        {"rows saved": rows_saved, "additional unknown words": price},
    )

# %% [markdown]
# There is no size at which new text contains no new words. Names, places and typing errors never end. (You could leave
# unknown words out. With `<unk>` the other words keep their distance, and every text has at least one token.)
#
# So which size? What a row learned from a single text may be an accident of that text. The words seen once are a large part
# of the list and a small part of new text. We drop them: `min_count=2`. The table shows that the next step, to three, saves
# far fewer rows for about as many words, so the argument gets weaker.
#
# > A vocabulary is learned from data, like a weight. Build it from train only. If test texts take part, the model knows
# > before the test which words it will meet.
#
# The published coursework keeps words seen more than 25 times, and
# has <!--r:published.agnews_vocabulary-->11,842<!--/--> entries on all 120,000 training texts of AG News. On fewer texts the
# same cut is much harsher, as the first row above shows for a similar one.

# %% [markdown]
# ## 3.4 Pieces of words
#
# *Deeper: it can wait for a second reading.*
#
# To this vocabulary "goalkeepers" may be unknown, although it knows "goal". Could we cut words into pieces that are known?
#
# *Byte-pair encoding* (BPE) learns the pieces from counts (Sennrich, Haddow and Birch, 2016). Start with single letters.
# Find the pair of neighbours that occurs most often, and join it into a new symbol. Repeat. In full:

# %%
from collections import Counter
from itertools import pairwise


def join(symbols, pair):
    """Join each occurrence of a pair in a list of symbols."""
    joined = []
    for symbol in symbols:
        if joined and (joined[-1], symbol) == pair:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return joined


def learn_merges(words, n_merges):
    """Learn merges from words and how often each occurs."""
    pieces, merges = {word: list(word) for word in words}, []
    print("joined  seen  words in pieces; _ is the space")
    for _ in range(n_merges):
        pairs = Counter()
        for word, n in words.items():
            for pair in pairwise(pieces[word]):
                pairs[pair] += n
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        pieces = {word: join(symbols, best) for word, symbols in pieces.items()}
        print(f"{''.join(best)!r:6}  {pairs[best]:4} ", *("·".join(word).replace(" ", "_") for word in pieces.values()))
    return merges


words = Counter({" low": 5, " lower": 2, " newest": 6, " widest": 3})
merges = learn_merges(words, 6)

# %% [markdown]
# The space belongs to the word after it, as its first symbol. Pairs are counted inside words only, so no piece ever
# crosses a space. The suffix "est" was found after two merges, because "newest" and "widest" are frequent.
#
# The loop counts every pair again after every merge. `BytePairs` of the package learns the same merges and updates only
# the counts that change.

# %%
from coursekit.text import BytePairs

same = BytePairs.learn(list(words.elements()), n_merges=6)
ck.claim("the package learns the same merges", list(same.merges) == merges)

plain_train = [" " + " ".join(words) for words in train_words]
plain_validation = [" " + " ".join(words) for words in validation_words]
pairs = BytePairs.learn(
    plain_train, n_merges=ck.budget(cpu=1_500, gpu=1_500, smoke=100)
)
print("first merges:", ["".join(pair) for pair in pairs.merges[:8]])
print("last merges:", ["".join(pair) for pair in pairs.merges[-5:]])
for word in (" government", " goalkeepers", " unforgettable"):
    print(f"{word!r}: {pairs.pieces(word)}")
print(f"'Ю': {pairs.encode('Ю')}, the bytes of the letter")

# %% [markdown]
# Frequent words become one piece. Rare ones stay in several. These are frequent strings and not parts of meaning: "goal" and
# "keep" are no pieces of "goalkeepers" here. A letter that training never saw, such as a Cyrillic one, is written as its
# bytes; ids below 256 are kept for them. So *every* text can be encoded, and decoded again without loss.
#
# What do pieces cost? Compare them with a vocabulary of words that has as many entries, on the same texts.

# %%
texts = (*news.validation.texts, "Достоевский, “naïve” ☃")
ck.claim(
    "decoding gives back every text exactly",
    all(pairs.decode(pairs.encode(text)) == text for text in texts),
)

n_words = sum(map(len, validation_words))
n_pieces = sum(len(pairs.encode(text)) for text in plain_validation)
same_size = ck.Vocabulary.build(train_words, max_size=len(pairs))
print("        entries  unknown  tokens a word")
print(f"pieces  {len(pairs):7,}  {0:7.1%}  {n_pieces / n_words:13.2f}")
unknown = same_size.unknown_rate(validation_words)
print(f"words   {len(same_size):7,}  {unknown:7.1%}  {1:13.2f}")
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "at the same size, words leave more than a fifth of new text unknown; pieces "
        "make it longer by half or more",
        unknown > 0.2 and n_pieces > 1.5 * n_words,
    )

# %% [markdown]
# You pay with length: a recurrent network has more steps to take. For the topics of short news we go on with words.

# %% [markdown]
# ## 3.5 How long?
#
# *Deeper: it can wait for a second reading.*
#
# A batch is as long as its longest text, so one very long text makes a whole batch slow. Look at the lengths before you
# choose where to cut.

# %%
import numpy as np

lengths = [len(words) for words in train_words]
cut = int(np.quantile(lengths, 0.99))
print(f"{int(np.median(lengths)):3} words: the median")
print(f"{cut:3} words or fewer: 99 % of the texts")
print(f"{max(lengths):3} words: the longest text")
show(ch03.length_histogram(lengths, cut=cut))

# %% [markdown]
# Cutting at that line touches one text in a hundred, and bounds what a batch can cost.

# %% [markdown]
# ## 3.6 From lists to a rectangle
#
# Each text is now a list of ids, and the lists have different lengths. What does PyTorch say to that?

# %%
import torch

vocabulary = ck.Vocabulary.build(train_words, min_count=MIN_COUNT)
ids = ck.encode(["Wall Street falls again", "Profits"], vocabulary)
print(ids)
try:
    torch.tensor(ids)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# A tensor is a rectangle. So we fill the short rows up with `<pad>` (*padding*), and keep the length of each text.

# %%
batch = ck.collate(ids)
print(batch.ids)
print("lengths:", batch.lengths)
ck.check_shape(batch.ids, (2, 4), "ids")

show(
    ch03.batch_grid(
        [vocabulary.decode(row) for row in batch.ids], batch.lengths.tolist()
    )
)

# %% [markdown]
# The lengths alone say what is real. Everything else follows from them, including the *mask*: True at a token, False at a
# pad.

# %%
print(batch.mask.int())
print("counted back:", batch.mask.sum(dim=1))

# %% [markdown]
# Some code derives the mask from the ids instead: `mask = ids != 0`. That works until a real token has the id 0, or an
# unknown word shares the pad's id. Then words disappear without an error.
#
# What about a text with no word at all, such as "!!!"? Its length would be zero, and a network cannot read zero words: the
# maximum of nothing is undefined. `encode` turns the text into one `<unk>`.

# %%
nothing = ck.encode(["!!!"], vocabulary)
ck.claim(
    "a text without words becomes a single <unk>",
    nothing == [[vocabulary.unk]],
    {"ids": nothing[0]},
)
try:
    ck.collate([[]])
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ### In full
#
# PyTorch wants two things. A `Dataset` says how many examples there are and returns one of them. A *collate* function makes a
# batch from a list of examples. Here are both, as you would write them in a homework:

# %%
from torch.utils.data import DataLoader, Dataset

PAD, UNK = vocabulary.pad, vocabulary.unk


class NewsDataset(Dataset):
    """Texts as lists of ids, each with its label."""

    def __init__(self, texts, labels, vocabulary, max_length):
        self.examples = []
        for text, label in zip(texts, labels, strict=True):
            ids = vocabulary.encode(ck.tokenise(text))[:max_length]
            self.examples.append((ids or [UNK], label))  # empty: one <unk>

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, i):
        return self.examples[i]


def collate(examples):
    """Make padded ids (B, T), lengths (B,) and labels (B,) from a list of examples."""
    lengths = torch.tensor([len(ids) for ids, _ in examples])
    padded = torch.full((len(examples), int(lengths.max())), PAD)  # (B, T), int64
    for row, (ids, _) in zip(padded, examples, strict=True):
        row[: len(ids)] = torch.tensor(ids)
    labels = torch.tensor([label for _, label in examples])
    return padded, lengths, labels


ours = DataLoader(
    NewsDataset(news.train.texts, news.train.labels, vocabulary, max_length=cut),
    batch_size=32,
    collate_fn=collate,
)

# %% [markdown]
# The package does this in one call. A `Config` says how texts become ids (and later, what the model is and how it is
# trained), and `ck.prepare` builds the vocabulary from train and encodes the parts.

# %%
config = ck.Config(min_count=MIN_COUNT, max_length=cut)
data = ck.prepare(news, config)
theirs = ck.make_loader(data.train, batch_size=32, shuffle=False)
same_batches = [
    torch.equal(padded, batch.ids)
    and torch.equal(lengths, batch.lengths)
    and torch.equal(labels, batch.labels)
    for (padded, lengths, labels), batch in zip(ours, theirs, strict=True)
]
ck.claim(
    "the code above and the package make the same batches",
    all(same_batches),
    {"batches": len(same_batches)},
)

# %% [markdown]
# ## 3.7 Batches of like length
#
# *Deeper: it can wait for a second reading.*
#
# How much of a batch is padding? Take texts at random, and look at how much of each rectangle is real.

# %%
from coursekit.batching import LengthBuckets, share_of_pads

train = data.train
random_batches = list(
    LengthBuckets(train.lengths, batch_size=32, seed=lesson.seed, pool=1)
)
bucketed = list(
    LengthBuckets(train.lengths, batch_size=32, seed=lesson.seed, pool=50)
)


def typical(batches):
    """Lengths of the texts in the batch whose share of pads is in the middle."""
    ranked = sorted(
        batches, key=lambda positions: share_of_pads(train.lengths, [positions])
    )
    return [train.lengths[i] for i in ranked[len(ranked) // 2]]


show(
    ch03.padded_batches(
        {"random": typical(random_batches), "bucketed": typical(bucketed)}
    )
)

# %% [markdown]
# Each panel is one batch, as long as its longest text. The hatched part is computed for nothing. The remedy is called *bucketing*: shuffle, cut the shuffled texts into large
# pools, sort each pool by length, cut it into batches, and shuffle the batches. Texts of like length meet, and chance still
# decides which. (A pool here has 1,600 texts. The stand-in has fewer, so there chance decides only among texts of one
# length, and in which order the batches come.)

# %%
before, after = (
    share_of_pads(train.lengths, random_batches),
    share_of_pads(train.lengths, bucketed),
)
ck.claim(
    "buckets cut the share of pads to less than a tenth",
    after < before / 10,
    {"random": before, "bucketed": after},
)
seen = sorted(i for positions in bucketed for i in positions)
ck.claim(
    "every text still comes exactly once in an epoch",
    seen == list(range(len(train))),
    {"texts": f"{len(seen):,}"},
)

# %% [markdown]
# How much time is that worth? A recurrent layer ([chapter 4](04_vanilla_rnn.ipynb)) reads both kinds of batches.

# %%
import time

rnn = torch.nn.RNN(64, 128, batch_first=True)


def seconds_for(batches):
    """Time one pass of an RNN over the batches, without learning."""
    start = time.perf_counter()
    with torch.no_grad():
        for positions in batches:
            rnn(
                torch.zeros(
                    len(positions), max(train.lengths[i] for i in positions), 64
                )
            )
    return time.perf_counter() - start


seconds_for(bucketed[:5])  # warm up
slow, fast = seconds_for(random_batches), seconds_for(bucketed)
print(f"one pass over {len(train):,} texts:")
print(f"{slow:.3f} s in random batches")
print(f"{fast:.3f} s in buckets, {slow / fast:.1f} times faster here")

# %% [markdown]
# `ck.make_loader` buckets unless you say `shuffle=False`; in your own `DataLoader` pass
# `batch_sampler=LengthBuckets(…)`. `ck.fit` trains with it.

# %% [markdown]
# ## 3.8 From ids to vectors
#
# The ids are names, not quantities: word 17 is not more than word 16. How does a name enter a matrix product? As a *one-hot*
# vector: all zeros, and a one at the word's place. Multiplied by a matrix $W$ it gives one row of $W$.

# %%
show(ch03.row_lookup(["<pad>", "<unk>", "the", "oil", "market", "rain"], picked=3))

# %% [markdown]
# So there is no need to multiply. `nn.Embedding` picks the row, which gives the same and is much cheaper. The rows are called
# *embeddings*, or word vectors.

# %%
from torch import nn

V, E = len(vocabulary), 8
embedding = nn.Embedding(V, E, padding_idx=vocabulary.pad)
one_hot = nn.functional.one_hot(batch.ids, V).float()  # (B, T, V)
gap = (one_hot @ embedding.weight - embedding(batch.ids)).abs().max().item()
ck.claim(
    "one-hot times W is the same as picking rows, to 1e-6",
    gap < 1e-6,
    {"largest difference": gap},
)

# %% [markdown]
# Only rows that were picked have an influence on the loss, so only they get a gradient. The row of `<pad>` is an exception,
# by `padding_idx`: it starts at zero and never learns.

# %%
embedding(batch.ids).sum().backward()
touched = set(embedding.weight.grad.abs().sum(dim=1).nonzero().flatten().tolist())
ck.claim(
    "the gradient touches the rows of the words in the batch, and never the pad's",
    touched == set(batch.ids.unique().tolist()) - {vocabulary.pad},
    {"rows": f"{len(touched)} of {V:,}"},
)

# %% [markdown]
# ## 3.9 A first training
#
# *Deeper: it can wait for a second reading.*
#
# All parts are ready. The smallest model that uses them takes the mean of a text's word vectors, and puts one linear layer
# on it. `ck.TextClassifier` builds it; [chapter 4](04_vanilla_rnn.ipynb) writes such a model out. `ck.fit` trains it and
# keeps the epoch with the best validation accuracy.

# %%
from dataclasses import replace

first = ck.Config(
    min_count=MIN_COUNT,
    max_length=cut,
    cell="none",  # no recurrent layer
    pooling="mean",
    embedding_dim=64,
    dropout=0.0,
    epochs=ck.budget(cpu=6, gpu=6, smoke=1),
    batch_size=16,
    learning_rate=1e-2,
)
some = replace(news, train=news.train.take(min(1_300, len(news.train)), lesson.seed))
prepared = ck.prepare(some, first)
accuracies = []
for seed in range(lesson.seed, lesson.seed + 3):
    ck.seed_everything(seed)
    model = ck.TextClassifier(first, **prepared.sizes)
    history = ck.fit(
        model, prepared.train, prepared.validation, first, seed=seed, progress=False
    )
    accuracies.append(history.best.validation_accuracy)

# %% [markdown]
# A score needs a baseline on the same texts: the counts of [chapter 2](02_bags_of_words.ipynb), learned from the same
# training texts, the best of the same six settings. Behind ± stands the standard deviation over the seeds; for the counts,
# which need no seed, the standard error from the number of validation texts. And before you read a network's validation score, look whether it has
# learned its training texts, and whether it names all the classes.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def counts_baseline(split):
    """Best validation accuracy of TF-IDF of words and pairs, learned from a split."""
    scores = []
    for sublinear in (False, True):
        features = TfidfVectorizer(
            tokenizer=ck.tokenise,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 2),
            sublinear_tf=sublinear,
        )
        train = features.fit_transform(split.texts)
        validation = features.transform(news.validation.texts)
        for C in (1.0, 10.0, 100.0):  # 1 / lambda
            linear = LogisticRegression(C=C, max_iter=1000).fit(train, split.labels)
            scores.append(linear.score(validation, news.validation.labels))
    return max(scores)


def show_scores(scores, split, model, train, validation):
    """Print scores with their spread, the baseline, and a look at the last model."""
    for name, values in scores.items():
        print(f"{name:15}  {np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}")
    counted, n = counts_baseline(split), len(news.validation)
    print(f"{'counts':15}  {counted:.3f} ± {np.sqrt(counted * (1 - counted) / n):.3f}")
    print(f"last model, on train: {ck.evaluate(model, train).accuracy:.3f}")
    named = ck.evaluate(model, validation).predictions.bincount()
    print("shares of the classes that it names:")
    print(", ".join(f"{share:.2f}" for share in named / named.sum()))


show_scores(
    {"mean of vectors": accuracies},
    some.train,
    model,
    prepared.train,
    prepared.validation,
)

# %% [markdown]
# On the stand-in, network and counts are within luck of each other. On AG News the counts were about a point ahead in our runs.
#
# > Varied: the seed. Tuned: of the network the epoch, of the counts $\lambda$ and the damping. Held fixed: 1,300 texts at
# > most. All of it is chosen on these validation texts, so every score is a little too good.

# %% [markdown]
# ## 3.10 Vectors from counts
#
# *Deeper: it can wait for a second reading.*
#
# Random rows know nothing: "oil" is as far from "fuel" as from "football". Can the rows start from something better, without
# labels? Words that occur near the same words tend to be similar in meaning (the *distributional hypothesis*). So count
# neighbours, and compare with what chance would give. The *positive pointwise mutual information* is
#
# $$\mathrm{PPMI}(w, c) = \max\!\left(0,\ \ln \frac{p(w, c)}{p(w)\,p(c)}\right).$$
#
# By hand: the table says how often each of three words occurs near each of them. A cell over the total is $p(w, c)$, a row
# sum over the total is $p(w)$, a column sum over the total is $p(c)$.

# %%
import pandas as pd
from scipy.sparse import csr_matrix

from coursekit.text.vectors import ppmi

NAMES = ["oil", "price", "goal"]
near = np.array([[0, 4, 0], [4, 2, 2], [0, 2, 4]])
p = near / near.sum()
by_chance = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
by_hand = np.log(np.maximum(p / by_chance, 1))  # ln 1 = 0: nothing below zero
ck.claim(
    "the package gives the same table",
    np.allclose(ppmi(csr_matrix(near), smoothing=1.0).toarray(), by_hand),
)
pd.DataFrame(by_hand, index=NAMES, columns=NAMES).round(2)

# %% [markdown]
# "Oil" is near "price" in $4/18$ of all cases. By chance it would be $4/18 \cdot 8/18$, so the ratio is $18/8$ and its
# logarithm $0.81$. "Price" is near "goal" less often than by chance, and gets 0.
#
# A row of this table says near which words a word stands more often than by chance. In a real vocabulary the rows have
# thousands of numbers. A *singular value decomposition* (SVD) writes a table as a product of matrices, sorted by how much
# of the table each column accounts for; the first few columns make short rows that keep as much of it as so few numbers can. `CountVectors`
# counts
# the words at most five places apart, takes the PPMI and the SVD. (It takes $p(c)$ from counts to the power three quarters,
# which makes rare neighbours weigh less; Levy, Goldberg and Dagan, 2015.) Which words have similar rows? The cosine is 1 for
# the same direction and 0 for directions that have nothing in common.

# %%
from coursekit.text import CountVectors

vectors = CountVectors.build(
    train_words, data.encoder.vocabulary, dim=64, seed=lesson.seed
)
for word in ("government", "company", "game", "software", "president", "win"):
    if word in vectors.vocabulary:
        nearest = vectors.nearest(word, 4)
        print(f"{word}: {', '.join(f'{w} {cosine:.2f}' for w, cosine in nearest)}")

# %% [markdown]
# No label was used. Some neighbours are related in meaning, others only occur in the same phrases.
#
# Such vectors should help where texts are many and labels are few. So keep the labels of 400 texts only, while the vectors
# come from all the training texts. Three starts of the same small network: rows drawn at *random* and learned; rows from
# counts and *frozen*; rows from counts and *tuned* along with the rest. The scale of the rows, their standard deviation,
# is a setting of its own, so each start gets two.

# %%
from coursekit.batching import TextDataset

few = news.train.take(min(400, len(news.train)), lesson.seed)
few_labels = TextDataset(ck.encode(few.texts, data.encoder.vocabulary, max_length=cut), few.labels)
config = ck.Config(
    min_count=MIN_COUNT,
    max_length=cut,
    cell="none",
    pooling="mean",
    embedding_dim=64,
    dropout=0.0,
    epochs=ck.budget(cpu=8, gpu=8, smoke=1),
    batch_size=16,
    learning_rate=1e-2,
)


def trained_from(start, scale, seed):
    """Train on 400 labelled texts; return the model and its best validation accuracy."""
    ck.seed_everything(seed)
    model = ck.TextClassifier(config, **data.sizes)
    weight = model.embedding.weight
    if start != "random":
        weight.data.copy_(torch.tensor(vectors.matrix))
        weight.requires_grad_(start == "tuned")
    weight.data.mul_(scale / weight.std().item())
    history = ck.fit(
        model, few_labels, data.validation, config, seed=seed, progress=False
    )
    return model, history.best.validation_accuracy


starts = {}
for start in ("random", "frozen", "tuned"):
    for scale in (0.1, 1.0):
        runs = [trained_from(start, scale, lesson.seed + k) for k in range(3)]
        starts[f"{start}, {scale}"] = [accuracy for _, accuracy in runs]
show_scores(starts, few, runs[-1][0], few_labels, data.validation)

# %% [markdown]
# > Varied: the start of the rows, and their scale. Tuned for each: the epoch, and for the counts the same six settings, on
# > validation, so all scores are a little too good. Held fixed: 400 labelled texts, 64 numbers per word, the number of
# > epochs, the rate. So this says nothing about more labels.

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    best = {
        start: max(np.mean(starts[f"{start}, {scale}"]) for scale in (0.1, 1.0))
        for start in ("random", "frozen", "tuned")
    }
    with_better = ", ".join(f"{start} {score:.3f}" for start, score in best.items())
    print(f"with the better scale:\n{with_better}")
    if len(news.train) >= 6_000:
        ck.claim(
            "from 6,000 texts without labels, a start from counts gains .02 or more",
            max(best["tuned"], best["frozen"]) > best["random"] + 0.02,
            best,
        )
    ck.claim(
        "a tuned start depends less on the scale than a random one",
        np.ptp([np.mean(starts[f"tuned, {scale}"]) for scale in (0.1, 1.0)])
        < np.ptp([np.mean(starts[f"random, {scale}"]) for scale in (0.1, 1.0)]),
    )

# %% [markdown]
# So, do they help? It depends on how many texts the vectors have seen. In our runs, with the better scale of each, a start from counts
# gained about four to five points from the 6,000 texts of AG News, and hardly any from the 1,355 of the stand-in. A
# word that occurs in none of the 400 labelled texts has a useful row then. That may be why frozen rows did well on AG News.
#
# With a badly chosen scale a tuned start loses less than a random one. The row `frozen, 0.1` is below `frozen, 1.0` because
# small rows give small logits, only the linear layer can make them grow, and eight epochs are few for that (exercise 4).
#
# Beside the counts: the best of the six rows was above them in each of our runs, by less than a point in some and by four to five points in
# others. But it is the best of six, chosen on these texts, and on 250 texts a point is within luck.

# %% [markdown]
# ## What you can do now
#
# 1. You can build a vocabulary that two processes agree on, and choose its size.
# 2. You can write a Dataset and a collate function, and remove most of the padding.
# 3. You can say what an embedding is, and start its rows from counts.
#
# **Remember**
#
# - Order a vocabulary by frequency, then by word; build it from train only.
# - Lengths say what is padding; the mask follows from them, never from the ids.
# - An empty text becomes one `<unk>`; a length of zero is an error.
# - Show the linear baseline on the same texts beside every network.

# %% [markdown]
# ## Check yourself
#
# **1.** Your unknown rate on train is zero. Is the vocabulary large enough? (a) Yes. (b) No, it is too small. (c) You cannot tell.
#
# <details><summary>Answer</summary>
#
# (c): a vocabulary built from train with no cut knows every word of train. So the zero speaks neither for (a) nor for (b). Measure on
# validation.
#
# </details>
#
# **2.** Two texts of 10 and 40 words share a batch. What share of the batch is padding? (a) 30 of 40. (b) 30 of 50. (c) 30 of 80.
#
# <details><summary>Answer</summary>
#
# (c): the rectangle has 2 × 40 = 80 cells, 50 of them real. (a) looks at the short row alone. (b) compares the pads with the words, and
# not with the batch.
#
# </details>
#
# **3.** Why must the pad's row of the embedding not be trusted to hide pads?
#
# <details><summary>Answer</summary>
#
# A zero vector is still an input. A recurrent network goes on computing on it, through its bias and its state, and a mean counts it.
# Only the lengths tell where a text ends. [Chapter 8](08_padding_and_packing.ipynb) measures the effect.
#
# </details>
#
# **4.** "The numbers of an embedding are never negative." Is that so? (a) Yes: they come from counts. (b) Yes: a one-hot vector has no
# negative number. (c) No.
#
# <details><summary>Answer</summary>
#
# (c): the rows are drawn around zero, and gradients push each number up or down. Not (a): random rows come from no count, and the SVD
# of counts has both signs. Not (b): the one-hot vector only picks the row; it says nothing about what stands there.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** Build vocabularies from train *and* validation together. How does the unknown rate on validation change, and why is
# the figure worthless?
#
# <details><summary>Solution</summary>
#
# It falls to zero, because the vocabulary has seen the very words it is tested on. On texts that arrive tomorrow the rate
# is the one you measured before. This is a leak.
#
# ```python
# leaky = ck.Vocabulary.build(train_words + validation_words)
# print(f"{leaky.unknown_rate(validation_words):.1%} against {on_validation[-1]:.1%}")
# ```
#
# </details>
#
# **2.** Learn byte pairs with 0, 100 and 1,000 merges and count the pieces per word.
#
# <details><summary>Solution</summary>
#
# Without merges, a piece is one character, and the space before a word is one, too. The number of pieces per word falls quickly at first and slowly later: the most
# frequent pairs come first.
#
# ```python
# for n in (0, 100, ck.budget(cpu=1_000, gpu=1_000, smoke=200)):
#     learned = BytePairs.learn(plain_train, n_merges=n)
#     pieces = sum(len(learned.encode(text)) for text in plain_validation)
#     print(f"{n:5} merges: {pieces / n_words:.2f} pieces per word")
# ```
#
# </details>
#
# **3.** Bucket with pools of three batches, of ten, and one pool of *all* texts. What do you gain, and what do you lose?
#
# <details><summary>Solution</summary>
#
# The larger the pool, the less padding. But in one pool of all texts a batch holds nearly the same texts in every epoch, so
# less is left to chance, and if length goes with the label, batches become one-sided.
#
# ```python
# for pool in (3, 10, 10**6):
#     batches = list(LengthBuckets(train.lengths, batch_size=32, seed=lesson.seed, pool=pool))
#     print(f"pools of {pool:9,} batches: {share_of_pads(train.lengths, batches):.3f}")
# ```
#
# </details>
#
# **4.** Give the frozen rows of scale `0.1` ten times the epochs. What becomes of their score?
#
# <details><summary>Solution</summary>
#
# It rises towards that of scale 1. The linear layer needed time, not better rows.
#
# ```python
# config = replace(config, epochs=ck.budget(cpu=80, gpu=80, smoke=2))
# model, accuracy = trained_from("frozen", 0.1, lesson.seed)
# print(f"validation {accuracy:.3f}, train {ck.evaluate(model, few_labels).accuracy:.3f}")
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - R. Sennrich, B. Haddow and A. Birch (2016), *Neural machine translation of rare words with subword units*.
# - O. Levy, Y. Goldberg and I. Dagan (2015), *Improving distributional similarity with lessons learned from word
#   embeddings*.
# - D. Jurafsky and J. H. Martin, *Speech and language processing*, third edition (draft). PPMI and BPE by hand.
# - X. Zhang, J. Zhao and Y. LeCun (2015), *Character-level convolutional networks for text classification*. Where AG News
#   as a task comes from.
