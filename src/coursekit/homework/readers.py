"""Examination of a recurrent classifier that a student wrote: what it must keep, whatever is inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from coursekit.homework.examine import (
    RECURRENT,
    logits_alone_and_together,
    parameters_without_gradient,
    random_batch,
)
from coursekit.homework.said import Sentence, sentence
from coursekit.training import Config

LAW = 1e-5  # largest difference of a text's logits, alone and among others
MOVED = 1e-7  # a smaller change of the logits is none
WORDS, CLASSES, JUNK = 60, 3, 40
BOTH_WAYS = " ⇄"  # behind the name of a layer
SIZES = {"embedding_dim": 14, "hidden_size": 12, "num_layers": 3}  # each larger than what is examined
SMALL = {"embedding_dim": 7, "hidden_size": 6, "num_layers": 2, "dropout": 0.5}

Make = Callable[[Config, int, int], nn.Module]
Laws = Iterator[
    tuple[str, str, bool]
]  # a law, what is wrong (empty if nothing is), and whether all hangs on it


def examine_reader(
    make: Make, cell: str, directions: int, seed: int
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Build small classifiers with ``make(config, vocabulary_size, n_classes)`` and measure them.

    Returned are facts that can be said in words (idle parameters, recurrent layers, layers of the package's, numbers of
    parameters), and logits (B, C) of the same texts: ``alone``, ``together`` and ``again``, in a ``long`` batch full of junk,
    ``permuted``, with another ``first`` word, ``reversed``, and twice while training (``noisy``, ``noisier``).
    """
    config = Config.from_dict({**SMALL, "cell": cell, "bidirectional": directions == 2})
    torch.manual_seed(seed)
    model = make(config, WORDS, CLASSES)
    ids, lengths = random_batch(WORDS, seed, rows=7, longest=14)
    lengths = lengths.clamp(min=2)
    wide = torch.cat([ids, torch.randint(4, WORDS, (len(ids), JUNK))], dim=1)  # (B, T + JUNK)
    wide = torch.cat([wide, torch.randint(4, WORDS, (1, wide.shape[1]))])  # and one text as long as that
    order = torch.randperm(len(ids))
    other, turned = ids.clone(), ids.clone()
    other[:, 0] = (ids[:, 0] - 3) % (WORDS - 4) + 4
    for row, n in enumerate(lengths.tolist()):
        turned[row, :n] = ids[row, :n].flip(0)
    alone, together = logits_alone_and_together(model, ids, lengths)  # and evaluation mode from here on
    with torch.no_grad():
        tensors = {
            "alone": alone,
            "together": together,
            "again": model(ids, lengths),
            "long": model(wide, torch.cat([lengths, torch.tensor([wide.shape[1]])]))[:-1],
            "permuted": model(ids[order], lengths[order])[order.argsort()],
            "first": model(other, lengths),
            "reversed": model(turned, lengths),
        }
        model.train()
        tensors |= {name: model(ids, lengths) for name in ("noisy", "noisier")}
    facts = {
        "idle": parameters_without_gradient(model, ids, lengths, CLASSES)[:20],
        "layers": _recurrent_layers(model),
        "ready": [type(m).__name__ for m in model.modules() if type(m).__module__.startswith("coursekit.nn")][
            :20
        ],
        "parameters": _count(model),
        "larger": {
            name: _count(make(Config.from_dict({**config.to_dict(), name: value}), WORDS, CLASSES))
            for name, value in SIZES.items()
        },
    }
    return facts, {name: value.float() for name, value in tensors.items()}


def reader_laws(facts: Mapping[str, Any], tensors: Mapping[str, Tensor], cell: str, directions: int) -> Laws:
    """Yield every law, what is wrong about it, and whether nothing counts without it."""
    alone = tensors.get("alone", torch.zeros(0))
    shape = tuple(alone.shape)
    good = shape == (7, CLASSES) and all(tuple(t.shape) == shape for t in tensors.values())
    wrong = sentence("wanted {wanted}, got {got}.", wanted=str((7, CLASSES)), got=str(shape))
    yield sentence("logits have the shape (B, C)"), "" if good else wrong, True
    if not good:
        return

    def gap(name: str) -> float:
        return (tensors.get(name, alone * torch.nan).double() - alone.double()).abs().max().item()

    random = (tensors["together"] - tensors["again"]).abs().max().item() > MOVED
    wrong = sentence("two passes in evaluation mode differ: dropout acts there as well.") if random else ""
    yield sentence("in evaluation mode the same batch gets the same logits"), wrong, True
    if random:
        return
    worst = {name: gap(name) for name in ("long", "permuted")}
    yield sentence("a text's logits are those it has alone, to 1e-5"), _unlike_alone(**worst), True
    shares = bool(alone.min() >= 0) and (alone.sum(dim=1) - 1).abs().max().item() < LAW
    wrong = sentence("each row sums to 1: these are probabilities, after a softmax.") if shares else ""
    yield sentence("logits, and no probabilities"), wrong, False
    ready = [str(name) for name in facts.get("ready", ())]
    wrong = sentence("{names} of coursekit does it for you.", names=ready) if ready else ""
    yield sentence("the layers are torch's, the packing is your own"), wrong, True
    layers = [str(layer) for layer in facts.get("layers", ())]
    there = [layer for layer in layers if layer.lower().startswith(cell)]
    unread = [name for name in ("first", "reversed") if not gap(name) > MOVED]
    wrong = sentence("recurrent layers: {layers}.", layers=layers) if not there else ""
    if unread:
        said = "the logits stay when a text is changed ({changes}); recurrent layers: {layers}."
        wrong = sentence(said, changes=unread, layers=layers)
    yield sentence("{cell}: it reads the words, in their order", cell=cell.upper()), wrong, True
    if directions == 2:
        both = len(there) > 1 or any(layer.endswith(BOTH_WAYS) for layer in there)
        wrong = "" if both else sentence("it reads one way.")
        yield sentence("two directions: there is one that reads from the end"), wrong, True
    idle = [str(name) for name in facts.get("idle", ["?"])]
    said = "no text moves {names}: built and never used, or cut off from what it read."
    wrong = sentence(said, names=idle[:5]) if idle else ""
    yield sentence("every parameter gets a gradient"), wrong, True
    noisy = (tensors["noisy"] - tensors["noisier"]).abs().max().item() > MOVED
    wrong = "" if noisy else sentence("config.dropout is 0.5, and two passes agree.")
    yield sentence("dropout acts in training"), wrong, False
    larger, base = facts.get("larger", {}), facts.get("parameters", 0)
    same = [name for name in SIZES if not larger.get(name, 0) > base]
    wrong = sentence("the model is no larger with a larger {names}.", names=same) if same else ""
    yield sentence("embedding_dim, hidden_size and num_layers act"), wrong, False


def _unlike_alone(long: float, permuted: float) -> Sentence | str:
    """What is wrong with logits that a long batch, or one in another order, moves by so much."""
    if long <= LAW and permuted <= LAW:
        return ""
    said = (
        "in a long batch they change by {long:.1e}, in another order by {permuted:.1e}; the pads or the order take part. "
        "See chapter 8."
    )
    return sentence(said, long=long, permuted=permuted)


def _recurrent_layers(model: nn.Module) -> list[str]:
    found = [module for module in model.modules() if isinstance(module, RECURRENT)]
    both = [BOTH_WAYS if getattr(module, "bidirectional", False) else "" for module in found]
    return [f"{type(module).__name__[:20]}{way}" for module, way in zip(found, both, strict=True)][:20]


def _count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
