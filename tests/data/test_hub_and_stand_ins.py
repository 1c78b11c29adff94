"""The hub is asked once and for a short while; without it, stand-ins come and say that they do."""

import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import pytest

import coursekit as ck
from coursekit.data import CATALOGUE, DataError, hub, loading, read_official
from coursekit.data.loading import cache_of
from coursekit.data.mirror import write_mirror
from coursekit.runtime import files


def test_offline_means_no_question_is_asked(monkeypatch):
    monkeypatch.setattr(hub, "_answers", lambda: pytest.fail("asked"))
    assert hub.hub_reachable() is False
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    assert hub.hub_reachable() is False


def test_a_reader_who_goes_offline_later_is_heeded(monkeypatch):
    hub.remember_hub(True)
    assert hub.hub_reachable() is False
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert hub.hub_reachable() is True


def test_a_hub_that_hangs_costs_no_more_than_the_limit_and_only_once(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(hub, "PROBE_SECONDS", 0.05)
    asked = []
    hang = threading.Event()
    monkeypatch.setattr(hub, "_answers", lambda: asked.append(1) or hang.wait(5))
    start = time.perf_counter()
    assert hub.hub_reachable() is False and hub.hub_reachable() is False
    assert len(asked) == 1 and time.perf_counter() - start < 2
    hang.set()


@pytest.fixture
def served(monkeypatch):
    """A little server on this machine that plays the hub, or a proxy in its place."""
    status = []

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}", status
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("code", "reachable"), [(200, True), (401, True), (404, True), (407, False), (503, False)]
)
def test_the_hub_is_there_if_it_answers_not_if_a_proxy_answers_for_it(served, monkeypatch, code, reachable):
    address, status = served
    status.append(code)
    monkeypatch.setenv("HF_ENDPOINT", address)
    assert hub.hub_reachable() is reachable


def test_the_hub_is_asked_through_the_proxy_of_the_campus(served, monkeypatch):
    address, status = served
    status.append(200)
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", address)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    assert hub.hub_reachable() is True


def test_an_address_that_is_none_is_a_no(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "no address")
    assert hub.hub_reachable() is False


def test_a_closed_port_is_a_no(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
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
        revision="main",
        rows={"train": 40, "test": 10},
    )
    monkeypatch.setitem(CATALOGUE, "imdb", spec)
    monkeypatch.setattr(loading, "hub_reachable", lambda: True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "hf"))
    return news


def test_the_hub_is_read_once_and_kept(local_hub, monkeypatch):
    assert read_official("imdb")["train"] == local_hub
    monkeypatch.setattr(loading, "read_hub", lambda spec: pytest.fail("read twice"))
    corpus = ck.load("imdb", quiet=True)
    assert corpus.source.kind == "cache" and len(corpus.test) == 10


def test_a_copy_that_was_not_finished_is_made_anew(local_hub, monkeypatch):
    write = files.write_bytes

    def killed(path, content):
        if path.name == "test.parquet":
            raise KeyboardInterrupt
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_bytes", killed)
        with pytest.raises(KeyboardInterrupt):
            ck.load("imdb")
    assert ck.load("imdb", quiet=True).source.kind == "hub"
    assert ck.load("imdb", quiet=True).source.kind == "cache"


def test_a_copy_of_another_revision_is_not_taken_for_this_one(local_hub, monkeypatch):
    read_official("imdb")
    monkeypatch.setitem(CATALOGUE, "imdb", replace(CATALOGUE["imdb"], revision="newer"))
    monkeypatch.setattr(loading, "hub_reachable", lambda: False)
    with pytest.raises(LookupError, match="out of reach"):
        read_official("imdb")


def test_a_damaged_copy_is_an_error_that_says_what_to_delete(local_hub):
    read_official("imdb")
    path = cache_of(CATALOGUE["imdb"]) / "imdb" / "test.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match="test.parquet: differs .* delete .* to read it anew"):
        ck.load("imdb")


def test_a_cache_that_cannot_be_written_costs_a_notice_not_the_data(local_hub, monkeypatch, capsys):
    def refused(path, content):
        raise PermissionError("read-only")

    monkeypatch.setattr(files, "write_bytes", refused)
    assert len(ck.load("imdb").test) == 10
    assert "no copy could be kept (read-only)" in capsys.readouterr().out


def test_a_network_that_dies_after_the_probe_is_noticed_once(monkeypatch, capsys):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    hub.remember_hub(True)
    asked = []

    def broken(spec):
        asked.append(spec.name)
        raise ConnectionError("no route")

    monkeypatch.setattr(loading, "read_hub", broken)
    assert ck.load("ag_news").source.kind == "stand-in"
    assert "the hub broke off (no route)" in capsys.readouterr().out
    assert ck.load("imdb").source.kind == "stand-in"
    assert asked == ["ag_news"]


def test_a_hub_with_another_number_of_rows_is_refused(local_hub, monkeypatch):
    monkeypatch.setitem(CATALOGUE, "imdb", replace(CATALOGUE["imdb"], rows={"train": 41, "test": 10}))
    with pytest.raises(DataError, match="must have 41 rows, has 40"):
        ck.load("imdb")


def test_a_hub_with_other_columns_is_refused(local_hub, monkeypatch):
    monkeypatch.setitem(CATALOGUE, "imdb", replace(CATALOGUE["imdb"], hub_text="body"))
    with pytest.raises(DataError, match="needs the columns 'body' and 'label'"):
        ck.load("imdb")


@pytest.mark.parametrize(
    ("texts", "labels", "reason"),
    [
        (["a", None], [0, 1], "must hold strings, row 1 holds"),
        (["a", "b"], [0, 2], "labels must lie between"),
    ],
)
def test_a_hub_with_gaps_or_other_labels_is_refused(local_hub, texts, labels, reason):
    pd.DataFrame({"text": texts * 5, "label": labels * 5}).to_parquet(
        f"{CATALOGUE['imdb'].hub}/test.parquet", index=False
    )
    with pytest.raises(DataError, match=reason):
        ck.load("imdb")


@pytest.mark.parametrize(
    ("name", "actual"), [("ag_news", "bbc_news"), ("imdb", "reviews"), ("hate_tweets", "rare_news")]
)
def test_without_network_a_stand_in_is_announced_in_one_line(name, actual, capsys):
    corpus = ck.load(name)
    printed = capsys.readouterr().out
    assert corpus.source.kind == "stand-in" and corpus.name == actual
    assert printed.count("\n") == 1 and "stand-in" in printed and name in printed


@pytest.mark.parametrize("name", ["hate_tweets", "ru_tweets"])
def test_without_network_and_stand_in_the_error_says_what_to_do(name, monkeypatch):
    monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], stand_in=None))
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


def test_what_has_no_published_test_part_says_how_many_texts_are_held_out():
    assert [
        spec.name
        for spec in CATALOGUE.values()
        if spec.rows and "test" not in spec.rows and not spec.test_rows
    ] == []
