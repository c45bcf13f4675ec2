"""Attacks on other processes: to kill, stop, trace them; and on the machine: setuid programs, new namespaces, keys."""

from __future__ import annotations

from tests.isolation.attack import BOTH, Attack, layers

_SIGNALS = layers("namespaces", "landlock", "limits")
_TRACE = layers("namespaces", "landlock", "seccomp", "limits")
_ROOT = frozenset({"root"})
_CAPABILITIES = "it holds no capabilities, and those of its target are more"
# PTRACE_SEIZE does not stop the target, so that nothing has to be put right
_SEIZE = """
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
failed = OSError("nobody was traced")
for pid in {pids}:
    try:
        called(libc.ptrace(0x4206, pid, None, None))
        return f"traces {{pid}}"
    except OSError as error:
        failed = error
raise failed
"""


_KILL = """
failed = None
for pid in {pids}:
    try:
        os.kill(pid, signal.SIGKILL)
        return f"killed {{pid}}"
    except OSError as error:
        failed = error
raise failed
"""
# It is let go on at once: a parent that stands still would hold up the tests
_STOP = """
failed = None
for pid in {pids}:
    try:
        os.kill(pid, signal.SIGSTOP)
        for _ in range(200):
            with open(f"/proc/{{pid}}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "T":
                    os.kill(pid, signal.SIGCONT)
                    return f"stopped {{pid}}"
            time.sleep(0.01)
    except OSError as error:
        failed = error
raise failed
"""


ATTACKS = (
    Attack(
        "kill_parent",
        "processes",
        "kill the process that forked it",
        _KILL.format(pids='reversed(V["parents"])'),
        _SIGNALS,
        judge="kill_parent",
    ),
    Attack(
        "stop_parent",
        "processes",
        "stop the process that forked it",
        _STOP.format(pids='reversed(V["parents"])'),
        _SIGNALS,
    ),
    Attack(
        "kill_sibling",
        "processes",
        "kill a kernel that runs beside it",
        _KILL.format(pids='[V["sibling"]]'),
        _SIGNALS,
        judge="kill_sibling",
    ),
    Attack(
        "kill_victim",
        "processes",
        "kill a process of the harness's user",
        _KILL.format(pids='[V["victim"]]'),
        _SIGNALS,
        judge="kill_victim",
    ),
    Attack(
        "stop_victim",
        "processes",
        "stop a process of the harness's user",
        _STOP.format(pids='[V["victim"]]'),
        _SIGNALS,
    ),
    Attack(
        "trace_parent",
        "processes",
        "trace the process that forked it",
        _SEIZE.format(pids='V["parents"]'),
        layers("namespaces", "landlock", "seccomp"),
        _ROOT,
        _CAPABILITIES,
    ),
    Attack(
        "trace_sibling",
        "processes",
        "trace a kernel that runs beside it",
        _SEIZE.format(pids='[V["sibling"]]'),
        _TRACE,
    ),
    Attack(
        "trace_victim",
        "processes",
        "trace a process of the harness's user",
        _SEIZE.format(pids='[V["victim"]]'),
        _TRACE,
    ),
    Attack(
        "victim_memory",
        "processes",
        "copy the memory of a process of the harness's user (process_vm_readv)",
        """
        class Piece(ctypes.Structure):
            _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))
        size = len(V["proof"])
        room = ctypes.create_string_buffer(size)
        here, there = Piece(ctypes.addressof(room), size), Piece(V["address"], size)
        argument = ctypes.c_ulong
        called(libc.process_vm_readv(V["victim"], ctypes.byref(here), argument(1), ctypes.byref(there), argument(1),
                                     argument(0)))
        return room.raw == V["proof"].encode() and "copied it"
        """,
        _TRACE,
    ),
    Attack(
        "setuid_program",
        "processes",
        "become another user by a setuid program",
        """
        run = subprocess.run([V["setuid"], "-u"], capture_output=True, text=True)
        return run.stdout.strip() == V["other_user"] and "it ran as another user"
        """,
        always=BOTH,
        because="no new privileges (prctl), and no capabilities",
    ),
    Attack(
        "new_namespaces",
        "processes",
        "make namespaces of its own, to hold all capabilities there",
        """
        read, write = os.pipe()
        def work():
            done = libc.unshare(0x10000000 | 0x00020000 | 0x40000000)
            os.write(write, b"made" if done == 0 else os.strerror(ctypes.get_errno()).encode())
        os.waitpid(forked(work), 0)
        said = os.read(read, 100).decode()
        if said != "made":
            raise OSError(said)
        return "is root of its own user, mount and network namespaces"
        """,
        layers("seccomp"),
    ),
    Attack(
        "keyring",
        "processes",
        "leave a key in the keyring of the session, where processes after it find it",
        """
        key = called(libc.syscall(248, b"user", b"planted", b"x", ctypes.c_size_t(1), ctypes.c_long(-3)))
        return f"key {key}"
        """,
        layers("seccomp"),
    ),
    Attack(
        "rings",
        "processes",
        "set up io_uring, whose calls no filter sees",
        """
        room = ctypes.create_string_buffer(120)
        return f"ring {called(libc.syscall(425, 4, room))}"
        """,
        layers("seccomp"),
    ),
)
