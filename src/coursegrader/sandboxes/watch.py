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

from coursegrader.sandboxes.confine import FULL
from coursegrader.sandboxes.job import Ended, Job, Limits

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0  # for a guard that brings out what there is
MIB = 2**20


def start(command: Sequence[str], job: Job, *, guarded: bool) -> subprocess.Popen:
    """Start a command; a guard builds what is around it, and waits for :func:`watch`.

    Parameters
    ----------
    guarded : bool
        Whether a guard inside watches the job's folder, and ends everything when its input is closed.
    """
    return subprocess.Popen(
        command,
        cwd=job.folder,
        stdin=subprocess.PIPE if guarded else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(job.handle,) if guarded else (),
    )


def watch(process: subprocess.Popen, job: Job, name: str, *, guarded: bool) -> Ended:
    """Let a command that was started run on the files that lie there now, until it ends or passes a limit."""
    limits, start, output, status = job.limits, time.monotonic(), bytearray(), None
    try:
        if guarded:
            with suppress(BrokenPipeError):  # it has ended; what it said tells why
                os.write(process.stdin.fileno(), b"\n")
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
                    status = _passed(process.pid, None if guarded else job.folder, limits)
            if guarded:
                _ask_to_end(process, selector)
    finally:  # whatever went wrong here, the submission does not run on beside the next one
        end(process)
    output += process.stdout.read() or b""
    process.stdout.close()
    if len(output) > limits.output_bytes:
        status = status or "output"
    code = process.returncode
    if status is None:
        killed = code < 0 or code > 128
        status = (
            "disk" if guarded and code == FULL else "ok" if code == 0 else "killed" if killed else "error"
        )
    text = bytes(output[: limits.output_bytes]).decode("utf-8", "replace")
    return Ended(status, code, time.monotonic() - start, text, name)


def _ask_to_end(process: subprocess.Popen, selector: selectors.BaseSelector) -> None:
    """Close the line to the guard, and wait for what it brings out; what is printed now is thrown away."""
    process.stdin.close()
    deadline = time.monotonic() + GRACE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        for _ in selector.select(POLL_SECONDS):
            process.stdout.read(65_536)


def abandon(process: subprocess.Popen) -> None:
    """End a command that was started and never watched; one that was watched has ended."""
    if not process.stdout.closed:
        end(process)
        process.stdin.close()
        process.stdout.close()


def end(process: subprocess.Popen) -> None:
    """Kill the whole session; in namespaces the kernel then ends every process inside, detached ones too."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _passed(pid: int, folder: Path | None, limits: Limits) -> str | None:
    """Which limit of memory or disk is passed, if any."""
    if memory(pid) > limits.memory_mib * MIB:
        return "memory"
    return "disk" if folder and disk_is_full(folder, limits) else None


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
