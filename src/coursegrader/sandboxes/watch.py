"""Watch a confined process: end it at a limit, and let nothing that it started go on."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from coursegrader.sandboxes.job import Ended, Limits

POLL_SECONDS = 0.1
MIB = 2**20


def watch(command: Sequence[str], folder: Path, limits: Limits, name: str) -> Ended:
    """Start a command and stay with it until it ends or passes a limit."""
    start, output, status = time.monotonic(), bytearray(), None
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            os.set_blocking(process.stdout.fileno(), False)
            looked = start
            while status is None:
                for _ in selector.select(POLL_SECONDS):
                    output += process.stdout.read(65_536) or b""
                if process.poll() is not None:
                    break
                now = time.monotonic()
                if len(output) > limits.output_bytes:
                    status = "output"
                elif now - start > limits.seconds:
                    status = "timeout"
                elif now - looked > 2 * POLL_SECONDS:
                    looked = now
                    status = _passed(process.pid, folder, limits)
    finally:  # whatever went wrong here, the submission does not run on beside the next one
        end(process)
    output += process.stdout.read() or b""
    process.stdout.close()
    if len(output) > limits.output_bytes:
        status = status or "output"
    code = process.returncode
    if status is None:
        status = "ok" if code == 0 else "killed" if code < 0 or code > 128 else "error"
    text = bytes(output[: limits.output_bytes]).decode("utf-8", "replace")
    return Ended(status, code, time.monotonic() - start, text, name)


def end(process: subprocess.Popen) -> None:
    """Kill the whole session; in namespaces the kernel then ends every process inside, detached ones too."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _passed(pid: int, folder: Path, limits: Limits) -> str | None:
    """Which limit of memory or disk is passed, if any."""
    if memory(pid) > limits.memory_mib * MIB:
        return "memory"
    return "disk" if disk_is_full(folder, limits) else None


def memory(pid: int) -> int:
    """Resident bytes of a process and its descendants; shared pages count once for each."""
    total = 0
    with suppress(psutil.Error):  # one ended while we looked; the next look counts it all again
        first = psutil.Process(pid)
        for process in [first, *first.children(recursive=True)]:
            total += process.memory_info().rss
    return total


def disk_is_full(folder: Path, limits: Limits) -> bool:
    """Whether the files in a folder are too many or too large; holes count, and what is allocated counts."""
    room, number, todo = limits.disk_mib * MIB, 0, [str(folder)]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    number += 1
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    else:
                        stat = entry.stat(follow_symlinks=False)
                        room -= max(stat.st_size, 512 * stat.st_blocks)
                    if room < 0 or number > limits.disk_files:
                        return True
        except (FileNotFoundError, PermissionError):  # deleted while we looked, or locked by its owner
            continue
        except OSError:  # a path longer than the system takes: nobody builds that by accident
            return True
    return False
