"""The inside of the sandbox: build a small file system, give up every right, and start the command.

Run as a script by the back ends of :mod:`coursegrader.sandboxes`, with the standard library only. It shows the command
a root directory that holds the system's programs and this Python, read-only, and the job's folder. The teacher's keys,
other submissions and the data are not hidden by rights: they are not there.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from pathlib import Path

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 32, 4096, 16384
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("ld.so.cache", "ld.so.conf", "localtime", "fonts", "ssl", "alternatives", "mime.types")
DEVICES = ("null", "zero", "full", "random", "urandom")
NOBODY = 65534
SCRATCH = "size={mib}m,mode=1777"

_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: Path, kind: str | None, flags: int, options: str = "") -> None:
    """Call mount(2); ``OSError`` says what could not be mounted."""
    done = _libc.mount(
        source.encode(), str(target).encode(), kind.encode() if kind else None, flags, options.encode()
    )
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mounting {source!r} on {str(target)!r}: {os.strerror(number)}")


def show(source: Path, root: Path, *, writable: bool = False, at: Path | None = None) -> None:
    """Make a file or folder visible under the new root, at its own path unless told otherwise."""
    target = root / str(at or source).lstrip("/")
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(str(source), target, None, MS_BIND)
    flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV
    mount("none", target, None, flags if writable else flags | MS_RDONLY)


def build_root(root: Path, folder: Path, readable: list[str], scratch_mib: int) -> None:
    """Put the new root together: system, readable folders, devices, scratch space, and the job's folder at /job."""
    mount("tmpfs", root, "tmpfs", MS_NOSUID, "size=16m,mode=755")
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            (root / name[1:]).symlink_to(os.readlink(path))
        elif path.exists():
            show(path, root)
    for name in ("tmp", "dev/shm"):  # before what is shown: the course may stand in a folder under /tmp
        (root / name).mkdir(parents=True, exist_ok=True)
        mount("tmpfs", root / name, "tmpfs", MS_NOSUID | MS_NODEV, SCRATCH.format(mib=scratch_mib))
    for path in [Path("/etc", name) for name in SETTINGS] + [Path(name) for name in readable]:
        if path.exists():
            show(path, root)
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/passwd").write_text(f"student:x:{NOBODY}:{NOBODY}::/job:/bin/sh\n", encoding="utf-8")
    for name in DEVICES:
        target = root / "dev" / name
        target.touch()
        mount(f"/dev/{name}", target, None, MS_BIND)
    (root / "proc").mkdir()
    mount("proc", root / "proc", "proc", MS_NOSUID | MS_NODEV)
    show(folder, root, writable=True, at=Path("/job"))


def limit(job: dict) -> None:
    """Set the limits of the process and of all that it starts."""
    memory = job["memory_mib"] * 2**20
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, job["file_mib"] * 2**20),
        (resource.RLIMIT_NOFILE, job["open_files"]),
        (resource.RLIMIT_NPROC, job["processes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))


def stand_guard() -> None:
    """Go on in a child, and stay behind as the first process of the namespace, whose end is the end of all others.

    It keeps its rights, so that the command can neither stop it nor undo that it dies with ``unshare``; a process that
    has given up its rights would lose that bond.
    """
    child = os.fork()
    if child == 0:
        return
    while True:
        ended, status = os.wait()  # orphans end up here as well
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def give_up(*, drop_user: bool) -> list[str]:
    """The command that gives up every right before it starts another."""
    command = ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    if drop_user:
        return [*command, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    # root only inside a namespace of our own: take the powers of the number 0 away as well
    return [*command, "--securebits=+noroot,+noroot_locked"]


def main() -> None:
    """Confine this process as the job on the command line says, then become the command."""
    job = json.loads(sys.argv[1])
    command = job["command"]
    if "root" in job:
        build_root(Path(job["root"]), Path(job["folder"]), job["readable"], job["scratch_mib"])
        os.chroot(job["root"])
        os.chdir("/job")
        stand_guard()
        command = [*give_up(drop_user=job["drop_user"]), *command]
    limit(job)
    os.execve(command[0], command, job["environment"])


if __name__ == "__main__":
    main()
