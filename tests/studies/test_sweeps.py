"""Sweeps: what is finished is kept, whatever happens, and nothing is run twice."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.runtime import files
from coursekit.studies import Config, sweeps
from coursekit.studies.planned import run_plan, start_again
from coursekit.studies.plans import PLANS, Arm, Plan
from coursekit.studies.records import read_record
from coursekit.studies.sweeps import TrialFile, run_trials
from coursekit.studies.trials import VERSION, Trial, compound, grid, random_draws, run_trial
from coursekit.training import fit

CONFIG = Config(embedding_dim=8, hidden_size=8, epochs=1)
TRIALS = [Trial("arm", "ag_news", CONFIG, seed) for seed in range(3)]


def outcome(trial):
    """What a trial would have left, without training."""
    return {"key": trial.key, "arm": trial.arm, "seed": trial.seed, "validation": 0.5}


@pytest.fixture
def counted(monkeypatch):
    """Replace training by a count of calls."""
    calls = []
    monkeypatch.setattr(
        sweeps, "run_trial", lambda trial, threads=None: (calls.append(trial.key), outcome(trial))[1]
    )
    return calls


def test_a_second_call_runs_only_what_is_missing(counted, tmp_path):
    path = tmp_path / "study.json"
    run_trials(TRIALS[:2], TrialFile(path, "study"), progress=False)
    found = run_trials(TRIALS, TrialFile(path, "study"), progress=False)
    assert [run["seed"] for run in found] == [0, 1, 2]
    assert counted == [trial.key for trial in TRIALS]


def test_another_configuration_seed_or_arm_is_another_trial():
    base = TRIALS[0]
    others = [
        Trial("arm", "ag_news", CONFIG, 1),
        Trial("other", "ag_news", CONFIG, 0),
        Trial("arm", "imdb", CONFIG, 0),
        Trial("arm", "ag_news", Config(), 0),
        Trial("arm", "ag_news", CONFIG, 0, tested=True),
        Trial("arm", "ag_news", CONFIG, 0, train_texts=100),
        Trial("arm", "ag_news", CONFIG, 0, refit=1),
        Trial("arm", "ag_news", CONFIG, 0, refit=2),
    ]
    assert len({trial.key for trial in (base, *others)}) == 9
    assert Trial("arm", "ag_news", CONFIG, 0).key == base.key


def test_a_full_disk_loses_one_run_and_no_earlier_one(counted, tmp_path, monkeypatch):
    path = tmp_path / "study.json"
    run_trials(TRIALS[:2], TrialFile(path, "study"), progress=False)
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            run_trials(TRIALS, TrialFile(path, "study"), progress=False)
    assert path.read_bytes() == before and [p.name for p in tmp_path.glob("*.part")] == []
    assert len(run_trials(TRIALS, TrialFile(path, "study"), progress=False)) == 3


def test_two_studies_cannot_write_one_file(counted, tmp_path):
    path = tmp_path / "study.json"
    with sweeps._alone(path), pytest.raises(RuntimeError, match="another study is writing 'study.json'"):
        run_trials(TRIALS, TrialFile(path, "study"), progress=False)
    assert counted == [] and not path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must belong to the study"),
        (json.dumps({"name": "other", "version": VERSION, "runs": []}), "must belong to the study 'study'"),
        (json.dumps({"name": "study", "version": 0, "runs": []}), "must have version"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_left_alone(content, said, tmp_path):
    path = tmp_path / "study.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=said):
        TrialFile(path, "study")
    assert path.read_text() == content


def test_an_executor_of_ones_own_gives_the_same(counted, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        found = run_trials(TRIALS, TrialFile(tmp_path / "a.json", "a"), executor=pool, progress=False)
    assert [run["seed"] for run in found] == [0, 1, 2]


SLOW_SWEEP = """
    import sys, time
    from coursekit.studies import Config, sweeps
    from coursekit.studies.sweeps import TrialFile, run_trials
    from coursekit.studies.trials import Trial

    def slow(trial, threads=None):
        with open("started.txt", "a") as log:
            log.write(f"{trial.seed}\\n")
        if trial.seed == int(sys.argv[1]):
            time.sleep(600)
        return {"key": trial.key, "arm": trial.arm, "seed": trial.seed, "validation": 0.5}

    sweeps.run_trial = slow
    trials = [Trial("arm", "ag_news", Config(), seed) for seed in range(4)]
    run_trials(trials, TrialFile("study.json", "study"), progress=False)
"""


def test_a_killed_sweep_loses_the_run_in_hand_and_repeats_no_other(tmp_path):
    script = tmp_path / "sweep.py"
    script.write_text(textwrap.dedent(SLOW_SWEEP))
    started = tmp_path / "started.txt"
    first = subprocess.Popen([sys.executable, script, "2"], cwd=tmp_path)
    deadline = time.monotonic() + 120
    while not (started.is_file() and "2" in started.read_text()):  # it has begun the run that never ends
        assert time.monotonic() < deadline and first.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert [run["seed"] for run in json.loads((tmp_path / "study.json").read_text())["runs"]] == [0, 1]
    subprocess.run([sys.executable, script, "-1"], cwd=tmp_path, check=True, timeout=120)
    assert started.read_text().split() == ["0", "1", "2", "2", "3"]
    assert [run["seed"] for run in json.loads((tmp_path / "study.json").read_text())["runs"]] == [0, 1, 2, 3]


@given(
    st.lists(st.sampled_from(["rnn", "gru", "lstm"]), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(4, 64), min_size=1, max_size=4, unique=True),
    st.integers(1, 20),
    st.integers(0, 5),
)
def test_draws_are_different_members_of_the_grid(cells, sizes, n, seed):
    every = grid(Config(), cell=cells, hidden_size=sizes)
    drawn = random_draws(Config(), n, seed=seed, cell=cells, hidden_size=sizes)
    assert len(every) == len(cells) * len(sizes) == len(set(every.values()))
    assert len(drawn) == min(n, len(every)) and drawn.items() <= every.items()
    assert drawn == random_draws(Config(), n, seed=seed, cell=cells, hidden_size=sizes)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: grid(Config(), colour=["red"]), "'colour' is no field"),
        (lambda: grid(Config(), cell="lstm"), "'cell' must be a sequence"),
        (lambda: grid(Config(), dropout=[1.5]), "'dropout'"),
        (lambda: random_draws(Config(), 0, seed=0, cell=["rnn"]), "'n' must be at least 1"),
        (lambda: compound(Config(), 60, hidden_size=1.1), "'cap' allows 50"),
        (lambda: compound(Config(), 2, hidden_size=0.9), "'hidden_size' must grow"),
        (lambda: compound(Config(), 2, bidirectional=2.0), "'bidirectional' must be a whole-number"),
        (lambda: run_trials(TRIALS, TrialFile("none.json", "x"), jobs=0), "'jobs' must be at least 1"),
        (lambda: run_plan("x", PLANS["cells-agnews"], seeds=[]), "'seeds'"),
        (lambda: run_plan("x", PLANS["cells-agnews"], seeds=[0], budget="tiny"), "'budget'"),
        (lambda: run_plan("x", PLANS["cells-agnews"], seeds=[0], budget="smoke"), "'folder'"),
    ],
)
def test_bad_values_are_refused_by_name(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_plan_chooses_on_validation_and_tests_the_chosen_one_once_a_seed(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    weak, strong = Config(embedding_dim=2, hidden_size=2, learning_rate=1e-5), Config(cell="gru")
    plan = Plan("Two candidates.", {"it": Arm("ag_news", {"weak": weak, "strong": strong})})
    record = run_plan("toy", plan, seeds=[0, 1], budget="smoke", folder=tmp_path, progress=False)
    assert record["chosen"] == {"it": "strong"}
    runs = [run for run in record["runs"] if run["arm"] == "it"]
    assert [run["seed"] for run in runs] == [0, 1] and all("test" in run for run in runs)
    assert not any("test" in run for run in record["runs"] if run not in runs)
    test = runs[0]["test"]
    assert test["accuracy"] == test["correct"] / test["n"] and len(test["predicted"]) == test["n"]
    assert json.loads((tmp_path / "toy.json").read_text())["complete"]
    assert start_again("toy", tmp_path).name == "toy.json.bak" and not (tmp_path / "toy.json").exists()
    assert start_again("toy", tmp_path) is None


def test_after_the_choice_the_final_runs_learn_from_the_validation_texts_too(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    seen = []
    monkeypatch.setattr(
        "coursekit.studies.trials.fit",
        lambda model, train, validation, *rest, **more: (
            seen.append((len(train), validation)),
            fit(model, train, validation, *rest, **more),
        )[1],
    )
    plan = Plan("One candidate.", {"it": Arm("ag_news", {"only": CONFIG})}, refit=True)
    record = run_plan("toy", plan, seeds=[0, 1], budget="smoke", folder=tmp_path, progress=False)
    tried, *final = record["runs"]
    n, validation = seen[0]
    assert seen[1:] == [(n + len(validation), None)] * 2
    assert [run["validation"] for run in final] == [None, None] and all("test" in run for run in final)
    assert "test" not in tried and record["summary"]["it"]["validation_mean"] == tried["validation"]
    assert final[0]["key"] != tried["key"]


def test_a_trial_gives_the_same_twice(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    trial = Trial("arm", "imdb", Config(spelling=100, cell="none", epochs=1), 3, True, 200, stand_in=True)
    first, second = run_trial(trial), run_trial(trial)
    for run in (first, second):
        run.pop("training_seconds")
        for epoch in run["history"]["epochs"]:
            epoch.pop("seconds")
    assert first == second


def test_no_stand_in_passes_for_the_real_data(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    with pytest.raises(LookupError, match="needs the real imdb"):
        run_trial(Trial("arm", "imdb", CONFIG, 0))


def test_a_record_that_is_not_complete_is_not_read(tmp_path, monkeypatch, counted):
    run_trials(TRIALS, TrialFile(tmp_path / "study.json", "study"), progress=False)
    monkeypatch.setattr("coursekit.studies.records.results_dir", lambda: tmp_path)
    with pytest.raises(ValueError, match="not complete"):
        read_record("study")
