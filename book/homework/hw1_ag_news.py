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
# # Homework 1 · Topics of the news
#
# [Open in Colab](https://colab.research.google.com/github/coursekit/reading-one-word-at-a-time/blob/main/book/homework/hw1_ag_news.ipynb) · [По-русски](../ru/hw1_ag_news.ipynb)
#
# **You get** the news of AG News, a baseline configuration, and a helper that trains. **You write** the model, choose
# experiments, and report what helped and what did not.
#
# **Time:** four to six hours of your own. A run of the baseline takes about two minutes on two CPU cores. **Read first:**
# sections 0.7 to 0.8 of [chapter 0](../00_before_you_start.ipynb), and chapters [3](../03_tokens_to_batches.ipynb), [4](../04_vanilla_rnn.ipynb) and [8](../08_padding_and_packing.ipynb).
#
# | part | points |
# |---|---|
# | the baseline runs and obeys the padding law | 1 |
# | two correct experiments, one change each | 2 + 2 |
# | quality of your best model on texts you have not seen | 3 |
# | report | 2 |
#
# An experiment that brings no gain counts in full if it is correct. Quality is marked by the number of test texts that your
# submitted weights get right: at least 90 % of them give 1 point, 91 % give 2, and 91.5 % give 3. Those shares carry noise.
# A validation accuracy `.01` above a threshold is a safe target: two standard errors of the difference between validation and test.
#
# > Fill in the function that raises `NotImplementedError`, the cells marked `# your code here`, and the report. Leave the other cells as they are: the grader
# > takes its own copies of them. Cells that start with `%%attempt` wait until the task they need is written.

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

lesson = ck.setup(chapter="hw1")

# %% coursekit={"role": "setup"}
import torch
from torch import nn

from coursekit.homework import check, pack, run_experiment
from coursekit.nn import masked_max, masked_mean
from coursekit.training import Config, change

# %% [markdown]
# ## The data
#
# You learn from `train` and choose with `validation`. The test set stays closed; the grader opens it once. The grader asks about AG News: if the line
# under `ck.load` speaks of a stand-in, your numbers say nothing about the thresholds, and
# [Data, budgets and claims](../data_and_budgets.md) says how to reach the real texts.

# %% coursekit={"role": "data"}
news = ck.load("ag_news", train=ck.budget(cpu=60_000, gpu=60_000, smoke=400))
print("classes:", ", ".join(news.label_names))


# %% [markdown]
# ## HW1.1 The model
#
# Write `build`. It takes a configuration, the size of the vocabulary and the number of classes. It returns a module that is
# called as `model(ids, lengths)` and returns logits of the shape (B, C).
#
# 1. Look the ids up in an embedding of size `config.embedding_dim`. Let it start small, with a standard deviation of `0.1`
#    (`nn.init.normal_(table.weight, std=0.1)`): PyTorch draws with 1, and from there a model needs longer to learn.
# 2. Read them with a recurrent layer: `config.cell` is `rnn`, `gru` or `lstm`; use `config.hidden_size`,
#    `config.num_layers` and `config.bidirectional`. `ck.LengthAwareRNN(cell, input_size, hidden_size, num_layers,
#    bidirectional)` takes `(x, lengths)` and returns the outputs and the last state. Packing works as well.
# 3. Pool over the *real* tokens: `config.pooling` is `mean`, `max`, `last`, or two of them joined by `+`: then their vectors stand
#    side by side (`torch.cat`), they are not added. `masked_mean` and `masked_max` take the outputs and the mask that `ck.mask_from_lengths(lengths, T)` makes.
# 4. Drop out with `config.dropout`, and end with a linear layer.
#
# If you also use `config.word_dropout` and `config.embedding_dropout` ([section 9.7](../09_training_well.ipynb); `<unk>` has the id 1), your experiments
# can vary them. Write the module
# yourself: `ck.TextClassifier` would be an answer copied from the package, and gives no mark.

# %% coursekit={"role": "define", "task": "hw1-build"}
def build(config, vocabulary_size, n_classes):
    """Return a model that is called as model(ids, lengths) and gives logits (B, n_classes)."""
    raise NotImplementedError("hw1-build")


# %% coursekit={"role": "check"}
# %%attempt
check("hw1-build", build=build)

# %% [markdown]
# ## HW1.2 The baseline
#
# This is the configuration that everything is compared with. It is locked. What its fields mean, the sources of its three parts say:
# `TrainConfig??`, `ModelConfig??` and `TextConfig??`, from `coursekit.training`, `coursekit.nn` and `coursekit.batching`.

# %% coursekit={"role": "setup"}
BASELINE = Config()
for name, value in BASELINE.to_dict().items():
    print(f"{name:18}  {value}")

# %% coursekit={"role": "train"}
# %%attempt
baseline = run_experiment(build, BASELINE, news, seed=lesson.seed)
print(baseline.history.table().round(4).to_string())

# %% [markdown]
# ## HW1.3 Experiments
#
# Name at least two experiments. Each changes **exactly one** field of the baseline, for example
# `{"gru": {"cell": "gru"}}`. Two changes at once teach nothing: you could not say which of them helped. The seed is no
# experiment. Leave `monitor` and `spelling` alone: the check refuses them.

# %% coursekit={"role": "define", "task": "hw1-experiments"}
EXPERIMENTS = {}  # name: {field: new value}
# your code here

# %% coursekit={"role": "check"}
# %%attempt
check("hw1-experiments", experiments=EXPERIMENTS, build=build)

# %% coursekit={"role": "train"}
# %%attempt
results = {}
for name, changes in EXPERIMENTS.items():
    print(name)
    results[name] = run_experiment(build, change(BASELINE, **changes), news, seed=lesson.seed)
    print(results[name].history.table().round(4).to_string())

# %% coursekit={"role": "train"}
# %%attempt
from coursekit.figures import charts, show

show(
    charts.curves(
        {
            name: [epoch.validation_accuracy for epoch in result.history.epochs]
            for name, result in {"baseline": baseline, **results}.items()
        },
        xlabel="epoch",
        ylabel="validation accuracy",
    )
)

# %% coursekit={"role": "train"}
# %%attempt
show(
    charts.curves(
        {
            f"{name}, {part}": [getattr(epoch, f"{part}_loss") for epoch in result.history.epochs]
            for name, result in {"baseline": baseline, **results}.items()
            for part in ("train", "validation")
        },
        xlabel="epoch",
        ylabel="loss",
    )
)

# %% [markdown]
# ## HW1.4 Your best model
#
# Here you may change as many fields as you like. Name those that you change; the others stay as in the baseline. Choose on validation.

# %% coursekit={"role": "define", "task": "hw1-final"}
FINAL = {}  # field: value
# your code here

# %% coursekit={"role": "train"}
# %%attempt
if not FINAL:
    raise NotImplementedError("hw1-final")
final = run_experiment(build, Config.from_dict(FINAL), news, seed=lesson.seed)
check("hw1-final", final=final, thresholds={0.90: 1, 0.91: 2, 0.915: 3})

# %% [markdown]
# ## HW1.5 Report
#
# Write below, in about a page: which experiments helped and which did not, and how you know (`ck.wilson(correct, texts)` gives the
# interval of an accuracy; look at the spread between seeds, too, if you have run more than one); what the curves of the loss say about convergence and stability: where does
# the validation loss turn, and where do the two curves part? And what your best model is, and why you chose it.

# %% [markdown] coursekit={"role": "manual", "task": "hw1-report"}
# *Your report.*

# %% [markdown]
# ## Hand in
#
# Save the notebook, then run this cell. It writes one file, `hw1_submission.zip`: hand that in.

# %% coursekit={"role": "pack"}
# %%attempt
pack("hw1", final, results | {"baseline": baseline})
