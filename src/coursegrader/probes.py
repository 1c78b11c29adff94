"""Inside the sandbox: put questions to a student's model, and write the answers down as numbers.

No answer here is a mark, and no question holds a key: the labels, the reference results and the thresholds stay with
the process outside, which compares. What a homework forbids is switched off while a question is put, and functions of this
package that student code has replaced are named. A kind of part that has a question of its own keeps it in its own file.
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

from coursegrader.effects import (
    altered,
    facts_of,
    kernels_replaced,
    of_others,
    silenced,
    switched_off,
)
from coursegrader.kinds import kind_of
from coursekit.batching import Encoder
from coursekit.data import Corpus, Source, Split
from coursekit.homework.examine import (
    changes_the_model,
    logits_alone_and_together,
    parameters_without_gradient,
    random_batch,
    recurrent_modules,
)
from coursekit.homework.experiments import one_change, run_experiment
from coursekit.runtime import seed_everything
from coursekit.training import Config, change

INPUTS, WEIGHTS, CORPUS = Path("inputs.safetensors"), Path("weights.safetensors"), Path("corpus.json")
BATCHES = (16, 96)  # rows of a batch, from and to: drawn, so that nothing is known of its place
POOL = 1_024  # rows that are sorted by length together
SILENCED = 600  # rows that are asked again without what the recurrent layer says
MOST_TRAINED = 8  # experiments; those that are none are not counted
MOST_VALUES = 20_000  # characters

Names = Mapping[str, Any]  # what the student's cells have defined
Answer = tuple[dict[str, Any], dict[str, Tensor]]  # what can be said in words, and the numbers


def run_probe(probe: Mapping[str, Any], namespace: Names) -> dict[str, Any]:
    """Put one question (``id``, ``kind`` and what the kind needs) to what the student's cells have defined.

    Return its ``status`` and what can be said in words; the numbers go to a file.
    """
    try:
        answer = PROBES[probe["kind"]] if probe["kind"] in PROBES else kind_of(probe["kind"]).answer
        foreign = altered()
        with switched_off(probe.get("off", ())):
            facts, tensors = answer(probe, namespace)
        facts |= {"altered": foreign[:20]} if foreign else {}
        if tensors:
            numbers = {name: t.detach().contiguous().clone() for name, t in tensors.items()}
            save_file(numbers, f"answer-{probe['id']}.safetensors")
        return {"status": "ok", "facts": facts}
    except NotImplementedError as missing:
        return {"status": "not written", "message": str(missing)}
    except Exception as error:  # a student's mistake of any kind is a result, and is reported as one
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = {"line": where.lineno, "in": where.name}
        return {"status": "error", "error": type(error).__name__, "message": str(error)[:500]} | place


def _values(probe: Mapping[str, Any], namespace: Names) -> Answer:
    """Read plain data that the student has set."""
    value = namespace[probe["name"]]
    if probe.get("empty") == "not written" and not value:
        raise NotImplementedError(probe["name"])
    text = json.dumps(value, allow_nan=False)
    if len(text) > MOST_VALUES:
        raise ValueError("jobs.too-large")  # the grader knows this sentence by its key
    return {"value": json.loads(text)}, {}


def _model(probe: Mapping[str, Any], namespace: Names) -> Answer:
    """Build a fresh model; measure law, gradients and what it is made of."""
    seed_everything(probe["seed"])
    model = namespace["build"](Config.from_dict(probe["config"]), probe["words"], probe["classes"])
    ids, lengths = random_batch(probe["words"], probe["seed"], rows=9, longest=24)
    alone, together = logits_alone_and_together(model, ids, lengths)
    idle = parameters_without_gradient(model, ids, lengths, probe["classes"])[:20]
    facts = made_of(model)
    return facts | {"idle": [*idle, *facts["frozen"]]}, {"alone": alone.float(), "together": together.float()}


def made_of(model: torch.nn.Module) -> dict[str, Any]:
    """Its recurrent layers, and the classes of its modules."""
    return {"recurrent": recurrent_modules(model)[:20], **facts_of(model)}


def _train(probe: Mapping[str, Any], namespace: Names) -> Answer:
    """Train with the locked helper, and answer held-out texts."""
    return _train_and_answer(Config.from_dict(probe["config"]), probe, namespace)


def _train_each(probe: Mapping[str, Any], namespace: Names) -> Answer:
    """Train every experiment of the student; what an experiment may change is judged by the process outside."""
    facts, tensors, base = {}, {}, Config.from_dict(probe["config"])
    for name, changes in namespace[probe["name"]].items():
        k = len(facts)
        try:
            config = change(base, **changes) if probe.get("several") else one_change(base, changes)
            if sum(run["status"] == "ok" for run in facts.values()) == MOST_TRAINED:
                break
            more, answers = _train_and_answer(config, probe, namespace)
            if not probe.get("several"):
                sizes = (probe["words"], probe["classes"], probe["seed"])
                more |= {"effect": changes_the_model(namespace["build"], base, config, *sizes)}
            facts[str(name)] = {"status": "ok", "number": k} | more
            tensors |= {f"{k}.{key}": value for key, value in answers.items()}
        except Exception as error:  # one experiment must not cost the others
            status = "not written" if isinstance(error, NotImplementedError) else "error"
            facts[str(name)] = {"status": status, "number": k, "message": str(error)[:300]}
    return facts, tensors


def _train_and_answer(config: Config, probe: Mapping[str, Any], namespace: Names) -> Answer:
    sample = json.loads(CORPUS.read_text(encoding="utf-8"))
    smaller = Config.from_dict(config.to_dict() | probe.get("smaller", {}))
    result = run_experiment(namespace["build"], smaller, _corpus(sample), seed=probe["seed"], progress=False)
    answers = {}
    if probe.get("heldout"):
        rows = Encoder(smaller, result.vocabulary).encode(sample["heldout"])
        lengths = torch.tensor([len(row) for row in rows])
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
        answers["logits"] = predict(result.model, ids, lengths)
        answers |= _without_recurrence(result.model, ids, lengths) if probe.get("without") else {}
    if probe.get("weights"):
        answers |= {f"weights.{name}": value for name, value in result.model.state_dict().items()}
    return {"accuracy": result.accuracy, "epochs": len(result.history.epochs)}, answers


def _corpus(sample: Mapping[str, Any]) -> Corpus:
    train, validation = (
        Split(tuple(sample[p]["texts"]), tuple(sample[p]["labels"])) for p in ("train", "validation")
    )
    return Corpus(
        name=sample["name"],
        language=sample["language"],
        label_names=tuple(sample["label_names"]),
        train=train,
        validation=validation,
        test=validation,  # the real one stays outside
        source=Source("mirror", "sample"),
    )


def _predict(probe: Mapping[str, Any], namespace: Names) -> Answer:
    """Load the weights that were handed in, and answer the texts that are handed over."""
    model = namespace["build"](Config.from_dict(probe["config"]), probe["words"], probe["classes"])
    model.load_state_dict(load_file(WEIGHTS))
    given = load_file(INPUTS)
    ids, lengths = given["ids"].long(), given["lengths"].long()
    answers = {"logits": predict(model, ids, lengths)}
    return made_of(model), answers | _without_recurrence(model, ids[:SILENCED], lengths[:SILENCED])


def _without_recurrence(model: torch.nn.Module, ids: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    """Answer texts while the recurrent kernels give zeros, and while each text gets the states of another one."""
    answers = {}
    for name, kernel in (("silenced", silenced), ("of_others", of_others)):
        with kernels_replaced(kernel):
            answers[name] = predict(model, ids, lengths)
    return answers


@torch.no_grad()
def predict(model: torch.nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:
    """Answer texts ``ids`` (N, T) of some lengths (N,) in small batches, drawn at random from texts of like lengths.

    Returns
    -------
    Tensor of shape (N, C), in the order of the texts
    """
    model.eval()
    random = torch.Generator().manual_seed(len(ids))
    batches: list[Tensor] = []
    for pool in torch.randperm(len(ids), generator=random).split(POOL):
        rest = pool[lengths[pool].argsort()]
        while len(rest):
            size = int(torch.randint(*BATCHES, (1,), generator=random))
            batches, rest = [*batches, rest[:size]], rest[size:]
    parts = {
        k: model(ids[batches[k], : lengths[batches[k]].max()], lengths[batches[k]]).float()
        for k in torch.randperm(len(batches), generator=random).tolist()
    }
    order = torch.cat(batches)
    return torch.cat([parts[k] for k in range(len(batches))])[order.argsort()]


PROBES: dict[str, Callable[[Mapping[str, Any], Names], Answer]] = {
    "values": _values,
    "model": _model,
    "train": _train,
    "train_each": _train_each,
    "predict": _predict,
}
