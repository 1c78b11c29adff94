"""Budgets choose sizes; seeds give the same numbers twice."""

import platform
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import torch

from coursekit.runtime import (
    budget,
    budget_name,
    device,
    generator,
    machine,
    machine_facts,
    seed_everything,
    versions,
)


@pytest.mark.parametrize(("name", "wanted"), [("smoke", 1), ("cpu", 2), ("full", 3)])
def test_the_environment_chooses_the_budget(monkeypatch, name, wanted):
    monkeypatch.setenv("COURSEKIT_BUDGET", name)
    assert budget(smoke=1, cpu=2, gpu=3) == wanted


def test_smoke_falls_back_to_cpu(monkeypatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", "smoke")
    assert budget(cpu=2, gpu=3) == 2


def test_smoke_may_be_zero(monkeypatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", "smoke")
    assert budget(smoke=0, cpu=2, gpu=3) == 0


def test_without_the_variable_the_device_decides(monkeypatch):
    monkeypatch.delenv("COURSEKIT_BUDGET", raising=False)
    assert budget_name() == ("full" if device().type == "cuda" else "cpu")


def test_an_unknown_budget_is_refused(monkeypatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", "huge")
    with pytest.raises(ValueError, match="COURSEKIT_BUDGET must be one of .* got 'huge'"):
        budget_name()


def test_a_fake_gpu_does_not_change_the_device(monkeypatch):
    before = device()
    monkeypatch.setenv("COURSEKIT_FAKE_GPU", "1")
    assert device() == before


def test_seeding_repeats_numpy_and_torch():
    seed_everything(3)
    first = torch.rand(2), np.random.rand(2)
    seed_everything(3)
    assert torch.equal(first[0], torch.rand(2)) and np.array_equal(first[1], np.random.rand(2))


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="'seed' must be zero or more, got -1"):
        seed_everything(-1)


def test_a_generator_leaves_the_global_state_alone():
    seed_everything(0)
    wanted = torch.rand(1)
    seed_everything(0)
    torch.rand(5, generator=generator(7))
    assert torch.equal(torch.rand(1), wanted)


def test_machine_facts_carry_provenance():
    facts = machine_facts()
    assert {"date", "cpu", "cores", "threads", "gpu", "system", "versions"} == set(facts)
    assert facts["threads"] == torch.get_num_threads() and facts["cpu"]
    age = datetime.now(UTC) - datetime.fromisoformat(facts["date"])
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)


def test_versions_are_those_of_what_is_running():
    numbers = versions()
    assert torch.__version__.startswith(numbers["torch"])  # the version of a build may end in "+cpu"
    assert numbers["numpy"] == np.__version__ and numbers["python"] == platform.python_version()


def test_a_package_that_is_not_installed_is_said_to_be_so(monkeypatch):
    monkeypatch.setattr(machine, "RECORDED_PACKAGES", ("no-such-package",))
    assert versions()["no-such-package"] == "not installed as a package"
