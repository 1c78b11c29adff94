"""Sweeps: what is finished is kept, whatever happens, and nothing is run twice."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import Executor, Future
from functools import partial

import pytest

from coursekit.batching import shorten
from coursekit.records import read_record
from coursekit.runtime import files
from coursekit.text import tokenise
from coursekit.training import Config, fit
from coursestudies import sweeps
from coursestudies.plan import Arm, Plan
from coursestudies.planned import run_plan
from coursestudies.plans import PLANS, SHORT_REVIEWS
from coursestudies.sweeps import StudyBusyError, TrialFile, run_trials
from coursestudies.tasks import TASKS, load_task
from coursestudies.trials import VERSION, Trial, run_trial

CONFIG = Config(embedding_dim=8, hidden_size=8, epochs=1)
TRIALS = [Trial("arm", "ag_news", CONFIG, seed) for seed in range(3)]


def outcome(trial):
    """What a trial would have left, without training."""
    return {"key": trial.key, "arm": trial.arm, "task": trial.task, "seed": trial.seed, "validation": 0.5}


class Inline(Executor):
    """Runs everything at once, in this process, where a test can see it."""

    def submit(self, call, /, *values):
        future = Future()
        try:
            future.set_result(call(*values))
        except Exception as error:
            future.set_exception(error)
        return future


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
    with (
        TrialFile(path, "study").held(),
        pytest.raises(StudyBusyError, match="another study is writing 'study.json'"),
    ):
        run_trials(TRIALS, TrialFile(path, "study"), progress=False)
    assert counted == [] and not path.exists()


def test_a_sweep_reads_what_another_wrote_after_it_was_made(counted, tmp_path):
    path = tmp_path / "study.json"
    early = TrialFile(path, "study")
    run_trials(TRIALS[:2], TrialFile(path, "study"), progress=False)
    run_trials(TRIALS[2:], early, progress=False)
    assert [run["seed"] for run in json.loads(path.read_text())["runs"]] == [0, 1, 2]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_trial_that_breaks_costs_no_other(tmp_path, monkeypatch, jobs):
    path, broken = tmp_path / "study.json", {1}

    def run(trial, threads=None):
        if trial.seed in broken:
            raise MemoryError("too large")
        return outcome(trial)

    monkeypatch.setattr(sweeps, "run_trial", run)
    monkeypatch.setattr(sweeps, "ProcessPoolExecutor", lambda *how, **more: Inline())
    with pytest.raises(MemoryError, match="too large") as caught:
        run_trials(TRIALS, TrialFile(path, "study"), jobs=jobs, progress=False)
    assert "seed 1" in caught.value.__notes__[0]
    assert sorted(run["seed"] for run in json.loads(path.read_text())["runs"]) == [0, 2]
    broken.clear()
    assert len(run_trials(TRIALS, TrialFile(path, "study"), jobs=jobs, progress=False)) == 3


def test_a_training_that_diverges_is_an_outcome_and_is_not_chosen(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    wild = Config(
        embedding_dim=4, hidden_size=4, cell="none", optimiser="sgd", learning_rate=1e38, clip_norm=None
    )
    plan = Plan("Two candidates.", {"it": Arm("ag_news", {"wild": wild, "tame": CONFIG})})
    record = run_plan("toy", plan, seeds=[0], budget="smoke", folder=tmp_path, progress=False)
    assert record["chosen"] == {"it": "tame"}
    assert "failed" in record["runs"][0] and record["runs"][0]["validation"] is None
    alone = Plan("Nothing but that.", {"it": Arm("ag_news", {"wild": wild})}, tested=False)
    record = run_plan("alone", alone, seeds=[0], budget="smoke", folder=tmp_path, progress=False)
    assert record["summary"]["it"] == {"seeds": 1, "failed": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold a JSON object"),
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


def same(run):
    """A run without what differs from one day, process or machine to the next."""
    left = {key: value for key, value in run.items() if key not in ("made", "seconds", "training_seconds")}
    epochs = [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in run["history"]["epochs"]]
    return left | {"history": epochs}


def test_two_processes_give_what_one_gives(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    trials = [Trial("arm", "ag_news", CONFIG, seed, True, 200, stand_in=True) for seed in range(2)]
    pooled = run_trials(trials, TrialFile(tmp_path / "a.json", "a"), jobs=2, progress=False)
    alone = [run_trial(trial, threads=1) for trial in trials]
    assert list(map(same, pooled)) == list(map(same, alone))


SLOW_SWEEP = """
    import sys, time
    from coursekit.training import Config
    from coursestudies import sweeps
    from coursestudies.sweeps import TrialFile, run_trials
    from coursestudies.trials import Trial

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


POOLED_SWEEP = """
    import os, sys, time
    from coursekit.training import Config
    from coursestudies import sweeps
    from coursestudies.sweeps import TrialFile, run_trials
    from coursestudies.trials import Trial

    def slow(trial, threads=None):
        with open("workers.txt", "a") as log:
            log.write(f"{os.getpid()}\\n")
        time.sleep(600)

    sweeps.run_trial = slow
    if __name__ == "__main__":
        trials = [Trial("arm", "ag_news", Config(), seed) for seed in range(4)]
        run_trials(trials, TrialFile("study.json", "study"), jobs=2, progress=False)
"""


def is_running(pid):
    """Whether a process is there and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="reads /proc, which only Linux has")
def test_the_workers_of_a_killed_sweep_end(tmp_path):
    script = tmp_path / "sweep.py"
    script.write_text(textwrap.dedent(POOLED_SWEEP))
    log = tmp_path / "workers.txt"
    sweep = subprocess.Popen([sys.executable, script], cwd=tmp_path)
    deadline = time.monotonic() + 120
    while not (log.is_file() and len(log.read_text().split()) == 2):
        assert time.monotonic() < deadline and sweep.poll() is None
        time.sleep(0.05)
    workers = log.read_text().split()
    sweep.send_signal(signal.SIGKILL)
    sweep.wait()
    while any(map(is_running, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with TrialFile(tmp_path / "study.json", "study").held():
        pass


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: run_trials(TRIALS, TrialFile("none.json", "x"), jobs=0), "'jobs' must be at least 1"),
        (lambda: run_plan("x", PLANS["cells-agnews"], seeds=[]), "'seeds'"),
        (lambda: run_plan("x", PLANS["cells-agnews"], seeds=[0, 0]), "none twice"),
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


def test_the_record_of_a_reference_model_leaves_its_configuration_out(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    arms = {
        "open": Arm("ag_news", {"a": CONFIG}),
        "kept back": Arm("ag_news", {"a": CONFIG, "b": CONFIG}, hidden=True),
    }
    how = {"seeds": [0], "budget": "smoke", "folder": tmp_path, "progress": False}
    record = run_plan("toy", Plan("Two arms.", arms), **how)
    shown = {run["arm"]: run["config"] is not None for run in record["runs"]}
    assert shown == {"kept back: a": False, "kept back: b": False, "open": True, "kept back": False}
    before = (tmp_path / "toy.json").read_bytes()
    assert run_plan("toy", Plan("Two arms.", arms), **how) == record
    assert (tmp_path / "toy.json").read_bytes() == before


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Run a small plan on the stand-in, into one folder."""
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    plan = Plan("One model.", {"it": Arm("ag_news", {"only": CONFIG})})

    def run(plan=plan, **how):
        how = {"seeds": [0, 1], "budget": "smoke", "folder": tmp_path, "progress": False} | how
        return run_plan("toy", plan, **how)

    run.plan = plan
    return run


def test_other_seeds_are_added_and_none_is_lost(toy, tmp_path):
    toy(seeds=[0, 1])
    fewer = toy(seeds=[0])
    assert fewer["summary"]["it"]["seeds"] == 1 and fewer["summary"]["it"]["accuracy_sd"] is None
    assert [run["seed"] for run in fewer["runs"]] == [0] and [
        run["seed"] for run in fewer["earlier_runs"]
    ] == [1]
    trained = [run["made"]["date"] for run in (*fewer["runs"], *fewer["earlier_runs"])]
    again = toy(seeds=[0, 1])
    assert [run["made"]["date"] for run in again["runs"]] == trained and again["earlier_runs"] == []
    assert again["provenance"]["seeds"] == [0, 1]


def test_where_nothing_is_missing_the_record_stays_as_it_is(toy, tmp_path):
    toy()
    before = (tmp_path / "toy.json").read_bytes()
    toy()
    assert (tmp_path / "toy.json").read_bytes() == before


def test_a_complete_record_stays_readable_while_trials_are_added(toy, tmp_path):
    record = toy(seeds=[0])
    file = TrialFile(tmp_path / "toy.json", "toy")
    file.add(outcome(TRIALS[1]))
    now = json.loads((tmp_path / "toy.json").read_text())
    assert now["complete"] and now["summary"] == record["summary"] and len(now["runs"]) == 2


def test_starting_again_keeps_every_earlier_file(toy, tmp_path):
    toy(seeds=[0])
    toy(seeds=[0], again=True)
    toy(seeds=[0], again=True)
    assert sorted(path.name for path in tmp_path.glob("toy*")) == [
        "toy.json",
        "toy.json.bak",
        "toy.json.bak2",
    ]
    with pytest.raises(ValueError, match="'jobs'"):
        toy(again=True, jobs=0)
    assert (tmp_path / "toy.json").is_file()


def test_runs_on_other_texts_are_not_mixed(toy, tmp_path):
    path = tmp_path / "toy.json"
    toy(seeds=[0])
    path.write_text(path.read_text().replace('"data": "', '"data": "other'))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="texts of ag_news are not those of the earlier runs"):
        toy(seeds=[0, 1])
    assert path.read_bytes() == before


def test_a_smoke_run_does_not_count_as_a_full_one(toy):
    toy(seeds=[0])
    with pytest.raises(ValueError, match="holds the smoke results"):
        toy(seeds=[0], budget="full")


def test_the_provenance_says_how_to_make_it_again_and_what_it_cost(toy):
    record = toy(seeds=[3])
    assert record["provenance"]["command"] == "coursekit reproduce toy --seeds 3 --budget smoke"
    (run,) = record["runs"]
    assert record["provenance"]["seconds"] == run["seconds"] >= run["training_seconds"]
    assert run["made"]["data"] == record["provenance"]["data"]["ag_news"]["sha256"]


def test_the_task_says_what_is_chosen_by(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    with pytest.raises(ValueError, match="'monitor' must be 'accuracy' for the task 'ag_news'"):
        run_trial(Trial("arm", "ag_news", Config(monitor="macro_f1"), 0, stand_in=True))


def test_after_the_choice_the_final_runs_learn_from_the_validation_texts_too(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    seen = []
    monkeypatch.setattr(
        "coursestudies.trials.fit",
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
    assert same(run_trial(trial)) == same(run_trial(trial))


def test_beside_a_linear_model_its_share_is_chosen_on_validation_and_kept_for_the_test(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    arm = Arm("ag_news", {"only": CONFIG}, beside=("words", 1.0))
    record = run_plan(
        "toy", Plan("x", {"it": arm}, refit=True), seeds=[0], budget="smoke", folder=tmp_path, progress=False
    )
    alone, chosen, final = record["runs"]
    shares = chosen["beside"]["shares"]
    assert "beside" not in alone and shares["0.0"] == pytest.approx(alone["validation"])
    assert chosen["beside"]["validation"] == max(shares.values()) == shares[str(chosen["beside"]["share"])]
    assert final["beside"]["share"] == chosen["beside"]["share"] and final["beside"]["test"] != final["test"]
    assert record["summary"]["it"]["beside_accuracy_mean"] == final["beside"]["test"]["accuracy"]
    assert "test" not in chosen and "test" not in chosen["beside"]


def test_a_partner_without_a_refit_is_refused():
    with pytest.raises(ValueError, match="'beside' of the arm 'it' needs 'refit'"):
        Plan("x", {"it": Arm("ag_news", {"only": CONFIG}, beside=("words", 1.0))})


def test_shuffled_texts_hold_the_words_that_the_other_arm_reads(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    plain, mixed = (load_task(name, 50, stand_in=True) for name in ("ag_news", "ag_news-shuffled"))
    words = partial(tokenise, marks=True)
    room, cut = TASKS["ag_news-shuffled"].shuffled
    for straight, other in zip(plain.train.texts, mixed.train.texts, strict=True):
        assert sorted(shorten(words(straight), room, cut)) == sorted(words(other))
    assert TASKS["imdb-shuffled"].shuffled == (SHORT_REVIEWS.max_length, SHORT_REVIEWS.cut)
    firsts = [(words(a)[:9], words(b)[:9]) for a, b in zip(plain.train.texts, mixed.train.texts, strict=True)]
    assert any(straight != other for straight, other in firsts)


def test_no_stand_in_passes_for_the_real_data(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    with pytest.raises(LookupError, match="needs the real imdb"):
        run_trial(Trial("arm", "imdb", CONFIG, 0))


def test_a_record_that_is_not_complete_is_not_read(tmp_path, monkeypatch, counted):
    run_trials(TRIALS, TrialFile(tmp_path / "study.json", "study"), progress=False)
    monkeypatch.setattr("coursekit.records.reading.results_dir", lambda: tmp_path)
    with pytest.raises(ValueError, match="not complete"):
        read_record("study")
