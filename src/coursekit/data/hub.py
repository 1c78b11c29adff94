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
from coursekit.data.tables import DataError, checked_split

PROBE_SECONDS = 2.0
DEFAULT_ENDPOINT = "https://huggingface.co"
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
GATEWAY_FAILURES = (407, 502, 503, 504)  # a proxy answered, not the hub
_reachable: bool | None = None  # what this process has learnt


def hub_reachable() -> bool:
    """Tell whether the hub answers. Asked once in a process, for at most two seconds.

    ``HF_HUB_OFFLINE=1`` answers no at once; ``HF_ENDPOINT`` names another hub.
    """
    if any(os.environ.get(name, "").lower() in ("1", "true", "yes", "on") for name in OFFLINE):
        return False
    if _reachable is None:
        remember_hub(_probe())
    return bool(_reachable)


def remember_hub(reachable: bool | None) -> None:
    """Note for the rest of the process that the hub does or does not answer; None asks again.

    A network that dies after the probe then costs half a minute of retries once, not at every call.
    """
    global _reachable
    _reachable = reachable


def _probe() -> bool:
    """A name look-up can hang longer than any socket timeout, so a thread asks and is not waited for."""
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
    """Read a data set from its hub repository; raise ``DataError`` if it is not what the catalogue says."""
    from datasets import load_dataset  # imported here: it takes seconds

    parts = {}
    for part, rows in spec.rows.items():
        frame = load_dataset(spec.hub, revision=spec.revision, split=part).to_pandas()
        if len(frame) != rows:
            raise DataError(f"{spec.hub}: part {part!r} must have {rows} rows, has {len(frame)}.")
        parts[part] = checked_split(frame, len(spec.label_names), spec.hub, text=spec.hub_text)
    return parts
