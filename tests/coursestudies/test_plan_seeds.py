"""A plan names its own seeds; the command line takes them where none are asked for."""

import json
import shutil

import pytest

import coursestudies.cli as commands
from coursekit.cli.main import main
from coursekit.records import read_json, read_record, record_names, results_dir
from coursestudies.planned import _final_trials, _first_trials, _trials_beside
from coursestudies.plans import PLANS
from coursestudies.summaries import summarise
from coursestudies.sweeps import TrialFile
from coursestudies.tasks import TASKS


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


RECORDED = sorted(set(PLANS) & set(record_names()))


@pytest.mark.parametrize("name", RECORDED)
def test_the_recorded_runs_are_those_of_the_plan(name):
    plan, record = PLANS[name], read_record(name)
    tried = [run for run in record["runs"] if ": " in run["arm"]]
    wanted = {trial.key for trial in _final_trials(plan, record["chosen"], tried, plan.seeds, "full")}
    candidates = {
        trial.key
        for trial in (
            *_first_trials(plan, plan.seeds[0], "full"),
            *_trials_beside(plan, record["chosen"], plan.seeds[0], "full"),
        )
    }
    assert {run["key"] for run in record["runs"] if run["arm"] in plan.arms} == wanted
    assert {run["key"] for run in tried} <= candidates
    assert not any("test" in run for run in tried)
    assert "/" not in json.dumps(record["provenance"]["data"])


@pytest.mark.parametrize("name", RECORDED)
def test_the_summary_of_a_record_follows_from_its_runs(name):
    plan, record = PLANS[name], read_record(name)
    final = [run for run in record["runs"] if run["arm"] in plan.arms]
    tried = [run for run in record["runs"] if run["arm"] not in plan.arms]
    assert record["summary"] == summarise(plan, record["chosen"], tried, final)
    assert record["provenance"]["seconds"] >= sum(run["training_seconds"] for run in record["runs"])


def test_no_record_that_ships_shows_a_reference_model():
    hidden = {(name, arm) for name, plan in PLANS.items() for arm, found in plan.arms.items() if found.hidden}
    assert ("hw2-reference", "reference") in hidden
    for name in {name for name, _ in hidden}:
        record = read_json(results_dir() / f"{name}.json")
        for run in (*record["runs"], *record.get("earlier_runs", [])):
            assert (run["config"] is None) == ((name, run["arm"].partition(":")[0]) in hidden)


def test_homework_2_forbids_what_its_reference_does_without():
    plan = PLANS["hw2-reference"]
    assert TASKS["hate_tweets"].monitor == "macro_f1"
    assert not any(config.spelling for arm in plan.arms.values() for config in arm.candidates.values())


def test_what_is_there_already_is_said_and_left_alone(capsys, tmp_path):
    for name in ("cells-agnews", "memory-by-length"):
        shutil.copy(results_dir() / f"{name}.json", tmp_path)
    assert main(["reproduce", "cells-agnews", "--out", str(tmp_path)]) == 0
    assert "has it all already" in capsys.readouterr().out
    assert main(["reproduce", "memory-by-length", "--seeds", "5", "--out", str(tmp_path)]) == 2
    assert "--again makes it anew" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "other"}'])
def test_a_file_that_is_no_study_is_one_line_and_is_left_alone(content, capsys, tmp_path):
    path = tmp_path / "cells-agnews.json"
    path.write_text(content)
    assert main(["reproduce", "cells-agnews", "--out", str(tmp_path)]) == 2
    assert (
        capsys.readouterr().err.startswith("coursekit: 'cells-agnews.json'") and path.read_text() == content
    )


def test_a_study_that_is_being_written_is_one_line_on_the_screen(capsys, tmp_path):
    with TrialFile(tmp_path / "cells-agnews.json", "cells-agnews").held():
        assert main(["reproduce", "cells-agnews", "--out", str(tmp_path)]) == 2
    assert "another study is writing" in capsys.readouterr().err
