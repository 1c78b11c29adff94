"""A plan names its own seeds; the command line takes them where none are asked for."""

import json

import pytest

import coursekit.cli.study_commands as commands
from coursekit.cli.main import main
from coursekit.studies.plans import PLANS
from coursekit.studies.records import read_record
from coursekit.studies.tasks import TASKS
from coursekit.studies.trials import Trial


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What run_plan is called with."""
    seen = []

    def run(name, plan, *, seeds, **how):
        seen.append((name, list(seeds)))
        return {"summary": {}}

    monkeypatch.setattr(commands, "run_plan", run)
    return seen, tmp_path


@pytest.mark.parametrize(
    ("name", "words", "seeds"),
    [
        ("hw2-reference", [], [0, 1, 2, 3, 4]),
        ("cells-agnews", [], [0, 1, 2]),
        ("hw2-reference", ["--seeds", "7", "8"], [7, 8]),
    ],
)
def test_the_seeds_are_those_asked_for_or_the_plans(asked, name, words, seeds, capsys):
    seen, folder = asked
    assert main(["reproduce", name, "--out", str(folder), *words]) == 0
    assert seen == [(name, seeds)]


def test_the_recorded_runs_are_those_of_the_plan():
    plan, record = PLANS["hw2-reference"], read_record("hw2-reference")
    found = {run["key"] for run in record["runs"] if "test" in run}
    wanted = {
        Trial(arm, plan.arms[arm].task, plan.arms[arm].candidates[candidate], seed, True).key
        for arm, candidate in record["chosen"].items()
        for seed in plan.seeds
    }
    assert found == wanted and len(found) == 10
    assert TASKS["hate_tweets"].monitor == "macro_f1"
    assert not any(config.spelling for arm in plan.arms.values() for config in arm.candidates.values())
    assert "/" not in json.dumps(record["provenance"]["data"])
