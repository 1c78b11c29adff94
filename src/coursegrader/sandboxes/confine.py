"""The inside of the sandbox: build a small file system, give up every right, and start the command.

Run as a script by the back ends of :mod:`coursegrader.sandboxes`, with the standard library only. It shows the command
a root directory that holds the system's programs and this Python, read-only, and ``/job``, which lies in memory and
cannot grow: no file that is unlinked, empty or has room set aside escapes its limits. The teacher's keys, other
submissions and the data are not hidden by rights: they are not there. A guard stays behind with its rights. It brings
the job's files in, and out what is asked for, so that nothing but plain files ever comes back.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import signal
import stat
import struct
import sys
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND = 1, 2, 4, 32, 4096
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("ld.so.cache", "ld.so.conf", "localtime", "fonts", "ssl", "alternatives", "mime.types")
DEVICES = ("null", "zero", "full", "random", "urandom")
SCRATCH = "size={mib}m,mode=1777,nr_inodes=20000"
FULL = 199  # exit code: the job's folder is full
LOOK_SECONDS = 0.1
SPARE = 64 * 1024  # bytes; with less left, a folder is full
PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK if sys.platform == "linux" else 0
# by machine: its number as an architecture, and that of the system call ``socket``
SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
IO_URING_SETUP, OTHER_CALLS = 425, 0x40000000
FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink: what namespaces cover


def call(name: str, *given: object) -> None:
    """Call a function of the C library; ``OSError`` if it refuses."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*given) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name} {given}: {os.strerror(number)}")


def mount(source: str, target: Path, kind: str | None, flags: int, options: str = "") -> None:
    """Call mount(2)."""
    call("mount", source.encode(), os.fsencode(target), kind and kind.encode(), flags, options.encode())


def show(source: Path, root: Path) -> None:
    """Make a file or folder visible under the new root, at its own path, read-only."""
    target = root / str(source).lstrip("/")
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(str(source), target, None, MS_BIND)
    mount("none", target, None, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_RDONLY)


def build_root(job: dict) -> None:
    """Put the new root together: system, readable folders, devices, scratch space, and room for the job at /job."""
    root = Path(job["root"])
    mount("tmpfs", root, "tmpfs", MS_NOSUID, "size=16m,mode=755")
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            (root / name[1:]).symlink_to(os.readlink(path))
        elif path.exists():
            show(path, root)
    scratch = SCRATCH.format(mib=job["scratch_mib"])
    own = f"size={job['disk_mib']}m,mode=755,nr_inodes={job['disk_files']}"
    # before what is shown: the course may stand in a folder under /tmp
    for name, options in (("tmp", scratch), ("dev/shm", scratch), ("job", own)):
        (root / name).mkdir(parents=True, exist_ok=True)
        mount("tmpfs", root / name, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for path in [Path("/etc", name) for name in SETTINGS] + [Path(name) for name in job["readable"]]:
        if path.exists():
            show(path, root)
    (root / "etc").mkdir(exist_ok=True)
    user = job["user"] or 0
    (root / "etc/passwd").write_text(f"student:x:{user}:{user}::/job:/bin/sh\n", encoding="utf-8")
    for name in DEVICES:
        target = root / "dev" / name
        target.touch()
        mount(f"/dev/{name}", target, None, MS_BIND)
    (root / "proc").mkdir()
    mount("proc", root / "proc", "proc", MS_NOSUID | MS_NODEV)


def limit(job: dict) -> None:
    """Set the limits of the process and of all that it starts."""
    import resource  # not on Windows, where the grader cannot run but ``coursekit doctor`` can

    memory = job["memory_mib"] * 2**20
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, job["file_mib"] * 2**20),
        (resource.RLIMIT_NOFILE, job["open_files"]),
        (resource.RLIMIT_NPROC, job["processes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))


def copy(name: str, source: int, target: int) -> None:
    """Copy a plain file from one open folder to another."""
    descriptor = os.open(name, os.O_RDONLY | PLAIN, dir_fd=source)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | PLAIN, 0o644, dir_fd=target)
            while os.sendfile(made, descriptor, None, 2**24):
                continue
            os.close(made)
    finally:
        os.close(descriptor)


def take_in(job: dict, inside: int) -> None:
    """Copy the job's files in, and make them the submission's own."""
    for name in os.listdir(job["handle"]):
        if stat.S_ISREG(os.stat(name, dir_fd=job["handle"], follow_symlinks=False).st_mode):
            copy(name, job["handle"], inside)
            if job["user"]:
                os.chown(name, job["user"], job["user"], dir_fd=inside)
    if job["user"]:
        os.fchown(inside, job["user"], job["user"])


def give_back(job: dict, inside: int) -> None:
    """Copy out the plain files that are asked for, the small ones first, until they are more than may be written."""
    os.fchmod(inside, 0o755)
    found = []
    for name in os.listdir(inside):
        facts = os.stat(name, dir_fd=inside, follow_symlinks=False)
        if stat.S_ISREG(facts.st_mode) and any(fnmatchcase(name, wanted) for wanted in job["returns"]):
            found.append((facts.st_size, name))
    room = job["disk_mib"] * 2**20
    for size, name in sorted(found)[: job["disk_files"]]:
        room -= size
        if room < 0:
            break
        copy(name, inside, job["handle"])


def wait_for_files() -> None:
    """Wait until the grader says that the job's files lie there; if it closes its line instead, there is no job."""
    if not os.read(0, 1):
        sys.exit(1)


def is_full(job: dict, inside: int) -> bool:
    """Whether the job's folder holds as much as it may, unlinked files and empty ones included."""
    facts = os.fstatvfs(inside)
    return facts.f_bavail * facts.f_frsize < SPARE or facts.f_files - facts.f_ffree >= job["disk_files"]


def stand_guard(job: dict, inside: int) -> None:
    """Go on in a child, and stay behind as the first process of the namespace, whose end is the end of all others.

    It keeps its rights, so that the command can neither stop it nor undo that it dies with ``unshare``; a process that
    has given up its rights would lose that bond. When the grader closes its line to us, everything is ended.
    """
    if os.getpid() != 1:
        raise RuntimeError("the guard must be the first process of a namespace: it ends all the others.")
    call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)  # nobody looks through our open folder
    wakes, rings = os.pipe()
    os.set_blocking(rings, False)
    signal.set_wakeup_fd(rings)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.close(job["handle"])
        os.close(inside)
        return
    code = None
    while code is None:
        ready = select.select([0, wakes], [], [], LOOK_SECONDS)[0]
        if wakes in ready:
            os.read(wakes, 4096)
        code = _ended(child)
        if is_full(job, inside):
            code = FULL
        elif code is None and 0 in ready:
            code = 1
    with suppress(ChildProcessError, ProcessLookupError):  # nobody is left
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait()
    give_back(job, inside)
    os._exit(code)


def _ended(child: int) -> int | None:
    """Bury whoever has ended, orphans too; the exit code of the command, if it is among them."""
    with suppress(ChildProcessError, ProcessLookupError):  # nobody is left
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                code = os.waitstatus_to_exitcode(ended[1])
                return code if code >= 0 else 128 - code
    return None


def refuse_sockets() -> None:
    """Refuse sockets that no namespace covers, such as those to the host of a virtual machine, by a filter of calls.

    A machine that this does not know keeps what its namespaces give.
    """
    if os.uname().machine not in SOCKET_CALLS:
        return
    architecture, socket = SOCKET_CALLS[os.uname().machine]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    steps = [
        (load, 0, 0, 4),
        (equal, 0, 5 + len(FAMILIES), architecture),
        (load, 0, 0, 0),
        (at_least, 3 + len(FAMILIES), 0, OTHER_CALLS),
        (equal, 2 + len(FAMILIES), 0, IO_URING_SETUP),
        (equal, 0, 2 + len(FAMILIES), socket),
        (load, 0, 0, 16),
        *((equal, len(FAMILIES) - i, 0, family) for i, family in enumerate(FAMILIES)),
        (give, 0, 0, 0x00050000 | errno.EAFNOSUPPORT),
        (give, 0, 0, 0x7FFF0000),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    held = struct.pack("HP", len(steps), ctypes.addressof(program))
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", PR_SET_SECCOMP, 2, ctypes.create_string_buffer(held), 0, 0)


def give_up(user: int | None) -> list[str]:
    """The command that gives up every right before it starts another."""
    command = ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    if user:
        return [*command, f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    # root only inside a namespace of our own: take the powers of the number 0 away as well
    return [*command, "--securebits=+noroot,+noroot_locked"]


def main() -> None:
    """Confine this process as the job on the command line says, then become the command."""
    job = json.loads(sys.argv[1])
    if "root" in job:
        build_root(job)
        os.chroot(job["root"])
    if "handle" in job:
        os.chdir("/job")
        inside = os.open("/job", os.O_RDONLY | os.O_DIRECTORY)
        wait_for_files()
        take_in(job, inside)
        stand_guard(job, inside)
        refuse_sockets()
    limit(job)
    command = [*(give_up(job["user"]) if job.get("gives_up") else ()), *job["command"]]
    os.execve(command[0], command, job["environment"])


if __name__ == "__main__":
    main()
