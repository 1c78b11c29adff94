"""Every row of a ladder changes one thing of the row it starts from, and is a row of the published ladder or beside one."""

import pytest

from coursekit.records import Record
from coursekit.runtime.settings import diff
from coursestudies.ladder_steps import steps
from coursestudies.ladders import COMPOUND, LADDERS, NEWS, NEWS_START, REVIEWS, REVIEWS_START, configs

ONE_DECISION = {"optimiser", "weight_decay"}  # AdamW without decay is Adam: the two are one change


@pytest.mark.parametrize(("start", "rows"), [(NEWS_START, NEWS), (REVIEWS_START, REVIEWS)])
def test_a_row_changes_one_thing(start, rows):
    made = configs(start, rows)
    assert list(made) == list(rows)
    for name, (parent, _) in rows.items():
        if parent is not None:
            changed = set(diff(made[parent], made[name]))
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
