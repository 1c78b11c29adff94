"""Config: one experiment in one flat, frozen record, so that two experiments can be compared field by field.

Left out: choices that no chapter varies, such as the betas of Adam.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any, get_args, get_type_hints

from coursekit.batching import CUTS
from coursekit.nn import ClassifierConfig
from coursekit.training import TrainConfig

VOCABULARY_SIZE = 2  # any legal value: the text decides it, not the experiment


@dataclass(frozen=True)
class Config:
    """One experiment: how texts are prepared, what the model is made of, how it is trained.

    Raises
    ------
    ValueError
        If a value is out of range or of the wrong type; the message names the field.

    Notes
    -----
    Chapter: 09, 10; the homework on AG News.

    Examples
    --------
    >>> diff(Config(), Config(cell="gru"))
    {'cell': ('rnn', 'gru')}
    """

    # text
    marks: bool = False  # keep punctuation marks as tokens of their own
    min_count: int = 3  # words seen less often become <unk>
    pairs: int = 0  # pairs of neighbouring words seen so often get a vector of their own; 0: none does
    max_length: int = 256  # tokens; the rest of a text is cut off
    cut: str = "head"  # what is kept of a longer text: head, tail, or ends (half from each)
    # model
    cell: str = "rnn"  # rnn, lstm or gru; none pools the word vectors themselves
    embedding_dim: int = 128
    spelling: int = 0  # buckets for the letter n-grams of words; 0: a word is its id alone
    hidden_size: int = 128  # of one direction
    num_layers: int = 1
    bidirectional: bool = False
    pooling: str = "max"  # mean, max, last, or several joined by +
    word_dropout: float = 0.0
    embedding_dropout: float = 0.0
    recurrent_dropout: float = 0.0  # between layers
    state_dropout: float = 0.0  # on the state that a step hands to the next
    dropout: float = 0.1
    # training
    epochs: int = 3
    batch_size: int = 64
    learning_rate: float = 3e-3
    optimiser: str = "adam"
    schedule: str = "one_cycle"
    warmup_steps: int = 0
    decay_factor: float = 0.5
    decay_epochs: int = 1
    weight_decay: float = 0.0
    momentum: float = 0.0
    clip_norm: float | None = 1.0
    class_weights: bool = False
    monitor: str = "accuracy"  # what decides on validation which epoch is the best; or macro_f1
    label_smoothing: float = 0.0
    average_decay: float | None = None

    def __post_init__(self) -> None:
        self._check_types()
        for name in ("min_count", "max_length"):
            if getattr(self, name) < 1:
                raise ValueError(f"'{name}' must be at least 1, got {getattr(self, name)}.")
        if self.pairs < 0:
            raise ValueError(f"'pairs' must be zero or more, got {self.pairs}.")
        if self.pairs and self.spelling:
            raise ValueError(f"'pairs' must be 0 with 'spelling', got {self.pairs}: choose one of the two.")
        if self.cut not in CUTS:
            raise ValueError(f"'cut' must be one of {CUTS}, got {self.cut!r}.")
        self.classifier(VOCABULARY_SIZE, 2)
        self.training()

    def _check_types(self) -> None:
        """Refuse values of another type; a whole number becomes a float where one is wanted, so that equal means equal."""
        for field in fields(self):
            value, types = getattr(self, field.name), _types()[field.name]
            if not _fits(value, types):
                raise ValueError(f"'{field.name}' must be of type {field.type}, got {value!r}.")
            if float in types and isinstance(value, int):
                object.__setattr__(self, field.name, float(value))  # the record is frozen for everybody else

    def classifier(self, vocabulary_size: int, n_classes: int, pair_rows: int = 0) -> ClassifierConfig:
        """Return the part that describes the model.

        Parameters
        ----------
        vocabulary_size, n_classes : int
        pair_rows : int, default 0
            Entries of the vocabulary of pairs, if there is one.

        Returns
        -------
        ClassifierConfig
        """
        shared = self._shared(ClassifierConfig)
        return ClassifierConfig(vocabulary_size, n_classes, pair_rows=pair_rows, **shared)

    def training(self) -> TrainConfig:
        """Return the part that describes the training."""
        return TrainConfig(**self._shared(TrainConfig))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields with their values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """Make a configuration from names and values; what is not named keeps its default.

        Parameters
        ----------
        values : mapping

        Raises
        ------
        ValueError
            If a name is unknown or a value is of the wrong type or out of range.
        """
        return change(cls(), **values)

    def _shared(self, other: type) -> dict[str, Any]:
        names = {field.name for field in fields(other)}
        return {name: value for name, value in asdict(self).items() if name in names}

    def __repr__(self) -> str:
        """Show only what differs from the defaults."""
        shown = [f for f in fields(self) if getattr(self, f.name) != f.default]
        return f"Config({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in shown)})"


def change(config: Config, **values: Any) -> Config:
    """Return a copy with other values in the named fields.

    Parameters
    ----------
    config : Config
    **values
        By field name.

    Raises
    ------
    ValueError
        If a name is unknown, or a value is of the wrong type or out of range.

    Notes
    -----
    Chapter: 09.
    """
    known = [field.name for field in fields(config)]
    for name in values:
        if name not in known:
            raise ValueError(f"'{name}' is no field of Config; its fields are {', '.join(known)}.")
    return replace(config, **values)


@cache
def _types() -> dict[str, tuple[type, ...]]:
    """Return what every field may hold; a union has several."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(Config).items()}


def _fits(value: Any, types: tuple[type, ...]) -> bool:
    """A whole number will do for a float; True is no number."""
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types) or (float in types and isinstance(value, int))


def diff(first: Config, second: Config) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two configurations differ, with both values.

    Parameters
    ----------
    first, second : Config

    Returns
    -------
    dict of str to tuple

    Notes
    -----
    Chapter: 09.
    """
    a, b = asdict(first), asdict(second)
    return {name: (a[name], b[name]) for name in a if a[name] != b[name]}
