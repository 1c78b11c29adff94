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
# # What is fast here, and what is not
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/benchmarks.ipynb)
#
# **Where do the seconds go?** The course promises that its notebooks run on two cores. This page shows what was measured for that, from
# records. Each record is one run of one command on one machine, and compares things within that run. Seconds on your machine will differ,
# and the ratios somewhat.

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

lesson = ck.setup(chapter="benchmarks")

# %% [markdown]
# ## Against a published pipeline
#
# *Coursework A* is one of the published reports (section 0.2 of [chapter 0](00_before_you_start.ipynb)). It tokenises every text in every
# epoch, draws random batches of 32, and pads them to the longest text. `make bench` trains its plain RNN and ours, of the same size, on the same news and with the same batch
# size. Then it asks both, each with a model of its own choice, how long it takes from raw texts,
# all <!--r:bench-agnews.provenance.data.rows.train-->56,561<!--/--> of them, to a validation accuracy of `0.90`.

# %%
import pandas as pd

from coursekit.records import read_record

agnews = read_record("bench-agnews")
found = agnews.summary
table = {
    "coursework A": [found["epoch_seconds_coursework_a"], found["target_seconds_coursework_a"]],
    "coursekit": [found["epoch_seconds_coursekit"], found["target_seconds_coursekit"]],
    "coursekit, bfloat16": [found["epoch_seconds_coursekit_bfloat16"], None],
}
machine = agnews["provenance"]["machine"]
print(f"{machine['cpu']}, {machine['cores']} cores, threads: {machine['threads']}")
columns = ["seconds an epoch, 12,000 texts", "seconds from raw texts to .90"]
times = pd.DataFrame.from_dict(table, orient="index", columns=columns)
times.map("{:.1f}".format, na_action="ignore").fillna("—")

# %%
ck.claim(
    "in the record an epoch of coursework A takes more than 1.4 times as long as ours with the "
    "same products, more than twice as long as ours in bfloat16, and the way to .90 more than "
    "12 times as long",
    found["epoch_ratio"] > 1.4 and found["epoch_ratio_bfloat16"] > 2 and found["target_ratio"] > 12,
    {
        "epoch": found["epoch_ratio"],
        "epoch in bfloat16": found["epoch_ratio_bfloat16"],
        "way to the target": found["target_ratio"],
    },
)

# %% [markdown]
# (*The same products*: both sides multiply in float32. bfloat16 is explained below.)
#
# Why is an epoch shorter? Look at the pads: where texts of similar length stand in one batch, there are few of them
# ([chapter 8](08_padding_and_packing.ipynb)). They were counted in another record, with batches of 64.

# %%
frameworks = read_record("bench-frameworks")
theirs, ours = (frameworks.summary[name]["pads"] for name in ("coursework A", "coursekit"))
print(f"share of pads: coursework A {theirs:.2f}, coursekit {ours:.2f}")
print(f"if time followed the places, that would give a factor of {(1 - ours) / (1 - theirs):.2f}")

# %% [markdown]
# So pads seem to explain most of it. (Random batches of 32 have somewhat fewer pads than those of 64.) The way to `0.90` is shorter for
# two more reasons: our recipe takes one epoch and not <!--r:bench-agnews.target_epochs_coursework_a-->4<!--/-->, and its model is
# smaller, an LSTM of 64 units against a plain RNN of 256. (Its batches are larger: 64 texts.)
#
# *bfloat16* is a number of sixteen bits with the range of float32 and fewer digits. `Config(precision="bfloat16")` asks for products of
# such numbers in training; weights and evaluation stay in float32. It is faster only where the processor has such products. What
# does it cost? The record: 20,000 news texts, two epochs, three seeds, layers of 128 units. Behind the difference in validation accuracy
# stands its interval over the seeds.

# %%
import numpy as np

from coursekit.stats import paired_seeds

precision, gaps = read_record("precision-agnews"), {}
for cell in ("rnn", "lstm"):
    low, full = (precision.arm(f"{cell}, {name}") for name in ("bfloat16", "float32"))
    gaps[cell] = gap, below, above = paired_seeds(low.scores, full.scores)
    seconds = [np.mean([run["training_seconds"] for run in arm.runs]) for arm in (low, full)]
    print(f"{cell}: {seconds[0]:.0f} s in bfloat16, {seconds[1]:.0f} s in float32")
    print(f"  accuracy {gap:+.4f} ({below:+.4f} to {above:+.4f})")
ck.claim(
    "in the record bfloat16 moves the mean accuracy by less than half a point, and both intervals "
    "contain zero",
    all(abs(gap) < 0.005 and below < 0 < above for gap, below, above in gaps.values()),
    {f"gap of {cell}": gap for cell, (gap, _, _) in gaps.items()},
)

# %% [markdown]
# Three seeds show no cost in accuracy; a small one they could not see. The LSTM gains time; the plain RNN of 128 units does not, though
# the one of 256 units above does, probably since small products have other costs.
#
# ## Against other frameworks
#
# Another run, again on 12,000 news and one thread. All take batches of 64: coursework A's way with its own plain RNN of 256
# units, and an LSTM of 128 in a textbook loop with packing, in Keras on TensorFlow, and in `coursekit`. *First* is the first epoch, *pads* their
# share of all places in the batches, *peak* the most memory held. (XLA compiles the network first: see its first epoch.)

# %%
looks = {
    "epoch_seconds": ("epoch, s", "{:.1f}"),
    "first_epoch_seconds": ("first, s", "{:.1f}"),
    "pads": ("pads", "{:.2f}"),
    "peak_mib": ("peak, MiB", "{:,.0f}"),
}
measured = pd.DataFrame.from_dict(frameworks.summary, orient="index")
pd.DataFrame({head: measured[key].map(look.format) for key, (head, look) in looks.items()})

# %% [markdown]
# ## Where an epoch goes
#
# The reference recipe for news (an LSTM of 128 units in two directions), part by part, in percent of the time. The last row, `share of limit`, is no
# part: so long would the matrix products of the recurrent layer take, at the rate that one large product reaches.

# %%
epoch = read_record("bench-epoch").summary
shares = {
    f"{threads} thread{'s' if threads > 1 else ''}, %": {
        key.removeprefix(f"threads{threads}_").replace("_", " "): value
        for key, value in epoch.items()
        if key.startswith(f"threads{threads}_") and not key.endswith("milliseconds_a_batch")
    }
    for threads in (1, 2)
}
(100 * pd.DataFrame(shares)).round(1)

# %% [markdown]
# Batches, clipping, optimiser and averaging take less than a tenth of the time together, so there is little left to win in them. Most of what
# could still be won lies inside PyTorch's recurrent kernel, between its row and the last.
#
# ## Packing, lemmas, grading
#
# - Padded passes against packing, forward and backward on two threads: of twelve networks the smallest gain is a factor
#   of <!--r:bench-packing.lowest_ratio-->1.6<!--/-->; for an LSTM of one layer in one direction it
#   is <!--r:bench-packing.lstm_layers1_directions1-->3.6<!--/-->. `make bench-packing`
# - Lemmas of new Russian text: <!--r:bench-lemmas.new_text_words_per_second-->89,000<!--/--> words a second with a memory for
#   words, <!--r:bench-lemmas.uncached_words_per_second-->7,600<!--/--> without. `make bench-lemmas`
# - The grader adds <!--r:bench-grading.overhead_seconds-->0.21<!--/--> seconds to a submission (the median), and two jobs
#   are <!--r:bench-grading.jobs_ratio_median-->1.91<!--/--> times as fast as one. `make bench-grading`
