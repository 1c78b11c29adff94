"""The sandbox holds: time, memory, output, disk, files, network, other processes, rights."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from coursegrader.sandbox import BACKENDS, Limits, backend, python_folders, run, started, why_not

SECRET = "the-key-of-the-teacher"

pytestmark = pytest.mark.sandbox


@pytest.fixture(params=[name for name in BACKENDS if name != "plain"])
def attempt(request, tmp_path):
    """Run Python code as a submission would be run, in every sandbox that this machine has."""
    if why_not(request.param) and request.param != "namespaces":
        pytest.skip(f"{request.param}: {why_not(request.param)}")

    def go(code, **limits):
        (tmp_path / "attempt.py").write_text(code, encoding="utf-8")
        command = [sys.executable, "attempt.py"]
        return run(command, tmp_path, Limits(**{"seconds": 60, **limits}), which=request.param)

    return go


def test_this_machine_offers_a_real_sandbox():
    """Without namespaces nothing below means much: then the suite fails, it does not skip."""
    assert backend() != "plain"
    assert BACKENDS["namespaces"].warning is None and "WARNING" in str(BACKENDS["plain"].warning)


def test_a_machine_without_namespaces_says_why(monkeypatch):
    why_not.cache_clear()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    try:
        assert "/nowhere/python" in why_not("namespaces") and backend() == "plain"
    finally:
        why_not.cache_clear()


def test_honest_code_runs_with_what_is_installed(attempt):
    ended = attempt(
        "import torch, coursekit\nprint(torch.ones(2).sum().item())\nopen('out.txt','w').write('x')"
    )
    assert (ended.status, ended.output.strip()) == ("ok", "2.0")


def test_a_sandbox_waits_for_the_files_of_its_job(attempt, tmp_path):
    with started([sys.executable, "late.py"], tmp_path, Limits(seconds=60)) as go:
        (tmp_path / "late.py").write_text("print('read')", encoding="utf-8")
        ended = go()
    assert (ended.status, ended.output.strip()) == ("ok", "read")


def test_a_sandbox_without_a_job_ends_with_its_room(tmp_path):
    mark = f"nobody-runs-{os.getpid()}"

    def running():
        return [p for p in psutil.process_iter(["cmdline"]) if mark in str(p.info["cmdline"])]

    with started([sys.executable, "-c", f"print({mark!r})"], tmp_path, Limits(seconds=60)):
        assert running()
    psutil.wait_procs(running(), timeout=5)  # the kernel ends what was inside
    assert not running()


def test_what_it_writes_stays_in_its_folder(attempt, tmp_path):
    attempt("open('/job/out.txt', 'w').write('done'); open('/tmp/out.txt', 'w').write('gone')")
    assert (tmp_path / "out.txt").read_text() == "done"


def test_a_course_that_stands_under_tmp_can_be_read(attempt, monkeypatch):
    for place in (Path("/tmp"), Path("/dev/shm")):
        with tempfile.TemporaryDirectory(dir=place) as course:
            os.chmod(course, 0o755)
            Path(course, "lesson.txt").write_text("chapter one")
            monkeypatch.setattr(
                "coursegrader.sandbox.python_folders", lambda c=course: [*python_folders(), c]
            )
            code = f"p = {str(Path(course, 'lesson.txt'))!r}\nprint(open(p).read())\nopen(p, 'w')"
            ended = attempt(code)
            assert "chapter one" in ended.output and "Read-only file system" in ended.output, ended.output


def test_nothing_of_the_teacher_is_there(attempt, tmp_path_factory):
    key = tmp_path_factory.mktemp("teacher") / "key.txt"
    key.write_text(SECRET)
    ended = attempt(
        f"import os\n"
        f"for p in ({str(key)!r}, {str(Path.home())!r}, '/proc/1/environ', {str(Path(__file__))!r}):\n"
        f"    try: print(open(p).read() if not os.path.isdir(p) else os.listdir(p))\n"
        f"    except OSError as e: print('no', type(e).__name__)\n"
        f"print(os.environ)"
    )
    assert SECRET not in ended.output and "COURSEKIT" not in ended.output
    assert "No such" not in ended.output and ended.output.count("no FileNotFoundError") >= 2


def test_the_rest_of_the_checkout_is_not_visible(attempt):
    root = Path(__file__).resolve().parents[2]
    code = "import os\nfor folder in {}: print(os.listdir(folder))".format([str(root), str(root / "src")])
    shown = set(attempt(code).output.replace("'", " ").split())
    assert {"coursekit", "bookfigures", "coursegrader"} <= shown
    assert not {"data", "tests", "solutions", "book", "coursestudies"} & shown


def test_there_is_no_network(attempt):
    ended = attempt("import socket; socket.create_connection(('192.0.2.1', 80), 2)")
    assert ended.status == "error" and "unreachable" in ended.output


def test_an_endless_loop_ends(attempt):
    ended = attempt("while True: pass", seconds=1)
    assert ended.status == "timeout" and ended.seconds < 5


def test_swallowed_interrupts_do_not_help(attempt):
    code = "import signal\nfor s in range(1, 32):\n  try: signal.signal(s, signal.SIG_IGN)\n"
    code += "  except (OSError, ValueError): pass\n"
    ended = attempt(
        code + "while True:\n  try:\n    while True: pass\n  except BaseException: pass", seconds=1
    )
    assert ended.status == "timeout" and ended.seconds < 5


def test_endless_output_ends_early(attempt):
    ended = attempt("while True: print('x' * 1000)")
    assert ended.status == "output" and len(ended.output) <= Limits().output_bytes and ended.seconds < 10


def test_a_large_allocation_fails(attempt):
    ended = attempt("x = bytearray(6 * 2**30); print(len(x))")
    assert ended.status == "error" and "MemoryError" in ended.output


def test_many_processes_share_the_memory_limit(attempt):
    code = "import os, time\nfor _ in range(4): os.fork()\nx = bytearray(b'1' * (100 << 20)); time.sleep(15)"
    assert attempt(code, memory_mib=800).status == "memory"


def test_a_process_left_behind_dies(attempt, tmp_path):
    code = (
        "import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n"
        "    for i in range(600):\n      open('alive', 'w').write(str(i)); time.sleep(.05)\n  os._exit(0)\n"
        "while not os.path.exists('alive'): pass\n"
    )
    assert attempt(code).status == "ok"
    before = (tmp_path / "alive").read_text()
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert (tmp_path / "alive").read_text() == before


def test_a_fork_bomb_is_bounded(attempt):
    ended = attempt("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", seconds=2)
    assert ended.status in ("timeout", "memory") and ended.seconds < 10


def test_a_full_disk_is_bounded(attempt):
    ended = attempt("for i in range(500): open(f'f{i}', 'wb').write(b'0' * (20 << 20))", disk_mib=200)
    assert ended.status == "disk"


def bounded(attempt, tmp_path, code, **limits):
    """Try to fill the folder; no more than its limit may lie on the disk afterwards."""
    before = shutil.disk_usage(tmp_path).used
    ended = attempt(code, disk_mib=64, **limits)
    assert shutil.disk_usage(tmp_path).used - before < 96 << 20
    return ended


def test_unlinked_files_do_not_escape_the_limit(attempt, tmp_path):
    code = "import os\nf = open('f', 'wb')\nos.unlink('f')\nfor i in range(100): f.write(bytes(2 << 20))"
    ended = bounded(attempt, tmp_path, code)
    assert ended.status in ("error", "disk") and "No space left" in ended.output


def test_room_that_is_set_aside_does_not_escape_the_limit(attempt, tmp_path):
    code = (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ngot = 0\nfor i in range(100):\n"
        "    handle = os.open(f'f{i}', os.O_CREAT | os.O_RDWR)\n"
        "    got += libc.fallocate(handle, 1, ctypes.c_long(0), ctypes.c_long(5 << 20)) == 0  # KEEP_SIZE\n"
        "print('got', got)"
    )
    ended = bounded(attempt, tmp_path, code)
    assert ended.status == "disk" or ended.output.split() == ["got", "12"]  # 60 of 64 MiB


def test_empty_files_do_not_escape_the_limit(attempt, tmp_path):
    code = "import os\nfor i in range(50_000): os.close(os.open(f'f{i}', os.O_CREAT))"
    ended = bounded(attempt, tmp_path, code, disk_files=500)
    assert ended.status == "disk" and len(list(tmp_path.iterdir())) <= 501


def test_what_was_written_before_a_limit_comes_back(attempt, tmp_path):
    ended = attempt("open('out.txt', 'w').write('kept')\nwhile True: pass", seconds=2)
    assert ended.status == "timeout" and (tmp_path / "out.txt").read_text() == "kept"


def test_only_plain_files_that_are_asked_for_come_back(tmp_path):
    code = (
        "import os\nos.symlink('/etc/passwd', 'a.txt'); os.mkfifo('b.txt'); os.mkdir('c.txt')\n"
        "open('d.txt', 'w').write('x'); open('e.bin', 'w').write('x'); os.chmod('/job', 0)\n"
        "os.truncate('d.txt', 1); open('f.txt', 'wb').truncate(200 << 20)"
    )
    (tmp_path / "attempt.py").write_text(
        code.replace("os.chmod('/job', 0)\n", "\n") + "\nos.chmod('/job', 0)"
    )
    ended = run(
        [sys.executable, "attempt.py"], tmp_path, Limits(seconds=60, disk_mib=100), returns=("*.txt",)
    )
    assert ended.status == "ok", ended.output
    assert {path.name for path in tmp_path.iterdir()} == {
        "attempt.py",
        "d.txt",
    }  # f.txt is all hole, and too large
    assert (tmp_path / "d.txt").read_text() == "x"


def test_sockets_that_no_namespace_covers_are_refused(attempt):
    code = (
        "import socket\nsocket.socket().close(); socket.socket(socket.AF_UNIX).close()\n"
        "for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):\n"
        "    try: socket.socket(socket.AF_VSOCK, kind)\n    except OSError as error: print(error.errno)"
    )
    assert attempt(code).output.split() == [str(errno.EAFNOSUPPORT)] * 2


def test_every_job_has_a_user_of_its_own(attempt):
    """A limit on processes counts by user: a job that forks all it may must not starve its neighbour."""
    ids = [attempt("import os; print(os.getuid(), os.geteuid())").output.split() for _ in range(2)]
    if os.geteuid() == 0:
        assert ids[0] != ids[1] and "0" not in ids[0] + ids[1]


BESIEGED = """
import os, signal
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT):
    try: os.kill(1, number)
    except OSError: pass
for path in ["/proc/1/environ", "/proc/1/root/etc", *(f"/proc/1/fd/{n}" for n in range(12))]:
    for look in (os.readlink, os.listdir, open):
        try: print(path, look(path))
        except OSError: pass
open("out.txt", "w").write("x")
print("done")
"""


def test_the_guard_cannot_be_ended_or_looked_into(attempt, tmp_path):
    ended = attempt(BESIEGED)
    assert (ended.status, ended.output.split()) == ("ok", ["done"]) and (tmp_path / "out.txt").exists()


def test_a_grader_without_rights_has_a_sandbox_too(attempt, monkeypatch, tmp_path):
    """As another user the namespaces are those of a user namespace; root can make these, too."""
    if os.geteuid() == 0:
        monkeypatch.setattr("os.geteuid", lambda: 1000)
    ended = attempt(BESIEGED)
    assert (ended.status, ended.output.split()) == ("ok", ["done"]) and (tmp_path / "out.txt").exists()
    full = bounded(attempt, tmp_path, "for i in range(100): open(f'f{i}', 'wb').write(bytes(2 << 20))")
    assert full.status == "disk"


def test_a_huge_file_is_bounded(attempt):
    assert attempt("open('f', 'wb').write(b'0' * (60 << 20))", file_mib=50).status in ("error", "killed")


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.setuid(0)",
        "open('/usr/bin/x', 'w')",
        "import ctypes; assert ctypes.CDLL(None).mount(b'none', b'/job', b'tmpfs', 0, b'') == 0",
        "import os; os.chroot('/job')",
        "import os; os.mknod('/job/disk', 0o60666, os.makedev(8, 0))",
        "import os; os.kill(1, 9); import time; time.sleep(1); os.listdir('/etc/shadow')",
    ],
)
def test_rights_cannot_be_had(attempt, code):
    assert attempt(code).status in ("error", "killed")


def test_a_missing_folder_and_an_unknown_back_end_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="folder"):
        run([sys.executable, "-V"], tmp_path / "gone")
    with pytest.raises(ValueError, match="'which' must be"):
        run([sys.executable, "-V"], tmp_path, which="magic")
    with pytest.raises(ValueError, match="'seconds' must be positive"):
        Limits(seconds=0)


def test_the_plain_back_end_keeps_time_and_output(tmp_path):
    """What is left where there are no namespaces."""
    assert (
        run([sys.executable, "-c", "while True: pass"], tmp_path, Limits(seconds=1), which="plain").status
        == "timeout"
    )
    assert run([sys.executable, "-c", "print('hi')"], tmp_path, which="plain").output.strip() == "hi"


def test_a_job_loads_nothing_heavy_before_the_first_cell():
    """Each submission waits for it: torch alone takes a second and a half."""
    code = "import sys, coursegrader.runner; print([name for name in ('torch', 'psutil', 'numpy') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
