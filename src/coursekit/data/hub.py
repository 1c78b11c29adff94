"""The Hugging Face hub: asked once whether it answers, then read through ``datasets`` at a pinned revision.

Left out: tokens for private repositories; ``datasets`` reads them from its own settings.
"""

from __future__ import annotations

import os
import threading
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, build_opener

from coursekit.data.catalogue import DatasetSpec
from coursekit.data.corpus import Split
from coursekit.data.tables import MirrorError

PROBE_SECONDS = 2.0
DEFAULT_ENDPOINT = "https://huggingface.co"
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
GATEWAY_FAILURES = (407, 502, 503, 504)  # a proxy answered, not the hub
_known: dict[str, bool] = {}  # what this process has learnt: "reachable"


def hub_reachable() -> bool:
    """Tell whether the hub answers. Asked once in a process, for at most two seconds.

    ``HF_HUB_OFFLINE=1`` answers no at once; ``HF_ENDPOINT`` names another hub.

    Notes
    -----
    A name look-up can hang longer than any socket timeout, so a thread asks and is not waited for.
    """
    if any(os.environ.get(name, "").lower() in ("1", "true", "yes", "on") for name in OFFLINE):
        return False
    if "reachable" not in _known:
        _known["reachable"] = _probe()
    return _known["reachable"]


def remember_hub(reachable: bool | None) -> None:
    """Note for the rest of the process that the hub does or does not answer; None asks again.

    Notes
    -----
    A network that dies after the probe costs half a minute of retries once, not at every call.
    """
    _known.clear()
    if reachable is not None:
        _known["reachable"] = reachable


def _probe() -> bool:
    answered: list[bool] = []
    asking = threading.Thread(target=lambda: answered.append(_answers()), daemon=True)
    asking.start()
    asking.join(PROBE_SECONDS)
    return bool(answered and answered[0])


def _answers() -> bool:
    """Ask by HTTP, not for a bare connection: a campus may reach the hub only through its proxy."""
    try:
        address = Request(os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT, method="HEAD")
        build_opener().open(address, timeout=PROBE_SECONDS).close()
    except HTTPError as error:
        return error.code not in GATEWAY_FAILURES
    except (OSError, HTTPException, ValueError):
        return False
    return True


def read_hub(spec: DatasetSpec) -> dict[str, Split]:
    """Read a data set from the hub.

    Parameters
    ----------
    spec : DatasetSpec
        With a hub repository.

    Raises
    ------
    MirrorError
        If the columns, the labels or the number of rows are not those of the catalogue, or a text is missing.
    OSError
        If the hub fails in the middle.
    """
    from datasets import load_dataset  # imported here: it takes seconds

    parts = {}
    for part, rows in spec.rows.items():
        table = load_dataset(spec.hub, revision=spec.revision, split=part)
        if {spec.hub_text, "label"} - set(table.column_names):
            raise MirrorError(
                f"{spec.hub}: needs the columns {spec.hub_text!r} and 'label', has {table.column_names}."
            )
        if len(table) != rows:
            raise MirrorError(f"{spec.hub}: part {part!r} must have {rows} rows, has {len(table)}.")
        texts, labels = (tuple(table.data.column(name).to_pylist()) for name in (spec.hub_text, "label"))
        if not all(isinstance(text, str) for text in texts):
            raise MirrorError(f"{spec.hub}: column {spec.hub_text!r} must hold strings and no gaps.")
        if not all(label in range(len(spec.label_names)) for label in labels):
            raise MirrorError(f"{spec.hub}: labels must lie between 0 and {len(spec.label_names) - 1}.")
        parts[part] = Split(texts, labels)
    return parts
