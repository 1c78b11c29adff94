"""Every row of a ladder changes one thing of the row it starts from, and is a row of the published ladder or beside one."""

import pytest

from coursekit.records import Record, read_json, read_record, results_dir
from coursekit.runtime.settings import diff
from coursestudies.ladder_steps import steps
from coursestudies.ladders import (
    COMPOUND,
    COMPOUND_BEST,
    FROM_COMPOUND,
    LADDERS,
    NEWS,
    NEWS_START,
    REVIEWS,
    REVIEWS_START,
    configs,
)

ONE_DECISION = {"optimiser", "weight_decay"}  # AdamW without decay is Adam: the two are one change


@pytest.mark.parametrize(
    ("start", "rows"),
    [(NEWS_START, NEWS), (REVIEWS_START, REVIEWS), (COMPOUND[COMPOUND_BEST], FROM_COMPOUND)],
)
def test_a_row_changes_one_thing(start, rows):
    made = configs(start, rows)
    assert list(made) == list(rows)
    for name, (parent, _) in rows.items():
        if parent is not None:
            changed = set(diff(made.get(parent, start), made[name]))
            assert len(changed) == 1 or changed == ONE_DECISION, name


def test_compound_trials_are_at_most_twelve_and_all_different():
    assert len(COMPOUND) == len(set(COMPOUND.values())) == 12
    assert LADDERS["ladder-imdb"].arms["compound"].candidates == COMPOUND


def test_a_step_is_measured_against_the_row_it_starts_from():
    truth = [0, 1] * 50
    runs = [
        {"arm": arm, "seed": 0, "validation": 0.0, "validation_predicted": "".join(map(str, predicted))}
        for arm, predicted in {"a": truth, "b": [0] * 100, "c": truth}.items()
    ]
    record = Record({"name": "x", "summary": dict.fromkeys("abc", {}), "runs": runs})
    found = steps(record, {"a": (None, {}), "b": ("a", {"epochs": 2}), "c": ("b", {"epochs": 3})}, truth, 0)
    assert set(found) == {"b", "c"} and found["c"]["from"] == "b"
    assert found["b"]["difference"] == -0.5 and found["b"]["high"] < 0 < found["c"]["low"]


def test_the_rows_after_the_compound_trials_start_from_the_one_the_record_chose():
    assert read_record("ladder-imdb")["chosen"]["compound"] == COMPOUND_BEST


# What the four reports print, row by row.
REPORTED = {
    "A": ".9076 .9040 .8956 .9102 .8998 .9114 .9114 .9140 .9086 .9110 .8798 .9202 .9158 .9178",
    "B": ".9012 .9064 .9134 .9116 .9162 .9152 .9196 .9168",
    "D": ".9967 .9992 .9974",
    "E": ".500 .825 .870 .869 .500 .858 .869 .878 .866 .500 .500 .873 .867 .858 .854 .872 .878 .585 "
    ".873 .857 .861 .876 .865 .874 .860 .880 .882 .857 .867",
}
RECORDS = {
    "ladder-agnews": ["ladder-agnews"],
    "ladder-imdb": ["ladder-imdb"],
    "optimisers-imdb": ["optimisers-imdb", "optimisers-imdb-rnn"],
}


def published():
    return read_json(results_dir() / "published.json")["ladders"]


@pytest.mark.parametrize("coursework", REPORTED)
def test_no_published_row_is_missing(coursework):
    rows = [row for ladder in published().values() for row in ladder if row["coursework"] == coursework]
    assert sorted(row["score"] for row in rows) == sorted(map(float, REPORTED[coursework].split()))


@pytest.mark.parametrize("ladder", RECORDS)
def test_beside_every_published_row_stand_recorded_runs_of_ours(ladder):
    arms = {arm for name in RECORDS[ladder] for arm in read_record(name).arms}
    for row in published()[ladder]:
        assert row["ours"] and set(row["ours"]) <= arms, row["row"]
