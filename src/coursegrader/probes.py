"""Inside the sandbox: put questions to a student's model, and write the answers down as numbers.

No answer here is a mark, and no question holds a key: the labels, the reference results and the thresholds stay with
the process outside, which compares. A submission that tampers with this module can only send other numbers, and
numbers that are right are what is asked for.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from coursekit.batching import Encoder
from coursekit.data import Corpus, Source, Split
from coursekit.homework.examine import (
    logits_alone_and_together,
    parameters_without_gradient,
    random_batch,
    recurrent_modules,
    run_cell_case,
)
from coursekit.homework.experiments import one_change, run_experiment
from coursekit.runtime import seed_everything
from coursekit.training import Config, change

INPUTS, CORPUS, FACTS, FOUND = Path("inputs"), Path("corpus.json"), Path("facts.json"), Path("found")
BATCH = 128
MOST_EXPERIMENTS = 8


def run_probe(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Put one question; return what can be said in words, and write the numbers to a file.

    Parameters
    ----------
    probe : mapping
        ``id``, ``kind`` and what the kind needs.
    namespace : mapping
        The student's names.

    Returns
    -------
    dict
        ``status`` (ok, not written, error), ``error``, ``message``, ``facts``.
    """
    try:
        facts, tensors = PROBES[probe["kind"]](probe, namespace)
        if tensors:
            save_file(
                {name: t.detach().contiguous().clone() for name, t in tensors.items()},
                FOUND.with_name(f"found-{probe['id']}.safetensors"),
            )
        return {"status": "ok", "facts": facts}
    except NotImplementedError as missing:
        return {"status": "not written", "message": str(missing)}
    except Exception as error:  # a student's mistake of any kind is a result, and is reported as one
        where = traceback.extract_tb(error.__traceback__)[-1]
        return {
            "status": "error",
            "error": type(error).__name__,
            "message": f"{str(error)[:500]} (line {where.lineno}, in {where.name})",
        }


Answer = tuple[dict[str, Any], dict[str, Tensor]]


def _values(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    """Read plain data that the student has set."""
    value = namespace[probe["name"]]
    if probe.get("empty") == "not written" and not value:
        raise NotImplementedError(probe["name"])
    text = json.dumps(value, allow_nan=False)
    if len(text) > 20_000:
        raise ValueError(f"{probe['name']} holds {len(text):,} characters, at most 20,000 are read.")
    return {"value": json.loads(text)}, {}


def _model(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    """Build a fresh model; measure law, gradients and what it is made of."""
    config = Config.from_dict(probe["config"])
    seed_everything(probe["seed"])
    model = namespace["build"](config, probe["words"], probe["classes"])
    ids, lengths = random_batch(probe["words"], probe["seed"], rows=9, longest=24)
    alone, together = logits_alone_and_together(model, ids, lengths)
    facts = {
        "idle": parameters_without_gradient(model, ids, lengths, probe["classes"])[:20],
        "recurrent": recurrent_modules(model)[:20],
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    return facts, {"alone": alone.float(), "together": together.float()}


def _corpus() -> Corpus:
    found = json.loads(CORPUS.read_text(encoding="utf-8"))
    parts = {
        part: Split(tuple(found[part]["texts"]), tuple(found[part]["labels"]))
        for part in ("train", "validation")
    }
    return Corpus(
        name=found["name"],
        language=found["language"],
        label_names=tuple(found["label_names"]),
        test=parts["validation"],  # the real one stays outside
        source=Source("mirror", "the grader's sample"),
        **parts,
    )


def _train(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    """Train with the locked helper, and answer held-out texts."""
    config = Config.from_dict(probe["config"])
    return _train_and_answer(config, probe, namespace)


def _train_each(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    """Train every experiment of the student; what an experiment may change is judged by the process outside."""
    facts, tensors = {}, {}
    for k, (name, changes) in enumerate(list(namespace[probe["name"]].items())[:MOST_EXPERIMENTS]):
        try:
            base = Config.from_dict(probe["config"])
            config = change(base, **changes) if probe.get("several") else one_change(base, changes)
            more, found = _train_and_answer(config, probe, namespace)
            facts[str(name)] = {"status": "ok", "number": k} | more
            tensors |= {f"{k}.{key}": value for key, value in found.items()}
        except Exception as error:  # one experiment must not cost the others
            facts[str(name)] = {"status": "error", "number": k, "message": str(error)[:300]}
    return facts, tensors


def _train_and_answer(config: Config, probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    corpus = _corpus()
    smaller = Config.from_dict(config.to_dict() | probe.get("smaller", {}))
    result = run_experiment(namespace["build"], smaller, corpus, seed=probe["seed"], progress=False)
    answers = {}
    if probe.get("heldout"):
        texts = json.loads(CORPUS.read_text(encoding="utf-8"))["heldout"]
        rows = Encoder(smaller, result.vocabulary).encode(texts)
        lengths = torch.tensor([len(row) for row in rows])
        ids = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
        answers["logits"] = predict(result.model, ids, lengths)
    if probe.get("weights"):
        answers |= {f"weights.{name}": value for name, value in result.model.state_dict().items()}
    return {"accuracy": result.accuracy, "epochs": len(result.history.epochs)}, answers


def _predict(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    """Load the weights that were handed in, and answer the texts that are handed over."""
    model = namespace["build"](Config.from_dict(probe["config"]), probe["words"], probe["classes"])
    model.load_state_dict(load_file(INPUTS.with_name("weights.safetensors")))
    given = load_file(INPUTS.with_name("inputs.safetensors"))
    return {"recurrent": recurrent_modules(model)[:20]}, {
        "logits": predict(model, given["ids"].long(), given["lengths"].long())
    }


@torch.no_grad()
def predict(model: torch.nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:
    """Answer texts in batches of like lengths, in the order they came in.

    Parameters
    ----------
    ids : Tensor of shape (N, T)
    lengths : Tensor of shape (N,)

    Returns
    -------
    Tensor of shape (N, C), float32
    """
    model.eval()
    order = lengths.argsort(descending=True, stable=True)
    parts = []
    for rows in order.split(BATCH):
        longest = int(lengths[rows].max())
        parts.append(model(ids[rows, :longest], lengths[rows]).float())
    logits = torch.cat(parts)
    back = torch.empty_like(logits)
    back[order] = logits
    return back


def _cell(probe: Mapping[str, Any], namespace: Mapping[str, Any]) -> Answer:
    """Run cases through a layer that the student wrote."""
    given = load_file(INPUTS.with_name("inputs.safetensors"))
    tensors: dict[str, Tensor] = {}
    for number, shape in enumerate(probe["cases"]):
        layer = namespace[probe["name"]](shape["D"], shape["H"])
        stem = f"{probe['id']}.{number}."
        case = {name.removeprefix(stem): value for name, value in given.items() if name.startswith(stem)}
        tensors |= {f"{number}.{name}": value for name, value in run_cell_case(layer, case).items()}
    return {}, tensors


PROBES: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Answer]] = {
    "values": _values,
    "model": _model,
    "train": _train,
    "train_each": _train_each,
    "predict": _predict,
    "cell": _cell,
}
