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
# 1. build a vocabulary that is the same in every process, and choose its size by what it costs;
# 2. turn texts of any length into a padded batch with lengths and a mask, and waste little of it;
# 3. explain an embedding as rows of a matrix, and start it from counts.
#
# **You need** Python, and PyTorch tensors (indexing, shapes, matrix products). **Time:** forty minutes to read, under a
# minute to run on a CPU.

# %%
import importlib.util

# On Colab the course's package is missing: install it once.
if importlib.util.find_spec("coursekit") is None:
    address = "https://github.com/coursekit/reading-one-word-at-a-time.git"
    get_ipython().run_line_magic("pip", f"install --quiet git+{address}")

import coursekit as ck

lesson = ck.setup(chapter="03")

# %% [markdown]
# ## 3.1 Texts and tokens
#
# Our texts are short news items with a topic. `ck.load` looks for the real AG News; if it cannot be had, it takes news of
# the BBC and says so. The three parts have three purposes. You learn from `train`, you choose with `validation`, and you
# look at `test` once, at the end. (`ck.budget` picks how many training texts to take: fewer for a CPU, more for a GPU.)

# %%
news = ck.load(
    "ag_news", train=ck.budget(cpu=6_000, gpu=56_000, smoke=400), seed=lesson.seed
)
print("topics:", ", ".join(news.label_names))
for text, label in zip(news.train.texts[:3], news.train.labels[:3], strict=True):
    print(f"\n{news.label_names[label]}: {text}")

# %% [markdown]
# What is the unit? We take words: runs of letters and digits, in lower case, with apostrophes kept inside.
# [Chapter 1](01_text_to_tokens.ipynb) argues about this at length. Here one line is enough.

# %%
train_words = [ck.tokenise(text) for text in news.train.texts]
validation_words = [ck.tokenise(text) for text in news.validation.texts]
print(train_words[0][:12])

# %% [markdown]
# ## 3.2 A vocabulary that stays the same
#
# A network needs a number for each word. Any numbering will do, as long as it never changes: the weights learned for word
# 17 are useless if 17 means another word tomorrow.
#
# A published notebook collects its words in a `set` and numbers them in the order of the set. Let us do the same, in two
# fresh Python processes. Python draws a new seed for the hashes of strings in every process. Here we set the two seeds by
# hand, so that you see the same two orders as we do.

# %%
import subprocess
import sys

RECIPE = """
words = 'oil prices fall as markets wait'.split()
print({w: i for i, w in enumerate(set(words))})
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
print("Monday: ", monday)
print("Tuesday:", tuesday)
ck.claim("numbering a set gives other ids in another process", monday != tuesday)

# %% [markdown]
# (`ck.claim` states a result and checks it: a tick if it holds, an error if it does not.)
#
# A model saved on Monday reads nonsense on Tuesday, and nothing crashes. The mend is an order that depends on the texts alone: the most frequent word first, and among equally
# frequent words the alphabet decides.

# %%
vocabulary = ck.Vocabulary.build(train_words)
print(f"{len(vocabulary):,} entries; the first ones: {vocabulary.words[:12]}")

again = ck.Vocabulary.build(reversed(train_words))
ck.claim(
    "the vocabulary does not depend on the order of the texts",
    vocabulary == again,
    {"entries": len(vocabulary)},
)

# %% [markdown]
# Four entries stand in front of all words. They are no words; they have jobs.
#
# | id | entry | job |
# |---|---|---|
# | 0 | `<pad>` | fills a batch up to a rectangle; nobody should read it |
# | 1 | `<unk>` | stands for every word that is not listed |
# | 2 | `<bos>` | marks the beginning, where a model needs one |
# | 3 | `<eos>` | marks the end |
#
# Keep the first two apart. If one id does both jobs, "nothing here" and "a word I do not know" look the same to the
# network, and a mask built from the ids hides real words.

# %% [markdown]
# ## 3.3 How large?
#
# Every entry costs a row of numbers that must be learned. A word seen once in training teaches its row next to nothing.
# So we drop rare words. What is the price? The price is the share of running words in *new* text that become `<unk>`.
#
# We measure it on validation, with vocabularies built from train. Measured on train, the full vocabulary would look
# perfect, because it has seen exactly those words.

# %%
cuts = [20, 10, 5, 3, 2, 1]
sized = {cut: ck.Vocabulary.build(train_words, min_count=cut) for cut in cuts}
sizes = [len(sized[cut]) for cut in cuts]
on_train = [sized[cut].unknown_rate(train_words) for cut in cuts]
on_validation = [sized[cut].unknown_rate(validation_words) for cut in cuts]
for cut, size, seen, unseen in zip(
    cuts, sizes, on_train, on_validation, strict=True
):
    print(
        f"seen at least {cut:2} times: {size:6,} entries, "
        f"unknown on train {seen:6.1%}, on validation {unseen:6.1%}"
    )

# %%
from bookfigures import ch03
from coursekit.figures import show

show(
    ch03.unknown_rates(
        sizes, {"on train": on_train, "on validation": on_validation}
    ),
    alt="Share of unknown words against vocabulary size on a logarithmic "
    "axis. On train it falls to zero at the full size. On validation it "
    "falls too, but flattens out well above zero.",
)

# %%
ck.claim(
    "even the full vocabulary leaves more than 1 % of new text unknown, "
    "and none of train",
    on_train[-1] == 0 and on_validation[-1] > 0.01,
    {"train": on_train[-1], "validation": on_validation[-1]},
)
half = sized[2]
ck.claim(
    "dropping the words seen once removes at least a third of the entries",
    len(half) < 2 / 3 * len(vocabulary),
    {"share kept": len(half) / len(vocabulary)},
)

# %% [markdown]
# There is no size at which new text holds no new words. Names, places and typing errors never end. But the words that are
# seen once make up a large part of the list and a small part of the text: dropping them costs a few words in a hundred.
#
# > A vocabulary is learned from data, like a weight. Build it from train only. If test texts take part, the model knows
# > before the test which words it will meet.
#
# For comparison, the published coursework keeps words seen more than 25 times, after stripping punctuation and cutting by
# NLTK's rules. On the full set of 120,000 texts that gives
# <!--r:published.agnews_vocabulary-->11,842<!--/--> entries. A cut of "more than 25 times" means something else on another
# number of texts, so the size below, on ours, is not to be compared with it. The unknown rate is:

# %%
from coursekit.text import coursework_tokens

coursework = ck.Vocabulary.build(
    map(coursework_tokens, news.train.texts), min_count=26
)
print(
    f"the coursework's recipe on {len(news.train):,} texts: {len(coursework):,} entries, "
    f"unknown on validation {coursework.unknown_rate(map(coursework_tokens, news.validation.texts)):.1%}"
)

# %% [markdown]
# ## 3.4 Pieces of words
#
# "Unknown" is a harsh verdict on "goalkeepers" when you know "goal", "keep" and "ers". Can we cut words into pieces that
# we *do* know?
#
# *Byte-pair encoding* learns the pieces from counts (Sennrich, Haddow and Birch, 2016). Start with single letters. Find the
# pair of neighbours that occurs most often, and make it a new symbol. Repeat. Here is the whole of it. Most lines keep the
# counts up to date, so that not every pair has to be counted again after every merge:

# %%
from coursekit.text import BytePairs

ck.source(BytePairs.learn)

# %%
plain_train = [" ".join(words) for words in train_words]
plain_validation = [" ".join(words) for words in validation_words]
pairs = BytePairs.learn(
    plain_train, n_merges=ck.budget(cpu=1_500, gpu=8_000, smoke=100)
)
print("first merges: ", ["".join(pair) for pair in pairs.merges[:12]])
print("later merges: ", ["".join(pair) for pair in pairs.merges[-6:]])
for word in (" government", " goalkeepers", " unforgettable"):
    print(f"{word:15} -> {pairs.pieces(word)}")
print(f"{'Ю':15} -> {pairs.encode('Ю')}, the bytes of the letter")

# %% [markdown]
# Frequent words become one piece. Rare ones stay in several. A letter that training never saw, such as a Cyrillic one, is
# written as its bytes: ids below 256 are kept for them. So *every* text can be encoded, and decoded again without loss.
#
# What do pieces cost? Compare them with a vocabulary of words that has as many entries, on the same texts: lower-case
# words with spaces between them.

# %%
texts = (*news.validation.texts, "Достоевский, “naïve” ☃")
ck.claim(
    "decoding gives back every text exactly",
    all(pairs.decode(pairs.encode(text)) == text for text in texts),
)

n_words = sum(map(len, validation_words))
n_pieces = sum(len(pairs.encode(text)) for text in plain_validation)
same_size = ck.Vocabulary.build(train_words, max_size=len(pairs))
print(
    f"{len(pairs):,} pieces: nothing unknown, {n_pieces / n_words:.2f} pieces a word"
)
print(
    f"{len(same_size):,} words:  {same_size.unknown_rate(validation_words):.1%} unknown, one token a word"
)
ck.claim(
    "at the same size, words leave more than 3 % unknown; pieces leave "
    "nothing and make texts longer",
    same_size.unknown_rate(validation_words) > 0.03 and n_pieces > n_words,
)

# %% [markdown]
# You pay with length: a recurrent network has more steps to take, and more to remember. For short topics in English, words
# are fine. For Russian, where one word has a dozen endings, the trade looks different. We go on with words.

# %% [markdown]
# ## 3.5 How long?
#
# A batch is as long as its longest text, so one very long text makes a whole batch slow. Look before you choose where to
# cut.

# %%
import numpy as np

lengths = [len(words) for words in train_words]
cut = int(np.quantile(lengths, 0.99))
print(
    f"median {int(np.median(lengths))} words, longest {max(lengths)}; 99 % of the texts have at most {cut}"
)
show(
    ch03.length_histogram(lengths, cut=cut),
    alt="Histogram of text lengths in words: one hump, with a long thin tail "
    "to the right. A dashed line marks the cut that leaves 99 texts of "
    "100 whole.",
)

# %% [markdown]
# Cutting at that line touches one text in a hundred, and bounds what a batch can cost.

# %% [markdown]
# ## 3.6 From lists to a rectangle
#
# Now the ids. Each text is a list of numbers, and the lists have different lengths. What does PyTorch say to that?

# %%
import torch

vocabulary = ck.Vocabulary.build(train_words, min_count=2)
ids = ck.encode(["Wall Street falls again", "Profits"], vocabulary)
print(ids)
try:
    torch.tensor(ids)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# A tensor is a rectangle. So we fill the short rows up with `<pad>`, and write down how long each text really is.

# %%
batch = ck.collate(ids)
print(batch.ids)
print("lengths:", batch.lengths)
ck.check_shape(batch.ids, (2, 4), "ids")

show(
    ch03.batch_grid(
        [vocabulary.decode(row) for row in batch.ids], batch.lengths.tolist()
    ),
    alt="A batch of two rows and four columns. The first row holds four words"
    " and has length 4. The second holds one word and three pads and has "
    "length 1.",
)

# %% [markdown]
# The lengths are the only truth about what is real. Everything else follows from them, also the *mask*: true where a token
# stands, false where a pad does.

# %%
print(batch.mask.int())
ck.claim(
    "the mask counts back to the lengths",
    torch.equal(batch.mask.sum(dim=1), batch.lengths),
)

# %% [markdown]
# Some code derives the mask from the ids instead: `mask = ids != 0`. It works until a real token has the id 0, or an unknown
# word shares the pad's id. Then words vanish, and nobody notices.
#
# What about a text with no word at all, such as "!!!"? Its length would be zero, and a network cannot read zero words: the
# maximum of nothing is undefined, and packing raises an error. `encode` turns it into one `<unk>`: something was there.

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
# ## 3.7 Batches of like length
#
# How much of a batch is padding? Take texts at random, and look at how much of each rectangle is real.

# %%
from coursekit.batching import LengthBuckets, TextDataset, share_of_pads

train = TextDataset.from_split(news.train, vocabulary, max_length=cut)
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
        {"random": typical(random_batches)[:16], "bucketed": typical(bucketed)[:16]}
    ),
    alt="Two typical batches as bars, real tokens dark and pads hatched. In "
    "the random batch a large part is hatched; in the bucketed batch the "
    "bars are almost equally long.",
)

# %% [markdown]
# The hatched part is work for nothing. The mend: shuffle, cut the shuffled texts into large pools, sort each pool by length,
# cut it into batches, and shuffle the batches. Texts of like length meet, and chance still decides which.

# %%
before, after = (
    share_of_pads(train.lengths, random_batches),
    share_of_pads(train.lengths, bucketed),
)
ck.claim(
    "buckets cut the share of pads at least to a quarter",
    after < before / 4,
    {"random": before, "bucketed": after},
)
seen = sorted(i for positions in bucketed for i in positions)
ck.claim(
    "every text still comes exactly once in an epoch",
    seen == list(range(len(train))),
    {"texts": len(seen)},
)

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
print(
    f"one pass over {len(train):,} texts: random {slow:.2f} s, "
    f"bucketed {fast:.2f} s, {slow / fast:.1f} times faster here"
)

# %% [markdown]
# `ck.make_loader` puts it together: texts encoded once, buckets, collate. It is what the rest of the course trains with.

# %%
loader = ck.make_loader(train, batch_size=32, seed=lesson.seed)
first = next(iter(loader))
print(
    f"{len(loader)} batches; the first: ids {tuple(first.ids.shape)}, labels {tuple(first.labels.shape)}"
)

# %% [markdown]
# ## 3.8 From ids to vectors
#
# The ids are names, not quantities: word 17 is not more than word 16. How do we feed a name to a matrix? The textbook way
# is a *one-hot* vector: all zeros, and a one at the word's place. Multiply it by a matrix $W$, and what comes out is one
# row of $W$.

# %%
show(
    ch03.row_lookup(
        ["<pad>", "<unk>", "the", "oil", "market", "rain"], picked=3
    ),
    alt="A one-hot column with a one in the row of the word oil, times an "
    "embedding matrix with one row for each word. The result is the row "
    "of oil.",
)

# %% [markdown]
# So nobody multiplies. `nn.Embedding` picks the row, which is the same and much cheaper.

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
# Learning follows from the same picture. Only rows that were picked can have an influence on the loss, so only they get a
# gradient. The row of `<pad>` is told apart by `padding_idx`: it starts at zero and never learns.

# %%
embedding(batch.ids).sum().backward()
touched = set(embedding.weight.grad.abs().sum(dim=1).nonzero().flatten().tolist())
ck.claim(
    "the gradient touches the rows of the words in the batch, and never the pad's",
    touched == set(batch.ids.unique().tolist()) - {vocabulary.pad},
    {"rows": len(touched), "of": V},
)

# %% [markdown]
# ## 3.9 Vectors from counts
#
# Random rows know nothing: "oil" is as far from "fuel" as from "football". Can the rows start from something better, without
# any labels? Words that keep the same company mean similar things. So count the company.
#
# Count how often the words $w$ and $c$ stand at most five places apart. Compare with what chance would give:
#
# $$\mathrm{PPMI}(w, c) = \max\!\left(0,\ \log \frac{p(w, c)}{p(w)\,p(c)}\right)$$
#
# It is zero for pairs that meet no more often than by chance, and large for pairs that seek each other. Each word now has
# a row with one number for every other word. A singular value decomposition writes this large matrix as $U \Sigma V^\top$
# and keeps the few dozen strongest directions; the rows of $U\sqrt{\Sigma}$ are the vectors. One detail is not in the
# formula: the counts behind $p(c)$ are raised to the power three quarters, so that rare neighbours do not look more
# telling than they are (Levy, Goldberg and Dagan, 2015).

# %%
from coursekit.text import CountVectors

vectors = CountVectors.build(train_words, vocabulary, dim=32, seed=lesson.seed)
by_count = dict(zip(vocabulary.words, vocabulary.counts, strict=True))
frequent = [
    w
    for w in ("government", "company", "game", "software", "president", "win")
    if by_count.get(w, 0) >= 10
]
for word in frequent:
    print(
        f"{word:12} {', '.join(f'{near} {cosine:.2f}' for near, cosine in vectors.nearest(word, 6))}"
    )

# %% [markdown]
# Nobody told it what a company is. It counted. With so few texts the neighbours are rough; with a hundred times more they
# become good.
#
# Do such vectors help a classifier? Compare three starts of the same small network: rows drawn at *random* and learned;
# rows from counts and *frozen*; rows from counts and *tuned* along with the rest.

# %%
start_rows = torch.tensor(vectors.matrix)
start_rows *= 0.1 / start_rows.std()  # the same scale as the random start
validation = TextDataset.from_split(news.validation, vocabulary, max_length=cut)
small = (
    train
    if len(train) <= 1_500
    else TextDataset.from_split(
        news.train.take(1_500, lesson.seed), vocabulary, max_length=cut
    )
)


def accuracy_with(start, seed):
    """Train on at most 1,500 texts; return the best validation accuracy."""
    ck.seed_everything(seed)
    config = ck.Config(
        cell="lstm",
        embedding_dim=32,
        hidden_size=32,
        pooling="mean+max",
        dropout=0.0,
        epochs=ck.budget(cpu=5, gpu=10, smoke=1),
        batch_size=32,
    )
    model = ck.TextClassifier(
        config, vocabulary_size=V, n_classes=len(news.label_names)
    )
    if start != "random":
        model.embedding.weight.data.copy_(start_rows)
        model.embedding.weight.requires_grad_(start == "tuned")
    return ck.fit(
        model, small, validation, config, seed=seed, progress=False
    ).best.validation_accuracy


starts = {
    start: [accuracy_with(start, lesson.seed + k) for k in range(3)]
    for start in ("random", "frozen", "tuned")
}
for start, found in starts.items():
    print(
        f"{start:7} {np.mean(found):.3f} ± {np.std(found, ddof=1):.3f}   {[round(a, 3) for a in found]}"
    )

# %% [markdown]
# > Varied: the start of the rows. Tuned for each: nothing. Held fixed: 1,500 labelled texts at most, size 32, five
# > epochs. So this says nothing about more labelled texts, where a random start has time to catch up. The vectors from
# > counts have seen *all* the training texts, without labels: that is their advantage, and the point. The ± is the
# > standard deviation over three seeds; differences smaller than it mean little. The score is the best epoch on
# > validation, so it is a little too good.

# %%
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "with few labelled texts, a tuned start from counts is at least as "
        "good as a random one (margin .01, mean of three)",
        np.mean(starts["tuned"]) > np.mean(starts["random"]) - 0.01,
        {start: float(np.mean(found)) for start, found in starts.items()},
    )

# %% [markdown]
# So, do they help? With few labelled texts, a start from counts does no harm, and you see above by how much it helped on
# these. Freezing it is another matter: then the rows keep what they learned from company alone, and words of opposite
# meaning often keep the same company. Tuning lets the labels pull them apart. If labels are many, save yourself the
# trouble.

# %% [markdown]
# ## 3.10 The same, larger
#
# With a GPU, all the texts at hand and a larger network, the same steps lead to the course's reference classifier. A cell
# that starts with `%%gpu` runs where there is one. Elsewhere it says what it would have done, and shows the record of a
# longer run, with the machine that made it.

# %%
# %%gpu "train the course's reference classifier on every text of AG News at hand" --record agnews-reference
from coursestudies import agnews_reference

if news.source.kind == "stand-in":
    print("The real AG News is out of reach, so there is nothing to train on.")
else:
    print(agnews_reference.run(seeds=[lesson.seed])["summary"])

# %% [markdown]
# > The record was made with <!--r:agnews-reference.train_texts-->56,561<!--/--> training texts and reaches an accuracy of
# > <!--r:agnews-reference.accuracy_mean-->0.917<!--/--> on <!--r:agnews-reference.test_texts-->5,000<!--/--> test texts (mean
# > of three seeds).

# %% [markdown]
# ## What you can do now
#
# 1. You built a vocabulary that two processes agree on, and you know what each size costs in unknown words.
# 2. You turned texts into a padded batch with lengths and mask, and buckets removed most of the padding.
# 3. You saw that an embedding is a matrix whose rows are picked, and started its rows from counts.
#
# **Remember**
#
# - Order a vocabulary by frequency, then by word; build it from train only.
# - Lengths are the truth about padding; the mask follows from them, never from the ids.
# - An empty text becomes one `<unk>`; a length of zero is an error.
# - Texts of like length belong in one batch.

# %% [markdown]
# ## Check yourself
#
# **1.** Your unknown rate on train is zero. Is the vocabulary large enough?
#
# <details><summary>Answer</summary>
#
# You cannot tell. A vocabulary built from train with no cut knows every word of train. Measure on validation.
#
# </details>
#
# **2.** Two texts of 10 and 40 words share a batch. What share of the batch is padding?
#
# <details><summary>Answer</summary>
#
# The rectangle has 2 × 40 = 80 cells, 50 of them real. So 30 of 80 are pads, three eighths.
#
# </details>
#
# **3.** Why must the pad's row of the embedding not be trusted to hide pads?
#
# <details><summary>Answer</summary>
#
# A zero vector is still an input. A recurrent network goes on computing on it, through its bias and its state, and a mean
# counts it. Only the lengths tell where a text ends. [Chapter 8](08_padding_and_packing.ipynb) measures the damage.
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
# **2.** Learn byte pairs with 0, 100 and 1,000 merges and draw pieces per word.
#
# <details><summary>Solution</summary>
#
# Without merges, a piece is a letter. The number of pieces a word falls quickly at first and slowly later: frequent words
# are finished early.
#
# ```python
# for n in (0, 100, ck.budget(cpu=1_000, gpu=1_000, smoke=200)):
#     learned = BytePairs.learn(plain_train, n_merges=n)
#     pieces = sum(len(learned.encode(text)) for text in plain_validation)
#     print(f"{n:5} merges: {pieces / n_words:.2f} pieces a word")
# ```
#
# </details>
#
# **3.** Sort *all* texts by length in place of pools of fifty batches. What do you win, and what do you lose?
#
# <details><summary>Solution</summary>
#
# A little less padding. But a batch now holds nearly the same texts in every epoch, so less is left to chance, and if length
# goes with the label, batches become one-sided.
#
# ```python
# everything = list(LengthBuckets(train.lengths, batch_size=32, seed=lesson.seed, pool=10**6))
# print(f"pads: pools of fifty {after:.3f}, all sorted {share_of_pads(train.lengths, everything):.3f}")
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
# - X. Zhang, J. Zhao and Y. LeCun (2015), *Character-level convolutional networks for text classification*. Where AG News
#   as a task comes from.
