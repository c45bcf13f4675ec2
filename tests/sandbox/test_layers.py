"""Each layer of the sandbox keeps its promise on its own, and all keep them together, as root and as ordinary user."""

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from referee.sandbox.jail import layers, machine, resources
from tests.sandbox.jailed import JAIL, absent, open_folder, run, started
from tests.sandbox.ordinary import missing, ordinary

ALL = " ".join(layers.LAYERS)
TRY = """
import errno, os, socket, sys
def attempt(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
"""


@pytest.fixture(params=["root", "ordinary"])
def who(request):
    """The two kinds of users; "root" is whoever runs the tests."""
    if request.param == "ordinary" and (os.geteuid() != 0 or missing()):
        pytest.skip(missing() or "the tests run as an ordinary user already")
    return request.param


def need(who: str, on: str) -> None:
    """Skip where a layer does not work on this machine, with the reason."""
    for layer in on.split():
        if layer in absent(who):
            pytest.skip(absent(who)[layer])


def attempts(who: str, on: str, actions: list[str], **more: Any) -> dict[str, str]:
    """What came of each action (an expression) in a kernel behind the layers `on`."""
    need(who, on)
    code = TRY + "".join(f"say(attempt(lambda: {action}))\n" for action in actions)
    return dict(zip(actions, run(who, on, code, **more), strict=True))


@pytest.mark.parametrize("on", ["namespaces", ALL])
def test_a_kernel_sees_its_own_processes_and_files(who, on):
    """With namespaces, the process table holds the kernel alone, and the file tree what its interpreter needs."""
    need(who, on)
    here = str(Path(__file__).parents[2])
    code = f"""
import os, socket
say([int(name) for name in os.listdir("/proc") if name.isdigit()])
say([path for path in ("/etc/shadow", "/var", "/boot", "/.old", {here!r} + "/src", {here!r} + "/.git", "/root/.ssh")
     if os.path.lexists(path)])
say(socket.gethostname())
say(work)
"""
    assert run(who, on, code) == [[1], [], "referee", "/scratch/work"]


@pytest.mark.parametrize("on", ["namespaces", ALL])
def test_nothing_shared_can_be_written(who, on):
    """The parts of the root that kernels share, and /proc, are read-only; mounts cannot be undone."""
    files = ["/x", "/usr/x", "/dev/x", "/etc/x", "/.kept/x", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"]
    found = attempts(who, on, [f"open({path!r}, 'w')" for path in files])
    assert set(found.values()) <= {"EROFS", "EACCES", "ENOENT"}
    undo = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
    undo += "for path in (b'/proc', b'/tmp', b'/scratch', b'/dev/pts', b'/usr'):\n"
    undo += "    say([libc.umount2(path, 2), ctypes.get_errno()])\n"
    undo += "say([libc.mount(b'none', b'/scratch', None, 32, b'size=1g'), ctypes.get_errno()])"
    assert run(who, on, undo) == [[-1, errno.EPERM]] * 6


@pytest.mark.parametrize("on", ["namespaces", ALL])
@pytest.mark.parametrize("folder", ["/scratch/work", "/scratch/home", "/tmp", "/dev/shm"])
def test_the_disk_has_a_quota(who, on, folder):
    """What a kernel writes, wherever it may write, ends at its quota with ENOSPC; so do many empty files."""
    actions = [
        f"open('{folder}/big', 'wb', 0).write(bytes(1 << 19))",
        f"open('{folder}/big2', 'wb').write(bytes(1 << 20))",
    ]
    actions += [f"[open(f'{folder}/{{number}}', 'w').close() for number in range(3000)]"]
    assert list(attempts(who, on, actions).values()) == ["done", "ENOSPC", "ENOSPC"]


@pytest.mark.parametrize("on", ["namespaces", ALL])
def test_siblings_do_not_see_each_other(who, on):
    """A kernel finds nothing of another that lives at the same time: no file, socket, terminal or process."""
    need(who, on)
    write = """
import os, socket
for folder in ("/scratch/work", "/tmp", "/dev/shm", "/scratch/home"):
    open(folder + "/mine", "w").close()
name = socket.socket(socket.AF_UNIX)
name.bind("\\0referee-test")
name.listen()
say([os.ttyname(os.openpty()[1]), os.getuid()])
"""
    read = """
import os, socket
say([name for folder in ("/scratch/work", "/tmp", "/dev/shm", "/scratch/home") for name in os.listdir(folder)])
say(sum(name.isdigit() for name in os.listdir("/proc")))
say(socket.socket(socket.AF_UNIX).connect_ex("\\0referee-test"))
say([os.ttyname(os.openpty()[1]), os.getuid()])
"""
    (terminal, user), files, processes, connected, (other_terminal, other) = run(who, on, write, read)
    assert (terminal, other_terminal) == ("/dev/pts/0", "/dev/pts/0")
    runtime = {path.split("/")[2] for path in layers.runtime_paths() if path.startswith("/tmp/")}  # of a clone there
    assert (set(files) - runtime, processes) == (set(), 1)
    assert connected in (errno.ECONNREFUSED, errno.EPERM)
    assert user != other or os.geteuid() != 0 or who == "ordinary" or "limits" not in on


def test_a_kernel_has_no_network(who):
    """With namespaces alone, there is a loopback device that is down and nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        action = f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), timeout=5)"
        assert attempts(who, "namespaces", [action]) == {action: "ENETUNREACH"}
    assert run(who, "namespaces", "import socket\nsay([name for _, name in socket.if_nameindex()])") == [["lo"]]


@pytest.mark.parametrize("on", ["namespaces", ALL, "landlock limits"])
def test_readable_paths_below_tmp_stay_readable(who, on):
    """An interpreter that lies below /tmp, behind a link there, is found by the same names, though /tmp is covered."""
    need(who, on)
    with open_folder() as folder:
        (folder / "clone" / "venv").mkdir(parents=True)
        (folder / "clone" / "venv" / "file").write_text("read")
        (folder / "clone" / "secret").write_text("secret")
        (folder / "link").symlink_to("clone/venv")
        code = (
            TRY
            + f"""
say(open("{folder}/link/file").read() + open("{folder}/clone/venv/file").read())
say(attempt(lambda: open("{folder}/clone/venv/new", "w")) in ("EROFS", "EACCES"))
say(attempt(lambda: open("{folder}/clone/secret")) in ("ENOENT", "EACCES"))
"""
        )
        assert run(who, on, code, readable=(f"{folder}/link",)) == ["readread", True, True]


@pytest.mark.parametrize("on", ["namespaces", ALL, "landlock seccomp limits"])
def test_files_are_copied_without_following_links(who, on):
    """A notebook's files lie in its work folder as its own; links, pipes and what they lead to do not."""
    need(who, on)
    with open_folder() as folder:
        (folder / "data").mkdir()
        (folder / "data" / "a.txt").write_text("text")
        (folder / "out").symlink_to("/etc")
        (folder / "data" / "link").symlink_to("a.txt")
        os.mkfifo(folder / "pipe")
        code = """
import os
say(sorted(path for path, _, _ in os.walk(".")) + sorted(name for _, _, names in os.walk(".") for name in names))
open("data/a.txt", "a").write("!")
say(open("data/a.txt").read())
"""
        assert run(who, on, code, files=str(folder)) == [[".", "./data", "a.txt"], "text!"]
        assert (folder / "data" / "a.txt").read_text() == "text"


def test_landlock_binds_files(who):
    """With Landlock alone, a kernel reads its interpreter, and writes its scratch; elsewhere it does neither."""
    with open_folder() as folder:
        (folder / "file").write_text("secret")
        (folder / "file").chmod(0o666)
        inside = ["open(os.__file__)", "open('x', 'w')", "os.listdir('.')", "open('/dev/null', 'w')"]
        outside = [
            f"open('{folder}/file')", f"open('{folder}/file', 'a')", f"open('{folder}/new', 'w')",
            f"os.listdir('{folder}')", f"os.remove('{folder}/file')", f"os.truncate('{folder}/file', 0)",
            "os.listdir('/etc')", "os.listdir('/dev/shm')", "os.listdir('/')",
        ]  # fmt: skip
        found = attempts(who, "landlock", [*inside, *outside])
        links = attempts(
            who, "landlock", [f"os.link('{folder}/file', 'y')", f"os.symlink('{folder}/file', 'z')", "open('z')"]
        )
    assert {action for action in inside if found[action] != "done"} == set()
    assert {action for action in outside if found[action] != "EACCES"} == set()
    assert list(links.values()) in (["EACCES", "done", "EACCES"], ["EXDEV", "done", "EACCES"])


def test_landlock_binds_tcp_signals_and_abstract_sockets(who):
    """With Landlock alone, a kernel has no TCP, and reaches no process outside by a signal or an abstract socket."""
    need(who, "landlock")
    version = int(machine.details()["landlock"].split(",")[0].split()[1])
    if version < 6:
        pytest.skip(f"Landlock's ABI {version} does not bind signals")
    name = f"\0referee-test-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(name)
        abstract.listen()
        actions = [
            f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), timeout=5)",
            "socket.create_server(('127.0.0.1', 0))",
            f"socket.socket(socket.AF_UNIX).connect({name!r})",
            "os.kill(os.getppid(), 0)",
            "os.kill(os.getpid(), 0)",
        ]
        assert list(attempts(who, "landlock", actions).values()) == ["EACCES", "EACCES", "EPERM", "EPERM", "done"]


@pytest.mark.parametrize("on", ["seccomp", ALL])
def test_seccomp_forbids_calls(who, on):
    """With seccomp, only Unix sockets can be made, and calls that reach out of the sandbox say no or do not exist."""
    need(who, on)
    sockets = attempts(
        who, on, ["socket.socket()", "socket.socket(type=socket.SOCK_DGRAM)", "socket.socket(socket.AF_INET6)",
                  "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "socket.socket(socket.AF_UNIX)",
                  "socket.socketpair()", "os.memfd_create('x')"],
    )  # fmt: skip
    assert list(sockets.values()) == ["EAFNOSUPPORT"] * 4 + ["done"] * 2 + ["ENOSYS"]
    code = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
libc.personality.argtypes = (ctypes.c_ulong,)
libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p)
def said(result):
    return errno.errorcode[ctypes.get_errno()] if result < 0 else "done"
master, slave = os.openpty()
say(said(libc.unshare(0x10000000)))
say(said(libc.ptrace(0, 0, 0, 0)))
say(said(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)))
say(said(libc.shmget(0, 4096, 0o1600)))
say(said(libc.personality(0x0040000)))
say(said(libc.personality(0xFFFFFFFF)))
say(said(libc.ioctl(slave, 0x5412, b"x")))
say(said(libc.ioctl(slave, 0x1_0000_5412, b"x")))
say(said(libc.syscall(ctypes.c_long(435), None, ctypes.c_long(0))))
"""
    expected = ["EPERM"] * 5 + ["done"] + ["EPERM"] * 2 + ["ENOSYS"]
    assert run(who, on, code) == expected


@pytest.mark.parametrize("on", ["limits", ALL])
def test_a_fork_bomb_ends(who, on):
    """Processes of a kernel end at its limit with EAGAIN, however many others there are."""
    need(who, on)
    code = """
import errno, os, signal
children = []
try:
    for _ in range(400):
        child = os.fork()
        if not child:
            signal.pause()
        children.append(child)
except OSError as error:
    say(errno.errorcode[error.errno])
for child in children:
    os.kill(child, signal.SIGKILL)
say(len(children))
"""
    said, count = run(who, on, code)
    assert said == "EAGAIN"
    assert count == 39 or (on == "limits" and who == "ordinary" and count <= 100)


@pytest.mark.parametrize("on", ["limits", ALL])
def test_files_have_a_largest_size_and_a_number(who, on):
    """A file ends at its limit with EFBIG, as do open ones with EMFILE; nothing dumps core."""
    actions = [
        "open('x', 'wb', 0).write(bytes(9000)) and open('x', 'ab', 0).write(bytes(1))",
        "os.truncate('x', 100000)",
    ]
    actions += ["[os.open('/dev/null', 0) for _ in range(100)]"]
    assert list(attempts(who, on, actions, file_bytes=9000).values()) == ["EFBIG", "EFBIG", "EMFILE"]
    code = "import resource as r\nsay([r.getrlimit(kind) for kind in (r.RLIMIT_CORE, r.RLIMIT_MSGQUEUE)])"
    assert run(who, on, code) == [[[0, 0], [0, 0]]]


@pytest.mark.parametrize("on", layers.LAYERS)
def test_no_program_gains_a_privilege(who, on):
    """A program with the setuid bit runs as the kernel's own user, whichever layer is on."""
    need(who, on)
    if os.geteuid() != 0:
        pytest.skip("only root can make a setuid program")
    with open_folder() as folder:
        program = Path(shutil.copy(shutil.which("id") or "", folder))
        program.chmod(0o4755)
        free = subprocess.run(ordinary([str(program), "-u"]), capture_output=True, text=True, check=True, cwd="/")
        assert free.stdout.strip() == "0"
        code = f"""
import os, subprocess
status = open("/proc/self/status").read().split()
say(int(subprocess.run(["{program}", "-u"], capture_output=True, check=True).stdout) - os.getuid())
say([status[status.index(name) + 1].strip("0") for name in ("CapEff:", "CapPrm:", "NoNewPrivs:")])
"""
        alone = "4" if (on, who) == ("limits", "root") and not resources.reachable(machine.runtime_paths()) else ""
        assert run(who, on, code, readable=(str(folder),)) == [0, [alone, alone, "1"]]


def test_all_layers_leave_nothing_to_hold(who):
    """A kernel behind all layers has no capability, no group but its own, and no descriptor that it was not given."""
    need(who, ALL)
    code = """
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
say({status[name].strip().strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {""})
say(status["NoNewPrivs"].strip() + status["Seccomp"].strip())
say(len(set(os.getgroups()) - {os.getgid()}))
names = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
say(sorted(os.readlink(name).split(":")[0] for name in names if os.path.lexists(name)))
say([os.getsid(0) == os.getpid(), os.getuid() == 0])
"""
    bare, flags, groups, descriptors, (leads, root) = run(who, ALL, code)
    assert (bare, flags, groups, leads, root) == (True, "12", 0, True, False)
    assert descriptors == ["/dev/null", "pipe", "pipe", "pipe", "pipe"]


def test_work_as_usual_behind_all_layers(who):
    """Programs, threads, terminals, semaphores, shared memory and new interpreters work behind all layers."""
    code = """
import concurrent.futures, math, multiprocessing, os, subprocess, sys
from multiprocessing import shared_memory
os.environ.update(TMPDIR="/scratch/tmp", HOME="/scratch/home")
say(subprocess.run(["sh", "-c", "echo from $0 > /dev/null; echo ok"], capture_output=True, text=True).stdout)
say(subprocess.run([sys.executable, "-c", "import json; print(1)"], capture_output=True, text=True).stdout)
with concurrent.futures.ThreadPoolExecutor(4) as threads:
    say(list(threads.map(math.sqrt, [4, 9])))
master, slave = os.openpty()
os.write(slave, b"x")
say(os.read(master, 1).decode())
memory = shared_memory.SharedMemory(create=True, size=100)
memory.unlink()
for method in ("fork", "spawn"):
    with multiprocessing.get_context(method).Pool(2) as pool:
        say(pool.map(math.sqrt, [4, 9]))
"""
    need(who, ALL)
    assert run(who, ALL, code) == ["ok\n", "1\n", [2.0, 3.0], "x", [2.0, 3.0], [2.0, 3.0]]


def test_a_daemon_dies_with_its_kernel(who):
    """With namespaces, a process that left its kernel's session is killed when the kernel ends."""
    need(who, "namespaces")
    daemon = """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        say("daemon")
        time.sleep(50)
    os._exit(0)
time.sleep(0.2)
"""
    began = time.monotonic()
    assert run(who, "namespaces", daemon) == ["daemon"]  # it holds the pipe, which is read to its end
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("on", ["namespaces", "limits", ALL])
def test_kernels_die_with_the_guard(who, on):
    """When the guard is killed, its parent is, and with it every kernel, whoever it has become."""
    need(who, on)
    with started(who, on, "import os, time\nos.write(1, b'up')\ntime.sleep(50)") as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == "up"
        process.kill()
        began = time.monotonic()
        assert "up" not in process.stdout.read()  # its end comes when the last one that holds the pipe is gone
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("on", ["limits", ALL])
def test_kernels_die_with_whoever_started_the_guard(on):
    """When the process that started the guard is killed, no kernel is left, though the guard got no signal."""
    need("root", on)
    code = "import subprocess, sys\nsubprocess.Popen(sys.argv[1:]).wait()"
    with started("root", on, "import os, time\nos.write(1, b'up')\ntime.sleep(50)", through=code) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == "up"
        process.kill()
        began = time.monotonic()
        process.stdout.read()
        assert time.monotonic() - began < 20


def test_a_guard_ends_as_its_parent_did(who):
    """A parent that fails is reported by the guard's own exit code."""
    need(who, "namespaces")
    with started(who, "namespaces", "say(1)", no_such_thing=1) as process:
        output, _ = process.communicate(timeout=60)
    assert "no_such_thing" in output
    with started(who, "namespaces", readable=("/proc",)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "/proc cannot be given" in errors


def test_an_unknown_layer_is_refused():
    """A layer that does not exist is an error before anything is entered."""
    with pytest.raises(ValueError, match="unknown layers: wall"):
        layers.enter_parent(layers.House((), layers=frozenset({"wall"})))


def test_probing_says_what_works_and_leaves_nothing():
    """Every layer is probed and described, and no folder is left behind."""
    before = set(Path(tempfile.gettempdir()).glob("referee-probe-*"))
    assert tuple(layers.probe()) == tuple(layers.details()) == layers.LAYERS
    assert set(Path(tempfile.gettempdir()).glob("referee-probe-*")) <= before


def test_a_layer_that_is_switched_off_says_so(who):
    """Where Linux refuses, the probe has words for it: here, behind seccomp, no namespace can be had."""
    need(who, "seccomp")
    code = f"""
import json, subprocess, sys
probe = "import sys; sys.path.insert(0, {str(JAIL)!r}); from jail import trial; trial.main()"
say(json.loads(subprocess.run([sys.executable, "-sPS", "-c", probe], capture_output=True, text=True).stdout))
"""
    (found,) = run(who, "seccomp", code, processes=400)
    assert "Operation not permitted" in found["namespaces"][0]
    assert "this kernel has no Landlock" in found["landlock"][0]  # nor can a kernel make rules of its own


def test_runtime_paths_hold_the_interpreter_and_no_home():
    """What kernels may read is the interpreter and the system's programs; no home, no secret, no course."""
    paths = layers.runtime_paths()
    assert {sys.prefix, sys.base_prefix, "/usr"} <= set(paths)
    assert not {"/", "/etc", "/etc/shadow", str(Path.home()), str(Path.cwd()), "/home", "/tmp"} & set(paths)
    assert not any(str(Path(__file__).parents[2] / "src").startswith(f"{path}/") for path in paths)


@pytest.mark.parametrize(("first", "size"), [(0, 4294967295), (0, 65536), (100000, 65536)])
def test_kernels_of_one_machine_get_different_users(monkeypatch, first, size):
    """User ids of kernels that live at one time differ, and lie in the range that there is."""
    monkeypatch.setattr(resources, "_widest", lambda _kind: (first, size))
    among = resources.ids("uid")
    found = {resources.own_id(among, parent, number) for parent in (4242, 4243) for number in range(200)}
    assert len(found) == 400
    assert first < min(found) <= max(found) < first + size


def test_orders_are_plain(who):
    """What the driver of these tests brings back is what a kernel said, an error included."""
    need(who, "limits")
    assert run(who, "limits", "say([1, 'a'])", "1 / 0") == [
        [1, "a"],
        json.loads('{"error": "ZeroDivisionError(\'division by zero\')"}'),
    ]
