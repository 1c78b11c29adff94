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
# # 2 · Bags of words
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/02_bags_of_words.ipynb)
#
# **How far does counting get?** Forget the order of the words and keep only how often each occurs. That throws away most of
# what a writer did. What is left names the topic of a news item well. So where this book asks how good a network is on real texts, a model
# that counts is what it should beat.
#
# After this chapter you will be able to
#
# 1. turn texts into counts, hashed counts and TF-IDF in a few lines, and check them against scikit-learn;
# 2. build a linear baseline the fair way: choose on validation, test once, state the interval;
# 3. say what counting cannot see, and what accuracy does not tell you when one class is rare.
#
# **You need** Python, NumPy arrays, and the idea of a logarithm. Tokens come from
# [chapter 1](01_text_to_tokens.ipynb); logits, softmax and the train/validation/test split are in
# [chapter 0](00_before_you_start.ipynb). **Time:** forty minutes to read, under a minute to run on a CPU.

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

lesson = ck.setup(chapter="02")

# %% [markdown]
# ## 2.1 A column for every word
#
# *Deeper: it can wait for a second reading.*
#
# A linear model wants a row of numbers for each text, and all rows must be equally long. Texts are not. How do you make
# rows of them?
#
# Give every word of the training texts a column of its own, and write into it how often the word occurs in the text.

# %%
from collections import Counter

import numpy as np
import pandas as pd


def count_words(texts, words):
    """One row for each text, one column for each word."""
    counted = [Counter(ck.tokenise(text)) for text in texts]
    return np.array([[row[word] for word in words] for row in counted])


texts = ["the dog bites the man", "the man bites the dog", "the old dog sleeps"]
words = sorted({word for text in texts for word in ck.tokenise(text)})
small_counts = count_words(texts, words)  # (texts, words)
pd.DataFrame(small_counts, index=texts, columns=words)

# %% [markdown]
# This is a *bag of words*: the words are still there, and their order is gone. The first two rows are equal, although the
# sentences say different things.
#
# What happens to a word without a column, one that came after training? It is not counted. scikit-learn's
# `CountVectorizer` does the same.

# %%
from sklearn.feature_extraction.text import CountVectorizer

later = count_words(["the cat sleeps"], words)
print(", ".join(f"{word} {n}" for word, n in zip(words, later[0], strict=True)))
theirs = CountVectorizer(analyzer=ck.tokenise).fit(texts)
ck.claim(
    "scikit-learn counts the same, and does not count 'cat' either",
    (theirs.transform(texts).toarray() == small_counts).all()
    and (theirs.transform(["the cat sleeps"]).toarray() == later).all(),
)

# %% [markdown]
# Now real texts: short news with a topic, from AG News, or from the BBC as a stand-in. For so many words the package has
# `BagOfWords`, which counts in the same way and stores less.

# %%
from coursekit.text import BagOfWords

news = ck.load(
    "ag_news", train=ck.budget(cpu=2_000, gpu=2_000, smoke=300), seed=lesson.seed
)
PARTS = ("train", "validation", "test")
tokens = {
    part: [ck.tokenise(text) for text in getattr(news, part).texts]
    for part in PARTS
}
labels = {part: list(getattr(news, part).labels) for part in PARTS}
news_bag = BagOfWords.build(tokens["train"])
counts = {part: news_bag.count(tokens[part]) for part in PARTS}
rows, columns = counts["train"].shape
filled = counts["train"].nnz / (rows * columns)  # nnz: cells that are not zero
print(f"{rows:,} texts, {columns:,} columns")
print(f"{filled:.2%} of the cells are not zero")
theirs = CountVectorizer(analyzer=ck.tokenise).fit(news.train.texts)
ck.claim(
    "on the validation texts the package counts what scikit-learn counts",
    (theirs.transform(news.validation.texts) != counts["validation"]).nnz == 0,  # no cell differs
)

# %% [markdown]
# Almost every cell is zero, since a text of thirty words fills thirty columns at most. So the matrix is *sparse*: only
# what is not zero is stored, with its row and its column.
#
# A linear classifier learns a weight for each word and each topic. The logit of a topic is a constant plus the weights of the words in the
# text, each times its count. *Logistic regression* turns the logits into probabilities with a softmax. It looks
# for the weights with the smallest cross-entropy plus a penalty for large weights (section 2.4).

# %%
from sklearn.linear_model import LogisticRegression

linear = LogisticRegression(max_iter=1000).fit(counts["train"], labels["train"])


def right_answers(model, rows, part):
    """How many texts of a part the model gets right."""
    return int((model.predict(rows) == labels[part]).sum())


n_validation = len(labels["validation"])
largest = max(news.validation.counts(len(news.label_names)))
by_counts = right_answers(linear, counts["validation"], "validation")
ck.claim(
    "plain counts beat the largest class by .4 on the validation texts",
    (by_counts - largest) / n_validation > 0.4,
    {"counts": by_counts / n_validation, "largest class": largest / n_validation},
)

# %% [markdown]
# There is one weight for each word and topic, so the model can be read. Which words have the largest weights?

# %%
from bookfigures import ch02
from coursekit.figures import charts, show

top_words = {
    name: [(news_bag.words[j], weights[j]) for j in weights.argsort()[::-1][:8]]
    for name, weights in zip(news.label_names, linear.coef_, strict=True)
}
show(ch02.strongest_words(top_words))

# %% [markdown]
# Read them. Many are words of the topic. Others are accidents of these texts: names that were in the news at the time. The
# model cannot tell the two apart. Nor can its accuracy, as long as the test texts come from the same source and time.

# %% [markdown]
# ## 2.2 Without a list of words
#
# *Deeper: it can wait for a second reading.*
#
# The list of words has to be kept with the model, and new words never end. Can you do without a list?
#
# A *hash function* turns a word into a number that looks random and is always the same. Take the number modulo $m$, and
# you have one of $m$ columns. This is *feature hashing*. It needs neither a list nor training:

# %%
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32


def hash_words(tokens, m):
    """One row of m hashed counts."""
    row = np.zeros(m)
    for word in tokens:
        number = murmurhash3_32(word)  # from -2**31 to 2**31 - 1
        row[abs(number) % m] += 1 if number >= 0 else -1
    return row


by_hand = np.array([hash_words(tokens, 1024) for tokens in tokens["validation"]])
theirs = HashingVectorizer(n_features=1024, analyzer=ck.tokenise, norm=None)
ck.claim(
    "these are the rows of scikit-learn's HashingVectorizer",
    (theirs.transform(news.validation.texts).toarray() == by_hand).all(),
)

# %% [markdown]
# The sign is a trick. Half of the words count downwards, so words in one column cancel as often as they add up, and on
# average nothing is over-counted.
#
# Two words can get the same column. Then they *collide*: they share one weight, up to the sign. With $w$ words and $m$
# columns, a given word is alone if all others miss its column:
#
# $$P(\text{alone}) = \left(1 - \frac{1}{m}\right)^{w-1} \approx e^{-w/m}.$$
#
# With as many columns as words, only about a third of the words are alone. How bad is that?

# %%
from coursekit.text import collisions, hashed_counts

SIZES = [2**k for k in (4, 6, 8, 10, 12, 14)]
hashed_accuracy, shared = [], []
print("columns  words that share one  accuracy")
for m in SIZES:
    hashed = {part: hashed_counts(tokens[part], m) for part in PARTS}
    model = LogisticRegression(max_iter=1000).fit(hashed["train"], labels["train"])
    correct = right_answers(model, hashed["validation"], "validation")
    hashed_accuracy.append(correct / n_validation)
    crowded = collisions(news_bag.words, m).values()
    shared.append(sum(map(len, crowded)) / len(news_bag))
    print(f"{m:7,}  {shared[-1]:20.0%}  {hashed_accuracy[-1]:8.3f}")
print(f"{len(news_bag):7,}  {'one for each word':>20}  {by_counts / n_validation:8.3f}")

# %%
show(
    ch02.hashing_curve(
        SIZES, hashed_accuracy, shared, with_all=by_counts / n_validation
    )
)

# %%
expected = [1 - (1 - 1 / m) ** (len(news_bag) - 1) for m in SIZES]
ck.claim(
    "the share of words that collide is what the formula says, to .03",
    max(abs(a - b) for a, b in zip(shared, expected, strict=True)) < 0.03,
    {"measured": shared[-1], "formula": expected[-1]},
)
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "with 4,096 columns, in which most words collide, accuracy is within .05 of "
        "that without hashing; with 16 it is .2 below",
        shared[4] > 0.5
        and hashed_accuracy[4] > by_counts / n_validation - 0.05
        and hashed_accuracy[0] < by_counts / n_validation - 0.2,
        {f"{m:,} columns": a for m, a in zip(SIZES, hashed_accuracy, strict=True)},
    )

# %% [markdown]
# With 4,096 columns most words collide, and the model loses a few points. Why not more? Look at which words share a
# column.

# %%
frequency = dict(
    zip(news_bag.words, counts["train"].getnnz(axis=0).tolist(), strict=True)
)
for column, sharing in list(collisions(news_bag.words, 4096).items())[:5]:
    print(f"column {column}:", ", ".join(f"{word} {frequency[word]:,}" for word in sharing))

met = [
    len({murmurhash3_32(word) for word in text})  # different words
    - len({abs(murmurhash3_32(word)) % 4096 for word in text})  # their columns
    for text in tokens["validation"]
]
share_met = sum(met) / sum(len(set(text)) for text in tokens["validation"])
ck.claim(
    "within one text, fewer than one word in fifty finds its column taken by another "
    "word of that text",
    share_met < 0.02,
    {"share": share_met},
)

# %% [markdown]
# The numbers behind the words are the training texts that contain them. Most words are rare, so the words of one column
# seldom occur in the same text. But they share a weight. And you can no longer read the weights: a column stands for
# several words.

# %% [markdown]
# ## 2.3 TF-IDF: a word that is everywhere says little
#
# *Deeper: it can wait for a second reading.*
#
# Which words are counted most?

# %%
totals = np.asarray(counts["train"].sum(axis=0)).ravel()
order = totals.argsort()[::-1]
print("; ".join(f"{news_bag.words[j]} {totals[j]:,.0f}" for j in order[:12]))
share_of_top = totals[order[:50]].sum() / totals.sum()
ck.claim(
    "the fifty most frequent words make a quarter of all tokens or more",
    share_of_top > 0.25,
    {"share": share_of_top},
)

# %% [markdown]
# (On AG News itself "39" and "s" are among them; section 1.2 says where they come from.)
#
# The largest numbers of a row belong to words that occur everywhere. Chapter 1 struck such words off with a list. Another
# way is to weigh each word by how *few* texts contain it.
#
# Let $n$ be the number of training texts, $\mathrm{df}(w)$ the number of those that contain the word $w$, and
# $\mathrm{tf}(w, d)$ its count in the text $d$. The *inverse document frequency* and the weight are
#
# $$\begin{aligned}
# \mathrm{idf}(w) &= \ln \frac{1 + n}{1 + \mathrm{df}(w)} + 1, \\[1ex]
# x_{d,w} &= \frac{\mathrm{tf}(w, d)\;\mathrm{idf}(w)}{\sqrt{\sum_v \big(\mathrm{tf}(v, d)\;\mathrm{idf}(v)\big)^2}}.
# \end{aligned}$$
#
# A word in every text has $\mathrm{df} = n$, so the logarithm is 0 and $\mathrm{idf}$ is 1. A rare word has a larger one.
# The `1 +` inside the fraction acts as if one more text contained every word. It is called *smoothing*, and avoids a
# division by zero. The square root makes every row a vector of length 1, so that a long text does not get larger numbers
# than a short one.
#
# This is scikit-learn's form. Lectures, that of the published coursework among them, often use another:
#
# $$\begin{aligned}
# \mathrm{idf}(w) &= \ln \frac{n}{\mathrm{df}(w)}, \\[1ex]
# x_{d,w} &= \frac{\mathrm{tf}(w, d)}{\sum_v \mathrm{tf}(v, d)}\;\mathrm{idf}(w).
# \end{aligned}$$
#
# It differs in three ways. The count becomes a share of the text, in place of the division by the length of the row at
# the end. There is no `+ 1` behind the logarithm, so a word that is in every text gets the weight 0 and disappears. And
# there is no smoothing.
#
# By hand, for three texts: "the oil", "the", "the the". The word "the" is in all three, "oil" in one.

# %%
idf_the = np.log((1 + 3) / (1 + 3)) + 1
idf_oil = np.log((1 + 3) / (1 + 1)) + 1
length = np.hypot(1 * idf_the, 1 * idf_oil)
the, oil = 1 / 2 * np.log(3 / 3), 1 / 2 * np.log(3 / 1)
print("for 'the oil'            the     oil")
print(f"idf, scikit-learn's  {idf_the:7.3f} {idf_oil:7.3f}")
print(f"x, scikit-learn's    {idf_the / length:7.3f} {idf_oil / length:7.3f}")
print(f"x, the lecture's     {the:7.3f} {oil:7.3f}")

# %% [markdown]
# And in code. The document frequencies are learned from the *training* texts, and applied to any text.

# %%
from scipy.sparse import csr_matrix


def tf_idf(counts, train_counts):
    """Weigh counts by how few of the training texts contain each word."""
    n, df = train_counts.shape[0], train_counts.getnnz(axis=0)  # df: (words,)
    idf = np.log((1 + n) / (1 + df)) + 1
    weights = csr_matrix(counts.multiply(idf))  # (texts, words)
    length = np.sqrt(weights.power(2).sum(axis=1))  # (texts, 1)
    return csr_matrix(weights.multiply(1 / np.where(length == 0, 1, length)))


# %% [markdown]
# The `TfIdf` of the package does the same and has two switches. Without `smooth` the formula is $\ln (n / \mathrm{df}) + 1$.
# With `sublinear` a count $\mathrm{tf}$ becomes $1 + \ln \mathrm{tf}$: ten occurrences do not say ten times as much as one.
# Compare everything with scikit-learn, on texts that were not trained on.

# %%
from itertools import product

from sklearn.feature_extraction.text import TfidfVectorizer

from coursekit.text import TfIdf

gaps = {}
for smooth, sublinear in product((True, False), repeat=2):
    ours = TfIdf(smooth=smooth, sublinear=sublinear).fit(counts["train"])
    theirs = TfidfVectorizer(
        analyzer=ck.tokenise, smooth_idf=smooth, sublinear_tf=sublinear
    ).fit(news.train.texts)
    expected = theirs.transform(news.validation.texts)
    gap = abs(ours.transform(counts["validation"]) - expected).max()
    on = [name for name, is_on in (("smooth", smooth), ("sublinear", sublinear)) if is_on]
    gaps[" and ".join(on) or "neither switch"] = float(gap)
    if smooth and not sublinear:
        by_hand = tf_idf(counts["validation"], counts["train"])
        gaps["the seven lines above"] = float(abs(by_hand - expected).max())
ck.claim(
    "our TF-IDF equals scikit-learn's to 1e-12, in all settings",
    max(gaps.values()) < 1e-12,
    gaps,
)

# %% [markdown]
# From here on we use scikit-learn's version, which is fast and also counts pairs of words.

# %% [markdown]
# ## 2.4 A baseline, the fair way
#
# A *baseline* is the score of something simple. It must be built with care, or beating it means nothing. Three rules hold wherever a model
# is judged.
#
# 1. What can be chosen is chosen on *validation*. Here it is whether large counts are damped (*sublinear*, section 2.3), and
#    the *regularisation* $\lambda$: how strongly the weights are pulled towards zero. A strong pull keeps the model simple.
#    With a weak one it follows the training texts more closely. (scikit-learn takes the inverse, `C`. In formulae $C$ is
#    the number of classes.)
# 2. The *test* texts are looked at when every choice is made. No choice follows.
# 3. A score comes with its *interval* (section 0.8), because other test texts would have given another score.

# %%
from sklearn.pipeline import make_pipeline

SETTINGS = list(product((False, True), (1.0, 0.1, 0.01)))  # sublinear, lambda


def baseline(train, sublinear, penalty):
    """TF-IDF of words and pairs, and logistic regression, fitted on texts."""
    features = TfidfVectorizer(
        tokenizer=ck.tokenise,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        sublinear_tf=sublinear,
    )
    linear = LogisticRegression(C=1 / penalty, max_iter=1000)
    return make_pipeline(features, linear).fit(train.texts, train.labels)


fitted = {setting: baseline(news.train, *setting) for setting in SETTINGS}
on_validation = {
    setting: right_answers(model, news.validation.texts, "validation") / n_validation
    for setting, model in fitted.items()
}
print("sublinear  lambda  validation accuracy")
for (sublinear, penalty), score in on_validation.items():
    print(f"{sublinear!s:9}  {penalty:6}  {score:19.3f}")
best = max(on_validation, key=on_validation.get)
print(f"chosen: sublinear {best[0]}, lambda {best[1]}")

# %% [markdown]
# scikit-learn's default is $\lambda = 1$. Here a weaker pull does better.
#
# Now the test texts. The training texts are a draw as well, so fit the chosen model on three random halves of them, too.

# %%
n_test = len(labels["test"])
half = len(news.train) // 2
models = {"TF-IDF": fitted[best]} | {
    f"TF-IDF, half {k + 1}": baseline(news.train.take(half, lesson.seed + k), *best)
    for k in range(3)
}
scores = {
    "the largest class": (max(news.test.counts(len(news.label_names))), n_test)
}
print(f"{'':14}  accuracy   95 % interval")
for name, model in models.items():
    scores[name] = (right_answers(model, news.test.texts, "test"), n_test)
    low, high = ck.wilson(*scores[name])
    print(f"{name:14}  {scores[name][0] / n_test:8.3f}  {low:.3f} to {high:.3f}")
show(charts.score_bars(scores))

# %%
halves = [scores[f"TF-IDF, half {k + 1}"][0] / n_test for k in range(3)]
whole = scores["TF-IDF"][0] / n_test
print(f"{np.std(halves, ddof=1):.4f}: standard deviation, three halves")
print(f"{np.sqrt(whole * (1 - whole) / n_test):.4f}: standard error, {n_test:,} test texts")
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "half of the training texts cost a point or more, in each of three draws",
        whole - max(halves) >= 0.01,
        {"all": whole, "halves": halves},
    )

# %% [markdown]
# Two kinds of chance are at work: which texts you train on, and which texts you are tested on. The two printed numbers
# compare them. The first is rough, because there are only three halves. It is also about 30 % too small: halves of the same
# texts overlap, and differ less than independent draws would (half of a finite lot, drawn without putting back, leaves half of the
# variance, the squared deviation, so $\sqrt{1/2}$ of the deviation, for a score that behaves like a mean).
#
# > Varied: the training texts. Tuned: $\lambda$ and the damping, on validation. Held fixed: words and pairs, the test texts.
# > So this says how far counting gets on so many training texts, and not on more.
#
# ## 2.5 With all the texts
#
# *Deeper: it can wait for a second reading.*
#
# How far does counting get with more? These numbers were computed once and kept as a record. *Words* means words and
# pairs, always damped. *Letters* means runs of one to five letters inside words. (`imdb` is film
# reviews; `hate_tweets`, English tweets, hateful or not, with the class weights of section 2.7.) The Russian tweets lost their emoticons first
# ([chapter 1](01_text_to_tokens.ipynb)). When $\lambda$ was chosen, the model was fitted again on training
# and validation texts together.

# %%
from coursekit.records import read_record

record = read_record("linear-baselines")
pd.DataFrame(
    [
        {
            "data": run["data"],
            "counted": run["features"],
            "training texts": f"{run['rows']['train'] + run['rows']['validation']:,}",
            "accuracy": f"{run['accuracy']:.3f}",
            "95 % interval": f"{run['low']:.3f} to {run['high']:.3f}",
            "macro-F1": f"{run['macro_f1']:.3f}",
        }
        for run in record.runs
    ]
).set_index("data").rename_axis(index=None, columns="data")

# %% [markdown]
# (Macro-F1 comes in section 2.7.)
#
# On AG News, counting reaches <!--r:linear-baselines.ag_news_words_accuracy-->0.914<!--/-->. This course's best recurrent
# network has a mean of <!--r:headline-agnews.summary.recurrent.accuracy_mean-->0.921<!--/--> over three seeds on the same
# test texts, learned from the same texts. [Chapter 10](10_scaling_and_evidence.ipynb) compares the two text by text. One
# name often gives a topic away, wherever it occurs, so reading in order has little to add. On film reviews the counts do
# well, too (<!--r:linear-baselines.imdb_words_accuracy-->0.906<!--/-->). Where is it different?

# %% [markdown]
# ## 2.6 What counting cannot see
#
# Read these two out loud: "Not good, bad." and "Not bad, good."

# %%
pair = ["Not good, bad.", "Not bad, good."]
words_only = BagOfWords.build(map(ck.tokenise, pair))
with_pairs = BagOfWords.build(map(ck.tokenise, pair), longest=2)
for bag in (words_only, with_pairs):
    first, second = bag.count(map(ck.tokenise, pair))
    print(f"{len(bag)} columns, {(first != second).nnz} differ: {', '.join(bag.words)}")

# %% [markdown]
# A bag of words sees no difference. Count pairs of neighbours as well, *bigrams*, and it does: "not good" occurs in one of
# them only. Is it enough to count runs of $n$ words, *n-grams*? In "Not at all as good as they say" three words separate
# "not" from "good". How many of the longer runs in a test text were never seen in training?

# %%
lengths = (1, 2, 3, 4, 5)
unseen = []
for n in lengths:

    def runs_of(texts, n=n):
        return {
            tuple(text[i : i + n])
            for text in texts
            for i in range(len(text) - n + 1)
        }

    in_test = runs_of(tokens["test"])
    unseen.append(len(in_test - runs_of(tokens["train"])) / len(in_test))
show(
    charts.curves(
        {"never seen in training": unseen},
        x=lengths,
        xlabel="words in the run",
        ylabel="share of different test runs\nnever seen in training",
    )
)

# %%
ck.claim(
    "of the different runs of four words in the test texts, nine in ten were never seen",
    unseen[3] > 0.9,
    {f"{n}-word runs": share for n, share in zip(lengths, unseen, strict=True)},
)

# %% [markdown]
# The course has a corpus made for this question: generated reviews. In about half of them "but" or "although" (or a word
# like these) decides which of two clauses is the verdict. In the others the last word is the verdict, and a "nobody" far
# before it reverses it, where "everybody" does not. Each word, and each pair of neighbours, is as frequent in good reviews
# as in bad ones. Some labels are wrong on purpose. How far do counts get?

# %%
reviews = ck.load(
    "reviews", train=ck.budget(cpu=3_000, gpu=6_000, smoke=300), seed=lesson.seed
)
for text, label in zip(reviews.train.texts[:3], reviews.train.labels, strict=False):
    print(f"{reviews.label_names[label]}: {text}")

by_longest, columns_of = {}, {}
for longest in (1, 2, 3):
    features = TfidfVectorizer(ngram_range=(1, longest), sublinear_tf=True)
    model = make_pipeline(features, LogisticRegression(max_iter=1000))
    model.fit(reviews.train.texts, reviews.train.labels)
    guessed = model.predict(reviews.test.texts)
    correct = int((guessed == list(reviews.test.labels)).sum())
    name = "single words" if longest == 1 else f"up to {longest} words"
    by_longest[name] = (correct, len(reviews.test))
    columns_of[name] = f"{len(features.vocabulary_):,} columns"
rows = {f"{name},\n{columns_of[name]}": score for name, score in by_longest.items()}
show(charts.score_bars(rows, chance=0.5))

# %%
ck.claim(
    "words, pairs and threes stay at .60 or below on reviews in which order decides",
    max(correct / n for correct, n in by_longest.values()) <= 0.6,
    {name: correct / n for name, (correct, n) in by_longest.items()},
)

# %% [markdown]
# More data would not help, and here is why. Where two clauses disagree, praise and blame are both there, whatever the verdict; only their
# order and the joining word together tell. Now take the reviews with one verdict:
#
# | | ends in praise | ends in blame |
# |---|---|---|
# | "everybody" | good | bad |
# | "nobody" | bad | good |
#
# A linear model adds up weights. Say that "everybody" and "nobody" add $e$ and $n$ to the score, praise and blame add $p$
# and $b$. (The words are far apart, so no short run of words contains both.) The two good cells score $e + p$ and $n + b$,
# the two bad ones $e + b$ and $n + p$. Both pairs have the same sum, $e + n + p + b$. So whatever the weights, the good cells
# cannot both lie above a threshold and the bad ones both below it. This is the *exclusive or* (XOR), and no linear model of such counts can
# learn it. With two clauses the table is the same: the joining word in its rows, what comes first in its columns; and single words do not
# even see the columns. (TF-IDF divides each row by its length, so the sums need not be quite equal. The scores above
# say that this does not help.)
#
# A record with 6,000 training texts and three seeds has words and pairs, tuned,
# at <!--r:reviews-order.words_and_pairs_mean-->0.51<!--/--> and an LSTM, which reads in order,
# at <!--r:reviews-order.lstm_mean-->0.96<!--/-->. As some labels are
# wrong, <!--r:reviews-order.ceiling_mean-->0.96<!--/--> is the best that can be expected.

# %% [markdown]
# ## 2.7 When one class is rare
#
# *Deeper: it can wait for a second reading.*
#
# Suppose you look for texts of one kind among many others: hate among tweets, complaints among orders. Take one topic
# of our news and remove most of its texts, until only 7 % of all texts have this topic. "Is it this topic?" is now a
# question with a rare *yes*.

# %%
from coursekit.data import Split

RARE = len(news.label_names) - 1
name_of_rare = news.label_names[RARE]


def thinned(split, seed, share=0.07):
    """Keep so few texts of one topic that they are a given share; label them 1, the rest 0."""
    labels = np.array(split.labels)
    rare, rest = np.flatnonzero(labels == RARE), np.flatnonzero(labels != RARE)
    wanted = max(1, round(len(rest) * share / (1 - share)))
    draw = np.random.default_rng(seed)
    kept = np.sort(
        [*draw.choice(rare, min(wanted, len(rare)), replace=False), *rest]
    )
    return Split(
        tuple(split.texts[i] for i in kept),
        tuple(int(labels[i] == RARE) for i in kept),
    )


everything = ck.load("ag_news", train=6_000, seed=lesson.seed, quiet=True)
thin_train = thinned(everything.train, lesson.seed)
thin_test = thinned(everything.test, lesson.seed)
truth = list(thin_test.labels)
print(
    f"'{name_of_rare}':\n{sum(thin_train.labels)} of {len(thin_train):,} training texts,\n"
    f"{sum(truth)} of {len(truth):,} test texts"
)

# %% [markdown]
# Three answers. The first always says *no*. The second is our baseline, here with scikit-learn's own way of cutting words. The third is the
# same with *class weights*: in its loss, a text counts in inverse proportion to the frequency of its class.

# %%
from coursekit.stats import (
    accuracy,
    confusion_matrix,
    f1,
    macro_f1,
    precision,
    recall,
)


def fit_weighted(weights):
    """The baseline with given class weights."""
    sublinear, penalty = best
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=sublinear)
    linear = LogisticRegression(C=1 / penalty, max_iter=1000, class_weight=weights)
    return make_pipeline(features, linear).fit(thin_train.texts, thin_train.labels)


answers = {
    "always no": [0] * len(truth),
    "counts": fit_weighted(None).predict(thin_test.texts).tolist(),
    "class weights": fit_weighted("balanced").predict(thin_test.texts).tolist(),
}
matrices = {
    name: confusion_matrix(truth, given, 2) for name, given in answers.items()
}
show(ch02.confusion(matrices, ["no", "yes"]))

# %% [markdown]
# A *confusion matrix* counts the texts by what they are, in rows, and what they were taken for, in columns. The diagonal is
# right. The shade of a cell is its share of the row, whatever the count. Every score of this section is read off the counts.
# Let $M_{jk}$ be the number of texts that are of class $j$ and were taken for class $k$ by the model.
#
# $$\begin{aligned}
# \text{accuracy} &= \frac{\sum_k M_{kk}}{\sum_{jk} M_{jk}} \\[1ex]
# \text{precision}_k &= \frac{M_{kk}}{\sum_j M_{jk}} \\[1ex]
# \text{recall}_k &= \frac{M_{kk}}{\sum_j M_{kj}}
# \end{aligned}$$
#
# *Precision*: of the texts that were taken for $k$, the share that is. It looks down a column. *Recall*: of the texts that
# are $k$, the share that was found. It looks along a row. (If no text was taken for $k$, precision is set to 0.) F1 is their harmonic mean,
# which is nearer to the smaller of the two:
#
# $$\begin{aligned}
# F_{1,k} &= \frac{2\,\text{precision}_k\,\text{recall}_k}{\text{precision}_k + \text{recall}_k} \\[1ex]
# &= \frac{2 M_{kk}}{\sum_j M_{jk} + \sum_j M_{kj}}
# \end{aligned}$$
#
# *Macro-F1* is the plain mean of F1 over the classes, so a rare class weighs as much as a frequent one.

# %%
pd.DataFrame(
    {
        name: {
            "accuracy": accuracy(m),
            "precision of yes": precision(m)[1],
            "recall of yes": recall(m)[1],
            "F1 of yes": f1(m)[1],
            "macro-F1": macro_f1(m),
        }
        for name, m in matrices.items()
    }
).map("{:.3f}".format)

# %%
lazy = matrices["always no"]
plain, weighted = matrices["counts"], matrices["class weights"]
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "class weights find at least as many of the rare texts, and macro-F1 tells "
        "counting from not looking by .2",
        recall(weighted)[1] >= recall(plain)[1]
        and macro_f1(weighted) > macro_f1(lazy) + 0.2,
        {"recall without": recall(plain)[1], "recall with": recall(weighted)[1]},
    )

# %%
from sklearn.metrics import f1_score

gap = max(
    abs(
        macro_f1(m)
        - f1_score(truth, answers[name], average="macro", zero_division=0)
    )
    for name, m in matrices.items()
)
ck.claim("our macro-F1 is scikit-learn's, to 1e-12", gap < 1e-12)

# %% [markdown]
# The first column shows the trouble with accuracy. More than nine in ten answers are right, and none of the texts that you were
# looking for was found. With a rare class, state the accuracy of always saying *no* beside your own.
#
# How sure is the recall? It is a share of few texts, so its interval is wide.

# %%
n_rare = sum(truth)
print(f"{'':13}       found  95 % interval")
for name in ("counts", "class weights"):
    correct = int(matrices[name][1, 1])
    low, high = ck.wilson(correct, n_rare)
    print(f"{name:13}  {f'{correct} of {n_rare}':>10}  {low:.2f} to {high:.2f}")

# %% [markdown]
# The many easy texts do not help here: only the rare ones count.
#
# None of this is a verdict on counting. $\lambda$ was chosen for another task, and the answer is *yes* from a probability
# of one half on. [Chapter 10](10_scaling_and_evidence.ipynb) moves that threshold. It also gives class weights to a network; with the
# threshold chosen, no gain can be shown there.

# %% [markdown]
# ## What you can do now
#
# 1. You can turn texts into counts, hashed counts and TF-IDF in a few lines each.
# 2. You can build a baseline that a network has to beat.
# 3. You can say why counts stay at one half where order decides, and what accuracy hides when one class is rare.
#
# **Remember**
#
# - A bag of words keeps the words and forgets their order. XOR is out of reach of a linear model.
# - idf: the fewer texts contain a word, the larger its weight. Say which form of TF-IDF you use.
# - Choose on validation, test at the end, give the interval, and show the linear baseline.
# - Rare class: confusion matrix first, macro-F1 beside accuracy.

# %% [markdown]
# ## Check yourself
#
# **1.** You compute idf on train *and* test texts together, without any label of the test texts. Is that fair? (a) Yes: only labels can
# leak. (b) Yes: idf is not learned. (c) No.
#
# <details><summary>Answer</summary>
#
# (c). Not (a): the model has then seen which words occur in the test texts, and in use it will meet texts it has not counted. Not (b):
# idf is computed from texts, so `fit` learns it. The effect is often small, and you cannot know that in advance: `fit` on train only.
#
# </details>
#
# **2.** A friend's model has 93 % accuracy on data with 7 % of the rare class. What do you ask for? (a) An interval. (b) The confusion
# matrix. (c) More test texts.
#
# <details><summary>Answer</summary>
#
# (b): always saying *no* has 93 % as well, a recall of 0 and a macro-F1 below one half. (a) and (c) ask how precise the 93 % is; it stays
# the wrong number.
#
# </details>
#
# **3.** Runs of up to five words could in principle see "not at all as good". Why do they not help? (a) Nearly all runs of that length
# in a new text are new. (b) A linear model cannot weigh a run. (c) A run cannot outweigh its words.
#
# <details><summary>Answer</summary>
#
# (a): a run has to occur in training, often enough to get a weight. Not (b): a run is a column like any other. Not (c): its weight is
# added to those of its words, and may be as large as it needs to be. A network that reads word by word does not need to have seen the
# run; it has to have learned what "not" does.
#
# </details>
#
# **4.** In the reviews with one verdict (section 2.6), what helps a linear model? (a) Ten times the texts. (b) A column for "nobody"
# *and* praise in one review. (c) A smaller $\lambda$.
#
# <details><summary>Answer</summary>
#
# (b): with the product as a column, the exclusive or is a sum of weights. Not (a): the two pairs of cells have the same sum whatever
# the weights are, so no text can help. Not (c): $\lambda$ chooses among weights, and none of them do.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** Hash without the sign. Does accuracy change, with few columns and with many?
#
# <details><summary>Solution</summary>
#
# The differences are small, and in the few texts of the stand-in they have no clear sign. With the sign, collisions cancel on average. A
# linear model that learns its weights from the collided columns can make up for much of it.
#
# ```python
# for m in (64, 1024, 16384):
#     for signed in (True, False):
#         hashed = {part: hashed_counts(tokens[part], m, signed=signed) for part in PARTS}
#         model = LogisticRegression(max_iter=1000).fit(hashed["train"], labels["train"])
#         correct = right_answers(model, hashed["validation"], "validation")
#         print(f"{correct / n_validation:.3f}: {m:,} columns, {'with' if signed else 'without'} the sign")
# ```
#
# </details>
#
# **2.** Compare counts, damped counts, and TF-IDF on the validation texts, each with its own best $\lambda$.
#
# <details><summary>Solution</summary>
#
# Each representation has numbers of another size, so each needs a $\lambda$ of its own. A comparison at one fixed value
# would compare how well that value happens to fit.
#
# ```python
# tf = {part: c.copy() for part, c in counts.items()}
# for c in tf.values():
#     c.data = 1 + np.log(c.data)
# weigh = TfIdf().fit(counts["train"])
# ways = {"counts": counts, "1 + ln tf": tf, "TF-IDF": {p: weigh.transform(c) for p, c in counts.items()}}
# for name, rows in ways.items():
#     tried = {}
#     for penalty in (100, 10, 1, 0.1, 0.01):
#         model = LogisticRegression(C=1 / penalty, max_iter=2000).fit(rows["train"], labels["train"])
#         tried[penalty] = right_answers(model, rows["validation"], "validation") / n_validation
#     penalty = max(tried, key=tried.get)
#     print(f"{name:9} best lambda {penalty}: {tried[penalty]:.3f}")
# ```
#
# </details>
#
# **3.** How does the baseline grow with the training texts? Fit it on 100, 300, 1,000 and all of them.
#
# <details><summary>Solution</summary>
#
# The curve is steep at first and flattens. Where it still rises, more data may do more than a better model.
#
# ```python
# for size in (100, 300, 1_000, len(news.train)):
#     model = baseline(news.train.take(min(size, len(news.train)), lesson.seed), *best)
#     correct = right_answers(model, news.validation.texts, "validation")
#     print(f"{size:5,} texts: {correct / n_validation:.3f}")
# ```
#
# </details>
#
# **4.** *Naive Bayes* is an older classifier on counts. Its weight of a word for a class is the logarithm of the word's share
# among all words of that class, with one added to every count. Write it with the counts of section 2.1, and compare.
#
# <details><summary>Solution</summary>
#
# It needs no training loop, only counting. It is called naive because it treats the words of a text as independent of each
# other. The last line compares the two; on the few texts of the stand-in a point is within luck.
#
# ```python
# classes = np.eye(len(news.label_names))[labels["train"]]  # (texts, C)
# per_class = counts["train"].T @ classes + 1  # (words, C)
# weights = np.log(per_class / per_class.sum(axis=0))
# logits = counts["validation"] @ weights + np.log(classes.mean(axis=0))
# correct = int((logits.argmax(axis=1) == labels["validation"]).sum())
# print(f"naive Bayes {correct / n_validation:.3f}, logistic regression {by_counts / n_validation:.3f}")
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - K. Spärck Jones (1972), *A statistical interpretation of term specificity and its application in retrieval*. Where idf
#   comes from.
# - G. Salton and C. Buckley (1988), *Term-weighting approaches in automatic text retrieval*. The variants, compared.
# - K. Weinberger, A. Dasgupta, J. Langford, A. Smola and J. Attenberg (2009), *Feature hashing for large scale multitask
#   learning*. The sign, and why it helps.
# - S. Wang and C. D. Manning (2012), *Baselines and bigrams: simple, good sentiment and topic classification*.
# - E. B. Wilson (1927), *Probable inference, the law of succession, and statistical inference*. The interval.
# - D. Jurafsky and J. H. Martin, *Speech and language processing*, third edition (draft). Naive Bayes, TF-IDF by hand.
# - J. Opitz and S. Burst (2019), *Macro F1 and macro F1*. Two formulae have this name; check which one you read.
