"""Checks of a model: it is called as ``model(ids, lengths)`` and returns logits of shape (B, C).

Each check works on a copy on the CPU and takes the first batch of what it is given, so it costs about a second, and the model
stays as it was. Letters: B batch, T time, C classes.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.batching import Batch
from coursekit.checks.batches import MOST_WORDS, by_class, cut, first_batch, half_unknown, long_enough, pick
from coursekit.checks.findings import Finding

TOLERANCE = 1e-4  # between two ways to compute the same logits
_PADS_BY_THEIR_ID = (
    "a mask that is made of the ids (ids != 0): right while all pads are 0, as ck.collate makes them, and no longer; take "
    "ck.mask_from_lengths(lengths, T)"
)
_BREAKERS = (  # of the padding law, in the order in which they are told apart
    "dropout that does not ask self.training",
    "a layer that mixes the texts of a batch: batch_first forgotten, or statistics over the batch",
    "a pooling, a last step or a backward half that reads pads",
    "texts sorted by length and put back wrongly; the way back is argsort(order)",
    "batch normalisation; layer normalisation has no such fault",
)


def first_loss(model: nn.Module, batches: Iterable[Batch] | Batch, n_classes: int) -> Finding:
    """Before training, every class is as likely as any other: the loss is near ln C."""
    if n_classes < 2:
        raise ValueError(
            f"'n_classes' must be at least 2, or there is nothing to tell apart, got {n_classes}."
        )
    model, batch = _copy(model), first_batch(batches)
    logits, wanted = _call(model, batch), math.log(n_classes)
    if int(batch.labels.max()) >= logits.shape[1]:
        seen = f"labels go up to {int(batch.labels.max())}, and there are {logits.shape[1]} logits for a text"
        return Finding("first_loss", False, seen, "fewer outputs than classes, or classes from 1", 0)
    target = batch.labels.view(-1, *[1] * (logits.dim() - 2)).expand(len(batch), *logits.shape[2:])
    loss = cross_entropy(logits, target).item()
    if logits.shape != (len(batch), n_classes):
        seen = (
            f"the logits have shape {tuple(logits.shape)} in place of {(len(batch), n_classes)}, and the loss starts at "
            f"{loss:.3f} (ln {logits.shape[1]} = {math.log(logits.shape[1]):.3f}) in place of ln {n_classes} = {wanted:.3f}"
        )
        return Finding("first_loss", False, seen, "another axis is taken for the classes", 0)
    seen = f"the loss starts at {loss:.3f}, ln {n_classes} = {wanted:.3f}"
    cause = "the model is already trained or sees its labels" if loss < wanted else "the start is too large"
    return Finding("first_loss", 0.5 * wanted < loss < 1.5 * wanted, seen, cause, 0)


def overfits_one_batch(
    model: nn.Module, batches: Iterable[Batch] | Batch, *, size: int = 8, steps: int = 100, rate: float = 1e-2
) -> Finding:
    """A model that works learns a few texts by heart: Adam, no dropout, until all are right with a loss below 0.3."""
    model, batch = _copy(model), by_class(first_batch(batches), size)
    _logits(model, batch)  # refuses what has another signature, before an optimiser asks for its parameters
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser, losses = torch.optim.Adam(trained, lr=rate), []
    for _ in range(steps):
        logits = _logits(model, batch)
        loss = cross_entropy(logits, batch.labels)
        losses.append(loss.item())
        learned = bool((logits.argmax(dim=1) == batch.labels).all()) and losses[-1] < 0.3
        if learned:
            break
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
    seen = f"{len(batch)} texts, loss {losses[0]:.3f} to {losses[-1]:.3f} in {len(losses)} steps"
    shares = bool((logits >= 0).all()) and torch.allclose(
        logits.sum(dim=1), torch.ones(len(batch)), atol=1e-4
    )
    cause = (
        "a softmax before cross_entropy, which takes one of its own"
        if shares
        else "no gradient arrives, the start is dead, or the labels are wrong"
    )
    return Finding("overfits_one_batch", learned, seen, cause, 9)


@torch.no_grad()
def padding_law(model: nn.Module, batches: Iterable[Batch] | Batch) -> Finding:
    """A text's logits depend on nothing else in its batch: not on chance, other texts or pads.

    The lengths are the one truth: words of other texts stand in the pads, so a model that knows pads by their id is refused too.
    """
    model, batch = _copy(model), first_batch(batches)
    even = cut(batch, int(batch.lengths.min()))  # no pads
    if len(even) < 2:
        raise ValueError("a batch must hold at least two texts, got one: it has no company to be tested in.")
    together = _logits(model, even)
    try:
        alone = torch.cat([_logits(model, pick(even, [i])) for i in range(len(even))])  # (B, C)
    except ValueError as error:
        seen = f"it reads texts together and no text by itself ({error})"
        return Finding(
            "padding_law", False, seen, "batch normalisation that is in training mode in evaluation too", 8
        )
    junk = batch.ids.roll(1, dims=0)[: len(even)].flip(1)
    padded = replace(even, ids=torch.cat([even.ids, junk], dim=1))
    with_zeros = replace(even, ids=torch.cat([even.ids, torch.zeros_like(junk)], dim=1))
    strange = half_unknown(even)
    lengths = even.lengths.clone()
    lengths[len(even) // 2] = max(1, int(lengths[0]) // 2)  # one text is shorter, and stands in the middle
    ragged = replace(padded, lengths=lengths)
    by_itself = [_logits(model, cut(pick(ragged, [i]), n)) for i, n in enumerate(lengths.tolist())]
    trials = {
        "the same call gives other logits, by {}": (_logits(model, strange), _logits(model, strange)),
        "logits move by {} beside other texts without any pad": (together, alone),
        "logits move by {} when junk stands in the pads": (_logits(model, padded), alone),
        "logits move by {} beside texts of other lengths": (_logits(model, ragged), torch.cat(by_itself)),
    }
    for module in model.modules():  # in training, batch normalisation alone breaks the law, by design
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.train()
    trials["in training, logits move by {} with the texts beside them"] = (_logits(model, even), alone)
    for (symptom, pair), cause in zip(trials.items(), _BREAKERS, strict=True):
        moved = _difference(*pair)
        if moved > TOLERANCE:
            if "junk" in symptom and _difference(_logits(model, with_zeros), alone) <= TOLERANCE:
                symptom, cause = f"{symptom}, and by nothing when the pads are 0", _PADS_BY_THEIR_ID
            return Finding("padding_law", False, symptom.format(f"{moved:.2g}"), cause, 8)
    return Finding("padding_law", True, f"no logit changes by more than {TOLERANCE}", "", 8)


@torch.no_grad()
def order_sensitivity(model: nn.Module, batches: Iterable[Batch] | Batch) -> Finding:
    """A recurrent model reads in order: reversing the words moves its logits."""
    model, batch = _copy(model), long_enough(first_batch(batches))
    moved = _difference(_logits(model, batch), _logits(model, replace(batch, ids=batch.ids.flip(1))))
    seen = f"logits move by {moved:.2g} when the words are reversed"
    return Finding(
        "order_sensitivity", moved > TOLERANCE / 10, seen, "the recurrent layer is not on the way", 4
    )


def both_directions(model: nn.Module, batches: Iterable[Batch] | Batch) -> Finding:
    """The backward direction reads the whole text, not only its last word.

    A state that has read one word came from the zero state, so its recurrent weights get no gradient. Raises
    ``ValueError`` if there is no bidirectional layer of ``torch.nn``.
    """
    model, batch = _copy(model), long_enough(first_batch(batches))
    layers = {name: m for name, m in model.named_modules() if isinstance(m, nn.RNNBase) and m.bidirectional}
    if not layers:
        raise ValueError("the model must have a bidirectional layer of torch.nn, got none: nothing to check.")
    _logits(model, batch).square().sum().backward()
    for name, layer in layers.items():
        weight = f"weight_hh_l{layer.num_layers - 1}_reverse"
        if not _has_gradient(getattr(layer, weight)):
            seen = f"the backward direction of '{name}' has read one word: no gradient at {weight}"
            cause = "the output at length - 1, or output[:, -1]; its backward half is complete at step 0"
            return Finding("both_directions", False, seen, cause, 8)
    return Finding("both_directions", True, "the backward direction reads more than one word", "", 8)


def gradients(model: nn.Module, batches: Iterable[Batch] | Batch) -> Finding:
    """Every parameter gets a gradient from the loss, and so do the words of all steps.

    Words are watched at the first layer that turns (B, T) ids into (B, T, ·) numbers. Texts are cut to 32 words. Up to
    a quarter of them may go without: a maximum over time need not hear the last words of a text.
    """
    model, batch, watched = _copy(model), first_batch(batches), []
    longest = min(MOST_WORDS, int(batch.lengths.max()))
    batch = replace(batch, ids=batch.ids[:, :longest], lengths=batch.lengths.clamp(max=longest))

    def watch(module: nn.Module, inputs: object, output: object) -> None:
        if not watched and isinstance(output, Tensor) and output.dim() == 3 and output.is_floating_point():
            if output.shape[:2] == batch.ids.shape[:2]:
                output.requires_grad_() if output.is_leaf else output.retain_grad()  # a leaf: frozen word vectors
                watched.append(output)

    for module in model.modules():
        module.register_forward_hook(watch)
    loss = cross_entropy(_logits(model, batch), batch.labels)
    strange = _strange_leaves(loss, [*model.parameters(), *watched])
    if strange:
        seen = (
            f"{len(strange)} tensors learn that are no parameters of the model, of the shapes {strange[:3]}"
        )
        cause = "layers in a plain list, which an optimiser never sees; use nn.ModuleList"
        return Finding("gradients", False, seen, cause, 5)
    loss.backward()
    learning = {name: p for name, p in model.named_parameters() if p.requires_grad}
    # A bias may go without beside a weight that learns: a softmax over the steps cancels it.
    idle = [name for name, p in learning.items() if not _has_gradient(p)]
    idle = [
        name
        for name in idle
        if not (name.endswith("bias") and _learns(learning, name[: -len("bias")] + "weight"))
    ]
    if idle:
        seen = f"no gradient reaches {', '.join(idle[:4])}" + (f" and {len(idle) - 4} more" * (len(idle) > 4))
        cause = "a layer that forward() never uses, a state taken from the wrong place, or detach()"
        return Finding("gradients", False, seen, cause, 5)
    if not watched:
        raise ValueError(
            "a layer must turn ids (B, T) into vectors (B, T, E), got none: the steps cannot be watched."
        )
    words = int(batch.mask.sum())
    unheard = int((batch.mask & ~watched[0].grad.ne(0).any(dim=2)).sum())
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    seen = f"{unheard} of {words} words get no gradient; every parameter gets one"
    seen += f", but for the frozen {', '.join(frozen[:4])}" * bool(frozen)
    cause = "steps that are cut off, or a gradient that has faded to nothing"
    return Finding("gradients", unheard <= words / 4, seen, cause, 5)


def _strange_leaves(loss: Tensor, known: list[Tensor]) -> list[tuple[int, ...]]:
    """Shapes of the tensors that a loss has gradients for and that are none of the known ones."""
    ids, seen, todo, found = set(map(id, known)), set(), [loss.grad_fn], []
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None and id(leaf) not in ids:
            found.append(tuple(leaf.shape))
        todo += [earlier for earlier, _ in node.next_functions]
    return found


def _copy(model: nn.Module) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise TypeError(f"'model' must be a torch.nn.Module, got {type(model).__name__}.")
    return copy.deepcopy(model).cpu().eval()


def _call(model: nn.Module, batch: Batch) -> Tensor:
    """Return what a model says, at least (B, something), all finite."""
    try:
        inspect.signature(model.forward).bind(batch.ids, batch.lengths)
    except TypeError as error:
        raise TypeError(
            f"a model must be called as model(ids, lengths), and forward() of {type(model).__name__} cannot: {error}. "
            "Wrap it in a module whose forward() takes both."
        ) from error
    logits = model(batch.ids, batch.lengths)
    if not isinstance(logits, Tensor) or logits.dim() < 2 or len(logits) != len(batch):
        got = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"a model must return logits of shape ({len(batch)}, classes), got {got}.")
    if not logits.isfinite().all():
        spoiled = int((~logits.isfinite()).sum())
        raise FloatingPointError(f"logits must be finite, got {spoiled} of {logits.numel()} NaN or infinite.")
    return logits


def _logits(model: nn.Module, batch: Batch) -> Tensor:
    logits = _call(model, batch)
    if logits.dim() != 2 or int(batch.labels.max()) >= logits.shape[1]:
        raise ValueError(
            f"a model must return logits of shape ({len(batch)}, classes) with a class for every label, got "
            f"{tuple(logits.shape)} and labels up to {int(batch.labels.max())}."
        )
    return logits


def _learns(parameters: Mapping[str, Tensor], name: str) -> bool:
    return name in parameters and _has_gradient(parameters[name])


def _difference(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def _has_gradient(parameter: Tensor) -> bool:
    return parameter.grad is not None and bool(parameter.grad.any())
