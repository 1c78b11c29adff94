"""What ``ck.homework.pack`` put into the file: the model, and what it says of its runs. Hints, until they are asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from coursegrader.messages import say
from coursegrader.plain import MIB, printable_all
from coursekit.homework.experiments import refuse_more_than_words
from coursekit.text import Vocabulary
from coursekit.training import Config

MOST_WORDS = 500_000
LARGEST_JSON = 16 * MIB
MOST_BRACKETS = 200_000  # a word takes up what its letters do, an empty list twenty times as much


def read_results(attachments: Mapping[str, bytes]) -> dict[str, Any]:
    """Read what a packed submission says of its runs; empty if there is nothing that can be read."""
    return _json_object(attachments.get("results.json")) or {}


def stand_in_of(results: Mapping[str, Any]) -> str:
    """What the packed results say that the final model was trained on, in place of the real data; empty if it is not said."""
    final = results.get("final")
    said = final.get("stand_in") if isinstance(final, dict) else None
    return said[:200] if isinstance(said, str) else ""


def has_result(results: Mapping[str, Any], config: Config) -> bool:
    """Whether the packed results hold a complete history of this configuration.

    Configurations are compared by what they mean, so a field that was added since the submission was packed spoils
    nothing: where it is not named, its default holds.
    """
    listed = results.get("experiments")
    return any(_is_run_of(result, config) for result in (listed.values() if isinstance(listed, dict) else ()))


def _is_run_of(result: object, config: Config) -> bool:
    if not isinstance(result, dict) or not isinstance(epochs := result.get("epochs"), list):
        return False
    try:
        if Config.from_dict(result["config"]) != config:
            return False
    except (ValueError, TypeError, KeyError):
        return False
    return len(epochs) == config.epochs or (config.patience is not None and 0 < len(epochs) < config.epochs)


def read_model(attachments: Mapping[str, bytes]) -> tuple[Config, Vocabulary, bytes]:
    """Read configuration, vocabulary and weights that were handed in; a ``ValueError`` says what is wrong."""
    missing = [n for n in ("weights.safetensors", "vocabulary.json", "config.json") if n not in attachments]
    if missing:
        raise ValueError(say("packed.lacks", names=missing))
    settings, listed = (_json_object(attachments[name]) for name in ("config.json", "vocabulary.json"))
    if settings is None or listed is None:
        raise ValueError(say("packed.unreadable"))
    words, counts = listed.get("words"), listed.get("counts")
    if not _are(words, str) or not _are(counts, int) or len(words) != len(counts) or len(words) > MOST_WORDS:
        raise ValueError(say("packed.vocabulary"))
    try:
        config = Config.from_dict(settings)
        vocabulary = Vocabulary(tuple(words), tuple(counts))
    except (ValueError, TypeError) as error:
        raise ValueError(say("packed.illegal", said=str(error))) from None
    refuse_more_than_words(config)
    return config, vocabulary, attachments["weights.safetensors"]


def _json_object(raw: bytes | None) -> dict[str, Any] | None:
    if not raw or len(raw) > LARGEST_JSON or raw.count(b"{") + raw.count(b"[") > MOST_BRACKETS:
        return None
    try:
        value = printable_all(json.loads(raw))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _are(values: object, kind: type) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)
