"""The machine: which device to use, and the facts a recorded number must carry."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import UTC, datetime

import torch

RECORDED_PACKAGES = ("coursekit", "torch", "numpy", "scikit-learn", "pandas", "datasets", "nltk")


def device() -> torch.device:
    """Return the device to compute on: CUDA where there is one, the CPU elsewhere.

    ``COURSEKIT_FAKE_GPU=1`` opens the gate of ``%%gpu`` but does not change this answer.
    """
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a number may depend on."""
    numbers = {"python": platform.python_version()}
    for package in RECORDED_PACKAGES:
        try:
            numbers[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            numbers[package] = "not installed as a package"
    return numbers


def machine_facts() -> dict[str, object]:
    """Return what a recorded result says about where and when (UTC) it was made."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions(),
    }


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()
