"""The Hugging Face hub: asked once whether it answers, then read through ``datasets`` at a pinned revision.

Left out: tokens for private repositories; ``datasets`` reads them from its own settings.
"""

from __future__ import annotations

import os
import socket
import threading
from functools import cache
from urllib.parse import urlsplit

from coursekit.data.catalogue import DatasetSpec
from coursekit.data.corpus import Split
from coursekit.data.tables import MirrorError

PROBE_SECONDS = 2.0
DEFAULT_ENDPOINT = "https://huggingface.co"


@cache
def hub_reachable() -> bool:
    """Tell whether the hub answers. Asked once in a process, for at most two seconds.

    ``HF_HUB_OFFLINE=1`` answers no at once; ``HF_ENDPOINT`` names another hub.

    Notes
    -----
    A name look-up can hang longer than any socket timeout, so a thread asks and is not waited for. Chapter: 00.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return False
    answered: list[bool] = []
    asking = threading.Thread(target=lambda: answered.append(_connects()), daemon=True)
    asking.start()
    asking.join(PROBE_SECONDS)
    return bool(answered and answered[0])


def _connects() -> bool:
    address = urlsplit(os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname, port), timeout=PROBE_SECONDS).close()
    except OSError:
        return False
    return True


def read_hub(spec: DatasetSpec) -> dict[str, Split]:
    """Read a data set from the hub.

    Parameters
    ----------
    spec : DatasetSpec
        With a hub repository.

    Returns
    -------
    dict of str to Split

    Raises
    ------
    MirrorError
        If the columns, the labels or the number of rows are not those of the catalogue.
    OSError
        If the hub fails in the middle.

    Notes
    -----
    Chapter: 00.
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
        labels = tuple(table["label"])
        if min(labels) < 0 or max(labels) >= len(spec.label_names):
            raise MirrorError(f"{spec.hub}: labels must lie between 0 and {len(spec.label_names) - 1}.")
        parts[part] = Split(tuple(table[spec.hub_text]), labels)
    return parts
