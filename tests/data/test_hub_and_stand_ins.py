"""The hub is asked once and for a short while; without it, stand-ins come and say that they do."""

import time
from dataclasses import replace

import pytest

import coursekit as ck
from coursekit.data import CATALOGUE, MirrorError, hub, loading, read_official
from coursekit.data.mirror import write_mirror


def test_offline_means_no_question_is_asked(monkeypatch):
    monkeypatch.setattr(hub, "_connects", lambda: pytest.fail("asked"))
    assert hub.hub_reachable() is False


def test_a_hub_that_hangs_costs_no_more_than_the_limit_and_only_once(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(hub, "PROBE_SECONDS", 0.05)
    asked = []
    monkeypatch.setattr(hub, "_connects", lambda: asked.append(1) or time.sleep(0.4) or True)
    assert hub.hub_reachable() is False and hub.hub_reachable() is False
    assert len(asked) == 1


def test_a_closed_port_is_a_no(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert hub.hub_reachable() is False


@pytest.fixture
def local_hub(tmp_path, monkeypatch):
    """A folder of parquet that the real ``datasets`` library reads as if it were the repository."""
    news = ck.make_reviews(40, seed=0)
    write_mirror(tmp_path / "origin", "imdb", {"train": news, "test": ck.make_reviews(10, seed=1)})
    spec = replace(
        CATALOGUE["imdb"],
        hub=str(tmp_path / "origin" / "imdb"),
        revision=None,
        rows={"train": 40, "test": 10},
    )
    monkeypatch.setitem(CATALOGUE, "imdb", replace(spec, revision="main"))
    monkeypatch.setattr(loading, "hub_reachable", lambda: True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "hf"))
    return news


def test_the_hub_is_read_once_and_kept(local_hub, monkeypatch):
    assert read_official("imdb")["train"] == local_hub
    monkeypatch.setattr(loading, "read_hub", lambda spec: pytest.fail("read twice"))
    corpus = ck.load("imdb", quiet=True)
    assert corpus.source.kind == "cache" and len(corpus.test) == 10


def test_a_hub_with_another_number_of_rows_is_refused(local_hub, monkeypatch):
    monkeypatch.setitem(CATALOGUE, "imdb", replace(CATALOGUE["imdb"], rows={"train": 41, "test": 10}))
    with pytest.raises(MirrorError, match="must have 41 rows, has 40"):
        ck.load("imdb")


def test_a_hub_with_other_columns_is_refused(local_hub, monkeypatch):
    monkeypatch.setitem(CATALOGUE, "imdb", replace(CATALOGUE["imdb"], hub_text="body"))
    with pytest.raises(MirrorError, match="needs the columns 'body' and 'label'"):
        ck.load("imdb")


@pytest.mark.parametrize(("name", "actual"), [("ag_news", "bbc_news"), ("imdb", "reviews")])
def test_without_network_a_stand_in_is_announced_in_one_line(name, actual, capsys):
    corpus = ck.load(name)
    printed = capsys.readouterr().out
    assert corpus.source.kind == "stand-in" and corpus.name == actual
    assert printed.count("\n") == 1 and "stand-in" in printed and name in printed


@pytest.mark.parametrize("name", ["ru_tweets", "hate_tweets"])
def test_without_network_and_stand_in_the_error_says_what_to_do(name):
    with pytest.raises(LookupError, match="set COURSEKIT_DATA to a campus mirror"):
        ck.load(name)


def test_official_parts_are_never_a_stand_in():
    with pytest.raises(LookupError, match="out of reach"):
        read_official("ag_news")


def test_an_unknown_name_is_refused_with_the_closest():
    with pytest.raises(ValueError, match="got 'agnews'. Did you mean 'ag_news'"):
        ck.load("agnews")


def test_every_data_set_has_a_card():
    for spec in CATALOGUE.values():
        assert spec.card.startswith("# ")
