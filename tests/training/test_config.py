"""Config: one experiment, compared field by field."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.batching import TextConfig
from coursekit.nn import ModelConfig
from coursekit.training import Config, TrainConfig, change, diff

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "cell": st.sampled_from(["rnn", "gru", "lstm"]),
        "hidden_size": st.integers(1, 64),
        "dropout": st.floats(0, 0.9),
        "bidirectional": st.booleans(),
        "epochs": st.integers(1, 9),
    },
)


@given(CHANGES)
def test_the_difference_names_what_was_changed_and_survives_json(values):
    changed = change(Config(), **values)
    assert set(diff(Config(), changed)) == {k for k, v in values.items() if v != getattr(Config(), k)}
    assert Config.from_dict(changed.to_dict()) == changed


def test_a_field_is_defined_once_and_has_one_default():
    parts = [{f.name for f in fields(part)} for part in (TextConfig, ModelConfig, TrainConfig)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(fields(Config))
    assert all(
        getattr(Config(), f.name) == f.default
        for part in (TextConfig, ModelConfig, TrainConfig)
        for f in fields(part)
    )


def test_it_shows_what_differs():
    config = change(Config(), cell="gru", learning_rate=1e-3)
    assert repr(config) == "Config(cell='gru', learning_rate=0.001)"
    assert config.changed_fields() == {"cell": "gru", "learning_rate": 0.001}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"colour": 1}, "'colour' is no field of Config"),
        ({"cell": "transformer"}, "'cell' must be one of"),
        ({"epochs": 0}, "'epochs' must be at least 1"),
        ({"epochs": 2.5}, "'epochs' must be of type int"),
        ({"epochs": True}, "'epochs' must be of type int"),
        ({"bidirectional": 1}, "'bidirectional' must be of type bool"),
        ({"max_length": 0}, "'max_length' must be at least 1"),
    ],
)
def test_a_bad_field_is_named(values, said):
    with pytest.raises(ValueError, match=said):
        change(Config(), **values)
