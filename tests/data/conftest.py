"""No test of this room looks at the reader's own mirror, cache or network, unless it says so."""

import pandas as pd
import pytest

from coursekit.data import hub


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path, request):
    """Cut the test off from the outside; a test marked by its file's name 'real' keeps the mirror."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "cache"))
    if "real" not in request.path.name:
        monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    hub.remember_hub(None)
    yield
    hub.remember_hub(None)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """An empty mirror that COURSEKIT_DATA names."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("COURSEKIT_DATA", str(folder))
    return folder


@pytest.fixture
def put(mirror):
    """Write a table into the mirror."""

    def write(name, part, texts, labels, suffix="parquet"):
        path = mirror / name / f"{part}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        table = pd.DataFrame({"text": texts, "label": labels})
        table.to_parquet(path, index=False) if suffix == "parquet" else table.to_csv(path, index=False)
        return path

    return write


@pytest.fixture
def news(put):
    """A small AG News: 40 training and 8 test texts."""
    put("ag_news", "train", [f"story number {i}" for i in range(40)], [i % 4 for i in range(40)])
    put("ag_news", "test", [f"trial number {i}" for i in range(8)], [i % 4 for i in range(8)])
