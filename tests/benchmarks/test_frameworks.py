"""The contenders that need no TensorFlow run on a few stand-in texts; the table says what was not reached."""

import pytest
import torch

from benchmarks import frameworks
from benchmarks.peak import peak_mib
from coursekit.data import load


@pytest.fixture(scope="module")
def corpus():
    return load("bbc_news", train=60, quiet=True)


@pytest.mark.parametrize("name", frameworks.RUNS)
def test_a_contender_gives_seconds_scores_and_its_share_of_pads(name, corpus, monkeypatch):
    monkeypatch.setattr(frameworks, "MOST_EPOCHS", 3)
    found = frameworks.RUNS[name](corpus)
    assert len(found["epochs"]) == 3 and 0 < found["pads"] < 1
    spent = [epoch["spent"] for epoch in found["epochs"]]
    assert spent == sorted(spent) and spent[-1] > sum(epoch["seconds"] for epoch in found["epochs"])


def test_packed_reads_the_state_at_the_last_real_token():
    torch.manual_seed(0)
    model = frameworks.PackedLSTM(20, 3)
    ids = torch.tensor([[5, 6, 7], [8, 9, 0]])
    alone = model(ids[1:, :2], torch.tensor([2]))
    assert torch.allclose(model(ids, torch.tensor([3, 2]))[1:], alone, atol=1e-6)


def test_what_keras_is_told_is_what_the_others_get(corpus, monkeypatch):
    job = frameworks.keras_job(corpus, threads=1, jit_compile=False)
    assert job["train_texts"] == corpus.train.texts and job["hidden_size"] == frameworks.SIZES["hidden_size"]
    assert "test" not in " ".join(job)


def test_the_table_says_what_was_not_reached():
    epochs = [{"seconds": s, "accuracy": a, "spent": s} for s, a in ((9.0, 0.5), (2.0, 0.6), (4.0, 0.7))]
    found = {"Keras": {"epochs": epochs, "pads": 0.1, "peak_mib": 700.0}}
    table = frameworks.summarise(found)
    assert table["Keras"]["epoch_seconds"] == 3.0 and table["Keras"]["target_seconds"] is None
    assert "not reached" in frameworks.show(table)


def test_without_the_real_data_there_is_no_record(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    assert frameworks.main(["--rows", "50", "--out", str(tmp_path)]) == 2
    assert "needs the real AG News" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_pads_are_counted_over_all_batches_together():
    wide, narrow = torch.zeros(1, 3), torch.ones(1, 1)
    assert frameworks.share_of_pads([wide, narrow]) == 3 / 4  # not the mean of 1 and 0


def test_the_peak_is_this_process_s_own():
    block = bytearray(64 * 2**20)
    assert peak_mib() > len(block) / 2**20
