"""Homework 3's trained cells: what the packed weights answer, counted outside the sandbox; thresholds from the record."""

import json
from fractions import Fraction

import pytest
import torch
import yaml
from safetensors.torch import save, save_file

import coursekit as ck
from coursegrader.asking import Request
from coursegrader.definition import load_homework
from coursegrader.engine import mark_part
from coursegrader.evidence import Evidence
from coursegrader.jobs import Outcome
from coursegrader.kinds import kind_of
from coursegrader.quality import threshold_from
from coursegrader.sandboxes.job import Ended
from coursekit.data import load
from coursekit.homework.stacks import CASES, run_stack_case
from coursekit.records import results_dir
from coursekit.text.vocabulary import SPECIALS
from coursekit.training import Config
from coursestudies.plans import PLANS
from tools.project import ROOT

CELLS = ("rnn", "lstm", "gru")
RATES = {
    "sgd": {"optimiser": "sgd", "learning_rate": 0.1},
    "nag": {"optimiser": "nag", "learning_rate": 0.1, "momentum": 0.9},
    "adadelta": {"optimiser": "adadelta", "learning_rate": 1.0},
    "adam": {"optimiser": "adam", "learning_rate": 0.01},
}
ENDED = Ended("ok", 0, 1.0, "", "namespaces")


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))


@pytest.fixture(scope="module")
def corpus():
    return load("reviews", train=300, quiet=True)


def part_of(homework, kind="trained"):
    return next(part for part in homework.parts if part.kind == kind)


def packed(homework):
    """What pack writes of twelve runs, without a training."""
    base = part_of(homework).options["base"]
    configs = {
        f"{c} {n}": Config.from_dict({**base, "cell": c, **r}) for c in CELLS for n, r in RATES.items()
    }
    return {
        name: {"config": config.to_dict(), "epochs": [{}] * config.epochs} for name, config in configs.items()
    }


def marked(corpus, *, right=0.9, weights=True, tensors=None, runs=None, facts=None, rates=RATES, ended="ok"):
    """The mark for models that get a share of the texts right."""
    homework = load_homework("hw3")
    part = part_of(homework)
    members = {
        "weights.safetensors": save({"rnn.a": torch.zeros(1)}),
        "vocabulary.json": json.dumps({"words": [*SPECIALS, "film"], "counts": [0, 0, 0, 0, 9]}).encode(),
        "config.json": json.dumps(Config.from_dict(part.options["base"]).to_dict()).encode(),
    }
    request = Request(homework, corpus, members if weights else {}, seed=3)
    kept = kind_of("trained").ask(part, request)
    labels = torch.tensor(kept.labels, dtype=torch.long)
    given = torch.nn.functional.one_hot(labels, 2).float()
    given[int(right * len(labels)) :] *= -1
    ok = {name: {"status": "ok", "number": k} for k, name in enumerate(rates)}
    steps = {"trained-models": {"status": ended, "facts": facts or {"wrong": {}}}}
    for cell in CELLS:
        steps[f"trained-{cell}-values"] = {"status": "ok", "facts": {"value": rates}}
        steps[f"trained-{cell}-runs"] = {"status": "ok", "facts": ok}
    answers = {cell: given for cell in CELLS} if tensors is None else tensors
    outcome = Outcome(ENDED, steps, {"trained-models": answers})
    results = {"experiments": packed(homework) if runs is None else runs}
    evidence = Evidence(
        homework=homework, outcome=outcome, corpus=corpus, kept={part.id: kept}, results=results
    )
    return mark_part(part, evidence)


def test_all_runs_and_three_models_that_learned_give_both_points(corpus):
    found = marked(corpus)
    assert (found.points, found.status, found.reasons) == (2, "ok", ())
    assert len(found.measured) == 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"right": 0.55}, "its best model has not learned"),
        ({"tensors": {}}, "logits of shape"),
        (
            {"facts": {"wrong": {"gru": "size mismatch for stack.layers.0.weight_ih"}}},
            "do not fit this cell: size mismatch",
        ),
        ({"runs": {}}, "holds no result of it"),
        ({"rates": RATES | {"nag": RATES["sgd"]}}, "its optimiser is sgd"),
        (
            {"rates": RATES | {"nag": {"optimiser": "nag", "learning_rate": 0.1}}},
            "must be positive with 'nag'",
        ),
    ],
)
def test_each_half_is_lost_alone(changed, said, corpus):
    found = marked(corpus, **changed)
    assert found.points == 1 and found.status == "ok", found
    assert any(said in str(reason) for reason in found.reasons), found.reasons


def test_models_that_are_missing_wait_with_the_half_that_is_there(corpus):
    found = marked(corpus, weights=False)
    assert (found.points, found.status, found.measured) == (0, "missing", {"points on hold": 1})
    assert "lacks weights.safetensors" in str(found.reasons[0])


@pytest.mark.parametrize("status", ["timeout", "error"])
def test_models_that_could_not_answer_in_time_wait_with_the_half_that_is_there(status, corpus):
    found = marked(corpus, ended=status)
    assert (found.points, found.status, found.measured) == (0, status, {"points on hold": 1})


def test_a_model_is_asked_with_the_cell_it_is_named_by(tmp_path, monkeypatch):
    """Weights of another cell do not load; the others answer."""
    homework = load_homework("hw3")
    scope = {"ck": ck}
    for cell in homework.cells:
        if (
            cell.role in ("setup", "define")
            and "find_spec" not in cell.source
            and cell.task != "hw3-optimisers"
        ):
            exec(cell.source, scope)
    part = part_of(homework)
    bases = {cell: part.options["base"] | {"cell": cell} for cell in CELLS}
    models = {cell: scope["build"](Config.from_dict(bases[cell]), 30, 2) for cell in CELLS}
    models["gru"] = models["lstm"]
    save_file(
        {f"{c}.{n}": value.clone() for c, model in models.items() for n, value in model.state_dict().items()},
        tmp_path / "weights.safetensors",
    )
    asked = {"trained.ids": torch.randint(2, 30, (40, 9)), "trained.lengths": torch.randint(1, 10, (40,))}
    save_file(asked, tmp_path / "inputs.safetensors")
    monkeypatch.chdir(tmp_path)
    probe = {"part": "trained", "bases": bases, "words": 30, "classes": 2}
    facts, tensors = kind_of("trained").answer(probe, scope)
    assert list(facts["wrong"]) == ["gru"] and "size mismatch" in facts["wrong"]["gru"]
    assert {cell: tuple(logits.shape) for cell, logits in tensors.items()} == {
        "rnn": (40, 2),
        "lstm": (40, 2),
    }


def test_the_thresholds_follow_from_the_record():
    """Half of the way from guessing to two deviations below the mean of five seeds with Adam, rounded down."""
    record = json.loads((results_dir() / "hw3-reference.json").read_text(encoding="utf-8"))
    scores = {cell: [r["test"]["accuracy"] for r in record["runs"] if r["arm"] == cell] for cell in CELLS}
    assert all(len(seeds) == 5 for seeds in scores.values())
    step, homework = Fraction("0.005"), load_homework("hw3")
    wanted = {
        cell: (threshold_from(seeds, 2) + Fraction(1, 2)) / 2 // step * step for cell, seeds in scores.items()
    }
    least = part_of(homework).options["least"]
    assert {cell: Fraction(str(share)) for cell, share in least.items()} == wanted
    assert min(least.values()) > 0.5 + 4 * 0.5 / 2_000**0.5, "guessing would reach it"
    (said,) = [cell.source for cell in homework.cells if "is a safe target" in cell.source]
    assert all(f"{cell.upper()} `{share}`" in said for cell, share in least.items())


def test_the_recorded_plan_is_the_homeworks_own_setting():
    homework = load_homework("hw3")
    part = part_of(homework)
    (setup,) = [cell.source for cell in homework.cells if cell.source.startswith("COMMON = ")]
    exec(setup.partition("\n\n\nclass")[0], scope := {})
    assert scope["COMMON"] == part.options["base"]
    for cell, arm in PLANS["hw3-reference"].arms.items():
        (config,) = arm.candidates.values()
        adam = {"optimiser": "adam", "learning_rate": 3e-3}
        assert config == Config.from_dict(scope["COMMON"] | adam | {"cell": cell})


def test_the_points_are_ten(corpus):
    homework = load_homework("hw3")
    assert homework.points == 10
    assert sum(part.points for part in homework.parts if part.kind in ("cell", "stack")) == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"least": {"rnn": 2}}, "must be a number above 0 and at most 1"),
        ({"least": {"tree": 0.6}}, "is no configuration"),
        ({"asks": "depth"}, "'asks' must be one of"),
    ],
)
def test_a_rubric_with_a_fault_is_refused(change, said, tmp_path, monkeypatch):
    (folder,) = [path for path in (ROOT / "solutions").iterdir() if path.name.startswith("hw3")]
    rubric = yaml.safe_load((folder / "rubric.yaml").read_text(encoding="utf-8"))
    for part in rubric["parts"]:
        if set(change) <= set(part):
            part |= change
    made = tmp_path / folder.name
    made.mkdir()
    (made / "hw3.py").write_text((folder / "hw3.py").read_text(encoding="utf-8"), encoding="utf-8")
    (made / "rubric.yaml").write_text(yaml.safe_dump(rubric), encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(tmp_path))
    with pytest.raises(ValueError, match=said):
        load_homework("hw3")


def test_a_stack_that_sends_nothing_or_nonsense_gets_nothing():
    homework = load_homework("hw3")
    part = part_of(homework, "stack")
    request = Request(homework, None, {}, seed=3)
    kept = {part.id: kind_of("stack").ask(part, request)}
    assert json.dumps(request.probes)
    step = {"stack-stack": {"status": "ok", "facts": {}}}
    for tensors in ({}, {"0.outputs": torch.zeros(3)}, {"0.outputs": torch.full((4, 6, 5), torch.nan)}):
        evidence = Evidence(
            homework=homework, outcome=Outcome(ENDED, step, {"stack-stack": tensors}), kept=kept
        )
        found = mark_part(part, evidence)
        assert found.points == 0 and found.reasons
    assert CASES["layers"](3_000) == kept[part.id] and callable(run_stack_case)
