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
# # 8 · Padding and packing
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/08_padding_and_packing.ipynb)
#
# **Who reads the padding?** A batch is a rectangle, so short texts are filled up with pads. A model should not read
# them. This chapter tests which models do.
#
# After it you will be able to
#
# 1. say what a batch may never change, and test any model for it;
# 2. mend the four usual faults, one line each: the last step, the mean, the maximum, the backward half;
# 3. read the memory of a packed sequence, and decide with a clock whether to pack.
#
# **You need** batches, lengths and masks from [chapter 3](03_tokens_to_batches.ipynb) and the recurrent network from
# [chapter 4](04_vanilla_rnn.ipynb). LSTM ([chapter 6](06_lstm.ipynb)) and GRU ([chapter 7](07_gru_and_friends.ipynb)) appear
# here as boxes: cells that read a word and keep a state, in place of the plain RNN's. **Time:** forty-five minutes to read,
# under a minute to run on a CPU.

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

lesson = ck.setup(chapter="08")

# %% [markdown]
# ## 8.1 One text, two answers
#
# Does a model's answer to your text depend on which other texts are in the batch? It should not.
#
# We take short news items with a topic, and cut them to 64 words.

# %%
import textwrap
from dataclasses import replace

import torch


def config_of(pooling):
    """A small LSTM; bucket_pool=1 means batches drawn at random, not by length."""
    return ck.Config(
        cell="lstm",
        embedding_dim=32,
        hidden_size=32,
        pooling=pooling,
        dropout=0.0,
        epochs=ck.budget(cpu=5, gpu=8, smoke=1),
        batch_size=32,
        learning_rate=5e-3,
        schedule="constant",
        bucket_pool=1,
        min_count=2,
        max_length=64,
    )


news = ck.load(
    "ag_news", train=ck.budget(cpu=1_000, gpu=4_000, smoke=160), seed=lesson.seed
)
fewer = {  # to save time
    part: split.take(min(n, len(split)), lesson.seed)
    for part, split, n in (
        ("validation", news.validation, 200),
        ("test", news.test, 400),
    )
}
news = replace(news, **fewer)
data = ck.prepare(news, config_of("mean"))
print(f"{len(data.train):,} texts to train on, {len(data.test)} to test on")

# %% [markdown]
# Here is a classifier as many notebooks have it. It embeds the words, runs an LSTM over the whole rectangle, and takes the
# mean of *all* outputs. It looks harmless: the pad's vector is all zeros. We write it as a variant of the course's own
# `ck.TextClassifier`, with the same layers and the same start, so that only one thing differs: who is read.

# %%
CARELESS = {
    "last": lambda outputs: outputs[:, -1],
    "mean": lambda outputs: outputs.mean(dim=1),
    "max": lambda outputs: outputs.max(dim=1).values,
}


class Careless(ck.TextClassifier):
    """The same network, but pooling over the whole rectangle, pads and all."""

    def forward(self, ids, lengths):
        bare = self.rnn.rnn  # the nn.LSTM inside, which knows no lengths
        outputs, _ = bare(self.embedding(ids))  # (B, T, H)
        return self.head(CARELESS[self.config.pooling](outputs))


# %% [markdown]
# It is trained on batches of 32 texts, drawn at random, and its best epoch on the validation texts is kept. So it sees pads all the time.


# %%
def train(kind, pooling, seed):
    """Train a classifier on random batches of 32 texts."""
    ck.seed_everything(seed)
    config = config_of(pooling)
    model = kind(config, **data.sizes)
    ck.fit(model, data.train, data.validation, config, seed=seed, progress=False)
    return model


careless = train(Careless, "mean", lesson.seed)
on_train, on_test = (ck.evaluate(careless, part) for part in (data.train, data.test))
shares = on_test.predictions.bincount(minlength=data.sizes["n_classes"]) / on_test.n
print(f"accuracy on train {on_train.accuracy:.2f}, on test {on_test.accuracy:.2f}")
print("on test, share of each answer:")
print(*(f"{share:.2f}" for share in shares.tolist()))

# %% [markdown]
# Now the same trained model reads the test texts three times: each text *alone*; in *batches* of 32; and in batches of 32
# that one *long* text of 256 words, put together from others, has joined. Neither the model nor the texts change. We print the text whose
# probabilities move the most.

# %%
long_text = [i for ids in data.test.id_lists for i in ids][:256]


@torch.no_grad()
def answers(model, size, mates=()):
    """Logits of all test texts, in batches of a size, with mates added to each."""
    parts = []
    for i in range(0, len(data.test), size):
        texts = data.test.id_lists[i : i + size]
        batch = ck.collate([*texts, *mates])
        parts.append(model(batch.ids, batch.lengths)[: len(texts)])
    return torch.cat(parts)


COMPANY = {
    "alone": {"size": 1},
    "batch": {"size": 32},
    "+ long": {"size": 32, "mates": [long_text]},
}
logits = {name: answers(careless, **how) for name, how in COMPANY.items()}

chances = {name: values.softmax(dim=1) for name, values in logits.items()}
most_moved = (chances["alone"] - chances["+ long"]).abs().sum(dim=1).argmax()
print(textwrap.fill(news.test.texts[most_moved], 42))
print("label:", news.label_names[news.test.labels[most_moved]])
print("\nanswer, with its probability")
for name, shares in chances.items():
    p, k = shares[most_moved].max(dim=0)
    print(f"{name:7} {news.label_names[k]:13} {p:.2f}")

# %%
changed = (logits["alone"].argmax(1) != logits["+ long"].argmax(1)).float().mean()
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "with a mean over pads, a long text in the batch changes at least 1 % of "
        "the answers to the other texts",
        changed > 0.01,
        {"share of answers changed": changed},
    )

# %% [markdown]
# This is a fault of published work, too: two solved homeworks on AG News take the maximum or the mean over the padded
# rectangle. Nothing crashes, and the accuracy looks reasonable.

# %% [markdown]
# ## 8.2 The law
#
# Write $f$ for the model, $s$ for a text, and $f(s \mid S)$ for its logits on $s$ when the texts $S$ share the batch; the
# empty set $\varnothing$ means that $s$ is alone. We want
#
# $$f(s \mid S) = f(s \mid \varnothing) \quad\text{for every company } S.$$
#
# Call it the *padding law*: **a text's logits do not depend on the other texts of the batch.** It must hold in training
# and in use, for trained and for untrained weights. So it can be tested at once, without any data. Switch dropout off for the test, since
# it draws
# anew each time. Allow for rounding: in a batch of another shape the same numbers may be added in another order. (*Batch normalisation*
# breaks the law in training by design: it subtracts the batch's mean.)
#
# The test: read a text alone, then with pads behind it, and compare. Do not fill the pads with zeros only. Fill them
# with *junk*, random numbers. A model that never looks at a pad cannot tell the difference. One that looks is caught even
# if zeros happen to do no harm.
#
# We test four ways of reading. Above, what is common. Below, what is wanted. A hatched cell is a pad that is read.

# %%
from bookfigures import ch08
from coursekit.figures import show

show(ch08.readers(["oil", "prices", "fall"], pads=3))

# %% [markdown]
# The fourth needs a word. A *backward* direction is a second network that reads each text from right to left, so that
# every word is seen with what follows it. Flip the words, run forward, and the state at the end has read the whole text.
# In a padded batch the flip puts the pads first.
#
# We take two untrained LSTMs, one to read forward and one for the backward half, and twenty texts of four random vectors.
# A way of reading gets the vectors and the lengths. The careless ways do not look at the lengths.

# %%
from torch import nn

B, T, D, H = 20, 4, 8, 6  # texts, words in each, input size, hidden size
ck.seed_everything(lesson.seed)
there, back = (nn.LSTM(D, H, batch_first=True).double() for _ in range(2))
x = torch.randn(B, T, D, dtype=torch.float64)
lengths = torch.full((B,), T)

careless_ways = {
    "last step": lambda x, lengths: there(x)[0][:, -1],
    "mean": lambda x, lengths: there(x)[0].mean(dim=1),
    "max": lambda x, lengths: there(x)[0].max(dim=1).values,
    "backward half": lambda x, lengths: back(x.flip(1))[0][:, -1],
}

# %%
PADS = [0, 1, 2, 4, 8, 16, 32]
FILLINGS = {"zeros in the pads": torch.zeros, "junk in the pads": torch.randn}


@torch.no_grad()
def moved(read, n_pads, fill):
    """Largest change of a text's vector when pads are put behind it."""
    pads = fill(B, n_pads, D, dtype=torch.float64)
    padded = torch.cat([x, pads], dim=1)
    return (read(padded, lengths) - read(x, lengths)).abs().max().item()


def law_test(ways):
    """The change for each filling, way of reading, and number of pads."""
    return {
        filling: {
            name: [moved(read, n, fill) for n in PADS]
            for name, read in ways.items()
        }
        for filling, fill in FILLINGS.items()
    }


broken = law_test(careless_ways)
print("largest change of a number in a vector,")
print(f"with {PADS[-1]} pads behind the text\n")
print(f"{'in the pads':14}", *(f"{filling.split()[0]:>6}" for filling in FILLINGS))
for name in careless_ways:
    print(f"{name:14}", *(f"{ways[name][-1]:6.3f}" for ways in broken.values()))

# %%
show(ch08.law_curves(PADS, broken))

# %%
ck.claim(
    "all four careless ways break the law as soon as there are pads, with zeros "
    "in them as well as with junk (margin .001)",
    all(
        min(changes[1:]) > 1e-3
        for ways in broken.values()
        for changes in ways.values()
    ),
    {
        "smallest change": min(
            min(c[1:]) for w in broken.values() for c in w.values()
        )
    },
)

# %% [markdown]
# Why are zeros no protection? A recurrent step on a zero vector is still a step: the old state and the biases go through
# the cell, and something comes out. So pads move the text's vector from the first one on, even if the row of `<pad>` in the
# embedding is all zeros.

# %% [markdown]
# ## 8.3 Mend the last step: gather
#
# The state after the last *word* has been computed. It stands at position `length - 1`, a different one in each row. So
# do not take the last column. Pick from each row its own.

# %%
from coursekit.nn import last_valid

ck.source(last_valid)

# %% [markdown]
# Two index tensors are given: row numbers 0 to $B-1$, and one time step for each. PyTorch pairs them up and gathers one
# vector a row.
#
# > `nn.LSTM` also returns `h_n`, "the last state". It is the state after the last *column*. On a padded batch it has the
# > same fault.
#
# The same test for the mended last step, with junk. The list gives the changes for 0 to 32 pads:

# %%
mended_ways = {"last step": lambda x, n: last_valid(there(x)[0], n)}
law_test(mended_ways)["junk in the pads"]["last step"]

# %% [markdown]
# ## 8.4 Mend the mean: mask, and divide by the length
#
# A mean is a sum over a count, and pads get into both. Work out a row by hand: two words with outputs 3 and 5, and two pads
# with outputs 1 and 1.

# %%
outputs = torch.tensor([[[3.0], [5.0], [1.0], [1.0]]])  # (B, T, H) = (1, 4, 1)
two = torch.tensor([2])
mask = ck.mask_from_lengths(two, 4)[:, :, None]  # (B, T, 1), True where a word is
print("over everything:          ", outputs.mean(dim=1).item())
print("pads zeroed, divided by T:", (outputs * mask).mean(dim=1).item())
print("pads zeroed, by length:   ", ((outputs * mask).sum(dim=1) / two).item())

# %% [markdown]
# The second line is a half-mended mean, and common: the pads are no longer in the sum, but still in the count. Short texts get
# small vectors in long batches.
#
# There is one more trap. Multiplying by the mask looks the same as filling with zero. Is it? What if a pad contains no number,
# but the infinity that a masked maximum puts there (section 8.5)?

# %%
outputs[0, 3] = float("-inf")
print("times the mask:", ((outputs * mask).sum(dim=1) / two).item())
print("filled:        ", (outputs.masked_fill(~mask, 0).sum(dim=1) / two).item())

# %% [markdown]
# Infinity times zero is not a number, and it spreads. `masked_fill` does not calculate with what it removes. The package's mean
# takes the mask, made once from the lengths; a row of it sums to the length of its text.

# %%
from coursekit.nn import masked_mean

ck.source(masked_mean)

# %% [markdown]
# ## 8.5 Mend the maximum: minus infinity
#
# Which number in a pad can never be the maximum? Zero is the first thought. Try it on a feature whose
# outputs are all negative, in a text of two words.

# %%
outputs = torch.tensor([[[-0.7], [-0.1], [0.9], [0.4]]])
for name, fill in (("zero", 0.0), ("minus infinity", float("-inf"))):
    largest = outputs.masked_fill(~mask, fill).max(dim=1).values.item()
    print(f"maximum {largest:4.1f} if pads are {name}")

# %% [markdown]
# With zeros, the pads win against every negative number, and only when there *are* pads: the law is broken again. Minus
# infinity loses against everything. (A text without any word would have the maximum minus infinity, one more reason why a
# length of zero must be an error.)
#
# Pads have other readers, too. A model that answers at every word must leave them out of its *loss*, as the tagger of
# [section 4.8](04_vanilla_rnn.ipynb) does. And attention ([chapter 13](13_beyond_recurrence.ipynb)) must mask them before its softmax.

# %%
from coursekit.nn import masked_max

ck.source(masked_max)

# %% [markdown]
# ## 8.6 Mend the backward half: reverse inside the length
#
# *Deeper: it can wait for a second reading.*
#
# Flipping a padded row whole brings the pads to the front. The backward network reads them first, and its state at every word
# depends on them. No pooling can mend that afterwards. The words have to be turned round while the pads stay behind.

# %%
show(ch08.reversals(["oil", "prices", "fall"], pads=2))

# %%
from coursekit.nn import reverse_within_lengths

ck.source(reverse_within_lengths)

# %% [markdown]
# `mirrored` holds, for each cell, the position across the text: 0 and `length - 1` change places. In a pad it would be
# negative, so there the cell stays where it is.
#
# The whole recipe: reverse, run *forward*, take the last valid state. For outputs at each word, reverse the outputs back
# as well. And in a stack of layers, do it in each of them.
#
# All four ways are mended now. Put them through the same test.

# %%
mended_ways |= {
    "mean": lambda x, n: masked_mean(there(x)[0], ck.mask_from_lengths(n, x.shape[1])),
    "max": lambda x, n: masked_max(there(x)[0], ck.mask_from_lengths(n, x.shape[1])),
    "backward half": lambda x, n: last_valid(
        back(reverse_within_lengths(x, n))[0], n
    ),
}
mended = law_test(mended_ways)
print(f"{'largest change':14}  careless  mended")
for name in mended_ways:
    worst = max(max(ways[name]) for ways in mended.values())
    before = max(max(ways[name]) for ways in broken.values())
    print(f"{name:14} {before:9.3f} {worst:7.1g}")
ck.claim(
    "all four mended ways keep the law to 1e-12, with zeros and with junk",
    all(max(c) < 1e-12 for ways in mended.values() for c in ways.values()),
    {"largest change": max(max(c) for w in mended.values() for c in w.values())},
)

# %% [markdown]
# Both columns come from the same networks.

# %% [markdown]
# ## 8.7 Half a model
#
# *Deeper: it can wait for a second reading.*
#
# There is a fault that the law does not catch. `nn.LSTM(bidirectional=True)` returns, for each step, both directions side by
# side: first $H$ numbers forward, then $H$ numbers backward. You have learned to pick `length - 1`, so you pick
# `outputs[:, length - 1]`. A published report does just this, on packed input, and finds that two directions do not help.
#
# What has the backward half read at `length - 1`? Change *every word but the last*, and see what moves. We take the package's
# layer, `ck.LengthAwareRNN`: it gets vectors and lengths, and reads each text inside its length as in section 8.6.

# %%
ck.seed_everything(lesson.seed)
n = torch.tensor([9])
both = ck.LengthAwareRNN("lstm", D, H, bidirectional=True).double()
text = torch.randn(1, 9, D, dtype=torch.float64)
other = torch.randn(1, 9, D, dtype=torch.float64)
other[:, -1] = text[:, -1]  # only the last word is the same

with torch.no_grad():  # last: forward half at length - 1, backward half at step 0
    (outputs, last), (other_outputs, other_last) = both(text, n), both(other, n)
shift = (last_valid(outputs, n) - last_valid(other_outputs, n)).abs()
proper = (last - other_last).abs()
print("moves by")
print(f"{shift[:, :H].max():8.3g}  forward half, at length - 1")
print(f"{shift[:, H:].max():8.3g}  backward half, at length - 1")
print(f"{proper[:, H:].max():8.3g}  backward half, at step 0")
ck.claim(
    "at length - 1, the backward half does not move at all when every other word "
    "changes; at step 0 it does",
    shift[:, H:].max() == 0.0 and proper[:, H:].max() > 1e-3,
    {"at the last word": shift[:, H:].max(), "at the first": proper[:, H:].max()},
)

# %% [markdown]
# The backward half starts at the last word. At `length - 1` it has read *one* word. So that report tested one direction and a
# bit. Its finding may be true, but its experiment cannot say so. On padded input it is worse still: there the backward half at
# `length - 1` has read the pads and one word.
#
# What you want is the forward half at `length - 1` beside the backward half at step 0. The layer returns it as its
# second value, `last`. Pooling by mean or maximum uses all steps and never had this fault.

# %% [markdown]
# ## 8.8 Packing: a layout without pads
#
# *Deeper: it can wait for a second reading.*
#
# So far the pads were computed, and ignored. Can they be left out altogether? PyTorch can *pack* a batch. What does a pack
# look like in memory? Give every token a number that tells where it comes from, and look.

# %%
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

texts = [["nobody", "sleeps"], ["oil", "prices", "fall", "again"], ["stop"]]
sizes = torch.tensor([len(text) for text in texts])
T = int(sizes.max())
numbers = torch.arange(len(texts) * T).view(len(texts), T)  # (B, T)
pack = pack_padded_sequence(numbers, sizes, batch_first=True, enforce_sorted=False)
print(numbers)
print("data:          ", pack.data.tolist())
print("batch_sizes:   ", pack.batch_sizes.tolist())
print("sorted_indices:", pack.sorted_indices.tolist())

# %%
show(
    ch08.packed_layout(
        texts,
        pack.data.tolist(),
        pack.batch_sizes.tolist(),
        pack.sorted_indices.tolist(),
    )
)

# %% [markdown]
# The texts are sorted, the longest first. Then the rectangle is read column by column, without its empty cells. `batch_sizes`
# says how many texts are still running at each step. A cell that reads this strip takes three words, then two, then one,
# then one. A text that has ended is simply no longer there. Unpacking gives back the batch in its old order, with zeros in the
# pads:

# %%
unpacked, unpacked_sizes = pad_packed_sequence(pack, batch_first=True)
print(f"{len(pack.data)} tokens packed, {numbers.numel()} cells in the rectangle")
print(unpacked)
print("lengths:", unpacked_sizes.tolist())

# %% [markdown]
# Four things go wrong with packing in practice. What happens if the lengths are on the GPU, if the texts are not sorted, if a text
# has no word, or if a length is too large? (PyTorch's device `meta`, which has no memory, stands in for the GPU.)

# %%
vectors = torch.randn(3, T, D)
for what, wrong in {
    "lengths on a GPU": torch.tensor([4, 2, 1], device="meta"),
    "not sorted": sizes,
    "an empty text": torch.tensor([4, 2, 0]),
    "longer than the batch": torch.tensor([9, 2, 1]),
}.items():
    try:
        made = pack_padded_sequence(vectors, wrong, batch_first=True)
        print(f"{what}: no error")
        print(f"{len(made.data)} tokens, {made.batch_sizes.sum()} by batch_sizes")
    except (RuntimeError, ValueError) as error:
        print(f"{what}: {type(error).__name__}")
        print(textwrap.fill(str(error).splitlines()[0].split(". ")[0], 42) + "\n")

# %% [markdown]
# The first is the commonest of all: `batch.to(device)` moves the lengths along, and packing wants them on the CPU, whatever the
# device of the vectors. Write `lengths.cpu()`. (`ck.LengthAwareRNN` does it for you.) The second is lifted by `enforce_sorted=False`, which
# sorts for you and undoes it
# afterwards. The third is met in real life: a message of nothing but a smiley or a link is empty after cleaning. Do not raise its
# length to 1 by hand, for then the network reads a pad as if it were a word. Keep the text as one `<unk>`: something was there
# that we do not know. The fourth gives no error, and a pack that promises more tokens than it has. Section 8.12 shows where to
# catch it.
#
# One more trap waits on the way back. Unpacking makes a rectangle as long as the longest text *in the pack*. If the batch was
# wider, because it is a part of a larger one, outputs and mask no longer fit. `total_length` says how wide it was.

# %%
wide = torch.randn(3, T + 2, D)  # (B, T + 2, D)
wide_pack = pack_padded_sequence(
    wide, sizes, batch_first=True, enforce_sorted=False
)
print("packed:", tuple(wide.shape))
for total in (None, T + 2):
    back_again, _ = pad_packed_sequence(
        wide_pack, batch_first=True, total_length=total
    )
    print(f"total_length={total} gives {tuple(back_again.shape)}")

# %%
odd = data.encoder.encode(["!!!", ":-)", "Oil prices fall"])
print(odd[:2])
batch = ck.collate(odd)
ck.claim(
    "a text without words is read as a single <unk>, and can be packed",
    odd[0] == odd[1] == [data.encoder.vocabulary.unk] and int(batch.lengths.min()) == 1,
    {"lengths": batch.lengths.tolist()},
)

# %% [markdown]
# ## 8.9 Two ways, the same numbers
#
# *Deeper: it can wait for a second reading.*
#
# Padded passes, mended in four places, or packing: is it the same function? Take every cell, one to three layers, one and two
# directions. Compare the outputs, the last states, and the gradients of the
# input and of every weight. (Any number will do as a loss in which every output and last state has a part.) `path` tells
# `ck.LengthAwareRNN` which way to go.

# %%
from itertools import product


def results(rnn, x, lengths):
    """Outputs, last state and every gradient of one pass."""
    rnn.zero_grad()
    x = x.clone().requires_grad_()
    outputs, last = rnn(x, lengths)
    ((outputs**2).sum() + (last**3).sum()).backward()
    return [outputs, last, x.grad, *(p.grad for p in rnn.parameters())]


ck.seed_everything(lesson.seed)
ragged = torch.tensor([5, 12, 1, 9, 12, 3])  # not sorted
x = torch.randn(6, 12, D, dtype=torch.float64)
gaps = {}
for cell, layers, two_ways in product(ck.nn.CELLS, (1, 2, 3), (False, True)):
    padded, packed = (
        ck.LengthAwareRNN(cell, D, H, layers, two_ways, path=path).double()
        for path in ("padded", "packed")
    )
    packed.load_state_dict(padded.state_dict())
    pairs = zip(results(padded, x, ragged), results(packed, x, ragged), strict=True)
    gaps[cell, layers, 1 + two_ways] = max(
        (a - b).abs().max().item() for a, b in pairs
    )
ck.claim(
    "padded passes equal packing to 1e-6, forward and backward, for every cell, "
    "one to three layers, one and two directions",
    max(gaps.values()) < 1e-6,
    {"networks compared": len(gaps), "largest difference": max(gaps.values())},
)

# %% [markdown]
# So the choice between them is one of time and memory. (In training a padded pass also stores what it computes in the pads.)

# %% [markdown]
# ## 8.10 Which is faster?
#
# *Deeper: it can wait for a second reading.*
#
# Packing does less arithmetic. Is it faster? Here is the clock on this machine, for an LSTM, forward and backward. We also
# vary the batches: *random* ones, and *buckets*, in which texts of like length meet
# ([chapter 3](03_tokens_to_batches.ipynb)). We take the lengths of the training texts, and double or triple
# some of them by chance, so that they differ more. The vectors are random.

# %%
import random

from coursekit.batching import LengthBuckets, share_of_pads

chance = random.Random(lesson.seed)
amounts = [n * chance.choice((1, 1, 2, 3)) for n in data.train.lengths][:480]
orders = {
    "random": list(LengthBuckets(amounts, 48, seed=lesson.seed, pool=1)),
    "buckets": list(LengthBuckets(amounts, 48, seed=lesson.seed, pool=10)),
}
pads = {name: share_of_pads(amounts, order) for name, order in orders.items()}
ck.claim(
    "buckets cut the share of pads at least to a half",
    pads["buckets"] < pads["random"] / 2,
    pads,
)

# %%
import time
from statistics import median

timed = {
    path: ck.LengthAwareRNN("lstm", 64, 64, path=path)
    for path in ("padded", "packed")
}


def seconds(path, order):
    """Time forward and backward passes over all batches of an order."""
    batches = [torch.tensor([amounts[i] for i in rows]) for rows in order]
    inputs = [torch.randn(len(n), int(n.max()), 64) for n in batches]
    start = time.perf_counter()
    for x, n in zip(inputs, batches, strict=True):
        timed[path](x, n)[1].sum().backward()
    return time.perf_counter() - start


ways = list(product(timed, orders))
turns = ck.budget(cpu=4, gpu=4, smoke=2)
times = {way: [] for way in ways}
for _ in range(turns):  # in turn, so that a busy moment hits all of them
    for path, name in ways:
        times[path, name].append(seconds(path, orders[name]))
typical = {way: median(taken[1:]) for way, taken in times.items()}  # first: warm-up
for (path, name), taken in typical.items():
    print(f"{path}, {name:8} {taken:6.3f} s")
for name in orders:
    ratio = typical["packed", name] / typical["padded", name]
    print(f"{name:8} packed time / padded time: {ratio:.1f}")

# %% [markdown]
# > Varied: the path and the batches. Held fixed: the network, the texts, the number of threads. A small run on a machine
# > that may have other things to do: take the ratios as rough, and trust only large ones.
#
# A ratio above one says that packing takes *longer*. How can doing less take longer? For an LSTM on a padded rectangle PyTorch
# calls one program for all steps ([section 7.6](07_gru_and_friends.ipynb)). A pack becomes many small jobs, one a step, of changing
# size, and each has its own overhead. (RNN and GRU go step by step on a rectangle, too. What slows their packs in the record below
# is not measured here.)
#
# A longer measurement is on record: batches of 96 texts with lengths drawn evenly up to 256, hidden size 100, forward and
# backward, the two ways in turn, median of the ratios. About half of such a batch is pads.

# %%
from coursekit.records import read_record

record = read_record("bench-packing")
ratios = {
    f"{'bi' * (run['directions'] == 2)}{run['cell'].upper()}, "
    f"{run['layers']} layer{'s' * (run['layers'] > 1)}": run["ratio"]
    for run in record.runs
}
summary, machine = record.summary, record["provenance"]["machine"]
print(f"recorded on {machine['cpu']}, threads: {machine['threads']}")
print(f"pads in random batches: {summary['pads_random']:.0%}")
print(f"pads in buckets: {summary['pads_bucketed']:.0%}")
print("time of random batches / time of buckets,")
print(f"LSTM, padded passes: {summary['buckets_gain_padded']:.1f}")
print("bi, in the figure: two directions")
show(ch08.speed_ratios(ratios))

# %% [markdown]
# In that record padded passes are <!--r:bench-packing.lstm_layers1_directions1-->3.6<!--/--> times as fast as packing for an LSTM of one
# layer in one direction, and the smallest ratio of the twelve networks is <!--r:bench-packing.lowest_ratio-->1.6<!--/-->.
# There both ways gain from buckets: padded passes compute fewer pads, and both take fewer steps, since long texts share their batches.
#
# There is another side. Put one text of 256 words among short ones, and nearly the whole rectangle is pads. Padded passes
# compute them all, and in a large batch packing wins (exercise 3). So `ck.LengthAwareRNN` looks at the lengths: on a CPU it
# packs when less than a quarter of the batch is real (a third for the plain RNN, whose steps are cheap). On an NVIDIA GPU
# it packs. (The first `if` below belongs to the dropout of [section 9.7](09_training_well.ipynb), which needs padded passes.)

# %%
ck.source(ck.LengthAwareRNN._packs)

# %% [markdown]
# Is packing the right choice on *your* GPU? The next cell times it there. Without a GPU it shows the table of the CPU behind
# the figure above.

# %%
# %%gpu "time both ways on that GPU; the record is of a CPU" --record bench-packing
device, gpu_times = ck.device(), {}
for path in timed:
    net = ck.LengthAwareRNN("lstm", 64, 64, path=path).to(device)
    for _ in range(4):  # the last one counts
        start = time.perf_counter()
        for rows in orders["random"]:
            n = torch.tensor([amounts[i] for i in rows], device=device)
            x = torch.randn(len(n), int(n.max()), 64, device=device)
            net(x, n)[1].sum().backward()
        if device.type == "cuda":
            torch.cuda.synchronize()  # wait until the GPU is done
        gpu_times[path] = time.perf_counter() - start
for path, taken in gpu_times.items():
    print(f"{path} {taken:.3f} s")

# %% [markdown]
# ## 8.11 What does breaking the law cost?
#
# *Deeper: it can wait for a second reading.*
#
# You have seen answers change. Does it cost accuracy? Train each of three poolings twice, careless and mended, with the same
# start and the same batches. Then test every trained model in the three companies of section 8.1: alone, in batches,
# and beside one long text. Three seeds.

# %%
KINDS = {"careless": Careless, "mended": ck.TextClassifier}
SEEDS = range(lesson.seed, lesson.seed + ck.budget(cpu=3, gpu=3, smoke=2))
truth = torch.tensor(data.test.labels)
accuracy, flipped, drift = {}, {}, {}
for way, kind in product(CARELESS, KINDS):
    accuracy.setdefault(way, {})[kind] = {name: [] for name in COMPANY}
    flipped[way, kind], drift[way, kind] = [], []
    for seed in SEEDS:
        model = train(KINDS[kind], way, seed)
        said = {name: answers(model, **how) for name, how in COMPANY.items()}
        for name, values in said.items():
            right = (values.argmax(1) == truth).float().mean().item()
            accuracy[way][kind][name].append(right)
        alone, crowded = said["alone"], said["+ long"]
        flips = (alone.argmax(1) != crowded.argmax(1)).float().mean().item()
        flipped[way, kind].append(flips)
        drift[way, kind].append((alone - crowded).abs().max().item())

# %%
import numpy as np

print("accuracy, mean ± sd over seeds")
print(f"{'':12} {'careless':>13}  {'mended':>13}")
for way, name in product(CARELESS, COMPANY):
    cells = (
        f"{np.mean(v):.3f} ± {np.std(v, ddof=1):.3f}"
        for v in (accuracy[way][kind][name] for kind in KINDS)
    )
    print(f"{way:5}{name:7} {'  '.join(cells)}")
print("\nanswers that the long text changed")
print(f"{'':4} {'careless':>9} {'mended':>7}")
for way in CARELESS:
    careless_share, mended_share = (np.mean(flipped[way, kind]) for kind in KINDS)
    print(f"{way:4} {careless_share:9.1%} {mended_share:7.1%}")
print("\ncareless minus mended, seed by seed")
for way, name in product(CARELESS, ("alone", "+ long")):
    pairs = zip(*(accuracy[way][kind][name] for kind in KINDS), strict=True)
    print(f"{way:5} {name:6}", *(f"{bad - good:+.3f}" for bad, good in pairs))

# %%
show(ch08.company_scores(accuracy))

# %%
worst_drift = {kind: max(max(drift[w, kind]) for w in CARELESS) for kind in KINDS}
ck.claim(
    "the mended models' logits are the same alone and beside a long text, to 1e-4",
    worst_drift["mended"] < 1e-4,
    worst_drift,
)
if ck.budget(cpu=True, gpu=True, smoke=False):
    ck.claim(
        "careless, each pooling changes more than 1 % of its answers when a long "
        "text joins (mean of three seeds)",
        all(np.mean(flipped[way, "careless"]) > 0.01 for way in CARELESS),
        {way: float(np.mean(flipped[way, "careless"])) for way in CARELESS},
    )
    last_alone = {k: np.mean(accuracy["last"][k]["alone"]) for k in KINDS}
    ck.claim(
        "reading the last column in place of the last word costs more than .15 of "
        "accuracy, also alone, where there are no pads (mean of three seeds)",
        last_alone["mended"] - last_alone["careless"] > 0.15,
        last_alone,
    )

# %% [markdown]
# > Varied: the pooling, careless or mended, and the seed. Tuned: the epoch. Held fixed: the texts, the LSTM, its size, the rate,
# > random batches of 32. The test part chose nothing. Small models on few texts: the damage
# > will differ elsewhere.
#
# **The last step** is poor in every company, even alone. A likely reason is the training, in which the gradient has to travel back
# through all the pads before it meets a word. No run here tests it.
#
# **The mean and the maximum** have met pads in training, and their accuracy is no reliable sign of the fault: of their
# printed differences some are below zero, some are zero or above. The share of changed answers gives it away. A person who sends the
# same text twice may get two answers.
#
# So the law is not a trick for better scores. Where the answer depends on the company, the accuracy may, too, and "the model's
# accuracy" is no property of the model. Buckets make such a fault harder to see, since they leave few pads in training and in
# tests.

# %% [markdown]
# ## 8.12 Wrong lengths
#
# *Deeper: it can wait for a second reading.*
#
# All of this rests on `lengths`. If they are wrong, nothing downstream can know. So they are checked where they come in.

# %%
reader = ck.LengthAwareRNN("gru", D, H)
x = torch.randn(3, 5, D)
for wrong in (
    torch.tensor([5, 6, 1]),
    torch.tensor([5, 0, 1]),
    torch.tensor([5.0, 2.0, 1.0]),
    torch.tensor([5, 2]),
    torch.tensor([5, 2, 1], device="meta"),  # a device without any numbers
):
    try:
        reader(x, wrong)
    except (TypeError, ValueError) as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 42) + "\n")

with torch.no_grad():
    reader.rnn.weight_hh_l0[0, 0] = float("nan")
try:
    reader(x, torch.tensor([5, 2, 1]))
except FloatingPointError as error:
    print(textwrap.fill(f"{type(error).__name__}: {error}", 42))

# %% [markdown]
# Lengths that are not sorted are legal. If a weight is not a number, no answer is one either, so on a CPU such weights stop the
# pass. On a GPU the check would make the program wait at every batch: there, call
# `check_finite_weights` from `coursekit.nn.recurrent` yourself when something looks odd.

# %% [markdown]
# ## What you can do now
#
# 1. You can test a model for the padding law with junk in the pads.
# 2. You mended four faults: gather for the last step, a mask and the length for the mean, minus infinity for the maximum,
#    reversal inside the length for the backward half.
# 3. You read the layout of a pack, and can let the clock decide between packing and padded passes.
#
# **Remember**
#
# - A text's logits do not depend on the other texts of the batch. Test it with junk, on an untrained model, before any training.
# - Zero vectors in the pads are no protection.
# - At `length - 1`, the backward half has read one word; take it at step 0.
# - An empty text is one `<unk>`, never a length of zero.
# - On a CPU, padded passes are often faster than packing, and buckets make them faster still.

# %% [markdown]
# ## Check yourself
#
# **1.** You evaluate with batches of one text. Can a model that pools over pads still be wrong?
#
# <details><summary>Answer</summary>
#
# Yes. There are no pads in such a test, so the law cannot be broken in it. But the model was *trained* with pads, and its weights are
# fitted to vectors that pads had a part in. The careless last step of section 8.11 is poor even alone.
#
# </details>
#
# **2.** A mask multiplies the *embeddings*, so all pads are exact zeros. Then the mean over all $T$ outputs is multiplied by $T$ /
# length. Is the law kept? (a) Yes: zeros add nothing. (b) Yes: the count is right. (c) No.
#
# <details><summary>Answer</summary>
#
# (c). Not (a): the outputs at the pads are not zero, because the state and the biases go on. Not (b): the count is right now, but the
# sum is not. Mask the outputs, not only the inputs.
#
# </details>
#
# **3.** A pack has `batch_sizes` 4, 4, 2. How long are the texts? (a) 4, 4, 2. (b) 3, 3, 2, 2. (c) 3, 3, 3, 1.
#
# <details><summary>Answer</summary>
#
# (b): four texts have a first and a second word, two have a third one, ten tokens in all. (a) takes steps for texts. (c) has ten tokens
# too, but only three texts have a second word: 4, 3, 3.
#
# </details>

# %% [markdown]
# ## Exercises
#
# **1.** Put the pads *in front* of the text, so that the last column is always a word. Is the last step mended?
#
# <details><summary>Solution</summary>
#
# No. The network now reads pads first, and its state is no longer zero when the first word comes. It is the fault of the
# backward half, in the forward direction. The damage is smaller, since it fades while the words are read.
#
# ```python
# x = torch.randn(1, 4, D, dtype=torch.float64)
# for n_pads in (1, 8, 32):
#     with torch.no_grad():
#         left = torch.cat([torch.zeros(1, n_pads, D, dtype=torch.float64), x], dim=1)
#         right = torch.cat([x, torch.zeros(1, n_pads, D, dtype=torch.float64)], dim=1)
#         alone = there(x)[0][:, -1]
#         gap_left = (there(left)[0][:, -1] - alone).abs().max().item()
#         gap_right = (there(right)[0][:, -1] - alone).abs().max().item()
#     print(f"{n_pads:2} pads: in front {gap_left:.4f}, behind {gap_right:.4f}")
# ```
#
# </details>
#
# **2.** Write `law_gap(model)`, which takes any model with `model(ids, lengths)` and returns the largest change of a logit between
# a text alone and the same text with junk *ids* in its pads. Try it on both kinds of section 8.11, untrained.
#
# <details><summary>Solution</summary>
#
# ```python
# @torch.no_grad()
# def law_gap(model, n_words=7, n_pads=20, tries=10):
#     """Largest change of a logit when junk stands in the pads."""
#     model.eval()
#     n, largest = torch.tensor([n_words]), 0.0
#     for _ in range(tries):
#         ids = torch.randint(1, data.sizes["vocabulary_size"], (1, n_words + n_pads))
#         change = model(ids, n) - model(ids[:, :n_words], n)
#         largest = max(largest, change.abs().max().item())
#     return largest
#
# for kind, way in product(KINDS, CARELESS):
#     model = KINDS[kind](config_of(way), **data.sizes)
#     print(f"{kind:9} {way:5} {law_gap(model):.1e}")
# ```
#
# </details>
#
# **3.** One text of 200 words among 95 texts of eight. How much of the rectangle is real, and how long do the two ways take?
# And among 31 texts of eight?
#
# <details><summary>Solution</summary>
#
# Most of the rectangle is pads, so packing has much less to do. This is where `auto` packs. In the smaller batch it is
# nearly as empty, but each of its 200 steps costs more overhead than arithmetic in both ways, so they come close. Better still, do
# not build such a batch: buckets keep the long text away from the short ones.
#
# ```python
# for n_short in (95, 31):
#     amounts = [200] + [8] * n_short
#     print(f"real: {sum(amounts) / (len(amounts) * 200):.1%}")
#     for path in ("padded", "packed", "padded", "packed"):
#         print(f"{path}: {seconds(path, [range(len(amounts))]):.3f} s")
# ```
#
# </details>

# %% [markdown]
# ## Further reading
#
# - [The package, name by name](api.md): what each function of `coursekit` does, and where it is taught.
# - M. Schuster and K. K. Paliwal (1997), *Bidirectional recurrent neural networks*.
# - J. Appleyard, T. Kočiský and P. Blunsom (2016), *Optimizing performance of recurrent neural networks on GPUs*. Why one large
#   job beats many small ones.
# - The PyTorch documentation of `torch.nn.utils.rnn.pack_padded_sequence`, and the note on `h_n` and `output` in that of
#   `torch.nn.LSTM`.
