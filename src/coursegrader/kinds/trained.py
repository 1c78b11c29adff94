"""Each of several cells was trained with every optimiser wanted, and the best model of each, as handed in, has learned.

One half of the points is for the runs: what ``configurations`` wants, once for every cell. The other half is for three
models: their weights, which the packed file holds by the cell's name, fit the student's own cell and answer test texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from coursegrader.asking import Request
from coursegrader.definition import Part
from coursegrader.evidence import Evidence, Mark, share_right
from coursegrader.kinds import configuration_problem, configurations
from coursegrader.messages import Said, say, what_said
from coursekit.batching import Encoder
from coursekit.training import Config

SETTINGS, NEEDS_DATA = configurations.SETTINGS, True
OPTIONS = configurations.OPTIONS | {"least": dict, "texts": int}


@dataclass(frozen=True)
class Kept:
    """What marking needs of the asking."""

    labels: list[int]
    missing: Said = ""  # why there is no model to ask


def problems(points: int, options: Mapping[str, Any]) -> str:
    """Every cell needs a legal configuration and a share of right answers."""
    for cell, least in options["least"].items():
        if wrong := configuration_problem("base", options.get("base", {}) | {"cell": cell}):
            return wrong
        if not isinstance(least, float) or not 0 < least <= 1:
            return f"'least' of {cell!r} must be a number above 0 and at most 1, got {least!r}."
    return ""


def ask(part: Part, request: Request) -> Kept:
    """Train every entry with every cell on a sample, and hand over test texts for the models."""
    for single in _each(part):
        configurations.ask(single, request)
    try:
        _, vocabulary, request.weights = request.model
    except ValueError as error:
        return Kept([], what_said(error))
    test, bases = request.corpus.test, {p.options["base"]["cell"]: p.options["base"] for p in _each(part)}
    test = test.take(min(part.options["texts"], len(test)), request.seed)
    rows = Encoder(Config.from_dict(next(iter(bases.values()))), vocabulary).encode(test.texts)
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    lengths = torch.tensor([len(row) for row in rows])
    request.inputs |= {f"{part.id}.ids": ids, f"{part.id}.lengths": lengths}
    sizes = {"words": len(vocabulary), "classes": len(request.corpus.label_names)}
    request.probe(f"{part.id}-models", "trained", part=part.id, bases=bases, **sizes)
    return Kept(list(test.labels))


def answer(probe: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Inside the sandbox: load the weights of each cell into a model with the student's own, and answer."""
    from coursegrader.probes import predict  # which imports this room

    given, weights = load_file(Path("inputs.safetensors")), load_file(Path("weights.safetensors"))
    ids, lengths = (given[f"{probe['part']}.{name}"] for name in ("ids", "lengths"))
    wrong, tensors = {}, {}
    for cell, base in probe["bases"].items():
        own = {n.removeprefix(f"{cell}."): v for n, v in weights.items() if n.startswith(f"{cell}.")}
        try:
            model = names["build"](Config.from_dict(base), probe["words"], probe["classes"])
            model.load_state_dict(own)
            tensors[cell] = predict(model, ids, lengths)
        except Exception as error:  # one cell must not cost the others
            wrong[cell] = str(error)[:300]
    return {"wrong": wrong}, tensors


def mark(part: Part, evidence: Evidence) -> Mark:
    """Half of the points if all runs are in order, half if all models have learned."""
    runs = [configurations.mark(single, evidence) for single in _each(part)]
    if refused := next((one for one in runs if one.status != "ok"), None):
        return replace(refused, part=part.id, most=part.points)
    reasons = [
        say("words.colon", name=s.options["base"]["cell"], said=r)
        for s, one in zip(_each(part), runs, strict=True)
        for r in one.reasons
    ]
    measured: dict[str, Any] = {}
    idle = list(_not_learned(part, evidence, measured))
    points = part.points / 2 * ((not reasons) + (not idle))
    if evidence.kept[part.id].missing:
        held = {"points on hold": points} if points else {}
        return Mark.of(part, 0, *idle, *reasons, status="missing", measured=held)
    if evidence.failed(part, f"{part.id}-models"):  # the weights are there; out of time is no zero
        return evidence.waiting(part, f"{part.id}-models", points, *idle, *reasons)
    return Mark.of(part, points, *reasons, *idle, measured=measured)


def _each(part: Part) -> list[Part]:
    """The part as ``configurations`` would have it, once for every cell."""
    base = part.options.get("base", {})
    return [
        replace(
            part,
            id=f"{part.id}-{cell}",
            kind="configurations",
            options=part.options | {"base": base | {"cell": cell}},
        )
        for cell in part.options["least"]
    ]


def _not_learned(part: Part, evidence: Evidence, measured: dict[str, Any]) -> Iterator[Said]:
    """What keeps a model from counting; the counts of right answers are written down."""
    kept, probe = evidence.kept[part.id], f"{part.id}-models"
    if kept.missing:
        yield kept.missing
        return
    if failed := evidence.failed(part, probe):
        yield from failed.reasons
        return
    said, given = evidence.outcome.facts(probe).get("wrong"), evidence.outcome.tensors.get(probe, {})
    for cell, least in part.options["least"].items():
        if isinstance(said, dict) and cell in said:
            yield say("kinds.trained.no-fit", cell=cell, said=str(said[cell])[:200])
            continue
        n = len(kept.labels)
        share, wrong = share_right(given.get(cell), kept.labels, len(evidence.corpus.label_names))
        right, wanted = round(share * n), math.ceil(Fraction(str(least)) * n)
        measured[f"{cell} right of {n}"] = right
        if wrong or right < wanted:
            why = wrong or say("kinds.trained.not-learned", right=right, n=n, wanted=wanted)
            yield say("words.colon", name=cell, said=why)
